"""``xiepai policy …``: one module of ``policy_commands`` a command, each with a function ``command``.

A command that is not installed (an engine of its own, an optional extra) is simply not there.
"""

from __future__ import annotations

import importlib
import importlib.util

import typer

NAMES = ("check", "evaluate", "simulate", "compare", "diff", "prove", "doc")

app = typer.Typer(
    name="policy",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    help="Compute, check and compare subsidy policies. 政策计算",
    epilog="Begin with [bold]xiepai policy check policies/wujin-2025.yaml[/bold]. The language: docs/guide/policy.md.",
)


def _register() -> None:
    for name in NAMES:
        place = f"xiepai.config.policy_commands.{name}"
        if importlib.util.find_spec(place):
            app.command(name=name, no_args_is_help=True)(importlib.import_module(place).command)


_register()
