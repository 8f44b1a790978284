"""Which places a need may mean: a place by its name, else every place the words find, else by category.

A wording is searched once; more searches follow only when nothing is found or when there are too many hits to
judge here. Nothing is guessed in silence: ``Found`` says how the words were understood.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from xiepai.bookings.matching.board import PlaceFacts
from xiepai.bookings.needs import NeedRow
from xiepai.parties.access import Actor
from xiepai.places.models import Term, Vocabulary
from xiepai.places.search import SearchQuery, search
from xiepai.places.search_words import fold, query_terms, tokens_of

#: hits looked at for one wording
HITS = 60
FIRST = 5
NAMED, NAME, CATEGORY, TEXT = 0, 1, 2, 3


@dataclass(frozen=True, slots=True)
class Found:
    """The places a wording found, best first, and how it was understood.

    ``how`` is ``words``, ``part`` (only *matched* of the words was found), ``category`` or ``nothing``.
    """

    place_ids: tuple[int, ...]
    how: str
    matched: str


class Finder:
    """Searches for one actor, remembering every wording and the vocabularies."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self._known: dict[SearchQuery, tuple[tuple[int, ...], int]] = {}
        terms = Term.objects.filter(is_active=True, vocabulary__in=[Vocabulary.CATEGORY, Vocabulary.TOWN])
        self.labels = {(term.vocabulary, term.code): (term.zh, term.en) for term in terms}

    def find(self, need: NeedRow) -> Found:
        """The places this need may mean, at most ``HITS + FIRST``."""
        for how, wording in _wordings(need.words):
            ids, total = self._search(SearchQuery(words=wording, page_size=HITS))
            if ids:
                if total > len(ids):
                    # the first few stay: a place of exactly that name comes first, free or not
                    ids = _joined(ids[:FIRST], self._narrow(need, words=wording) or ids)
                return Found(ids, how, wording)
        categories = self.categories_in(need.words)
        if categories:
            ids = self._narrow(need, categories=categories)
            if ids:
                named = "、".join(self.label(Vocabulary.CATEGORY, code) for code in categories)
                return Found(ids, "category", named)
        return Found((), "nothing", need.words)

    def similar(self, need: NeedRow, place: PlaceFacts) -> tuple[int, ...]:
        """Places of the same category that could take the need's place."""
        ids = self._narrow(need, categories=place.categories[:1])
        return tuple(other for other in ids if other != place.id)

    def tier(self, found: Found, place: PlaceFacts) -> int:
        """How close a place is to the words: its own name, in its name, by category, mentioned."""
        wanted = fold(found.matched)
        if wanted in {fold(name) for name in (place.name, place.name_en, place.code, *place.aliases) if name}:
            return NAMED
        names = [place.name, place.name_en, *place.aliases]
        if _holds(names, wanted):
            return NAME
        labels = [word for code in place.categories for word in self.labels.get(("category", code), (code, ""))]
        if found.how == "category" or _holds([*names, *labels], wanted):
            return CATEGORY
        return TEXT

    def town_code(self, town: str) -> str | None:
        """The code of a town by its code, name or the beginning of its name."""
        wanted = fold(town)
        for (vocabulary, code), (zh, en) in self.labels.items():
            if vocabulary == Vocabulary.TOWN and wanted in {fold(code), fold(zh), fold(en), fold(zh[:-1])}:
                return code
        return None

    def label(self, vocabulary: str, code: str) -> str:
        """The Chinese word of a term."""
        return self.labels.get((vocabulary, code), (code, ""))[0]

    def categories_in(self, words: str) -> tuple[str, ...]:
        """Categories whose name stands in the words, longest first."""
        text = fold(words)
        found = [
            (len(zh), code)
            for (vocabulary, code), (zh, en) in self.labels.items()
            if vocabulary == Vocabulary.CATEGORY and ((zh and fold(zh) in text) or (en and fold(en) == text))
        ]
        return tuple(code for _, code in sorted(found, reverse=True))[:2]

    def _narrow(self, need: NeedRow, *, words: str = "", categories: tuple[str, ...] = ()) -> tuple[int, ...]:
        """The same, limited to what could hold the crew and, when the hours are fixed, is free then."""
        is_one_span = need.is_fixed and len(need.first_days) == 1
        query = SearchQuery(
            words=words,
            categories=categories,
            sound_needed=need.sound_needed,
            people=need.people,
            free=need.windows(need.first_days[0])[0] if is_one_span else None,
            units=need.units,
            bookable_only=True,
            page_size=HITS,
        )
        return self._search(query)[0]

    def _search(self, query: SearchQuery) -> tuple[tuple[int, ...], int]:
        if query not in self._known:
            page = search(self.actor, query)
            self._known[query] = (tuple(row.id for row in page.rows), page.total)
        return self._known[query]


def _wordings(words: str) -> Iterable[tuple[str, str]]:
    """The words as written, then without what stands in brackets, then their parts, longest first."""
    yield "words", words
    bare = " ".join(re.sub(r"\(.*?\)|\[.*?\]|【.*?】|（.*?）", " ", words).split())
    if bare and bare != words:
        yield "words", bare
    parts = [part for part in re.split(r"[\s、,，/·\-–—+;；]+", bare) if len(part) > 1]
    if len(parts) > 1:
        for part in sorted(parts, key=len, reverse=True)[:3]:
            yield "part", part


def _holds(texts: list[str], wanted: str) -> bool:
    tokens = set(tokens_of([text for text in texts if text], []).split())
    terms = query_terms(wanted)
    return bool(terms) and all(
        term in tokens or (unfinished and any(token.startswith(term) for token in tokens)) for term, unfinished in terms
    )


def _joined(first: tuple[int, ...], second: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(dict.fromkeys((*first, *second)))
