"""Letters to a company: what was decided on its application, and that money was sent.

They say what the decision and the payment keep, in words; nothing is computed again but the names of companies and of
the office, which are today's. Identifiers are masked. The wording is this system's own and claims to be nobody's
official form; letters of a sample programme say so. At the foot of every page stands the SHA-256 of the letter's
content: the same letter has the same at any time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from xiepai.grants.masking import mask_code
from xiepai.grants.models import (
    Application,
    Decision,
    Outcome,
    PaymentOrder,
    PaymentState,
    RecordStanding,
)
from xiepai.grants.payment_files import order_number
from xiepai.grants.policies import program_of
from xiepai.grants.replaying import values_of
from xiepai.grants.services.appealing import APPEAL_DAYS, promised_until
from xiepai.grants.services.promising import shares_of
from xiepai.grants.wording import Milestones, is_english, measure_words, named
from xiepai.kernel import clock
from xiepai.kernel.money import Money
from xiepai.kernel.printing import pdf_of
from xiepai.parties.models import Organisation, OrganisationKind
from xiepai.policy import FactSpec, PolicyError
from xiepai.policy.facts import known, number_of, show
from xiepai.policy.speaking import spoken

TEMPLATE = Path(__file__).with_name("letter.typ")
#: Payments of which the company may be told by letter: the money has left.
TOLD = (PaymentState.SENT, PaymentState.PAID)


def decision_letter(decision: Decision) -> bytes:
    """The PDF of an award's or a refusal's letter."""
    return pdf_of(TEMPLATE, sealed(decision_content(decision)))


def payment_letter(order: PaymentOrder) -> bytes:
    """The PDF that says money was sent."""
    return pdf_of(TEMPLATE, sealed(payment_content(order)))


def sealed(content: Mapping[str, Any]) -> dict[str, Any]:
    """The content with its digest for the foot of the page."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(text.encode()).hexdigest()
    return {**content, "seal": _("内容校验值 %(digest)s") % {"digest": digest}}


def decision_content(decision: Decision) -> dict[str, Any]:
    """What the letter of a decision says."""
    application, version = decision.application, decision.version
    head = [
        *subject_of(application),
        (_("政策版本"), _("第 %(n)s 版，%(day)s 起适用") % {"n": version.number, "day": version.effective_from}),
        (_("适用日期"), str(decision.evaluated_on)),
        *([(_("会议或依据"), decision.meeting)] if decision.meeting else []),
    ]
    is_award = decision.outcome == Outcome.APPROVED
    said = _award(decision) if is_award else _refusal(decision)
    return {
        **letter_of(application, decision.number),
        "head": [list(pair) for pair in head],
        "facts": _facts(decision),
        "facts_title": _("决定所依据的事实"),
        "signed": _signed(decision),
        "proofs": [
            [_("政策文件"), f"SHA-256 {version.sha256}"],
            [_("决定"), f"SHA-256 {decision.sha256}"],
        ],
        "proofs_note": _("决定的校验值由政策文件、事实、各条目金额和说明算出，任何一项改动都会使它不符。"),
        **said,
    }


