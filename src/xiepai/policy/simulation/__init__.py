"""Simulation: a policy over a population, with totals, pictures and files. See ``docs/guide/policy-simulation.md``.

>>> from xiepai.policy import load
>>> policy = load('''
... policy: 示例
... issuer: 示例市
... status: sample
... in_force: 2026-01-01 ..
... facts: {cost: money | 成本 | 审计报告 | 0元 .. 100万元}
... measures:
...   base: {clause: 一, text: 按成本的10%奖励，最高5万元。, pay: 10% of cost, at_most: 5万元}
... then: [{round: down to 1元, clause: 二}]
... examples: [{name: 封顶, on: 2026-05-01, given: {cost: 60万元}, expect: 5万元}]
... ''')
>>> import numpy as np
>>> found = simulate(policy.at(), {"cost": np.array([0, 100_000, 60_000_000])}, engine="duckdb")
>>> found.fen, found.paid, found.measures[0].capped, found.awards.tolist()
(5010000, 2, 1, [0, 10000, 5000000])
"""

from xiepai.policy.simulation.charts import draw_charts
from xiepai.policy.simulation.population import draw
from xiepai.policy.simulation.run import ENGINES, Simulation, SimulationError, cases_of, save, simulate

__all__ = ["ENGINES", "Simulation", "SimulationError", "cases_of", "draw", "draw_charts", "save", "simulate"]
