"""What the commands of ``xiepai policy`` share: options, a console, mistakes printed, facts read from a file."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Annotated, Any

import typer
from rich.console import Console

from xiepai.policy import Diagnostic, Policy, PolicyError

BAD_FILE = 1
PIPED_WIDTH, NARROWEST, WIDEST = 120, 72, 160

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Language = Annotated[str, typer.Option("--lang", help="zh or en")]
_DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d")


def _day(written: str) -> datetime:
    """A day as people write it: 2025-06-01, 2025/6/1, 2025年6月1日."""
    for form in _DAYS:
        try:
            return datetime.strptime(written.strip(), form)  # noqa: DTZ007 - a calendar day
        except ValueError:
            continue
    raise typer.BadParameter(f"“{written}”不是日期，写作 2025-06-01 · {written!r} is no date, write 2025-06-01")


On = Annotated[
    datetime | None, typer.Option("--on", parser=_day, metavar="DATE", help="The day, 2025-06-01; default: today.")
]
Changes = Annotated[
    list[str] | None, typer.Option("--set", help="Another literal, such as new_base.at_most=80万元; may be repeated.")
]


def console() -> Console:
    """As wide as the terminal, plain when piped."""
    width = shutil.get_terminal_size((PIPED_WIDTH, 40)).columns
    return Console(width=max(NARROWEST, min(width, WIDEST)), highlight=False, soft_wrap=False)


def say(zh: str, en: str, language: str) -> str:
    """One of two sentences."""
    return en if language == "en" else zh


def checked_language(language: str) -> str:
    """``zh`` or ``en``; anything else is told."""
    if language not in ("zh", "en"):
        raise typer.BadParameter("zh, en", param_hint="--lang")
    return language


def changes_of(pairs: list[str] | None) -> dict[str, str]:
    """``path=value`` pairs."""
    found = {}
    for each in pairs or []:
        path, sign, value = each.partition("=")
        if not sign or not path.strip() or not value.strip():
            raise typer.BadParameter(f"path=value: {each}", param_hint="--set")
        found[path.strip()] = value.strip()
    return found


def day_of(on: datetime | None, policy: Policy) -> date:
    """The day asked for; without one today, or the nearest day on which the policy is in force."""
    return on.date() if on else min(max(date.today(), policy.start), policy.end)  # noqa: DTZ011 - a calendar day


@contextmanager
def mistakes_told(language: str, as_json: bool) -> Iterator[None]:
    """What is wrong with a file or with facts is printed, never raised further."""
    try:
        yield
    except PolicyError as error:
        tell(list(error.diagnostics), language, as_json)
        raise typer.Exit(BAD_FILE) from None


def tell(found: list[Diagnostic], language: str, as_json: bool) -> None:
    """Print mistakes for people (to standard error) or for machines."""
    if as_json:
        typer.echo(json.dumps({"ok": False, "errors": [as_data(each) for each in found]}, ensure_ascii=False, indent=1))
        return
    typer.echo(PolicyError(found).render(language), err=True)


def as_data(found: Diagnostic) -> dict[str, Any]:
    """A mistake as JSON: code, place, and both texts."""
    return {
        "code": str(found.code),
        "file": found.file,
        "line": found.line,
        "column": found.column,
        "zh": found.message("zh"),
        "en": found.message("en"),
        "source": found.source,
        "is_warning": found.is_warning,
    }


def print_json(data: Any) -> None:
    """JSON in readable Chinese."""
    typer.echo(json.dumps(data, ensure_ascii=False, indent=1))


def counted(number: int, zh: str, en: str, language: str) -> str:
    """``3 条算例`` or ``3 examples``."""
    return f"{number} {zh}" if language != "en" else f"{number} {en}{'' if number == 1 else 's'}"
