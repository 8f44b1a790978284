"""A selection is never written without an audit row."""

from django.db import migrations

from xiepai.kernel.audit import unwatch_sql, watch_sql

TABLES = ("places_selection", "places_selectionitem")


class Migration(migrations.Migration):
    dependencies = [("places", "0006_selections"), ("kernel", "0002_guards")]
    operations = [migrations.RunSQL(watch_sql(*TABLES), unwatch_sql(*TABLES))]
