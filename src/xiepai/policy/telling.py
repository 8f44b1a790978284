"""An estimate in words and plain values, one content for the page, the PDF, CSV, JSON and the API.

Every figure carries its clause, its formula with the figures put in, its conditions and caps; what a source does not
say carries its reason. Refused: a word that promises. What is not certain is a range.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from xiepai.policy.asking import Calculator, Estimate, Found, Question
from xiepai.policy.award import Amount, MeasureResult
from xiepai.policy.comparing import STAGES
from xiepai.policy.documenting import plain
from xiepai.policy.explaining import MARKS, changed, formula, over_rows
from xiepai.policy.facts import amount, show
from xiepai.policy.ir import FactSpec
from xiepai.policy.messages import word
from xiepai.policy.speaking import label_of, spoken

_WAN, _YI = 1_000_000, 10_000_000_000


def said(fen: int, language: str = "zh") -> str:
    """An amount as people say it: whole yuan from ten thousand on in 万元, exactly; in English in yuan.

    >>> said(20_000_000), said(1_234_500_000), said(150), said(123_456_700, "en")
    ('20万元', '1,234.5万元', '1.50元', '1,234,567 yuan')
    """
    if language == "en" or abs(fen) < _WAN or fen % 100:
        return amount(Fraction(fen), "money", "", language)
    unit, name = (_YI, "亿元") if abs(fen) >= _YI and fen % (_YI // 10_000) == 0 else (_WAN, "万元")
    whole, rest = divmod(abs(fen), unit)
    digits = f"{rest * 10_000 // unit:04d}".rstrip("0")
    return f"{'-' if fen < 0 else ''}{whole:,}{'.' + digits if digits else ''}{name}"


def said_range(found: Amount, language: str = "zh") -> str:
    """A figure or a range as people say it; parts of a fen as they are."""
    if found.kind != "money" or found.den != 1:
        low, high = Fraction(found.low, found.den), Fraction(found.high, found.den)
        if found.kind != "money" or low.denominator > 1 or high.denominator > 1:
            return found.show(language)
        found = Amount(int(low), int(high), 1, "money")
    if found.is_certain:
        return said(found.low, language)
    least = said(found.low, language) if found.low else "0"
    return f"{least.removesuffix(' yuan')} – {said(found.high, language)}"


class Teller:
    """An estimate told in one language."""

    def __init__(self, calculator: Calculator, estimate: Estimate, language: str = "zh") -> None:
        self.calculator, self.estimate, self.language = calculator, estimate, language
        self.zh = language == "zh"

    def told(self) -> dict[str, Any]:
        """Everything in plain values."""
        ask = self.estimate.next
        return {
            "on": self.estimate.sheet.on.isoformat(),
            "next": self.question(ask) if ask else None,
            "questions_left": self.estimate.left,
            "answers": [self.answer(key) for key in self.calculator.questions if key in self.estimate.sheet.answers],
            "skipped": [
                self.question(self.calculator.questions[key])
                for key in sorted(self.estimate.sheet.skipped)
                if key in self.calculator.questions
            ],
            "supposed": list(self._supposed()),
            "wrong": [{"question": key, "text": each.message(self.language)} for key, each in self.estimate.wrong],
            "cities": [self.city(each) for each in self.estimate.found],
        }

    def _supposed(self) -> Iterator[dict[str, str]]:
        """Facts nobody spoke of that a policy takes for its default; they can be answered otherwise."""
        for question in self.calculator.questions.values():
            spec = question.spec
            if spec.default is None or question.key in self.estimate.sheet.answers:
                continue
            if any(question.of(found.city.key) in found.award.known for found in self.estimate.found):
                label = question.zh if self.zh else question.en
                yield {"key": question.key, "label": label, "read": self._said(spec, spec.default)}

    def question(self, question: Question) -> dict[str, Any]:
        """A question with whom it concerns, the paper that shows it, and the clauses that ask it."""
        spec = question.spec
        return {
            "key": question.key,
            "label": question.zh if self.zh else question.en,
            "kind": spec.kind,
            "unit": spec.unit,
            "choices": [
                {"value": name, "label": label if self.zh else name}
                for name, label in zip(spec.choices, spec.choice_labels, strict=True)
            ],
            "range": self._range(spec),
            "evidence": list(
                dict.fromkeys(each.proof(self.language) for _city, each in question.uses if each.evidence)
            ),
            "note": question.note[not self.zh],
            "cities": [self.name(city) for city, _spec in question.uses],
            "asked_by": list(self._askers(question)),
        }

    def _range(self, spec: FactSpec) -> str:
        if spec.kind in ("yes/no", "choice"):
            return ""
        return f"{self._said(spec, spec.low)} – {self._said(spec, spec.high)}"

    def _said(self, spec: FactSpec, number: int) -> str:
        if spec.kind == "number" and spec.den == 10_000 and not spec.unit:
            return f"{float(Fraction(number, 100)):g}%"
        return said(number, self.language) if spec.kind == "money" else show(spec, number, self.language)

    def _askers(self, question: Question) -> Iterator[dict[str, str]]:
        for found in self.estimate.found:
            name = question.of(found.city.key)
            if not name:
                continue
            for each in found.award.measures:
                if each.measure.name in found.counted and name in found.facts_of(each.measure):
                    yield {
                        "city": self.name(found.city.key),
                        "name": each.measure.zh if self.zh else each.measure.en,
                        "clause": each.measure.clause,
                        "text": each.measure.text,
                    }

    def name(self, key: str) -> str:
        """A city's short name."""
        city = next(each for each in self.calculator.cities if each.key == key)
        return city.zh if self.zh else city.en

    def answer(self, key: str) -> dict[str, Any]:
        """An answer as it was given and as it is read."""
        question = self.calculator.questions[key]
        text = self.estimate.sheet.answers[key]
        is_wrong = any(key == wrong for wrong, _diagnostic in self.estimate.wrong)
        known = [
            self._said(spec, found.award.known[spec.name])
            for found in self.estimate.found
            for city, spec in question.uses
            if city == found.city.key and spec.name in found.award.known
        ]
        return {
            "key": key,
            "label": question.zh if self.zh else question.en,
            "given": text,
            "read": "" if is_wrong or not known else known[0],
            "is_wrong": is_wrong,
            "is_open": any(key in found.open_keys for found in self.estimate.found),
        }

    def city(self, found: Found) -> dict[str, Any]:
        """A city: its figure, its policy with status and source, its measures by stage, the steps that join them."""
        policy, program, award = found.city.policy, found.award.program, found.award
        stages = [(key, found.measures(key)) for key in STAGES]
        return {
            "key": found.city.key,
            "name": self.name(found.city.key),
            "policy": policy.title[not self.zh],
            "issuer": policy.issuer,
            "number": policy.number,
            "status": program.status,
            "status_text": word(program.status, self.language),
            "source": plain(policy.root.get("source")),
            "note": plain(policy.root.get("note")),
            "on": award.on.isoformat(),
            "in_force": {"from": policy.start.isoformat(), "to": policy.end.isoformat()},
            "is_outside": found.is_outside,
            "is_certain": found.is_certain,
            "low_fen": award.result.low,
            "high_fen": award.result.high,
            "most_fen": found.most,
            "text": said_range(award.result, self.language),
            "questions_left": len(found.open_keys),
            "stages": [
                {
                    "key": key,
                    "name": STAGES[key][not self.zh],
                    "measures": [self.measure(found, each) for each in measures],
                }
                for key, measures in stages
                if measures
            ],
            "steps": [self.step(found, each) for each in award.steps],
            "assumed": [
                {
                    "name": name,
                    "label": label_of(name, program, self.language),
                    "value": spoken(value, program, None, self.language),
                    "reason": reason,
                }
                for name, value, reason in program.assumed
            ],
        }

    def measure(self, found: Found, each: MeasureResult) -> dict[str, Any]:
        """One clause: whether it applies and why, the formula with figures, caps before and after, papers."""
        program, measure = found.award.program, each.measure
        reasons = {name: (value, reason) for name, value, reason in program.assumed}
        return {
            "name": measure.name,
            "label": measure.zh if self.zh else measure.en,
            "clause": measure.clause,
            "text": measure.text,
            "applies": each.applies,
            "mark": MARKS[each.applies],
            "is_in_kind": measure.is_in_kind,
            "low_fen": _fen(each.amount.low, each.amount.den),
            "high_fen": _fen(each.amount.high, each.amount.den),
            "amount": said_range(each.amount, self.language),
            "conditions": [
                {
                    "text": spoken(item.text, program, None, self.language),
                    "state": item.state,
                    "mark": MARKS[item.state],
                    "clause": item.clause,
                }
                for item in each.conditions
            ],
            "formula": spoken(measure.formula, program, None, self.language),
            "figures": formula(found.award, each, self.language),
            "changes": [changed(item, program, self.language) for item in each.changes],
            "missing": [
                {"key": self.calculator.keys[found.city.key, name], "label": self._label(program.by_name[name])}
                for name in found.facts_of(measure)
                if name not in found.award.known and self.calculator.keys.get((found.city.key, name)) in found.open_keys
            ],
            "evidence": list(
                dict.fromkeys(
                    program.by_name[name].proof(self.language)
                    for name in found.facts_of(measure)
                    if program.by_name[name].evidence
                )
            ),
            "assumed": [
                {
                    "name": name,
                    "label": label_of(name, program, self.language),
                    "value": spoken(reasons[name][0], program, None, self.language),
                    "reason": reasons[name][1],
                }
                for name in measure.assumed
                if name in reasons
            ],
        }

    def _label(self, spec: FactSpec) -> str:
        return spec.zh if self.zh else spec.en

    def step(self, found: Found, each: Any) -> dict[str, Any]:
        """A line that joins or limits: before and after, and where it is assumed, why."""
        program, step = found.award.program, each.step
        names = {item.name: item.zh if self.zh else item.en for item in program.measures}
        inputs = ("、" if self.zh else ", ").join(names.get(name, name) for name in step.inputs)
        rule = "" if step.what in ("highest_of", "sum_of") else spoken(step.formula, program, None, self.language)
        return {
            "name": step.name,
            "said": " ".join(part for part in (word(step.what, self.language), rule, inputs) if part),
            "clause": step.clause,
            "text": step.text,
            "over_rows": over_rows(step, program, self.language),
            "before": said_range(each.before, self.language),
            "after": said_range(each.after, self.language),
            "changes_it": (each.before.low, each.before.high) != (each.after.low, each.after.high),
            "assumed": step.assumed,
        }


def _fen(number: int, den: int) -> int:
    return number // den
