"""What a place is found by: its names, words and terms as tokens, written with the place by its services.

Refused: anything locked until a hold; a search must not tell what a page hides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from xiepai.places.models import Place, Term, Vocabulary
from xiepai.places.search_words import sort_key, tokens_of

#: (vocabulary, code) → the term in Chinese and in English
Labels = Mapping[tuple[str, str], tuple[str, str]]

_INDEXED = (Vocabulary.TOWN, Vocabulary.CATEGORY, Vocabulary.STYLE)


def labels_of_vocabularies() -> dict[tuple[str, str], tuple[str, str]]:
    """The words of every term a place is found by: one query."""
    terms = Term.objects.filter(vocabulary__in=_INDEXED).values_list("vocabulary", "code", "zh", "en")
    return {(vocabulary, code): (zh, en) for vocabulary, code, zh, en in terms}


def document(place: Place, labels: Labels | None = None) -> str:
    """What *place* is found by, for ``Place.search_text``; fields locked until a hold are left out.

    Pass *labels* when writing many places, else the vocabularies are read each time.
    """
    known = labels_of_vocabularies() if labels is None else labels
    terms = [(Vocabulary.CATEGORY, code) for code in place.categories]
    terms += [(Vocabulary.STYLE, code) for code in place.styles]
    terms.append((Vocabulary.TOWN, place.town))
    words = [known.get(term, (term[1], "")) for term in terms]
    names = [place.name, *place.aliases, *(zh for zh, _ in words)]
    texts = [place.name_en, place.code, *(en for _, en in words)]
    if "description" not in place.locked_fields:
        texts.append(place.description)
    return tokens_of(names, texts)


def rewrite_documents(places: Iterable[Place]) -> int:
    """Write document and sort key of *places* again, after a vocabulary's words changed; the caller audits."""
    labels = labels_of_vocabularies()
    rows = list(places)
    for place in rows:
        place.search_text, place.sort_key = document(place, labels), sort_key(place.name)
    return Place.objects.bulk_update(rows, ["search_text", "sort_key"], batch_size=500)
