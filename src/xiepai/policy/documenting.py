"""A policy as a page people read: status, facts with their papers, measures with clause, text and formula, examples.

One list of blocks, printed as Markdown or as one HTML page that needs nothing else (own style, light and dark). Only
what stands in the file is shown; what the source does not say stands under "assumed" with its reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from xiepai.policy.api import Policy
from xiepai.policy.explaining import assumed_in_words, over_rows
from xiepai.policy.facts import show
from xiepai.policy.ir import FactSpec, Measure, Step
from xiepai.policy.messages import word
from xiepai.policy.source import Mapping, Text, Tree
from xiepai.policy.source import Sequence as Items
from xiepai.policy.speaking import label_of, spoken

LADDERS = ("table", "reaching", "exceeding", "bands")
_SHOWN = ("if", "in_kind", "pay", "by", *LADDERS, "else", "choose", "times", "at_most", "less", "stages", "round")
_NAMES: dict[str, tuple[str, str]] = {
    "if": ("条件", "Conditions"),
    "in_kind": ("实物支持", "In kind"),
    "pay": ("金额", "Amount"),
    "by": ("依据", "By"),
    "table": ("对照", "Table"),
    "reaching": ("达到", "Reaching"),
    "exceeding": ("超过", "Exceeding"),
    "bands": ("分段", "Bands"),
    "else": ("其余", "Otherwise"),
    "choose": ("归入", "Class"),
    "times": ("乘以", "Times"),
    "at_most": ("最高", "At most"),
    "less": ("扣减", "Less"),
    "stages": ("分阶段", "Stages"),
    "round": ("取整", "Rounded"),
}


@dataclass(frozen=True)
class Block:
    """``h1 h2 h3 text quote list table``: its text, its lines or its rows (the first row is the heading)."""

    kind: str
    text: str = ""
    lines: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def page(policy: Policy, form: str = "md", language: str = "zh") -> str:
    """The page: ``md`` or ``html``, in Chinese or English (clauses stay in the language they are written in)."""
    blocks = list(_Page(policy, language).blocks())
    return markdown(blocks) if form == "md" else html(blocks, policy.title[language == "en"], language)


def told(policy: Policy, language: str = "zh") -> list[Block]:
    """The page's blocks without its examples, for who prints them otherwise."""
    return list(_Page(policy, language).blocks(examples=False))


