"""The year as a row of days: every lot of applications goes its way, and single ones leave it where the plan says.

What lies before the present has happened, in its order; nothing later has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from heapq import heappop, heappush
from typing import Any

from xiepai.grants.demo import applying, awarding, reviewing
from xiepai.grants.demo.applying import Case
from xiepai.grants.demo.people import Office
from xiepai.grants.demo.programme import Year
from xiepai.grants.demo.scribe import Scribe
from xiepai.grants.models import (
    Application,
    ApplicationState,
    CheckResult,
    ModerationKind,
    PaymentBatch,
    PublicNotice,
    StepKind,
)
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
    audited: list[Case] = field(default_factory=list)
    notice: PublicNotice | None = None
    batch: PaymentBatch | None = None


@dataclass(order=True)
class Day:
    """Something that happens at a moment; of two at one moment the one that was planned first."""

    moment: datetime
    number: int
    deed: Callable[[], object] = field(compare=False)


@dataclass
class Journey:
    """Lets the days of a plan pass over lots of cases."""

    scribe: Scribe
    office: Office
    year: Year
    said: dict[str, Any]
    days: list[Day] = field(default_factory=list)
    seen: list[datetime] = field(default_factory=list)

    def live(self, lots: Sequence[Lot]) -> None:
        """Everything that has happened by now, in order."""
        for lot in lots:
            lot.going = list(lot.cases)
            for place, (station, days) in enumerate(self.said["lots"]["days"].items()):
                moment = self.scribe.moment(lot.handed_in + days, place)
                if lot.handed_in + days < 0:
                    self._at(moment, partial(self._station, lot, station))
                    self._correct(lot, station, moment)
        while self.days and self.days[0].moment < self.scribe.now:
            day = heappop(self.days)
            with clock.frozen(day.moment):
                day.deed()

    def _at(self, moment: datetime, deed: Callable[[], object]) -> None:
        heappush(self.days, Day(moment, len(self.seen), deed))
        self.seen.append(moment)

    def _later(self, days: int, deed: Callable[[], object]) -> None:
        """So many days from now, if that day has come."""
        self._at(clock.now() + timedelta(days=days), deed)

    def _station(self, lot: Lot, station: str) -> None:
        for turn in self._turns(lot, station):
            case = lot.cases[turn["member"]]
            if turn["what"] != "corrected":
                lot.going.remove(case)
                _TURNS[turn["what"]](self, lot, case, turn.get("reason", ""))
        if lot.going:
            getattr(self, f"_{station}")(lot)

    def _turns(self, lot: Lot, station: str) -> Iterator[dict[str, Any]]:
        for turn in self.said["turns"]:
            if turn["lot"] == lot.number and turn["at"] == station:
                yield turn

    def _correct(self, lot: Lot, station: str, moment: datetime) -> None:
        """Before that station an application was sent back and corrected in time: it goes on with its lot."""
        for turn in self._turns(lot, station):
            if turn["what"] == "corrected":
                case = lot.cases[turn["member"]]
                back = partial(reviewing.ask_back, case, self.scribe, self.office, turn["reason"])
                self._at(moment - timedelta(days=4), back)
                self._at(moment - timedelta(days=1), partial(reviewing.answer, case, self.scribe, self.office))

    # The stations, each for those that still go together.

    def _draft(self, lot: Lot) -> None:
        applying.apply(self.scribe, self.office, self.year, lot.cases)

    def _submit(self, lot: Lot) -> None:
        reviewing.submit(lot.going, self.scribe, self.year)

    def _take(self, lot: Lot) -> None:
        reviewing.take(lot.going, self.scribe, self.office, self.year)

    def _first_check(self, lot: Lot) -> None:
        applying.verify(self.scribe, self.office, lot.going)
        reviewing.pass_on(lot.going, self.scribe, self.office, self.year, StepKind.FORMAL_CHECK)

    def _formal_check(self, lot: Lot) -> None:
        reviewing.pass_on(lot.going, self.scribe, self.office, self.year, StepKind.AUDIT)
        said = self.said["programme"]["sample"]
        lot.audited = reviewing.sample(lot.going, self.scribe, self.office, self.year, said)

    def _audit(self, lot: Lot) -> None:
        audited = [case for case in lot.audited if case in lot.going]
        reviewing.pass_on(audited, self.scribe, self.office, self.year, StepKind.EXPERT_REVIEW)

    def _assign(self, lot: Lot) -> None:
        reviewing.assign(lot.going, self.scribe, self.office)
        if lot.number == 1:
            reviewing.recuse(lot.going[0], self.scribe, self.office)

    def _score(self, lot: Lot) -> None:
        far = lot.going[1:2] if lot.number in (4, 5) else []
        reviewing.score(lot.going, self.scribe, self.office, apart=far)
        for case in far:
            if lot.number == 5:
                reviewing.score_again(case, self.scribe, self.office)
            else:
                why = "样例：一位专家侧重不同，说明充分，采用平均分"
                reviewing.moderate(case, self.scribe, self.office, ModerationKind.ACCEPTED, why)
        reviewing.pass_on(lot.going, self.scribe, self.office, self.year, StepKind.LEADING_GROUP)

    def _list(self, lot: Lot) -> None:
        awarding.propose(self.scribe, self.office, self.year, lot.going)

    def _notice(self, lot: Lot) -> None:
        lot.going = [case for case in lot.going if case.row.awarded_fen]
        lot.notice = notices.draft_notice(
            actor=self.office.officer, programme_id=self.year.programme.pk,
            title=f"样例公示：第{lot.number + 1}批拟奖补名单",
            title_en=f"Sample notice: proposed grants, batch {lot.number + 1}",
            application_ids=[case.row.pk for case in lot.going],
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
        case = lot.cases[6] if kind == "upheld" else lot.going[1]
        item = notice.items.get(application=case.row)

        def receive() -> None:
            row = objections.receive_objection(
                actor=NOBODY, notice_id=notice.pk, item_id=item.pk, name="样例群众", contact="000-0000",
                text=said["text"],
            )  # fmt: skip
            if "answer" in said:
                self._later(2, partial(self._answer, row.pk, said["answer"], upholds=False))

        self._later(2, receive)

    def _answer(self, objection_id: int, words: str, *, upholds: bool) -> None:
        objections.answer_objection(actor=self.office.officer, objection_id=objection_id, upholds=upholds, answer=words)

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
        paid = [case for case in lot.going if case.row.state == S.PAID]
        reviewing.check_performance(paid, self.scribe, self.office, CheckResult.MET, "样例：播出量与就业目标已达到")
        rows = [case.row for case in paid]
        self.scribe.move(rows, S.CLOSED, "grants.application.closed", self.office.officer)

    # What becomes of single ones, from here on by themselves.

    def _withdrawn(self, _lot: Lot, case: Case, reason: str) -> None:
        reviewing.withdraw(case, self.scribe, reason)

    def _being_heard(self, _lot: Lot, case: Case, reason: str) -> None:
        awarding.announce(self.scribe, self.office, case, reason)

    def _rejected(self, lot: Lot, case: Case, reason: str) -> None:
        self._being_heard(lot, case, reason)
        self._later(8, partial(awarding.refuse, self.scribe, self.office, case, reason))

    def _appealed(self, lot: Lot, case: Case, reason: str) -> None:
        self._rejected(lot, case, reason)
        self._later(14, partial(reviewing.appeal, case, self.scribe))

    def _appeal_refused(self, lot: Lot, case: Case, reason: str) -> None:
        self._appealed(lot, case, reason)
        self._later(23, partial(reviewing.refuse_appeal, case, self.scribe, self.office))

    def _returned(self, _lot: Lot, case: Case, reason: str) -> None:
        reviewing.ask_back(case, self.scribe, self.office, reason)

    def _overdue(self, _lot: Lot, case: Case, _reason: str) -> None:
        for kind, moment in reviewing.late_days(case):
            self._at(moment, partial(self.scribe.tick, [case.row], kind, self.office.officer))

    def _objection_upheld(self, lot: Lot, case: Case, reason: str) -> None:
        for waiting in lot.notice.objections.filter(state="received") if lot.notice else ():
            self._answer(waiting.pk, reason, upholds=True)
        case.row.refresh_from_db()

    def _recover(self, case: Case, reason: str, *, percent: int, returned: int) -> None:
        case.row.refresh_from_db()
        measure = max(case.row.measures, key=lambda name: paid_fen(case.row, name))
        fen = paid_fen(case.row, measure) * percent // 100
        found = CheckResult.UNMET if percent == 100 else CheckResult.PARTLY
        reviewing.check_performance([case], self.scribe, self.office, found, reason, fen)
        row = recoveries.order_recovery(
            actor=self.office.finance, application_id=case.row.pk, measure=measure, amount_fen=fen, reason=reason,
            due_on=clock.today() + timedelta(days=30),
        )  # fmt: skip
        if returned:
            self._later(20, partial(self._return, row.pk, fen * returned // 100))

    def _return(self, recovery_id: int, fen: int) -> None:
        reference = f"SAMPLE-RETURN-{recovery_id}"
        recoveries.record_return(
            actor=self.office.finance, recovery_id=recovery_id, amount_fen=fen, reference=reference
        )

    def _recovered(self, _lot: Lot, case: Case, reason: str) -> None:
        self._recover(case, reason, percent=100, returned=100)

    def _recovering(self, _lot: Lot, case: Case, reason: str) -> None:
        self._recover(case, reason, percent=40, returned=0)

    def _recovering_partly(self, _lot: Lot, case: Case, reason: str) -> None:
        self._recover(case, reason, percent=50, returned=50)


def _refresh(lot: Lot) -> None:
    """What services changed in the database, in the objects at hand."""
    fresh = {row.pk: row for row in Application.objects.filter(pk__in=[case.row.pk for case in lot.going])}
    for case in lot.going:
        row = fresh[case.row.pk]
        case.row.state, case.row.state_at, case.row.step_id = row.state, row.state_at, row.step_id
        case.row.due_at = row.due_at


_TURNS: dict[str, Callable[[Journey, Lot, Case, str], None]] = {
    "withdrawn": Journey._withdrawn,
    "rejected": Journey._rejected,
    "being_heard": Journey._being_heard,
    "appealed": Journey._appealed,
    "appeal_refused": Journey._appeal_refused,
    "returned": Journey._returned,
    "overdue": Journey._overdue,
    "objection_upheld": Journey._objection_upheld,
    "recovered": Journey._recovered,
    "recovering": Journey._recovering,
    "recovering_partly": Journey._recovering_partly,
}
