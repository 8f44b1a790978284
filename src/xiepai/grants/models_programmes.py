"""Programmes: a policy file at a version, a year, windows, budgets, steps, and what each measure asks.

A version is never changed: an amendment is a further version, and applications keep theirs. Steps, terms, roles and
papers are rows the office edits, not code. Money in fen, terms in working days.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from xiepai.parties.models import Person, Role


class ProgrammeState(models.TextChoices):
    """A programme is written, open to be evaluated and applied for, and over."""

    DRAFT = "draft", _("草稿")
    PUBLISHED = "published", _("已发布")
    CLOSED = "closed", _("已结束")


class RecordStanding(models.TextChoices):
    """Whether a record is real or was written for the demo."""

    KNOWN = "known", _("已知")
    SAMPLE = "sample", _("样例")


class Programme(models.Model):
    """One policy in one year. ``is_local`` says that this city pays; another city's is there to compare with."""

    code = models.SlugField(_("代码"), max_length=40, unique=True)
    name = models.CharField(_("名称"), max_length=120)
    name_en = models.CharField(_("英文名称"), max_length=160, blank=True)
    year = models.IntegerField(_("年度"))
    policy_slug = models.SlugField(_("政策文件"), max_length=60)
    state = models.CharField(_("状态"), max_length=10, choices=ProgrammeState.choices, default=ProgrammeState.DRAFT)
    is_local = models.BooleanField(_("本地发放"), default=True)
    standing = models.CharField(
        _("资料性质"), max_length=8, choices=RecordStanding.choices, default=RecordStanding.KNOWN
    )
    created_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("建立人")
    )
    created_at = models.DateTimeField(_("建立时间"), db_default=Now())

    class Meta:
        verbose_name = _("奖补项目")
        ordering = ["-year", "code"]

    def __str__(self) -> str:
        return self.name

    def name_in(self, language: str) -> str:
        """The name for a reader of *language*, Chinese where there is no English."""
        return (self.name_en or self.name) if language.startswith("en") else self.name


class ProgrammeVersion(models.Model):
    """A policy text as it was published, whole, with its digest and who put a name under it. Never changed."""

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="versions", verbose_name=_("奖补项目"))
    number = models.IntegerField(_("版次"))
    policy_text = models.TextField(_("政策文件全文"))
    sha256 = models.CharField(_("校验值"), max_length=64)
    effective_from = models.DateField(_("适用起始日"))
    published_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("发布人")
    )
    published_at = models.DateTimeField(_("发布时间"), db_default=Now())
    note = models.CharField(_("说明"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("政策版本")
        ordering = ["programme", "number"]
        constraints = [models.UniqueConstraint(fields=["programme", "number"], name="grant_version_once")]

    def __str__(self) -> str:
        return f"{self.programme} v{self.number}"


class Window(models.Model):
    """When applications are taken; without measures for all of them."""

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="windows", verbose_name=_("奖补项目"))
    opens_at = models.DateTimeField(_("开始受理"))
    closes_at = models.DateTimeField(_("截止受理"))
    measures = ArrayField(models.CharField(max_length=60), default=list, blank=True, verbose_name=_("政策条目"))
    note = models.CharField(_("说明"), max_length=200, blank=True)
    note_en = models.CharField(_("英文说明"), max_length=200, blank=True, db_default="")
    created_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("建立人")
    )
    created_at = models.DateTimeField(_("建立时间"), db_default=Now())

    class Meta:
        verbose_name = _("受理期")
        ordering = ["opens_at", "id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(closes_at__gt=models.F("opens_at")), name="grant_window_order")
        ]

    def __str__(self) -> str:
        return f"{self.opens_at:%Y-%m-%d} – {self.closes_at:%Y-%m-%d}"


