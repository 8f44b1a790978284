"""A crew calls for a place (征集), keepers offer places, the crew turns one offer into a hold."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField, DateTimeRangeField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xiepai.parties.models import Organisation, Person
from xiepai.places.models import Place


class CallState(models.TextChoices):
    """Open until met, closed by the crew, or past its time."""

    OPEN = "open", _("征集中")
    MET = "met", _("已找到")
    CLOSED = "closed", _("已结束")


class OfferState(models.TextChoices):
    """An offer waits for the crew."""

    OFFERED = "offered", _("待选")
    TAKEN = "taken", _("已选中")
    DECLINED = "declined", _("未选")
    WITHDRAWN = "withdrawn", _("已撤回")


class Call(models.Model):
    """What a crew looks for, when, told to every keeper with a place of that kind."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name=_("剧组公司"))
    need = models.ForeignKey("Need", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("需求"))
    title = models.CharField(_("找什么样的场地"), max_length=120)
    categories = ArrayField(models.CharField(max_length=40), default=list, blank=True, verbose_name=_("类别"))
    town = models.CharField(_("镇街"), max_length=40, blank=True)
    period = DateTimeRangeField(_("时段"))
    people = models.IntegerField(_("人数"), null=True, blank=True)
    note = models.TextField(_("要求"), blank=True)
    state = models.CharField(_("状态"), max_length=8, choices=CallState.choices, default=CallState.OPEN)
    created_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", verbose_name=_("建立人"))
    created_at = models.DateTimeField(_("建立时间"), auto_now_add=True)

    class Meta:
        verbose_name = _("征集")
        indexes = [
            models.Index(fields=["state", "-id"], name="call_state"),
            models.Index(fields=["organisation", "-id"], name="call_crew"),
        ]

    def __str__(self) -> str:
        return self.title


class CallOffer(models.Model):
    """A place a keeper offers to a call, at a time and at the price its tariff gives for it."""

    call = models.ForeignKey(Call, models.CASCADE, related_name="offers", verbose_name=_("征集"))
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name=_("场地"))
    period = DateTimeRangeField(_("时段"))
    price_fen = models.BigIntegerField(_("价格（分）"))
    quote = models.JSONField(_("价格算式"), default=list)
    note = models.CharField(_("给剧组的话"), max_length=200, blank=True)
    state = models.CharField(_("状态"), max_length=10, choices=OfferState.choices, default=OfferState.OFFERED)
    booking = models.ForeignKey("Booking", models.PROTECT, null=True, blank=True, related_name="+")
    created_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", verbose_name=_("建立人"))
    created_at = models.DateTimeField(_("建立时间"), auto_now_add=True)

    class Meta:
        verbose_name = _("报名场地")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["call", "place"], condition=Q(state="offered"), name="call_offer_once")
        ]

    def __str__(self) -> str:
        return f"{self.place} → {self.call}"
