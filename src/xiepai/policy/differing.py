"""What changed between two policies in words: every text of both files by its path, old and new.

A line of a list with a name goes by its name. What it means in money: ``differing_money.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from xiepai.policy.api import Policy
from xiepai.policy.source import Mapping as Tree
from xiepai.policy.source import Sequence as Items
from xiepai.policy.source import Text
from xiepai.policy.source import Tree as AnyTree

SECTIONS = (
    *("policy", "issuer", "number", "status", "in_force", "result", "facts", "assume", "let"),
    *("require", "exclude", "measures", "then", "amendments"),
)


@dataclass(frozen=True)
class Change:
    """One entry: where, what it was and what it is now (nothing: not there). ``clause`` and ``text`` of its measure or
    step in the new file, or in the old one where it is gone."""

    path: str
    old: str | None
    new: str | None
    clause: str = ""
    text: str = ""

    @property
    def what(self) -> str:
        """``added``, ``removed`` or ``changed``."""
        return "added" if self.old is None else "removed" if self.new is None else "changed"


def words_changed(old: Policy, new: Policy) -> list[Change]:
    """Every entry that differs, in the order of the files; a measure that is new or gone is one change."""
    before, after = dict(_entries(old.root)), dict(_entries(new.root))
    found, whole = [], set()
    for path in dict.fromkeys([*after, *before]):
        if before.get(path) == after.get(path):
            continue
        part = tuple(path.split("\t")[:2])
        owner = "\t".join(part)
        if part[0] in ("measures", "require", "exclude", "then") and len(part) > 1:
            gone, fresh = not _has(after, owner), not _has(before, owner)
            if gone or fresh:
                if owner not in whole:
                    whole.add(owner)
                    found.append(_whole(owner, before if gone else after, gone))
                continue
        holder = after if _has(after, owner) else before
        said = (holder.get(f"{owner}\tclause", ""), holder.get(f"{owner}\ttext", ""))
        found.append(Change(_shown(path), before.get(path), after.get(path), *said))
    return found


def _has(entries: Mapping[str, str], owner: str) -> bool:
    return any(path == owner or path.startswith(f"{owner}\t") for path in entries)


def _whole(owner: str, entries: Mapping[str, str], gone: bool) -> Change:
    inner = {path.removeprefix(f"{owner}\t"): text for path, text in entries.items() if path.startswith(f"{owner}\t")}
    said = "; ".join(f"{_shown(name)}: {text}" for name, text in inner.items() if name not in ("clause", "text"))
    old, new = (said, None) if gone else (None, said)
    return Change(_shown(owner), old, new, inner.get("clause", ""), inner.get("text", ""))


def _shown(path: str) -> str:
    return path.replace("\t", ".").removeprefix("measures.")


def _entries(root: Tree) -> Iterator[tuple[str, str]]:
    for section in SECTIONS:
        if (tree := root.get(section)) is not None:
            yield from _flat(tree, section)


def _flat(tree: AnyTree, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(tree, Text):
        yield path, tree.text
    elif isinstance(tree, Items):
        for index, each in enumerate(tree.items, 1):
            name = each.get("name") or each.get("from") if isinstance(each, Tree) else None
            yield from _flat(each, f"{path}\t{name.text if isinstance(name, Text) else index}")
    else:
        for key, value in tree.pairs:
            yield from _flat(value, f"{path}\t{key.text}")
