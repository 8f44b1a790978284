"""The command line ``xiepai``: one entry for the newcomer, the office and the machine that serves.

Commands stay thin: they prepare the installation, call one function of a domain and print. What a domain
does, it does in its own services.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from typing import Annotated

import typer

from xiepai.config import boot, cli_audit, cli_clock, cli_grants, cli_load, cli_policy, cli_script, serving
from xiepai.config.lazy_commands import group_with
from xiepai.config.postgres_binaries import PrivateServerError
from xiepai.kernel.errors import XiepaiError

RUN, DATA, CARE = "Run 运行", "Data 数据", "Care 维护"
app = typer.Typer(
    name="xiepai",
    cls=group_with({"plan": "xiepai.config.cli_plan:plan"}, rich_help_panel=DATA),
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="协拍 Xiepai: a city's film-service office, its places and its crews' bookings.",
    epilog="Begin with [bold]xiepai demo[/bold]. Settings come from the environment: docs/reference.md lists them.",
)


@app.command(rich_help_panel=RUN)
def demo() -> None:
    """Show a running city: database, sample data, the main job, then web and worker. 演示"""
    from xiepai.config.demo import run

    raise typer.Exit(run())


@app.command(rich_help_panel=RUN)
def serve(
    with_worker: Annotated[bool, typer.Option("--worker", help="Run the jobs worker beside it.")] = False,
) -> None:
    """Serve the web pages and the API until stopped. 启动网站"""
    serving.claim_port()
    boot.start_database()
    boot.set_up_django()
    boot.collect_static()
    children = [serving.web(), *([serving.worker()] if with_worker else [])]
    raise typer.Exit(serving.run(children, f"{serving.address()}  (Ctrl-C stops)"))


@app.command(rich_help_panel=RUN)
def worker() -> None:
    """Carry out jobs (reminders, expiries, mails) until stopped. 启动后台任务"""
    boot.start_database()
    boot.set_up_django()
    from django.core.management import call_command

    from xiepai.planning.shoot import preparing

    preparing.ahead()
    call_command("procrastinate", "worker", "--shutdown-graceful-timeout", "10")


@app.command(rich_help_panel=DATA)
def migrate() -> None:
    """Create the database's tables or bring them up to date. 更新数据库结构"""
    boot.start_database()
    boot.set_up_django()
    with boot.one_at_a_time():
        applied = boot.migrate()
    typer.echo(f"{applied} migrations applied." if applied else "The database is up to date.")


app.command(name="load", rich_help_panel=DATA)(cli_load.load)
app.add_typer(cli_clock.app, name="clock", rich_help_panel=DATA)
app.add_typer(cli_audit.app, name="audit", rich_help_panel=CARE)


@app.command(rich_help_panel=CARE)
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Say what is wrong with this installation and how to cure it. 检查安装"""
    from xiepai.config.doctor import report

    raise typer.Exit(report(as_json=as_json))


@app.command(rich_help_panel=CARE)
def translations(action: Annotated[str, typer.Argument(help="check, update or compile")] = "check") -> None:
    """Check, update or compile the English translations. 翻译"""
    from xiepai.config.translations import main as run

    raise typer.Exit(run([action]))


@app.command(
    rich_help_panel=CARE,
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    add_help_option=False,
)
def manage(context: typer.Context) -> None:
    """Run a command of Django, for example: xiepai manage createsuperuser. Django 命令"""
    boot.start_database()
    boot.set_up_django()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["xiepai manage", *context.args])


app.add_typer(cli_policy.app, name="policy", rich_help_panel=DATA)
app.add_typer(cli_script.app, name="script", rich_help_panel=DATA)
app.add_typer(cli_grants.app, name="grants", rich_help_panel=DATA)


if importlib.util.find_spec("xiepai.config.cli_book"):
    app.command(name="book", rich_help_panel=DATA)(importlib.import_module("xiepai.config.cli_book").book)


def main() -> None:
    """The entry point; errors a person can cure are printed without a traceback."""
    try:
        app()
    except (PrivateServerError, serving.PortInUseError, XiepaiError) as error:
        typer.secho(str(error), fg="red", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
