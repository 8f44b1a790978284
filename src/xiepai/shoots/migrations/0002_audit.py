"""Every write to a breakdown, a plan or a call sheet leaves an audit row, or the database refuses it at commit."""

from django.db import migrations

from xiepai.kernel.audit import unwatch_sql, watch_sql

TABLES = (
    "shoots_script",
    "shoots_scene",
    "shoots_castrole",
    "shoots_storyplace",
    "shoots_candidate",
    "shoots_plan",
    "shoots_planday",
    "shoots_strip",
    "shoots_planbooking",
    "shoots_callsheet",
    "shoots_wrap",
)


class Migration(migrations.Migration):
    dependencies = [("shoots", "0001_initial"), ("kernel", "0002_guards")]

    operations = [migrations.RunSQL(watch_sql(*TABLES), unwatch_sql(*TABLES))]
