"""The year as a row of days: every lot of applications goes its way, and single ones leave it where the plan says.

What lies before the present has happened, in its order; nothing later has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from xiepai.grants.demo import applying, awarding, reviewing
from xiepai.grants.demo.applying import Case
from xiepai.grants.demo.people import Office
from xiepai.grants.demo.programme import Year
from xiepai.grants.demo.scribe import Scribe
from xiepai.grants.models import Application, ApplicationState, PaymentBatch, PublicNotice, StepKind
from xiepai.grants.services import notices, objections, recoveries
from xiepai.grants.services.promising import paid_fen
from xiepai.kernel import clock
from xiepai.parties.access import NOBODY

S = ApplicationState


@dataclass
class Lot:
    """Applications handed in on one day, those that still go together first."""

    number: int
    handed_in: int
    cases: list[Case]
    going: list[Case] = field(default_factory=list)
    notice: PublicNotice | None = None
    batch: PaymentBatch | None = None


@dataclass
class Journey:
    """Lets the days of a plan pass over lots of cases."""

    scribe: Scribe
    office: Office
    year: Year
    said: dict[str, Any]

    def live(self, lots: Sequence[Lot]) -> None:
        """Everything that has happened by now, in order."""
        for lot in lots:
            lot.going = list(lot.cases)
        for moment, station, lot in sorted(self._days(lots), key=lambda each: each[0]):
            with clock.frozen(moment):
                self._turn(lot, station)
                if lot.going:
                    getattr(self, f"_{station}")(lot)

    def _days(self, lots: Sequence[Lot]) -> Iterator[tuple[datetime, str, Lot]]:
        for lot in lots:
            for place, (station, days) in enumerate(self.said["lots"]["days"].items()):
                moment = self.scribe.moment(lot.handed_in + days, place)
                if moment < self.scribe.now and lot.handed_in + days < 0:
                    yield moment, station, lot

    def _turn(self, lot: Lot, station: str) -> None:
        for turn in self.said["turns"]:
            if turn["lot"] == lot.number and turn["at"] == station and turn["member"] < len(lot.cases):
                case = lot.cases[turn["member"]]
                stays = _TURNS[turn["what"]](self, lot, case, turn.get("reason", ""))
                if not stays:
                    lot.going.remove(case)

    # The stations, each for those that still go together.

    def _draft(self, lot: Lot) -> None:
        applying.apply(self.scribe, self.office, self.year, lot.cases)

    def _submit(self, lot: Lot) -> None:
        reviewing.submit(lot.going, self.scribe)

    def _take(self, lot: Lot) -> None:
        reviewing.take(lot.going, self.scribe, self.office, self.year)

    def _first_check(self, lot: Lot) -> None:
        applying.verify(self.scribe, self.office, lot.going)
        reviewing.pass_on(lot.going, self.scribe, self.office, self.year, StepKind.FORMAL_CHECK)

    def _formal_check(self, lot: Lot) -> None:
        reviewing.pass_on(lot.going, self.scribe, self.office, self.year, StepKind.AUDIT)

    def _audit(self, lot: Lot) -> None:
        reviewing.pass_on(lot.going, self.scribe, self.office, self.year, StepKind.EXPERT_REVIEW)

    def _assign(self, lot: Lot) -> None:
        reviewing.assign(lot.going, self.scribe, self.office)
        if lot.number == 1:
            reviewing.recuse(lot.going[0], self.scribe, self.office)

    def _score(self, lot: Lot) -> None:
        far = lot.going[1:2] if lot.number == 5 else []
        reviewing.score(lot.going, self.scribe, self.office, apart=far)
        for case in far:
            reviewing.score_again(case, self.scribe, self.office)
        reviewing.pass_on(lot.going, self.scribe, self.office, self.year, StepKind.LEADING_GROUP)

    def _list(self, lot: Lot) -> None:
        awarding.propose(self.scribe, self.office, self.year, lot.going)

    def _notice(self, lot: Lot) -> None:
        lot.going = [case for case in lot.going if case.row.awarded_fen]
        lot.notice = notices.draft_notice(
            actor=self.office.officer, programme_id=self.year.programme.pk,
            title=f"样例公示：第{lot.number + 1}批拟奖补名单", application_ids=[case.row.pk for case in lot.going],
            text="样例公示，为演示编写。", contact="武进区协拍办（样例） 000-0000",
        )  # fmt: skip
        notices.open_notice(actor=self.office.officer, notice_id=lot.notice.pk)
        _refresh(lot)
        self._object(lot)

    def _object(self, lot: Lot) -> None:
        for kind, said in self.said["objections"].items():
            if said["lot"] == lot.number and lot.notice is not None:
                self._objection(lot, lot.notice, kind, said)

    def _objection(self, lot: Lot, notice: PublicNotice, kind: str, said: dict[str, Any]) -> None:
        later = min(clock.now() + timedelta(days=2), self.scribe.now)
        case = lot.cases[6] if kind == "upheld" else lot.going[1]
        item = notice.items.get(application=case.row)
        with clock.frozen(later):
            row = objections.receive_objection(
                actor=NOBODY, notice_id=notice.pk, item_id=item.pk, name="样例群众", contact="000-0000",
                text=said["text"],
            )  # fmt: skip
        if "answer" in said:
            with clock.frozen(min(later + timedelta(days=2), self.scribe.now)):
                objections.answer_objection(
                    actor=self.office.officer, objection_id=row.pk, upholds=False, answer=said["answer"]
                )

    def _close(self, lot: Lot) -> None:
        if lot.notice is not None:
            notices.close_notice(actor=self.office.officer, notice_id=lot.notice.pk)

    def _decide(self, lot: Lot) -> None:
        awarding.decide(self.scribe, self.office, self.year, lot.going)

    def _batch(self, lot: Lot) -> None:
        lot.batch = awarding.prepare(self.office, self.year)

    def _approve(self, lot: Lot) -> None:
        if lot.batch is not None:
            awarding.approve(self.office, lot.batch)

    def _bank(self, lot: Lot) -> None:
        if lot.batch is not None:
            awarding.book_results(self.office, lot.batch, returned=1 if lot.number == 3 else 0)
        _refresh(lot)

    def _milestone(self, lot: Lot) -> None:
        awarding.release_milestones(self.office, lot.going)

    def _perform(self, lot: Lot) -> None:
        _refresh(lot)
        rows = [case.row for case in lot.going if case.row.state == S.PAID]
        step = self.year.steps[StepKind.PERFORMANCE_CHECK]
        self.scribe.move(rows, S.CLOSED, "grants.application.closed", self.office.officer, step=step)

    # What becomes of single ones; True: it goes on with its lot.

    def _withdrawn(self, _lot: Lot, case: Case, reason: str) -> bool:
        reviewing.withdraw(case, self.scribe, reason)
        return False

    def _rejected(self, _lot: Lot, case: Case, reason: str) -> bool:
        reviewing.reject(case, self.scribe, self.office, reason)
        return False

    def _appealed(self, lot: Lot, case: Case, reason: str) -> bool:
        self._rejected(lot, case, reason)
        reviewing.appeal(case, self.scribe, self.office, is_refused=False)
        return False

    def _appeal_refused(self, lot: Lot, case: Case, reason: str) -> bool:
        self._rejected(lot, case, reason)
        reviewing.appeal(case, self.scribe, self.office, is_refused=True)
        return False

    def _returned(self, lot: Lot, case: Case, reason: str) -> bool:
        if case.row.state == S.SUBMITTED:
            reviewing.take([case], self.scribe, self.office, self.year)
        reviewing.ask_back(case, self.scribe, self.office, reason)
        return False

    def _corrected(self, _lot: Lot, case: Case, reason: str) -> bool:
        with clock.frozen(clock.now() - timedelta(days=4)):
            reviewing.ask_back(case, self.scribe, self.office, reason)
        with clock.frozen(clock.now() - timedelta(days=1)):
            reviewing.answer(case, self.scribe, self.office)
        return True

    def _overdue(self, _lot: Lot, case: Case, _reason: str) -> bool:
        with clock.frozen(self.scribe.now):
            reviewing.run_late(case, self.scribe, self.office)
        return False

    def _objection_upheld(self, lot: Lot, case: Case, _reason: str) -> bool:
        waiting = lot.notice.objections.get(state="received") if lot.notice else None
        if waiting is not None:
            objections.answer_objection(
                actor=self.office.officer, objection_id=waiting.pk, upholds=True, answer=_reason
            )
            case.row.refresh_from_db()
        return False

    def _recover(self, case: Case, reason: str, *, percent: int, returned: int) -> bool:
        case.row.refresh_from_db()
        measure = max(case.row.measures, key=lambda name: paid_fen(case.row, name))
        fen = paid_fen(case.row, measure) * percent // 100
        row = recoveries.order_recovery(
            actor=self.office.finance, application_id=case.row.pk, measure=measure, amount_fen=fen, reason=reason,
            due_on=clock.today() + timedelta(days=30),
        )  # fmt: skip
        if returned:
            with clock.frozen(min(clock.now() + timedelta(days=20), self.scribe.now)):
                recoveries.record_return(
                    actor=self.office.finance, recovery_id=row.pk, amount_fen=fen * returned // 100,
                    reference=f"SAMPLE-RETURN-{row.pk}",
                )  # fmt: skip
        return False

    def _recovered(self, _lot: Lot, case: Case, reason: str) -> bool:
        return self._recover(case, reason, percent=100, returned=100)

    def _recovering(self, _lot: Lot, case: Case, reason: str) -> bool:
        return self._recover(case, reason, percent=40, returned=0)

    def _recovering_partly(self, _lot: Lot, case: Case, reason: str) -> bool:
        return self._recover(case, reason, percent=50, returned=50)


def _refresh(lot: Lot) -> None:
    """What services changed in the database, in the objects at hand."""
    fresh = {row.pk: row for row in Application.objects.filter(pk__in=[case.row.pk for case in lot.going])}
    for case in lot.going:
        row = fresh[case.row.pk]
        case.row.state, case.row.state_at, case.row.step_id = row.state, row.state_at, row.step_id
        case.row.due_at = row.due_at


_TURNS: dict[str, Callable[[Journey, Lot, Case, str], bool]] = {
    "withdrawn": Journey._withdrawn,
    "rejected": Journey._rejected,
    "appealed": Journey._appealed,
    "appeal_refused": Journey._appeal_refused,
    "returned": Journey._returned,
    "corrected": Journey._corrected,
    "overdue": Journey._overdue,
    "objection_upheld": Journey._objection_upheld,
    "recovered": Journey._recovered,
    "recovering": Journey._recovering,
    "recovering_partly": Journey._recovering_partly,
}
