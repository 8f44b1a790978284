"""Payments: two names under everything, nothing twice, also when a worker is killed; the bank's answer; money back."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from collections.abc import Generator
from datetime import date, timedelta
from typing import Any

import openpyxl
import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.factories import make_organisation
from tests.grants import NOW
from tests.integration.test_jobs import of_the_test_database
from tests.money import MEASURE, Purser, make_purser

from xiepai.grants import ledger, payment_files
from xiepai.grants.models import (
    Application,
    LedgerEntry,
    MeasureSetting,
    PaymentBatch,
    PaymentOrder,
)
from xiepai.grants.policies import policy_of
from xiepai.grants.services import accounts, bank_results, batches, programmes, promising, recoveries
from xiepai.grants.services.bank_results import Booked
from xiepai.kernel import audit, clock, verifying
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.parties.access import system


@pytest.fixture(autouse=True)
def _december() -> Generator[None, None, None]:
    with clock.frozen(NOW):
        yield


@pytest.fixture
def purser(db: None) -> Purser:
    purser = make_purser()
    purser.budget(1_000_000)
    return purser


def balances(purser: Purser) -> dict[str, int]:
    stand = ledger.statement(ledger.Purse(purser.programme.pk, "", 2026))
    return {str(kind): money.fen for kind, money in stand.balances.items() if money.fen and kind != "source"}


def answer(batch: PaymentBatch, **returned: str) -> list[bank_results.Line]:
    """The bank's answer to a batch: paid, but for the numbers named with a reason."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(bank_results.COLUMNS)
    for order in batch.orders.order_by("pk"):
        number = payment_files.order_number(order)
        result = "returned" if number in returned else "paid"
        yuan = f"{order.amount_fen // 100}.{order.amount_fen % 100:02d}"
        writer.writerow([number, yuan, result, f"REF{order.pk}", returned.get(number, "")])
    return bank_results.read_results(out.getvalue().encode("utf-8-sig"))


def states(application: Application) -> tuple[str, list[str]]:
    application.refresh_from_db()
    return application.state, [str(order.state) for order in application.payments.order_by("pk")]


def test_from_award_to_paid(purser: Purser) -> None:
    purser.account()
    application = purser.award(12_345)
    batch = purser.approved_batch(application)
    assert batch.total_fen == 12_345
    assert ProcrastinateJob.objects.filter(task_name="grants.send_batch").count() == 1
    assert batches.send_batch(batch.pk) == 1
    assert batches.send_batch(batch.pk) == 0
    assert states(application) == ("paying", ["sent"])
    assert balances(purser) == {"available": 987_655, "paid": 12_345}
    batch.refresh_from_db()
    assert batch.state == "sent"
    assert batch.file_sha256 == payment_files.digest(payment_files.bank_file(batch))
    lines = answer(batch)
    assert bank_results.import_results(actor=purser.finance, batch_id=batch.pk, lines=lines) == Booked(1, 0, 0)
    assert bank_results.import_results(actor=purser.finance, batch_id=batch.pk, lines=lines) == Booked(0, 0, 1)
    assert states(application) == ("paid", ["paid"])
    batch.refresh_from_db()
    assert batch.state == "done"
    assert application.payments.get().bank_reference.startswith("REF")


def test_whoever_prepared_does_not_approve(purser: Purser) -> None:
    purser.account()
    application = purser.award(100)
    keys = [order.pk for order in application.payments.all()]
    batch = batches.prepare_batch(actor=purser.finance, programme_id=purser.programme.pk, order_ids=keys)
    with pytest.raises(XiepaiError) as refused:
        batches.approve_batch(actor=purser.finance, batch_id=batch.pk)
    assert refused.value.code is ErrorCode.FOUR_EYES
    with pytest.raises(XiepaiError):
        batches.approve_batch(actor=purser.producer, batch_id=batch.pk)
    with pytest.raises(XiepaiError):  # the system has no name to put under it
        batches.approve_batch(actor=system(), batch_id=batch.pk)
    assert batches.send_batch(batch.pk) == 0
    assert states(application) == ("approved", ["batched"])
    batches.cancel_batch(actor=purser.finance, batch_id=batch.pk, reason="重编")
    assert states(application) == ("approved", ["planned"])


