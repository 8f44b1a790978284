"""The office's checklist of papers, and the papers crews hand in.

A kind says when it is required (any one of its conditions), by which stage, who issues it and how well the rule is
sourced. A paper is one document: the same kind may be handed in again, so that a renewal never displaces what still
holds. Whether a paper is expired is computed from its dates.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from xiepai.parties.models import Person
from xiepai.productions.states import ORDER, WorkState


class Condition(models.TextChoices):
    """When a kind of paper is required; read off the work and its class."""

    ALWAYS = "always", _("所有作品")
    LIVE = "live", _("真人制作")
    AI = "ai", _("AI 制作")
    HYBRID = "hybrid", _("混合制作")
    CLASS_TOP = "class_top", _("最高一类")
    CLASS_MIDDLE = "class_middle", _("中间一类")
    CLASS_LOW = "class_low", _("最低一类")
    CLASS_OPEN = "class_open", _("类别未定")
    MINORS = "minors", _("有未成年演员")
    DRONES = "drones", _("使用无人机")
    DRONES_CONTROLLED = "drones_controlled", _("无人机进入管制空域或高于 120 米")
    RELICS = "relics", _("在文物建筑内拍摄")
    FIREWORKS = "fireworks", _("燃放烟火")
    PROP_GUNS = "prop_guns", _("使用道具枪")


class PerPiece(models.TextChoices):
    """Whether one paper serves the whole work or each minor, each drone needs its own."""

    WORK = "work", _("每部作品一份")
    MINOR = "minor", _("每名未成年人一份")
    DRONE = "drone", _("每架无人机一份")


class Grade(models.TextChoices):
    """How well a rule is sourced."""

    OFFICIAL = "A", _("官方文本")
    PRESS = "B", _("媒体报道")
    SECONDARY = "C", _("二手资料")


class PaperKind(models.Model):
    """One line of the office's checklist; ``code`` is stable, everything else may be edited."""

    code = models.SlugField(_("代码"), max_length=40, unique=True)
    zh = models.CharField(_("中文名称"), max_length=60)
    en = models.CharField(_("英文名称"), max_length=100, blank=True)
    issuer_zh = models.CharField(_("出具单位"), max_length=60, blank=True)
    issuer_en = models.CharField(_("出具单位（英文）"), max_length=100, blank=True)
    required_when = ArrayField(
        models.CharField(max_length=20, choices=Condition.choices), default=list, blank=True, verbose_name=_("何时必备")
    )
    needed_by = models.CharField(
        _("最迟阶段"),
        max_length=10,
        choices=[(state.value, state.label) for state in ORDER],
        default=WorkState.SHOOTING,
    )
    per_piece = models.CharField(_("份数"), max_length=6, choices=PerPiece.choices, default=PerPiece.WORK)
    guidance_zh = models.TextField(_("办理说明"), blank=True)
    guidance_en = models.TextField(_("办理说明（英文）"), blank=True)
    source_grade = models.CharField(_("依据等级"), max_length=1, choices=Grade.choices, blank=True)
    source = models.CharField(_("依据"), max_length=200, blank=True)
    standing = models.CharField(
        _("资料性质"), max_length=8, choices=[("known", _("已知")), ("assumed", _("假设"))], default="known"
    )
    position = models.IntegerField(_("次序"), default=0)
    is_active = models.BooleanField(_("在用"), default=True)

    class Meta:
        verbose_name = _("文件种类")
        ordering = ["position", "code"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(needed_by__in=[state.value for state in ORDER]), name="kind_needed_by_stage"
            )
        ]

    def __str__(self) -> str:
        return self.zh

    def name_in(self, language: str) -> str:
        """The name for a reader of *language*, Chinese where there is no English."""
        return (self.en or self.zh) if language.startswith("en") else self.zh


class PaperState(models.TextChoices):
    """What has become of a paper; missing and expired are computed by the checklist."""

    SUBMITTED = "submitted", _("待核")
    ACCEPTED = "accepted", _("已核")
    REJECTED = "rejected", _("退回")
    WITHDRAWN = "withdrawn", _("已撤回")


class Paper(models.Model):
    """One document handed in for a work. ``about`` says whose it is (a minor, a drone) and stays out of the audit."""

    work = models.ForeignKey("productions.Work", models.CASCADE, related_name="papers", verbose_name=_("作品"))
    kind = models.ForeignKey(PaperKind, models.PROTECT, related_name="+", verbose_name=_("种类"))
    about = models.CharField(_("对象"), max_length=60, blank=True)
    state = models.CharField(_("状态"), max_length=10, choices=PaperState.choices, default=PaperState.SUBMITTED)
    number = models.CharField(_("编号"), max_length=80, blank=True)
    valid_from = models.DateField(_("生效日期"), null=True, blank=True)
    valid_to = models.DateField(_("截止日期"), null=True, blank=True)
    file = models.FileField(_("文件"), upload_to="papers/%Y/%m/", blank=True)
    file_name = models.CharField(_("原文件名"), max_length=120, blank=True)
    file_type = models.CharField(_("文件类型"), max_length=40, blank=True)
    file_bytes = models.IntegerField(_("文件大小（字节）"), default=0)
    sha256 = models.CharField(_("校验值"), max_length=64, blank=True)
    submitted_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("提交人")
    )
    submitted_at = models.DateTimeField(_("提交时间"), db_default=Now())
    checked_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("核对人")
    )
    checked_at = models.DateTimeField(_("核对时间"), null=True, blank=True)
    note = models.CharField(_("核对意见"), max_length=200, blank=True)
    warned_at = models.DateTimeField(_("到期提醒时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("文件")
        ordering = ["id"]
        indexes = [
            models.Index(fields=["submitted_at"], name="paper_queue", condition=models.Q(state="submitted")),
            models.Index(
                fields=["valid_to"], name="paper_ending", condition=models.Q(state="accepted", warned_at__isnull=True)
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_from__isnull=True)
                | models.Q(valid_to__isnull=True)
                | models.Q(valid_to__gte=models.F("valid_from")),
                name="paper_validity_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}".strip()
