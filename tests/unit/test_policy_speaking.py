"""What readers see of a rule is words: no name of a parameter, a definition or a fact is left in any city's policy."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from xiepai.policy import Policy, load
from xiepai.policy.explaining import assumed_in_words
from xiepai.policy.speaking import spoken

POLICIES = sorted((Path(__file__).parents[2] / "policies").glob("*.yaml"))
_CODE = re.compile(r"[a-z]+(?:_[a-z0-9]+)+")
_CHINESE = re.compile("[\u4e00-\u9fff]")


def read(path: Path) -> Policy:
    return load(path.read_text(encoding="utf-8"))


def said(policy: Policy, language: str) -> list[str]:
    program = policy.at()
    found = [row[0] for row in assumed_in_words(program, language)]
    for measure in program.measures:
        texts = [*(each.text for each in measure.conditions), measure.formula, *(each.text for each in measure.changes)]
        found += [spoken(text, program, None, language) for text in texts]
    return found


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_code_is_left_in_what_is_said(path: Path, language: str) -> None:
    policy = read(path)
    names = {*policy.at().by_name, *(row[0] for row in policy.at().assumed), *(row[0] for row in policy.at().defined)}
    for line in said(policy, language):
        assert not names & set(_CODE.findall(line)), line


def test_a_yes_or_no_is_said_by_its_label() -> None:
    policy = read(next(path for path in POLICIES if path.stem == "wujin-2025"))
    text = "shows_wujin or not wujin_culture_needed"
    assert spoken(text, policy.at()) == "展现武进文化 或 非 “须展现武进文化”（= 是）"
    assert spoken(text, policy.at(), None, "en") == 'Shows Wujin culture or not "Wujin culture is required" (= yes)'


FILE = """policy: 样例政策 / Sample policy
issuer: 样例
status: sample
in_force: 2025-01-01 ..
source: 样例
facts:
  cost: money | 成本 / Cost | 审计报告
  local: yes/no | 本地 / Local | 证明
assume:
  strict_rule: yes | 原文未写{label}
let:
  enough_cost: cost > 100元{let_label}
measures:
  one:
    name: 一 / One
    clause: 一
    text: 成本超过100元的，给予10%。
    if: [local or not strict_rule, enough_cost]
    pay: 10% of cost
then:
  - {{round: down to 1元, clause: 一, assumed: 未写}}
examples:
  - {{name: 本地, on: 2025-06-01, given: {{cost: 200元, local: yes}}, expect: 20元}}
"""


def test_a_label_may_be_left_out_and_the_name_is_said_in_words() -> None:
    policy = load(FILE.format(label="", let_label=""))
    assert spoken("not strict_rule", policy.at(), None, "en") == 'not "strict rule" (= yes)'
    assert spoken("enough_cost", policy.at()) == "(成本 > 100元)"
    assert policy.at().labels == ()


def test_labels_change_no_amount_and_survive_another_value() -> None:
    plain = load(FILE.format(label="", let_label=""))
    labelled = load(FILE.format(label=" | 从严 / Strictly read", let_label=" | 成本够 / Cost enough"))
    assert labelled.at().assumed == plain.at().assumed == (("strict_rule", "yes", "原文未写"),)
    assert labelled.at().defined == plain.at().defined
    changed = labelled.changed({"assume.strict_rule": "no"})
    assert spoken("not strict_rule", changed.at(), None, "en") == 'not "Strictly read" (= no)'
    for policy, local, fen in ((labelled, "no", 0), (labelled, "yes", 2000), (changed, "no", 2000)):
        assert policy.evaluate({"cost": "200元", "local": local}, policy.start).fen == fen
