"""A decision printed for the terminal: what was awarded, each clause with its figures, what is assumed, its facts.

Only the measures that were asked for are told. Nothing is computed that was not decided: the same facts under the same
version are evaluated again, and a difference is said.
"""

from __future__ import annotations

from collections.abc import Iterator

from xiepai.grants.knowing import literal
from xiepai.grants.models import Decision
from xiepai.grants.policies import evaluate, program_of
from xiepai.grants.replaying import decision_digest, values_of
from xiepai.kernel import clock
from xiepai.kernel.money import Money
from xiepai.policy import Award
from xiepai.policy.facts import number_of, show

WORDS = {
    "zh": ("奖补", "依据", "决定", "事实", "拨付", "校验值", "相符", "不符", "第 {n} 版", "由 {who} 决定"),
    "en": (
        "Award", "Policy", "Decision", "Facts", "Payment", "SHA-256", "intact", "DIFFERS", "version {n}",
        "decided by {who}",
    ),
}  # fmt: skip


def told(decision: Decision, language: str) -> str:
    """Everything of one decision, line by line."""
    return "\n".join(_lines(decision, language))


def _lines(decision: Decision, language: str) -> Iterator[str]:
    words = WORDS[language if language in WORDS else "zh"]
    application, version = decision.application, decision.version
    yield ""
    yield f"{words[0]}  {Money(decision.awarded_fen)}  {application.organisation.name}  {application.number}"
    programme = version.programme.name_in(language)
    yield f"{words[1]}  {programme}, {words[8].format(n=version.number)} ({version.sha256[:12]}…)"
    who = words[9].format(who=decision.decided_by or "—")
    yield f"{words[2]}  {decision.number}  {clock.local(decision.decided_at):%Y-%m-%d}  {who}  {decision.reason}"
    award = _again(decision)
    yield from (f"  {line}" for line in _asked(award, decision, language))
    yield words[3]
    for name, said in decision.facts.items():
        if name in award.program.by_name and award.program.by_name[name].kind != "key":
            spec = award.program.by_name[name]
            label = spec.zh if language == "zh" else spec.en
            value = show(spec, number_of(spec, said["value"]), language)
            yield f"  {label} = {value}  ({said['source']} {said['reference']})".replace(" )", ")")
    for order in decision.payments.order_by("id"):
        yield f"{words[4]}  {Money(order.amount_fen)}  {order.get_state_display()}"
    intact = digest_of(decision) == decision.sha256
    yield f"{words[5]}  {decision.sha256}  {words[6] if intact else words[7]}"


def digest_of(decision: Decision) -> str:
    """The hash over what the decision says now."""
    return decision_digest(
        decision.version, decision.facts, decision.by_measure, decision.explanation, decision.evaluated_on
    )


def _again(decision: Decision) -> Award:
    """Its own case evaluated again; what it did not look at stands at its lowest."""
    program = program_of(decision.version, decision.evaluated_on)
    given = values_of(decision.facts)
    rest = {
        spec.name: literal(spec, spec.low if spec.default is None else spec.default)
        for spec in program.facts
        if spec.kind != "key" and spec.name not in given
    }
    return evaluate(decision.version, {**rest, **given}, decision.evaluated_on)


def _asked(award: Award, decision: Decision, language: str) -> Iterator[str]:
    """The explanation without the measures nobody asked for, and without limits over them."""
    measures = {each.name: each for each in award.program.measures}
    others = [each for name, each in measures.items() if name not in decision.application.measures]
    heads = {f"{each.clause} {each.zh if language == 'zh' else each.en}:" for each in others}
    is_told = True
    for line in award.explain(language).splitlines():
        if not line.startswith("  "):
            is_told = not any(line.startswith(head) for head in heads)
        if is_told:
            yield line