SQL = {
    "one pair of eyes": "UPDATE grants_paymentbatch SET state = 'approved', approved_by_id = prepared_by_id",
    "no eyes": "UPDATE grants_paymentbatch SET state = 'approved'",
    "sent without approval": "UPDATE grants_paymentorder SET state = 'sent'",
    "another amount": "UPDATE grants_paymentorder SET amount_fen = amount_fen + 1",
    "another company": "UPDATE grants_paymentorder SET key = 'x'",
    "another number": "UPDATE grants_bankaccount SET number = '1'",
    "own proposal": "UPDATE grants_bankaccount SET confirmed_by_id = proposed_by_id",
    "nobody's confirmation": "UPDATE grants_bankaccount SET confirmed_by_id = NULL",
}


@pytest.mark.parametrize("what", SQL)
def test_the_database_refuses(purser: Purser, what: str) -> None:
    purser.account()
    keys = [order.pk for order in purser.award(100).payments.all()]
    batches.prepare_batch(actor=purser.finance, programme_id=purser.programme.pk, order_ids=keys)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SQL[what])


def test_milestones_are_paid_one_after_another(purser: Purser) -> None:
    setting = MeasureSetting.objects.get(programme=purser.programme, measure=MEASURE)
    setting.milestones = [{"code": "first", "percent": 33}, {"code": "rest", "percent": 67}]
    with transaction.atomic():
        setting.save()
        audit.record("grants.measure.changed", setting, actor=system())
    application = purser.award(999_999)
    first, rest = application.payments.order_by("pk")
    assert (first.amount_fen, rest.amount_fen) == (329_999, 670_000)
    assert [order.pk for order in batches.payable_orders(purser.programme)] == [first.pk]
    purser.account()
    with pytest.raises(XiepaiError, match="编入批次"):
        batches.prepare_batch(actor=purser.finance, programme_id=purser.programme.pk, order_ids=[first.pk, rest.pk])
    with pytest.raises(XiepaiError, match="依据"):
        promising.release_milestone(actor=purser.officer, order_id=rest.pk, reason=" ")
    promising.release_milestone(actor=purser.officer, order_id=rest.pk, reason="已上线")
    batch = purser.approved_batch(application)
    batches.send_batch(batch.pk)
    bank_results.import_results(actor=purser.finance, batch_id=batch.pk, lines=answer(batch))
    assert states(application) == ("paid", ["paid", "paid"])


def test_a_batch_of_many_is_put_together_in_as_many_queries_as_one_of_few(purser: Purser) -> None:
    def queries(companies: int) -> int:
        keys = []
        for _n in range(companies):
            company = make_organisation("crew")
            purser.account(company)
            keys += purser.award(100, company=company).payments.values_list("pk", flat=True)
        with CaptureQueriesContext(connection) as found:
            batch = batches.prepare_batch(actor=purser.finance, programme_id=purser.programme.pk, order_ids=keys)
        assert (batch.orders.count(), batch.total_fen) == (companies, 100 * companies)
        assert set(batch.orders.values_list("state", flat=True)) == {"batched"}
        return len(found)

    assert queries(2) == queries(9)


