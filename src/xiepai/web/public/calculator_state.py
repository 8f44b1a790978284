"""The calculator's state is its address: who it is about, what was answered, what was skipped. Nothing is kept.

``yes`` and ``no`` list questions, ``f.KEY=VALUE`` holds every other answer, ``skip`` what is not known yet, ``city``,
``stage`` and ``on`` narrow and date the sum. Refused in words, never by a fault: unknown questions, values that cannot
be read, a day that is none. ``ask`` with ``value`` and ``unit`` is one answer from a form; the page leads on to the
address that holds it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _

from xiepai.policy.asking import Calculator, Question, Sheet, read_answer
from xiepai.policy.comparing import STAGES
from xiepai.policy.entries import near
from xiepai.policy.ir import FactSpec
from xiepai.policy.messages import PolicyError
from xiepai.web import formats

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)
MAX_PROBLEMS = 6
MAX_ANSWERS = 200
_MONEY = re.compile(r"(\d+(?:\.\d+)?)(亿元|万元|元|亿|万)?")
_UNITS = {"亿": "亿元", "万": "万元"}
MONEY_UNITS = ("万元", "元")


@dataclass(frozen=True)
class State:
    """What an address says; ``change`` is the question opened again, ``typed`` an answer that could not be read."""

    sheet: Sheet
    cities: tuple[str, ...] = ()
    day_is_given: bool = False
    change: str = ""
    typed: str = ""
    problem: str = ""
    problems: tuple[str, ...] = ()

    def query(self) -> str:
        """The address's query string, shortest form: the same state is always the same address."""
        answers = self.sheet.answers
        pairs = [
            ("city", ",".join(self.cities)),
            ("stage", ",".join(key for key in STAGES if key in self.sheet.stages)),
            ("on", self.sheet.on.isoformat() if self.day_is_given else ""),
            ("yes", ",".join(key for key, text in answers.items() if text == "yes")),
            ("no", ",".join(key for key, text in answers.items() if text == "no")),
            *((f"f.{key}", text) for key, text in answers.items() if text not in ("yes", "no")),
            ("skip", ",".join(sorted(self.sheet.skipped))),
            ("change", self.change),
        ]
        found = urlencode([pair for pair in pairs if pair[1]], safe=",:")
        return f"?{found}" if found else ""

    def answered(self, key: str, text: str) -> State:
        """With one answer more (or another)."""
        answers = {**self.sheet.answers, key: text}
        return self._with(answers, self.sheet.skipped - {key})

    def refused(self, keys: Iterable[str]) -> State:
        """With "no" to several questions."""
        return self._with({**self.sheet.answers, **dict.fromkeys(keys, "no")}, self.sheet.skipped)

    def skipping(self, key: str) -> State:
        """With a question put aside, whatever was answered."""
        answers = {name: text for name, text in self.sheet.answers.items() if name != key}
        return self._with(answers, self.sheet.skipped | {key})

    def cleared(self, key: str = "") -> State:
        """Without an answer, or without any."""
        answers = {name: text for name, text in self.sheet.answers.items() if key and name != key}
        return self._with(answers, self.sheet.skipped - {key} if key else frozenset())

    def changing(self, key: str) -> State:
        """With a question opened again."""
        return replace(self, change=key)

    def toggled_city(self, key: str, order: Iterable[str]) -> State:
        """With a city added or taken away; none chosen means all."""
        chosen = set(self.cities) ^ {key} if self.cities else {key}
        return replace(self, cities=tuple(each for each in order if each in chosen), change="")

    def toggled_stage(self, key: str) -> State:
        """With a part of the work added or taken away; none chosen means all."""
        return replace(self, sheet=replace(self.sheet, stages=self.sheet.stages ^ {key}), change="")

    def everything(self) -> State:
        """All cities, all parts, the same answers."""
        return replace(self, cities=(), sheet=replace(self.sheet, stages=frozenset()), change="")

    def _with(self, answers: Mapping[str, str], skipped: frozenset[str]) -> State:
        sheet = replace(self.sheet, answers=answers, skipped=skipped)
        return replace(self, sheet=sheet, change="", typed="", problem="", problems=())


