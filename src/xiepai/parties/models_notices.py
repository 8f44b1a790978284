"""Notices to people and the chat channels of organisations."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class ChannelKind(models.TextChoices):
    """Which chat service a channel posts to."""

    WECOM = "wecom", _("企业微信")
    DINGTALK = "dingtalk", _("钉钉")
    FEISHU = "feishu", _("飞书")


class Notice(models.Model):
    """One message to one person: shown in the app, also sent by mail."""

    person = models.ForeignKey("parties.Person", models.CASCADE, related_name="+", verbose_name=_("收件人"))
    kind = models.CharField(_("类型"), max_length=60)
    subject = models.CharField(_("标题"), max_length=160)
    body = models.TextField(_("内容"))
    path = models.CharField(_("链接"), max_length=200)
    created_at = models.DateTimeField(_("时间"), auto_now_add=True)
    read_at = models.DateTimeField(_("已读时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("通知")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["person", "-id"], name="notice_person"),
            models.Index(fields=["person"], name="notice_unread", condition=models.Q(read_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.subject


class Channel(models.Model):
    """A group chat's incoming webhook; its secret signs what is posted and is never shown again."""

    organisation = models.ForeignKey("parties.Organisation", models.CASCADE, related_name="+", verbose_name=_("机构"))
    kind = models.CharField(_("类型"), max_length=8, choices=ChannelKind.choices)
    url = models.URLField(_("地址"), max_length=300)
    secret = models.CharField(_("签名密钥"), max_length=120, blank=True)
    events = ArrayField(models.CharField(max_length=60), default=list, blank=True, verbose_name=_("通知的事件"))
    is_active = models.BooleanField(_("启用"), default=True)
    last_error = models.CharField(_("最近错误"), max_length=200, blank=True)
    last_sent_at = models.DateTimeField(_("最近发出"), null=True, blank=True)
    created_at = models.DateTimeField(_("建立时间"), auto_now_add=True)

    class Meta:
        verbose_name = _("群通知")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.organisation_id}"

    def wants(self, kind: str) -> bool:
        """Whether this chat is told of such an event; none chosen means all."""
        return not self.events or kind in self.events