def test_a_changed_account_waits_for_a_second_person_and_some_working_days(purser: Purser) -> None:
    old = purser.account()
    assert not accounts.flag_of(old).is_raised
    new = accounts.propose_account(
        actor=purser.producer,
        organisation_id=purser.company.pk,
        holder="别人",
        bank="样例银行",
        number="6222 0299 9999",
    )
    assert accounts.usable_accounts([purser.company]) == {purser.company.pk: old}
    with pytest.raises(XiepaiError):
        accounts.confirm_account(actor=purser.producer, account_id=new.pk)
    application = purser.award(100)
    keys = [order.pk for order in application.payments.all()]
    batch = batches.prepare_batch(actor=purser.finance, programme_id=purser.programme.pk, order_ids=keys)
    with pytest.raises(XiepaiError, match="正在拨付"):
        accounts.confirm_account(actor=purser.finance, account_id=new.pk)
    batches.cancel_batch(actor=purser.finance, batch_id=batch.pk, reason="换账户")
    new = accounts.confirm_account(actor=purser.finance, account_id=new.pk)
    flag = accounts.flag_of(new)
    assert (flag.is_changed, flag.is_cooling, flag.holder_differs) == (True, True, True)
    assert f"{clock.local(new.usable_from):%Y-%m-%d %H:%M}" == "2026-12-04 18:00"  # type: ignore[arg-type]
    with pytest.raises(XiepaiError) as refused:
        batches.prepare_batch(actor=purser.finance, programme_id=purser.programme.pk, order_ids=keys)
    assert refused.value.code is ErrorCode.ACCOUNT_UNUSABLE
    with clock.frozen(NOW + timedelta(days=4)):
        batches.prepare_batch(actor=purser.finance, programme_id=purser.programme.pk, order_ids=keys)
    own = accounts.propose_account(
        actor=purser.officer,
        organisation_id=make_organisation("crew").pk, holder="甲", bank="样例银行", number="62220200000009",
    )  # fmt: skip
    with pytest.raises(XiepaiError) as refused:
        accounts.confirm_account(actor=purser.officer, account_id=own.pk)
    assert refused.value.code is ErrorCode.FOUR_EYES


def test_a_returned_payment_gives_the_money_back_and_is_planned_again_once(purser: Purser) -> None:
    purser.account()
    application, other = purser.award(500), purser.award(300)
    batch = purser.approved_batch(application, other)
    batches.send_batch(batch.pk)
    first = payment_files.order_number(application.payments.get())
    lines = answer(batch, **{first: "账号不存在"})
    assert bank_results.import_results(actor=purser.finance, batch_id=batch.pk, lines=lines) == Booked(1, 1, 0)
    assert balances(purser) == {"available": 999_200, "committed": 500, "paid": 300}
    assert states(application) == ("paying", ["failed"])
    with pytest.raises(XiepaiError):
        bank_results.import_results(actor=purser.finance, batch_id=batch.pk, lines=answer(batch))
    again = bank_results.plan_again(actor=purser.finance, order_id=application.payments.get().pk, reason="更正账号")
    with pytest.raises(XiepaiError, match="已经重新安排"):
        bank_results.plan_again(actor=purser.finance, order_id=application.payments.first().pk, reason="再来")
    second = batches.prepare_batch(actor=purser.finance, programme_id=purser.programme.pk, order_ids=[again.pk])
    batches.approve_batch(actor=purser.second, batch_id=second.pk)
    batches.send_batch(second.pk)
    bank_results.import_results(actor=purser.finance, batch_id=second.pk, lines=answer(second))
    assert states(application) == ("paid", ["failed", "paid"])
    assert balances(purser) == {"available": 999_200, "paid": 800}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"number": "XP000000000000"}, "不在这个批次"),
        ({"amount": "1.00"}, "应为"),
        ({"result": "maybe"}, "maybe"),
        ({"amount": "一百"}, "第 2 行"),
    ],
)
def test_a_wrong_answer_of_the_bank_writes_nothing(purser: Purser, change: dict[str, str], words: str) -> None:
    purser.account()
    application = purser.award(500)
    batch = purser.approved_batch(application)
    batches.send_batch(batch.pk)
    number = payment_files.order_number(application.payments.get())
    row = {"number": number, "amount": "5.00", "result": "paid", "reference": "R", "reason": "", **change}
    content = ",".join(row) + "\n" + ",".join(row.values()) + "\n"
    with pytest.raises(XiepaiError, match=words):
        bank_results.import_results(
            actor=purser.finance, batch_id=batch.pk, lines=bank_results.read_results(content.encode())
        )
    assert states(application) == ("paying", ["sent"])


