"""A crew's list of needs while it is being worked on: rows as typed, the plan as found, what the crew chose."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from xiepai.parties.models import Organisation, Person


class DraftState(models.TextChoices):
    """From typing to booked."""

    OPEN = "open", _("编辑中")
    WAITING = "waiting", _("查找中")
    READY = "ready", _("已有方案")
    BOOKED = "booked", _("已预订")


class NeedDraft(models.Model):
    """A list that outlives the session. Rows keep their line of the sheet they came from, and wrong cells too.

    ``rows`` is ``[{"line": 3, "cells": {"words": "…"}}]``; ``picks`` is ``{line: way}`` where the crew chose itself;
    ``plan`` is what was found for ``version``; an edit makes it old.
    """

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name=_("剧组公司"))
    title = models.CharField(_("名称"), max_length=120)
    day_one = models.DateField(_("第1天"))
    rows = models.JSONField(_("需求"), default=list)
    picks = models.JSONField(_("自选"), default=dict)
    plan = models.JSONField(_("方案"), null=True, blank=True)
    state = models.CharField(_("状态"), max_length=8, choices=DraftState.choices, default=DraftState.OPEN)
    done_count = models.IntegerField(_("已查找"), default=0)
    failure = models.CharField(_("未成的原因"), max_length=400, blank=True)
    file_name = models.CharField(_("文件名"), max_length=200, blank=True)
    file_digest = models.CharField(max_length=64, blank=True)
    ignored_columns = models.JSONField(_("未识别的列"), default=list)
    need_list = models.ForeignKey(
        "bookings.NeedList", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("需求表")
    )
    version = models.IntegerField(_("版本"), default=1)
    created_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", verbose_name=_("建立人"))
    created_at = models.DateTimeField(_("建立时间"), auto_now_add=True)
    updated_at = models.DateTimeField(_("更新时间"), auto_now=True)

    class Meta:
        verbose_name = _("需求草稿")
        indexes = [models.Index(fields=["organisation", "-id"], name="draft_crew")]

    def __str__(self) -> str:
        return self.title

    @property
    def lines(self) -> list[int]:
        """The lines of its rows, in order."""
        return [row["line"] for row in self.rows]

    def cells_of(self, line: int) -> dict[str, Any]:
        """What stands in a line."""
        return next((row["cells"] for row in self.rows if row["line"] == line), {})
