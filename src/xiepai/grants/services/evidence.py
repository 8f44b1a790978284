"""Evidence of a company: handed in, verified, refused, taken back. The bytes are kept once, under their digest.

Refused: what ``productions.uploads`` and the installation's checker refuse, evidence for an application of another
company or one that is not the company's to write now, changing what the office has verified. The same file or invoice
elsewhere is no refusal but is shown to the office and told to the company (``doubles``).
"""

from __future__ import annotations

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _

from xiepai.grants import access
from xiepai.grants.checking import check_file
from xiepai.grants.errors import invalid, wrong_state
from xiepai.grants.models import Application, Evidence, EvidenceState, StoredFile
from xiepai.grants.states import WRITABLE
from xiepai.kernel import audit, clock
from xiepai.kernel.errors import not_found
from xiepai.parties.access import Actor
from xiepai.places.fields import tidy_text
from xiepai.productions.models import Work
from xiepai.productions.uploads import Upload, read_upload


def attach_evidence(
    *,
    actor: Actor,
    organisation_id: int,
    kind: str,
    data: bytes,
    file_name: str = "",
    document_number: str = "",
    amount_fen: int | None = None,
    work_id: int | None = None,
    application_id: int | None = None,
) -> Evidence:
    """Hand evidence in (PDF, JPEG, PNG up to 20 MB) for a company, a work of it or an application of it."""
    access.require_company(actor, organisation_id)
    upload = read_upload(data, file_name)
    if not kind.strip():
        raise invalid(_("请写明材料的种类。"))
    scanned = check_file(upload.data, upload.content_type, upload.name)
    with transaction.atomic():
        _check_place(actor, organisation_id, work_id, application_id)
        evidence = Evidence(
            organisation_id=organisation_id, work_id=work_id, application_id=application_id,
            kind=tidy_text(kind)[:120], name=upload.name, document_number=tidy_text(document_number)[:80],
            amount_fen=amount_fen, stored=store_file(upload, scanned), uploaded_by_id=actor.person_id,
            uploaded_at=clock.now(),
        )  # fmt: skip
        evidence.save(force_insert=True)
        audit.record("grants.evidence.attached", evidence, actor=actor)
    return evidence


def store_file(upload: Upload, scanned: str = "") -> StoredFile:
    """The bytes under their digest, with what checked them; what is there already is not stored twice."""
    found = StoredFile.objects.filter(sha256=upload.sha256).first()
    if found is not None:
        return found
    stored = StoredFile(sha256=upload.sha256, content_type=upload.content_type, size_bytes=len(upload.data))
    stored.created_at = clock.now()
    stored.scanned_at, stored.scan_result = (clock.now(), scanned) if scanned else (None, "")
    name = f"{upload.sha256[:2]}/{upload.sha256}{upload.extension}"
    storage = stored.file.storage
    stored.file.name = f"grants/{name}"
    if not storage.exists(stored.file.name):
        storage.save(stored.file.name, ContentFile(upload.data))
    StoredFile.objects.bulk_create([stored], ignore_conflicts=True)  # of two at once the first one's row stays
    return StoredFile.objects.get(sha256=upload.sha256)


def verify_evidence(*, actor: Actor, evidence_id: int, note: str = "") -> Evidence:
    """The office has seen it and it is in order."""
    return _check(actor, evidence_id, EvidenceState.VERIFIED, note, "grants.evidence.verified")


def reject_evidence(*, actor: Actor, evidence_id: int, note: str) -> Evidence:
    """The office does not accept it, and says why."""
    if not note.strip():
        raise invalid(_("请写明不采信的原因。"))
    return _check(actor, evidence_id, EvidenceState.REJECTED, note, "grants.evidence.rejected")


def withdraw_evidence(*, actor: Actor, evidence_id: int) -> Evidence:
    """The company takes back what is not verified; the bytes stay, they may be somebody else's too."""
    with transaction.atomic():
        evidence = _locked(actor, evidence_id)
        access.require_company(actor, evidence.organisation_id)
        if evidence.state == EvidenceState.VERIFIED:
            raise invalid(_("材料已经核实，不能撤回。"))
        if evidence.application is not None:
            require_open_for_papers(actor, evidence.application)
        before = audit.snapshot(evidence)
        evidence.state = EvidenceState.WITHDRAWN.value
        evidence.save(update_fields=["state"])
        audit.record("grants.evidence.withdrawn", evidence, actor=actor, before=before)
    return evidence


def _check(actor: Actor, evidence_id: int, state: EvidenceState, note: str, event: str) -> Evidence:
    with transaction.atomic():
        evidence = _locked(actor, evidence_id)
        access.require_reader(actor)
        if evidence.state == EvidenceState.WITHDRAWN:
            raise invalid(_("材料已经撤回。"))
        before = audit.snapshot(evidence)
        evidence.state, evidence.note = state.value, note.strip()[:200]
        evidence.verified_by_id, evidence.verified_at = actor.person_id, clock.now()
        evidence.save()
        audit.record(event, evidence, actor=actor, before=before)
    return evidence


def _locked(actor: Actor, evidence_id: int) -> Evidence:
    rows = access.visible_evidence(actor).select_for_update(of=("self",))
    found = rows.select_related("stored", "application").filter(pk=evidence_id).first()
    if found is None:
        raise not_found()
    return found


def require_open_for_papers(actor: Actor, application: Application) -> None:
    """Refuse a company that would add or take back papers when the application is not its to write."""
    if application.state not in WRITABLE and not actor.is_officer:
        raise wrong_state(application.number, application.state, _("增减材料"))


def _check_place(actor: Actor, organisation_id: int, work_id: int | None, application_id: int | None) -> None:
    if work_id is not None and not Work.objects.filter(pk=work_id, organisation=organisation_id).exists():
        raise not_found()
    if application_id is not None:
        own = Application.objects.select_for_update(no_key=True).filter(pk=application_id, organisation=organisation_id)
        application = own.first()
        if application is None:
            raise not_found()
        require_open_for_papers(actor, application)
