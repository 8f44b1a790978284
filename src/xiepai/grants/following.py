"""Which works changed below: read from the audit trail, so that no floor below has to know of grants.

Every write of bookings, works and papers leaves an audit row; what was written since the last look names the works to
evaluate anew. The last ``OVERLAP`` rows are looked at twice, because a row with a lower number may be committed
later; evaluating twice writes nothing. What a very late commit leaves out comes at night.
"""

from __future__ import annotations

from django.db import connection, transaction

from xiepai.grants.entitling import evaluate_subjects
from xiepai.grants.models import Follower

OVERLAP = 500
MOST_AT_ONCE = 20_000
_WORKS = """
WITH seen AS (
  SELECT object_type, object_id FROM kernel_auditentry WHERE id > %s AND id <= %s
    AND object_type = ANY(ARRAY['productions.work', 'productions.paper', 'bookings.booking', 'bookings.settlement',
      'bookings.handover', 'parties.organisation'])
)
SELECT object_id FROM seen WHERE object_type = 'productions.work'
UNION SELECT p.work_id FROM seen s JOIN productions_paper p ON p.id = s.object_id
  WHERE s.object_type = 'productions.paper'
UNION SELECT b.work_id FROM seen s JOIN bookings_booking b ON b.id = s.object_id
  WHERE s.object_type = 'bookings.booking' AND b.work_id IS NOT NULL
UNION SELECT b.work_id FROM seen s JOIN bookings_settlement t ON t.id = s.object_id
  JOIN bookings_booking b ON b.id = t.booking_id WHERE s.object_type = 'bookings.settlement' AND b.work_id IS NOT NULL
UNION SELECT b.work_id FROM seen s JOIN bookings_handover h ON h.id = s.object_id
  JOIN bookings_booking b ON b.id = h.booking_id WHERE s.object_type = 'bookings.handover' AND b.work_id IS NOT NULL
UNION SELECT w.id FROM seen s JOIN productions_work w ON w.organisation_id = s.object_id
  WHERE s.object_type = 'parties.organisation'
"""


def follow_changes() -> int:
    """Evaluate the works named since the last look; returns how many."""
    with transaction.atomic():
        follower, is_new = Follower.objects.select_for_update().get_or_create(name="audit")
        with connection.cursor() as cursor:
            cursor.execute("SELECT COALESCE(max(id), 0) FROM kernel_auditentry")
            newest = int(cursor.fetchone()[0])
            if is_new:  # what was before the first look is the night's business
                follower.last_id = newest
                follower.save()
                return 0
            upto = min(newest, follower.last_id + MOST_AT_ONCE)
            cursor.execute(_WORKS, [max(0, follower.last_id - OVERLAP), upto])
            works = [row[0] for row in cursor.fetchall()]
        evaluate_subjects(work_ids=works)
        follower.last_id = upto
        follower.save()
    return len(works)
