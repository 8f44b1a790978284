"""What the office adds to the official working calendar: single days, years not yet known, office hours.

Without an agency a row holds for the whole city; an agency's own row overrules it for that agency alone.
"""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class CalendarDay(models.Model):
    """A day that is worked or not against the official calendar, and why."""

    agency = models.ForeignKey(
        "parties.Organisation", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("单位")
    )
    day = models.DateField(_("日期"))
    is_worked = models.BooleanField(_("上班"))
    reason = models.CharField(_("原因"), max_length=60)
    entered_by = models.ForeignKey(
        "parties.Person", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("录入人")
    )
    entered_at = models.DateTimeField(_("录入时间"), db_default=Now())

    class Meta:
        verbose_name = _("工作日历的一天")
        ordering = ["day"]
        constraints = [
            models.UniqueConstraint(fields=["agency", "day"], name="calendar_day_once", nulls_distinct=False)
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.is_worked}"


class CalendarYear(models.Model):
    """A year whose official arrangement the office has entered itself, day by day, and where it stands."""

    year = models.IntegerField(_("年度"), unique=True)
    source = models.CharField(_("依据"), max_length=200)
    entered_by = models.ForeignKey(
        "parties.Person", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("录入人")
    )
    entered_at = models.DateTimeField(_("录入时间"), db_default=Now())

    class Meta:
        verbose_name = _("录入的年度")
        ordering = ["year"]

    def __str__(self) -> str:
        return str(self.year)


class OfficeHours(models.Model):
    """When an office is open on a worked day: ``[[540, 720], [810, 1080]]``, minutes from midnight."""

    agency = models.ForeignKey(
        "parties.Organisation", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("单位")
    )
    spans = models.JSONField(_("办公时间"))
    entered_by = models.ForeignKey(
        "parties.Person", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("录入人")
    )
    entered_at = models.DateTimeField(_("录入时间"), db_default=Now())

    class Meta:
        verbose_name = _("办公时间")
        constraints = [models.UniqueConstraint(fields=["agency"], name="office_hours_once", nulls_distinct=False)]

    def __str__(self) -> str:
        return str(self.spans)
