"""A made-up city of 100,000 works for ``bench-grants``: companies, bookings, settlements, papers and stated facts.

Written by SQL with a seed, past the services and their triggers, because what is measured is reading and evaluating.
Nothing of it says what a city has: shares and amounts are invented, every record is ``sample``.
"""

from __future__ import annotations

from pathlib import Path

import psycopg

POLICIES = Path(__file__).resolve().parent.parent / "policies"
CITIES = ("wujin-2025", "suzhou-2025", "datong-2025", "foshan-2025")
#: Which facts are stated of how many in a hundred works, and as what.
YES = "'yes'"
STATED: dict[str, tuple[int, str]] = {
    "culture_tourism_linkage": (12, YES),
    "local_shooting_cost": (15, "(random() * 1500000)::int || '元'"),
    "premium": (10, YES),
    "leading_platform": (20, YES),
    "distributor": (10, YES),
    "box_office": (10, "(random() * 30000000)::int || '元'"),
    "overseas": (5, YES),
    "overseas_revenue": (4, "(random() * 9000000)::int || '元'"),
    "original_script": (15, YES),
    "shows_wujin": (10, YES),
    "script_cost": (12, "(random() * 900000)::int || '元'"),
    "suzhou_elements": (5, YES),
    "promotes_tourism": (4, YES),
    "first_producer": (50, "CASE WHEN random() < 0.8 THEN 'yes' ELSE 'no' END"),
    "head_platform": (15, YES),
    "good_result": (10, YES),
    "rights_holder": (10, YES),
    "script_selection": (3, "CASE WHEN random() < 0.5 THEN 'national' ELSE 'provincial' END"),
    "main_site": (20, YES),
    "selected": (10, YES),
    "annual_revenue_share": (15, "(random() * 20000000)::int || '元'"),
    "foshan_first_producer": (3, YES),
    "local_share": (8, "(random() * 100)::int || '%%'"),
    "landmarks": (5, YES),
}
GROUND = """
SET session_replication_role = replica;
SELECT setseed(0.4);
INSERT INTO parties_organisation (kind, name, name_en, uscc, uscc_warning, town, standing, is_active, created_at)
SELECT 'crew', '样例公司' || i, '',
  '91' || (ARRAY['320412', '320412', '320412', '320505', '140212', '440604'])[1 + i %% 6] || 'MA'
  || lpad(i::text, 8, '0'), '', '', 'sample', true, now() FROM generate_series(1, %(companies)s) i;
INSERT INTO parties_organisation (kind, name, name_en, uscc, uscc_warning, town, standing, is_active, created_at)
SELECT (ARRAY['base', 'scenic'])[1 + i %% 2], '样例场地方' || i, '', '', '', '', 'sample', true, now()
FROM generate_series(1, 20) i;
INSERT INTO productions_work (organisation_id, title, title_en, making_mode, format, episodes, minutes_per_episode,
  investment_fen, subjects, synopsis, is_interactive, is_platform_promoted, is_filed_as_top, minors_count, drones_count,
  circumstances, release_on, state, resumes_to, state_note, standing)
SELECT o.id, '样例作品' || i, '', 'live', (ARRAY['vertical', 'vertical', 'horizontal', 'other'])[1 + i %% 4],
  20 + (random() * 80)::int, 1 + (random() * 3)::numeric(4, 1), (random() * 50000000)::bigint, '{}', '', false, false,
  false, 0, 0, '{}', CASE WHEN i %% 5 = 0 THEN DATE '2025-01-01' + (random() * 600)::int END,
  CASE WHEN i %% 5 = 0 THEN 'released' ELSE 'shooting' END, '', '', 'sample'
FROM generate_series(1, %(works)s) i
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM parties_organisation WHERE kind = 'crew') o
  ON o.n = i %% %(companies)s;
INSERT INTO places_place (owner_id, kind, code, name, name_en, aliases, town, categories, styles, facilities,
  restrictions, restriction_note, description, setting, sound, terms, address, directions, locked_fields, visibility,
  standing, standing_note, is_bookable, capacity, unit_label, approval, hold_minutes, lead_minutes, ahead_days,
  min_minutes, max_minutes, step_minutes, buffer_before_minutes, buffer_after_minutes, version, sort_key, search_text,
  created_at, updated_at)
SELECT o.id, 'set', 'B-' || o.id || '-' || i, '样例场景', '', '{}', '', '{}', '{}', '{}', '{}', '', '', 'inside',
  'unknown', (ARRAY['paid', 'low', 'free'])[1 + i %% 3], '', '', '{}', 'public', 'sample', '', true, 1, '', 'instant',
  60, 0, 365, 60, 20160, 30, 0, 0, 1, '', '', now(), now()
FROM (SELECT id FROM parties_organisation WHERE kind IN ('base', 'scenic')) o, generate_series(1, 30) i;
INSERT INTO bookings_booking (place_id, organisation_id, work_id, title, note, state, pencil, period,
  buffer_before_minutes, buffer_after_minutes, units, overrides_blocking, price_fen, deposit_fen, quote,
  reminders_sent, decision_note)
SELECT p.id, w.organisation_id, w.id, '', '', 'settled', 1, tstzrange(d, d + interval '10 hours'), 0, 0, 1, false, 0, 0,
  '[]', 0, ''
FROM (SELECT id, organisation_id, TIMESTAMPTZ '2026-01-01 08:00+08' + ((random() * 200)::int || ' days')::interval AS t
      FROM productions_work WHERE id %% 5 < 2) w
CROSS JOIN generate_series(0, 3) g CROSS JOIN LATERAL (SELECT w.t + g * interval '1 day' AS d) x
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM places_place) p ON p.n = (w.id * 7 + g) %% 600;
INSERT INTO bookings_settlement (booking_id, lines, total_fen, deposit_fen, balance_fen, settled_at)
SELECT id, jsonb_build_array(jsonb_build_object('kind', 'time', 'amount_fen', (random() * 900000)::int),
  jsonb_build_object('kind', 'damage', 'amount_fen', 5000)), 0, 0, 0, now() FROM bookings_booking;
INSERT INTO productions_paper (work_id, kind_id, about, state, number, file, file_name, file_type, file_bytes, sha256,
  note)
SELECT w.id, k.id, '', 'accepted', '样例', '', '', '', 0, '', ''
FROM productions_work w JOIN productions_paperkind k ON (k.code = 'filing-number' AND w.id %% 2 = 0)
  OR (k.code = 'production-licence' AND w.id %% 3 = 0) OR (k.code = 'release-credential' AND w.id %% 5 = 0);
INSERT INTO grants_fact (organisation_id, name, kind, value, source, source_ref)
SELECT id, 'founded_on', 'date', (DATE '2015-01-01' + (random() * 4000)::int)::text, 'register', ''
FROM parties_organisation WHERE kind = 'crew' AND id %% 5 > 0;
"""
STATE = """
INSERT INTO grants_fact (work_id, name, kind, value, source, source_ref)
SELECT id, '{name}', '', {value}, CASE WHEN random() < 0.5 THEN 'person' ELSE 'office' END, ''
FROM productions_work WHERE random() < {share}
"""
#: One work in a hundred is told something else: the old row gives way, as ``state_fact`` does it.
CHANGE = """
SET session_replication_role = replica;
CREATE TEMP TABLE told AS
  SELECT w.id AS work_id, f.id AS old_id, nextval(pg_get_serial_sequence('grants_fact', 'id')) AS new_id
  FROM productions_work w LEFT JOIN grants_fact f
    ON f.work_id = w.id AND f.name = 'script_cost' AND f.superseded_by_id IS NULL
  WHERE w.id %% 100 = %(which)s;
UPDATE grants_fact f SET superseded_by_id = t.new_id FROM told t WHERE f.id = t.old_id;
INSERT INTO grants_fact (id, work_id, name, kind, value, source, source_ref)
  SELECT new_id, work_id, 'script_cost', '', (100000 + work_id %% 1000) || '元', 'office', '' FROM told;
INSERT INTO grants_fact (work_id, name, kind, value, source, source_ref)
  SELECT work_id, 'original_script', '', 'yes', 'office', '' FROM told t
  WHERE NOT EXISTS (SELECT FROM grants_fact f WHERE f.work_id = t.work_id AND f.name = 'original_script'
    AND f.superseded_by_id IS NULL);
DROP TABLE told;
"""


