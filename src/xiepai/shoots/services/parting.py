"""Scenes of a reading cut and joined by hand: a heading the reader missed, or one that was none.

The piece is read again by the reader of scripts, its first line taken for a heading; what a person corrected in the
scene above stays. Refused: tables (a row is a scene), lines outside the scene, drafts that were looked through.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.parties.access import Actor
from xiepai.script.pieces import one_scene
from xiepai.shoots.models import Script
from xiepai.shoots.services import scripts

#: What the lines of a scene say; its heading stays as it was.
_OF_LINES = (
    "cast", "crowd", "guests", "props", "costumes", "marks", "notes", "summary", "lines", "pages", "eighths",
    "minutes", "last_line",
)  # fmt: skip
TABLES = ("xlsx", "csv", "uss")


def begin_scene(*, actor: Actor, script_id: int, at: int, line: int) -> Script:
    """Let a scene of its own begin at *line* of scene *at*. Raises ``INVALID``."""
    with transaction.atomic():
        script = scripts.in_review(actor, script_id)
        scene = _scene_at(script, at)
        if not scene["line"] < line <= scene["last_line"]:
            raise XiepaiError(ErrorCode.INVALID, detail=_("这一行不在这一场里，请刷新后再试。"))
        cut_at(script, line)
        scripts.merge_again(script)
        scripts.save_reading(script, actor, "shoots.script.corrected")
    return script


def join_scene(*, actor: Actor, script_id: int, at: int) -> Script:
    """Give the lines of scene *at* back to the scene above it. Raises ``INVALID`` for the first one."""
    with transaction.atomic():
        script = scripts.in_review(actor, script_id)
        scene = _scene_at(script, at)
        if at == 0:
            raise XiepaiError(ErrorCode.INVALID, detail=_("上面没有别的场次。"))
        script.reading["joined"] = [*script.reading.get("joined", ()), scene["line"]]
        join_at(script, scene["line"])
        scripts.merge_again(script)
        scripts.save_reading(script, actor, "shoots.script.corrected")
    return script


def cut_at(script: Script, line: int) -> None:
    """Cut the scene in which a line stands; nothing where one begins there already."""
    scenes: list[dict[str, Any]] = script.reading["scenes"]
    at = next((at for at, each in enumerate(scenes) if each["line"] < line <= each["last_line"]), None)
    if at is None or any(each["line"] == line for each in scenes):
        return
    scene, last = scenes[at], scenes[at]["last_line"]
    below = _read(script, line, last) | {"is_cut": True}
    _refill(script, scene, line - 1)
    if below["episode"] is None:
        below["episode"] = scene["episode"]
    scenes.insert(at + 1, below)


def join_at(script: Script, line: int) -> None:
    """Join the scene that begins at a line to the one above; nothing where none begins there."""
    scenes: list[dict[str, Any]] = script.reading["scenes"]
    at = next((at for at, each in enumerate(scenes) if each["line"] == line), 0)
    if at:
        _refill(script, scenes[at - 1], scenes[at]["last_line"])
        del scenes[at]


def _scene_at(script: Script, at: int) -> dict[str, Any]:
    scenes: list[dict[str, Any]] = script.reading["scenes"]
    if script.source_format in TABLES or not 0 <= at < len(scenes):
        raise XiepaiError(ErrorCode.INVALID, detail=_("没有这一场。"))
    return scenes[at]


def _read(script: Script, first: int, last: int) -> dict[str, Any]:
    return one_scene(script.text.split("\n")[first - 1 : last], first).to_json()


def _refill(script: Script, scene: dict[str, Any], last: int) -> None:
    """What the scene's lines up to *last* say, but for what a person corrected."""
    fresh, kept = _read(script, scene["line"], last), set(scene.get("confirmed", ()))
    scene.update({name: fresh[name] for name in _OF_LINES if name not in kept})
