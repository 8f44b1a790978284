"""Any literal has a path, for ``--set`` and for amendments: ``new_base.at_most``, ``script.table.city``,
``new_base.if.2.1`` (second condition, first number), ``then.3.budget``, ``assume.rate``, ``hit.reaching.2.key``.

A path names entries; a number names the n-th entry of a list or mapping, or, inside a text, its n-th number. The
section ``measures`` may be left out.
"""

from __future__ import annotations

from dataclasses import replace

from xiepai.policy import expressions
from xiepai.policy.entries import near
from xiepai.policy.messages import Code, Diagnostic, PolicyError
from xiepai.policy.source import Mapping, Sequence, Source, Text, Tree

_SECTIONS = ("measures", "assume", "let", "require", "exclude")


def patched(source: Source, root: Mapping, path: str, new: str) -> Mapping:
    """The tree with another text at a path.

    >>> from xiepai.policy.source import parse
    >>> root = parse(Source("measures: {a: {pay: 10% of cost}}"))
    >>> patched(Source(""), root, "a.pay.1", "8%").get("measures").get("a").get("pay").text
    '8% of cost'
    """
    parts = path.strip().split(".")
    if root.get(parts[0]) is None:
        for section in _SECTIONS:
            inner = root.get(section)
            if isinstance(inner, Mapping) and inner.get(parts[0]) is not None:
                parts = [section, *parts]
                break
    found = _at(source, root, parts, new, path)
    assert isinstance(found, Mapping)  # noqa: S101 - the root stays what it is
    return found


def _unknown(path: str, part: str, names: list[str]) -> PolicyError:
    return PolicyError([Diagnostic(Code.UNKNOWN_PATH, "--set", data={"path": path}, hint=near(part, names))])


def _at(source: Source, tree: Tree, parts: list[str], new: str, path: str) -> Tree:
    if isinstance(tree, Text):
        return _in_text(source, tree, parts, new, path)
    if not parts:
        raise _unknown(path, "", [])
    part, rest = parts[0], parts[1:]
    if isinstance(tree, Sequence):
        if not part.isdecimal() or not 0 < int(part) <= len(tree.items):
            raise _unknown(path, part, [])
        place = int(part) - 1
        items = [*tree.items]
        items[place] = _at(source, items[place], rest, new, path)
        return replace(tree, items=tuple(items))
    names = [key.text for key, _value in tree.pairs]
    if part not in names and part.isdecimal() and 0 < int(part) <= len(names):
        part = names[int(part) - 1]
    if part not in names:
        raise _unknown(path, part, names)
    pairs = list(tree.pairs)
    place = names.index(part)
    key, value = pairs[place]
    if rest == ["key"]:
        pairs[place] = (Text(new, key.line, key.column, exact=False), value)
    else:
        pairs[place] = (key, _at(source, value, rest, new, path))
    return replace(tree, pairs=tuple(pairs))


def _in_text(source: Source, where: Text, parts: list[str], new: str, path: str) -> Text:
    value, bar, reason = where.text.partition("|")
    if not parts:
        written = f"{new} {bar}{reason}" if bar else new
    else:
        numbers = expressions.literals(expressions.parse(source, replace(where, text=value)))
        if len(parts) > 1 or not parts[0].isdecimal() or not 0 < int(parts[0]) <= len(numbers):
            raise _unknown(path, parts[0], [])
        literal = numbers[int(parts[0]) - 1]
        written = value[: literal.start] + new + value[literal.end :] + bar + reason
    return Text(written, where.line, where.column, exact=False)
