"""The benchmark city's policy in OpenFisca, as its users write: entities, variables, parameters, vectorised formulas.

A process of its own in an environment of its own (.venv-bench; OpenFisca-core is AGPL and no part of the product).
Amounts are yuan in OpenFisca's own float, which is 32 bits. Steps over rows have no vocabulary in OpenFisca; they are
NumPy inside formulas, sums in 64-bit floats, as a careful user would write them. It answers in JSON.
"""

from __future__ import annotations

import json
import os
import sys
import time

import numpy as np
from openfisca_core.entities import build_entity
from openfisca_core.indexed_enums import Enum
from openfisca_core.parameters import ParameterNode
from openfisca_core.periods import DateUnit
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

clock = time.process_time if os.environ.get("BENCH_CLOCK") == "cpu" else time.perf_counter
PERIOD = "2026"
START = "2026-01-01"
Application = build_entity("application", "applications", "An application", is_person=True)
Firm = build_entity("firm", "firms", "A company", roles=[{"key": "applicant", "plural": "applicants"}])


class Award(Enum):
    none = "无"
    city = "市级"
    provincial = "省级"
    national = "国家级"


AWARDS = [Award.none, Award.city, Award.provincial, Award.national]


def value(number):
    return {"values": {START: {"value": number}}}


def scale(kind, brackets):
    rows = [{"threshold": {START: {"value": at}}, kind: {START: {"value": what}}} for at, what in brackets]
    return {"metadata": {"type": "single_amount" if kind == "amount" else "marginal_rate"}, "brackets": rows}


PARAMETERS = {
    "new_base": {"above": value(5_000_000), "rate": value(0.075), "at_most": value(2_000_000)},
    "hit": scale("amount", [(0, 0), (1_000_000, 100_000), (5_000_000, 300_000), (10_000_000, 500_000)]),
    "vertical": {"bands": scale("rate", [(0, 0), (1_000_000, 0.03), (5_000_000, 0.015)]), "at_most": value(1_000_000)},
    "script": {
        "city": value(100_000),
        "provincial": value(200_000),
        "national": value(300_000),
        "local_theme": value(1.2),
    },
    "location": {"days": value(7), "share": value(0.5), "episode": value(10_000), "at_most": value(100_000)},
    "local_spend": {"above": value(500_000), "rate": value(1 / 3), "at_most": value(800_000)},
    "office": {"rate": value(2 / 37), "area": value(500), "months": value(24)},
    "digital": {"rate": value(0.0003), "at_most": value(50_000)},
    "per_firm": value(3_000_000),
    "budget": value(50_000_000),
}


def inputs():
    """The input variables and their types."""
    kinds = {bool: ("dishonest", "cultural", "leading", "vertical", "local_theme")}
    kinds[float] = (
        "investment",
        "fixed_assets",
        "revenue",
        "local_share",
        "local_cost",
        "rent",
        "area",
        "months",
        "higher_paid",
        "tax_paid",
        "episodes",
    )
    kinds[int] = ("local_days", "enterprise", "work", "accepted_at", "application")
    for kind, names in kinds.items():
        for name in names:
            body = {"value_type": kind, "entity": Application, "definition_period": DateUnit.YEAR, "label": name}
            yield type(name, (Variable,), body)
    body = {"value_type": Enum, "possible_values": Award, "default_value": Award.none, "entity": Application}
    yield type("award", (Variable,), body | {"definition_period": DateUnit.YEAR, "label": "award"})


class new_base(Variable):
    value_type = float
    entity = Application
    definition_period = DateUnit.YEAR

    def formula(applications, period, parameters):
        p = parameters(period).new_base
        applies = applications("cultural", period) * (applications("investment", period) > p.above)
        return applies * np.minimum(p.rate * applications("fixed_assets", period), p.at_most)


class hit(Variable):
    value_type = float
    entity = Application
    definition_period = DateUnit.YEAR

    def formula(applications, period, parameters):
        applies = applications("leading", period) * np.logical_not(applications("vertical", period))
        return applies * parameters(period).hit.calc(applications("revenue", period))


class vertical_share(Variable):
    value_type = float
    entity = Application
    definition_period = DateUnit.YEAR

    def formula(applications, period, parameters):
        p = parameters(period).vertical
        applies = applications("leading", period) * applications("vertical", period)
        return applies * np.minimum(p.bands.calc(applications("revenue", period)), p.at_most)


