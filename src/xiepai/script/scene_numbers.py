"""Scene and episode numbers at the head of a line, in the forms writers use, and how far each form is to be trusted.

``PAIR`` 3-12, 场3-12, 3.12 · ``FULL`` 第3集第12场, EP3 SC12 · ``SCENE`` 第12场, 场景12, 12场, Scene 12 ·
``WEAK`` 12、 12. (12) 一、, which any list may have. Dates and ranges (11-25日, 2026-11-25, 3-5人) are none of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from xiepai.script.numerals import SIGNS, number
from xiepai.script.text import unadorned


class Form(StrEnum):
    """How a number is written."""

    PAIR = "pair"
    FULL = "full"
    SCENE = "scene"
    WEAK = "weak"
    LEARNT = "learnt"
    NONE = "none"

    @property
    def is_strong(self) -> bool:
        """Whether the form alone says that this is a scene."""
        return self in (Form.PAIR, Form.FULL, Form.SCENE, Form.LEARNT)


@dataclass(frozen=True, slots=True)
class Numbered:
    """A number found at the head of a line and what follows it."""

    form: Form
    episode: int | None
    number: str
    rest: str
    is_tight: bool = False
    """Whether other words follow the number without anything between: 7-11便利店."""


NUM = rf"[{SIGNS}]{{1,6}}"
_WORD = r"(?:场景|场次号|场次|场号|场|镜|SCENE|SC|S|NO)"
_END = r"(?:场戏|场次|场|幕|景)"
_NO_DATE = r"日(?!\s*[/·,、|\-]?\s*[内外景转夜\s/\])]|$)"
_NOT_A_DATE = rf"(?![\d%]|\s*[-./:]\s*\d|[年月号点人个万元天岁层楼折秒分度只块栋幢座]|\s*班|{_NO_DATE})"
_PAIR = (
    rf"(?:{_WORD}\s*[:.#|-]?\s*)?#?\(?(?P<e>\d{{1,3}})(?:\s*[-_]\s*|\.)(?P<s>\d{{1,3}})(?P<x>[A-Z](?![A-Z])|-\d(?!\d))?\)?"
    rf"{_NOT_A_DATE}\s*(?:{_END}(?=[\s:,、]|$))?[.、]?"
)
_FORMS: tuple[tuple[Form, re.Pattern[str]], ...] = tuple(
    (form, re.compile(pattern, re.IGNORECASE))
    for form, pattern in (
        (Form.FULL, rf"第?\s*(?P<e>{NUM})\s*[集回]\s*[-·,:、\s]*第?\s*(?P<s>{NUM})(?P<x>[A-Z](?![A-Z]))?\s*{_END}"),
        (
            Form.FULL,
            r"E(?:P(?:ISODE)?)?[.\s]*(?P<e>\d{1,3})[\s\-,·:]*S(?:C(?:ENE)?)?[.\s]*(?P<s>\d{1,3})(?P<x>[A-Z](?![A-Z]))?",
        ),
        (Form.FULL, r"S\d{1,2}\s*E(?P<e>\d{1,3})\s*[-_.:·\s]\s*(?P<s>\d{1,3})(?P<x>[A-Z](?![A-Z]))?(?!\d)"),
        (Form.FULL, rf"第\s*(?P<e>{NUM})\s*[集回]\s*[-·,:、\s]+(?P<s>\d{{1,3}})(?P<x>[A-Z](?![A-Z]))?(?=[\s.、,:])"),
        (
            Form.PAIR,
            _PAIR,
        ),
        (Form.SCENE, rf"第\s*{NUM}\s*幕\s*[-·,:、\s]*第\s*(?P<s>{NUM})(?P<x>[A-Z](?![A-Z]))?\s*[场景]"),
        (Form.SCENE, rf"第\s*(?P<s>{NUM})(?P<x>[A-Z](?![A-Z]))?\s*{_END}"),
        (
            Form.SCENE,
            rf"{_WORD}\s*[:.#|]?\s*\(?(?P<p>[序尾])?\s*(?P<s>{NUM})(?P<x>[A-Z](?![A-Z]))?\)?(?=地点|[\s、.,:()\[\]\-/|·]|$)[.、]?",
        ),
        (
            Form.SCENE,
            r"(?P<s>\d{1,4}|[一二三四五六七八九十百]{1,4})(?P<x>[A-Z](?![A-Z]))?\s*(?:场戏|场)(?=[\s、.,:()\[\]\-/|·]|$)",
        ),
        (Form.WEAK, r"#?(?P<s>\d{1,4})(?P<x>[A-Z](?![A-Z]))?\s*(?:、|。|[.,):;](?!\d))"),
        (Form.WEAK, rf"[(]\s*(?P<s>{NUM})(?P<x>[A-Z](?![A-Z]))?\s*[)]"),
        (Form.WEAK, r"(?P<s>[一二三四五六七八九十百]{1,4})(?P<x>)[、.,]"),
        (
            Form.WEAK,
            r"(?P<s>\d{1,4})(?P<x>)(?=[\u4e00-\u9fff·-]{2,14}(?:[日夜晨昏晚](?:内外|内|外)景?|(?:内外|内|外)景?[日夜晨昏晚])$)",
        ),
        (Form.WEAK, r"#(?P<s>\d{1,4})(?P<x>[A-Z](?![A-Z]))?(?=\s)"),
        (
            Form.WEAK,
            r"(?P<s>\d{1,4})(?P<x>[A-Z](?![A-Z]))?(?=[\s/|·\[(]|[日夜晨昏内外](?:[/\s]|,\s*[内外]|内|外|景)|(?:时间|地点|场景|人物)\s*:)",
        ),
        (Form.WEAK, r"(?P<p>序|楔子|引子|尾声)(?P<s>)(?P<x>)[、.,:]"),
    )
)
_EPISODE_FIRST = re.compile(
    rf"第\s*(?P<e>{NUM})\s*[集回]\s*[:\]\s]\s*(?=\[?\s*(?:第|场次?|场景)?\s*[\d一二三四五六七八九十])"
)
"""第一集 1-1 …: the episode before a number that stands for itself."""
_HEAD = re.compile(
    rf"[\[(#]?\s*(?:[0-9第场镜序楔引尾ES#N]|{NUM}\s*[集回场、.,)]|[一二三四五六七八九十]|\()", re.IGNORECASE
)
EPISODE = re.compile(
    rf"^\[?\s*(?:第\s*(?P<a>{NUM})\s*[集回](?:开始|开场|正文)?(?!\s*[完终])|(?:EP(?:ISODE)?|E)[.\s]*(?P<b>\d{{1,3}})(?![\d-]))\s*\]?"
    r"(?:(?P<gap>[\s:：《<\[(·,、\-.]+)(?P<title>[^。！？!?]{0,30}?)[》>\])]*)?$",
    re.IGNORECASE,
)
_OF_A_DRAMA = re.compile(rf"^[^。,:<>]{{0,24}}<[^<>]{{0,30}}>\s*(?=第\s*{NUM}\s*[集回])")
"""《湖畔来信》第一集."""
_END_MARK = re.compile(r"[完终]\s*[\])]*$|^(?:完|终|结束)$")


def numbered(text: str) -> Numbered | None:
    """The number at the head of a plain line.

    >>> [
    ...     (n.form.value, n.episode, n.number, n.rest)
    ...     for n in map(numbered, ("3-12 日", "第三集第十二场 夜", "12A、日"))
    ... ]
    [('pair', 3, '12', '日'), ('full', 3, '12', '夜'), ('weak', None, '12A', '日')]
    >>> [numbered(each) for each in ("11-25日，晴", "2026-11-25 晴", "3-5人", "小美：好")]
    [None, None, None, None]
    """
    if not _HEAD.match(text):
        return None
    inner = text[1:].lstrip() if text[0] == "[" else text
    if match := _EPISODE_FIRST.match(inner):
        found = numbered(inner[match.end() :])
        if found and found.form.is_strong:
            return found if found.episode is not None else replace(found, episode=number(match["e"]), form=Form.FULL)
    for form, pattern in _FORMS:
        if match := pattern.match(inner):
            return _found(form, match, inner)
    return None


def _found(form: Form, match: re.Match[str], text: str) -> Numbered:
    groups = match.groupdict()
    episode = number(groups["e"]) if groups.get("e") else None
    said = f"{groups.get('p') or ''}{number(groups['s']) if groups['s'] else ''}{(groups.get('x') or '').upper()}"
    rest = text[match.end() :]
    is_tight = form is Form.PAIR and bool(re.match(r"[^\W日夜晨昏晚早内外]", rest)) and match.group()[-1].isalnum()
    return Numbered(form, episode, said, rest.strip(), is_tight)


def episode_of(text: str) -> tuple[int, str] | None:
    """The number and title of an episode's own line.

    >>> episode_of("第三集 归来"), episode_of("EP12"), episode_of("第3集完"), episode_of("第三集我们见过")
    ((3, '归来'), (12, ''), None, None)
    """
    match = EPISODE.match(unadorned(_OF_A_DRAMA.sub("", text)).strip("<>=~*- "))
    if not match:
        return None
    title = (match["title"] or "").strip()
    return None if _END_MARK.search(title) else (number(match["a"] or match["b"]), title)


def order(said: str) -> tuple[int, str]:
    """The order of scene numbers: 12, 12A, 13."""
    match = re.match(r"\d+", said)
    return (int(match.group()), said[match.end() :]) if match else (0, said)
