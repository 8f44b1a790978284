"""The policies as people read them: clause, rule, what is assumed, and worked examples that open in the calculator."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from xiepai.kernel.errors import not_found
from xiepai.policy.asking import Calculator, City, Sheet, completed
from xiepai.policy.documenting import plain, told
from xiepai.policy.facts import show
from xiepai.policy.messages import word
from xiepai.policy.telling import said_range
from xiepai.web import formats
from xiepai.web.public.calculator import language, shelf
from xiepai.web.public.calculator_state import State, canonical
from xiepai.web.requests import Request


@require_safe
def listing(request: Request) -> HttpResponse:
    """Every encoded policy with its standing and source."""
    found = shelf()
    return render(request, "public/policies.html", {"policies": [_head(city) for city in found.cities]})


@require_safe
def policy(request: Request, key: str) -> HttpResponse:
    """One policy in full."""
    found = shelf()
    city = next((each for each in found.cities if each.key == key), None)
    if city is None:
        raise not_found()
    context = {"policy": _head(city), "blocks": told(city.policy, language()), "examples": _examples(found, city)}
    return render(request, "public/policy.html", context)


def _head(city: City) -> dict[str, Any]:
    found = city.policy
    measures = found.at().measures
    return {
        "key": city.key,
        "city": city.en if formats.is_english() else city.zh,
        "title": found.title[formats.is_english()],
        "issuer": found.issuer,
        "number": found.number,
        "status": found.status,
        "status_text": word(found.status, language()),
        "start": found.start,
        "end": found.end if found.end.year < 2099 else None,
        "source": plain(found.root.get("source")),
        "note": plain(found.root.get("note")),
        "measures": [(each.clause, each.en if formats.is_english() else each.zh) for each in measures],
        "assumed": len(found.at().assumed),
    }


def _examples(found: Calculator, city: City) -> list[dict[str, Any]]:
    """The worked examples of one case; each with the address that computes it again."""
    return [
        {"name": name, "on": sheet.on, "given": given, "result": said_range(result, language()), "address": address}
        for name, sheet, given, result, address in _computed(found, city, language())
    ]


@lru_cache(maxsize=32)
def _computed(found: Calculator, city: City, words: str) -> list[tuple[str, Sheet, list[str], Any, str]]:
    rows = []
    for example in city.policy.examples:
        if len(example.cases) != 1:  # what is decided over several rows is no case for one work
            continue
        given = {name.text: value.text for name, value in example.cases[0]}
        sheet = completed(found, city, example.on, given)
        exact = {key: canonical(found.questions[key].spec, text) or text for key, text in sheet.answers.items()}
        sheet = Sheet(sheet.on, exact)
        state = State(sheet, (city.key,), day_is_given=True)
        award = found.estimate(sheet, [city.key]).found[0].award
        lines = [
            f"{spec.zh if words == 'zh' else spec.en} {show(spec, award.known[spec.name], words)}"
            for spec in city.policy.facts
            if spec.name in given and spec.name in award.known
        ]
        rows.append((example.name, sheet, lines, award.result, reverse("public:calculator") + state.query()))
    return rows
