"""Which industry cluster of the city a company belongs to: a word of the office's own list, set by the office.

Refused: a word that is not on the list or not offered any more, and everybody but the office.
"""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xiepai.kernel import audit
from xiepai.parties.access import Actor, require
from xiepai.parties.models import Organisation, Role
from xiepai.parties.services import lock_organisation
from xiepai.places.errors import invalid
from xiepai.places.models import Vocabulary
from xiepai.places.vocabulary import Word, read_words

SETTERS = (Role.OFFICER, Role.ADMINISTRATOR)


def clusters() -> tuple[Word, ...]:
    """The city's clusters in their order."""
    return read_words()[str(Vocabulary.CLUSTER)].words


def set_cluster(*, actor: Actor, organisation_id: int, cluster: str) -> Organisation:
    """Put a company into a cluster, or into none; a retired one stays where it was."""
    require(actor, *SETTERS)
    with transaction.atomic():
        row = lock_organisation(actor, organisation_id)
        if cluster == row.cluster:
            return row
        if cluster and cluster not in {word.code for word in clusters() if word.is_active}:
            raise invalid(_("没有这个产业集聚区。"))
        before = audit.snapshot(row)
        row.cluster = cluster
        row.save(update_fields=["cluster"])
        audit.record("parties.organisation.clustered", row, actor=actor, before=before, organisation_id=row.pk)
    return row
