"""Call sheets (通告单) and what came of a day: receipts and wrapped scenes (销场).

A sheet sent is frozen: what it said stays in ``content``; a change is a new version. A receipt knows only the digest
of its link.
"""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from xiepai.parties.models import Person
from xiepai.places.models import Standing
from xiepai.productions.models import CrewMember, Work
from xiepai.shoots.models_plans import Plan
from xiepai.shoots.models_scripts import Scene


class EmergencyRoom(models.Model):
    """A hospital with an emergency room, kept by the office; a call sheet prints the nearest. Position in WGS-84."""

    name = models.CharField(_("名称"), max_length=80)
    name_en = models.CharField(_("英文名称"), max_length=120, blank=True)
    address = models.CharField(_("地址"), max_length=200, blank=True)
    phone = models.CharField(_("电话"), max_length=30, blank=True)
    latitude = models.FloatField(_("纬度"))
    longitude = models.FloatField(_("经度"))
    standing = models.CharField(_("资料性质"), max_length=8, choices=Standing.choices, default=Standing.KNOWN)
    is_active = models.BooleanField(_("在用"), default=True)

    class Meta:
        verbose_name = _("急救医院")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["name"], name="emergency_room_once"),
            models.CheckConstraint(
                condition=models.Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="emergency_room_position_valid",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SheetState(models.TextChoices):
    """A draft is edited; what was sent is replaced, never changed."""

    DRAFT = "draft", _("草稿")
    SENT = "sent", _("已发出")
    REPLACED = "replaced", _("已有新版")
    WITHDRAWN = "withdrawn", _("已撤回")


class CallSheet(models.Model):
    """The call sheet of one unit on one day in one version; ``content`` is everything printed on it."""

    work = models.ForeignKey(Work, models.PROTECT, related_name="+", verbose_name=_("作品"))
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="sheets", verbose_name=_("计划"))
    day = models.DateField(_("日期"))
    unit = models.SmallIntegerField(_("组别"), default=0)
    version = models.IntegerField(_("版本"), default=1)
    state = models.CharField(_("状态"), max_length=10, choices=SheetState.choices, default=SheetState.DRAFT)
    content = models.JSONField(_("内容"), default=dict)
    created_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("制表人")
    )
    created_at = models.DateTimeField(_("制表时间"), db_default=Now())
    sent_at = models.DateTimeField(_("发出时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("通告单")
        ordering = ["day", "unit", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["work", "day", "unit", "version"], name="call_sheet_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.work} {self.day} v{self.version}"


class ReceiptState(models.TextChoices):
    """Whether someone has the sheet (未收取 / 已收取 / 已查看)."""

    NOT_RECEIVED = "not_received", _("未收取")
    RECEIVED = "received", _("已收取")
    READ = "read", _("已查看")


class Receipt(models.Model):
    """One person's copy of one sheet."""

    sheet = models.ForeignKey(CallSheet, models.CASCADE, related_name="receipts", verbose_name=_("通告单"))
    member = models.ForeignKey(CrewMember, models.CASCADE, related_name="+", verbose_name=_("人员"))
    state = models.CharField(_("状态"), max_length=12, choices=ReceiptState.choices, default=ReceiptState.NOT_RECEIVED)
    digest = models.CharField(_("链接摘要"), max_length=64, blank=True, db_index=True)
    received_at = models.DateTimeField(_("收取时间"), null=True, blank=True)
    read_at = models.DateTimeField(_("查看时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("回执")
        constraints = [models.UniqueConstraint(fields=["sheet", "member"], name="receipt_once")]

    def __str__(self) -> str:
        return f"{self.member} {self.get_state_display()}"


class WrapResult(models.TextChoices):
    """销场: how a scene ended on the day."""

    DONE = "done", _("完成")
    PARTLY = "partly", _("部分完成")
    SKIPPED = "skipped", _("甩戏")
    DROPPED = "dropped", _("删戏")
    ADDED = "added", _("加戏")


class Wrap(models.Model):
    """One scene wrapped on one day; ``minutes`` is what it took, ``eighths_left`` what is still to shoot."""

    scene = models.ForeignKey(Scene, models.CASCADE, related_name="wraps", verbose_name=_("场次"))
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="wraps", verbose_name=_("计划"))
    day = models.DateField(_("日期"))
    unit = models.SmallIntegerField(_("组别"), default=0)
    result = models.CharField(_("结果"), max_length=8, choices=WrapResult.choices)
    minutes = models.IntegerField(_("用时（分钟）"), null=True, blank=True)
    eighths_left = models.IntegerField(_("剩余页数（八分之一页）"), default=0)
    note = models.CharField(_("备注"), max_length=200, blank=True)
    by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("场记"))
    at = models.DateTimeField(_("时间"), db_default=Now())

    class Meta:
        verbose_name = _("销场")
        ordering = ["day", "id"]
        constraints = [models.UniqueConstraint(fields=["scene", "day", "unit"], name="wrap_once")]

    def __str__(self) -> str:
        return f"{self.scene} {self.get_result_display()}"
