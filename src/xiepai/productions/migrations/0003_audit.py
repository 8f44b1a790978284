"""Works, their people, their papers and the checklist leave an audit row or are refused."""

from django.db import migrations

from xiepai.kernel.audit import unwatch_sql, watch_sql

TABLES = ("productions_work", "productions_crewmember", "productions_paper", "productions_paperkind")


class Migration(migrations.Migration):
    dependencies = [("productions", "0002_checklist"), ("kernel", "0002_guards")]
    operations = [migrations.RunSQL(watch_sql(*TABLES), unwatch_sql(*TABLES))]