def payment_content(order: PaymentOrder) -> dict[str, Any]:
    """What the letter of a payment says."""
    application, account = order.application, order.account
    milestone = Milestones([application.programme_id]).words(application.programme_id, order.measure, order.milestone)
    sent = order.batch.sent_at if order.batch else None
    rows = [
        (_("金额"), str(Money(order.amount_fen))),
        (_("政策条目"), measure_words(order.measure, application.version)),
        (_("分期"), milestone or _("一次拨付")),
        (_("批次"), order.batch.number if order.batch else "—"),
        (_("付款编号"), order_number(order)),
        (_("户名"), account.holder if account else "—"),
        (_("账号"), mask_code(account.number) if account else "—"),
        (_("开户行"), account.bank if account else "—"),
        (_("送银行日期"), _day(sent)),
        (_("到账日期"), _day(order.paid_at) if order.paid_at else _("等银行回单")),
        *([(_("银行流水号"), order.bank_reference)] if order.bank_reference else []),
    ]
    is_there = order.state == PaymentState.PAID
    words = (
        _("贵单位申报 %(number)s 的奖补资金已拨付到账，明细如下。")
        if is_there
        else _("贵单位申报 %(number)s 的奖补资金已送银行办理拨付，明细如下。")
    ) % {"number": application.number}
    return {
        **letter_of(application, order_number(order)),
        "title": _("奖补资金拨付通知书"),
        "head": [list(pair) for pair in (*subject_of(application), (_("依据的决定"), order.decision.number))],
        "paragraphs": [words],
        "rows": [list(pair) for pair in rows],
        "signed": [*_office(), _day(order.paid_at or sent)],
    }


def letter_of(application: Application, number: str) -> dict[str, Any]:
    """What every letter has; the fields a kind of letter leaves out are empty."""
    company, programme = application.organisation, application.programme
    is_sample = RecordStanding.SAMPLE in (programme.standing, application.standing)
    return {
        "lang": "en" if is_english() else (get_language() or "zh")[:2],
        "number": number,
        "sample": _("样例：本函为演示编写，不是任何机关的文书。") if is_sample else "",
        "to": _company(application),
        "code": f"{_('统一社会信用代码')} {mask_code(company.uscc)}" if company.uscc else "",
        "footer": f"{number} · {programme.name_in(get_language() or 'zh')}",
        "head": [], "paragraphs": [], "rows": [], "measures": [], "total": [], "columns": [], "closing": [],
        "facts": [], "facts_title": "", "signed": [], "proofs": [], "proofs_note": "",
    }  # fmt: skip


def _company(application: Application) -> str:
    company = application.organisation
    return (is_english() and company.name_en) or company.name


def subject_of(application: Application) -> list[tuple[str, str]]:
    """What a letter is about: the application, its work, its programme."""
    work = application.work
    title = ((is_english() and work.title_en) or f"《{work.title}》") if work else ""
    return [
        (_("申报编号"), application.number),
        *([(_("作品"), title)] if title else []),
        (_("奖补项目"), application.programme.name_in(get_language() or "zh")),
    ]


def _award(decision: Decision) -> dict[str, Any]:
    shares = shares_of(decision)
    total = str(Money(decision.awarded_fen))
    return {
        "title": _("奖补决定通知书"),
        "paragraphs": [
            _("贵单位的申报经审核，决定予以奖补，核定金额 %(total)s。各条目、金额和依据如下。") % {"total": total}
        ],
        "columns": [_("条款"), _("政策条目和依据"), _("金额")],
        "measures": [_measure(decision, each, shares.get(each["name"])) for each in _kept_measures(decision, shares)],
        "total": [_("合计"), total],
        "closing": [_reason(decision), _("拨付时另发拨付通知；资金去向可在申报页面查看。")],
    }


def _refusal(decision: Decision) -> dict[str, Any]:
    is_refused = decision.outcome == Outcome.REJECTED
    until = promised_until(decision)
    days = decision.explanation.get("appeal", {}).get("days", APPEAL_DAYS)
    term = (
        _("贵单位不同意的，可在 %(until)s 前（自决定之日起 %(n)s 个工作日）申诉。")
        % {"until": f"{clock.local(until):%Y-%m-%d %H:%M}", "n": days}
        if until
        else _("贵单位不同意的，可自决定之日起 %(n)s 个工作日内申诉。") % {"n": days}
    )
    how = _("申诉在本系统该申报的页面写明理由提交，由原经办人以外的人答复。")
    note = _("申诉期限由本系统设定，政策文件没有写明。")
    asked = [name for name in decision.application.measures if name]
    return {
        "title": _("不予奖补决定通知书") if is_refused else _("撤销奖补决定通知书"),
        "paragraphs": [
            (_("贵单位的申报经审核，决定不予奖补。") if is_refused else _("决定撤销对贵单位的奖补。")),
            _("理由：%(reason)s") % {"reason": decision.reason or "—"},
        ],
        "columns": [_("条款"), _("申报的政策条目"), ""],
        "measures": [_measure(decision, each, None) for each in _kept_measures(decision, asked)],
        "closing": [term, how, note] if is_refused else [],
    }  # fmt: skip


