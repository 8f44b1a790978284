"""Public notice, decisions, the budget ledger, payments and what is asked back.

The ledger is double entry: an entry moves one positive amount from an account to another, so every entry balances by
itself. Decisions and entries are never changed; a later decision names the one it replaces. Money in fen.
"""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from xiepai.grants.models_applications import Application
from xiepai.grants.models_facts import StoredFile
from xiepai.grants.models_programmes import Programme, ProgrammeVersion
from xiepai.parties.models import Organisation, Person


class NoticeState(models.TextChoices):
    """A public notice is written, open for objections, and over."""

    DRAFT = "draft", _("草稿")
    OPEN = "open", _("公示中")
    CLOSED = "closed", _("公示结束")
    CANCELLED = "cancelled", _("已撤销")


class PublicNotice(models.Model):
    """Who is to get what, shown to everybody for some working days (公示)."""

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="notices", verbose_name=_("奖补项目"))
    number = models.CharField(_("公示编号"), max_length=30, unique=True)
    title = models.CharField(_("标题"), max_length=120)
    title_en = models.CharField(_("英文标题"), max_length=160, blank=True, db_default="")
    text = models.TextField(_("公示内容"), blank=True)
    working_days = models.IntegerField(_("公示期（工作日）"))
    opens_on = models.DateField(_("公示开始"), null=True, blank=True)
    closes_on = models.DateField(_("公示截止"), null=True, blank=True)
    contact = models.CharField(_("联系方式"), max_length=200, blank=True)
    state = models.CharField(_("状态"), max_length=10, choices=NoticeState.choices, default=NoticeState.DRAFT)
    published_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("发布人")
    )
    published_at = models.DateTimeField(_("发布时间"), null=True, blank=True)
    created_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("建立人")
    )
    created_at = models.DateTimeField(_("建立时间"), db_default=Now())

    class Meta:
        verbose_name = _("公示")
        ordering = ["-id"]
        constraints = [models.CheckConstraint(condition=models.Q(working_days__gt=0), name="grant_notice_days")]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class NoticeItem(models.Model):
    """One line of a public notice, as it was shown; identifiers masked."""

    notice = models.ForeignKey(PublicNotice, models.CASCADE, related_name="items", verbose_name=_("公示"))
    application = models.ForeignKey(Application, models.PROTECT, related_name="notice_items", verbose_name=_("申报"))
    position = models.IntegerField(_("次序"))
    applicant = models.CharField(_("申报单位"), max_length=120)
    identifier = models.CharField(_("代码（隐去部分）"), max_length=40, blank=True)
    subject = models.CharField(_("作品或项目"), max_length=120, blank=True)
    measures = models.JSONField(_("政策条目"), default=list)
    amount_fen = models.BigIntegerField(_("拟奖补金额（分）"))

    class Meta:
        verbose_name = _("公示条目")
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["notice", "application"], name="grant_notice_item_once")]

    def __str__(self) -> str:
        return f"{self.notice_id} #{self.position}"


class ObjectionState(models.TextChoices):
    """What became of an objection."""

    RECEIVED = "received", _("已收到")
    UPHELD = "upheld", _("成立")
    REJECTED = "rejected", _("不成立")


