"""An organisation's history includes its members, invitations and tokens: a partial index finds them."""

from django.db import migrations

MAKE = """
CREATE INDEX audit_of_organisation ON kernel_auditentry (organisation_id, id)
  WHERE object_type IN ('parties.membership', 'parties.invitation', 'parties.apitoken')
"""


class Migration(migrations.Migration):
    dependencies = [("parties", "0004_notices"), ("kernel", "0003_rates_unlogged")]
    operations = [migrations.RunSQL(MAKE, "DROP INDEX audit_of_organisation")]
