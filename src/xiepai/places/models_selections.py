"""Places a person has collected under a name, in an order, with notes; shown to others by a secret address.

A selection belongs to one person. ``share_round`` counts the addresses given out: the present one is made from it,
none is stored, and closing one makes it useless for ever.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from xiepai.parties.models import Person


class Selection(models.Model):
    """A named list of places (选景单)."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="+", verbose_name=_("人员"))
    name = models.CharField(_("名称"), max_length=80)
    note = models.CharField(_("说明"), max_length=300, blank=True)
    share_round = models.IntegerField(_("分享轮次"), default=0)
    is_shared = models.BooleanField(_("已分享"), default=False)
    created_at = models.DateTimeField(_("建立时间"), auto_now_add=True)
    changed_at = models.DateTimeField(_("更新时间"))

    class Meta:
        verbose_name = _("选景单")
        indexes = [models.Index(fields=["person", "-changed_at"], name="selection_person")]

    def __str__(self) -> str:
        return self.name


class SelectionItem(models.Model):
    """One place of a selection; ``position`` orders, without gaps mattering."""

    selection = models.ForeignKey(Selection, models.CASCADE, related_name="items", verbose_name=_("选景单"))
    place = models.ForeignKey("places.Place", models.CASCADE, related_name="+", verbose_name=_("场地"))
    note = models.CharField(_("备注"), max_length=300, blank=True)
    position = models.IntegerField(_("次序"))
    added_at = models.DateTimeField(_("收入时间"), auto_now_add=True)

    class Meta:
        verbose_name = _("选景单里的场地")
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["selection", "place"], name="selected_once")]

    def __str__(self) -> str:
        return f"{self.selection}: {self.place}"
