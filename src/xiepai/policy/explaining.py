"""An award as plain text and as JSON. What is shown was computed before; nothing is decided here."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from xiepai.policy.award import Changed, MeasureResult, Numbers
from xiepai.policy.facts import show
from xiepai.policy.ir import FactSpec, Program, Step
from xiepai.policy.messages import word
from xiepai.policy.speaking import label_of, spoken

MARKS = {True: "✓", False: "✗", None: "?"}


class Award(Numbers):
    """The result of :meth:`Policy.evaluate`."""

    def explain(self, language: str = "zh") -> str:
        """The explanation as plain text, one line a thing."""
        return explained(self, language)

    def to_json(self) -> dict[str, Any]:
        """Every node of the explanation; amounts are exact numerators."""
        return as_json(self)


def headline(award: Numbers, language: str = "zh") -> str:
    """The result in one line: an amount, a range, or a class."""
    program = award.program
    if program.result_kind == "choice":
        labels = program.choice_labels if language == "zh" else program.choices
        return " / ".join(labels[award.result.low : award.result.high + 1])
    return award.result.show(language)


def explained(award: Numbers, language: str = "zh") -> str:
    """The whole explanation, one line a thing."""
    zh = language == "zh"
    program = award.program
    lines = [f"{award.title[0 if zh else 1]}（{word(program.status, language)}） {award.on}", headline(award, language)]
    for each in award.measures:
        lines += _measure(award, each, language)
    for step in award.steps:
        alone = "" if step.step.cross is None else ("（仅就本件）" if zh else " (this case alone)")
        after = step.after.show(language)
        said = f"{word(step.step.what, language)} {spoken(step.step.formula, program, None, language)}"
        lines.append(f"{step.step.clause} {said}{alone}: {step.before.show(language)} → {after}")
    lines += [f"{name}: {share.show(language)}" for name, share in award.splits]
    if said := defaults(award, language):
        lines.append(said)
    said = "假设" if zh else "Assumed"
    lines += [f"{said}: {name} = {value}（{reason}）" for name, value, reason in assumptions(award, language)]
    if award.next_fact:
        label = award.next_fact.zh if zh else award.next_fact.en
        proof = award.next_fact.proof(language)
        lines.append(f"下一个要问的事实: {label}（{proof}）" if zh else f"Ask next: {label} ({proof})")
    return "\n".join(lines)


def defaults(award: Numbers, language: str = "zh") -> str:
    """The facts nobody gave that took their default, in one line."""
    zh = language == "zh"
    shown = [f"{spec.zh if zh else spec.en} = {show(spec, spec.default or 0, language)}" for spec in award.defaulted]
    joined = ("、" if zh else ", ").join(shown)
    return f"{'未给出，按默认值' if zh else 'Not given, taken as the default'}: {joined}" if shown else ""


def assumptions(award: Numbers, language: str = "zh") -> list[tuple[str, str, str]]:
    """What the source does not say and this case rests on: the days in force, parameters of measures that may apply,
    conditions of all, lines of ``then``; each a name (or clause), what was taken, and why."""
    program = award.program
    used = {name for each in award.measures if each.applies is not False for name in each.measure.assumed}
    return assumed_in_words(program, language, used | {"in_force"})


def assumed_in_words(
    program: Program, language: str = "zh", among: Collection[str] | None = None
) -> list[tuple[str, str, str]]:
    """The same as :func:`assumed`, parameters by their labels and their values as a reader's."""
    names = {name for name, _value, _reason in program.assumed} - {"in_force"}
    return [
        (
            label_of(name, program, language) if name in names else word(name, language),
            spoken(value, program, None, language) if name in names else value,
            reason,
        )
        for name, value, reason in assumed(program, language, among)
    ]


def assumed(program: Program, language: str = "zh", among: Collection[str] | None = None) -> list[tuple[str, str, str]]:
    """Every assumption of a policy, or of its parameters those named."""
    rows = [row for row in program.assumed if among is None or row[0] in among]
    gates = {each.text: each for measure in program.measures for each in measure.conditions if each.assumed}
    rows += [(each.clause, spoken(each.text, program, None, language), each.assumed) for each in gates.values()]
    names = {each.name: each.zh if language == "zh" else each.en for each in program.measures}
    for step in program.steps:
        if step.assumed:
            is_join = step.what in ("highest_of", "sum_of")
            inputs = "、".join(names.get(name, name) for name in step.inputs)
            said = inputs if is_join else spoken(step.formula, program, None, language)
            rows.append((step.clause or step.name, f"{word(step.what, language)} {said}".strip(), step.assumed))
    return rows


