"""``xiepai script …``: one module of ``script_commands`` a command, each with a function ``command``."""

from __future__ import annotations

import typer

from xiepai.config.lazy_commands import group_of

NAMES = ("breakdown",)

app = typer.Typer(
    name="script",
    cls=group_of("xiepai.config.script_commands", *NAMES),
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    help="Read scripts and break them down into scenes. 剧本拆解",
    epilog="Begin with [bold]xiepai script breakdown examples/scripts/demo-drama.txt[/bold].",
)


@app.callback()
def script() -> None:
    """Read scripts and break them down into scenes. 剧本拆解"""
