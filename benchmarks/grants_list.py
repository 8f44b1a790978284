"""The office's list of applications: server time of a page of 50 among 100,000, narrowed and sorted in every way.

Each request goes through every middleware and the real template, in this process, for a leader of the office.
Applications lie over 2,000 companies, four programmes' steps and every state. On a machine with other work
ARGS="--clock cpu" counts the processor time of this process (not of the database) instead of the clock on the wall.
"""

from __future__ import annotations

import statistics
import time
from typing import Any

from pages import start_server
from report import Report, options

GOAL_MS = 200
ROUNDS = 5
COMPANIES = 2_000
FILTERS = {
    "under way, most urgent first": "",
    "one programme": "?programme={programme}",
    "one state": "?state=in_review",
    "one step": "?step=formal_check",
    "late": "?due=late",
    "due within two days": "?due=soon",
    "a company's name": "?q=bench%201999",
    "a word in many names": "?q=bench",
    "everything, by amount": "?state=all&sort=-asked",
    "everything, newest": "?state=all&sort=-number",
    "page 200": "?page=200",
}

_APPLICATIONS = """
INSERT INTO grants_application (programme_id, version_id, organisation_id, number, origin, state, step_id, measures,
  asked_fen, facts, explanation, draft, decision_hash, standing, created_at, submitted_at, due_at, state_at, revision)
SELECT %(programme)s, %(version)s, companies.ids[1 + n %% array_length(companies.ids, 1)], 'BENCH-' || n, 'company',
  states.all_of[1 + n %% 13], steps.ids[1 + n %% array_length(steps.ids, 1)], '{chain}', (n %% 9973) * 10000,
  '{}', '{}', '{}', '', 'sample', now() - n * interval '1 minute', now() - n * interval '1 minute',
  CASE WHEN n %% 13 < 5 THEN now() + (n %% 40 - 3) * interval '12 hours' END, now(), 1
FROM generate_series(1, %(rows)s) n,
  (SELECT array_agg(id ORDER BY id) ids FROM parties_organisation WHERE name LIKE 'bench %%') companies,
  (SELECT array_agg(id ORDER BY position) ids FROM grants_step WHERE programme_id = %(programme)s) steps,
  (SELECT ARRAY['submitted', 'in_review', 'returned', 'proposed', 'noticed', 'approved', 'paying', 'paid', 'closed',
    'rejected', 'appealed', 'withdrawn', 'recovering'] all_of) states
"""


def fill(rows: int) -> tuple[Any, int]:
    """A leader of the office, and a programme with so many applications of many companies."""
    from django.conf import settings
    from django.db import connection, transaction

    from xiepai.grants.services import programmes
    from xiepai.parties.access import system
    from xiepai.parties.models import Membership, Organisation, Person

    text = (settings.POLICIES / "wujin-2025.yaml").read_text(encoding="utf-8")
    leader = Person.objects.create_user("leader@example.com", "not used", name="leader")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        office = Organisation.objects.create(kind="office", name="bench office")
        Membership.objects.create(organisation=office, person=leader, role="leader")
        Membership.objects.create(organisation=office, person=leader, role="officer")
        Organisation.objects.bulk_create(Organisation(kind="crew", name=f"bench {n}") for n in range(1, COMPANIES + 1))
        programme = programmes.create_programme(
            actor=system(), code="bench", name="bench", year=2026, policy_slug="wujin-2025"
        )
        from xiepai.parties.access import actor_of

        version = programmes.publish_programme_version(
            actor=actor_of(leader), programme_id=programme.pk, policy_text=text
        )
        cursor.execute(_APPLICATIONS, {"programme": programme.pk, "version": version.pk, "rows": rows})
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE grants_application")
    return leader, programme.pk


def main() -> None:
    """Measure and write the rows."""
    parser = options("The office's list of applications")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--clock", choices=["wall", "cpu"], default="wall")
    arguments = parser.parse_args()
    clock = time.process_time if arguments.clock == "cpu" else time.perf_counter
    start_server()
    import django
    from django.core.management import call_command

    from xiepai.config import boot

    django.setup()
    call_command("migrate", verbosity=0)
    boot.collect_static()
    from django.test import Client

    leader, programme = fill(arguments.rows)
    client, report = Client(SERVER_NAME="localhost"), Report("grants-list", arguments.output)
    client.force_login(leader)
    unit = "ms of processor" if arguments.clock == "cpu" else "ms"
    for name, query in FILTERS.items():
        address = f"/office/grants/{query.format(programme=programme)}"
        passes = []
        for _again in range(ROUNDS):
            start = clock()
            answer = client.get(address)
            passes.append((clock() - start) * 1e3)
            assert answer.status_code == 200, answer.status_code
        report.row(f"{arguments.rows} applications, {name}", statistics.median(passes), unit, "lower", goal=GOAL_MS)
    report.finish()


if __name__ == "__main__":
    main()
