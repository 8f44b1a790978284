"""The policy language: what a civil servant reads in a clause, computed exactly, explained, bounded.

Always: money in fen as whole numbers, rounding written, every mistake with file, line, column and a suggestion.
Never: a float, a guess about a missing fact, an escape to code. See ``docs/policy.md``.

>>> policy = load('''
... policy: 示例
... issuer: 示例市
... status: sample
... in_force: 2026-01-01 ..
... facts: {cost: money | 成本 | 审计报告}
... measures:
...   base:
...     clause: 第一条
...     text: 成本超过500万元的，按成本的10%给予奖励，最高200万元。
...     if: cost > 500万元
...     pay: 10% of cost
...     at_most: 200万元
... then:
...   - {round: down to 1元, clause: 二}
... examples:
...   - {name: 封顶, on: 2026-05-01, given: {cost: 3000万元}, expect: 200万元}
... ''')
>>> policy.evaluate({"cost": "600万元"}).fen
60000000
>>> policy.evaluate({}).result.show()
'0元 – 2,000,000元'
"""

from xiepai.policy.api import Policy, load
from xiepai.policy.explaining import Award
from xiepai.policy.ir import CrossStep, FactSpec, Node, Op, Program, Value
from xiepai.policy.messages import Code, Diagnostic, PolicyError

__all__ = [
    "Award",
    "Code",
    "CrossStep",
    "Diagnostic",
    "FactSpec",
    "Node",
    "Op",
    "Policy",
    "PolicyError",
    "Program",
    "Value",
    "load",
]
