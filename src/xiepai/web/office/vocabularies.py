"""The word lists of the city, edited by the office: towns, categories, styles, facilities, restrictions."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from xiepai.kernel.errors import XiepaiError
from xiepai.places.models import Term, Vocabulary
from xiepai.places.services.vocabulary import add_term, rename_term, restore_term, retire_term
from xiepai.web.refusals import tell
from xiepai.web.requests import Request


class TermForm(forms.Form):
    """A new word."""

    code = forms.SlugField(label=gettext_lazy("代码"), max_length=40, help_text=gettext_lazy("小写字母，之后不再改"))
    zh = forms.CharField(label=gettext_lazy("中文"), max_length=40)
    en = forms.CharField(label=gettext_lazy("英文"), max_length=80, required=False)


@require_http_methods(["GET", "POST"])
def vocabularies(request: Request) -> HttpResponse:
    """One list at a time: its words, and a form for a new one."""
    chosen = request.GET.get("list", "")
    chosen = chosen if chosen in Vocabulary.values else str(Vocabulary.CATEGORY)
    form = TermForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            add_term(actor=request.actor, vocabulary=chosen, **form.cleaned_data)
        except XiepaiError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("已加入词表。"))
            return redirect(f"{reverse('office:vocabularies')}?list={chosen}")
    terms = Term.objects.filter(vocabulary=chosen).order_by("-is_active", "position", "code")
    context = {"form": form, "terms": terms, "chosen": chosen, "lists": Vocabulary.choices}
    return render(request, "office/vocabularies.html", context, status=422 if form.errors else 200)


@require_POST
def change(request: Request, term_id: int) -> HttpResponse:
    """Rename a word, take it out of the choice, or offer it again."""
    deed = request.POST.get("deed")
    try:
        if deed == "retire":
            term = retire_term(actor=request.actor, term_id=term_id)
        elif deed == "restore":
            term = restore_term(actor=request.actor, term_id=term_id)
        else:
            zh, en = request.POST.get("zh", ""), request.POST.get("en", "")
            term = rename_term(actor=request.actor, term_id=term_id, zh=zh, en=en)
    except XiepaiError as refusal:
        tell(request, refusal)
        return redirect("office:vocabularies")
    messages.success(request, _("词表已更新。"))
    return redirect(f"{reverse('office:vocabularies')}?list={term.vocabulary}")
