"""Scripts that other people wrote: what the reader finds in a folder of them, against truth lines put in by hand.

``make bench-script-foreign ARGS="--folder FOLDER"``; without a folder ``build/scripts``, if it is there. The scripts
belong to their writers and are no part of this repository. In each ``.txt`` a line
``@@ episode | number | time | side | place/levels | cast`` stands above every heading (``@@?`` where even a reader of
scripts would doubt); such lines, and ``## source:``, are taken out before reading. Time is day, night, dawn, dusk,
changing or empty; side in, out, both or empty; an empty field was not written. A heading counts as found when number,
time and place are as written; levels may be parted elsewhere.
``--list`` shows what was missed: for folders to learn from, not for those kept apart.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from _scripts import Truth
from report import Report, options
from xiepai.script import Scene, ScriptError, read_script

OWN = Path(__file__).resolve().parent.parent / "build" / "scripts"
NEAR = 4
"""Lines below its first within which a heading may begin."""
FIELDS = ("lines", "number", "time", "side", "place", "cast")
_MARK = re.compile(r"^@@(\??)\s*(.*)$")


def loaded(path: Path) -> tuple[list[str], dict[int, Truth], set[int]]:
    """Lines, the truth by index of line, and which of it is doubtful."""
    lines: list[str] = []
    truth: dict[int, Truth] = {}
    doubtful: set[int] = set()
    waiting: tuple[Truth, bool] | None = None
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("## source:"):
            continue
        if match := _MARK.match(line):
            waiting = _truth(match[2]), bool(match[1])
            continue
        if waiting and line.strip():
            truth[len(lines)] = waiting[0]
            if waiting[1]:
                doubtful.add(len(lines))
            waiting = None
        lines.append(line)
    return lines, truth, doubtful


def _truth(text: str) -> Truth:
    episode, number, time, side, place, cast = (*(each.strip() for each in text.split("|")), *[""] * 6)[:6]
    levels = tuple(each.strip() for each in place.split("/") if each.strip())
    names = tuple(each.strip() for each in cast.split("、") if each.strip())
    return Truth(int(episode) if episode.isdecimal() else None, number, time or None, side or None, levels, names)


def judged(scene: Scene | None, truth: Truth) -> dict[str, bool]:
    """Which fields of a scene are as they were written."""
    if scene is None:
        return dict.fromkeys(FIELDS, False)
    return {
        "lines": True,
        "number": not truth.number
        or (scene.number.lstrip("0") == truth.number.lstrip("0") and truth.episode in (None, scene.episode)),
        "time": (scene.time or None) == truth.time,
        "side": truth.side is None or scene.side == truth.side,
        "place": _bare(scene.place) == _bare(truth.place),
        "cast": set(truth.cast) <= set(scene.cast),
    }


def _bare(levels: Sequence[str]) -> str:
    """Without what parts levels; 客厅内 is the 客厅, its side is judged apart."""
    return re.sub(r"[^\w]", "", "".join(levels)).casefold().removesuffix("内").removesuffix("內")


def measured(path: Path, listed: bool) -> Counter[str]:
    """Counts of one script."""
    lines, truth, doubtful = loaded(path)
    try:
        scenes = read_script("\n".join(lines).encode(), "a.txt").scenes
    except ScriptError as error:
        scenes = ()
        if listed:
            print(path.name, "REFUSED", error.render("en"))
    by_line = {scene.line - 1: scene for scene in scenes}
    count: Counter[str] = Counter()
    starts = sorted(truth)
    for at, until in zip(starts, [*starts[1:], len(lines)], strict=True):
        scene = next((by_line.pop(each) for each in range(at, min(at + NEAR, until)) if each in by_line), None)
        if at in doubtful:
            count["doubtful"] += 1
            continue
        fields = judged(scene, truth[at])
        count["truth"] += 1
        count["met"] += all(fields[key] for key in ("number", "time", "place"))
        count.update(key for key in FIELDS if fields[key])
        if listed and not all(fields.values()):
            print(path.name, "MISS", lines[at : at + NEAR], [key for key in FIELDS if not fields[key]])
            print("  ", truth[at], "\n  ", scene and (scene.head(), scene.place, scene.cast))
    count["found"], count["false"] = len(scenes), len(by_line)
    if listed:
        for at in by_line:
            print(path.name, "FALSE", lines[at], by_line[at].head())
    return count


def main() -> None:
    """Every script of the folder, and all together."""
    parser = options(__doc__ or "")
    parser.add_argument("--folder", type=Path, nargs="+", default=[OWN], help="folders of .txt with truth lines")
    parser.add_argument("--list", action="store_true", help="show what was missed")
    parser.add_argument("--only", default="", help="scripts whose name contains this")
    asked = parser.parse_args()
    if asked.folder == [OWN] and not OWN.is_dir():
        print(f"no scripts in {OWN.name} of the build folder: nothing measured")
        return
    report = Report("script_foreign", asked.output)
    for folder in asked.folder:
        total: Counter[str] = Counter()
        whole = scripts = 0
        for path in _scripts(folder, asked.only):
            count = measured(path, asked.list)
            total += count
            scripts += 1
            whole += count["met"] == count["truth"] and not count["false"]
            if asked.list:
                print(f"{path.name}: {count['met']} of {count['truth']}, {count['false']} false")
        _rows(report, folder.name, total, scripts, whole)
    report.finish()


def _scripts(folder: Path, only: str) -> Iterator[Path]:
    return (each for each in sorted(folder.glob("*.txt")) if only in each.name)


def _rows(report: Report, name: str, count: Counter[str], scripts: int, whole: int) -> None:
    shares = ", ".join(f"{key} {100 * count[key] / max(1, count['truth']):.1f}" for key in FIELDS)
    what = f"{name}, {scripts} scripts, {count['truth']} headings, {count['doubtful']} doubtful left out ({shares})"
    report.row(what, 100 * count["met"] / max(1, count["truth"]), "%", "higher", 99)
    report.row(f"{name}: false", 100 * count["false"] / max(1, count["found"]), "%", "lower", 1)
    report.row(f"{name}: scripts read without a fault", 100 * whole / max(1, scripts), "%", "higher")


if __name__ == "__main__":
    main()