class script(Variable):
    value_type = float
    entity = Application
    definition_period = DateUnit.YEAR

    def formula(applications, period, parameters):
        p, award = parameters(period).script, applications("award", period)
        base = np.select(
            [award == Award.national, award == Award.provincial, award == Award.city],
            [p.national, p.provincial, p.city],
        )
        return base * np.where(applications("local_theme", period), p.local_theme, 1)


class location(Variable):
    value_type = float
    entity = Application
    definition_period = DateUnit.YEAR

    def formula(applications, period, parameters):
        p = parameters(period).location
        applies = (applications("local_days", period) >= p.days) * (applications("local_share", period) > p.share)
        return applies * np.minimum(p.episode * applications("episodes", period), p.at_most)


class local_spend(Variable):
    value_type = float
    entity = Application
    definition_period = DateUnit.YEAR

    def formula(applications, period, parameters):
        p, cost = parameters(period).local_spend, applications("local_cost", period)
        amount = np.minimum(p.rate * np.maximum(cost - p.above, 0), p.at_most)
        return (cost > p.above) * np.maximum(amount - applications("higher_paid", period), 0)


class office(Variable):
    value_type = float
    entity = Application
    definition_period = DateUnit.YEAR

    def formula(applications, period, parameters):
        p = parameters(period).office
        area = np.minimum(applications("area", period), p.area)
        return p.rate * applications("rent", period) * area * np.minimum(applications("months", period), p.months)


class digital(Variable):
    value_type = float
    entity = Application
    definition_period = DateUnit.YEAR

    def formula(applications, period, parameters):
        p = parameters(period).digital
        applies = np.logical_or(applications("leading", period), applications("cultural", period))
        return applies * np.minimum(p.rate * applications("investment", period), p.at_most)


class release(Variable):
    value_type = float
    entity = Application
    definition_period = DateUnit.YEAR

    def formula(applications, period, parameters):
        highest = np.maximum(applications("hit", period), applications("vertical_share", period))
        return np.maximum(highest, applications("script", period))


class gross(Variable):
    value_type = float
    entity = Application
    definition_period = DateUnit.YEAR

    def formula(applications, period, parameters):
        names = ("new_base", "location", "local_spend", "office", "digital", "release")
        total = sum(applications(name, period) for name in names)
        return np.logical_not(applications("dishonest", period)) * np.floor(total * 100) / 100


class per_work(Variable):
    value_type = float
    entity = Application
    definition_period = DateUnit.YEAR

    def formula(applications, period, parameters):
        amount, work = applications("gross", period), applications("work", period)
        order = np.lexsort((applications("application", period), applications("accepted_at", period), -amount, work))
        first = np.ones(len(order), bool)
        first[1:] = work[order][1:] != work[order][:-1]
        keep = np.zeros(len(order), bool)
        keep[order] = first
        return np.where(keep, amount, 0)


class within_tax(Variable):
    value_type = float
    entity = Application
    definition_period = DateUnit.YEAR

    def formula(applications, period, parameters):
        return np.minimum(applications("per_work", period), applications("tax_paid", period))


class per_firm(Variable):
    value_type = float
    entity = Application
    definition_period = DateUnit.YEAR

    def formula(applications, period, parameters):
        limit, amount = parameters(period).per_firm, applications("within_tax", period).astype(float)
        firm, accepted = applications("enterprise", period), applications("accepted_at", period)
        year = accepted.astype("datetime64[D]").astype("datetime64[Y]").astype(int)
        order = np.lexsort((applications("application", period), accepted, year, firm))
        before = np.cumsum(amount[order]) - amount[order]
        starts = np.ones(len(order), bool)
        starts[1:] = (firm[order][1:] != firm[order][:-1]) | (year[order][1:] != year[order][:-1])
        before -= np.maximum.accumulate(np.where(starts, before, 0))
        paid = np.empty(len(order))
        paid[order] = np.minimum(amount[order], np.maximum(limit - before, 0))
        return paid


