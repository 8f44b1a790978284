"""Every sentence this core says about a script: one stable code, one text in Chinese, one in English.

Three uses of the same codes: a file that cannot be read (:class:`ScriptError`), a warning about a line, and the
reasons why a scene is less than certain. The core knows no framework, so its words stand here and not in a
catalogue; a test holds both languages complete and their placeholders equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

LIMIT = 20
"""How many problems are told at once."""


class Code(StrEnum):
    """What can be wrong with a script. Codes are part of the interface: added, never renamed."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"
    BINARY = "binary"
    OLD_WORD = "old_word"
    WPS = "wps"
    OLD_EXCEL = "old_excel"
    UNKNOWN_KIND = "unknown_kind"
    OTHER_KIND = "other_kind"
    ENCODING = "encoding"
    ENCRYPTED = "encrypted"
    SCANNED = "scanned"
    DAMAGED = "damaged"
    BOMB = "bomb"
    XML_UNSAFE = "xml_unsafe"
    NO_SCENES = "no_scenes"
    NO_COLUMNS = "no_columns"
    NO_BREAKDOWNS = "no_breakdowns"
    NO_NUMBER = "no_number"
    NO_TIME = "no_time"
    NO_SIDE = "no_side"
    NO_PLACE = "no_place"
    NO_CAST = "no_cast"
    NUMBER_TWICE = "number_twice"
    NUMBER_BACK = "number_back"
    NUMBER_SKIPPED = "number_skipped"
    EPISODE_SKIPPED = "episode_skipped"
    GLUED = "glued"
    BROKEN_HEADING = "broken_heading"
    SIDE_FROM_PLACE = "side_from_place"
    WEAK_NUMBER = "weak_number"
    LONG_PLACE = "long_place"
    MAYBE_HEADING = "maybe_heading"
    CUT_LINE = "cut_line"
    BAD_ROW = "bad_row"


TEXTS: dict[Code, tuple[str, str]] = {
    Code.EMPTY: ("文件是空的", "the file is empty"),
    Code.TOO_LARGE: ("文件太大：{size}，上限 {limit}", "the file is too large: {size}, limit {limit}"),
    Code.TOO_MANY: ("{what}太多：超过 {limit}", "too many {what}: more than {limit}"),
    Code.BINARY: (
        "这不是文字文件，也不是认得的剧本格式。可读：{kinds}",
        "this is neither text nor a known format of scripts. Readable: {kinds}",
    ),
    Code.OLD_WORD: (
        "这是旧版 Word 文件（.doc）。请用 Word 或 WPS 打开，“另存为”选“Word 文档（*.docx）”，再导入",
        "this is an old Word file (.doc). Open it in Word or WPS, save it as Word Document (*.docx) and import that",
    ),
    Code.WPS: (
        "这是 WPS 自己的格式（.wps）。请用 WPS 打开，“另存为”选“Word 文件（*.docx）”，再导入",
        "this is a WPS file (.wps). Open it in WPS, choose Save As, Word (*.docx), and import that",
    ),
    Code.OLD_EXCEL: (
        "这是旧版 Excel 文件（.xls、.et）。请“另存为”.xlsx，再导入",
        "this is an old Excel file (.xls, .et). Save it as .xlsx and import that",
    ),
    Code.UNKNOWN_KIND: (
        "不认识的文件类型“{suffix}”。可读：{kinds}",
        "unknown kind of file {suffix!r}. Readable: {kinds}",
    ),
    Code.OTHER_KIND: (
        "文件名说是“{suffix}”，内容是 {kind}：按内容读",
        "the name says {suffix!r}, the content is {kind}: read as its content",
    ),
    Code.ENCODING: (
        "文字编码认不出来。请用记事本打开，另存为 UTF-8",
        "the encoding of the text is not known. Open it in an editor and save it as UTF-8",
    ),
    Code.ENCRYPTED: ("文件加了密码。请去掉密码再导入", "the file has a password. Remove it and import again"),
    Code.SCANNED: (
        "这份 PDF 只有图片，没有文字（扫描件）。请导入 Word 或文字版 PDF",
        "this PDF holds pictures and no text (a scan). Import the Word file or a PDF with text",
    ),
    Code.DAMAGED: ("文件坏了或不完整，打不开：{kind}", "the file is damaged or incomplete: {kind}"),
    Code.BOMB: (
        "压缩包解开后太大（{size}，上限 {limit}），不读",
        "unpacked, the file would be too large ({size}, limit {limit}); not read",
    ),
    Code.XML_UNSAFE: (
        "文件里有不安全的 XML 内容（DTD 或实体），不读",
        "the file holds unsafe XML (a DTD or entities); not read",
    ),
    Code.NO_SCENES: (
        "没有找到场次。场次标题要有场号，以及日/夜或内/外，例如“1-3 日 内 客厅”",
        "no scene heading was found. A heading has a number and day/night or inside/outside, such as '1-3 日 内 客厅'",
    ),
    Code.NO_COLUMNS: (
        "表格里没有认得的列。至少要有“场”和“拍摄地点”或“主场景”",
        "no known columns. There must be at least 场 and 拍摄地点 or 主场景",
    ),
    Code.NO_BREAKDOWNS: ("这份 JSON 不是 USS 文件", "this JSON is not a USS file"),
    Code.NO_NUMBER: ("没有场号", "no scene number"),
    Code.NO_TIME: ("没有写日/夜", "no time of day"),
    Code.NO_SIDE: ("没有写内/外", "neither inside nor outside"),
    Code.NO_PLACE: ("没有写地点", "no place"),
    Code.NO_CAST: ("没有人物", "nobody in the scene"),
    Code.NUMBER_TWICE: (
        "场号 {number} 出现了不止一次（第一次在第 {first} 行）",
        "scene number {number} stands more than once (first on line {first})",
    ),
    Code.NUMBER_BACK: ("场号 {number} 排在 {before} 之后", "scene number {number} follows {before}"),
    Code.NUMBER_SKIPPED: ("场号从 {before} 跳到 {number}", "scene numbers jump from {before} to {number}"),
    Code.EPISODE_SKIPPED: ("集号从 {before} 跳到 {number}", "episode numbers jump from {before} to {number}"),
    Code.GLUED: ("时间、内外与地点连写，已拆开", "time, side and place were written together and taken apart"),
    Code.BROKEN_HEADING: ("标题分成了几行，已合并", "the heading stood on several lines and was joined"),
    Code.SIDE_FROM_PLACE: ("内/外由地点推出", "inside or outside was read from the place"),
    Code.WEAK_NUMBER: ("场号写法像普通编号", "the number is written like any list's"),
    Code.LONG_PLACE: ("地点很长，可能混入了别的内容", "the place is long; other words may have gone into it"),
    Code.MAYBE_HEADING: (
        "这一行像场次标题，但没有当作标题：{text}",
        "this line looks like a heading and was not taken for one: {text}",
    ),
    Code.CUT_LINE: ("这一行太长，只读了前 {limit} 字", "this line is too long; its first {limit} characters were read"),
    Code.BAD_ROW: ("这一行既没有场号也没有地点，跳过", "this row has neither number nor place; skipped"),
}

