"""Every shape seen in a real policy can be written, and gives what stands beside it, by oracle and by compiled code."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xiepai.policy import Code, Policy, PolicyError, Program, load, oracle
from xiepai.policy.check import check
from xiepai.policy.facts import known
from xiepai.policy.intervals import candidates, ranges

pytestmark = pytest.mark.unit
ON = date(2026, 5, 1)
FACTS = """
  cost: money | 成本
  revenue: money | 分账收入 | | 0元 .. 10亿元
  format: horizontal=横屏, vertical=竖屏 | 格式
  level: none=无, city=市级, provincial=省级, national=国家级 | 奖项级别
  episodes: number 集 | 集数 | | 0 .. 200
  local_days: days | 本地连续拍摄天数
  total_days: days | 拍摄总天数
  local_scenes: share | 本地场景比例
  minutes: number 分钟 | 时长
  licence: yes/no | 许可证
  filing: yes/no | 备案号
  platform: yes/no | 平台编号
  first_producer: yes/no | 第一出品方
  script_done: yes/no | 剧本完成
  shot: yes/no | 拍摄完成
  promoted: yes/no | 宣发完成
  local_theme: yes/no | 本地题材
  upper: money | 上级奖励
  paid: money | 已获奖励
  rent: money | 每平方米月租金 | | 0元 .. 1000元
  area: number 0.01 平方米 | 面积 | | 0 .. 100000
  months: number 个月 | 月数 | | 0 .. 120
  year: number | 支持年度 | | 1 .. 10
  tax: money | 纳税额
  dishonest: yes/no | 失信 | | default no
  broadcast: date | 播出日期
  company: key | 企业
  work: key | 作品
  accepted: date | 受理日期
  score: number | 评分
  id: key | 编号