def test_the_files_of_a_batch(purser: Purser) -> None:
    formula = make_organisation("crew", name="=HYPERLINK(1)")
    purser.account(number="6222020000000011")
    purser.account(formula, number="6222020000000012")
    batch = purser.approved_batch(purser.award(12_345), purser.award(100, company=formula))
    content = payment_files.bank_file(batch)
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    assert [(row["format"], row["amount"], row["account"]) for row in rows] == [
        (payment_files.FORMAT, "123.45", "6222020000000011"),
        (payment_files.FORMAT, "1.00", "6222020000000012"),
    ]
    assert rows[1]["holder"] == "'=HYPERLINK(1)"
    assert "sample" in rows[0]["format"]
    assert payment_files.bank_file(batch) == content
    sheet = openpyxl.load_workbook(io.BytesIO(payment_files.batch_sheet(batch))).active
    cells = [[cell.value for cell in line] for line in sheet.iter_rows()]
    assert cells[1][2] == "6222020000000011"
    assert cells[3][4] == 124.45


def test_the_bank_is_told_the_name_of_the_measure_and_keeps_being_told_the_same(purser: Purser) -> None:
    programmes.update_measure_setting(
        actor=purser.officer, programme_id=purser.programme.pk, measure=MEASURE,
        milestones=[{"code": "first", "zh": "首期", "en": "First", "percent": 100}],
    )  # fmt: skip
    purser.account()
    application = purser.award(12_345)
    with override("en"):
        batch = purser.approved_batch(application)
    (row,) = csv.DictReader(io.StringIO(payment_files.bank_file(batch).decode()))
    measure = next(each.zh for each in policy_of(purser.version).at().measures if each.name == MEASURE)
    assert row["purpose"] == f"{application.number} {measure} 首期"
    before = payment_files.bank_file(batch)
    programmes.update_measure_setting(
        actor=purser.officer, programme_id=purser.programme.pk, measure=MEASURE,
        milestones=[{"code": "first", "zh": "改名", "en": "Other", "percent": 100}],
    )  # fmt: skip
    assert payment_files.bank_file(batch) == before


def test_a_batch_older_than_the_words_keeps_its_bytes(purser: Purser) -> None:
    purser.account()
    application = purser.award(100)
    batch = purser.approved_batch(application)
    PaymentOrder.objects.update(purpose="")
    (row,) = csv.DictReader(io.StringIO(payment_files.bank_file(batch).decode()))
    assert row["purpose"] == f"{application.number} {MEASURE}"


def paid(purser: Purser, fen: int) -> Application:
    purser.account()
    application = purser.award(fen)
    batch = purser.approved_batch(application)
    batches.send_batch(batch.pk)
    bank_results.import_results(actor=purser.finance, batch_id=batch.pk, lines=answer(batch))
    return application


def test_money_is_asked_back_in_part_and_in_whole(purser: Purser) -> None:
    application = paid(purser, 1000)
    say: dict[str, Any] = {"actor": purser.officer, "application_id": application.pk, "measure": MEASURE}
    with pytest.raises(XiepaiError, match="最多可以追回 ¥10"):
        recoveries.order_recovery(**say, amount_fen=1001, reason="虚报")
    part = recoveries.order_recovery(**say, amount_fen=400, reason="部分票据不符", due_on=date(2026, 12, 10))
    with pytest.raises(XiepaiError, match="最多可以追回 ¥6"):
        recoveries.order_recovery(**say, amount_fen=601, reason="虚报")
    assert states(application)[0] == "recovering"
    for _again in range(2):
        recoveries.record_return(actor=purser.finance, recovery_id=part.pk, amount_fen=150, reference="R1")
    part.refresh_from_db()
    assert (part.state, part.returned_fen) == ("partly", 150)
    assert recoveries.suggest_exclusion(part) is None
    with clock.frozen(NOW + timedelta(days=10)):
        suggested = recoveries.suggest_exclusion(part)
    assert suggested is not None
    assert (suggested.organisation_id, suggested.kind) == (purser.company.pk, "dishonesty")
    recoveries.record_return(actor=purser.finance, recovery_id=part.pk, amount_fen=250, reference="R2")
    assert states(application)[0] == "paid"
    assert balances(purser) == {"available": 999_000, "paid": 600, "returned": 400}
    rest = recoveries.order_recovery(**say, amount_fen=600, reason="撤销奖补")
    recoveries.record_return(actor=purser.finance, recovery_id=rest.pk, amount_fen=600, reference="R3")
    assert states(application)[0] == "recovered"
    for _again in range(2):
        recoveries.reuse_returned(actor=purser.leader, recovery_id=rest.pk, reason="重新安排")
    assert balances(purser) == {"available": 999_600, "returned": 400}


