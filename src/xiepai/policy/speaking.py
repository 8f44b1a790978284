"""A line of rule as a reader's sentence: labels instead of names, parameters and known facts as figures.

The text is cut at its words only; nothing is parsed, so that whatever a file holds can be shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction

from xiepai.policy import expressions
from xiepai.policy.facts import amount, show
from xiepai.policy.ir import Program

_SAID = {
    "zh": {
        "and": "且", "or": "或", "not": "非", "if": "若", "then": "则", "else": "否则", "of": "×", "in": "属于",
        "min": "取小", "max": "取大", "count": "满足项数", "excess": "超出部分", "yes": "是", "no": "否", "is": "=",
        "down": "向下取整", "reaching": "分档", "exceeding": "分档", "bands": "分段", "table": "对照", "rest": "其余",
    },
    "en": {
        "且": "and", "并且": "and", "或": "or", "或者": "or", "非": "not", "若": "if", "则": "then", "否则": "else",
        "的": "×", "of": "×", "超过": ">", "大于": ">", "达到": "≥", "不低于": "≥", "低于": "<", "不超过": "≤",
    },
}  # fmt: skip

_TRUTHS = frozenset({"yes", "no", "是", "否"})
_PHRASES = {
    "half up to ": ("四舍五入到 ", "half up to "), "down to ": ("向下取整到 ", "down to "),
    "up to ": ("向上取整到 ", "up to "),
    "先到先得": ("先到先得", "first come"), "按比例": ("按比例", "pro rata"),
}  # fmt: skip


def spoken(text: str, program: Program, known: Mapping[str, int] | None = None, language: str = "zh") -> str:
    """The text with labels for names; facts that are known appear as their figures.

    >>> from xiepai.policy.ir import FactSpec, Value
    >>> cost = FactSpec("cost", "money", "成本", "Cost", "")
    >>> program = Program("", "", "money", (), (), (cost,), (), (), (), (), Value(0), by_name={"cost": cost})
    >>> spoken("10% of cost", program), spoken("10% of cost", program, {"cost": 500})
    ('10% × 成本', '10% × 5元')
    """
    values = {name: value for name, value, _reason in program.assumed} | dict(program.defined)
    by_label = {spec.zh: spec for spec in program.facts} | {spec.en: spec for spec in program.facts} | program.by_name
    for phrase, (zh, en) in _PHRASES.items():
        text = text.replace(phrase, en if language == "en" else zh)
    pieces, position = [], 0
    for found in expressions.WORD.finditer(text):
        word, spec = found[0], by_label.get(found[0])
        if spec:
            word = spec.zh if language == "zh" else spec.en
            if known and spec.name in known and spec.kind != "key":
                word = show(spec, known[spec.name], language)
        elif word in values:
            word = _named(word, values, program, known, language)
        else:
            word = _choice(word, program, language) or _SAID[language].get(word, word)
        pieces += [text[position : found.start()], word]
        position = found.end()
    said = "".join([*pieces, text[position:]])
    if language == "en":
        said = _MONEY.sub(_in_yuan, said)
    said = said.replace(">=", "≥").replace("<=", "≤").replace("!=", "≠")
    return said.replace(" * ", " × ")


_MONEY = re.compile(r"(\d[\d,]*(?:\.\d+)?)\s*(亿元|万元|元)")


def _in_yuan(found: re.Match[str]) -> str:
    return amount(Fraction(found[1].replace(",", "")) * expressions.MONEY[found[2]], "money", "", "en")


def _named(
    name: str, values: Mapping[str, str], program: Program, known: Mapping[str, int] | None, language: str
) -> str:
    """A parameter as its value; yes or no alone would say nothing, so there its label stands before it."""
    said = spoken(values[name], program, known, language)
    if values[name] in _TRUTHS:
        return (
            f"“{label_of(name, program, language)}”（= {said}）"
            if language == "zh"
            else (f'"{label_of(name, program, language)}" (= {said})')
        )
    return f"({said})" if " " in said else said


def label_of(name: str, program: Program, language: str = "zh") -> str:
    """What a parameter or a definition is called; without a label its name in words.

    >>> from xiepai.policy.ir import Value
    >>> program = Program("", "", "money", (), (), (), (), (), (), (), Value(0), labels=(("rate", "比例", "Rate"),))
    >>> label_of("rate", program), label_of("rate", program, "en"), label_of("top_rate", program)
    ('比例', 'Rate', 'top rate')
    """
    for each, zh, en in program.labels:
        if each == name:
            return zh if language == "zh" else en
    return name.replace("_", " ")


def _choice(word: str, program: Program, language: str) -> str:
    for spec in program.facts:
        if word in spec.choices:
            return spec.choice_labels[spec.choices.index(word)] if language == "zh" else word
    return ""
