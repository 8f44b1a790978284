"""Handing over and back on a page that works in a keeper's hand: meters, notes, who was there, pictures, damage.

Pictures are shown to those concerned only, never by the public media address.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from xiepai.bookings import services
from xiepai.bookings.access import is_keeper_of
from xiepai.bookings.models import Booking, BookingState, DamageClaim, Handover
from xiepai.bookings.models_settlement import Direction
from xiepai.bookings.selectors import get_booking
from xiepai.bookings.selectors_use import get_picture
from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.kernel.money import Money
from xiepai.parties.access import Actor
from xiepai.parties.limits import count
from xiepai.parties.models import Role
from xiepai.places.units import unit_word
from xiepai.web import formats
from xiepai.web.refusals import attempt, put_in_form
from xiepai.web.requests import Request

A_DAY = 24 * 3600
#: Units that are read from a meter; other extras are noted by the piece.
METERED = frozenset({"度", "千瓦时", "kWh", "kwh", "吨", "t", "立方米", "立方", "m³", "m3"})


class PicturesInput(forms.FileInput):
    """A file input that takes several."""

    allow_multiple_selected = True


class PicturesField(forms.FileField):
    """Pictures, possibly none."""

    def __init__(self, **options: Any) -> None:
        camera = {"capture": "environment"} if options.pop("camera", False) else {"multiple": True}
        widget = PicturesInput(attrs={"accept": "image/jpeg,image/png,image/webp", **camera})
        super().__init__(required=False, widget=widget, **options)

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        """A list of files."""
        given = data if isinstance(data, list | tuple) else [data]
        return [file for each in given if (file := super(PicturesField, self).clean(each, initial))]


class WithPictures(forms.Form):
    """Pictures from the camera and from the album, as bytes."""

    camera = PicturesField(label=gettext_lazy("拍照"), camera=True)
    album = PicturesField(label=gettext_lazy("从相册选"))

    def pictures(self) -> list[bytes]:
        """What was handed in."""
        return [file.read() for name in ("camera", "album") for file in self.cleaned_data[name]]


class HandoverForm(WithPictures):
    """Who was there, what the meters say, what the place looks like."""

    keeper_present = forms.CharField(label=gettext_lazy("场地方签字"), max_length=60)
    crew_present = forms.CharField(label=gettext_lazy("剧组签字"), max_length=60)
    condition = forms.CharField(
        label=gettext_lazy("现场情况"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )

    field_order = ("condition", "camera", "album", "keeper_present", "crew_present")

    def __init__(self, data: Any, files: Any, *, row: Booking, before: Handover | None, actor: Actor) -> None:
        super().__init__(data, files, initial={"keeper_present": actor.name})
        self.meters: list[str] = []
        begun = before.readings if before else None
        for extra in row.tariff.extras.all() if row.tariff else ():
            if extra.code not in begun if begun is not None else extra.unit not in METERED:
                continue
            name = f"reading-{extra.code}"
            label = extra.label_en if formats.is_english() and extra.label_en else extra.label
            self.meters.append(name)
            self.fields[name] = forms.DecimalField(
                label=_("%(label)s读数（%(unit)s）") % {"label": label, "unit": unit_word(extra.unit)},
                help_text=_("进场读数 %(reading)s") % {"reading": begun[extra.code]} if begun else "",
                required=begun is not None,
                min_value=Decimal(begun[extra.code]) if begun else Decimal(0),
                max_digits=12,
                decimal_places=3,
                widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
            )

    def readings(self) -> dict[str, Decimal]:
        """Meter code → reading, of the meters that were read."""
        read = {name.removeprefix("reading-"): self.cleaned_data[name] for name in self.meters}
        return {code: value for code, value in read.items() if value is not None}


class ClaimForm(WithPictures):
    """What is damaged and what it costs."""

    description = forms.CharField(
        label=gettext_lazy("损坏情况"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    amount = forms.DecimalField(
        label=gettext_lazy("索赔金额（元）"),
        min_value=Decimal("0.01"),
        max_digits=11,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )

    field_order = ("description", "amount", "camera", "album")


@require_http_methods(["GET", "POST"])
def hand_over(request: Request, booking_id: int) -> HttpResponse:
    """进场: the crew takes the place over."""
    return _handover(request, booking_id, Direction.IN)


@require_http_methods(["GET", "POST"])
def take_back(request: Request, booking_id: int) -> HttpResponse:
    """撤场: the crew hands the place back."""
    return _handover(request, booking_id, Direction.OUT)


def _handover(request: Request, booking_id: int, direction: Direction) -> HttpResponse:
    row = get_booking(request.actor, booking_id)
    _require_keeper(request.actor, row)
    is_in = direction == Direction.IN
    if row.state != (BookingState.CONFIRMED if is_in else BookingState.IN_USE):
        messages.error(request, _("预订现在是“%(state)s”，不能做这次交接。") % {"state": row.get_state_display()})
        return redirect("crew:booking", booking_id)
    before = None if is_in else row.handovers.filter(direction=Direction.IN).first()
    posted = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = HandoverForm(*posted, row=row, before=before, actor=request.actor)
    if request.method == "POST" and form.is_valid():
        count("upload", request.actor.person_id)
        deed = services.hand_over if is_in else services.take_back
        try:
            deed(
                actor=request.actor,
                booking_id=booking_id,
                readings=form.readings(),
                condition=form.cleaned_data["condition"],
                crew_present=form.cleaned_data["crew_present"],
                keeper_present=form.cleaned_data["keeper_present"],
                photos=form.pictures(),
            )
        except XiepaiError as refusal:
            put_in_form(form, refusal)
        else:
            messages.success(request, _("已进场。") if is_in else _("已撤场。"))
            return redirect("crew:booking", booking_id)
    context = {"booking": row, "form": form, "is_in": is_in, "before": before}
    return render(request, "crew/handover.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def claim(request: Request, booking_id: int) -> HttpResponse:
    """The keeper claims damage."""
    row = get_booking(request.actor, booking_id)
    _require_keeper(request.actor, row)
    until = services.claim_until(row)
    if row.state != BookingState.HANDED_BACK or until is None:
        messages.error(request, _("撤场之后、结算之前才能索赔。"))
        return redirect("crew:booking", booking_id)
    posted = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = ClaimForm(*posted)
    if request.method == "POST" and form.is_valid():
        count("upload", request.actor.person_id)
        try:
            services.claim_damage(
                actor=request.actor,
                booking_id=booking_id,
                description=form.cleaned_data["description"],
                amount=Money(int(form.cleaned_data["amount"] * 100)),
                photos=form.pictures(),
            )
        except XiepaiError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("已提出索赔，剧组会收到通知。"))
            return redirect("crew:booking", booking_id)
    context = {"booking": row, "form": form, "until": until, "hours": services.CLAIM_HOURS}
    return render(request, "crew/claim.html", context, status=422 if form.errors else 200)


@require_POST
def answer(request: Request, claim_id: int) -> HttpResponse:
    """The crew accepts a claim or disputes it."""
    words, accepted = request.POST.get("answer", ""), "accept" in request.POST
    deed = services.answer_claim
    attempt(
        request,
        lambda: deed(actor=request.actor, claim_id=claim_id, accepted=accepted, answer=words),
        _("已认可索赔。") if accepted else _("已提出异议，由协拍办裁定。"),
    )
    return _to_booking_of(request, claim_id)


@require_POST
def decide(request: Request, claim_id: int) -> HttpResponse:
    """The office decides."""
    words, upheld = request.POST.get("answer", ""), "uphold" in request.POST
    deed = services.decide_claim
    attempt(request, lambda: deed(actor=request.actor, claim_id=claim_id, upheld=upheld, answer=words), _("已裁定。"))
    return _to_booking_of(request, claim_id)


@require_POST
def sign(request: Request, handover_id: int) -> HttpResponse:
    """The crew signs a handover from its own account."""
    rows: list[Handover] = []
    deed = services.sign_handover
    attempt(request, lambda: rows.append(deed(actor=request.actor, handover_id=handover_id)), _("已签认。"))
    return redirect("crew:booking", rows[0].booking_id) if rows else redirect("crew:bookings")


@require_POST
def pictures(request: Request, handover_id: int) -> HttpResponse:
    """Either side adds pictures."""
    row = Handover.objects.filter(pk=handover_id).first()
    if row is None:
        raise not_found()
    get_booking(request.actor, row.booking_id)
    form = WithPictures(request.POST, request.FILES)
    if form.is_valid():
        count("upload", request.actor.person_id)
        deed, photos = services.add_pictures, form.pictures()
        attempt(request, lambda: deed(actor=request.actor, handover_id=handover_id, photos=photos), _("照片已保存。"))
    return redirect("crew:booking", row.booking_id)


@require_POST
def extra(request: Request, booking_id: int) -> HttpResponse:
    """The keeper notes so many units of an extra."""
    code = request.POST.get("code", "")
    field = forms.DecimalField(min_value=0, max_digits=12, decimal_places=3)
    try:
        quantity = field.clean(request.POST.get("quantity", ""))
    except forms.ValidationError as error:
        get_booking(request.actor, booking_id)
        messages.error(request, " ".join(error.messages))
        return redirect("crew:booking", booking_id)
    deed = services.record_extra
    attempt(
        request, lambda: deed(actor=request.actor, booking_id=booking_id, code=code, quantity=quantity), _("已保存。")
    )
    return redirect("crew:booking", booking_id)


@require_safe
def picture(request: Request, photo_id: int, size: str) -> FileResponse:
    """A picture of a handover or a claim, for those concerned."""
    photo = get_picture(request.actor, photo_id)
    file = photo.thumbnail if size == "small" else photo.image
    try:
        answer = FileResponse(file.open("rb"), content_type="image/jpeg")
    except FileNotFoundError as error:
        raise not_found() from error
    answer["Cache-Control"] = f"private, max-age={A_DAY}, immutable"
    answer["Content-Disposition"] = "inline"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


def _require_keeper(actor: Actor, row: Booking) -> None:
    if not is_keeper_of(actor, row):
        raise XiepaiError(ErrorCode.FORBIDDEN, needed=str(Role.KEEPER.label))


def _to_booking_of(request: Request, claim_id: int) -> HttpResponse:
    found = DamageClaim.objects.filter(pk=claim_id).values_list("booking_id", flat=True).first()
    return redirect("crew:booking", found) if found else redirect("crew:bookings")
