"""Applications, the ledger of their clock, what was asked back, who reviews them and what they scored.

An application keeps its version, its facts and its explanation as they were; its states are in ``states.py``.
A draft is field by field: ``{"field": {"value", "by", "at"}}``, so that several people write at once.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from xiepai.grants.models_programmes import Programme, ProgrammeVersion, RecordStanding, Step
from xiepai.grants.states import OPEN, ApplicationState
from xiepai.parties.models import Organisation, Person
from xiepai.productions.models import Work


class ApplicationOrigin(models.TextChoices):
    """How an application came about."""

    COMPANY = "company", _("企业申报")
    PREFILLED = "prefilled", _("代为填好")
    AUTOMATIC = "automatic", _("免申即享")


class Application(models.Model):
    """A company asks for measures of a programme, for a work or for itself."""

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="applications", verbose_name=_("奖补项目"))
    version = models.ForeignKey(ProgrammeVersion, models.PROTECT, related_name="+", verbose_name=_("政策版本"))
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name=_("企业"))
    work = models.ForeignKey(Work, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("作品"))
    number = models.CharField(_("申报编号"), max_length=30, unique=True)
    origin = models.CharField(
        _("来由"), max_length=10, choices=ApplicationOrigin.choices, default=ApplicationOrigin.COMPANY
    )
    state = models.CharField(_("状态"), max_length=16, choices=ApplicationState.choices, default=ApplicationState.DRAFT)
    step = models.ForeignKey(Step, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("办理环节"))
    measures = ArrayField(models.CharField(max_length=60), default=list, blank=True, verbose_name=_("政策条目"))
    asked_fen = models.BigIntegerField(_("申请金额（分）"), default=0)
    awarded_fen = models.BigIntegerField(_("核定金额（分）"), null=True, blank=True)
    facts = models.JSONField(_("事实"), default=dict, blank=True)
    explanation = models.JSONField(_("说明"), default=dict, blank=True)
    draft = models.JSONField(_("填报内容"), default=dict, blank=True)
    decision_hash = models.CharField(_("决定校验值"), max_length=64, blank=True)
    standing = models.CharField(
        _("资料性质"), max_length=8, choices=RecordStanding.choices, default=RecordStanding.KNOWN
    )
    created_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("建立人")
    )
    created_at = models.DateTimeField(_("建立时间"), db_default=Now())
    submitted_at = models.DateTimeField(_("提交时间"), null=True, blank=True)
    accepted_at = models.DateTimeField(_("受理时间"), null=True, blank=True)
    due_at = models.DateTimeField(_("办理期限"), null=True, blank=True)
    decided_at = models.DateTimeField(_("决定时间"), null=True, blank=True)
    state_at = models.DateTimeField(_("状态时间"), db_default=Now())
    revision = models.IntegerField(_("修订次数"), default=1, db_default=1)

    class Meta:
        verbose_name = _("申报")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["organisation", "-id"], name="grant_appl_company"),
            models.Index(fields=["programme", "state", "-id"], name="grant_appl_state"),
            models.Index(fields=["state", "due_at"], name="grant_appl_due"),
            models.Index(
                models.F("due_at").asc(nulls_last=True),
                "id",
                name="grant_appl_open_due",
                condition=models.Q(state__in=[state.value for state in OPEN]),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(asked_fen__gte=0)
                & (models.Q(awarded_fen__isnull=True) | models.Q(awarded_fen__gte=0)),
                name="grant_appl_positive",
            )
        ]

    def __str__(self) -> str:
        return self.number


class ClockEvent(models.TextChoices):
    """What happens to an application's clock."""

    STARTED = "started", _("开始计时")
    PAUSED = "paused", _("暂停计时")
    RESUMED = "resumed", _("恢复计时")
    EXTENDED = "extended", _("延长时限")
    WARNED = "warned", _("已提醒")
    ESCALATED = "escalated", _("已上报")
    DECIDED = "decided", _("已办结")
    SILENT = "silent", _("逾期默认")


