"""Policies made at random, with every shape the language has and rates that floats get wrong: 7.5 %, 1/7, 2/37, 0.3 ‰.

The text is a real policy file; its one example is only there because a file without examples is refused.
"""

from __future__ import annotations

import random

RATES = ("7.5%", "1/7", "2/37", "0.3‰", "12.34%", "1/3", "99.99%", "10%", "3/8", "0.01%", "33.3%")
AMOUNTS = (
    "0.01元",
    "99.99元",
    "1万元",
    "3.7万元",
    "10万元",
    "33.33万元",
    "100万元",
    "500万元",
    "1234.56万元",
    "3000万元",
)
BUDGETS = ("3000万元", "1亿元", "777.77万元")
UNITS = ("0.01元", "0.07元", "1元", "100元", "1000元")
FACTS = """facts:
  yes_a: yes/no | 甲 | 证
  yes_b: yes/no | 乙 | 证
  cost: money | 成本 | 证
  debt: money | 差额 | 证 | -5000万元 .. 5000万元
  small: money | 零头 | 证 | 0元 .. 9元
  level: none=无, city=市级, province=省级, nation=国家级 | 级别 | 证
  count: number 集 | 集数 | 证 | 0 .. 120
  size: number 0.01 平方米 | 面积 | 证 | 0 .. 9000
  part: share | 占比 | 证
  stay: days | 天数 | 证 | 0天 .. 365天
  taken: date | 受理 | 证 | 2024-11-01 .. 2027-02-28
  firm: key | 企业
  work: key | 作品
  number: key | 编号
"""


class Maker:
    """Writes one policy from a seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def text(self) -> str:
        """The whole file."""
        names = [f"m{place}" for place in range(self.random.randint(2, 6))]
        head = "policy: 随机样本\nissuer: 样本\nstatus: sample\nin_force: 2025-01-01 ..\n"
        measures = "measures:\n" + "".join(self.measure(name) for name in names)
        examples = "examples:\n  - {name: 空, on: 2025-02-01, given: {yes_a: no}, expect: {}}\n"
        return head + FACTS + measures + "then:\n" + "".join(self.then(names)) + examples

    def pick(self, *options: str) -> str:
        return self.random.choice(options)

    def rate(self) -> str:
        return self.pick(*RATES)

    def amount(self) -> str:
        return self.pick(*AMOUNTS)

    def ladder(self, values: tuple[str, ...]) -> str:
        marks = sorted(self.random.sample(range(len(AMOUNTS)), self.random.randint(1, 4)))
        return "{" + ", ".join(f"{AMOUNTS[mark]}: {self.pick(*values)}" for mark in marks) + "}"

    def condition(self) -> str:
        return self.pick(
            "yes_a",
            "not yes_b",
            "yes_a or yes_b",
            f"cost > {self.amount()}",
            f"cost >= {self.amount()} and yes_a",
            "debt / cost < 3/7",
            f"debt != {self.amount()}",
            "level in (city, nation)",
            "stay >= 7天",
            "part > 50.01%",
            "taken < 2026-01-01",
            "count(yes_a, yes_b, stay > 3天) >= 2",
        )

    def formula(self) -> str:
        return self.pick(
            f"pay: {self.rate()} of cost",
            f"pay: {self.rate()} × excess(cost, {self.amount()}) + {self.rate()} × small",
            f"pay: {self.rate()} × debt",
            f"pay: {self.amount()} × min(count, 24)",
            f"pay: down({self.rate()} of debt, {self.pick(*UNITS)}) + 5000万元",
            f"pay: {self.rate()} × small × size × min(count, 90)",
            f"pay: if yes_b then {self.rate()} of cost else max({self.amount()}, {self.rate()} × debt)",
            f"by: cost\n    reaching: {self.ladder(AMOUNTS)}",
            f"by: cost\n    exceeding: {self.ladder(AMOUNTS)}",
            f"by: cost\n    bands: {self.ladder(RATES)}",
            f"by: level\n    table: {{nation: {self.amount()}, province: {self.rate()} of cost, city: 1元}}",
        )

    def measure(self, name: str) -> str:
        lines = [f"  {name}:", f"    clause: {name}", "    text: 样本", f"    {self.formula()}"]
        if self.random.random() < 0.7:
            lines.append(f"    if: [{self.condition()}]".replace("[", "['").replace("]", "']"))
        if self.random.random() < 0.3:
            lines.append("    times: {yes_b: 1.15}")
        if self.random.random() < 0.6:
            lines.append(f"    at_most: {self.pick(self.amount(), f'{self.rate()} of cost')}")
        if self.random.random() < 0.3:
            lines.append("    less: small")
        if self.random.random() < 0.2:
            lines.append("    stages: {yes_a: 1/3, stay > 9天: 1/3, yes_b: 1/3}")
        if self.random.random() < 0.5:
            lines.append(f"    round: {self.pick('down to', 'up to', 'half up to')} {self.pick(*UNITS)}")
        return "\n".join(lines) + "\n"

    def then(self, names: list[str]) -> list[str]:
        lines = []
        if len(names) > 3:
            lines.append(f"highest_of: [{names[0]}, {names[1]}]")
        if self.random.random() < 0.4:
            lines.append(self.over_rows() + f", of: {names[-1]}")
        lines.append(f"round: {self.pick('down to', 'half up to')} {self.pick(*UNITS)}")
        for _again in range(self.random.randint(1, 3)):
            lines.append(self.over_rows())
            if self.random.random() < 0.3:
                lines.append(self.pick("less: small", f"at_most: {self.rate()} of cost", "at_most: 37.21万元"))
        lines.append(f"round: down to {self.pick('0.01元', '1元')}")
        return [f"  - {{{line}, clause: 条}}\n" for line in lines]

    def over_rows(self) -> str:
        order = "order: " + self.pick(
            "[taken, number]", "[taken desc, number]", "[number]", "[cost desc, taken, number]"
        )
        group = self.pick("", ", per: firm", ", per: [firm, work]", ", per: firm, each: year of taken", ", per: level")
        return self.pick(
            f"highest_per: {self.pick('work', 'firm', '[firm, level]')}, {order}",
            f"quota: {self.random.randint(0, 40)}{group}, {order}",
            f"at_most: {self.amount()}{group or ', per: firm'}, shortfall: first come, "
            f"overrun: {self.pick('part', 'stop')}, {order}",
            f"budget: {self.pick(*BUDGETS)}{group}, shortfall: first come, overrun: part, {order}",
            f"budget: {self.pick(*BUDGETS)}{group}, shortfall: pro rata, "
            f"remainder: {self.pick('kept', 'first', 'largest')}, unit: {self.pick(*UNITS)}, {order}",
        )
