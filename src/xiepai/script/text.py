"""Characters: what is invisible is taken out, widths are equal, dashes and brackets are of one kind.

Two depths: :func:`clean` for every line that is kept (nothing visible changes), :func:`plain` for what the grammar
of headings looks at (full-width and half-width are the same to it). Neither fails on any text.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff\ufff9-\uffff\ud800-\udfff]"
)
_DASHES = re.compile("[‐‑‒–—―−─━﹣－]+")
_SPACES = re.compile(r"\s+")
_BRACKETS = str.maketrans("【〔〖《「『】〕〗》」』〈〉{}•‧・●∙｡│┃丨¦", "[[[<[[]]]>]]<>[]·····。||||")
_EDGES = re.compile(r"^[#>*_~`\s]+|[*_~`\s]+$")


def clean(text: str) -> str:
    """Without control and invisible characters, without blanks at the end; a tab stays.

    >>> clean("日\\u200b 内\\u3000客厅 \\x0c")
    '日 内\\u3000客厅'
    """
    return _INVISIBLE.sub("", text.replace("\x0b", " ")).rstrip()


@lru_cache(maxsize=8192)
def plain(text: str) -> str:
    """What the grammar reads: one width, one kind of dash, bracket and blank, no marks of Markdown at the edges.

    >>> plain("**３－１２　【日】　内　客厅**")
    '3-12 [日] 内 客厅'
    """
    same = (
        unicodedata.normalize("NFKC", _QUOTED_NAME.sub(r"“\1”", _LIST_POINT.sub(". ", text)))
        .translate(_BRACKETS)
        .replace("**", "")
    )
    return _EDGES.sub("", _SPACES.sub(" ", _DASHES.sub("-", same)))


_QUOTED_NAME = re.compile(r"(?<=[\u4e00-\u9fff])[「『]([^「『」』]{1,8})[」』]")
"""茶馆「听雨」 is a name with quotes, not a bracket."""
_LIST_POINT = re.compile(r"．(?=\d+\s*[栋幢号座层楼室单])")
"""7．12栋: the point numbers a list, the digits behind it belong to a house."""
_ORNAMENT = re.compile(r"^(?:[^\w\s\[(#△▲Δ∆▽▼|-]|-(?=[\s-])|=)+\s*")
_TAIL = re.compile(r"(?:[^\w\s\])>.:。、,!?…]|\s-)+$")


def unadorned(text: str) -> str:
    """Without what stands around headings in some scripts, and before actions in others.

    >>> [unadorned(each) for each in ("◆1-1 日 内 客厅", "- 第一场 -", "===S#3===", "-3", "△笑")]
    ['1-1 日 内 客厅', '第一场', 'S#3', '-3', '△笑']
    """
    inner = _ORNAMENT.sub("", text)
    return _TAIL.sub("", inner).rstrip() if inner != text else text


_TRADITIONAL = str.maketrans("內場時間點號員鏡黃閃憶夢轉霧陰畫", "内场时间点号员镜黄闪忆梦转雾阴画")


@lru_cache(maxsize=8192)
def simplified(text: str) -> str:
    """The signs that words of headings are made of, in their simplified form; as long as before.

    >>> simplified("場次：3 時間：黃昏 地點：劇場（內）")
    '场次：3 时间：黄昏 地点：劇场（内）'
    """
    return text.translate(_TRADITIONAL)


def restored(piece: str, text: str) -> str:
    """A piece of a simplified *text* as it was written.

    >>> restored("劇场", "地點：劇場（內）")
    '劇場'
    """
    at = simplified(text).find(piece)
    return text[at : at + len(piece)] if at >= 0 else piece


def columns(text: str) -> int:
    """How many half-width columns a text takes: a Chinese character takes two.

    As many as the bytes of the old Chinese encoding, in which a dash or a quotation mark is as wide as a character.

    >>> columns("3-12 客厅")
    9
    """
    return len(text.encode("gbk", "replace"))


def has_chinese(text: str) -> bool:
    """Whether a Chinese character is in it."""
    return any("\u4e00" <= sign <= "\u9fff" for sign in text)