def test_a_leader_may_give_up_what_does_not_come_back(purser: Purser) -> None:
    application = paid(purser, 1000)
    row = recoveries.order_recovery(
        actor=purser.finance, application_id=application.pk, measure=MEASURE, amount_fen=1000, reason="虚报"
    )
    with pytest.raises(XiepaiError):
        recoveries.waive_recovery(actor=purser.finance, recovery_id=row.pk, reason="破产")
    recoveries.waive_recovery(actor=purser.leader, recovery_id=row.pk, reason="破产")
    assert states(application)[0] == "paid"
    with pytest.raises(XiepaiError, match="还应退回"):
        recoveries.record_return(actor=purser.finance, recovery_id=row.pk, amount_fen=1, reference="R")


def test_nothing_is_asked_back_while_a_payment_is_on_its_way(purser: Purser) -> None:
    application = purser.award(1000)
    with pytest.raises(XiepaiError, match="未拨付"):
        recoveries.order_recovery(
            actor=purser.officer, application_id=application.pk, measure=MEASURE, amount_fen=1, reason="虚报"
        )


KILLED_AFTER = """
import os, signal, sys
import django; django.setup()
from django.db import connection
from xiepai.grants import ledger
from xiepai.grants.services import batches
left, place, true_move = int(sys.argv[2]), sys.argv[3], ledger.move
def move(**said):
    global left
    left -= 1
    if left == 0 and place == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    entry = true_move(**said)
    if left == 0:
        connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")
        os.kill(os.getpid(), signal.SIGKILL)
    return entry
ledger.move = move
batches.send_batch(int(sys.argv[1]))
"""


@pytest.mark.django_db(transaction=True)
def test_a_job_killed_in_mid_batch_pays_nothing_twice() -> None:
    """Killed with SIGKILL again and again, between the ledger's row and the commit; the next run goes on."""
    purser = make_purser()
    purser.budget(10_000)
    purser.account()
    awarded = [purser.award(100 + number) for number in range(4)]
    batch = purser.approved_batch(*awarded)
    for place in ("after", "before", "after"):
        command = [sys.executable, "-c", KILLED_AFTER, str(batch.pk), "2", place]
        done = subprocess.run(command, env=of_the_test_database(), check=False)
        assert done.returncode == -9
    assert LedgerEntry.objects.filter(event="paid").count() == 3  # one more each time, none half
    assert PaymentOrder.objects.filter(state="sent").count() == 3
    batches.send_batch(batch.pk)
    batches.send_batch(batch.pk)
    rows = LedgerEntry.objects.filter(event="paid").order_by("application_id")
    assert [(entry.application_id, entry.amount_fen) for entry in rows] == [
        (application.pk, 100 + number) for number, application in enumerate(awarded)
    ]
    assert balances(purser) == {"available": 10_000 - 406, "paid": 406}
    batch.refresh_from_db()
    assert batch.state == "sent"
    verdict = verifying.verify()
    assert verdict.is_whole, verdict