class _Page:
    def __init__(self, policy: Policy, language: str) -> None:
        self.policy, self.language, self.zh = policy, language, language == "zh"
        self.program = policy.versions[0].program

    def say(self, zh: str, en: str) -> str:
        return zh if self.zh else en

    def spoken(self, text: str) -> str:
        return spoken(text, self.program, None, self.language)

    def label(self, spec: FactSpec) -> str:
        return spec.zh if self.zh else spec.en

    def blocks(self, examples: bool = True) -> Iterator[Block]:
        """The sections in order."""
        yield Block("h1", self.policy.title[not self.zh])
        yield from self._head()
        yield from self._assumed()
        yield from self._gates()
        yield Block("h2", self.say("措施", "Measures"))
        for measure in self.program.measures:
            yield from self._measure(measure)
        yield from self._steps()
        yield from self._amendments()
        yield from self._facts()
        if examples:
            yield from self._examples()

    def _head(self) -> Iterator[Block]:
        policy, root = self.policy, self.policy.root
        yield Block("quote", self.say("状态：", "Status: ") + word(policy.status, self.language))
        end = "" if str(policy.end) == "2099-12-31" else str(policy.end)
        rows = [
            (self.say("发布单位", "Issued by"), policy.issuer),
            (self.say("文号", "Number"), policy.number),
            (self.say("有效期", "In force"), f"{policy.start} – {end}".rstrip()),
            (self.say("来源", "Source"), plain(root.get("source"))),
            (self.say("说明", "Note"), plain(root.get("note"))),
        ]
        shown = tuple(row for row in rows if row[1])
        yield Block("table", rows=((self.say("项", "Entry"), self.say("内容", "Content")), *shown))

    def _assumed(self) -> Iterator[Block]:
        rows = tuple(assumed_in_words(self.program, self.language))
        if not rows:
            return
        yield Block("h2", self.say("假设（来源未写明）", "Assumed (the source does not say)"))
        heading = (self.say("参数", "Parameter"), self.say("暂取", "Taken as"), self.say("理由", "Reason"))
        yield Block("table", rows=(heading, *rows))

    def _gates(self) -> Iterator[Block]:
        for section, zh, en in (("require", "共同条件", "Conditions of all"), ("exclude", "排除情形", "Excluded")):
            tree = self.policy.root.get(section)
            if not isinstance(tree, Mapping):
                continue
            yield Block("h2", self.say(zh, en))
            for _key, entry in tree.pairs:
                if isinstance(entry, Mapping):
                    yield from self._clause(plain(entry.get("clause")), plain(entry.get("text")))
                    yield Block("list", lines=tuple(self.spoken(each) for each in _each(entry.get("if"))))

    def _clause(self, clause: str, text: str) -> Iterator[Block]:
        if clause or text:
            yield Block("quote", f"{clause}　{text}".strip("　"))

    def _measure(self, measure: Measure) -> Iterator[Block]:
        yield Block("h3", measure.zh if self.zh else measure.en)
        yield from self._clause(measure.clause, measure.text)
        section = self.policy.root.get("measures")
        entry = section.get(measure.name) if isinstance(section, Mapping) else None
        if not isinstance(entry, Mapping):
            return
        lines = []
        for name in _SHOWN:
            tree = entry.get(name)
            if tree is not None and name not in LADDERS:
                lines.append(f"{_NAMES[name][not self.zh]}: {self._value(name, tree)}")
        yield Block("list", lines=tuple(lines))
        for name in LADDERS:
            if isinstance(tree := entry.get(name), Mapping):
                heading = (_NAMES[name][not self.zh], self.say("给付", "Gives"))
                rows = tuple((self._choice(key.text), self.spoken(plain(value))) for key, value in tree.pairs)
                yield Block("table", rows=(heading, *rows))
        if measure.assumed:
            yield Block("text", self.say("用到的假设：", "Rests on the assumptions: ") + self._labels(measure.assumed))

    def _labels(self, names: Iterable[str]) -> str:
        return self.say("、", ", ").join(label_of(name, self.program, self.language) for name in names)

    def _value(self, name: str, tree: Tree) -> str:
        if isinstance(tree, Mapping):
            return "；".join(f"{self.spoken(key.text)} {self.spoken(plain(value))}" for key, value in tree.pairs)
        between = self.say("；并且 ", "; and ") if name == "if" else self.say("；", "; ")
        return between.join(self._choice(each) if name == "choose" else self.spoken(each) for each in _each(tree))

    def _choice(self, text: str) -> str:
        if text in self.program.choices:
            return self.program.choice_labels[self.program.choices.index(text)] if self.zh else text
        return self.spoken(text)

    def _steps(self) -> Iterator[Block]:
        if not self.program.steps:
            return
        yield Block("h2", self.say("汇总", "Together"))
        heading = (self.say("步骤", "Step"), self.say("条款", "Clause"), self.say("说明", "Remark"))
        yield Block("table", rows=(heading, *(self._step(step) for step in self.program.steps)))

    def _step(self, step: Step) -> tuple[str, str, str]:
        names = {each.name: each.zh if self.zh else each.en for each in self.program.measures}
        inputs = "、".join(names.get(name, name) for name in step.inputs)
        formula = "" if step.what in ("highest_of", "sum_of") else self.spoken(step.formula)
        said = " ".join(part for part in (word(step.what, self.language), formula, inputs) if part)
        rows = over_rows(step, self.program, self.language)
        remark = [step.text, rows, f"{self.say('假设', 'assumed')}: {step.assumed}" if step.assumed else ""]
        return said, step.clause, "；".join(part.rstrip("。") for part in remark if part)

    def _amendments(self) -> Iterator[Block]:
        tree = self.policy.root.get("amendments")
        if not isinstance(tree, Items):
            return
        yield Block("h2", self.say("修改", "Amendments"))
        heading = (self.say("自", "From"), self.say("条款", "Clause"), self.say("改为", "Now"))
        rows = []
        for each in tree.items:
            if isinstance(each, Mapping):
                changes = each.get("set")
                pairs = changes.pairs if isinstance(changes, Mapping) else ()
                now = "；".join(f"{key.text} = {self.spoken(plain(value))}" for key, value in pairs)
                rows.append((plain(each.get("from")), plain(each.get("clause")), now))
        yield Block("table", rows=(heading, *rows))

    def _facts(self) -> Iterator[Block]:
        yield Block("h2", self.say("要提供的事实", "Facts to bring"))
        heading = (
            self.say("事实", "Fact"),
            self.say("类型", "Type"),
            self.say("范围", "Range"),
            self.say("证明材料", "Evidence"),
        )
        rows = tuple(
            (
                f"{self.label(spec)} ({spec.name})",
                word(spec.kind, self.language),
                self._range(spec),
                spec.proof(self.language) or "—",
            )
            for spec in self.program.facts
        )
        yield Block("table", rows=(heading, *rows))

    def _range(self, spec: FactSpec) -> str:
        if spec.kind == "choice":
            return "、".join(spec.choice_labels if self.zh else spec.choices)
        if spec.kind in ("yes/no", "key"):
            return "—"
        return f"{show(spec, spec.low, self.language)} – {show(spec, spec.high, self.language)}"

    def _examples(self) -> Iterator[Block]:
        yield Block("h2", self.say("算例", "Worked examples"))
        heading = (
            self.say("算例", "Example"),
            self.say("日期", "Date"),
            self.say("已知", "Given"),
            self.say("结果", "Result"),
        )
        rows = []
        for each in self.policy.examples:
            given = " | ".join(
                "，".join(f"{self.spoken(key.text)} {self._choice(value.text)}" for key, value in case)
                for case in each.cases
            )
            rows.append((each.name, str(each.on), given, " | ".join(map(self._expected, each.expected))))
        yield Block("table", rows=(heading, *rows))

    def _expected(self, expected: Sequence[tuple[str, Text]]) -> str:
        names = {each.name: each.zh if self.zh else each.en for each in self.program.measures}
        names["award"] = self.say("奖励", "award")
        return "，".join(
            self._choice(where.text) if name == "award" else f"{names.get(name, name)} {self._choice(where.text)}"
            for name, where in expected
        )


