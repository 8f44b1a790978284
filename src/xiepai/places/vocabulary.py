"""The office's word lists, read once and asked many times: which codes exist, what a word means, how a code is shown.

Refused: guessing. A word that means two codes means none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from xiepai.places.models import Term, Vocabulary


@dataclass(frozen=True, slots=True)
class Word:
    """A term as plain values."""

    code: str
    zh: str
    en: str
    is_active: bool

    def label(self, language: str) -> str:
        """The word in that language (``zh-hans``, ``en``), Chinese where there is no English."""
        return (self.en or self.zh) if language.startswith("en") else self.zh


@dataclass(frozen=True)
class WordList:
    """One vocabulary in its order."""

    vocabulary: str
    words: tuple[Word, ...] = ()
    by_code: dict[str, Word] = field(default_factory=dict)
    meanings: dict[str, str | None] = field(default_factory=dict)

    @classmethod
    def of(cls, vocabulary: str, words: Iterable[Word]) -> WordList:
        """Index *words*; a spelling shared by several codes means none of them, unless it is a code itself."""
        kept = tuple(words)
        meanings: dict[str, str | None] = {}
        for word in kept:
            for text in {word.zh.casefold(), word.en.casefold()} - {""}:
                meanings[text] = None if text in meanings else word.code
        meanings.update({word.code.casefold(): word.code for word in kept})
        return cls(vocabulary, kept, {word.code: word for word in kept}, meanings)

    def code_of(self, text: str) -> str | None:
        """The code a person means by *text* (code, Chinese or English), None when unknown or ambiguous."""
        return self.meanings.get(text.strip().casefold())

    def label(self, code: str, language: str = "zh-hans") -> str:
        """How *code* is shown; a code nobody knows is shown as it is."""
        word = self.by_code.get(code)
        return word.label(language) if word else code

    def spelling(self, code: str) -> str:
        """The Chinese word when it leads back to *code*, else the code: what an export writes."""
        word = self.by_code.get(code)
        return word.zh if word and self.code_of(word.zh) == code else code


Words = dict[str, WordList]


def read_words() -> Words:
    """Every vocabulary: one query."""
    rows: dict[str, list[Word]] = {str(name): [] for name in Vocabulary.values}
    terms = Term.objects.order_by("vocabulary", "position", "code")
    for vocabulary, code, zh, en, is_active in terms.values_list("vocabulary", "code", "zh", "en", "is_active"):
        rows.setdefault(vocabulary, []).append(Word(code, zh, en, is_active))
    return {name: WordList.of(name, words) for name, words in rows.items()}
