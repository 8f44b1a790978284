"""Bookings and what they occupy.

A booking occupies each *leaf* of its place: one ``Occupancy`` row a leaf, written by a database
trigger from the booking's own state, so that every path (service, form, API, import, admin) meets the
same wall: two exclusion constraints for exclusive leaves, a peak check under lock for counted ones.
See ``docs/bookings.md``.
"""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from xiepai.bookings.models_calls import Call, CallOffer, CallState, OfferState
from xiepai.bookings.models_drafts import DraftState, NeedDraft
from xiepai.bookings.models_outside import OutsideCalendar
from xiepai.bookings.models_settlement import ClaimState, DamageClaim, ExtraUse, Handover, HandoverPhoto, Settlement
from xiepai.parties.models import Organisation, Person
from xiepai.places.models import Blocking, Place, Tariff
from xiepai.productions.models import Work

__all__ = [
    "ENDED",
    "EXPIRING",
    "OCCUPYING",
    "Booking",
    "BookingState",
    "Bundle",
    "Call",
    "CallOffer",
    "CallState",
    "ClaimState",
    "DamageClaim",
    "DraftState",
    "ExtraUse",
    "FeedKind",
    "FeedToken",
    "Handover",
    "HandoverPhoto",
    "Need",
    "NeedDraft",
    "NeedList",
    "Occupancy",
    "OfferState",
    "OutsideCalendar",
    "Settlement",
    "WaitingEntry",
    "WaitingState",
]


class BookingState(models.TextChoices):
    """From the first pencil to the settled account."""

    LEASED = "leased", _("填写中")
    HELD = "held", _("预留")
    REQUESTED = "requested", _("待审批")
    CONFIRMED = "confirmed", _("已确认")
    IN_USE = "in_use", _("使用中")
    HANDED_BACK = "handed_back", _("已交还")
    SETTLED = "settled", _("已结算")
    DECLINED = "declined", _("未批准")
    CANCELLED = "cancelled", _("已取消")
    EXPIRED = "expired", _("已过期")
    NO_SHOW = "no_show", _("未到场")


#: States in which a booking (as first pencil) holds its slot.
OCCUPYING = (
    BookingState.LEASED,
    BookingState.HELD,
    BookingState.REQUESTED,
    BookingState.CONFIRMED,
    BookingState.IN_USE,
    BookingState.HANDED_BACK,
    BookingState.SETTLED,
)
#: States that end by themselves at ``expires_at``.
EXPIRING = (BookingState.LEASED, BookingState.HELD)
#: States with nothing left to happen.
ENDED = (
    BookingState.SETTLED,
    BookingState.DECLINED,
    BookingState.CANCELLED,
    BookingState.EXPIRED,
    BookingState.NO_SHOW,
)


