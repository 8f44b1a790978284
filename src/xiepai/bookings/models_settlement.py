"""Handing a place over and back, what was used, what was damaged, and the account that closes it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from xiepai.parties.models import Person


class Direction(models.TextChoices):
    """Into the crew's hands or back out of them."""

    IN = "in", _("进场交接")
    OUT = "out", _("撤场交接")


class Handover(models.Model):
    """Both sides walk through the place: readings of meters, its condition, pictures."""

    booking = models.ForeignKey("bookings.Booking", models.PROTECT, related_name="handovers", verbose_name=_("预订"))
    direction = models.CharField(_("方向"), max_length=3, choices=Direction.choices)
    at = models.DateTimeField(_("时间"))
    readings = models.JSONField(_("表底数"), default=dict, blank=True, help_text=_("{收费项代码: 读数}"))
    condition = models.TextField(_("现场情况"), blank=True)
    crew_present = models.CharField(_("剧组到场人"), max_length=60, blank=True)
    keeper_present = models.CharField(_("场地方到场人"), max_length=60, blank=True, default="")
    signed_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("剧组签认")
    )
    signed_at = models.DateTimeField(_("签认时间"), null=True, blank=True)
    by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", verbose_name=_("经办"))

    class Meta:
        verbose_name = _("交接")
        ordering = ["at"]
        constraints = [models.UniqueConstraint(fields=["booking", "direction"], name="handover_once")]

    def __str__(self) -> str:
        return f"{self.booking_id} {self.direction}"


class ClaimState(models.TextChoices):
    """A damage claim until it is decided."""

    CLAIMED = "claimed", _("已提出")
    ACCEPTED = "accepted", _("已认可")
    DISPUTED = "disputed", _("有异议")
    UPHELD = "upheld", _("裁定成立")
    REJECTED = "rejected", _("裁定不成立")


class DamageClaim(models.Model):
    """What the keeper says was damaged; made within 48 hours of the hand-back or not at all."""

    booking = models.ForeignKey("bookings.Booking", models.PROTECT, related_name="claims", verbose_name=_("预订"))
    description = models.TextField(_("损坏情况"))
    amount_fen = models.BigIntegerField(_("索赔金额（分）"))
    state = models.CharField(_("状态"), max_length=8, choices=ClaimState.choices, default=ClaimState.CLAIMED)
    answer = models.TextField(_("剧组答复"), blank=True)
    answered_at = models.DateTimeField(_("答复时间"), null=True, blank=True)
    answered_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    decision = models.TextField(_("裁定理由"), blank=True, default="")
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    claimed_at = models.DateTimeField(_("提出时间"))
    claimed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(_("裁定时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("索赔")
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=models.Q(amount_fen__gt=0), name="claim_positive")]

    def __str__(self) -> str:
        return f"{self.booking_id}: {self.amount_fen}"


class HandoverPhoto(models.Model):
    """A picture taken at a handover or for a claim; re-encoded, without its EXIF."""

    booking = models.ForeignKey("bookings.Booking", models.CASCADE, related_name="photos")
    handover = models.ForeignKey(Handover, models.CASCADE, null=True, related_name="photos")
    claim = models.ForeignKey(DamageClaim, models.CASCADE, null=True, related_name="photos")
    image = models.FileField(_("图片"), upload_to="handovers/%Y/%m/")
    thumbnail = models.FileField(_("缩略图"), upload_to="handovers/%Y/%m/")
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(_("建立时间"), auto_now_add=True)

    class Meta:
        verbose_name = _("交接照片")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.booking_id} #{self.pk}"


class ExtraUse(models.Model):
    """An extra used with a booking: so many units of what the tariff (or the keeper) names."""

    booking = models.ForeignKey("bookings.Booking", models.PROTECT, related_name="extras", verbose_name=_("预订"))
    code = models.SlugField(_("代码"), max_length=30)
    label = models.CharField(_("名称"), max_length=60)
    unit = models.CharField(_("计量单位"), max_length=20)
    quantity = models.DecimalField(_("数量"), max_digits=12, decimal_places=3)
    unit_fen = models.BigIntegerField(_("单价（分）"))
    is_metered = models.BooleanField(_("按表计量"), default=False)

    class Meta:
        verbose_name = _("附加使用")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["booking", "code"], name="extra_use_once"),
            models.CheckConstraint(condition=models.Q(quantity__gte=0), name="extra_use_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.label} × {self.quantity}"


class Settlement(models.Model):
    """The account of a booking, closed: its lines are frozen and never computed again."""

    booking = models.OneToOneField(
        "bookings.Booking", models.PROTECT, related_name="settlement", verbose_name=_("预订")
    )
    lines = models.JSONField(_("明细"))
    total_fen = models.BigIntegerField(_("应收合计（分）"))
    deposit_fen = models.BigIntegerField(_("已收押金（分）"))
    balance_fen = models.BigIntegerField(_("差额（分）"), help_text=_("正数由剧组补付，负数退还"))
    settled_at = models.DateTimeField(_("结算时间"))
    settled_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", verbose_name=_("经办"))

    class Meta:
        verbose_name = _("结算单")

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """The number on the document."""
        return f"JS{self.booking_id:06d}"

    @property
    def damages_fen(self) -> int:
        """How much of the total is for damage."""
        return sum(int(line["amount_fen"]) for line in self.lines if line["kind"] == "damage")
