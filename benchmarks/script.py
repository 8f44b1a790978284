"""Headings of scripts: how many are found with number, time and place, how many are false, and how long files take.

Known styles are those the grammar was written against, unseen ones were written first and measured without tuning
(``docs/script.md`` keeps the figures of the first contact). ``ARGS="--list"`` shows every miss and every false one.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

from _scripts import KNOWN, STYLES, UNSEEN, Script, Truth, script
from report import Report, options
from xiepai.script import Breakdown, Scene, ScriptError, read_script


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
    for name, styles in (("known styles", KNOWN), ("unseen styles", UNSEEN)):
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


def sizes(report: Report) -> None:
    """A script of 200 pages (50 lines each)."""
    made = script("dash", 1, episodes=100, scenes=14, body=20)
    data = "\n".join(made.lines[:10_000]).encode()
    began = time.perf_counter()
    found = read_script(data, "a.txt")
    report.row(f"txt, 200 pages, {len(found.scenes)} scenes", time.perf_counter() - began, "s", "lower", 2)


if __name__ == "__main__":
    main()