def _reason(decision: Decision) -> str:
    return _("决定依据：%(reason)s") % {"reason": decision.reason or decision.meeting or "—"}


def _kept_measures(decision: Decision, names: Iterable[str]) -> list[Mapping[str, Any]]:
    """These measures as the decision's explanation has them; where it has none, as its version calls them."""
    wanted = list(names)
    alone = decision.explanation.get("alone") or {}
    kept = [each for each in alone.get("measures", ()) if each["name"] in wanted]
    there = {each["name"] for each in kept}
    program = program_of(decision.version, decision.evaluated_on)
    bare = [
        {"name": each.name, "zh": each.zh, "en": each.en, "clause": each.clause, "text": each.text}
        for each in program.measures
        if each.name in wanted and each.name not in there
    ]
    return [*kept, *bare]


def _measure(decision: Decision, kept: Mapping[str, Any], fen: int | None) -> dict[str, Any]:
    figures = _in_words(decision, kept.get("formula", "")) if is_english() else kept.get("figures")
    raw = kept.get("raw") or {"low": 0, "high": 1}
    if figures and raw["low"] == raw["high"]:
        figures = f"{figures} = {Money(raw['low'] // raw['den'])}"
    conditions = [
        _condition(decision, each["text"]) if is_english() else each["zh"]
        for each in kept.get("conditions", ())
        if each["state"] or fen is None
    ]
    return {
        "clause": kept["clause"],
        "name": named(kept),
        "text": kept["text"],
        "conditions": conditions if fen is not None else [],
        "figures": figures if fen is not None and figures else "",
        "amount": "" if fen is None else str(Money(fen)),
    }


def _condition(decision: Decision, text: str) -> str:
    return spoken(text, program_of(decision.version, decision.evaluated_on), None, "en")


def _in_words(decision: Decision, text: str) -> str:
    """A line of the policy in English, with the figures the decision keeps."""
    if not text:
        return ""
    program = program_of(decision.version, decision.evaluated_on)
    values = {name: value for name, value in values_of(decision.facts).items() if name in program.by_name}
    try:
        figures = known(program.by_name, values)
    except PolicyError:
        figures = {}
    return spoken(text, program, figures, "en")


def _facts(decision: Decision) -> list[list[str]]:
    """The facts the decision rests on, in the order of the policy file."""
    program = program_of(decision.version, decision.evaluated_on)
    found = []
    for spec in program.facts:
        kept = decision.facts.get(spec.name)
        if spec.kind != "key" and kept and kept.get("value") not in (None, ""):
            found.append([named(spec), _value(spec, str(kept["value"]))])
    return found


def _value(spec: FactSpec, literal: str) -> str:
    try:
        return show(spec, number_of(spec, literal), "en" if is_english() else "zh")
    except PolicyError:
        return literal


def _signed(decision: Decision) -> list[str]:
    who = decision.decided_by.get_short_name() if decision.decided_by else _("期满自动办结")
    return [*_office(), _("决定人：%(who)s") % {"who": who}, _day(decision.decided_at)]


def _office() -> list[str]:
    """The office that writes, where the city has one."""
    rows = Organisation.objects.filter(kind=OrganisationKind.OFFICE, is_active=True).order_by("pk")
    return [(is_english() and each.name_en) or each.name for each in rows[:1]]


def _day(moment: Any) -> str:
    return f"{clock.local(moment):%Y-%m-%d}" if moment else "—"
