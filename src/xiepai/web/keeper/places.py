"""One place's details, pictures, contacts and standing: the pages its keeper edits them on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from xiepai.kernel.errors import XiepaiError, not_found
from xiepai.places import services
from xiepai.places.access import LOCKABLE_OF_CONTACT
from xiepai.places.keeping import kept_place
from xiepai.places.models import Contact, Photo, Place
from xiepai.places.services.contacts import LOCKED_UNLESS_SAID
from xiepai.web.keeper.forms import NewPlaceForm, PlaceForm, message_of
from xiepai.web.refusals import add_refusal, tell
from xiepai.web.requests import Request

MOST_FILES = 20


class ManyFiles(forms.ClearableFileInput):
    """A chooser for several files at once."""

    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Several pictures; what they are is decided by their content, in the service."""

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """The files."""
        files = data if isinstance(data, list | tuple) else [data]
        if len(files) > MOST_FILES:
            raise forms.ValidationError(_("一次最多 %(n)s 张。") % {"n": MOST_FILES})
        return [forms.FileField.clean(self, each, initial) for each in files]


class UploadForm(forms.Form):
    """Pictures and one caption for all of them."""

    pictures = PhotosField(
        label=gettext_lazy("照片（JPEG、PNG、WebP）"),
        widget=ManyFiles(attrs={"accept": "image/jpeg,image/png,image/webp", "multiple": True}),
        help_text=gettext_lazy("每张最多 15 MB；会缩到 2000 像素，拍摄信息和坐标会去掉。"),
    )
    caption = forms.CharField(
        label=gettext_lazy("说明"),
        required=False,
        max_length=120,
        help_text=gettext_lazy("照片上有什么；看不见的人靠它了解。"),
    )