COST: dict[Code, int] = {
    Code.NO_NUMBER: 20,
    Code.NO_TIME: 15,
    Code.NO_SIDE: 15,
    Code.NO_PLACE: 30,
    Code.NO_CAST: 5,
    Code.NUMBER_TWICE: 25,
    Code.NUMBER_BACK: 15,
    Code.NUMBER_SKIPPED: 5,
    Code.GLUED: 5,
    Code.BROKEN_HEADING: 10,
    Code.SIDE_FROM_PLACE: 5,
    Code.WEAK_NUMBER: 5,
    Code.LONG_PLACE: 20,
}
"""What a reason takes off a scene's confidence of 100. An order in which to look, not a probability."""


def confidence(reasons: Iterable[Code]) -> int:
    """What these reasons leave of 100."""
    return max(0, 100 - sum(COST.get(each, 0) for each in reasons))


WORDS: dict[str, tuple[str, str]] = {
    "lines": ("行", "lines"),
    "pages": ("页", "pages"),
    "rows": ("行", "rows"),
    "scenes": ("场", "scenes"),
    "parts": ("部分", "parts"),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to tell: its code, its line (0: the whole file) and what fills its text."""

    code: Code
    line: int = 0
    data: dict[str, Any] = field(default_factory=dict)

    def message(self, language: str = "zh") -> str:
        """The sentence.

        >>> Problem(Code.NUMBER_BACK, 7, {"number": "1-2", "before": "1-5"}).message("en")
        'scene number 1-2 follows 1-5'
        """
        english = language == "en"
        data = {key: WORDS.get(str(value), (value, value))[english] for key, value in self.data.items()}
        return TEXTS[self.code][english].format(**data)

    def render(self, language: str = "zh") -> str:
        """The sentence with its line in front."""
        if not self.line:
            return self.message(language)
        place = f"line {self.line}" if language == "en" else f"第 {self.line} 行"
        return f"{place}: {self.message(language)}" if language == "en" else f"{place}：{self.message(language)}"

    def to_json(self) -> dict[str, Any]:
        """Code, line and both sentences."""
        return {"code": str(self.code), "line": self.line, "zh": self.message("zh"), "en": self.message("en")}


class ScriptError(Exception):
    """A file that cannot be read as a script."""

    def __init__(self, *problems: Problem) -> None:
        self.problems: Sequence[Problem] = problems
        super().__init__(problems)

    @property
    def code(self) -> Code:
        """The code of the first problem."""
        return self.problems[0].code

    def render(self, language: str = "zh") -> str:
        """The first problems, one a line."""
        return "\n".join(each.render(language) for each in self.problems[:LIMIT])

    def __str__(self) -> str:
        return self.render("zh")


def refuse(code: Code, **data: Any) -> ScriptError:
    """The error for a whole file, to be raised."""
    return ScriptError(Problem(code, data=data))
