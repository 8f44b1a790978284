"""Headings of scripts: how many are found with number, time and place, how many are false, and how long files take.

Known styles are those the grammar was written against, unseen ones were written first and measured without tuning
(``docs/script.md`` keeps the figures of the first contact). ``ARGS="--list"`` shows every miss and every false one.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from _scripts import FRESH, KNOWN, STYLES, UNSEEN, Script, Truth, script
from report import Report, options
from xiepai.script import Breakdown, Scene, ScriptError, read_script
from xiepai.script.merging import merge
from xiepai.script.writing.schedules import to_uss
from xiepai.script.writing.screenplays import to_fdx, to_fountain
from xiepai.script.writing.table import to_xlsx

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tests.scripts import pdf_file, word_file


@dataclass
class Count:
    """Headings of one style."""

    truth: int = 0
    met: int = 0
    found: int = 0
    false: int = 0
    whole: int = 0
    cast: int = 0

    @property
    def recall(self) -> float:
        """Percent of headings found with number, time and place."""
        return 100 * self.met / self.truth

    @property
    def false_share(self) -> float:
        """Percent of found headings that are none."""
        return 100 * self.false / max(1, self.found)


def agrees(scene: Scene, truth: Truth) -> bool:
    """Number, time and place."""
    same_episode = truth.episode is None or scene.episode == truth.episode
    return same_episode and (scene.number, scene.time, scene.place) == (truth.number, truth.time, truth.place)


def compare(made: Script, found: Breakdown, count: Count, listed: str = "") -> None:
    """Count one script."""
    by_line = {scene.line - 1: scene for scene in found.scenes}
    count.truth += len(made.truth)
    count.found += len(by_line)
    for at, truth in made.truth.items():
        scene = by_line.get(at)
        met = scene is not None and agrees(scene, truth)
        count.met += met
        count.whole += bool(met and scene and (truth.side is None or scene.side == truth.side))
        count.cast += bool(scene and set(truth.cast) <= set(scene.cast))
        if listed and not met:
            print(f"{listed} MISS {made.lines[at]!r} wanted {truth}\n     found {scene.head() if scene else None}")
    for at in by_line.keys() - made.truth.keys():
        count.false += 1
        if listed:
            print(f"{listed} FALSE {made.lines[at]!r} {by_line[at].head()}")


def measure(style: str, seeds: Iterable[int], listed: bool) -> Count:
    """Several scripts of one style."""
    count = Count()
    for seed in seeds:
        made = script(style, seed)
        try:
            compare(made, read_script(made.text.encode(), "a.txt"), count, style if listed else "")
        except ScriptError:
            count.truth += len(made.truth)
    return count


def total(counts: Iterable[Count]) -> Count:
    """All together."""
    summed = Count()
    for each in counts:
        for name in vars(summed):
            setattr(summed, name, getattr(summed, name) + getattr(each, name))
    return summed


def main() -> None:
    """Styles, then sizes."""
    parser = options(__doc__ or "")
    parser.add_argument("--scripts", type=int, default=40, help="scripts a style")
    parser.add_argument("--list", action="store_true", help="show what was missed and what was false")
    asked = parser.parse_args()
    report = Report("script", asked.output)
    counts = {style: measure(style, range(asked.scripts), asked.list) for style in STYLES}
    for name, styles in (("known styles", KNOWN), ("unseen styles", UNSEEN), ("fresh styles", FRESH)):
        whole = total(counts[style] for style in styles)
        report.row(
            f"{name}: {whole.truth} headings, found with number, time and place", whole.recall, "%", "higher", 99
        )
        report.row(f"{name}: of those found, none", whole.false_share, "%", "lower", 1)
        report.row(f"{name}: side too", 100 * whole.whole / whole.truth, "%", "higher")
        report.row(f"{name}: whole cast", 100 * whole.cast / whole.truth, "%", "higher")
    for style, count in counts.items():
        report.row(f"{style} ({count.truth})", count.recall, "% found", "higher")
        report.row(f"{style}: false", count.false_share, "%", "lower")
    sizes(report)
    report.finish()


def timed(data: bytes, kind: str) -> float:
    """Seconds of one reading."""
    began = time.perf_counter()
    read_script(data, f"a.{kind}")
    return time.perf_counter() - began


def sizes(report: Report) -> None:
    """A script of 200 pages (50 lines each) in every format; the best of three readings."""
    made = script("dash", 1, episodes=100, scenes=14, body=20)
    lines = made.lines[:10_000]
    whole = read_script("\n".join(lines).encode(), "a.txt")
    files: dict[str, Callable[[], bytes]] = {
        "txt": lambda: "\n".join(lines).encode(),
        "docx": lambda: word_file(lines),
        "pdf": lambda: pdf_file(lines),
        "fountain": lambda: to_fountain(whole).encode(),
        "fdx": lambda: to_fdx(whole).encode(),
        "xlsx": lambda: to_xlsx(whole),
        "uss": lambda: to_uss(whole).encode(),
    }
    for kind, write in files.items():
        data = write()
        took = min(timed(data, kind) for _ in range(3))
        found = read_script(data, f"a.{kind}")
        pages = f"{found.source.pages} printed pages" if found.source and found.source.pages else "10,000 lines"
        report.row(f"{kind}, {pages}, {len(found.scenes)} scenes", took, "s", "lower", 2)
        same = sum(one.head() == other.head() for one, other in zip(found.scenes, whole.scenes, strict=False))
        report.row(f"{kind}: the same scenes as txt", 100 * same / len(whole.scenes), "%", "higher", 99)
    began = time.perf_counter()
    merged = merge(whole, whole)
    report.row(f"merging {len(merged.pairs)} scenes with themselves", time.perf_counter() - began, "s", "lower")


if __name__ == "__main__":
    main()
