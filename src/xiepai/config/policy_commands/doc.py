"""``xiepai policy doc FILE``: the policy as a page people read, Markdown or one HTML file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xiepai.config.policy_commands import common
from xiepai.policy import load
from xiepai.policy.documenting import page


def command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A policy file.")],
    form: Annotated[str, typer.Option("--format", help="md or html")] = "md",
    out: Annotated[Path | None, typer.Option("--out", help="Write to a file instead of the terminal.")] = None,
    language: common.Language = "zh",
) -> None:
    """Print a policy as a readable page. 政策说明页"""
    common.checked_language(language)
    if form not in ("md", "html"):
        raise typer.BadParameter("md, html", param_hint="--format")
    with common.mistakes_told(language, False):
        written = page(load(file), form, language)
    if out is None:
        typer.echo(written, nl=False)
        return
    try:
        out.write_text(written, encoding="utf-8")
    except OSError as error:
        typer.echo(f"{out}: {error.strerror}", err=True)
        raise typer.Exit(common.BAD_FILE) from None
