"""公示 for everybody: what is proposed, for how long, objections by a form and a receipt to follow them by.

Against machines without following people: a field nobody sees, a form that was open for some seconds, and a count a
network address (kept as a digest for an hour). Refused: showing who objected.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from xiepai.grants import publishing
from xiepai.grants.documents.notice import measures_said, notice_pdf
from xiepai.grants.models import NoticeItem, PublicNotice
from xiepai.grants.services.objections import LONGEST, MOST_BYTES, objection_by_receipt, receipt_of, receive_objection
from xiepai.kernel import clock
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.parties.limits import count
from xiepai.web.requests import Request, client_address
from xiepai.web.spreadsheets import table_file, yuan

LEAST_SECONDS, MOST_SECONDS = 3, 24 * 3600
_SIGNER = signing.TimestampSigner(salt="public.objection")


class ObjectionForm(forms.Form):
    """An objection; ``website`` is for machines only."""

    item = forms.TypedChoiceField(label=gettext_lazy("对哪一项有异议"), required=False, coerce=int, empty_value=None)
    name = forms.CharField(label=gettext_lazy("姓名或单位"), max_length=80)
    contact = forms.CharField(
        label=gettext_lazy("联系方式"), max_length=120, help_text=gettext_lazy("只有协拍办能看到，用来核实和答复。")
    )
    text = forms.CharField(
        label=gettext_lazy("异议和理由"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 5})
    )
    file = forms.FileField(
        label=gettext_lazy("附件"), required=False, max_length=120,
        help_text=gettext_lazy("PDF、JPEG 或 PNG，最大 10 MB；只有协拍办能看到。"),
        widget=forms.ClearableFileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
    )  # fmt: skip
    website = forms.CharField(required=False, widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}))
    opened = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, notice: PublicNotice, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        lines = [(str(item.pk), f"{item.position}. {item.applicant} {item.subject}") for item in notice.items.all()]
        self.fields["item"].choices = [("", _("整份公示")), *lines]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A machine is told the same as a person who was too quick or too slow."""
        given = super().clean() or {}
        try:
            opened = _SIGNER.unsign_object(given.get("opened", ""), max_age=MOST_SECONDS)
            is_late_enough = clock.now().timestamp() - float(opened) >= LEAST_SECONDS
        except (signing.BadSignature, ValueError, TypeError):
            is_late_enough = False
        if given.get("website") or not is_late_enough:
            raise forms.ValidationError(_("表单提交得太快或放得太久，请再提交一次。"))
        return given


@require_safe
def listing(request: Request) -> HttpResponse:
    """Every notice, those open first."""
    today = clock.today()
    rows = [(notice, publishing.is_open(notice, today)) for notice in publishing.public_notices()]
    rows.sort(key=lambda pair: not pair[1])
    return render(request, "public/notices.html", {"rows": rows})


@require_safe
def notice(request: Request, notice_id: int) -> HttpResponse:
    """One notice with its lines and, while it is open, the form for an objection."""
    found = publishing.public_notice(notice_id)
    return _page(request, found, ObjectionForm(found, initial=_opened()))


def _opened() -> dict[str, str]:
    return {"opened": _SIGNER.sign_object(clock.now().timestamp())}


def _page(request: Request, found: PublicNotice, form: ObjectionForm, status: int = 200) -> HttpResponse:
    items = list(found.items.all())
    context = {
        "notice": found,
        "items": items,
        "measures_of": measures_said,
        "total_fen": sum(item.amount_fen for item in items),
        "is_open": publishing.is_open(found, clock.today()),
        "form": form,
    }
    return render(request, "public/notice.html", context, status=status)


@require_safe
def as_pdf(request: Request, notice_id: int) -> HttpResponse:
    """The notice on paper."""
    found = publishing.public_notice(notice_id)
    answer = HttpResponse(notice_pdf(found), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{found.number}.pdf"'
    return answer


@require_safe
def as_csv(request: Request, notice_id: int) -> Any:
    """The notice's lines as a sheet."""
    found = publishing.public_notice(notice_id)
    return table_file("csv", found.number, _rows(found))


def _rows(found: PublicNotice) -> Any:
    yield [_("序号"), _("申报单位"), _("代码"), _("作品"), _("政策条目"), _("拟奖补金额（元）")]
    for item in found.items.all():
        yield [item.position, item.applicant, item.identifier, item.subject, _said(item), yuan(item.amount_fen)]


def _said(item: NoticeItem) -> str:
    return measures_said(item)


@require_POST
def object_to(request: Request, notice_id: int) -> HttpResponse:
    """Take an objection and show its receipt."""
    found = publishing.public_notice(notice_id)
    form = ObjectionForm(found, request.POST, request.FILES)
    if not form.is_valid():
        form.data = form.data.copy() | _opened()  # type: ignore[attr-defined]
        return _page(request, found, form, 422)
    try:
        count("object_from", client_address(request))
        given = form.cleaned_data
        paper = given["file"]
        if paper is not None and paper.size > MOST_BYTES:
            raise XiepaiError(ErrorCode.INVALID, detail=_("附件最大 {most} MB。").format(most=MOST_BYTES // 1_000_000))
        row = receive_objection(
            actor=request.actor,
            notice_id=found.pk,
            item_id=given["item"],
            name=given["name"],
            contact=given["contact"],
            text=given["text"],
            data=paper.read() if paper is not None else b"",
            file_name=paper.name if paper is not None else "",
        )
    except XiepaiError as refusal:
        if refusal.code is ErrorCode.NOT_FOUND:
            raise
        form.add_error(None, str(refusal))
        return _page(request, found, form, refusal.http_status)
    messages.success(request, _("异议已收到。请记下回执号，凭它查看答复。"))
    return redirect(f"{reverse('public:objection')}?receipt={receipt_of(row)}")


@require_safe
def objection(request: Request) -> HttpResponse:
    """What became of an objection, by its receipt."""
    receipt = request.GET.get("receipt", "").strip()[:40]
    found, is_wrong = None, False
    if receipt:
        try:
            found = objection_by_receipt(receipt)
        except XiepaiError:
            is_wrong = True
    context = {"receipt": receipt, "objection": found, "is_wrong": is_wrong}
    return render(request, "public/objection.html", context, status=404 if is_wrong else 200)
