"""An outside calendar whose busy times block a place."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from xiepai.parties.models import Person
from xiepai.places.models import Place


class OutsideCalendar(models.Model):
    """One calendar of one place, by the keeper's name for it; ``sequences`` is the newest SEQUENCE seen of each UID."""

    place = models.ForeignKey(Place, models.CASCADE, related_name="+", verbose_name=_("场地"))
    name = models.CharField(_("名称"), max_length=60, blank=True)
    sequences = models.JSONField(default=dict)
    busy_count = models.IntegerField(_("占用时段"), default=0)
    refused_count = models.IntegerField(_("未能停用"), default=0)
    read_at = models.DateTimeField(_("最近导入"), null=True, blank=True)
    created_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", verbose_name=_("建立人"))
    created_at = models.DateTimeField(_("建立时间"), auto_now_add=True)

    class Meta:
        verbose_name = _("外部日历")
        constraints = [models.UniqueConstraint(fields=["place", "name"], name="outside_calendar_once")]

    def __str__(self) -> str:
        return self.name or str(_("外部日历"))
