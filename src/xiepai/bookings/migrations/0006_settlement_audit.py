"""Handovers, claims, extras and settlements leave an audit row or are refused."""

from django.db import migrations

from xiepai.kernel.audit import unwatch_sql, watch_sql

TABLES = ("bookings_handover", "bookings_damageclaim", "bookings_extrause", "bookings_settlement")


class Migration(migrations.Migration):
    dependencies = [("bookings", "0005_settlement")]
    operations = [migrations.RunSQL(watch_sql(*TABLES), unwatch_sql(*TABLES))]
