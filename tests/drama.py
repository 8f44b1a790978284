"""A small drama for tests of shooting plans: twelve scenes, four roles, two story places with sets of the studio."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from tests.productions import Company, make_company, make_work
from tests.studio import Studio, make_studio

from xiepai.kernel import audit
from xiepai.parties.access import Actor, system
from xiepai.productions.models import Work
from xiepai.shoots.models import Candidate, CastRole, Plan, Scene, StoryPlace, Strip
from xiepai.shoots.services import boards

FIRST, LAST = date(2026, 12, 7), date(2026, 12, 9)


@dataclass
class Drama:
    """The company, its work, the studio it may shoot in, and what the breakdown holds."""

    company: Company
    studio: Studio
    work: Work
    roles: dict[str, CastRole]
    places: dict[str, StoryPlace]
    scenes: list[Scene]

    @property
    def actor(self) -> Actor:
        """The scheduler."""
        return self.company.scheduler

    def plan(self, units: int = 1, last: date = LAST, **settings: object) -> Plan:
        """An empty board."""
        names = ["A组", "B组"][:units]
        plan = boards.create_plan(
            actor=self.actor, work_id=self.work.pk, name="方案一", first_day=FIRST, last_day=last, unit_names=names
        )
        if settings:
            plan = boards.edit_settings(actor=self.actor, plan_id=plan.pk, revision=0, settings=settings)
        return plan


def make_drama(count: int = 12, minutes: int = 60) -> Drama:
    """Every third scene plays in the park by day, the others in the ward, of them every second at night."""
    studio, company = make_studio(), make_company()
    work = make_work(company)
    with transaction.atomic():
        roles = {
            name: CastRole.objects.create(work=work, name=name, daily_fee_fen=fee)
            for name, fee in (("林晚", 100_000), ("许舟", 80_000), ("小满", 20_000), ("邮差", 5_000))
        }
        places = {name: StoryPlace.objects.create(work=work, name=name, levels=[name]) for name in ("病房", "湖畔")}
        for name, place in (("病房", "ward_a"), ("湖畔", "park")):
            Candidate.objects.create(story_place=places[name], place=studio.places[place], is_chosen=True)
        scenes = []
        for n in range(count):
            outside = n % 3 == 0
            scene = Scene.objects.create(
                work=work, episode=1, number=str(n + 1), position=n, minutes=minutes, eighths=4,
                story_place=places["湖畔" if outside else "病房"], inside_outside="outside" if outside else "inside",
                time_of_day="day" if outside or n % 2 else "night", synopsis=f"第 {n + 1} 场",
            )  # fmt: skip
            names = list(roles)
            scene.roles.set([roles[names[n % 4]], roles[names[(n + 1) % 4]]])
            scenes.append(scene)
        audit.record("shoots.script.confirmed", scenes[0], actor=system())
        audit.record("shoots.role.edited", roles["林晚"], actor=system(), after={})
        audit.record("shoots.story_place.edited", places["病房"], actor=system(), after={})
    return Drama(company, studio, work, roles, places, scenes)


def strips_of(plan: Plan) -> dict[str, Strip]:
    """The strips by scene number."""
    rows = Strip.objects.filter(plan=plan, scene__isnull=False).select_related("scene")
    return {strip.scene.number: strip for strip in rows if strip.scene}
