"""What the office's review leaves behind: intended refusals, moderation, audit samples, lists of awards, checks.

A list of awards keeps every case it was computed from, so that each amount comes out again at any date. Money in fen.
"""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from xiepai.grants.models_applications import Application
from xiepai.grants.models_programmes import Programme, ProgrammeVersion, Step
from xiepai.parties.models import Person


class RefusalState(models.TextChoices):
    """An intended refusal is told, and then final or lifted."""

    OPEN = "open", _("等待申辩")
    FINAL = "final", _("已不予通过")
    LIFTED = "lifted", _("已撤回")


class IntendedRefusal(models.Model):
    """The office means to refuse, says why, and hears the company before it does."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="refusals", verbose_name=_("申报"))
    step = models.ForeignKey(Step, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("办理环节"))
    reason = models.TextField(_("理由"))
    rebuttal_until = models.DateTimeField(_("申辩期限"))
    state = models.CharField(_("状态"), max_length=6, choices=RefusalState.choices, default=RefusalState.OPEN)
    announced_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("经办")
    )
    announced_at = models.DateTimeField(_("告知时间"), db_default=Now())
    closed_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("办结人")
    )
    closed_at = models.DateTimeField(_("办结时间"), null=True, blank=True)
    note = models.TextField(_("说明"), blank=True)

    class Meta:
        verbose_name = _("拟不予通过")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["application"], name="grant_refusal_one_open", condition=models.Q(state="open")
            )
        ]

    def __str__(self) -> str:
        return f"{self.application_id} {self.state}"


class ModerationKind(models.TextChoices):
    """What is made of scores that lie far apart."""

    ACCEPTED = "accepted", _("采用平均分")
    AGAIN = "again", _("另请专家重评")


class Moderation(models.Model):
    """Scores lay further apart than the rubric allows; somebody looked and says what counts."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="moderations", verbose_name=_("申报"))
    round = models.IntegerField(_("轮次"))
    kind = models.CharField(_("处理"), max_length=8, choices=ModerationKind.choices)
    note = models.TextField(_("说明"))
    by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("经办"))
    at = models.DateTimeField(_("时间"), db_default=Now())

    class Meta:
        verbose_name = _("评分复核")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["application", "round"], name="grant_moderation_once")]

    def __str__(self) -> str:
        return f"{self.application_id} {self.kind}"


class AuditSample(models.Model):
    """Which applications are audited: ``population`` is ``[[number, fen]]``, ``chosen`` ``[number]``.

    The same population, seed, threshold and share give the same choice.
    """

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="samples", verbose_name=_("奖补项目"))
    seed = models.CharField(_("种子"), max_length=80)
    threshold_fen = models.BigIntegerField(_("全部抽取的起点（分）"))
    percent = models.IntegerField(_("以下抽取比例（%）"))
    population = models.JSONField(_("总体"), default=list)
    chosen = models.JSONField(_("抽中"), default=list)
    drawn_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("抽取人")
    )
    drawn_at = models.DateTimeField(_("抽取时间"), db_default=Now())

    class Meta:
        verbose_name = _("审计抽样")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(percent__gte=0, percent__lte=100, threshold_fen__gte=0), name="grant_sample_share"
            )
        ]

    def __str__(self) -> str:
        return f"{self.programme_id} {self.seed}"


class AwardList(models.Model):
    """A list the leading group fixed: what it was computed from, under which changes of limits, and what came out.

    ``cases``: ``[{"number", "measures", "facts"}]`` in order, the awards of before first; ``outcome``:
    ``{number: {"fen", "by_measure"}}``; ``changes``: ``{path in the policy file: literal}``.
    """

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="award_lists", verbose_name=_("奖补项目"))
    version = models.ForeignKey(ProgrammeVersion, models.PROTECT, related_name="+", verbose_name=_("政策版本"))
    meeting = models.CharField(_("会议"), max_length=120)
    evaluated_on = models.DateField(_("适用日期"))
    changes = models.JSONField(_("调整的限额"), default=dict, blank=True)
    cases = models.JSONField(_("各件事实"), default=list)
    outcome = models.JSONField(_("结果"), default=dict)
    total_fen = models.BigIntegerField(_("合计（分）"))
    sha256 = models.CharField(_("校验值"), max_length=64)
    fixed_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("审定人")
    )
    fixed_at = models.DateTimeField(_("审定时间"), db_default=Now())

    class Meta:
        verbose_name = _("拟奖补名单")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.programme_id} {self.meeting}"


class CheckResult(models.TextChoices):
    """Whether what was promised was done."""

    MET = "met", _("达到目标")
    PARTLY = "partly", _("部分达到")
    UNMET = "unmet", _("未达到")


class PerformanceCheck(models.Model):
    """After payment the office looks whether it was worth it (绩效评价)."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="checks", verbose_name=_("申报"))
    result = models.CharField(_("结论"), max_length=6, choices=CheckResult.choices)
    findings = models.TextField(_("核查情况"))
    proposed_fen = models.BigIntegerField(_("建议追回（分）"), default=0)
    checked_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("核查人")
    )
    checked_at = models.DateTimeField(_("核查时间"), db_default=Now())

    class Meta:
        verbose_name = _("绩效评价")
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=models.Q(proposed_fen__gte=0), name="grant_check_positive")]

    def __str__(self) -> str:
        return f"{self.application_id} {self.result}"
