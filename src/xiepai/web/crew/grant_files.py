"""Papers of an application: handed in whole or piece by piece, looked at, taken back.

A file leaves the house as a download of a type we name ourselves; what is shown in a page is a picture drawn anew by a
process of its own (``grants.previewing``). Refused: another company's papers, and papers when it is not our turn.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from xiepai.grants import access
from xiepai.grants.doubles import warnings_of
from xiepai.grants.models import Evidence, PendingUpload
from xiepai.grants.previewing import PreviewError, preview
from xiepai.grants.services import uploads
from xiepai.grants.services.evidence import attach_evidence, withdraw_evidence
from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.parties.limits import count, count_here
from xiepai.productions.uploads import LARGEST_BYTES
from xiepai.web.crew.grant_application import get_application
from xiepai.web.refusals import attempt, tell
from xiepai.web.requests import Request

A_DAY = 86_400
_OFFSET = re.compile(r"\d{1,9}")


@require_POST
def attach(request: Request, application_id: int) -> HttpResponse:
    """Hand a paper in by an ordinary form."""
    row = get_application(request, application_id)
    count("upload", request.actor.person_id)
    try:
        file = request.FILES.get("file")
        if file is None:
            raise XiepaiError(ErrorCode.INVALID, detail=_("请选择文件。"))
        if (file.size or 0) > LARGEST_BYTES:
            raise XiepaiError(ErrorCode.FILE_SIZE, size=f"{(file.size or 0) / 2**20:.1f} MB", limit="20.0 MB")
        evidence = attach_evidence(
            actor=request.actor, organisation_id=row.organisation_id, work_id=row.work_id, application_id=row.pk,
            kind=request.POST.get("kind", ""), data=file.read(), file_name=file.name or "",
            document_number=request.POST.get("number", ""), amount_fen=_fen(request.POST.get("amount", "")),
        )  # fmt: skip
    except XiepaiError as refusal:
        tell(request, refusal)
    else:
        messages.success(request, _("已收到“%(name)s”。") % {"name": evidence.name})
        if warnings_of(request.actor, [evidence]):
            messages.warning(request, double_words())
    return redirect(f"{redirect('crew:grant', application_id).url}#papers")


def double_words() -> str:
    """What is said where the same file or number is elsewhere too."""
    return _("同一文件或票号也出现在别处，协拍办会一并核对；确属同一张票，请在补充说明里写明缘由。")


@require_POST
def withdraw(request: Request, evidence_id: int) -> HttpResponse:
    """Take a paper back."""
    row = _evidence(request, evidence_id)
    attempt(request, lambda: withdraw_evidence(actor=request.actor, evidence_id=evidence_id), _("已撤回。"))
    if row.application_id is None:
        return redirect("crew:grants")
    return redirect(f"{redirect('crew:grant', row.application_id).url}#papers")


@require_safe
def file(request: Request, evidence_id: int) -> FileResponse:
    """The file as it was handed in."""
    row = _evidence(request, evidence_id)
    try:
        stream = row.stored.file.open("rb")
    except FileNotFoundError as error:
        raise not_found() from error
    answer = FileResponse(stream, as_attachment=True, filename=row.name, content_type=row.stored.content_type)
    return _private(answer)


@require_safe
def picture(request: Request, evidence_id: int) -> HttpResponse:
    """The first page as a PNG drawn anew."""
    row = _evidence(request, evidence_id)
    count_here("preview", request.actor.person_id)
    try:
        with row.stored.file.open("rb") as stream:
            drawn = preview(stream.read(), row.stored.content_type)
    except (FileNotFoundError, PreviewError) as error:
        raise not_found() from error
    answer = _private(HttpResponse(drawn, content_type="image/png"))
    answer["Cache-Control"] = f"private, max-age={A_DAY}, immutable"
    return answer


def _private(answer: Any) -> Any:
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cache-Control"] = "private, no-store"
    return answer


def _evidence(request: Request, evidence_id: int) -> Evidence:
    row = access.visible_evidence(request.actor).select_related("stored").filter(pk=evidence_id).first()
    if row is None:
        raise not_found()
    return row


@require_POST
def begin(request: Request, application_id: int) -> HttpResponse:
    """Announce a file; says how much of it is here already, and how large a piece may be."""
    get_application(request, application_id)
    count("upload", request.actor.person_id)
    size = request.POST.get("size", "")

    def deed() -> PendingUpload:
        return uploads.begin_upload(
            actor=request.actor, application_id=application_id, kind=request.POST.get("kind", ""),
            name=request.POST.get("name", ""), size_bytes=int(size) if _OFFSET.fullmatch(size) else 0,
            sha256=request.POST.get("sha256", ""), document_number=request.POST.get("number", ""),
            amount_fen=_fen(request.POST.get("amount", "")),
        )  # fmt: skip

    return _told(deed)


@require_http_methods(["GET", "HEAD", "POST"])
def piece(request: Request, key: str) -> HttpResponse:
    """GET: how much is here. POST ``?offset=N``: the next piece; one that does not follow is answered with 409."""
    if request.method != "POST":
        return _told(lambda: uploads.get_upload(request.actor, key))
    offset, data = request.GET.get("offset", ""), request.body
    if not _OFFSET.fullmatch(offset) or len(data) > uploads.PIECE_BYTES:
        raise XiepaiError(ErrorCode.INVALID, detail=_("分段不对。"))
    end = int(offset) + len(data)
    return _told(lambda: uploads.receive_piece(actor=request.actor, key=key, offset=int(offset), data=data), end)


@require_POST
def finish(request: Request, key: str) -> HttpResponse:
    """The file is whole: check its digest and hand it in."""
    try:
        evidence = uploads.finish_upload(actor=request.actor, key=key)
    except XiepaiError as refusal:
        return _refused(refusal)
    messages.success(request, _("已收到“%(name)s”。") % {"name": evidence.name})
    is_double = bool(warnings_of(request.actor, [evidence]))
    if is_double:
        messages.warning(request, double_words())
    return JsonResponse({"evidence": evidence.pk, "sha256": evidence.stored.sha256, "is_double": is_double})


def _told(deed: Any, end: int | None = None) -> HttpResponse:
    try:
        upload: PendingUpload = deed()
    except XiepaiError as refusal:
        return _refused(refusal)
    follows = end is None or upload.received_bytes == end
    told = {
        "key": upload.key,
        "received": upload.received_bytes,
        "size": upload.size_bytes,
        "piece": uploads.PIECE_BYTES,
    }
    return JsonResponse(told, status=200 if follows else 409)


def _refused(refusal: XiepaiError) -> JsonResponse:
    return JsonResponse({"code": refusal.code.value, "detail": str(refusal)}, status=refusal.http_status)


def _fen(text: str) -> int | None:
    """元 as fen; nothing where it is no amount."""
    try:
        amount = Decimal(text.replace(",", "").strip())
    except InvalidOperation:
        return None
    return int(amount * 100) if amount.is_finite() and 0 <= amount < 10**11 else None
