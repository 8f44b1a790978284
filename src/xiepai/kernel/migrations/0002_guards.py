"""Extensions and the triggers that keep the audit trail whole."""

from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension
from django.db import migrations

from xiepai.kernel.sql import read


class Migration(migrations.Migration):
    dependencies = [("kernel", "0001_initial")]
    operations = [
        BtreeGistExtension(),
        TrigramExtension(),
        migrations.RunSQL(
            read(__file__, "guards"),
            """
            DROP TRIGGER audit_append_only ON kernel_auditentry;
            DROP TRIGGER audit_marks ON kernel_auditentry;
            DROP FUNCTION kernel_audit_is_append_only, kernel_mark_audited, kernel_require_audit,
              kernel_require_read_committed;
            """,
        ),
    ]
