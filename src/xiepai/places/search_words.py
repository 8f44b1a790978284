"""What a text is found by: characters, pairs of characters, words, pinyin.

A place's document is a list of tokens; a query is the tokens that must all be there. Chinese is cut
into single characters and overlapping pairs, so that every part of a name finds it without a dictionary
(ADR 0020). Names also carry pinyin from each syllable on, full and as initials, matched by beginning.
Pure functions, no database. Refused: guessing at words, and any text that a query could smuggle into SQL:
a token holds letters, digits or one symbol, nothing else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

from pypinyin import Style, lazy_pinyin

LONGEST_TOKEN = 40
LONGEST_QUERY = 120
MOST_TERMS = 24
SORT_KEY_LENGTH = 200

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af々〇"
# a run of Han characters | of letters (no digits) | of digits | one symbol such as an emoji
_PIECES = re.compile(rf"(?P<han>[{_HAN}]+)|(?P<latin>[^\W\d_{_HAN}]+)|(?P<digits>\d+)|(?P<symbol>[^\w\s])")
_APOSTROPHES = re.compile("['’‘`´]")  # xi'an is typed as xian


def fold(text: str) -> str:
    """One spelling for what people type: full width, capitals, accents and apostrophes are levelled.

    >>> fold("Ｃａｆé  XI’AN lǜ")
    'cafe xian lv'
    """
    # levelled before and after lowering: a decorated capital is a plain one first
    small = unicodedata.normalize("NFKD", text).lower()
    loose = unicodedata.normalize("NFKD", small).replace("u\u0308", "v")
    bare = "".join(sign for sign in loose if not unicodedata.combining(sign))
    return " ".join(_APOSTROPHES.sub("", unicodedata.normalize("NFC", bare)).split())


def _pieces(folded: str) -> Iterator[tuple[str, str, int]]:
    """(kind, text, end) of each run; punctuation is no run."""
    for found in _PIECES.finditer(folded):
        kind = found.lastgroup or ""
        if kind != "symbol" or unicodedata.category(found[0]) == "So":
            yield kind, found[0], found.end()


def text_tokens(text: str) -> Iterator[str]:
    """Characters and pairs of Chinese, whole words of anything else; ``a101`` is found as ``101`` too."""
    folded = fold(text)
    chain: list[str] = []
    reached = -1
    for kind, piece, end in _pieces(folded):
        if kind in {"latin", "digits"}:
            chain = [*chain, piece] if end - len(piece) == reached else [piece]
            yield from ("".join(chain[start:])[:LONGEST_TOKEN] for start in range(len(chain)))
            reached = end
        elif kind == "han":
            yield from piece
            yield from (piece[at : at + 2] for at in range(len(piece) - 1))
        else:
            yield piece


def pinyin_tokens(name: str) -> Iterator[str]:
    """Pinyin of a name from each syllable on: in full and as initials.

    >>> sorted(pinyin_tokens("审讯室"))
    ['shenxunshi', 'shi', 'sxs', 'xs', 'xunshi']
    """
    full: list[str] = []
    short: list[str] = []
    for kind, piece, _ in _pieces(fold(name)):
        if kind == "han":
            syllables = lazy_pinyin(piece, style=Style.NORMAL)
            full += syllables
            short += [syllable[0] for syllable in syllables]
        elif kind != "symbol":
            full.append(piece)
            short.append(piece if kind == "digits" else piece[0])
    for at in range(len(full)):
        yield "".join(full[at:])[:LONGEST_TOKEN]
        if at < len(full) - 1:
            yield "".join(short[at:])[:LONGEST_TOKEN]


@lru_cache(maxsize=8192)
def _name_tokens(name: str) -> tuple[str, ...]:
    return (*text_tokens(name), *pinyin_tokens(name))


def tokens_of(names: Iterable[str], texts: Iterable[str]) -> str:
    """The document of a place: its tokens once each, joined by single spaces (no token holds a space).

    *names* are found by pinyin too, *texts* by their own characters only.
    """
    found: dict[str, None] = {}
    for name in names:
        found.update(dict.fromkeys(_name_tokens(name)))
    for text in texts:
        found.update(dict.fromkeys(text_tokens(text)))
    return " ".join(found)


def query_terms(words: str) -> list[tuple[str, bool]]:
    """What a document must hold for *words*: tokens, and whether the beginning of one is enough.

    Chinese must stand there in the same pairs; anything else may be unfinished ("sj", "shui"). A single
    letter or digit must stand alone (A座, 3号棚). Only the first 120 characters and 24 terms count.

    >>> query_terms("审讯室 SJ 3")
    [('审讯', False), ('讯室', False), ('sj', True), ('3', False)]
    >>> query_terms("' & | ! :* ()")
    []
    """
    terms: dict[tuple[str, bool], None] = {}
    pending, reached = "", -1
    for kind, piece, end in [*_pieces(fold(words[:LONGEST_QUERY])), ("end", "", -2)]:
        if kind in {"latin", "digits"} and end - len(piece) == reached:
            pending, reached = pending + piece, end
            continue
        if pending:
            terms[pending[:LONGEST_TOKEN], len(pending) > 1] = None
        pending, reached = (piece, end) if kind in {"latin", "digits"} else ("", -1)
        if kind == "han" and len(piece) > 1:
            terms.update(dict.fromkeys((piece[at : at + 2], False) for at in range(len(piece) - 1)))
        elif kind in {"han", "symbol"}:
            terms[piece, False] = None
    return list(terms)[:MOST_TERMS]


def tsquery(words: str) -> str | None:
    """*words* as the text of a PostgreSQL ``tsquery``; None when nothing in them can be looked for.

    >>> tsquery("咖啡馆 kaf")
    "'咖啡' & '啡馆' & 'kaf':*"
    """
    terms = query_terms(words)
    return " & ".join(f"'{token}'{':*' if unfinished else ''}" for token, unfinished in terms) or None


@lru_cache(maxsize=4096)
def sort_key(name: str) -> str:
    """The order of names in pinyin, tones and whole numbers counted; the wheel's PostgreSQL has no ICU.

    >>> sorted(["医院", "3号棚", "10号棚", "白宫", "Bar"], key=sort_key)
    ['3号棚', '10号棚', '白宫', 'Bar', '医院']
    """
    parts: list[str] = []
    for kind, piece, _ in _pieces(fold(name)):
        if kind == "han":
            parts += lazy_pinyin(piece, style=Style.TONE3, neutral_tone_with_five=True)
        elif kind == "digits":
            parts.append(piece.zfill(9))
        else:
            parts.append(piece)
    return " ".join(parts)[:SORT_KEY_LENGTH]