class Objection(models.Model):
    """Somebody objects to a line of a public notice; who it was is not shown to the company."""

    notice = models.ForeignKey(PublicNotice, models.PROTECT, related_name="objections", verbose_name=_("公示"))
    item = models.ForeignKey(
        NoticeItem, models.PROTECT, null=True, blank=True, related_name="objections", verbose_name=_("公示条目")
    )
    name = models.CharField(_("姓名或单位"), max_length=80)
    contact = models.CharField(_("联系方式"), max_length=120)
    text = models.TextField(_("异议内容"))
    stored = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("附件")
    )
    file_name = models.CharField(_("附件名称"), max_length=120, blank=True, db_default="")
    received_at = models.DateTimeField(_("收到时间"), db_default=Now())
    received_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("登记人")
    )
    state = models.CharField(_("状态"), max_length=10, choices=ObjectionState.choices, default=ObjectionState.RECEIVED)
    answer = models.TextField(_("答复"), blank=True)
    answered_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("答复人")
    )
    answered_at = models.DateTimeField(_("答复时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("异议")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.notice_id} {self.state}"


class Outcome(models.TextChoices):
    """What was decided."""

    APPROVED = "approved", _("予以奖补")
    REJECTED = "rejected", _("不予奖补")
    REVOKED = "revoked", _("撤销奖补")


class Decision(models.Model):
    """A decision with all it rests on: version, facts, explanation, and the hash over them. Never changed."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="decisions", verbose_name=_("申报"))
    number = models.CharField(_("决定编号"), max_length=30, unique=True)
    outcome = models.CharField(_("结果"), max_length=10, choices=Outcome.choices)
    awarded_fen = models.BigIntegerField(_("核定金额（分）"), default=0)
    by_measure = models.JSONField(_("各条目金额"), default=dict)
    version = models.ForeignKey(ProgrammeVersion, models.PROTECT, related_name="+", verbose_name=_("政策版本"))
    evaluated_on = models.DateField(_("适用日期"))
    facts = models.JSONField(_("事实"), default=dict)
    explanation = models.JSONField(_("说明"), default=dict)
    reason = models.TextField(_("理由"), blank=True)
    meeting = models.CharField(_("会议"), max_length=120, blank=True)
    replaces = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("取代的决定")
    )
    sha256 = models.CharField(_("校验值"), max_length=64)
    decided_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("决定人")
    )
    decided_at = models.DateTimeField(_("决定时间"), db_default=Now())

    class Meta:
        verbose_name = _("决定")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(awarded_fen__gte=0), name="grant_decision_positive"),
        ]

    def __str__(self) -> str:
        return self.number


class LedgerKind(models.TextChoices):
    """Where money of a budget stands."""

    SOURCE = "source", _("财政安排")
    AVAILABLE = "available", _("可用")
    RESERVED = "reserved", pgettext_lazy("budget", "预留")
    COMMITTED = "committed", _("已承诺")
    PAID = "paid", _("已拨付")
    RETURNED = "returned", _("已退回")


class LedgerAccount(models.Model):
    """One pocket of one budget; only ``source`` may be below zero."""

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+", verbose_name=_("奖补项目"))
    measure = models.CharField(_("政策条目"), max_length=60, blank=True)
    year = models.IntegerField(_("年度"))
    kind = models.CharField(_("科目"), max_length=10, choices=LedgerKind.choices)
    balance_fen = models.BigIntegerField(_("余额（分）"), default=0)

    class Meta:
        verbose_name = _("预算科目")
        ordering = ["year", "measure", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "measure", "year", "kind"], name="grant_account_once"),
            models.CheckConstraint(
                condition=models.Q(kind="source") | models.Q(balance_fen__gte=0), name="grant_account_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme_id} {self.measure} {self.year} {self.kind}"


class LedgerEntry(models.Model):
    """A positive amount moves from one account to another. Never changed; ``key`` makes a movement happen once."""

    debit = models.ForeignKey(LedgerAccount, models.PROTECT, related_name="+", verbose_name=_("转出科目"))
    credit = models.ForeignKey(LedgerAccount, models.PROTECT, related_name="+", verbose_name=_("转入科目"))
    amount_fen = models.BigIntegerField(_("金额（分）"))
    event = models.CharField(_("事件"), max_length=40)
    key = models.CharField(_("唯一键"), max_length=120, unique=True)
    application = models.ForeignKey(
        Application, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("申报")
    )
    measure = models.CharField(_("政策条目"), max_length=60, blank=True, db_default="")
    note = models.CharField(_("说明"), max_length=200, blank=True)
    by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("经办"))
    at = models.DateTimeField(_("时间"), db_default=Now())

    class Meta:
        verbose_name = _("预算分录")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(amount_fen__gt=0), name="grant_entry_positive"),
            models.CheckConstraint(condition=~models.Q(debit=models.F("credit")), name="grant_entry_moves"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.amount_fen}"


class AccountState(models.TextChoices):
    """A bank account is proposed, confirmed by somebody else, and retired."""

    PROPOSED = "proposed", _("待确认")
    ACTIVE = "active", _("可用")
    RETIRED = "retired", _("停用")
    REJECTED = "rejected", _("未通过")


class BankAccount(models.Model):
    """Where a company is paid. A change is confirmed by a second person and used only from ``usable_from`` on."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name=_("企业"))
    holder = models.CharField(_("户名"), max_length=120)
    bank = models.CharField(_("开户行"), max_length=120)
    number = models.CharField(_("账号"), max_length=40)
    state = models.CharField(_("状态"), max_length=10, choices=AccountState.choices, default=AccountState.PROPOSED)
    usable_from = models.DateTimeField(_("可用起始"), null=True, blank=True)
    proposed_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("提出人")
    )
    proposed_at = models.DateTimeField(_("提出时间"), db_default=Now())
    confirmed_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("确认人")
    )
    confirmed_at = models.DateTimeField(_("确认时间"), null=True, blank=True)
    note = models.CharField(_("说明"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("收款账户")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"], name="grant_account_one_active", condition=models.Q(state="active")
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed_by__isnull=True)
                | models.Q(proposed_by__isnull=True)
                | ~models.Q(confirmed_by=models.F("proposed_by")),
                name="grant_account_four_eyes",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="active")
                | models.Q(confirmed_by__isnull=False, confirmed_at__isnull=False, usable_from__isnull=False),
                name="grant_account_confirmed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.holder} …{self.number[-4:]}"


class BatchState(models.TextChoices):
    """A batch is put together, approved by a second person, handed to the bank, and reported back."""

    DRAFT = "draft", _("编制中")
    PREPARED = "prepared", _("待复核")
    APPROVED = "approved", _("已复核")
    SENT = "sent", _("已送银行")
    DONE = "done", _("已完成")
    CANCELLED = "cancelled", _("已取消")


