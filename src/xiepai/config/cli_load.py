"""``xiepai load FILE``: places from a file on the command line; prints what came of it, every bad row named.

Exit codes: 0 everything was written, 1 the file cannot be read or nothing was written, 2 good rows were kept but
some were bad. Nothing of the domain is decided here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xiepai.config import boot
from xiepai.kernel.errors import ErrorCode, XiepaiError

NOTHING_WRITTEN, SOME_BAD = 1, 2


def load(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Places as .xlsx, .csv or .geojson.")],
    keep_good: Annotated[
        bool, typer.Option("--keep-good", help="Write the good rows; without it: all or nothing.")
    ] = False,
    organisation: Annotated[str, typer.Option(help="Owner of new places whose row names none.")] = "",
) -> None:
    """Import places from a file. 导入场地"""
    boot.start_database()
    boot.set_up_django()
    from xiepai.kernel import audit
    from xiepai.parties.access import system
    from xiepai.places.importing import load_file

    with audit.origin_is("command"):
        report = load_file(
            file,
            actor=system("xiepai load"),
            keep_good=keep_good,
            owner_id=_owner(organisation) if organisation else None,
        )
    typer.echo(str(report), err=not report.written)
    if report.issues:
        raise typer.Exit(SOME_BAD if report.written else NOTHING_WRITTEN)


def _owner(name: str) -> int:
    from xiepai.parties.models import Organisation

    found = Organisation.objects.filter(name=name, is_active=True).values_list("pk", flat=True).first()
    if found is None:
        raise XiepaiError(ErrorCode.NOT_FOUND)
    return found
