"""A script's scenes as the ``scenes`` of a plan's file, and a file of places laid over them.

Minutes are assumed: 12 and 3 more for each eighth of a page (*assumed*; the crew edits them). A place of the script is
shot at the places that say ``for: [its name]``, else at a place of its own name; one nobody offers is taken to exist,
without a price, and reported.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from xiepai.planning.shoot.messages import Code, Fault, PlanFileError
from xiepai.script import ScriptError, Side, Time, read_script

BASE_MINUTES, EIGHTH_MINUTES, CROWD_HEADS = 12, 3, 10
_LIGHT = {Time.DAY: "日", Time.NIGHT: "夜", Time.DAWN: "晨", Time.DUSK: "昏"}
_SIDE = {Side.INSIDE: "内", Side.OUTSIDE: "外", Side.BOTH: "内外"}


def tree_of(file: Path) -> dict[str, Any]:
    """The tree of a script: its scenes, nothing else."""
    try:
        found = read_script(file.read_bytes(), file.name)
    except ScriptError as error:
        said = {"zh": error.render("zh"), "en": error.render("en")}
        raise PlanFileError([Fault(file.name, Code.SCRIPT, said)]) from error
    return {
        "title": file.stem,
        "scenes": [
            {
                "id": scene.key,
                "episode": scene.episode or 0,
                "eighths": scene.eighths,
                "minutes": BASE_MINUTES + EIGHTH_MINUTES * scene.eighths,
                "time": _LIGHT.get(scene.time, "") if scene.time else "",
                "side": _SIDE.get(scene.side, "") if scene.side else "",
                "place": [scene.place_name or "?"],
                "cast": list(scene.cast),
                "crowd": CROWD_HEADS if scene.crowd else 0,
                "marks": [str(each) for each in scene.mark_names],
                "title": scene.summary[:40],
            }
            for scene in found.scenes
        ],
    }


def joined(tree: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """Scenes with everything else; script names of places become the places offered for them."""
    both = {**tree, **{key: value for key, value in more.items() if key != "scenes" or value}}
    offered: dict[str, list[str]] = {}
    places = more.get("places") or {}
    entries = places.items() if isinstance(places, dict) else [(each.get("id"), each) for each in places]
    for name, entry in entries:
        for wanted in (entry or {}).get("for", []) if isinstance(entry, dict) else []:
            offered.setdefault(str(wanted), []).append(str(name))
    for scene in both.get("scenes") or []:
        if isinstance(scene, dict) and isinstance(scene.get("place"), str | list):
            names = scene["place"] if isinstance(scene["place"], list) else [scene["place"]]
            scene["place"] = list(dict.fromkeys(one for name in names for one in offered.get(str(name), [str(name)])))
    return both


def completed(tree: dict[str, Any]) -> dict[str, Any]:
    """The tree with a place, free and without a price, for every name nobody offers; the site is its first level."""
    places = tree.get("places") or {}
    if isinstance(places, list):
        places = {str(each.get("id")): each for each in places if isinstance(each, dict)}
    wanted = dict.fromkeys(
        str(name)
        for scene in tree.get("scenes") or []
        if isinstance(scene, dict) and isinstance(scene.get("place"), list)
        for name in scene["place"]
    )
    return {**tree, "places": {**{name: {"site": name.split("-")[0]} for name in wanted}, **places}}
