"""公示: what is proposed is shown to everybody for some working days before it is decided.

The lines are copied as they are shown, identifiers masked, and do not change once the notice is open. Days are counted
by the city's working calendar, the opening day with them. Refused: an application that is not proposed or stands in
another notice, closing before the term is over or while an objection waits for its answer.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db import connection, transaction
from django.utils.translation import gettext as _

from xiepai.grants import access
from xiepai.grants.errors import invalid
from xiepai.grants.masking import mask_code, masked
from xiepai.grants.models import (
    Application,
    NoticeItem,
    NoticeState,
    ObjectionState,
    Programme,
    PublicNotice,
    StepKind,
)
from xiepai.grants.policies import policy_of
from xiepai.grants.services.moving import move_application, move_applications
from xiepai.grants.states import ApplicationState
from xiepai.kernel import audit, clock
from xiepai.kernel.errors import XiepaiError, not_found
from xiepai.parties.access import Actor
from xiepai.parties.rules import acting_person
from xiepai.parties.working_days import calendar_of, known_years
from xiepai.worktime.workdays import Calendar

USUAL_DAYS, MOST_DAYS, MOST_ITEMS = 5, 60, 2_000
#: What the trail calls it when an application goes with its notice.
MOVED = "grants.application.moved"
ALIVE = (NoticeState.DRAFT, NoticeState.OPEN)


def last_day(calendar: Calendar, opens_on: date, working_days: int) -> date:
    """The last day of a notice: the opening day counts where it is worked."""
    day, left = opens_on, working_days - int(calendar.of(opens_on).is_worked)
    while left > 0:
        day = calendar.worked_after(day)
        left -= 1
    return day


def draft_notice(
    *,
    actor: Actor,
    programme_id: int,
    title: str,
    title_en: str = "",
    application_ids: Collection[int],
    working_days: int = 0,
    text: str = "",
    contact: str = "",
) -> PublicNotice:
    """Write a notice over proposed applications; without days as many as the programme's step says."""
    with transaction.atomic():
        programme = access.locked_programme(actor, programme_id)
        if not title.strip():
            raise invalid(_("请写标题。"))
        days = working_days or _usual_days(programme)
        if not 1 <= days <= MOST_DAYS:
            raise invalid(_("公示期须在 1 与 {most} 个工作日之间。"), most=MOST_DAYS)
        notice = PublicNotice.objects.create(
            programme=programme, number=_next_number(programme), title=title.strip()[:120],
            title_en=title_en.strip()[:160], text=masked(text.strip()),
            working_days=days, contact=contact.strip()[:200], created_by_id=actor.person_id,
            created_at=clock.now(),
        )  # fmt: skip
        _add_items(actor, notice, application_ids)
        audit.record("grants.notice.drafted", notice, actor=actor)
    return notice


def open_notice(*, actor: Actor, notice_id: int) -> PublicNotice:
    """Show it to everybody from today on, under the actor's name; its applications are then under notice."""
    person_id = acting_person(actor)
    with transaction.atomic():
        notice = _locked(actor, notice_id)
        _require_state(notice, NoticeState.DRAFT, _("发布"))
        before = audit.snapshot(notice)
        today = clock.today()
        with known_years():
            notice.closes_on = last_day(calendar_of(), today, notice.working_days)
        notice.opens_on, notice.state = today, NoticeState.OPEN
        notice.published_by_id, notice.published_at = person_id, clock.now()
        notice.save()
        move_applications(_applications(notice), ApplicationState.NOTICED, actor=actor, event=MOVED)
        audit.record("grants.notice.opened", notice, actor=actor, before=before)
    return notice


def close_notice(*, actor: Actor, notice_id: int) -> PublicNotice:
    """End it after its last day, every objection answered; what stands in it may then be decided."""
    with transaction.atomic():
        notice = _locked(actor, notice_id)
        _require_state(notice, NoticeState.OPEN, _("结束"))
        if notice.closes_on is None or clock.today() <= notice.closes_on:
            raise invalid(_("公示到 {day} 为止，期满后才能结束。"), day=notice.closes_on)
        if waiting := notice.objections.filter(state=ObjectionState.RECEIVED).count():
            raise invalid(_("还有 {n} 件异议没有答复。"), n=waiting)
        before = audit.snapshot(notice)
        notice.state = NoticeState.CLOSED
        notice.save(update_fields=["state"])
        audit.record("grants.notice.closed", notice, actor=actor, before=before)
    return notice