def _measure(award: Numbers, found: MeasureResult, language: str) -> list[str]:
    measure, program = found.measure, award.program
    name = measure.zh if language == "zh" else measure.en
    lines = [f"{measure.clause} {name}: {found.amount.show(language)}", f"  {measure.text}"]
    lines += [f"  {MARKS[each.state]} {spoken(each.text, program, None, language)}" for each in found.conditions]
    lines.append(f"  {formula(award, found, language)}")
    lines += [f"  {changed(each, program, language)}" for each in found.changes]
    needed = [program.by_name[each].proof(language) for each in found.missing]
    return lines + [f"  ? {each}" for each in needed if each]


def formula(award: Numbers, found: MeasureResult, language: str = "zh") -> str:
    """The formula with its figures, and what it comes to where that is certain."""
    program = award.program
    if program.result_kind == "choice":
        return (program.choice_labels if language == "zh" else program.choices)[found.raw.low]
    said = spoken(found.measure.formula, program, award.known, language)
    if not found.raw.is_certain or found.measure.is_in_kind:
        return said
    return f"{said} = {found.raw.show(language)}"


def over_rows(step: Step, program: Program, language: str = "zh") -> str:
    """How a step over rows decides: per what, in which order, and what becomes of the rest."""
    if step.cross is None:
        return ""
    zh, cross = language == "zh", program.cross_steps[step.cross]

    def label(name: str) -> str:
        spec = program.by_name[name.removeprefix("year:")]
        said = spec.zh if zh else spec.en
        return (f"{said}（年度）" if zh else f"year of {said}") if name.startswith("year:") else said

    parts = [("每个" if zh else "per ") + label(name) for name in cross.per]
    order = [
        label(each.fact) + ((" 从高到低" if zh else " (highest first)") if each.descending else "")
        for each in cross.order
    ]
    parts += [("顺序：" if zh else "order: ") + ("、" if zh else ", ").join(order)] if order else []
    parts += (
        [word(f"{cross.kind}:{cross.overrun or cross.remainder}", language)] if cross.overrun or cross.remainder else []
    )
    return ("；" if zh else "; ").join(parts)


def changed(found: Changed, program: Program, language: str = "zh") -> str:
    """A cap, a deduction, a factor, the stages or a rounding in one line; what is open has no figures yet."""
    text = spoken(found.text, program, None, language)
    if not (found.before.is_certain and found.after.is_certain):
        return f"{word(found.what, language)} {text}"
    return f"{word(found.what, language)} {text}: {found.before.show(language)} → {found.after.show(language)}"


def as_json(award: Numbers) -> dict[str, Any]:
    """Every part of an award; amounts are exact."""
    program = award.program
    shown = {
        name: show(program.by_name[name], number) for name, number in award.known.items() if name in program.by_name
    }
    return {
        "policy": award.title[0],
        "policy_en": award.title[1],
        "status": program.status,
        "on": award.on.isoformat(),
        "kind": program.result_kind,
        "is_certain": award.result.is_certain,
        "award_fen": award.fen,
        "choice": award.choice,
        "result": award.result.to_json() if program.result_kind == "money" else {"possible": list(award.possible)},
        "facts": shown,
        "missing": [_asked(spec) for spec in award.missing],
        "next_fact": _asked(award.next_fact) if award.next_fact else None,
        "measures": [
            {
                "name": each.measure.name,
                "zh": each.measure.zh,
                "en": each.measure.en,
                "clause": each.measure.clause,
                "text": each.measure.text,
                "applies": each.applies,
                "conditions": [item._asdict() | {"zh": spoken(item.text, program)} for item in each.conditions],
                "formula": each.measure.formula,
                "figures": spoken(each.measure.formula, program, award.known),
                "raw": each.raw.to_json(),
                "changes": [
                    {
                        "what": item.what,
                        "text": item.text,
                        "before": item.before.to_json(),
                        "limit": item.limit.to_json() if item.limit else None,
                        "after": item.after.to_json(),
                    }
                    for item in each.changes
                ],
                "amount": each.amount.to_json(),
                "assumed": list(each.measure.assumed),
                "evidence": [
                    program.by_name[name].evidence for name in each.measure.facts if program.by_name[name].evidence
                ],
                "missing": list(each.missing),
            }
            for each in award.measures
        ],
        "steps": [
            {
                "name": each.step.name,
                "what": each.step.what,
                "clause": each.step.clause,
                "text": each.step.text,
                "formula": each.step.formula,
                "over_rows": each.step.cross is not None,
                "assumed": each.step.assumed,
                "before": each.before.to_json(),
                "after": each.after.to_json(),
            }
            for each in award.steps
        ],
        "splits": {name: share.to_json() for name, share in award.splits},
        "defaults": [spec.name for spec in award.defaulted],
        "assumed": [{"name": name, "value": value, "reason": reason} for name, value, reason in assumed(program)],
    }


def _asked(spec: FactSpec) -> dict[str, Any]:
    return {"name": spec.name, "zh": spec.zh, "en": spec.en, "evidence": spec.evidence}
