"""Words of the vocabularies, edited by the office without code.

Codes never change, and a word is retired, not deleted: places keep what they were told. Refused: a label that
already means another word of the same list.
"""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xiepai.kernel import audit
from xiepai.kernel.errors import not_found
from xiepai.parties.access import Actor
from xiepai.places import access
from xiepai.places.errors import invalid
from xiepai.places.fields import tidy_text
from xiepai.places.models import Place, Term, Vocabulary
from xiepai.places.search import rewrite_documents
from xiepai.places.vocabulary import read_words


def add_term(*, actor: Actor, vocabulary: str, code: str, zh: str, en: str = "", position: int | None = None) -> Term:
    """A new word; its Chinese label must not already mean another code of the same list."""
    access.require_vocabulary_editor(actor)
    if vocabulary not in Vocabulary.values:
        raise not_found()
    with transaction.atomic():
        _lock(vocabulary)
        if position is None:
            last = Term.objects.filter(vocabulary=vocabulary).order_by("-position").first()
            position = last.position + 10 if last else 10
        term = Term(vocabulary=vocabulary, code=code.strip(), zh=tidy_text(zh), en=tidy_text(en), position=position)
        _check(term)
        term.save(force_insert=True)
        audit.record("places.term.added", term, actor=actor)
    return term


def rename_term(
    *, actor: Actor, term_id: int, zh: str | None = None, en: str | None = None, position: int | None = None
) -> Term:
    """Change what a word is called or where it stands; places keep the code and are found by the new name."""
    with transaction.atomic():
        term = _locked(actor, term_id)
        before = audit.snapshot(term)
        term.zh = term.zh if zh is None else tidy_text(zh)
        term.en = term.en if en is None else tidy_text(en)
        term.position = term.position if position is None else position
        if audit.snapshot(term) == before:
            return term
        _check(term)
        term.save()
        audit.record("places.term.renamed", term, actor=actor, before=before)
        if (term.zh, term.en) != (before["zh"], before["en"]):
            rewrite_documents(_places_with(term))
    return term


def retire_term(*, actor: Actor, term_id: int) -> Term:
    """Take a word out of the choice; places that have it keep it."""
    return _set_active(actor, term_id, False, "places.term.retired")


def restore_term(*, actor: Actor, term_id: int) -> Term:
    """Offer a retired word again."""
    return _set_active(actor, term_id, True, "places.term.restored")


def _set_active(actor: Actor, term_id: int, is_active: bool, event: str) -> Term:
    with transaction.atomic():
        term = _locked(actor, term_id)
        if term.is_active is not is_active:
            before = audit.snapshot(term)
            term.is_active = is_active
            term.save(update_fields=["is_active"])
            audit.record(event, term, actor=actor, before=before)
    return term


def _locked(actor: Actor, term_id: int) -> Term:
    access.require_vocabulary_editor(actor)
    term = Term.objects.select_for_update().filter(pk=term_id).first()
    if term is None:
        raise not_found()
    _lock(term.vocabulary)
    return term


def _lock(vocabulary: str) -> None:
    list(Term.objects.select_for_update().filter(vocabulary=vocabulary).order_by("pk").values_list("pk"))


def _check(term: Term) -> None:
    try:
        term.clean_fields()
    except ValidationError as error:
        raise invalid("；".join(error.messages)) from error
    others = read_words()[term.vocabulary]
    for text in {term.code, term.zh, term.en} - {""}:
        meant = others.meanings.get(text.casefold(), term.code)
        if meant != term.code:
            raise invalid(_("“{text}”在这个词表里已经指别的词。"), text=text)
    if term._state.adding and term.code in others.by_code:
        raise invalid(_("词表里已经有代码“{code}”。"), code=term.code)


def _places_with(term: Term) -> list[Place]:
    """The places that are found by the term (facilities and restrictions are facets, not words)."""
    conditions = {
        str(Vocabulary.TOWN): Q(town=term.code),
        str(Vocabulary.CATEGORY): Q(categories__contains=[term.code]),
        str(Vocabulary.STYLE): Q(styles__contains=[term.code]),
    }
    condition = conditions.get(term.vocabulary)
    return list(Place.objects.filter(condition).order_by("pk")) if condition else []