def cancel_notice(*, actor: Actor, notice_id: int, reason: str) -> PublicNotice:
    """Take it back, with the reason; its applications are proposed again."""
    if not reason.strip():
        raise invalid(_("请写明撤销的理由。"))
    with transaction.atomic():
        notice = _locked(actor, notice_id)
        if notice.state not in ALIVE:
            raise _wrong_state(notice, _("撤销"))
        before = audit.snapshot(notice)
        if notice.state == NoticeState.OPEN:
            noticed = [each for each in _applications(notice) if each.state == ApplicationState.NOTICED]
            move_applications(noticed, ApplicationState.PROPOSED, actor=actor, event=MOVED)
        notice.state = NoticeState.CANCELLED
        notice.text = "\n".join(
            part for part in (notice.text, _("撤销公示：{reason}").format(reason=masked(reason.strip()[:500]))) if part
        )
        notice.save(update_fields=["state", "text"])
        audit.record("grants.notice.cancelled", notice, actor=actor, before=before)
    return notice


def send_back(application: Application, actor: Actor) -> None:
    """After an objection that holds: the application goes back into review (called with both rows locked)."""
    if application.state == ApplicationState.NOTICED:
        move_application(application, ApplicationState.IN_REVIEW, actor=actor, event=MOVED)


def _usual_days(programme: Programme) -> int:
    step = programme.steps.filter(kind=StepKind.PUBLIC_NOTICE, is_active=True).first()
    return (step.term_working_days if step else None) or USUAL_DAYS


def _add_items(actor: Actor, notice: PublicNotice, application_ids: Collection[int]) -> None:
    ids = sorted(set(application_ids))
    if not 1 <= len(ids) <= MOST_ITEMS:
        raise invalid(_("请选 1 至 {most} 件拟奖补的申报。"), most=MOST_ITEMS)
    rows = access.visible_applications(actor).filter(pk__in=ids, programme=notice.programme_id).order_by("pk")
    found = list(rows.select_for_update(of=("self",)).select_related("organisation", "work", "version"))
    if len(found) < len(ids):
        raise not_found()
    others = NoticeItem.objects.filter(application__in=ids, notice__state__in=ALIVE)
    taken = set(others.values_list("application_id", flat=True))
    for application in found:
        if application.state != ApplicationState.PROPOSED or not application.awarded_fen:
            raise invalid(
                _("{number} 现在是“{state}”，不是拟奖补。"), number=application.number, state=_label(application)
            )
        if application.pk in taken:
            raise invalid(_("{number} 已在另一份公示里。"), number=application.number)
    NoticeItem.objects.bulk_create(
        _item(notice, position, application) for position, application in enumerate(found, 1)
    )


def _item(notice: PublicNotice, position: int, application: Application) -> NoticeItem:
    company, work = application.organisation, application.work
    names = {each.name: each for each in policy_of(application.version).at().measures}
    measures = [
        {"name": name, "zh": names[name].zh, "en": names[name].en, "clause": names[name].clause}
        for name in application.measures
        if name in names
    ]
    return NoticeItem(
        notice=notice, application=application, position=position, applicant=company.name,
        identifier=mask_code(company.uscc) if company.uscc else "", subject=f"《{work.title}》" if work else "",
        measures=measures, amount_fen=application.awarded_fen or 0,
    )  # fmt: skip


def _label(application: Application) -> str:
    return str(ApplicationState(application.state).label)


def _next_number(programme: Programme) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('grants_publicnotice', 'id'))")
        return f"GS{clock.today():%Y}-{int(cursor.fetchone()[0]):04d}"


def _locked(actor: Actor, notice_id: int) -> PublicNotice:
    access.require_officer(actor)
    notice = PublicNotice.objects.select_for_update(of=("self",)).select_related("programme").filter(pk=notice_id)
    found = notice.first()
    if found is None:
        raise not_found()
    return found


def _applications(notice: PublicNotice) -> list[Application]:
    ids = notice.items.values_list("application_id", flat=True)
    return list(Application.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk"))


def _require_state(notice: PublicNotice, state: NoticeState, action: str) -> None:
    if notice.state != state:
        raise _wrong_state(notice, action)


def _wrong_state(notice: PublicNotice, action: str) -> XiepaiError:
    label = str(NoticeState(notice.state).label)
    return invalid(_("公示 {number} 现在是“{state}”，不能{action}。"), number=notice.number, state=label, action=action)