class PaymentBatch(models.Model):
    """Payments that go to the bank together: prepared by one person, approved by another."""

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="batches", verbose_name=_("奖补项目"))
    number = models.CharField(_("批次号"), max_length=30, unique=True)
    state = models.CharField(_("状态"), max_length=10, choices=BatchState.choices, default=BatchState.DRAFT)
    total_fen = models.BigIntegerField(_("合计（分）"), default=0)
    prepared_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("制单人")
    )
    prepared_at = models.DateTimeField(_("制单时间"), null=True, blank=True)
    approved_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("复核人")
    )
    approved_at = models.DateTimeField(_("复核时间"), null=True, blank=True)
    sent_at = models.DateTimeField(_("送出时间"), null=True, blank=True)
    done_at = models.DateTimeField(_("完成时间"), null=True, blank=True)
    file_sha256 = models.CharField(_("银行文件校验值"), max_length=64, blank=True, db_default="")
    note = models.CharField(_("说明"), max_length=200, blank=True, db_default="")
    created_at = models.DateTimeField(_("建立时间"), db_default=Now())

    class Meta:
        verbose_name = _("拨付批次")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(approved_by__isnull=True)
                | models.Q(prepared_by__isnull=True)
                | ~models.Q(approved_by=models.F("prepared_by")),
                name="grant_batch_four_eyes",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["approved", "sent", "done"])
                | models.Q(approved_by__isnull=False, prepared_by__isnull=False),
                name="grant_batch_two_names",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class PaymentState(models.TextChoices):
    """A payment from plan to bank statement."""

    PLANNED = "planned", _("待拨付")
    BATCHED = "batched", _("已入批次")
    SENT = "sent", _("已送银行")
    PAID = "paid", _("已拨付")
    FAILED = "failed", _("退票")
    CANCELLED = "cancelled", _("已取消")


class PaymentOrder(models.Model):
    """One payment of a decision: a measure, or a milestone of it. ``key`` makes it happen once."""

    decision = models.ForeignKey(Decision, models.PROTECT, related_name="payments", verbose_name=_("决定"))
    application = models.ForeignKey(Application, models.PROTECT, related_name="payments", verbose_name=_("申报"))
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name=_("企业"))
    batch = models.ForeignKey(
        PaymentBatch, models.PROTECT, null=True, blank=True, related_name="orders", verbose_name=_("拨付批次")
    )
    account = models.ForeignKey(
        BankAccount, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("收款账户")
    )
    measure = models.CharField(_("政策条目"), max_length=60, blank=True)
    milestone = models.CharField(_("分期"), max_length=40, blank=True)
    year = models.IntegerField(_("年度"))
    amount_fen = models.BigIntegerField(_("金额（分）"))
    state = models.CharField(_("状态"), max_length=10, choices=PaymentState.choices, default=PaymentState.PLANNED)
    key = models.CharField(_("唯一键"), max_length=120, unique=True)
    planned_at = models.DateTimeField(_("建立时间"), db_default=Now())
    released_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("放款人")
    )
    released_at = models.DateTimeField(_("放款时间"), null=True, blank=True)
    paid_at = models.DateTimeField(_("到账时间"), null=True, blank=True)
    bank_reference = models.CharField(_("银行流水号"), max_length=80, blank=True)
    purpose = models.CharField(_("用途"), max_length=80, blank=True, db_default="")
    note = models.CharField(_("说明"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("拨付")
        ordering = ["id"]
        indexes = [models.Index(fields=["state", "id"], name="grant_payment_state")]
        constraints = [models.CheckConstraint(condition=models.Q(amount_fen__gt=0), name="grant_payment_positive")]

    def __str__(self) -> str:
        return f"{self.application_id} {self.measure} {self.milestone}"


class RecoveryState(models.TextChoices):
    """Money asked back."""

    ORDERED = "ordered", _("已通知")
    PARTLY = "partly", _("部分退回")
    RETURNED = "returned", _("已退回")
    WAIVED = "waived", _("已免除")


class Recovery(models.Model):
    """Money asked back, why, by when, and what came back (追回)."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="recoveries", verbose_name=_("申报"))
    decision = models.ForeignKey(Decision, models.PROTECT, related_name="+", verbose_name=_("决定"))
    measure = models.CharField(_("政策条目"), max_length=60, blank=True)
    amount_fen = models.BigIntegerField(_("追回金额（分）"))
    returned_fen = models.BigIntegerField(_("已退回（分）"), default=0)
    reason = models.TextField(_("追回理由"))
    state = models.CharField(_("状态"), max_length=10, choices=RecoveryState.choices, default=RecoveryState.ORDERED)
    due_on = models.DateField(_("退回期限"), null=True, blank=True)
    ordered_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("经办")
    )
    ordered_at = models.DateTimeField(_("通知时间"), db_default=Now())
    returned_at = models.DateTimeField(_("退回时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("追回")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount_fen__gt=0, returned_fen__gte=0, returned_fen__lte=models.F("amount_fen")),
                name="grant_recovery_amounts",
            )
        ]

    def __str__(self) -> str:
        return f"{self.application_id} {self.amount_fen}"
