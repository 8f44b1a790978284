"""The shape of a policy file as JSON Schema, for editors: made from the names the passes themselves allow.

It knows names, what must stand where, and a word of help for each; expressions are plain text to it. What it accepts
may still be refused by ``check``; what ``check`` accepts it accepts (a test holds the shipped files against it).
"""

from __future__ import annotations

from typing import Any

from xiepai.policy import measures, program, steps
from xiepai.policy.api import _AMENDMENT
from xiepai.policy.facts import NAME

HELP: dict[str, str] = {
    "policy": "政策名称，可写“中文 / English”。 The policy's name.",
    "issuer": "发布单位。 Who issued it.",
    "number": "文号。 Document number.",
    "status": "official 官方文本 · partial 部分条文 · sample 样例；显示在每个数字旁。 Shown beside every figure.",
    "source": "根据什么写成。 What this file was written from.",
    "note": "说明。 A remark.",
    "in_force": "有效期：2026-01-01 .. 2028-12-31，结束可空。 First and last day.",
    "result": "money，或从高到低的类别：top=一类, low=二类。 Money, or classes from the highest.",
    "facts": "事实：类型 | 名称 | 证明材料 / 英文 | 范围 | 默认值。 type | label | evidence | range | default.",
    "assume": "来源未写明的参数：值 | 理由 | 名称。 What the source does not say: value | reason | label.",
    "let": "给几处共用的式子起名。 Names for what several lines share.",
    "require": "各项措施的共同条件。 Conditions of every measure.",
    "exclude": "排除情形：成立则不予支持。 Nobody this holds for gets anything.",
    "measures": "措施：条件与金额。 Measures: conditions and amounts.",
    "then": "汇总：按条文顺序的叠加、上限、预算、取整。 Stacking, caps, budget, rounding, in the order of the clauses.",
    "amendments": "修改：自某日起改哪些数。 Which literals change from a day on.",
    "examples": "算例：必须有，注明日期。 Worked examples; a file without is refused.",
    "name": "名称，可写“中文 / English”。 Label.",
    "clause": "条款出处。 Where it stands.",
    "text": "条文原文；其中的数字须与规则一致。 The clause; its numbers must be those of the rule.",
    "assumed": "来源未写明时的理由。 Why, where the source does not say.",
    "if": "条件，可写成列表（全部满足）。 Conditions; all of a list must hold.",
    "pay": "金额，如 10% of fixed_assets。 An amount.",
    "by": "table、reaching、exceeding、bands 依据的事实。 The fact a ladder or table goes by.",
    "table": "每个选项或数字范围的金额。 An amount for each choice or range.",
    "else": "其余情形的金额。 The amount otherwise.",
    "reaching": "达到各档的金额，从低到高。 Amounts on reaching each step, rising.",
    "exceeding": "超过各档的金额，从低到高。 Amounts above each step, rising.",
    "bands": "分段比例：每段只计本段。 Rates, each for the part in its band.",
    "choose": "归入的类别。 The class.",
    "in_kind": "实物支持的内容。 What is given instead of money.",
    "times": "条件: 倍数。 condition: factor.",
    "at_most": "上限。 A cap.",
    "less": "扣减（已获支持等）；不低于零。 Deducted, never below 0.",
    "stages": "分阶段：条件: 比例，合计100%。 condition: share, 100% in all.",
    "round": "取整：down to 1元、up to 1元、half up to 1元。 Rounding.",
    "highest_of": "只取其中最高的一项。 Only the highest of these counts.",
    "sum_of": "先合计这些项。 These are added first.",
    "of": "只对这一项。 Only this measure.",
    "highest_per": "每个（作品、企业）只取最高一件。 Only the highest case of each.",
    "quota": "名额。 How many may win.",
    "budget": "预算总额。 All the money there is.",
    "split": "各级分担，最后一级写 rest。 Shares of the levels; one is 'rest'.",
    "per": "按什么分组。 Grouped by.",
    "each": "每个年度：year of accepted_at。 Each year.",
    "order": "先后，最后一项是不重复的编号。 Who comes first; ends with a unique key.",
    "shortfall": "不够时：first come 或 pro rata。 Where it is not enough.",
    "overrun": "先到先得的最后一件：part 补足余额，stop 不给。 The first that does not fit.",
    "remainder": "按比例的尾数：kept、first、largest。 Left-over units.",
    "unit": "按比例时的最小单位。 Smallest unit of a pro-rata share.",
    "from": "自哪一日起。 From which day.",
    "set": "路径: 新值，如 new_base.at_most: 150万元。 path: new value.",
    "on": "算例的日期。 The day.",
    "given": "已知事实；多件写成列表。 Facts; a list for several cases.",
    "expect": "应得金额，或按名称列出。 The amount, or several by name.",
}
_TEXT = {"type": ["string", "number", "boolean"]}
_LIST_OR_TEXT = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT, "minItems": 1}]}
_MAP = {"type": "object", "additionalProperties": _TEXT, "minProperties": 1}
_MAPS = frozenset({"table", "reaching", "exceeding", "bands", "times", "stages", "split"})
_LISTS = frozenset({"if", "at_most", "less", "highest_of", "sum_of", "per", "highest_per", "order"})
EXAMPLE = ("name", "on", "given", "expect", "note")