class pool(Variable):
    value_type = float
    entity = Application
    definition_period = DateUnit.YEAR

    def formula(applications, period, parameters):
        budget, amount = parameters(period).budget, applications("per_firm", period).astype(float)
        total = amount.sum()
        if total <= budget:
            return amount
        exact = amount * budget / total * 100
        cents = np.floor(exact)
        accepted, number = applications("accepted_at", period), applications("application", period)
        order = np.lexsort((number, accepted, cents - exact))
        left = round(float(budget * 100 - cents.sum()))
        cents[order[amount[order] > 0][:left]] += 1
        return cents / 100


class award_paid(Variable):
    value_type = float
    entity = Application
    definition_period = DateUnit.YEAR

    def formula(applications, period, parameters):
        return np.floor(applications("pool", period))


def system():
    """The tax and benefit system of the benchmark city."""
    found = TaxBenefitSystem([Application, Firm])
    found.parameters = ParameterNode("", data=PARAMETERS)
    formulas = (new_base, hit, vertical_share, script, location, local_spend, office, digital, release, gross)
    for variable in (*inputs(), *formulas, per_work, within_tax, per_firm, pool, award_paid):
        found.add_variable(variable)
    return found


FEN = ("investment", "fixed_assets", "revenue", "local_cost", "rent", "higher_paid", "tax_paid")


def own_form(columns):
    """Fen become yuan, ten-thousandths a share, places of a list an enumeration: what OpenFisca is given."""
    found = {}
    for name, column in columns.items():
        if name in FEN:
            found[name] = column / 100
        elif name == "local_share":
            found[name] = column / 10_000
        elif name in ("dishonest", "cultural", "leading", "vertical", "local_theme"):
            found[name] = column.astype(bool)
        elif name == "award":
            found[name] = Award.encode(np.array([each.name for each in AWARDS])[column])
        else:
            found[name] = column
    return found


def one_pass(tbs, columns, rows, trace=False):
    """Seconds for filling in and for calculating, and the amounts: before the steps over rows and at the end."""
    start = clock()
    simulation = SimulationBuilder().build_default_simulation(tbs, rows)
    simulation.trace = trace
    for name, column in columns.items():
        simulation.set_input(name, PERIOD, column)
    filled = clock()
    award = simulation.calculate("award_paid", PERIOD)
    end = clock()
    return filled - start, end - filled, {"award": award, "gross": simulation.calculate("gross", PERIOD)}


def situation(columns, row):
    """One case as OpenFisca's users write it: the dictionary its web API and its YAML tests take."""
    found = {}
    for name, column in columns.items():
        value = AWARDS[int(np.asarray(column)[row])].name if name == "award" else column[row].item()
        found[name] = {PERIOD: value}
    return {"applications": {"case": found}, "firms": {"firm": {"applicants": ["case"]}}}


def one_case(tbs, case):
    """Seconds after each step of what its web API does for /trace: build, calculate with trace, hand the trace out."""
    start = clock()
    simulation = SimulationBuilder().build_from_entities(tbs, case)
    simulation.trace = True
    simulation.calculate("award_paid", PERIOD)
    traced = clock()
    simulation.tracer.get_serialized_flat_trace()
    return traced - start, clock() - start


def main():
    """``bulk IN.npz OUT.npz REPEATS`` or ``single IN.npz REPEATS``."""
    import resource

    kind, source, *rest = sys.argv[1:]
    more = {}
    columns = own_form(dict(np.load(source)))
    rows, repeats, tbs = len(columns["work"]), int(rest[-1]), system()
    if kind == "bulk":
        runs = [one_pass(tbs, columns, rows) for _again in range(repeats)]
        np.savez(rest[0], **runs[0][2])
    else:
        cases = [{name: column[row : row + 1] for name, column in columns.items()} for row in range(rows)]
        for case in cases[:3]:
            one_pass(tbs, case, 1, trace=True)
        runs = [one_pass(tbs, cases[index % rows], 1, trace=True) for index in range(repeats)]
        situations = [situation(columns, row) for row in range(rows)]
        steps = [one_case(tbs, situations[index % rows]) for index in range(repeats)][10:]
        more = {"traced": [each[0] for each in steps], "serialized": [each[1] for each in steps]}
    answer = {
        "fill": [run[0] for run in runs],
        "calculate": [run[1] for run in runs],
        "rss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }
    print(json.dumps(answer | more))


if __name__ == "__main__":
    main()
