"""A plan as an iCalendar file: one event a unit's day, from its first strip to its last. Nothing is written."""

from __future__ import annotations

from itertools import groupby

from icalendar import Calendar, Event, Timezone

from xiepai.kernel import clock
from xiepai.shoots.models import Plan, PlanState
from xiepai.shoots.tables import placed


def plan_calendar(plan: Plan, *, domain: str) -> bytes:
    """The days of the plan with their scenes; a draft's are TENTATIVE. SEQUENCE is the plan's revision."""
    calendar = Calendar()
    calendar.add("prodid", "-//Xiepai//plans//ZH")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", f"{plan.work} {plan.name}")
    calendar.add_component(Timezone.from_tzinfo(clock.CITY_ZONE))
    status = "TENTATIVE" if plan.state == PlanState.DRAFT else "CONFIRMED"
    for day, group in groupby(placed(plan), key=lambda strip: strip.plan_day):
        strips = [strip for strip in group if strip.starts_at and strip.ends_at]
        scenes = [strip for strip in strips if strip.scene is not None]
        if day is None or not scenes:
            continue
        unit = plan.unit_names[day.unit] if day.unit < len(plan.unit_names) else ""
        event = Event()
        event.add("uid", f"plan-{plan.pk}-{day.day:%Y%m%d}-{day.unit}@{domain}")
        event.add("sequence", plan.revision)
        event.add("dtstamp", clock.now())
        event.add("dtstart", clock.local(min(strip.starts_at for strip in strips if strip.starts_at)))
        event.add("dtend", clock.local(max(strip.ends_at for strip in strips if strip.ends_at)))
        event.add("summary", f"{plan.work} {unit} {len(scenes)}场".strip())
        places = dict.fromkeys(strip.place.name for strip in scenes if strip.place is not None)
        if places:
            event.add("location", "、".join(places))
        event.add("description", "、".join(str(strip.scene) for strip in scenes))
        event.add("status", status)
        calendar.add_component(event)
    return bytes(calendar.to_ical())
