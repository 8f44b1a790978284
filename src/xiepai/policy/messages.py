"""Every sentence the policy language says about a mistake: one stable code, one text in Chinese, one in English.

The core knows no framework, so its words stand here and not in a catalogue; a test holds both languages
complete and their placeholders equal. A diagnostic names file, line, column and the fragment, says what is
wrong and, where it can, what to write instead. Nothing here decides anything.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

LIMIT = 20
"""How many mistakes are told at once."""


class Code(StrEnum):
    """Every mistake the language knows. Codes are part of the interface: added, never renamed."""

    UNREADABLE = "unreadable"
    TOO_LARGE = "too_large"
    TOO_DEEP = "too_deep"
    ODD_CHARACTER = "odd_character"
    YAML = "yaml"
    YAML_FEATURE = "yaml_feature"
    DUPLICATE_ENTRY = "duplicate_entry"
    UNKNOWN_ENTRY = "unknown_entry"
    MISSING_ENTRY = "missing_entry"
    WRONG_SHAPE = "wrong_shape"
    BAD_VALUE = "bad_value"
    BAD_NAME = "bad_name"
    NAME_TAKEN = "name_taken"
    BAD_FACT = "bad_fact"
    BAD_DATE = "bad_date"
    BAD_RANGE = "bad_range"
    EXPRESSION = "expression"
    BAD_NUMBER = "bad_number"
    UNKNOWN_NAME = "unknown_name"
    UNKNOWN_CHOICE = "unknown_choice"
    UNKNOWN_FUNCTION = "unknown_function"
    UNKNOWN_MEASURE = "unknown_measure"
    UNKNOWN_PATH = "unknown_path"
    TYPE_MISMATCH = "type_mismatch"
    UNIT_MISSING = "unit_missing"
    NOT_A_CONDITION = "not_a_condition"
    NOT_AN_AMOUNT = "not_an_amount"
    MONEY_TIMES_MONEY = "money_times_money"
    DIVISION = "division"
    NOT_CONSTANT = "not_constant"
    LADDER_ORDER = "ladder_order"
    STAGES_SUM = "stages_sum"
    OVERFLOW = "overflow"
    ROUNDING_MISSING = "rounding_missing"
    ORDER_OPEN = "order_open"
    ALREADY_USED = "already_used"
    NO_EXAMPLES = "no_examples"
    NOT_IN_FORCE = "not_in_force"
    FACT_MISSING = "fact_missing"
    FACT_VALUE = "fact_value"
    FACT_OUT_OF_RANGE = "fact_out_of_range"
    EXAMPLE_FAILS = "example_fails"
    NEVER_TRUE = "never_true"
    ALWAYS_TRUE = "always_true"
    CONTRADICTION = "contradiction"
    NUMBER_NOT_IN_RULE = "number_not_in_rule"
    NUMBER_NOT_IN_TEXT = "number_not_in_text"
    UNUSED_FACT = "unused_fact"
    UNBACKED = "unbacked"
    OFFICIAL_ASSUMED = "official_assumed"
    MEASURE_UNTESTED = "measure_untested"
    CONDITION_UNTESTED = "condition_untested"
    ENGINE_MISSING = "engine_missing"
    EXACTLY_EQUAL = "exactly_equal"
    WIDE_COLON = "wide_colon"


TEXTS: dict[Code, tuple[str, str]] = {
    Code.UNREADABLE: ("文件读不出来：{detail}", "the file cannot be read: {detail}"),
    Code.TOO_LARGE: ("文件太大：{size}，上限 {limit}", "the file is too large: {size}, limit {limit}"),
    Code.TOO_DEEP: ("嵌套太深（超过 {limit} 层）", "nested too deeply (more than {limit} levels)"),
    Code.ODD_CHARACTER: ("有看不见的字符 {char}", "an invisible character {char}"),
    Code.YAML: ("这里不合 YAML 写法：{detail}", "this is not YAML: {detail}"),
    Code.YAML_FEATURE: ("政策文件里不能用 {feature}", "a policy file may not use {feature}"),
    Code.DUPLICATE_ENTRY: (
        "“{name}”写了两次（第一次在第 {first} 行）",
        "{name!r} stands twice (first on line {first})",
    ),
    Code.UNKNOWN_ENTRY: ("没有“{name}”这一项", "there is no entry {name!r}"),
    Code.MISSING_ENTRY: ("缺少“{name}”", "the entry {name!r} is missing"),
    Code.WRONG_SHAPE: ("“{name}”应写成{wanted}", "{name!r} must be {wanted}"),
    Code.BAD_VALUE: ("“{value}”不能用在这里；可以写：{allowed}", "{value!r} cannot stand here; allowed: {allowed}"),
    Code.BAD_NAME: (
        "名称“{name}”不行：用小写字母、数字和下划线，字母开头",
        "{name!r} is not a name: small letters, digits and underscores, a letter first",
    ),
    Code.NAME_TAKEN: ("“{name}”已经用过", "{name!r} is already used"),
    Code.BAD_FACT: (
        "事实写作“类型 | 名称 | 证明材料”，这里读不懂：{value}",
        "a fact reads 'type | label | evidence'; cannot read: {value}",
    ),
    Code.BAD_DATE: ("日期应写成 2026-01-31，这里是“{value}”", "a date reads 2026-01-31; this is {value!r}"),
    Code.BAD_RANGE: ("范围应写成“小 .. 大”，这里是“{value}”", "a range reads 'low .. high'; this is {value!r}"),
    Code.EXPRESSION: ("读不懂：{detail}", "cannot read this: {detail}"),
    Code.BAD_NUMBER: ("数字“{value}”写法不对", "{value!r} is not a number as written here"),
    Code.UNKNOWN_NAME: ("不认识“{name}”", "unknown name {name!r}"),
    Code.UNKNOWN_CHOICE: ("“{name}”不在选项里：{choices}", "{name!r} is not one of {choices}"),
    Code.UNKNOWN_FUNCTION: ("没有函数“{name}”；有：{functions}", "no function {name!r}; there are: {functions}"),
    Code.UNKNOWN_MEASURE: ("没有措施“{name}”", "there is no measure {name!r}"),
    Code.UNKNOWN_PATH: ("找不到“{path}”", "nothing stands at {path!r}"),
    Code.TYPE_MISMATCH: ("{left}不能与{right}{action}", "cannot {action} {left} and {right}"),
    Code.UNIT_MISSING: ("{value}缺少单位：这里要{wanted}", "{value} has no unit: {wanted} is needed here"),
    Code.NOT_A_CONDITION: ("这里要“是/否”的条件，而这是{found}", "a yes/no condition is needed, this is {found}"),
    Code.NOT_AN_AMOUNT: ("这里要{wanted}，而这是{found}", "{wanted} is needed here, this is {found}"),
    Code.MONEY_TIMES_MONEY: ("金额不能乘金额", "money cannot be multiplied by money"),
    Code.DIVISION: (
        "除数是变量时，只能直接与另一个数比较",
        "a division by a fact may stand only directly in a comparison",
    ),
    Code.NOT_CONSTANT: ("这里要固定的数", "a fixed number is needed here"),
    Code.LADDER_ORDER: ("档次要从低到高，各不相同", "the steps must rise and differ"),
    Code.STAGES_SUM: ("各阶段合计 {total}，应为 100%", "the stages add up to {total}, not to 100%"),
    Code.OVERFLOW: (
        "数值可能达到 {value}，超出 64 位；请给“{fact}”写更小的范围",
        "a value may reach {value}, beyond 64 bits; give {fact!r} a narrower range",
    ),
    Code.ROUNDING_MISSING: (
        "结果可能不足一分；请在 then 末尾写明取整，例如 round: down to 1元",
        "the result may hold parts of a fen; write the rounding at the end of 'then', such as round: down to 1元",
    ),
    Code.ORDER_OPEN: (
        "同序时先后未定：order 的最后一项应是不重复的编号（类型 key）",
        "ties are open: the last entry of 'order' must be a unique key (type key)",
    ),
    Code.ALREADY_USED: ("“{name}”在前面的步骤里已经并入", "{name!r} has already gone into an earlier step"),
    Code.NO_EXAMPLES: ("没有算例的政策不接受", "a policy without examples is refused"),
    Code.NOT_IN_FORCE: ("{on} 不在有效期内（{start} 至 {end}）", "not in force on {on} ({start} to {end})"),
    Code.FACT_MISSING: ("缺少事实“{name}”", "the fact {name!r} is missing"),
    Code.FACT_VALUE: ("“{name}”要{wanted}，给的是 {value}", "{name!r} needs {wanted}, given: {value}"),
    Code.FACT_OUT_OF_RANGE: ("“{name}”是 {value}，超出 {range}", "{name!r} is {value}, outside {range}"),
    Code.EXAMPLE_FAILS: (
        "算例“{name}”：{what}应为 {expected}，算出 {found}",
        "example {name!r}: {what} should be {expected}, computed {found}",
    ),
    Code.NEVER_TRUE: ("这个条件永远不成立", "this condition can never hold"),
    Code.ALWAYS_TRUE: ("这个条件永远成立", "this condition always holds"),
    Code.CONTRADICTION: ("“{name}”的条件互相矛盾", "the conditions on {name!r} contradict each other"),
    Code.NUMBER_NOT_IN_RULE: ("条文里的 {number} 不在规则里", "{number} stands in the clause but not in the rule"),
    Code.NUMBER_NOT_IN_TEXT: ("规则里的 {number} 不在条文里", "{number} stands in the rule but not in the clause"),
    Code.UNUSED_FACT: ("“{name}”没有用到", "{name!r} is not used"),
    Code.UNBACKED: (
        "这一步既没有条文（text），也没有注明是假设（assumed）",
        "this line has neither the clause's words (text) nor a reason why it is assumed (assumed)",
    ),
    Code.OFFICIAL_ASSUMED: ("有假设的文件不能称为官方文本", "a file with assumptions cannot be official"),
    Code.MEASURE_UNTESTED: ("措施“{name}”没有算例给出奖励", "no example lets the measure {name!r} pay"),
    Code.CONDITION_UNTESTED: (
        "“{name}”没有算例只差条件“{text}”",
        "no example of {name!r} fails on the condition {text!r} alone",
    ),
    Code.EXACTLY_EQUAL: (
        "“=”只在恰好相等时成立；达到写 >=，超过写 >；本意就是恰好，写 ==",
        "'=' holds only where both are exactly equal; write >= for 'reaches', > for 'exceeds', == if exactly is meant",
    ),
    Code.WIDE_COLON: (
        "“{name}”后面是全角冒号“：”；要用半角冒号加空格",
        "a full-width colon after {name!r}; YAML needs an ASCII colon and a space",
    ),
    Code.ENGINE_MISSING: ("没有安装引擎 {name}", "the engine {name} is not installed"),
}

HINTS: dict[str, tuple[str, str]] = {
    "did_you_mean": ("是不是“{near}”？", "did you mean {near!r}?"),
    "write": ("可写：{near}", "write: {near}"),
    "quote": (
        "带逗号的数字在 [ ] 或 { } 里要加引号，或改写为万元",
        "quote a number with commas inside [ ] or { }, or use 万元",
    ),
}

WORDS: dict[str, tuple[str, str]] = {
    "money": ("金额", "money"),
    "in_force": ("有效期", "In force"),
    "number": ("数", "a number"),
    "days": ("天数", "days"),
    "date": ("日期", "a date"),
    "yes/no": ("是/否", "yes or no"),
    "choice": ("选项", "a choice"),
    "key": ("编号", "a key"),
    "add": ("相加", "add"),
    "subtract": ("相减", "subtract"),
    "compare": ("比较", "compare"),
    "join": ("并用", "join"),
    "mapping": ("“名称: 内容”的列表", "a list of 'name: content'"),
    "list": ("列表", "a list"),
    "text": ("文字", "text"),
    "times": ("乘以", "times"),
    "at_most": ("最高", "at most"),
    "less": ("扣减", "less"),
    "stages": ("分阶段", "stages"),
    "round": ("取整", "rounded"),
    "highest_of": ("从高不重复", "the highest of"),
    "sum_of": ("合计", "the sum of"),
    "highest_per": ("每个只取最高", "only the highest per"),
    "quota": ("名额", "quota"),
    "budget": ("预算", "budget"),
    "split": ("分担", "split"),
    "cap:part": ("先到先得，最后一件补足余额", "first come, the last one in part"),
    "cap:stop": ("先到先得，放不下即止", "first come, stops at the first that does not fit"),
    "share:kept": ("按比例，尾数留存", "pro rata, the remainder is kept"),
    "share:first": ("按比例，尾数依次加给在先者", "pro rata, the remainder goes to the first"),
    "share:largest": ("按比例，尾数加给余数最大者", "pro rata, the remainder goes to the largest fractions"),
    "official": ("官方文本", "official text"),
    "partial": ("部分条文", "part of the text"),
    "sample": ("样例", "sample"),
}


def word(name: str, language: str = "zh") -> str:
    """A word of the table, or the name itself where the table has none.

    >>> word("money"), word("money", "en"), word("集")
    ('金额', 'money', '集')
    """
    return WORDS.get(name, (name, name))[language == "en"]


@dataclass(frozen=True)
class Diagnostic:
    """One mistake: its code, its place, what fills its text, and a suggestion."""

    code: Code
    file: str = ""
    line: int = 0
    column: int = 0
    width: int = 1
    source: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    hint: tuple[str, str] | None = None
    is_warning: bool = False

    def message(self, language: str = "zh") -> str:
        """The sentence, in Chinese or English, with its suggestion."""
        data = {key: word(value, language) if isinstance(value, str) else value for key, value in self.data.items()}
        said = TEXTS[self.code][language == "en"].format(**data)
        if self.hint:
            said += ("；" if language != "en" else "; ") + HINTS[self.hint[0]][language == "en"].replace(
                "{near!r}", repr(self.hint[1])
            ).replace("{near}", self.hint[1])
        return said

    def render(self, language: str = "zh") -> str:
        """``file:line:col: CODE message`` and below it the line with a caret."""
        head = f"{self.file}:{self.line}:{self.column}: {self.code} {self.message(language)}"
        if not self.source:
            return head
        before = self.source[: self.column - 1]
        pad = "".join("\t" if char == "\t" else " " * columns(char) for char in before)
        under = self.source[self.column - 1 : self.column - 1 + max(self.width, 1)]
        return f"{head}\n    {self.source}\n    {pad}{'^' * max(columns(under), 1)}"


def columns(text: str) -> int:
    """How many columns a text takes on a terminal: a Chinese character takes two.

    >>> columns("10万元")
    6
    """
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


class PolicyError(Exception):
    """One or more mistakes in a policy file, in facts or in what was asked of a policy."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__(self.diagnostics)

    def render(self, language: str = "zh") -> str:
        """The first twenty mistakes, one below the other, and how many more there are."""
        shown = [each.render(language) for each in self.diagnostics[:LIMIT]]
        if (more := len(self.diagnostics) - LIMIT) > 0:
            shown.append(f"… 还有 {more} 处" if language != "en" else f"… and {more} more")
        return "\n".join(shown)

    def __str__(self) -> str:
        return self.render("zh")
