"""The wall nothing is booked through twice, and the audit watch."""

from django.db import migrations

from xiepai.kernel.audit import unwatch_sql, watch_sql
from xiepai.kernel.sql import read

TABLES = (
    "bookings_bundle",
    "bookings_booking",
    "bookings_waitingentry",
    "bookings_needlist",
)


class Migration(migrations.Migration):
    dependencies = [("bookings", "0002_initial"), ("places", "0002_tree")]
    operations = [
        migrations.RunSQL(read(__file__, "wall"), read(__file__, "wall_down")),
        migrations.RunSQL(
            read(__file__, "take"),
            "DROP FUNCTION bookings_take, bookings_first_obstacle, bookings_obstacle, bookings_expire_in_passing",
        ),
        migrations.RunSQL(watch_sql(*TABLES), unwatch_sql(*TABLES)),
    ]