class ApplicationEvent(models.Model):
    """One line of the clock's ledger; replayed from the first, the due time comes out to the second. Never changed."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="events", verbose_name=_("申报"))
    step = models.ForeignKey(Step, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("办理环节"))
    kind = models.CharField(_("事件"), max_length=10, choices=ClockEvent.choices)
    at = models.DateTimeField(_("时间"))
    working_days = models.IntegerField(_("工作日"), null=True, blank=True)
    reason = models.CharField(_("理由"), max_length=200, blank=True)
    by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("经办"))
    created_at = models.DateTimeField(_("建立时间"), db_default=Now())

    class Meta:
        verbose_name = _("时限记录")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.application_id} {self.kind} {self.at}"


class CorrectionState(models.TextChoices):
    """Whether the company has answered."""

    OPEN = "open", _("待补正")
    ANSWERED = "answered", _("已补正")
    LAPSED = "lapsed", _("逾期未补正")
    CANCELLED = "cancelled", _("已撤销")


class CorrectionRequest(models.Model):
    """The office asks for corrections; ``items``: ``[{"field", "note"}]``. The clock stands still meanwhile."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="corrections", verbose_name=_("申报"))
    step = models.ForeignKey(Step, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("办理环节"))
    items = models.JSONField(_("补正事项"), default=list)
    note = models.TextField(_("说明"), blank=True)
    state = models.CharField(_("状态"), max_length=10, choices=CorrectionState.choices, default=CorrectionState.OPEN)
    requested_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("经办")
    )
    requested_at = models.DateTimeField(_("提出时间"), db_default=Now())
    due_at = models.DateTimeField(_("答复期限"), null=True, blank=True)
    answer = models.TextField(_("答复"), blank=True)
    answered_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("答复人")
    )
    answered_at = models.DateTimeField(_("答复时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("补正通知")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["application"], name="grant_correction_one_open", condition=models.Q(state="open")
            )
        ]

    def __str__(self) -> str:
        return f"{self.application_id} {self.state}"


class AppealKind(models.TextChoices):
    """A word against what the office found, before or after it decided."""

    REBUTTAL = "rebuttal", _("陈述申辩")
    APPEAL = "appeal", _("申诉")


class Appeal(models.Model):
    """A company's rebuttal before a refusal, or its appeal after one, and the answer."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="appeals", verbose_name=_("申报"))
    kind = models.CharField(_("种类"), max_length=8, choices=AppealKind.choices)
    text = models.TextField(_("内容"))
    made_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("提出人")
    )
    made_at = models.DateTimeField(_("提出时间"), db_default=Now())
    due_at = models.DateTimeField(_("答复期限"), null=True, blank=True)
    is_upheld = models.BooleanField(_("是否成立"), null=True, blank=True)
    answer = models.TextField(_("答复"), blank=True)
    answered_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("答复人")
    )
    answered_at = models.DateTimeField(_("答复时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("申辩与申诉")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.application_id} {self.kind}"


class Recusal(models.Model):
    """Someone of the office or an expert keeps out of an application, or of all of a company's."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("人员"))
    application = models.ForeignKey(
        Application, models.PROTECT, null=True, blank=True, related_name="recusals", verbose_name=_("申报")
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("企业")
    )
    reason = models.CharField(_("回避理由"), max_length=200)
    declared_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("登记人")
    )
    declared_at = models.DateTimeField(_("登记时间"), db_default=Now())

    class Meta:
        verbose_name = _("回避")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(application__isnull=True) ^ models.Q(organisation__isnull=True),
                name="grant_recusal_one_object",
            ),
            models.UniqueConstraint(fields=["person", "application"], name="grant_recusal_once"),
            models.UniqueConstraint(fields=["person", "organisation"], name="grant_recusal_company_once"),
        ]

    def __str__(self) -> str:
        return f"{self.person} / {self.application_id or self.organisation_id}"


class AssignmentState(models.TextChoices):
    """Whether an expert has scored."""

    ASSIGNED = "assigned", _("待评")
    SCORED = "scored", _("已评")
    RECUSED = "recused", _("已回避")
    CANCELLED = "cancelled", _("已取消")


class ReviewAssignment(models.Model):
    """An application for one expert; what the expert sees is blind and called by ``code``."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="assignments", verbose_name=_("申报"))
    reviewer = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("评审专家"))
    code = models.CharField(_("盲评代号"), max_length=12)
    round = models.IntegerField(_("轮次"), default=1)
    state = models.CharField(
        _("状态"), max_length=10, choices=AssignmentState.choices, default=AssignmentState.ASSIGNED
    )
    due_at = models.DateTimeField(_("评审期限"), null=True, blank=True)
    assigned_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("经办")
    )
    assigned_at = models.DateTimeField(_("分派时间"), db_default=Now())

    class Meta:
        verbose_name = _("评审分派")
        ordering = ["id"]
        indexes = [models.Index(fields=["reviewer", "state"], name="grant_review_mine")]
        constraints = [
            models.UniqueConstraint(fields=["application", "reviewer", "round"], name="grant_review_once"),
            models.UniqueConstraint(fields=["code", "reviewer"], name="grant_review_code_once"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.reviewer}"


class ReviewScore(models.Model):
    """An expert's points, ``{"code": points}`` after the rubric, and words. ``total`` in hundredths of a point."""

    assignment = models.OneToOneField(
        ReviewAssignment, models.PROTECT, related_name="score", verbose_name=_("评审分派")
    )
    items = models.JSONField(_("分项得分"), default=dict)
    total = models.IntegerField(_("总分（百分之一分）"))
    comment = models.TextField(_("评语"), blank=True)
    submitted_at = models.DateTimeField(_("提交时间"), db_default=Now())

    class Meta:
        verbose_name = _("评分")

    def __str__(self) -> str:
        return f"{self.assignment_id}: {self.total / 100:g}"
