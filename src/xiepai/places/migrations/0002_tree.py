"""Leaves, search columns, versions, and the audit watch."""

from django.db import migrations

from xiepai.kernel.audit import unwatch_sql, watch_sql
from xiepai.kernel.sql import read

TABLES = (
    "places_place",
    "places_term",
    "places_combinationpart",
    "places_openingrule",
    "places_closedday",
    "places_blocking",
    "places_tariff",
    "places_tariffextra",
    "places_photo",
    "places_contact",
)


class Migration(migrations.Migration):
    dependencies = [("places", "0001_initial"), ("kernel", "0002_guards")]
    operations = [
        migrations.RunSQL(read(__file__, "tree"), read(__file__, "tree_down")),
        migrations.RunSQL(watch_sql(*TABLES), unwatch_sql(*TABLES)),
    ]
