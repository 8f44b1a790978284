"""The facts of a case from a file: YAML read as raw text like a policy, or JSON. Mistakes point into the file.

Numbers of JSON become texts: money needs its unit there too (``"500万元"``), so that fen and yuan are never confused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from xiepai.policy.api import read
from xiepai.policy.messages import Code, Diagnostic, PolicyError
from xiepai.policy.source import Mapping as Tree
from xiepai.policy.source import Source, Text, parse


@dataclass(frozen=True)
class Case:
    """Facts by name, and where each stands."""

    facts: dict[str, str]
    source: Source
    places: dict[str, tuple[Text, Text]]

    def located(self, error: PolicyError, policy_names: Mapping[str, str]) -> PolicyError:
        """The same mistakes with the place of the fact they speak of; ``policy_names``: labels by name."""
        return PolicyError([self._place(each, policy_names) for each in error.diagnostics])

    def _place(self, found: Diagnostic, labels: Mapping[str, str]) -> Diagnostic:
        name = str(found.data.get("name", ""))
        place = self.places.get(name) or self.places.get(labels.get(name, ""))
        if found.file != "facts":
            return found
        if not place:
            return replace(found, file=self.source.file, line=found.line or 1, column=found.column or 1)
        where = place[0] if found.code is Code.UNKNOWN_NAME else place[1]
        at = self.source.diagnostic(found.code, where)
        return replace(at, data=found.data, hint=found.hint)


def read_case(path: Path) -> Case:
    """A case from ``.json`` or YAML."""
    content = read(path)
    if path.suffix.lower() == ".json":
        facts = _from_json(content, str(path))
        return Case(facts, Source(content, str(path)), {})
    source = Source(content, str(path))
    places: dict[str, tuple[Text, Text]] = {}
    tree = parse(source)
    inner = tree.get("facts")
    for key, value in (inner if isinstance(inner, Tree) else tree).pairs:
        if not isinstance(value, Text):
            raise source.error(Code.WRONG_SHAPE, value, width=1, name=key.text, wanted="text")
        places[key.text] = (key, value)
    return Case({name: value.text for name, (_key, value) in places.items()}, source, places)


def _from_json(content: str, file: str) -> dict[str, str]:
    try:
        data = json.loads(content, parse_float=str, parse_int=str)
    except (ValueError, RecursionError) as error:
        detail = getattr(error, "msg", type(error).__name__)
        line, column = getattr(error, "lineno", 1), getattr(error, "colno", 1)
        raise PolicyError([Diagnostic(Code.UNREADABLE, file, line, column, data={"detail": detail})]) from None
    data = data.get("facts", data) if isinstance(data, dict) else data
    wrong = not isinstance(data, dict) or any(isinstance(value, dict | list) for value in data.values())
    if wrong:
        shape = {"name": file, "wanted": "mapping"}
        raise PolicyError([Diagnostic(Code.WRONG_SHAPE, file, 1, 1, data=shape)])
    return {str(name): _text(value) for name, value in data.items() if value is not None}


def _text(value: Any) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)
