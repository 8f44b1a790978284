"""Rate counters are not worth a flush to disk: the table is unlogged (empty after a crash)."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("kernel", "0002_guards")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE kernel_ratewindow SET UNLOGGED",
            "ALTER TABLE kernel_ratewindow SET LOGGED",
        ),
    ]
