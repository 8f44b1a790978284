"""``xiepai policy …``: one module of ``policy_commands`` a command, each with a function ``command``."""

from __future__ import annotations

import typer

from xiepai.config.lazy_commands import group_of

NAMES = ("check", "evaluate", "simulate", "compare", "diff", "prove", "doc")

app = typer.Typer(
    name="policy",
    cls=group_of("xiepai.config.policy_commands", *NAMES),
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    help="Compute, check and compare subsidy policies. 政策计算",
    epilog="Begin with [bold]xiepai policy check policies/wujin-2025.yaml[/bold]. The language: docs/guide/policy.md.",
)


@app.callback()
def policy() -> None:
    """Compute, check and compare subsidy policies. 政策计算"""