class Reading:
    """An address read into a state, with what was wrong in words."""

    def __init__(self, calculator: Calculator, given: QueryDict, today: date) -> None:
        self.calculator, self.given, self.today = calculator, given, today
        self.problems: list[str] = []

    def state(self) -> State:
        """The state; what cannot be read is told and left out."""
        if len(self.given) > MAX_ANSWERS:
            self.problems.append(_("地址里的内容太多，只看了前 %(n)s 项。") % {"n": MAX_ANSWERS})
        on, is_given = self._day()
        known = {city.key for city in self.calculator.cities}
        cities = tuple(dict.fromkeys(self._listed("city", known, _("没有“%(name)s”这座城市。"))))
        stages = frozenset(self._listed("stage", STAGES, _("没有“%(name)s”这个环节。")))
        skipped = frozenset(self._listed("skip", self.calculator.questions, self._no_question()))
        answers = self._answers()
        sheet = Sheet(on, answers, skipped - answers.keys(), stages)
        change = self.given.get("change", "")
        if change and change not in self.calculator.questions:
            self._unknown(change, self.calculator.questions, self._no_question())
            change = ""
        return State(sheet, cities, is_given, change, problems=tuple(self.problems[:MAX_PROBLEMS]))

    def _no_question(self) -> str:
        return _("没有“%(name)s”这个问题，已略过。")

    def _day(self) -> tuple[date, bool]:
        text = self.given.get("on", "").strip()
        if not text:
            return self.today, False
        try:
            day = date.fromisoformat(text)
        except ValueError:
            day = date.min
        if FIRST_DAY <= day <= LAST_DAY:
            return day, True
        self.problems.append(_("“%(text)s”不是可用的日期，改按今天计算。") % {"text": text[:20]})
        return self.today, False

    def _listed(self, name: str, known: Iterable[str], message: str) -> list[str]:
        names = [each for text in self.given.getlist(name) for each in text.split(",")[:MAX_ANSWERS] if each]
        for each in names:
            if each not in known:
                self._unknown(each, known, message)
        return [each for each in names if each in known]

    def _unknown(self, name: str, known: Iterable[str], message: str) -> None:
        if len(self.problems) >= MAX_PROBLEMS:
            return
        said = message % {"name": name[:40]}
        hint = near(name[:40], known)
        if hint:
            said += " " + _("是不是“%(near)s”？") % {"near": hint[1]}
        self.problems.append(said)

    def _answers(self) -> dict[str, str]:
        found: dict[str, str] = {}
        questions = self.calculator.questions
        for name in ("yes", "no"):
            for key in self._listed(name, questions, self._no_question()):
                label = self._label(questions[key])
                if questions[key].spec.kind != "yes/no":
                    self.problems.append(_("“%(label)s”不能只答是或否。") % {"label": label})
                elif found.get(key, name) != name:
                    self.problems.append(_("“%(label)s”既答了是又答了否，请再选一次。") % {"label": label})
                    found.pop(key)
                else:
                    found[key] = name
        for name in list(self.given)[:MAX_ANSWERS]:
            if not name.startswith("f."):
                continue
            key, text = name[2:], str(self.given[name])
            if key in questions:
                found[key] = canonical(questions[key].spec, text) or text
            else:
                self._unknown(key, questions, self._no_question())
        return found

    def _label(self, question: Question) -> str:
        return question.en if formats.is_english() else question.zh


def typed_answer(question: Question, value: str, unit: str) -> str:
    """What a person typed into a form, as an answer is written: ``500`` and ``万元`` make ``500万元``."""
    spec = question.spec
    text = unicodedata.normalize("NFKC", value).replace(",", "").replace(" ", "").strip()
    if spec.kind == "money":
        found = _MONEY.fullmatch(text)
        if found:
            chosen = found[2] or (unit if unit in MONEY_UNITS else MONEY_UNITS[0])
            return f"{found[1]}{_UNITS.get(chosen, chosen)}"
    if spec.kind == "days" and text.isdecimal():
        return f"{text}天"
    if is_share(spec) and re.fullmatch(r"\d+(\.\d+)?", text):
        return f"{text}%"
    return text


def is_share(spec: FactSpec) -> bool:
    """Whether the fact is a share, asked in percent."""
    return spec.kind == "number" and spec.den == 10_000 and not spec.unit


def canonical(spec: FactSpec, text: str) -> str:
    """The answer as an address holds it; nothing where it cannot be read."""
    try:
        number = read_answer(spec, text)
    except PolicyError:
        return ""
    if spec.kind == "yes/no":
        return ("no", "yes")[number]
    return spec.choices[number] if spec.kind == "choice" else text


def after_form(calculator: Calculator, state: State, given: QueryDict) -> State | None:
    """The state after a form's answer; None where there was none. What cannot be read is shown at the question."""
    question = calculator.questions.get(given.get("ask", ""))
    if question is None:
        return None
    value = given.get("value", "")
    text = typed_answer(question, value[:80], given.get("unit", ""))
    if not text:
        return replace(state, change=question.key, problem=_("请填一个数，或选“还不知道”。"))
    try:
        read_answer(question.spec, text)
    except PolicyError as error:
        language = "en" if formats.is_english() else "zh"
        label = question.en if formats.is_english() else question.zh
        said = " ".join(each.message(language).replace(question.spec.name, label) for each in error.diagnostics)
        return replace(state, change=question.key, typed=value[:80], problem=said)
    return state.answered(question.key, canonical(question.spec, text))
