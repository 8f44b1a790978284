"""Files on their way in: handed over in pieces, so that a cut connection goes on where it stopped.

A row lives until its file is whole or two days have passed; what becomes of it is an ``Evidence``.
"""

from __future__ import annotations

import secrets

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from xiepai.grants.models_applications import Application
from xiepai.parties.models import Person


def new_key() -> str:
    """What an upload is called in addresses."""
    return secrets.token_hex(16)


class PendingUpload(models.Model):
    """One file being handed in for an application by one person: what it will be, and how much of it is here."""

    key = models.CharField(max_length=32, unique=True, default=new_key, editable=False)
    application = models.ForeignKey(Application, models.CASCADE, related_name="+", verbose_name=_("申报"))
    person = models.ForeignKey(Person, models.CASCADE, related_name="+", verbose_name=_("提交人"))
    kind = models.CharField(_("种类"), max_length=120)
    name = models.CharField(_("原文件名"), max_length=120)
    document_number = models.CharField(_("票据或合同编号"), max_length=80, blank=True)
    amount_fen = models.BigIntegerField(_("票面金额（分）"), null=True, blank=True)
    size_bytes = models.IntegerField(_("文件大小（字节）"))
    sha256 = models.CharField(_("校验值"), max_length=64)
    received_bytes = models.IntegerField(_("已收到（字节）"), default=0)
    created_at = models.DateTimeField(_("建立时间"), db_default=Now())

    class Meta:
        verbose_name = _("传送中的文件")
        constraints = [
            models.UniqueConstraint(fields=["application", "person", "kind", "sha256"], name="grant_upload_once"),
            models.CheckConstraint(
                condition=models.Q(received_bytes__gte=0, received_bytes__lte=models.F("size_bytes")),
                name="grant_upload_within",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.received_bytes}/{self.size_bytes}"
