"""The journal: sealed at commit in one chain, and what a database administrator changes is found."""

from __future__ import annotations

import json
import subprocess
import sys
import threading

import pytest
from django.db import DatabaseError, connection, transaction
from tests.factories import make_organisation, make_person
from tests.integration.test_jobs import of_the_test_database, wait_until
from typer.testing import CliRunner

from xiepai.config.cli import app
from xiepai.kernel import audit, journal, verifying
from xiepai.kernel.models import JournalEntry, JournalSeal
from xiepai.parties.access import system
from xiepai.parties.models import Organisation

FIELDS = ("kind", "name", "town", "is_active")


@pytest.fixture
def _watching(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only organisations are watched, whatever the apps watch."""
    monkeypatch.setattr(journal, "_WATCHED", {})
    journal.watch(Organisation, FIELDS)


pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("_watching")]


def founded(name: str) -> Organisation:
    """An organisation; its audit row is an entry, since organisations are watched here."""
    return make_organisation(name=name)


def renamed(row: Organisation, name: str) -> None:
    with transaction.atomic():
        Organisation.objects.filter(pk=row.pk).update(name=name)
        audit.record("parties.organisation.updated", row, actor=system())


@transaction.atomic
def only_audited(row: Organisation, name: str) -> None:
    """With an audit row of something else, which is not watched."""
    person, _actor = make_person("officer", row)
    Organisation.objects.filter(pk=row.pk).update(name=name)
    audit.record("parties.person.updated", person, actor=system())


def behind_the_back(*statements: str) -> None:
    """What an administrator of the database may do: no trigger fires."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement)


def broken() -> tuple[str, int | None]:
    found = verifying.verify().broken
    assert found is not None
    return found.why, found.seq


def test_entries_are_sealed_at_commit_in_one_chain() -> None:
    first = founded("甲")
    renamed(first, "乙")
    seals = list(JournalSeal.objects.order_by("seq"))
    assert [seal.seq for seal in seals] == [1, 2]
    assert bytes(seals[0].prev_hash) == bytes(32)
    assert bytes(seals[1].prev_hash) == bytes(seals[0].hash)
    last = JournalEntry.objects.get(pk=seals[1].entry_id)
    assert json.loads(last.state) == {"is_active": True, "kind": "base", "name": "乙", "town": ""}
    verdict = verifying.verify()
    assert verdict.is_whole
    assert (verdict.entries, verdict.rows) == (2, 1)
    assert verdict.head == verifying.head() == f"2:{bytes(seals[1].hash).hex()}"


def test_the_state_is_what_the_database_holds_not_what_the_object_believes() -> None:
    row = founded("甲")
    row.name = "只在内存"
    with transaction.atomic():
        journal.append("parties.organisation.updated", row, actor=system())
    assert verifying.verify().is_whole


def test_what_rolls_back_leaves_no_place_in_the_chain() -> None:
    founded("甲")
    with transaction.atomic():
        journal.append("parties.organisation.updated", founded("乙"), actor=system())
        transaction.set_rollback(True)
    with transaction.atomic():
        with transaction.atomic():
            founded("丙")
            transaction.set_rollback(True)
        founded("丁")
    assert verifying.verify().head.startswith("2:")
    assert verifying.verify().is_whole


@pytest.mark.parametrize("table", ["kernel_journalentry", "kernel_journalseal"])
@pytest.mark.parametrize("change", ["UPDATE {} SET {}", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_database_refuses_to_change_the_journal(table: str, change: str) -> None:
    founded("甲")
    column = "note = ''" if table == "kernel_journalentry" else "seq = 9"
    with pytest.raises(DatabaseError, match="never changed"), connection.cursor() as cursor:
        cursor.execute(change.format(table, column))


FIRST_ENTRY = "WHERE id = (SELECT min(id) FROM kernel_journalentry)"
GHOST = (
    "INSERT INTO parties_organisation (kind, name, name_en, uscc, uscc_warning, town, standing, is_active, created_at)"
    " VALUES ('base', '鬼', '', '', '', '', 'sample', true, now())"
)
TAMPERED: dict[str, tuple[str, tuple[str, int | None]]] = {
    "a live row": ("UPDATE parties_organisation SET town = 'x'", ("row_changed", 2)),
    "a live row deleted": ("DELETE FROM parties_organisation", ("row_missing", 2)),
    "an old entry": (f"UPDATE kernel_journalentry SET state = '{{}}' {FIRST_ENTRY}", ("entry_changed", 1)),
    "who it was": (f"UPDATE kernel_journalentry SET actor_name = 'x' {FIRST_ENTRY}", ("entry_changed", 1)),
    "a digest": (f"UPDATE kernel_journalentry SET digest = sha256('x') {FIRST_ENTRY}", ("entry_changed", 1)),
    "an entry deleted": (f"DELETE FROM kernel_journalentry {FIRST_ENTRY}", ("entry_missing", 1)),
    "a seal deleted": ("DELETE FROM kernel_journalseal WHERE seq = 1", ("gap", 1)),
    "the last seal deleted": ("DELETE FROM kernel_journalseal WHERE seq = 2", ("unsealed", None)),
    "a seal's hash": ("UPDATE kernel_journalseal SET hash = prev_hash WHERE seq = 1", ("seal", 1)),
    "a row nobody wrote down": (GHOST, ("not_in_journal", None)),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_what_is_changed_behind_the_back_is_found(what: str) -> None:
    row = founded("甲")
    renamed(row, "乙")
    assert verifying.verify().is_whole
    statement, expected = TAMPERED[what]
    behind_the_back(statement)
    assert broken() == expected


def test_a_cut_off_end_is_found_with_the_head_kept_elsewhere() -> None:
    row = founded("甲")
    renamed(row, "乙")
    kept = verifying.head()
    behind_the_back(
        "DELETE FROM kernel_journalentry WHERE id = (SELECT entry_id FROM kernel_journalseal WHERE seq = 2)",
        "DELETE FROM kernel_journalseal WHERE seq = 2",
        f"UPDATE parties_organisation SET name = '甲' WHERE id = {row.pk}",
    )
    assert verifying.verify().is_whole  # nothing inside contradicts itself
    found = verifying.verify(expect=kept).broken
    assert found is not None
    assert (found.why, found.seq) == ("truncated", 1)
    renamed(row, "丙")  # a chain that grew again elsewhere
    found = verifying.verify(expect=kept).broken
    assert found is not None
    assert (found.why, found.seq) == ("expected_head", 2)


def test_an_older_head_stays_good_while_the_chain_grows() -> None:
    row = founded("甲")
    kept = verifying.head()
    renamed(row, "乙")
    assert verifying.verify(expect=kept).is_whole


def test_a_removed_subject_is_removed_with_an_entry() -> None:
    row = founded("甲")
    with transaction.atomic():
        audit.record("parties.organisation.removed", row, actor=system(), after={})
        row.delete()
    assert verifying.verify().is_whole


def test_a_note_is_kept_and_proofs_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    row = founded("甲")
    with transaction.atomic():
        journal.append("parties.organisation.updated", row, actor=system(), note={"reason": "样例", "fen": 5})
    assert JournalEntry.objects.latest("id").note == '{"fen":5,"reason":"样例"}'
    monkeypatch.setattr(journal, "_PROOFS", {})
    journal.prove("names are long", "SELECT 'organisation:' || id, name FROM parties_organisation WHERE name = '乙'")
    assert verifying.verify().is_whole
    renamed(row, "乙")
    assert broken() == ("contradiction", None)


def test_a_watched_table_refuses_what_was_not_written_down() -> None:
    row = founded("甲")
    with connection.cursor() as cursor:
        cursor.execute(journal.watch_sql("parties_organisation", "name"))
    try:
        with pytest.raises(DatabaseError, match="no journal entry"):
            only_audited(row, "丙")
        renamed(row, "乙")
    finally:
        with connection.cursor() as cursor:
            cursor.execute(journal.unwatch_sql("parties_organisation"))


def test_writers_at_once_keep_one_chain_and_nobody_deadlocks() -> None:
    """Each transaction holds rows the other's foreign keys must wait for: the order that would deadlock."""
    rows = [founded(f"机构{n}") for n in range(2)]
    errors: list[BaseException] = []

    def work(mine: int) -> None:
        try:
            for round_ in range(15):
                order = rows if (round_ + mine) % 2 else rows[::-1]
                with transaction.atomic():
                    locked = Organisation.objects.select_for_update().get(pk=order[0].pk)
                    renamed(locked, f"{locked.name[:3]}{mine}-{round_}")
                    founded(f"新{mine}-{round_}")
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert errors == []
    verdict = verifying.verify()
    assert verdict.is_whole
    assert verdict.entries == 2 + 4 * 15 * 2


def test_the_lock_is_taken_after_the_checks_of_foreign_keys() -> None:
    """A commit whose foreign key waits for a locked row must not hold the chain meanwhile."""
    parent, other = founded("甲"), founded("乙")
    at_its_end = threading.Event()

    def waits_for_parent() -> None:
        with transaction.atomic():
            renamed(other, "丙")
            with connection.cursor() as cursor:  # a foreign key to the locked row, checked at commit
                cursor.execute(
                    "INSERT INTO parties_membership (organisation_id, person_id, role, created_at)"
                    " SELECT %s, id, 'keeper', now() FROM parties_person LIMIT 1",
                    [parent.pk],
                )
            at_its_end.set()
        connection.close()

    make_person("officer")
    thread = threading.Thread(target=waits_for_parent)
    with transaction.atomic():
        Organisation.objects.select_for_update().get(pk=parent.pk)
        thread.start()
        assert at_its_end.wait(20)
        wait_until(somebody_waits)  # it is at its commit now, waiting for the parent
        renamed(parent, "丁")
        # leaving this block needs the chain; a chain held by the waiting commit would be a deadlock
    thread.join()
    assert verifying.verify().entries == 5


def somebody_waits() -> bool:
    """Whether a connection to this database waits for a lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])


def test_a_killed_writer_leaves_the_chain_whole() -> None:
    founded("甲")
    code = (
        "import os, signal, django; django.setup()\n"
        "from django.db import connection, transaction\n"
        "from xiepai.kernel import journal; from xiepai.parties.access import system\n"
        "from xiepai.parties.models import Organisation\n"
        "journal.watch(Organisation, ('name',))\n"
        "with transaction.atomic():\n"
        "    journal.append('parties.organisation.updated', Organisation.objects.first(), actor=system())\n"
        "    connection.cursor().execute('SET CONSTRAINTS ALL IMMEDIATE')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], env=of_the_test_database(), check=False)
    assert done.returncode == -9
    founded("乙")
    assert verifying.verify().head.startswith("2:")
    assert verifying.verify().is_whole


def test_the_command_names_the_first_broken_row() -> None:
    row = founded("甲")
    good = CliRunner().invoke(app, ["audit", "verify"])
    assert good.exit_code == 0
    assert verifying.head() in good.output
    assert CliRunner().invoke(app, ["audit", "head"]).output.strip() == verifying.head()
    behind_the_back(f"UPDATE parties_organisation SET town = 'x' WHERE id = {row.pk}")
    bad = CliRunner().invoke(app, ["audit", "verify"])
    assert bad.exit_code == 1
    assert f"#1 parties.organisation:{row.pk}" in bad.output
    assert "town: '' → 'x'" in bad.output
    told = json.loads(CliRunner().invoke(app, ["audit", "verify", "--json"]).output)
    assert (told["is_whole"], told["broken"]["why"], told["broken"]["seq"]) == (False, "row_changed", 1)
    assert CliRunner().invoke(app, ["audit", "verify", "--expect", "9"]).exit_code == 2