def plain(tree: Tree | None) -> str:
    """The words of an entry, or none."""
    return tree.text.strip() if isinstance(tree, Text) else ""


def _each(tree: Tree | None) -> list[str]:
    if isinstance(tree, Items):
        return [plain(each) for each in tree.items]
    return [plain(tree)] if tree is not None else []


def markdown(blocks: Sequence[Block]) -> str:
    """Blocks as Markdown.

    >>> markdown([Block("h1", "A"), Block("table", rows=(("x",), ("1|2",)))])
    '# A\\n\\n| x |\\n|---|\\n| 1\\\\|2 |\\n'
    """
    parts = []
    for block in map(_safe, blocks):
        if block.kind in ("h1", "h2", "h3"):
            parts.append(f"{'#' * int(block.kind[1])} {block.text}")
        elif block.kind == "quote":
            parts.append(f"> {block.text}")
        elif block.kind == "list":
            parts.append("\n".join(f"- {line}" for line in block.lines))
        elif block.kind == "table":
            rows = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in block.rows]
            parts.append("\n".join([rows[0], "|" + "---|" * len(block.rows[0]), *rows[1:]]))
        else:
            parts.append(block.text)
    return "\n\n".join(part for part in parts if part) + "\n"


def _safe(block: Block) -> Block:
    """Without line breaks, and without anything Markdown would take for HTML."""

    def plain(text: str) -> str:
        return re.sub(r"<(?=[A-Za-z/!?])", r"\\<", " ".join(text.split()))

    rows = tuple(tuple(map(plain, row)) for row in block.rows)
    return Block(block.kind, plain(block.text), tuple(map(plain, block.lines)), rows)


_STYLE = """
:root { color-scheme: light dark; --ink: #1b2430; --soft: #50596a; --paper: #ffffff; --band: #f3f5f8; --line: #d5dae2;
  --mark: #0b5cad; }
@media (prefers-color-scheme: dark) { :root { --ink: #e7ebf1; --soft: #aeb7c4; --paper: #14181e; --band: #1e242d;
  --line: #39424f; --mark: #7db8f5; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); line-height: 1.65;
  font-family: system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.6rem; line-height: 1.3; margin: 0 0 1rem; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .75rem; padding-bottom: .3rem; border-bottom: 2px solid var(--line); }
h3 { font-size: 1.02rem; margin: 1.75rem 0 .5rem; }
blockquote { margin: .5rem 0; padding: .5rem .9rem; background: var(--band);
  border-inline-start: 3px solid var(--mark); }
ul { margin: .5rem 0; padding-inline-start: 1.3rem; }
.wide { overflow-x: auto; margin: .5rem 0; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
th, td { text-align: start; vertical-align: top; padding: .4rem .6rem; border-bottom: 1px solid var(--line);
  overflow-wrap: anywhere; min-width: 5rem; }
thead th { color: var(--soft); font-weight: 600; background: var(--band); }
tbody th { font-weight: 600; }
p { color: var(--soft); }
@media print { main { max-width: none; padding: 0; } h2 { break-after: avoid; } tr { break-inside: avoid; } }
"""


def html(blocks: Sequence[Block], title: str, language: str) -> str:
    """Blocks as one HTML page with its own style."""
    lang = "zh-CN" if language == "zh" else "en"
    body = "\n".join(_html(block) for block in blocks)
    return (
        f'<!doctype html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{escape(title)}</title>\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _html(block: Block) -> str:
    if block.kind in ("h1", "h2", "h3"):
        return f"<{block.kind}>{escape(block.text)}</{block.kind}>"
    if block.kind == "quote":
        return f"<blockquote>{escape(block.text)}</blockquote>"
    if block.kind == "list":
        return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in block.lines) + "</ul>" if block.lines else ""
    if block.kind == "table":
        head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in block.rows[0])
        rows = "".join(
            f'<tr><th scope="row">{escape(row[0])}</th>'
            + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:])
            + "</tr>"
            for row in block.rows[1:]
        )
        region = f'<div class="wide" role="region" tabindex="0" aria-label="{escape(block.rows[0][0], quote=True)}">'
        return f"{region}<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    return f"<p>{escape(block.text)}</p>"