class Budget(models.Model):
    """What may be spent on a measure (empty: on the whole programme) in a year."""

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="budgets", verbose_name=_("奖补项目"))
    measure = models.CharField(_("政策条目"), max_length=60, blank=True)
    year = models.IntegerField(_("年度"))
    amount_fen = models.BigIntegerField(_("预算（分）"))
    note = models.CharField(_("说明"), max_length=200, blank=True)
    created_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("建立人")
    )
    created_at = models.DateTimeField(_("建立时间"), db_default=Now())

    class Meta:
        verbose_name = _("预算")
        ordering = ["year", "measure"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "measure", "year"], name="grant_budget_once"),
            models.CheckConstraint(condition=models.Q(amount_fen__gte=0), name="grant_budget_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.programme} {self.measure} {self.year}"


class StepKind(models.TextChoices):
    """The stations from notice to recovery; a programme may leave some out."""

    NOTICE = "notice", _("申报通知")
    APPLICATION = "application", _("申报")
    FIRST_CHECK = "first_check", _("区级初审")
    FORMAL_CHECK = "formal_check", _("会同财政形式审查")
    AUDIT = "audit", _("专项审计")
    EXPERT_REVIEW = "expert_review", _("专家评审")
    LEADING_GROUP = "leading_group", _("领导小组审定")
    PUBLIC_NOTICE = "public_notice", _("公示")
    DECISION = "decision", _("下达决定")
    PAYMENT = "payment", _("拨付")
    PERFORMANCE_CHECK = "performance_check", _("绩效评价")
    RECOVERY = "recovery", _("追回")


class Silence(models.TextChoices):
    """What it means when a step's time runs out."""

    NONE = "none", _("不作决定")
    APPROVE = "approve", _("视为通过")
    REJECT = "reject", _("视为不通过")


class Step(models.Model):
    """One station of a programme: who acts, in how many working days, and what silence means.

    ``review`` (of the expert review): ``{"items": [{"code", "zh", "en", "max", "weight"}], "experts", "spread",
    "is_blind"}``; see ``rubrics.py``.
    """

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="steps", verbose_name=_("奖补项目"))
    kind = models.CharField(_("环节"), max_length=20, choices=StepKind.choices)
    position = models.IntegerField(_("次序"))
    role = models.CharField(_("经办角色"), max_length=14, choices=Role.choices, blank=True)
    term_working_days = models.IntegerField(_("办理时限（工作日）"), null=True, blank=True)
    warn_days = models.IntegerField(_("提前提醒（工作日）"), default=1)
    silence = models.CharField(_("逾期未办"), max_length=8, choices=Silence.choices, default=Silence.NONE)
    is_skippable = models.BooleanField(_("可略过"), default=False)
    is_active = models.BooleanField(_("在用"), default=True)
    note = models.CharField(_("说明"), max_length=200, blank=True)
    review = models.JSONField(_("评审规则"), default=dict, blank=True, db_default={})

    class Meta:
        verbose_name = _("办理环节")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "kind"], name="grant_step_once"),
            models.CheckConstraint(
                condition=models.Q(term_working_days__isnull=True) | models.Q(term_working_days__gt=0),
                name="grant_step_term_positive",
            ),
            models.CheckConstraint(condition=models.Q(warn_days__gte=0), name="grant_step_warning_positive"),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())


class MeasureSubject(models.TextChoices):
    """What a measure is about: a work, or a company by itself."""

    WORK = "work", _("作品")
    ORGANISATION = "organisation", _("企业")


class MeasureSetting(models.Model):
    """What the office settles about a measure beside the policy text.

    ``milestones``: ``[{"code", "zh", "en", "percent"}]``, paid one after another; ``papers``:
    ``[{"kind", "zh", "en"}]``; ``rubric``: ``[{"code", "zh", "en", "points"}]`` for blind scoring.
    """

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="settings", verbose_name=_("奖补项目"))
    measure = models.CharField(_("政策条目"), max_length=60)
    subject = models.CharField(_("对象"), max_length=12, choices=MeasureSubject.choices, default=MeasureSubject.WORK)
    awards_without_application = models.BooleanField(_("免申即享"), default=False)
    milestones = models.JSONField(_("分期拨付"), default=list, blank=True)
    papers = models.JSONField(_("必备材料"), default=list, blank=True)
    rubric = models.JSONField(_("评分表"), default=list, blank=True)

    class Meta:
        verbose_name = _("条目设置")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["programme", "measure"], name="grant_measure_once")]

    def __str__(self) -> str:
        return f"{self.programme} {self.measure}"
