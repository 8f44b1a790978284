"""能拿多少: a few questions, one at a time, and clause by clause what a work would get here and in other cities.

For everybody, without an account; every address is a GET that writes nothing and can be passed on. Refused: promising
(each figure is an estimate by its clause), and hiding what the source does not say.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from xiepai.kernel import clock
from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.parties.limits import count_here
from xiepai.policy.asking import Calculator, Estimate
from xiepai.policy.cities import CalculatorError, calculator
from xiepai.policy.comparing import STAGES
from xiepai.policy.telling import Teller
from xiepai.web import formats, spreadsheets
from xiepai.web.public import take_along
from xiepai.web.public.calculator_state import MONEY_UNITS, Reading, State, after_form, is_share
from xiepai.web.requests import Request, client_address


def language() -> str:
    """The language figures are told in."""
    return "en" if formats.is_english() else "zh"


def shelf() -> Calculator:
    """The calculator of this installation; a folder that cannot be read is said, not guessed around."""
    try:
        return calculator(settings.POLICIES)
    except CalculatorError as error:
        raise XiepaiError(ErrorCode.INVALID, detail=str(error)) from error


def read(request: Request) -> tuple[Calculator, State]:
    """The calculator and what the address says."""
    found = shelf()
    return found, Reading(found, request.GET, clock.today()).state()


@require_safe
def page(request: Request) -> HttpResponse:
    """The next question, the figures so far, the clauses."""
    found, state = read(request)
    after = after_form(found, state, request.GET)
    if after is not None:
        if not after.problem:
            return HttpResponseRedirect(reverse("public:calculator") + after.query() + "#question")
        state = after
    estimate = found.estimate(state.sheet, state.cities)
    teller = Teller(found, estimate, language())
    told = teller.told()
    told["next"] = teller.question(found.questions[state.change]) if state.change else told["next"]
    address = request.build_absolute_uri(reverse("public:calculator") + state.changing("").query())
    context = {
        "state": state,
        "told": told,
        "scale": max((city["most_fen"] for city in told["cities"]), default=0) or 1,
        "asks": _asks(state, told["next"], found),
        "rest": _rest(state, estimate, found),
        "cities": found.cities,
        "stages": [(key, STAGES[key][language() == "en"]) for key in found.stages],
        "address": address,
        "has_code": len(address) <= take_along.QR_LONGEST,
    }
    return render(request, "public/calculator.html", context)


def _asks(state: State, asked: dict[str, Any] | None, found: Calculator) -> dict[str, Any]:
    """What the form of the open question needs: its present value, its units, its input."""
    if asked is None:
        return {}
    spec = found.questions[asked["key"]].spec
    given = state.typed or state.sheet.answers.get(asked["key"], "")
    unit, value = MONEY_UNITS[0], given
    if spec.kind == "money":
        unit = next((each for each in ("亿元", "万元", "元") if given.endswith(each)), unit)
        value = given.removesuffix(unit)
        if unit == "亿元":
            unit, value = MONEY_UNITS[0], given
    elif is_share(spec):
        value = given.removesuffix("%")
    elif spec.kind == "days":
        value = given.removesuffix("天")
    suffix = "%" if is_share(spec) else _("天") if spec.kind == "days" else spec.unit
    return {"value": value, "unit": unit, "units": MONEY_UNITS, "suffix": suffix, "given": given}


def _rest(state: State, estimate: Estimate, found: Calculator) -> list[str]:
    """The yes-or-no questions still open in the city now being asked: to be refused in one go."""
    city = next((each for each in estimate.found if each.open_keys), None)
    return [key for key in city.open_keys if found.questions[key].spec.kind == "yes/no"] if city else []


@require_safe
def as_json(request: Request) -> HttpResponse:
    """The estimate as data: the same as the page says."""
    found, state = read(request)
    told = Teller(found, found.estimate(state.sheet, state.cities), language()).told()
    told["problems"] = list(state.problems)
    told["estimate_only"] = disclaimer()
    answer = JsonResponse(told, json_dumps_params={"ensure_ascii": False, "indent": 1})
    answer["Content-Disposition"] = 'attachment; filename="estimate.json"'
    return answer


@require_safe
def as_csv(request: Request) -> HttpResponseBase:
    """The clauses as a sheet, amounts in yuan."""
    found, state = read(request)
    told = Teller(found, found.estimate(state.sheet, state.cities), language()).told()
    return spreadsheets.table_file("csv", "estimate", take_along.rows(told))


@require_safe
def as_pdf(request: Request) -> HttpResponse:
    """The estimate on paper, with its address as a code that leads back here."""
    count_here("estimate_pdf_from", client_address(request))
    found, state = read(request)
    told = Teller(found, found.estimate(state.sheet, state.cities), language()).told()
    address = request.build_absolute_uri(reverse("public:calculator") + state.changing("").query())
    answer = HttpResponse(take_along.pdf(told, address, disclaimer()), content_type="application/pdf")
    answer["Content-Disposition"] = 'inline; filename="estimate.pdf"'
    return answer


@require_safe
def as_code(request: Request) -> HttpResponse:
    """The address of this estimate as a QR code."""
    _found, state = read(request)
    address = request.build_absolute_uri(reverse("public:calculator") + state.changing("").query())
    drawn = take_along.code(address)
    if not drawn:
        raise not_found()
    return HttpResponse(drawn, content_type="image/svg+xml")


def disclaimer() -> str:
    """What stands with every figure."""
    return _("这是按已收录条款的估算，不是承诺；能不能拿、拿多少，以主管部门审核为准。")
