"""A file of places on its way in: uploaded, previewed, decided on, written. What it says stands in ``report``."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from xiepai.parties.models import Organisation, Person


class ImportState(models.TextChoices):
    """From the upload to the end."""

    READING = "reading", _("读取中")
    READY = "ready", _("待决定")
    WRITING = "writing", _("写入中")
    DONE = "done", _("已导入")
    FAILED = "failed", _("无法读取")
    DROPPED = "dropped", _("已放弃")


class PlaceImport(models.Model):
    """One upload. The file goes when it is no longer needed; the report stays."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("上传人"))
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("所属机构")
    )
    name = models.CharField(_("文件名"), max_length=200)
    file = models.FileField(_("文件"), upload_to="imports/%Y/%m/", blank=True)
    state = models.CharField(_("状态"), max_length=8, choices=ImportState.choices, default=ImportState.READING)
    keep_good = models.BooleanField(_("只写入正确的行"), default=False)
    rows_done = models.IntegerField(_("已读行数"), default=0)
    report = models.JSONField(_("结果"), default=dict)
    failure = models.CharField(_("失败原因"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("建立时间"), auto_now_add=True)
    finished_at = models.DateTimeField(_("完成时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("场地导入")
        indexes = [models.Index(fields=["person", "-id"], name="import_person")]

    def __str__(self) -> str:
        return self.name
