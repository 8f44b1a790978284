"""Rows of the journal: what was written down, and its place in the chain. See ``docs/journal.md``.

Both tables are append-only; the database refuses anything else.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class JournalEntry(models.Model):
    """One state change of something that bears money, as it was written down.

    ``state`` and ``note`` are kept as the canonical JSON text that was hashed, not as jsonb: what an auditor
    hashes again must be the same bytes. ``state`` is empty when the subject was removed.
    """

    at = models.DateTimeField(_("时间"))
    actor_id = models.BigIntegerField(_("操作者编号"), null=True)
    actor_name = models.CharField(_("操作者"), max_length=120)
    event = models.CharField(_("事件"), max_length=80)
    subject_type = models.CharField(_("对象类型"), max_length=60)
    subject_id = models.BigIntegerField(_("对象编号"))
    state = models.TextField(_("状态"))
    note = models.TextField(_("说明"))
    digest = models.BinaryField(_("摘要"))

    class Meta:
        indexes = [models.Index(fields=["subject_type", "subject_id", "id"], name="journal_subject")]

    def __str__(self) -> str:
        return f"{self.event} {self.subject_type}:{self.subject_id}"


class JournalSeal(models.Model):
    """The place of an entry in the chain; written by the database at commit, in the same transaction."""

    seq = models.BigIntegerField(primary_key=True)
    entry_id = models.BigIntegerField(unique=True)
    prev_hash = models.BinaryField()
    hash = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.seq}:{bytes(self.hash).hex()}"
