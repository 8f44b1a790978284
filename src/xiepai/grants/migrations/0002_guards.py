"""Grants leave an audit row or are refused; versions and facts are kept as they were."""

from django.db import migrations

from xiepai.kernel.audit import unwatch_sql, watch_sql
from xiepai.kernel.sql import read

TABLES = (
    "grants_programme",
    "grants_programmeversion",
    "grants_window",
    "grants_budget",
    "grants_step",
    "grants_measuresetting",
    "grants_fact",
    "grants_evidence",
    "grants_exclusion",
    "grants_application",
    "grants_correctionrequest",
    "grants_appeal",
    "grants_recusal",
    "grants_reviewassignment",
    "grants_reviewscore",
    "grants_publicnotice",
    "grants_objection",
    "grants_decision",
    "grants_bankaccount",
    "grants_paymentbatch",
    "grants_paymentorder",
    "grants_recovery",
)


class Migration(migrations.Migration):
    dependencies = [("grants", "0001_initial"), ("kernel", "0002_guards")]
    operations = [
        migrations.RunSQL(watch_sql(*TABLES), unwatch_sql(*TABLES)),
        migrations.RunSQL(read(__file__, "guards"), read(__file__, "guards_down")),
    ]