"""


def policy(measures: str, then: str = "", more: str = "") -> Policy:
    """A policy around measures; amounts end in whole fen."""
    steps = then or "  - {round: down to 0.01元, clause: 末条}\n"
    return load(
        f"policy: 示例\nissuer: 示例市\nstatus: sample\nin_force: 2026-01-01 .. 2028-12-31\nfacts:{FACTS}{more}\n"
        f"measures:\n{measures}\nthen:\n{steps}\n"
        "examples:\n  - {name: 空, on: 2026-05-01, given: {}, expect: 0元}\n"
    )


def paid(found: Policy, *cases: str, on: date = ON) -> list[Fraction]:
    """What cases get in yuan; facts not mentioned are no, zero or the first choice. Compiled code must agree."""
    program = found.at(on)
    rows = []
    for case in cases:
        given = dict(each.split("=") for each in case.split())
        row: dict[str, object] = {spec.name: spec.low for spec in program.facts if spec.kind != "key"}
        row |= known(program.by_name, given)
        row |= {name: value for name, value in given.items() if program.by_name[name].kind == "key"}
        rows.append(row)
    amounts = oracle.awards(program, rows)
    if len(rows) == 1:
        function, places = found.version(on).compiled
        assert function(rows[0])[places[program.result.node]] == amounts[0]
    return [Fraction(each, 100) for each in amounts]


def rows_of(program: Program) -> st.SearchStrategy[dict[str, int]]:
    """Facts at random, thresholds and ends more often than anything else."""
    specs = [spec for spec in program.facts if spec.kind != "key"]
    each = {spec.name: st.sampled_from(candidates(program, spec)) | st.integers(spec.low, spec.high) for spec in specs}
    return st.fixed_dictionaries(each)


M = "  a:\n    clause: 一\n    text: 示例\n"
ONE_CASE = {
    "flat by level": (
        "    by: level\n    table: {national: 30万元, provincial: 20万元, city: 10万元}",
        {"level=national": 300_000, "level=市级": 100_000, "level=none": 0},
    ),
    "share of cost with a cap": (
        "    pay: 成本的7.5%\n    at_most: 200万元",
        {"cost=1000万元": 750_000, "cost=3000万元": 2_000_000, "cost=0.13元": Fraction("0")},
    ),
    "share of revenue above a threshold, by format": (
        (
            "    by: format\n    table: {horizontal: '10% × excess(revenue, 200万元)', vertical: "
            "if revenue >= 100万元 then 10% of revenue else 0元}\n    at_most: 150万元"
        ),
        {
            "format=horizontal revenue=300万元": 100_000,
            "format=vertical revenue=100万元": 100_000,
            "format=vertical revenue=999999.99元": 0,
        },
    ),
    "per episode with a cap per work": (
        "    if: minutes >= 40分钟\n    pay: 1万元 × episodes\n    at_most: 10万元",
        {"minutes=40 episodes=7": 70_000, "minutes=40 episodes=11集": 100_000, "minutes=39 episodes=7": 0},
    ),
    "consecutive local days, share of days and of scenes": (
        "    if: [local_days >= 7天, local_days / total_days > 50%, local_scenes > 80%]\n    pay: 1000元",
        {
            "local_days=7天 total_days=13天 local_scenes=81%": 1000,
            "local_days=7天 total_days=14天 local_scenes=81%": 0,
            "local_days=7天 total_days=13天 local_scenes=80%": 0,
            "local_days=6天 total_days=6天 local_scenes=90%": 0,
            "local_days=0天 total_days=0天 local_scenes=90%": 0,
        },
    ),
    "one of several credentials, first producer only, after a day": (
        "    if: [许可证或备案号或平台编号, 第一出品方, broadcast >= 2024-06-18]\n    pay: 1000元",
        {
            "filing=yes first_producer=yes broadcast=2024-06-18": 1000,
            "filing=yes first_producer=yes broadcast=2024-06-17": 0,
            "filing=yes first_producer=no broadcast=2025-06-18": 0,
            "first_producer=yes broadcast=2025-06-18": 0,
        },
    ),
    "two of three": (
        "    if: count(licence, filing, platform) >= 2\n    pay: 1000元",
        {"filing=yes licence=yes": 1000, "filing=yes": 0},
    ),
    "staged payment, the last stage takes the remainder": (
        "    pay: 1/3 × cost\n    stages: {script_done: 30%, shot: 30%, promoted: 40%}\n    round: down to 0.01元",
        {
            "cost=1000.07元 script_done=yes": 100,
            "cost=1000.07元 script_done=yes shot=yes": 200,
            "cost=1000.07元 script_done=yes shot=yes promoted=yes": Fraction("333.35"),
        },
    ),
    "multiplier for a local theme": (
        "    pay: 10% of cost\n    times: {local_theme: 120%}\n    at_most: 50万元",
        {"cost=100万元 local_theme=yes": 120_000, "cost=100万元": 100_000, "cost=500万元 local_theme=yes": 500_000},
    ),
    "match of a higher level's award": (
        "    pay: 50% of upper\n    at_most: 30万元",
        {"upper=40万元": 200_000, "upper=100万元": 300_000},
    ),
    "ladder, and the difference to what was already paid": (
        "    by: revenue\n    reaching: {100万元: 10万元, 500万元: 30万元, 1000万元: 50万元}\n    less: paid",
        {
            "revenue=999999.99元": 0,
            "revenue=100万元": 100_000,
            "revenue=500万元 paid=10万元": 200_000,
            "revenue=2000万元 paid=60万元": 0,
        },
    ),
    "ladder above": (
        "    by: revenue\n    exceeding: {100万元: 10万元, 500万元: 30万元}",
        {"revenue=100万元": 0, "revenue=1000000.01元": 100_000, "revenue=5000000.01元": 300_000},
    ),
    "bands": (
        "    by: revenue\n    bands: {0元: 1%, 100万元: 2%, 500万元: 3%}",
        {"revenue=50万元": 5_000, "revenue=300万元": 50_000, "revenue=600万元": 120_000},
    ),
    "rent, area capped, months capped": (
        "    pay: 30% of rent × min(area, 500平方米) × min(months, 36个月)",
        {"rent=20元 area=600 months=48": 108_000, "rent=20元 area=100.5 months=12": 7_236},
    ),
    "years of support": (
        "    by: year\n    table: {1..2: 100% of tax, 3..5: 50% of tax}",
        {
            "year=2 tax=10万元": 100_000,
            "year=3 tax=10万元": 50_000,
            "year=5 tax=10万元": 50_000,
            "year=6 tax=10万元": 0,
        },
    ),
    "never more than the tax paid": (
        "    pay: 50% of cost\n    at_most: [300万元, tax]",
        {"cost=100万元 tax=20万元": 200_000, "cost=1000万元 tax=1000万元": 3_000_000},
    ),
    "a share in a thousand and odd fractions": (
        "    pay: cost × 0.3‰ + cost × 2/37",
        {"cost=37元": Fraction("2.01"), "cost=10000元": Fraction("543.54")},
    ),
}


@pytest.mark.parametrize("shape", ONE_CASE)
def test_a_shape_of_one_case(shape: str) -> None:
    body, cases = ONE_CASE[shape]
    found = policy(M + body)
    for case, expected in cases.items():
        assert paid(found, case) == [expected], case


def test_sum_with_a_cap_highest_only_and_stacking_on_an_upper_award() -> None:
    three = "".join(
        f"  {name}:\n    clause: 一\n    text: 示例\n    pay: {rate} of cost\n" for name, rate in RATES.items()
    )
    found = policy(
        three,
        "  - {highest_of: [a, b], clause: 二, name: best}\n"
        "  - {sum_of: [best, c], at_most: 50万元, clause: 三}\n"
        "  - {less: upper, clause: 四}\n"
        "  - {at_most: tax, clause: 五}\n"
        "  - {round: half up to 1元, clause: 六}\n",
    )
    assert paid(found, "cost=100万元 tax=100万元") == [500_000]
    assert paid(found, "cost=60.01元 tax=100万元") == [30]
    assert paid(found, "cost=100万元 tax=100万元 upper=10万元") == [400_000]
    assert paid(found, "cost=100万元 tax=5万元") == [50_000]


RATES = {"a": "10%", "b": "20%", "c": "30%"}


def test_who_is_excluded_and_what_all_require() -> None:
    found = policy(
        M + "    pay: 10% of cost",
        more="require:\n  licensed: {if: 许可证 或 备案号, clause: 二}\n"
        "exclude:\n  dishonesty: {if: 失信, clause: 三, text: 列入失信名单的不予支持}\n",
    )
    assert paid(found, "cost=100元 filing=yes") == [10]
    assert paid(found, "cost=100元") == [0]
    assert paid(found, "cost=100元 filing=yes dishonest=yes") == [0]
    award = found.evaluate({"cost": "100元", "filing": "yes"}, ON)
    assert [each.state for each in award.measures[0].conditions] == [True, True]


def test_levels_share_the_cost_to_the_fen() -> None:
    found = policy(
        M + "    pay: cost",
        "  - {split: {省级: 1/3, 市级: 1/3, 区级: rest}, clause: 七}\n",
    )
    award = found.evaluate(dict.fromkeys((spec.name for spec in found.facts if spec.kind == "money"), 100), ON)
    assert [share.low for _name, share in award.splits] == [33, 33, 34]


ROWS = (
    "cost=60元 company=甲 accepted=2026-02-01 id=1 work=x score=3",
    "cost=70元 company=甲 accepted=2026-01-05 id=2 work=x score=9",
    "cost=50元 company=甲 accepted=2025-12-31 id=3 work=y score=9",
    "cost=80元 company=乙 accepted=2026-02-01 id=4 work=z score=1",
    "cost=0元 company=丙 accepted=2026-01-01 id=5 work=w score=8",
)
OVER_ROWS = {
    "highest per work": ("highest_per: work, order: [accepted, id]", [0, 70, 50, 80, 0]),
    "quota, in the order of the score": ("quota: 2, order: [score desc, id]", [0, 70, 50, 0, 0]),
    "quota in the order of acceptance; who gets nothing takes no place": (
        "quota: 3, order: [accepted, id]",
        [60, 70, 50, 0, 0],
    ),
    "cap per company and year, in part": (
        (
            "at_most: 100元, per: company, each: year of accepted, shortfall: first come, overrun: part,"
            " order: [accepted, id]"
        ),
        [30, 70, 50, 80, 0],
    ),
    "cap per company, stop": (
        "at_most: 120元, per: company, shortfall: 先到先得, overrun: stop, order: [accepted, id]",
        [0, 70, 50, 80, 0],
    ),
    "budget, first come": (
        "budget: 150元, shortfall: first come, overrun: part, order: [accepted, id]",
        [30, 70, 50, 0, 0],
    ),
    "budget pro rata, remainder kept": (
        "budget: 100元, shortfall: pro rata, unit: 1元, remainder: kept",
        [23, 26, 19, 30, 0],
    ),
    "budget pro rata, remainder to the first": (
        "budget: 100元, shortfall: pro rata, unit: 1元, remainder: first, order: [accepted, id]",
        [23, 27, 20, 30, 0],
    ),
    "budget pro rata, remainder to the largest fractions": (
        "budget: 100元, shortfall: 按比例, unit: 1元, remainder: largest, order: [accepted, id]",
        [23, 27, 19, 31, 0],
    ),
}


@pytest.mark.parametrize("shape", OVER_ROWS)
def test_a_shape_over_rows(shape: str) -> None:
    step, expected = OVER_ROWS[shape]
    found = policy(M + "    pay: cost", f"  - {{{step}, clause: 八}}\n")
    assert paid(found, *ROWS) == expected


def test_steps_over_rows_apply_to_one_measure_and_then_go_on() -> None:
    found = policy(
        M + "    pay: cost\n  b:\n    clause: 二\n    text: 示例\n    pay: 10元\n",
        "  - {quota: 1, of: a, order: [accepted, id], clause: 三}\n  - {budget: 85元, clause: 四,"
        " shortfall: first come, overrun: part, order: [accepted, id]}\n",
    )
    assert paid(found, *ROWS) == [5, 10, 60, 0, 10]


def test_amendments_count_from_their_day() -> None:
    found = policy(
        M + "    if: cost > 10元\n    pay: 10% of cost\n    at_most: 200万元\n",
        more="amendments:\n  - {from: 2027-01-01, clause: 修改决定, set: {a.at_most: 150万元, a.pay.1: 20%}}\n",
    )
    assert paid(found, "cost=3000万元", on=date(2026, 12, 31)) == [2_000_000]
    assert paid(found, "cost=3000万元", on=date(2027, 1, 1)) == [1_500_000]
    assert paid(found, "cost=100元", on=date(2027, 1, 1)) == [20]
    with pytest.raises(PolicyError) as caught:
        found.evaluate({}, date(2029, 1, 1))
    assert caught.value.diagnostics[0].code is Code.NOT_IN_FORCE


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("a.at_most", "80万元", 800_000),
        ("measures.a.pay", "1% of cost", 300_000),
        ("a.pay.1", "3%", 900_000),
        ("a.if.1", "3000万元", 0),
    ],
)
def test_any_literal_can_be_set(path: str, value: str, expected: int) -> None:
    found = policy(M + "    if: cost > 500万元\n    pay: 10% of cost\n    at_most: 200万元\n")
    assert paid(found.changed({path: value}), "cost=3000万元") == [expected]


CLASSES = """
policy: 示例分类
issuer: 示例
status: sample
in_force: 2026-01-01 ..
result: top=一类, middle=二类, low=三类
facts:
  investment: money | 投资
  sensitive: yes/no | 特殊题材
