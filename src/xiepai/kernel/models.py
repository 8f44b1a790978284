"""Audit rows, idempotency keys and rate counters: tables no domain owns.

Audit rows are append-only: the database refuses to change or delete one. Tables named in
``audit.watch_sql`` refuse at commit a transaction that wrote them without an audit row.
"""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from xiepai.kernel.models_journal import JournalEntry, JournalSeal

__all__ = ["AuditEntry", "IdempotencyKey", "JournalEntry", "JournalSeal", "RateWindow"]


class AuditEntry(models.Model):
    """Who did what to which object: before, after, and the request it came from."""

    at = models.DateTimeField(_("时间"), db_default=Now())
    event = models.CharField(_("事件"), max_length=80)
    actor_id = models.BigIntegerField(_("操作者编号"), null=True)
    actor_name = models.CharField(_("操作者"), max_length=120)
    organisation_id = models.BigIntegerField(_("所属机构编号"), null=True)
    object_type = models.CharField(_("对象类型"), max_length=60)
    object_id = models.BigIntegerField(_("对象编号"))
    before = models.JSONField(_("变更前"), null=True)
    after = models.JSONField(_("变更后"), null=True)
    request_id = models.CharField(_("请求编号"), max_length=64)
    source = models.CharField(_("来源"), max_length=20)

    class Meta:
        indexes = [
            models.Index(fields=["object_type", "object_id", "id"], name="audit_object"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.object_type}:{self.object_id}"


class IdempotencyKey(models.Model):
    """A client's key for one write: the second call with it gets the first one's answer."""

    organisation_id = models.BigIntegerField()
    operation = models.CharField(max_length=80)
    key = models.CharField(max_length=200)
    request_digest = models.CharField(max_length=64)
    status = models.SmallIntegerField(null=True)
    response = models.JSONField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation_id", "operation", "key"], name="idempotency_once"),
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotency_age")]

    def __str__(self) -> str:
        return f"{self.operation} {self.key}"


class RateWindow(models.Model):
    """Calls counted in one window of time for one caller and purpose."""

    bucket = models.CharField(max_length=160)
    window_start = models.DateTimeField()
    calls = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["bucket", "window_start"], name="rate_once")]

    def __str__(self) -> str:
        return f"{self.bucket}: {self.calls}"
