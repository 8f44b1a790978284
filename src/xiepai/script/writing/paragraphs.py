"""What every writer of scripts shares: how a heading, a place, a cast list and a spoken line are put in words."""

from __future__ import annotations

from xiepai.script.scenes import SIDE_WORD, TIME_WORD, Paragraph, Part, Scene

ARROW = "△"


def time_word(scene: Scene) -> str:
    """The script's own word for the light, or the usual one."""
    return scene.time_said or (TIME_WORD[scene.time] if scene.time else "")


def side_word(scene: Scene) -> str:
    """内, 外, 内外, or nothing."""
    return SIDE_WORD[scene.side] if scene.side else ""


def place_words(scene: Scene) -> str:
    """Levels joined by hyphens, settings in brackets."""
    return "-".join(scene.place) + "".join(f"（{each}）" for each in scene.settings)


def full_number(scene: Scene) -> str:
    """3-12, or 12 where there are no episodes."""
    return scene.number if scene.episode is None or not scene.number else f"{scene.episode}-{scene.number}"


def cast_lines(scene: Scene) -> list[str]:
    """Who is there, for scenes whose body has no such line of its own."""
    if any(each.part is Part.CAST for each in scene.body):
        return []
    there = [*scene.cast, *scene.crowd]
    lines = [f"人物：{'、'.join(there)}"] if there else []
    return lines + ([f"特约：{'、'.join(scene.guests)}"] if scene.guests else [])


def spoken(each: Paragraph) -> str:
    """A spoken line with its voice and hint."""
    hint = f"（{each.manner}）" if each.manner else ""
    return f"{each.who}{each.voice}{hint}：{each.text}"


def written(each: Paragraph) -> str:
    """A paragraph as a line of a Chinese script."""
    if each.part is Part.SPEECH:
        return spoken(each)
    if each.part is Part.ACTION:
        return f"{ARROW}{each.text}"
    if each.part is Part.TITLE:
        return f"【字幕：{each.text}】"
    return f"【{each.text}】" if each.part is Part.TRANSITION else each.text