class Bundle(models.Model):
    """Bookings made together, all or nothing: a shooting day, a weekly repetition, a list of needs."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name=_("剧组公司"))
    title = models.CharField(_("名称"), max_length=120)
    created_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", verbose_name=_("建立人"))
    created_at = models.DateTimeField(_("建立时间"), auto_now_add=True)

    class Meta:
        verbose_name = _("成套预订")

    def __str__(self) -> str:
        return self.title


class Booking(models.Model):
    """One place (or units of it) for one crew over one half-open period."""

    bundle = models.ForeignKey(
        Bundle, models.PROTECT, null=True, blank=True, related_name="bookings", verbose_name=_("成套预订")
    )
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name=_("场地"))
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name=_("剧组公司"))
    work = models.ForeignKey(
        Work, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("作品")
    )
    title = models.CharField(_("用途"), max_length=120, blank=True)
    note = models.TextField(_("备注"), blank=True)
    people = models.IntegerField(_("人数"), null=True, blank=True)
    state = models.CharField(_("状态"), max_length=12, choices=BookingState.choices)
    pencil = models.SmallIntegerField(_("预留次序"), default=1)
    period = DateTimeRangeField(_("时段"))
    buffer_before_minutes = models.IntegerField(_("前缓冲（分钟）"), default=0)
    buffer_after_minutes = models.IntegerField(_("后缓冲（分钟）"), default=0)
    units = models.IntegerField(_("数量"), default=1)
    overrides_blocking = models.BooleanField(_("越过停用"), default=False)
    tariff = models.ForeignKey(Tariff, models.PROTECT, null=True, blank=True, related_name="+")
    price_fen = models.BigIntegerField(_("价格（分）"), default=0)
    deposit_fen = models.BigIntegerField(_("押金（分）"), default=0)
    quote = models.JSONField(_("价格算式"), default=list)
    cancellation_fee_fen = models.BigIntegerField(_("取消费（分）"), null=True, blank=True)
    expires_at = models.DateTimeField(_("到期"), null=True, blank=True)
    approval_due_at = models.DateTimeField(_("审批期限"), null=True, blank=True)
    reminders_sent = models.SmallIntegerField(_("已提醒次数"), default=0)
    approved_place_id = models.BigIntegerField(_("已批准的场地"), null=True, blank=True)
    approved_period = DateTimeRangeField(_("已批准的时段"), null=True, blank=True)
    decided_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("审批人")
    )
    decision_note = models.CharField(_("审批意见"), max_length=200, blank=True)
    created_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("建立人")
    )
    created_at = models.DateTimeField(_("建立时间"), db_default=Now())
    state_at = models.DateTimeField(_("状态时间"), db_default=Now())
    version = models.IntegerField(_("版本"), default=1, db_default=1)

    class Meta:
        verbose_name = _("预订")
        indexes = [
            models.Index(fields=["organisation", "-id"], name="booking_crew"),
            models.Index(fields=["place", "-id"], name="booking_place"),
            models.Index(fields=["work", "-id"], name="booking_work", condition=models.Q(work__isnull=False)),
            models.Index(
                fields=["expires_at"], name="booking_expiry", condition=models.Q(state__in=["leased", "held"])
            ),
            models.Index(fields=["approval_due_at"], name="booking_queue", condition=models.Q(state="requested")),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(units__gte=1), name="booking_units_positive"),
            models.CheckConstraint(condition=models.Q(pencil__in=[1, 2]), name="booking_pencil"),
            models.CheckConstraint(
                condition=models.Q(period__isempty=False, period__startswith__isnull=False)
                & models.Q(period__endswith__isnull=False),
                name="booking_period_bounded",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def code(self) -> str:
        """The number people say on the phone."""
        return f"XP{self.pk:06d}" if self.pk else "XP—"

    @property
    def occupies(self) -> bool:
        """Whether the slot is this booking's."""
        return self.pencil == 1 and self.state in OCCUPYING


class Occupancy(models.Model):
    """One leaf taken over a range. Written by the database's triggers only.

    ``ahead`` is the period stretched by the buffer before, ``behind`` by the buffer after: two
    bookings are apart by the *higher* of the buffers that meet exactly when neither pair overlaps.
    ``lane`` lets a booking that may override blockings (lane [1,2)) pass them ([2+id, 3+id)), while
    ordinary bookings ([1,∞)) meet both.
    """

    leaf = models.ForeignKey(Place, models.PROTECT, related_name="+", db_index=False)
    booking = models.ForeignKey(Booking, models.CASCADE, null=True, related_name="occupancies", db_index=False)
    blocking = models.ForeignKey(Blocking, models.CASCADE, null=True, related_name="+")
    period = DateTimeRangeField()
    ahead = DateTimeRangeField()
    behind = DateTimeRangeField()
    lane = BigIntegerRangeField()
    is_counted = models.BooleanField()
    units = models.IntegerField()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="occupancy_no_overlap_behind",
                expressions=[
                    ("leaf", RangeOperators.EQUAL),
                    ("behind", RangeOperators.OVERLAPS),
                    ("lane", RangeOperators.OVERLAPS),
                ],
                condition=models.Q(is_counted=False),
            ),
            ExclusionConstraint(
                name="occupancy_no_overlap_ahead",
                expressions=[
                    # "+ 0" keeps this index out of plans that mean the other one
                    (models.F("leaf") + 0, RangeOperators.EQUAL),
                    ("ahead", RangeOperators.OVERLAPS),
                    ("lane", RangeOperators.OVERLAPS),
                ],
                condition=models.Q(is_counted=False),
            ),
            models.UniqueConstraint(fields=["booking", "leaf"], name="occupancy_once"),
            models.CheckConstraint(
                condition=models.Q(booking__isnull=True) ^ models.Q(blocking__isnull=True),
                name="occupancy_has_one_cause",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.leaf_id} {self.period}"


