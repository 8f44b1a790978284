"""What is stated about works and companies, who is kept out, and what each is or may be owed.

What the house knows itself (bookings, works, papers) is read where it is and never copied here; a ``Fact`` is what
came from outside: stated by a person, a register, a platform or the office. It is never changed: a corrected value is
a further row, and the old one says which row took its place. See ``docs/grants.md``.
"""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from xiepai.grants.models_programmes import ProgrammeVersion
from xiepai.parties.models import Organisation, Person
from xiepai.productions.models import Work


class StoredFile(models.Model):
    """The bytes of a file, once: its name is its SHA-256."""

    sha256 = models.CharField(_("校验值"), max_length=64, unique=True)
    file = models.FileField(_("文件"), upload_to="grants/")
    content_type = models.CharField(_("文件类型"), max_length=40)
    size_bytes = models.IntegerField(_("文件大小（字节）"))
    scanned_at = models.DateTimeField(_("检查时间"), null=True, blank=True)
    scan_result = models.CharField(_("检查结果"), max_length=80, blank=True)
    created_at = models.DateTimeField(_("建立时间"), db_default=Now())

    class Meta:
        verbose_name = _("存档文件")

    def __str__(self) -> str:
        return self.sha256[:12]


class EvidenceState(models.TextChoices):
    """Whether the office has seen a piece of evidence and what it found."""

    SUBMITTED = "submitted", _("待核")
    VERIFIED = "verified", _("已核实")
    REJECTED = "rejected", _("未采信")
    WITHDRAWN = "withdrawn", _("已撤回")


class Evidence(models.Model):
    """A paper of a company, for a fact, an application or both; ``document_number`` is an invoice's or contract's."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name=_("企业"))
    work = models.ForeignKey(Work, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("作品"))
    application = models.ForeignKey(
        "grants.Application",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="evidence",
        verbose_name=_("申报"),
    )
    kind = models.CharField(_("种类"), max_length=120)
    name = models.CharField(_("原文件名"), max_length=120)
    document_number = models.CharField(_("票据或合同编号"), max_length=80, blank=True)
    amount_fen = models.BigIntegerField(_("票面金额（分）"), null=True, blank=True)
    stored = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name=_("存档文件"))
    state = models.CharField(_("状态"), max_length=10, choices=EvidenceState.choices, default=EvidenceState.SUBMITTED)
    uploaded_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("提交人")
    )
    uploaded_at = models.DateTimeField(_("提交时间"), db_default=Now())
    verified_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("核对人")
    )
    verified_at = models.DateTimeField(_("核对时间"), null=True, blank=True)
    note = models.CharField(_("核对意见"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("证明材料")
        ordering = ["id"]
        indexes = [
            models.Index(fields=["organisation", "-id"], name="grant_evidence_company"),
            models.Index(
                fields=["document_number"], name="grant_evidence_number", condition=~models.Q(document_number="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class FactSource(models.TextChoices):
    """Where a fact comes from."""

    BOOKING = "booking", _("预订")
    WORK = "work", _("作品登记")
    RELEASE = "release", _("上线记录")
    CREDENTIAL = "credential", _("许可证件")
    REGISTER = "register", _("企业登记")
    PERSON = "person", _("申报人填报")
    OFFICE = "office", _("协拍办核定")


class Fact(models.Model):
    """One stated value about a work or a company; ``value`` is a literal as in a policy file (``500万元``, ``yes``).

    From a person it is a claim until evidence is attached and verified.
    """

    work = models.ForeignKey(Work, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("作品"))
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("企业")
    )
    name = models.CharField(_("事实"), max_length=60)
    kind = models.CharField(_("类型"), max_length=10)
    value = models.CharField(_("值"), max_length=120)
    source = models.CharField(_("来源"), max_length=12, choices=FactSource.choices)
    source_ref = models.CharField(_("出处"), max_length=300, blank=True)
    evidence = models.ForeignKey(
        Evidence, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("证明材料")
    )
    stated_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("填报人")
    )
    stated_at = models.DateTimeField(_("填报时间"), db_default=Now())
    verified_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("核对人")
    )
    verified_at = models.DateTimeField(_("核对时间"), null=True, blank=True)
    superseded_by = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("被更正为")
    )

    class Meta:
        verbose_name = _("事实")
        ordering = ["name", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(work__isnull=True) ^ models.Q(organisation__isnull=True),
                name="grant_fact_one_subject",
            ),
            models.UniqueConstraint(
                fields=["work", "name"],
                name="grant_fact_of_work",
                condition=models.Q(work__isnull=False, superseded_by__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["organisation", "name"],
                name="grant_fact_of_company",
                condition=models.Q(organisation__isnull=False, superseded_by__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} = {self.value}"

    @property
    def is_claim(self) -> bool:
        """Whether nobody has verified it yet."""
        return self.source in (FactSource.PERSON, FactSource.RELEASE) and self.verified_at is None


class ExclusionKind(models.TextChoices):
    """Why a company is kept out."""

    DISHONESTY = "dishonesty", _("失信名单")
    ABNORMAL = "abnormal", _("经营异常")
    SAFETY = "safety", _("安全事故")
    FRAUD = "fraud", _("骗取财政资金")
    OTHER = "other", _("其他")


class Exclusion(models.Model):
    """A company is kept out from a day to a day (open: until lifted), with where that stands."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name=_("企业"))
    kind = models.CharField(_("事由"), max_length=12, choices=ExclusionKind.choices)
    source = models.CharField(_("出处"), max_length=300)
    since = models.DateField(_("起"))
    until = models.DateField(_("止"), null=True, blank=True)
    created_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("登记人")
    )
    created_at = models.DateTimeField(_("建立时间"), db_default=Now())

    class Meta:
        verbose_name = _("不予支持记录")
        ordering = ["-since", "-id"]
        indexes = [models.Index(fields=["organisation", "since"], name="grant_exclusion_company")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(until__isnull=True) | models.Q(until__gte=models.F("since")),
                name="grant_exclusion_order",
            )
        ]

    def __str__(self) -> str:
        return f"{self.organisation} {self.get_kind_display()}"