measures:
  subject: {clause: 一, text: 特殊题材为一类, if: sensitive, choose: top}
  large: {clause: 二, text: 投资300万元以上为一类, if: investment >= 300万元, choose: top}
  medium: {clause: 三, text: 投资100万元以上为二类, if: investment >= 100万元, choose: middle}
  others: {clause: 四, text: 其余为三类, choose: low}
examples:
  - {name: 门槛, on: 2026-02-01, given: {investment: 300万元}, expect: top}
  - {name: 差一分, on: 2026-02-01, given: {investment: 299万元 + 9999.99元}, expect: middle}
  - {name: 题材优先, on: 2026-02-01, given: {investment: 1元, sensitive: yes}, expect: top}
"""


def test_a_class_is_the_same_language() -> None:
    found = load(CLASSES)
    assert check(found).ok
    award = found.evaluate({"investment": "120万元"})
    assert award.possible == ("top", "middle")
    assert award.next_fact is not None
    assert award.next_fact.name == "sensitive"
    assert found.evaluate({"investment": "120万元", "sensitive": "no"}).choice == "middle"


def test_what_is_set_counts_after_an_amendment_too() -> None:
    found = policy(
        M + "    pay: 10% of cost\n    at_most: 200万元\n",
        more="amendments:\n  - {from: 2027-01-01, clause: 修改决定, set: {a.at_most: 150万元}}\n",
    ).changed({"a.at_most": "80万元"})
    assert paid(found, "cost=3000万元", on=date(2027, 1, 1)) == [800_000]


def test_a_measure_may_speak_of_one_before_it() -> None:
    found = policy(
        M + "    pay: 10% of cost\n  b:\n    clause: 二\n    text: 示例\n    pay: cost\n    at_most: 50% of a\n"
    )
    assert paid(found, "cost=100元") == [15]


@pytest.mark.parametrize("shape", ONE_CASE)
def test_compiled_code_and_ranges_agree_with_the_oracle_on_every_shape(shape: str) -> None:
    found = policy(M + ONE_CASE[shape][0]).versions[0]
    program, (function, places) = found.program, found.compiled

    @settings(max_examples=60, deadline=None)
    @given(rows_of(program), st.sets(st.sampled_from([spec.name for spec in program.facts])))
    def agree(row: dict[str, int], hidden: set[str]) -> None:
        truth = [column[0] for column in oracle.run(program, [row])]
        values = function(row)
        assert all(values[place] == truth[node] for node, place in places.items())
        partly = ranges(program, {name: number for name, number in row.items() if name not in hidden})
        for node, (low, high), number in zip(program.nodes, partly, truth, strict=True):
            assert node.lo <= low <= number <= high <= node.hi

    agree()


AMOUNTS = st.lists(
    st.tuples(st.integers(0, 3000), st.sampled_from("甲乙丙"), st.integers(0, 3)), min_size=1, max_size=12
)


@pytest.mark.parametrize("shape", OVER_ROWS)
def test_steps_over_rows_never_exceed_their_limit_and_do_not_depend_on_the_order_of_rows(shape: str) -> None:
    program = policy(M + "    pay: cost", f"  - {{{OVER_ROWS[shape][0]}, clause: 八}}\n").at(ON)
    step = program.cross_steps[0]

    @settings(max_examples=60, deadline=None)
    @given(AMOUNTS, st.randoms(use_true_random=False))
    def hold(amounts: list[tuple[int, str, int]], chance: Random) -> None:
        low = {spec.name: spec.low for spec in program.facts if spec.kind != "key"}
        rows = [
            low | {"cost": cost * 10, "company": who, "work": who, "accepted": day, "score": day, "id": index}
            for index, (cost, who, day) in enumerate(amounts)
        ]
        after = dict(zip(range(len(rows)), oracle.awards(program, rows), strict=True))
        assert all(0 <= after[index] <= rows[index]["cost"] for index in after) or step.kind == "share"
        groups: dict[object, list[int]] = {}
        for index, row in enumerate(rows):
            groups.setdefault(row["company"] if step.per else "", []).append(index)
        for members in groups.values():
            paid_out, asked = sum(after[index] for index in members), sum(rows[index]["cost"] for index in members)
            assert paid_out <= (step.limit if step.kind in ("cap", "share") else asked)
            if step.kind == "share" and step.remainder != "kept":
                assert paid_out == min(asked, step.limit)
        shuffled = rows.copy()
        chance.shuffle(shuffled)
        again = oracle.awards(program, shuffled)
        assert {row["id"]: number for row, number in zip(shuffled, again, strict=True)} == after

    hold()