class WaitingState(models.TextChoices):
    """A waiting crew's place in line."""

    WAITING = "waiting", _("候补中")
    OFFERED = "offered", _("已提供")
    ACCEPTED = "accepted", _("已接受")
    DECLINED = "declined", _("已放弃")
    LAPSED = "lapsed", _("未答复")
    WITHDRAWN = "withdrawn", _("已退出")
    PASSED = "passed", _("已过时")


class WaitingEntry(models.Model):
    """A crew waits for a slot of a place; freed slots are offered in order, with time to answer."""

    place = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name=_("场地"))
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name=_("剧组公司"))
    title = models.CharField(_("用途"), max_length=120, blank=True)
    period = DateTimeRangeField(_("时段"))
    units = models.IntegerField(_("数量"), default=1)
    state = models.CharField(_("状态"), max_length=10, choices=WaitingState.choices, default=WaitingState.WAITING)
    offer = models.ForeignKey(Booking, models.SET_NULL, null=True, blank=True, related_name="+")
    checked_at = models.DateTimeField(_("最近核对"), null=True, blank=True)
    reason_code = models.CharField(_("未提供的原因"), max_length=40, blank=True)
    reason = models.JSONField(default=dict)
    created_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(_("排队时间"), auto_now_add=True)

    class Meta:
        verbose_name = _("候补")
        indexes = [models.Index(fields=["place", "id"], name="waiting_line", condition=models.Q(state="waiting"))]

    def __str__(self) -> str:
        return f"{self.organisation} → {self.place}"


class NeedList(models.Model):
    """A crew's sheet of needs, as it came, and the bundle that met it."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name=_("剧组公司"))
    title = models.CharField(_("名称"), max_length=120)
    file_name = models.CharField(_("文件名"), max_length=200, blank=True)
    digest = models.CharField(max_length=64)
    day_one = models.DateField(_("第1天"))
    bundle = models.ForeignKey(Bundle, models.PROTECT, null=True, blank=True, related_name="+")
    created_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(_("建立时间"), auto_now_add=True)

    class Meta:
        verbose_name = _("需求表")
        constraints = [models.UniqueConstraint(fields=["organisation", "digest", "day_one"], name="need_list_once")]

    def __str__(self) -> str:
        return self.title


class Need(models.Model):
    """One row of a sheet: what is wanted, and what came of it."""

    need_list = models.ForeignKey(NeedList, models.CASCADE, related_name="needs")
    line = models.IntegerField(_("行"))
    wanted = models.JSONField(_("需求"))
    booking = models.ForeignKey(Booking, models.PROTECT, null=True, blank=True, related_name="+")
    outcome = models.CharField(_("结果"), max_length=40)
    explanation = models.JSONField(_("说明"), default=dict)

    class Meta:
        verbose_name = _("需求")
        ordering = ["line"]
        constraints = [models.UniqueConstraint(fields=["need_list", "line"], name="need_line_once")]

    def __str__(self) -> str:
        return f"{self.need_list} #{self.line}"


class FeedKind(models.TextChoices):
    """Whose calendar a feed is."""

    PLACE = "place", _("场地")
    CREW = "crew", _("剧组")
    PERSON = "person", _("个人")


class FeedToken(models.Model):
    """A secret address of a calendar feed; stored as a digest, gone the moment it is revoked."""

    kind = models.CharField(_("类型"), max_length=6, choices=FeedKind.choices)
    target_id = models.BigIntegerField(_("对象编号"))
    person = models.ForeignKey(Person, models.CASCADE, related_name="+", verbose_name=_("持有人"))
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(_("建立时间"), auto_now_add=True)
    revoked_at = models.DateTimeField(_("撤销时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("日历订阅")
        indexes = [models.Index(fields=["person", "revoked_at"], name="feed_person")]

    def __str__(self) -> str:
        return f"{self.kind}:{self.target_id}"