class OwedState(models.TextChoices):
    """Whether money is owed: yes, as far as is known it may be, no."""

    OWED = "owed", _("应得")
    MAYBE = "maybe", _("可能应得")
    NONE = "none", _("不应得")


class Entitlement(models.Model):
    """What a measure (empty: the whole programme) gives a work or a company, before limits shared with others.

    Written by the evaluation only, and only where something changed: ``digest`` stands for the facts and the outcome.
    ``is_proven`` says that no unverified claim was used; ``missing`` is
    ``{"facts": [name], "papers": [paper], "claims": [name]}``; ``excluded`` says that the company is kept out.
    """

    version = models.ForeignKey(
        ProgrammeVersion, models.CASCADE, related_name="+", db_index=False, verbose_name=_("政策版本")
    )
    work = models.ForeignKey(
        Work, models.CASCADE, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("作品")
    )
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+", verbose_name=_("企业"))
    measure = models.CharField(_("政策条目"), max_length=60, blank=True)
    low_fen = models.BigIntegerField(_("至少（分）"))
    high_fen = models.BigIntegerField(_("至多（分）"))
    state = models.CharField(_("状态"), max_length=6, choices=OwedState.choices)
    is_proven = models.BooleanField(_("已核实"), default=False)
    is_excluded = models.BooleanField(_("不予支持"), default=False)
    missing = models.JSONField(_("还缺"), default=dict)
    next_fact = models.CharField(_("下一个要问的事实"), max_length=60, blank=True)
    explanation = models.JSONField(_("说明"), default=dict)
    digest = models.BigIntegerField(default=0)
    computed_at = models.DateTimeField(_("计算时间"), db_default=Now())

    class Meta:
        verbose_name = _("应得奖补")
        constraints = [
            models.UniqueConstraint(
                fields=["version", "work", "measure"],
                name="grant_owed_work",
                condition=models.Q(work__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["version", "organisation", "measure"],
                name="grant_owed_company",
                condition=models.Q(work__isnull=True),
            ),
        ]
        indexes = [
            models.Index(fields=["work"], name="grant_owed_by_work", condition=models.Q(work__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.work_id or self.organisation_id} {self.measure}: {self.low_fen}–{self.high_fen}"


class Invitation(models.Model):
    """The office told a company what it is or may be owed."""

    entitlement = models.ForeignKey(Entitlement, models.CASCADE, related_name="invitations")
    message = models.TextField(_("内容"), blank=True)
    sent_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("发出人")
    )
    sent_at = models.DateTimeField(_("发出时间"), db_default=Now())

    class Meta:
        verbose_name = _("申报邀请")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.entitlement_id} {self.sent_at}"


class EvaluationRun(models.Model):
    """One evaluation over everybody: what was read and how much of it changed."""

    started_at = models.DateTimeField(_("开始"))
    finished_at = models.DateTimeField(_("结束"), null=True, blank=True)
    works = models.IntegerField(_("作品数"), default=0)
    organisations = models.IntegerField(_("企业数"), default=0)
    versions = models.IntegerField(_("政策版本数"), default=0)
    written = models.IntegerField(_("写入行数"), default=0)
    milliseconds = models.JSONField(_("用时（毫秒）"), default=dict)

    class Meta:
        verbose_name = _("全量核算")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M}: {self.written}"


class Follower(models.Model):
    """How far the follower of the audit trail has read."""

    name = models.SlugField(max_length=40, unique=True)
    last_id = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} {self.last_id}"
