"""Organisations, memberships, invitations and tokens are never written without an audit row."""

from django.db import migrations

from xiepai.kernel.audit import unwatch_sql, watch_sql

TABLES = ("parties_organisation", "parties_membership", "parties_invitation", "parties_apitoken")


class Migration(migrations.Migration):
    dependencies = [("parties", "0001_initial"), ("kernel", "0002_guards")]
    operations = [migrations.RunSQL(watch_sql(*TABLES), unwatch_sql(*TABLES))]
