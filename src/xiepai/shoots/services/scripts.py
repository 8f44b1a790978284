"""Scripts: imported, looked through, taken into the breakdown of their work.

Always: a reading is corrected on the review page before it counts; taking it over keeps what people wrote by hand and
says what changed. Never: a scene lost by a new draft (it is marked as gone), a file read twice into two drafts.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Max
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from xiepai.kernel import audit, clock
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.parties.access import Actor
from xiepai.productions.access import locked_work, require_writer_of
from xiepai.productions.uploads import tidy_name
from xiepai.script import Code, ScriptError
from xiepai.script.correcting import unanswered
from xiepai.script.messages import confidence
from xiepai.shoots import access
from xiepai.shoots.first_reading import first_reading
from xiepai.shoots.models import Script, ScriptState
from xiepai.shoots.services import taking

#: What a reviewer may correct in one scene of a reading.
EDITABLE = ("episode", "number", "time", "side", "place", "cast", "guests", "crowd", "props", "costumes", "summary")
_LISTS = ("place", "cast", "guests", "crowd", "props", "costumes")
LARGEST_BYTES = 20 * 1024 * 1024


def import_script(*, actor: Actor, work_id: int, data: bytes, file_name: str, title: str = "") -> Script:
    """Read a file into a draft to look through; the very same file is the draft that is there.

    Raises ``FILE_SIZE`` and ``FILE_UNREADABLE``; the latter in the words of the reader, with the line.
    """
    require_writer_of(actor, work_id)
    if len(data) > LARGEST_BYTES:
        raise XiepaiError(ErrorCode.FILE_SIZE, size=f"{len(data) >> 20} MB", limit=f"{LARGEST_BYTES >> 20} MB")
    try:
        found, lesson = first_reading(data, file_name, work_id)
    except ScriptError as error:
        language = "en" if (get_language() or "").startswith("en") else "zh"
        raise XiepaiError(ErrorCode.FILE_UNREADABLE, detail=error.render(language)) from error
    digest = hashlib.sha256(data).hexdigest()
    with transaction.atomic():
        work = locked_work(actor, work_id)
        known = Script.objects.filter(work=work, sha256=digest, state=ScriptState.REVIEW).first()
        if known is not None:
            return known
        number = (Script.objects.filter(work=work).aggregate(top=Max("version"))["top"] or 0) + 1
        suffix = "." + file_name.rsplit(".", 1)[-1].lower() if "." in file_name else ".txt"
        script = Script(
            work=work,
            version=number,
            title=(title.strip() or found.title or file_name.rsplit(".", 1)[0])[:120],
            file_name=tidy_name(file_name, suffix[:8]),
            source_format=str(found.format)[:12],
            sha256=digest,
            text="\n".join(line.text for line in found.source.lines) if found.source else "",
            reading=found.to_json() | ({"lesson": lesson.to_json()} if lesson else {}),
            created_by_id=actor.person_id,
        )
        script.changes = taking.preview(script)
        script.file.save(secrets.token_hex(16) + suffix[:8], ContentFile(data), save=False)
        script.save(force_insert=True)
        _record("shoots.script.imported", script, actor, None)
    return script


def correct(*, actor: Actor, script_id: int, at: Collection[int], fields: Mapping[str, Any]) -> Script:
    """Set fields of one or many scenes of a reading (``at``: their positions). Raises ``INVALID``."""
    unknown = set(fields) - set(EDITABLE)
    if unknown:
        raise XiepaiError(ErrorCode.INVALID, detail="、".join(sorted(unknown)))
    with transaction.atomic():
        script = in_review(actor, script_id)
        scenes = script.reading["scenes"]
        for index in at:
            if not 0 <= index < len(scenes):
                raise XiepaiError(ErrorCode.INVALID, detail=_("没有这一场。"))
            set_fields(scenes[index], fields)
        save_reading(script, actor, "shoots.script.corrected")
    return script


def merge_names(*, actor: Actor, script_id: int, kind: str, names: Sequence[str], into: str) -> Script:
    """A role or place written several ways becomes one. ``kind``: ``cast`` or ``place`` (levels joined by ``-``)."""
    into = into.strip()
    if not into or kind not in {"cast", "place"}:
        raise XiepaiError(ErrorCode.INVALID, detail=_("请写明合并成的名称。"))
    old = set(names) - {into}
    with transaction.atomic():
        script = in_review(actor, script_id)
        bring_under_one(script, kind, old, into)
        change = {"kind": kind, "names": sorted(old), "into": into}
        script.reading["merged"] = [*script.reading.get("merged", ()), change]
        save_reading(script, actor, "shoots.script.names_merged")
    return script


def bring_under_one(script: Script, kind: str, old: Collection[str], into: str) -> None:
    """Write one name for several in every scene of a reading."""
    for scene in script.reading["scenes"]:
        if kind == "cast":
            for part in ("cast", "guests"):
                scene[part] = list(dict.fromkeys(into if name in old else name for name in scene[part]))
        elif "-".join(scene["place"]) in old:
            scene["place"] = _levels(into)


def merge_again(script: Script) -> None:
    """Names brought under one stay so in scenes that were read again."""
    for change in script.reading.get("merged", ()):
        bring_under_one(script, change["kind"], change["names"], change["into"])


def leave_out(*, actor: Actor, script_id: int, at: Collection[int], is_out: bool = True) -> Script:
    """Say that a heading is none (or is one after all): the scene is not taken over."""
    with transaction.atomic():
        script = in_review(actor, script_id)
        for index in at:
            if 0 <= index < len(script.reading["scenes"]):
                script.reading["scenes"][index]["is_out"] = is_out
        save_reading(script, actor, "shoots.script.corrected")
    return script


def confirm(*, actor: Actor, script_id: int) -> Script:
    """Take the reading into the breakdown.

    Raises ``INVALID`` for a reading without scenes, and while two scenes bear one number or one has none.
    """
    with transaction.atomic():
        script = in_review(actor, script_id)
        _refuse_doubles(script)
        before = audit.snapshot(script)
        script.changes = taking.take_over(script)
        Script.objects.filter(work=script.work, state=ScriptState.CONFIRMED).update(state=ScriptState.SUPERSEDED)
        script.state, script.confirmed_by_id = ScriptState.CONFIRMED.value, actor.person_id
        script.confirmed_at = clock.now()
        script.save()
        _record("shoots.script.confirmed", script, actor, before)
    return script


def discard(*, actor: Actor, script_id: int) -> Script:
    """Put a draft away unread."""
    with transaction.atomic():
        script = in_review(actor, script_id)
        before = audit.snapshot(script)
        script.state = ScriptState.DISCARDED.value
        script.save(update_fields=["state"])
        _record("shoots.script.discarded", script, actor, before)
    return script


def in_review(actor: Actor, script_id: int) -> Script:
    """The draft under lock, still open to corrections. Raises ``INVALID``."""
    script = access.locked_script(actor, script_id)
    if script.state != ScriptState.REVIEW:
        raise XiepaiError(ErrorCode.INVALID, detail=_("这一稿已经核对过，不能再改；请改场景表或上传新稿。"))
    return script


def save_reading(script: Script, actor: Actor, event: str) -> None:
    """Keep a corrected reading, with what it would change, and record it."""
    script.changes = taking.preview(script)
    script.save(update_fields=["reading", "changes"])
    _record(event, script, actor, {})


def set_fields(scene: dict[str, Any], fields: Mapping[str, Any]) -> None:
    """Write fields into a scene; what they answer is no doubt any more, and the scene was looked at."""
    values = {name: _value(name, value) for name, value in fields.items()}
    changed = {name for name, value in values.items() if scene[name] != value}
    scene |= values
    scene["confirmed"] = sorted({*scene.get("confirmed", ()), *changed})
    guessed = {Code.SIDE_FROM_PLACE} if values.get("side") else set()
    scene["reasons"] = [str(each) for each in unanswered(scene["reasons"], scene) if each not in guessed]
    scene["confidence"] = confidence(map(Code, scene["reasons"]))
    scene["key"] = key_of(scene)


def key_of(scene: Mapping[str, Any]) -> str:
    """Episode and number of a scene of a reading, as people say them: 3-12; empty without a number."""
    number = str(scene["number"])
    return number if scene["episode"] is None or not number else f"{scene['episode']}-{number}"


def _refuse_doubles(script: Script) -> None:
    if next(taking.wanted(script), None) is None:
        raise XiepaiError(ErrorCode.INVALID, detail=_("这一稿还没有一场：请先指出一个场头，或放弃这一稿。"))
    seen: set[tuple[int | None, str]] = set()
    for scene in taking.wanted(script):
        key = (scene["episode"], scene["number"])
        if not scene["number"] or key in seen:
            name = "-".join(str(part) for part in key if part not in {None, ""}) or scene["heading"]
            raise XiepaiError(ErrorCode.INVALID, detail=_("场号缺失或重复：{scene}，请先改正。").format(scene=name))
        seen.add(key)


def _value(name: str, value: Any) -> Any:
    if name in _LISTS:
        return _levels(value) if name == "place" and isinstance(value, str) else _names(value)
    if name == "episode":
        if value in {None, ""}:
            return None
        if not str(value).isdigit() or not 0 < int(value) < 10_000:
            raise XiepaiError(ErrorCode.INVALID, detail=_("集数须为正整数。"))
        return int(value)
    if name in {"time", "side"}:
        allowed = {"time": taking.TIMES, "side": taking.SIDES}[name]
        if value in {None, ""}:
            return None
        if value not in allowed:
            raise XiepaiError(ErrorCode.INVALID, detail=str(value))
        return value
    return str(value).strip()[: {"number": 20}.get(name, 2000)]


def _names(value: Any) -> list[str]:
    parts = value if isinstance(value, list | tuple) else taking.split_names(str(value))
    return list(dict.fromkeys(part.strip()[:60] for part in parts if part.strip()))


def _levels(text: str) -> list[str]:
    return [part.strip()[:60] for part in text.replace("·", "-").replace("/", "-").split("-") if part.strip()]


def _record(event: str, script: Script, actor: Actor, before: dict[str, Any] | None) -> None:
    # the text of a script is its writer's; the trail has its digest
    kept = ("id", "work_id", "version", "title", "state", "sha256")
    state = {name: value for name, value in audit.snapshot(script).items() if name in kept}
    was = None if before is None else {name: value for name, value in before.items() if name in kept}
    audit.record(event, script, actor=actor, before=was, after=state, organisation_id=script.work.organisation_id)
