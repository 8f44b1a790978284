"""Plain text in several house styles. A style changes how a heading looks, never what it says."""

from __future__ import annotations

from collections.abc import Callable

from xiepai.script.scenes import Breakdown, Scene
from xiepai.script.writing.paragraphs import (
    cast_lines,
    full_number,
    place_words,
    side_word,
    time_word,
    written,
)  # fmt: skip


def _dash(scene: Scene) -> list[str]:
    return [_spaced(full_number(scene), time_word(scene), side_word(scene), place_words(scene))]


def _scene(scene: Scene) -> list[str]:
    return [
        _spaced(f"第{scene.number}场" if scene.number else "", time_word(scene), side_word(scene), place_words(scene))
    ]


def _labels(scene: Scene) -> list[str]:
    labels = {
        "场次": full_number(scene),
        "时间": time_word(scene),
        "内外": side_word(scene),
        "地点": place_words(scene),
    }
    return [f"{label}：{value}" for label, value in labels.items() if value]


def _bars(scene: Scene) -> list[str]:
    return [
        "｜".join(each for each in (full_number(scene), place_words(scene), time_word(scene), side_word(scene)) if each)
    ]


def _markdown(scene: Scene) -> list[str]:
    return [f"### {_dash(scene)[0]}"]


def _spaced(*parts: str) -> str:
    return " ".join(each for each in parts if each)


STYLES: dict[str, Callable[[Scene], list[str]]] = {
    "dash": _dash,
    "scene": _scene,
    "labels": _labels,
    "bars": _bars,
    "markdown": _markdown,
}


def to_text(breakdown: Breakdown, style: str = "dash") -> str:
    """The script in a style of :data:`STYLES`."""
    lines = [f"《{breakdown.title}》", ""] if breakdown.title else []
    episode = None
    for scene in breakdown.scenes:
        if scene.episode is not None and scene.episode != episode:
            lines += [f"{'## ' if style == 'markdown' else ''}第{scene.episode}集", ""]
            episode = scene.episode
        lines += [*STYLES[style](scene), *cast_lines(scene), *(written(each) for each in scene.body), ""]
    return "\n".join(lines)