class ContactForm(forms.Form):
    """Whom to call, and what of it stays hidden until a hold."""

    name = forms.CharField(label=gettext_lazy("姓名"), max_length=60)
    duty = forms.CharField(label=gettext_lazy("职责"), required=False, max_length=60)
    phone = forms.CharField(label=gettext_lazy("电话"), required=False, max_length=30)
    wechat = forms.CharField(label=gettext_lazy("微信"), required=False, max_length=60)
    email = forms.EmailField(label=gettext_lazy("电子邮箱"), required=False)
    locked_fields = forms.MultipleChoiceField(
        label=gettext_lazy("预留后才显示"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        initial=LOCKED_UNLESS_SAID,
    )

    def __init__(self, data: Any = None, *, contact: Contact | None = None) -> None:
        initial = {name: getattr(contact, name) for name in (*LOCKABLE_OF_CONTACT, "locked_fields")} if contact else {}
        super().__init__(data, initial=initial, auto_id=f"contact{contact.pk if contact else ''}_%s")
        labels = [(name, self.fields[name].label) for name in LOCKABLE_OF_CONTACT]
        self.fields["locked_fields"].choices = labels  # type: ignore[attr-defined]


@require_http_methods(["GET", "POST"])
def new(request: Request) -> HttpResponse:
    """A new place, or one under another; three things are mandatory."""
    above = request.GET.get("parent", "")
    parent = kept_place(request.actor, int(above)) if above.isdigit() and len(above) < 15 else None
    form = NewPlaceForm(request.POST or None, actor=request.actor, parent=parent)
    if request.method == "POST" and form.is_valid():
        try:
            place = services.create_place(actor=request.actor, **form.cleaned_data)
        except XiepaiError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(
                request, _("已建立“%(name)s”，等协拍办公开。接着可以加照片和价目。") % {"name": place.name}
            )
            return redirect("keeper:photos", place.pk)
    context = {"form": form, "parent": parent}
    return render(request, "keeper/new.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def details(request: Request, place_id: int) -> HttpResponse:
    """The fields of a place, in groups; only what was changed is written."""
    place = kept_place(request.actor, place_id)
    form = PlaceForm(request.POST or None, place=place)
    if request.method == "POST" and form.is_valid():
        try:
            services.update_place(actor=request.actor, place_id=place_id, **form.changes())
        except XiepaiError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("已保存。"))
            return redirect("keeper:place", place_id)
    return show(request, "details", place, {"form": form}, failed=bool(form.errors))


@require_http_methods(["GET", "POST"])
def photos(request: Request, place_id: int) -> HttpResponse:
    """The pictures: several at once, each kept or refused by itself."""
    place = kept_place(request.actor, place_id)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        kept = 0
        for upload in form.cleaned_data["pictures"]:
            try:
                services.add_photo(
                    actor=request.actor, place_id=place_id, data=upload.read(), caption=form.cleaned_data["caption"]
                )
            except XiepaiError as refusal:
                form.add_error("pictures", f"{upload.name}：{refusal}")
            else:
                kept += 1
        if kept:
            messages.success(request, _("已加 %(n)s 张照片。") % {"n": kept})
        if not form.errors:
            return redirect("keeper:photos", place_id)
    context = {"form": form, "photos": list(Photo.objects.filter(place=place))}
    return show(request, "photos", place, context, failed=bool(form.errors))


@require_POST
def photo(request: Request, place_id: int, photo_id: int) -> HttpResponse:
    """Describe, move or remove one picture of the place."""
    kept_place(request.actor, place_id)
    order = list(Photo.objects.filter(place=place_id).values_list("pk", flat=True))
    deed = request.POST.get("deed", "")
    if photo_id not in order:
        deed = ""
    deeds: dict[str, Callable[[], object]] = {
        "caption": lambda: services.caption_photo(
            actor=request.actor, photo_id=photo_id, caption=request.POST.get("caption", "")
        ),
        "remove": lambda: services.remove_photo(actor=request.actor, photo_id=photo_id),
        "first": lambda: _reorder(request, place_id, order, photo_id, -len(order)),
        "earlier": lambda: _reorder(request, place_id, order, photo_id, -1),
        "later": lambda: _reorder(request, place_id, order, photo_id, 1),
    }
    return act(request, deeds.get(deed), _("照片已更新。"), "keeper:photos", place_id)


@require_http_methods(["GET", "POST"])
def contacts(request: Request, place_id: int) -> HttpResponse:
    """Whom to call: one form each, and one more for a new person."""
    place = kept_place(request.actor, place_id)
    rows = list(place.contacts.order_by("id"))
    number = request.POST.get("contact", "")
    chosen = next((row for row in rows if str(row.pk) == number), None)
    form = ContactForm(request.POST or None, contact=chosen)
    if request.method == "POST" and form.is_valid():
        try:
            if chosen is None:
                services.add_contact(actor=request.actor, place_id=place_id, **form.cleaned_data)
            else:
                services.update_contact(actor=request.actor, contact_id=chosen.pk, **form.cleaned_data)
        except XiepaiError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("联系人已保存。"))
            return redirect("keeper:contacts", place_id)
    forms_of = [(row, form if row is chosen else ContactForm(contact=row)) for row in rows]
    context = {"rows": forms_of, "form": form if chosen is None else ContactForm()}
    return show(request, "contacts", place, context, failed=bool(form.errors))


@require_POST
def contact_remove(request: Request, place_id: int, contact_id: int) -> HttpResponse:
    """Take a contact off the place."""
    place = kept_place(request.actor, place_id)
    there = place.contacts.filter(pk=contact_id).exists()
    deed = (lambda: services.remove_contact(actor=request.actor, contact_id=contact_id)) if there else None
    return act(request, deed, _("联系人已删除。"), "keeper:contacts", place_id)


# What the pages of a place share.


def show(request: Request, tab: str, place: Place, context: dict[str, Any], *, failed: bool = False) -> HttpResponse:
    """A page of the place, with the tabs to the others."""
    whole = {"place": place, "tab": tab, **context}
    return render(request, f"keeper/{tab}.html", whole, status=422 if failed else 200)


def act(
    request: Request, deed: Callable[[], object] | None, done: str, view_name: str, *arguments: object
) -> HttpResponse:
    """Do one thing, say how it went, and go back to the page."""
    try:
        if deed is None:
            raise not_found()
        deed()
    except XiepaiError as refusal:
        tell(request, refusal)
    else:
        messages.success(request, done)
    return redirect(view_name, *arguments)


def complain(request: Request, form: forms.BaseForm) -> None:
    """What a small form was refused for, above the page."""
    messages.error(request, message_of(form))


def _reorder(request: Request, place_id: int, order: list[int], photo_id: int, step: int) -> object:
    at = order.index(photo_id)
    rest = [pk for pk in order if pk != photo_id]
    rest.insert(min(max(at + step, 0), len(rest)), photo_id)
    return services.reorder_photos(actor=request.actor, place_id=place_id, photo_ids=rest)
