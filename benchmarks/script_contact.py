"""First contact: styles nobody tuned on, field by field (``docs/script.md`` keeps what was measured when).

``ARGS="--sets dev held sealed"`` chooses the sets, ``--list`` shows what was missed: for the dev set only, so that
nobody learns from what is to stay unseen. ``--format docx`` or ``pdf`` writes the same scripts as Word or PDF first.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from _contact import contact_script, style_of
from _contact_later import LAST, LATER
from _contact_styles import DEV, HELD, SEALED
from _scripts import Script, Truth
from report import Report, options
from xiepai.script import Scene, ScriptError, read_script

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tests.scripts import pdf_file, word_file

FORMATS: dict[str, Callable[[list[str]], bytes]] = {
    "txt": lambda lines: "\n".join(lines).encode(),
    "docx": word_file,
    "pdf": pdf_file,
}
SETS = {
    "dev": list(DEV),
    "held": list(HELD),
    "sealed": list(SEALED),
    "mixed": [f"mixed {each}" for each in range(150)],
    "mixed_held": [f"mixed_held {each}" for each in range(150)],
    "later": list(LATER),
    "last": list(LAST),
    "mixed_later": [f"mixed_later {each}" for each in range(150)],
}
LEARNT = ("dev", "mixed")
FIELDS = ("number", "time", "side", "place", "cast")


def right(scene: Scene, truth: Truth, blank_levels: bool) -> dict[str, bool]:
    """Which fields of a scene are as they were meant."""
    place = scene.place == truth.place or (
        blank_levels and "".join(scene.place).replace(" ", "") == "".join(truth.place)
    )
    return {
        "number": scene.number.lstrip("0") == truth.number and truth.episode in (None, scene.episode),
        "time": scene.time == truth.time,
        "side": truth.side is None or scene.side == truth.side,
        "place": place,
        "cast": set(truth.cast) <= set(scene.cast),
    }


def measure(name: str, scripts: int, listed: bool, kind: str = "txt") -> Counter[str]:
    """Counts of one style."""
    count: Counter[str] = Counter()
    for seed in range(scripts):
        made = contact_script(name, seed)
        if kind == "pdf":
            made = _without_blanks(made)
        try:
            scenes = read_script(FORMATS[kind](made.lines), f"a.{kind}").scenes
        except ScriptError:
            scenes = ()
        _compare(name, made, scenes, count, f"{name} {seed}" if listed else "")
    return count


def _without_blanks(made: Script) -> Script:
    """As a PDF has it: a blank line leaves nothing on the page."""
    kept = [at for at, line in enumerate(made.lines) if line.strip()]
    place = {at: new for new, at in enumerate(kept)}
    return Script([made.lines[at] for at in kept], {place[at]: truth for at, truth in made.truth.items()})


def _compare(name: str, made: Script, scenes: Sequence[Scene], count: Counter[str], listed: str) -> None:
    starts = sorted(made.truth)
    by_line = {scene.line - 1: scene for scene in scenes}
    for at in starts:
        own = [each for each in range(at, at + 4) if each in by_line and _own(each, at, starts)]
        scene = by_line.pop(own[0]) if own else None
        fields = right(scene, made.truth[at], style_of(name).blank_levels) if scene else dict.fromkeys(FIELDS, False)
        count["truth"] += 1
        count["lines"] += bool(scene)
        count["met"] += fields["number"] and fields["time"] and fields["place"]
        count.update(field for field in FIELDS if fields[field])
        if listed and not all(fields.values()):
            print(listed, "MISS", made.lines[at : at + 4], [field for field in FIELDS if not fields[field]])
            print("  ", made.truth[at], "\n  ", scene and (scene.head(), scene.cast))
    people = {name for truth in made.truth.values() for name in truth.cast}
    everybody = [name for scene in scenes for name in scene.cast]
    count["roles"] += len(everybody)
    count["strangers"] += sum(name not in people for name in everybody)
    count["found"] += len(scenes)
    count["false"] += len(by_line)
    if listed:
        for at, scene in by_line.items():
            print(listed, "FALSE", made.lines[at], scene.head())


def _own(line: int, at: int, starts: list[int]) -> bool:
    """No other heading begins between."""
    return line == at or not any(at < each <= line for each in starts)


def main() -> None:
    """Every style of the sets asked for."""
    parser = options(__doc__ or "")
    parser.add_argument("--scripts", type=int, default=30, help="scripts a style")
    parser.add_argument("--sets", nargs="+", default=list(SETS), choices=list(SETS))
    parser.add_argument("--list", action="store_true", help="show what was missed in the dev set")
    parser.add_argument("--only", default="", help="one style of the dev set")
    parser.add_argument("--format", default="txt", choices=list(FORMATS), help="what the scripts are written as")
    asked = parser.parse_args()
    report = Report("script_contact", asked.output)
    for which in asked.sets:
        total: Counter[str] = Counter()
        good = 0
        names = [each for each in SETS[which] if asked.only in ("", each)]
        for name in names:
            scripts = max(1, asked.scripts // 10) if which.startswith("mixed") else asked.scripts
            count = measure(name, scripts, asked.list and which in LEARNT, asked.format)
            total += count
            good += count["met"] >= 0.99 * count["truth"]
            if not which.startswith("mixed") or asked.list:
                _rows(report, name, count)
        _rows(report, f"set {which}, {total['truth']} headings", total)
        report.row(f"set {which}: styles above 99 % of {len(names)}", 100 * good / max(1, len(names)), "%", "higher")
    report.finish()


def _rows(report: Report, name: str, count: Counter[str]) -> None:
    share = {key: 100 * count[key] / max(1, count["truth"]) for key in ("met", "lines", *FIELDS)}
    fields = ", ".join(f"{key} {share[key]:.1f}" for key in ("lines", *FIELDS))
    report.row(f"{name} ({fields})", share["met"], "%", "higher", 99)
    strangers = 100 * count["strangers"] / max(1, count["roles"])
    report.row(f"{name}: of those in the casts, nobody's name", strangers, "%", "lower")
    report.row(f"{name}: false", 100 * count["false"] / max(1, count["found"]), "%", "lower", 1)


if __name__ == "__main__":
    main()