def schema() -> dict[str, Any]:
    """The schema of a policy file."""
    top = {name: _entry(name) for name in program.ALLOWED}
    top["status"] = {"enum": list(program.STATUSES), "description": HELP["status"]}
    top["in_force"]["pattern"] = r"^\s*\d{4}-\d{2}-\d{2}\s*\.\."
    for name in ("facts", "assume", "let"):
        top[name] = {
            "type": "object",
            "propertyNames": _names(),
            "additionalProperties": _TEXT,
            "description": HELP[name],
        }
    gate = _object(program._GATE, ("if", "clause"))
    for name in ("require", "exclude"):
        top[name] = {"type": "object", "additionalProperties": gate, "description": HELP[name]}
    measure = _object(measures.ALLOWED, ("clause", "text")) | {
        "anyOf": [{"required": [form]} for form in measures.FORMS],
    }
    top["measures"] = {
        "type": "object",
        "propertyNames": _names(),
        "additionalProperties": measure,
        "minProperties": 1,
        "description": HELP["measures"],
    }
    top["then"] = _array("then", _object(steps.ALLOWED, ("clause",)))
    top["amendments"] = _array("amendments", _object(_AMENDMENT, ("from", "clause", "set"), {"set": _MAP}))
    cases = {"anyOf": [{"type": "object"}, {"type": "array", "items": {"type": "object"}, "minItems": 1}]}
    wanted = {"anyOf": [_TEXT, {"type": "object"}, {"type": "array", "minItems": 1}]}
    example = _object(EXAMPLE, ("name", "on", "given", "expect"), {"given": cases, "expect": wanted})
    top["examples"] = _array("examples", example) | {"minItems": 1}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Xiepai policy 协拍政策文件",
        "type": "object",
        "additionalProperties": False,
        "required": list(program.REQUIRED),
        "properties": top,
    }


def _names() -> dict[str, Any]:
    return {"pattern": f"^{NAME.pattern}$", "maxLength": 60}


def _entry(name: str) -> dict[str, Any]:
    shape: dict[str, Any] = _MAP if name in _MAPS else _LIST_OR_TEXT if name in _LISTS else _TEXT
    return dict(shape) | {"description": HELP[name]}


def _object(allowed: tuple[str, ...], required: tuple[str, ...], own: dict[str, Any] | None = None) -> dict[str, Any]:
    shapes = own or {}
    properties = {
        name: dict(shapes[name]) | {"description": HELP[name]} if name in shapes else _entry(name) for name in allowed
    }
    return {"type": "object", "additionalProperties": False, "required": list(required), "properties": properties}


def _array(name: str, items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items, "description": HELP[name]}
