"""Files made to hurt whoever reads them: bombs, depth, length, huge numbers, odd characters; all answered in words.

The underscore keeps ``make bench`` from running this file: it measures nothing.
"""

from __future__ import annotations

from pathlib import Path

BASE = (Path(__file__).resolve().parent.parent / "policies" / "datong-2025.yaml").read_text()
RULE, GATE, TEXT, CAP = "10% of annual_revenue_share", "if: datong_registered", "text: 横屏微短剧", "150万元"
MONEY = "  a: money | 甲 | 证\n"
PAYS = "  m: {clause: 一, text: 文, pay: a, at_most: 9元}\n"


def _policy(measures: str, facts: str = MONEY, more: str = "", examples: str = "") -> str:
    shown = examples or "  - {name: 例, on: 2026-05-01, given: {}, expect: 0元}\n"
    return (
        f"policy: 例\nissuer: 例\nstatus: sample\nin_force: 2026-01-01 ..\nfacts:\n{facts}{more}measures:\n{measures}"
        f"then:\n  - {{round: down to 1元, clause: 二}}\nexamples:\n{shown}"
    )


def _with(old: str, new: str) -> str:
    if old not in BASE:
        raise LookupError(old)
    return BASE.replace(old, new)


def hostile() -> dict[str, str]:
    """Every hostile file by what it tries."""
    doubled = "".join(f"  d{n}: max(d{n - 1} + d{n - 1}, d{n - 1} + 1元)\n" for n in range(1, 31))
    truths = "".join(f"  d{n}: d{n - 1} and d{n - 1} or d{n - 1}\n" for n in range(1, 201))
    dates = [f"{2027 + n // 336}-{n // 28 % 12 + 1:02d}-{n % 28 + 1:02d}" for n in range(2000)]
    days = "".join(f"  - {{from: {day}, clause: 三, set: {{m.at_most: {n + 1}元}}}}\n" for n, day in enumerate(dates))
    return {
        "aliases that multiply": "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b, *b]\n",
        "a tag that runs code": "a: !!python/object/apply:os.system [ls]\n",
        "two documents": f"{BASE}---\n{BASE}",
        "lists 100,000 deep": "[" * 100_000,
        "mappings 60,000 deep": "{a: " * 60_000,
        "indentation 600 deep": "".join(f"{' ' * n}a{n}:\n" for n in range(600)),
        "25,000 entries": "".join(f"k{n}: 1\n" for n in range(25_000)),
        "one text of 250,000 letters": f"policy: {'x' * 250_000}\n",
        "200,000 spaces": _with("status: partial", "status: partial" + " " * 200_000),
        "60,000 brackets": _with(RULE, "(" * 60_000 + "1元" + ")" * 60_000),
        "a sum of 20,000": _with(RULE, " + ".join(["1元"] * 20_000)),
        "50,000 times not": _with(GATE, "if: " + "not " * 50_000 + "filed"),
        "a choice of 20,000": _with(GATE, "if: screen in (" + ", ".join(["vertical"] * 20_000) + ")"),
        "a label 15,000 times": _with(GATE, "if: " + "在大同注册" * 15_000),
        "a number of 40,000 digits": _with(CAP, "9" * 40_000 + "万元"),
        "a number of 24 digits": _with(CAP, "9" * 24 + "亿元"),
        "a clause of digits": _with(TEXT, "text: " + "9" * 200_000),
        "a clause of digits and commas": _with(TEXT, "text: " + "1," * 100_000),
        "a clause of decimals": _with(TEXT, "text: 1." + "1" * 200_000),
        "a clause of percent": _with(TEXT, "text: 百分之" + "1" * 200_000),
        "a clause of parts": _with(TEXT, "text: " + "1" * 100_000 + "分之" + "1" * 100_000),
        "a clause of Chinese digits": _with(TEXT, "text: " + "零" * 80_000),
        "a clause of Chinese numerals": _with(TEXT, "text: " + "九千九百九十九万" * 10_000 + "元"),
        "a clause of brackets": _with(TEXT, "text: " + "（一" * 40_000),
        "a clause of letters and digits": _with(TEXT, "text: " + "A1" * 100_000),
        "5,000 facts": _policy(PAYS, "".join(f"  f{n}: money | 事实{n} | 证\n" for n in range(5_000)) + MONEY),
        "2,000 measures": _policy("".join(f"  m{n}: {{clause: 一, text: 文, pay: a}}\n" for n in range(2_000))),
        "8,000 steps of a ladder": _policy(
            "  m:\n    clause: 一\n    text: 文\n    by: a\n    reaching:\n"
            + "".join(f"      {n}元: {n}元\n" for n in range(1, 8_000))
        ),
        "20,000 choices": _policy(PAYS, MONEY + "  c: " + ", ".join(f"c{n}" for n in range(20_000)) + " | 选 | 证\n"),
        "3,500 examples": _policy(
            PAYS,
            examples="".join(f"  - {{name: 例{n}, on: 2026-05-01, given: {{}}, expect: 0元}}\n" for n in range(3_500)),
        ),
        "2,000 amendments": _policy(PAYS) + f"amendments:\n{days}",
        "definitions that double": _policy(PAYS.replace("pay: a", "pay: d30"), more=f"let:\n  d0: a\n{doubled}"),
        "conditions that double": _policy(
            PAYS.replace("pay: a", "if: d200, pay: a"), more=f"let:\n  d0: a > 5元\n{truths}"
        ),
        "a zero byte": f"{BASE}\x00",
        "text that runs backwards": _with("大同", "大\u202e同"),
        "a zero-width space": _with("annual", "ann\u200bual"),
        "half a character": _with("大同", "大\ud800同"),
        "line ends of old machines": BASE.replace("\n", "\r"),
        "line ends of others": BASE.replace("\n", "\x85"),
        "nothing": "\n",
        "only a comment": "# \n",
    }