def fill(url: str, works: int, companies: int) -> None:
    """The city, from nothing."""
    with psycopg.connect(url, autocommit=True) as direct:
        for statement in GROUND.split(";\n"):
            if statement.strip():
                direct.execute(statement, {"works": works, "companies": companies})
        for name, (share, value) in STATED.items():
            direct.execute(STATE.format(name=name, value=value.replace("%%", "%"), share=share / 100))
        direct.execute("VACUUM ANALYZE")


def change(url: str, which: int) -> None:
    """Tell something else of one work in a hundred."""
    with psycopg.connect(url, autocommit=True) as direct:
        for statement in CHANGE.split(";\n"):
            if statement.strip():
                direct.execute(statement, {"which": which})


def publish() -> None:
    """The four cities' policies, by an officer."""
    from datetime import date

    from django.db import transaction

    from xiepai.grants.services.programmes import create_programme, publish_programme_version
    from xiepai.kernel import audit
    from xiepai.parties.access import actor_of, system
    from xiepai.parties.models import Membership, OrganisationKind, Person, Role
    from xiepai.parties.services import create_organisation

    with transaction.atomic():
        office = create_organisation(actor=system(), kind=OrganisationKind.OFFICE, name="bench office")
        person = Person.objects.create_user("officer@example.org", None, name="bench")
        member = Membership.objects.create(person=person, organisation=office, role=Role.OFFICER)
        audit.record("parties.member.added", member, actor=system())
    actor = actor_of(person)
    for slug in CITIES:
        made = create_programme(
            actor=actor, code=slug, name=slug, year=2025, policy_slug=slug, is_local=slug.startswith("wujin")
        )
        text = (POLICIES / f"{slug}.yaml").read_text(encoding="utf-8")
        publish_programme_version(actor=actor, programme_id=made.pk, policy_text=text, effective_from=date(2025, 6, 1))
