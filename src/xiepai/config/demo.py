"""``xiepai demo``: from an empty machine to a city at work, and the same again tomorrow with the data kept.

Steps that find nothing to do say nothing. What the city consists of and what the main job does is the
domains' business; this file only calls them in order.
"""

from __future__ import annotations

import importlib
import importlib.util
import time
from pathlib import Path

import typer

from xiepai.config import boot, env, serving
from xiepai.planning.shoot import preparing

NEEDS = boot.PACKAGE.parent.parent / "examples" / "wujin" / "needs.xlsx"
SCRIPT = boot.PACKAGE.parent.parent / "examples" / "scripts" / "demo-drama.txt"


def run() -> int:
    """Prepare, run the main job and print it, then serve unless ``SERVE=0``."""
    started = time.monotonic()
    serve = env.flag("SERVE", "1", "make demo: 0 stops after the main job")
    if serve:
        serving.claim_port()
    private = boot.start_database()
    boot.set_up_django()
    preparing.ahead()  # compiles beside the loading
    _say("database", "private PostgreSQL in " + str(boot.home()) if private else "the one in DATABASE_URL")
    with boot.one_at_a_time():
        if applied := boot.migrate():
            _say("migrate", f"{applied} migrations")
        _load_city()
    code = _main_job()
    _sample_drama()
    _award()
    if not serve:
        return code
    _busy_fortnight()
    boot.collect_static()
    _hang_up()
    _say("ready", f"in {time.monotonic() - started:.1f} s; starting web and worker")
    return serving.run([serving.web(), serving.worker()], _announcement())


def _hang_up() -> None:
    """The supervisor needs no database connection of its own."""
    from django.db import connections

    connections.close_all()


def _load_city() -> None:
    from django.core.management import call_command

    call_command("load_demo_city")
    call_command("load_demo_works")
    call_command("load_demo_grants")


def _award() -> None:
    """``xiepai grants award``, as a person would type it: a work from its bookings to money, and why."""
    from xiepai.config.cli_grants import award
    from xiepai.grants.demo import load_award

    with boot.one_at_a_time():
        found = load_award()
    if found is not None and found.work is not None:
        typer.echo(f"\n$ xiepai grants award {found.work.title}")
        award(found.work.title, lang="zh")


def _busy_fortnight() -> None:
    """Other crews at work, after the main job, so that what it prints depends on nobody else."""
    from django.core.management import call_command

    with boot.one_at_a_time():
        call_command("load_demo_bookings")


def _main_job() -> int:
    """``xiepai book examples/wujin/needs.xlsx``, as a person would type it; its exit code does not stop the demo."""
    if not NEEDS.exists() or not importlib.util.find_spec("xiepai.config.cli_book"):
        return 0
    typer.echo(f"\n$ xiepai book {_short(NEEDS)}")
    try:
        importlib.import_module("xiepai.config.cli_book").book(NEEDS)
    except typer.Exit as left:
        return left.exit_code
    return 0


def _sample_drama() -> None:
    """The sample script to a plan, bookings and a call sheet; printed whether made now or before."""
    if not SCRIPT.exists():
        return
    from django.utils import translation

    from xiepai.config.drama_report import print_plan
    from xiepai.shoots.demo import load_plan

    with boot.one_at_a_time(), translation.override("zh-hans"):
        plan = load_plan(SCRIPT.read_bytes(), SCRIPT.name, say=lambda words: _say("plan", words))
        if plan is not None:
            typer.echo(f"\n$ xiepai manage load_demo_plan {_short(SCRIPT)}")
            print_plan(plan)


def _short(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _announcement() -> str:
    from xiepai.places import demo

    lines = ["", f"协拍 Xiepai runs at  {serving.address()}", ""]
    lines += [f"Demo accounts (password {demo.DEMO_PASSWORD}):"]
    lines += [f"  {email:<30} {role} · {organisation}" for email, role, organisation in demo.demo_accounts()]
    lines.append("")
    return "\n".join([*lines, "Ctrl-C stops everything; the data stays. `make reset` deletes it."])


def _say(step: str, words: str) -> None:
    typer.echo(f"{step:<10} {words}")
