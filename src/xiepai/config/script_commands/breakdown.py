"""``xiepai script breakdown FILE``: a script's scenes, what they need, what to look at. Exit 1 if unreadable."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from xiepai.config.policy_commands import common
from xiepai.config.policy_commands.common import say
from xiepai.config.wrapping import wrapped
from xiepai.script import Breakdown, Scene, ScriptError, read_script
from xiepai.script.naming import sort_key, word
from xiepai.script.scenes import SIDE_WORD, TIME_WORD
from xiepai.script.writing.table import pages, to_csv, to_xlsx

TOLD = 20
SURE = 90
_COLOURS = {"night": "blue", "day": "yellow", "dawn": "magenta", "dusk": "magenta", "changing": "cyan"}


def command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="docx, txt, md, pdf, fountain, fdx, xlsx, csv, uss.")],
    xlsx: Annotated[Path | None, typer.Option("--xlsx", help="Write the scene list (.xlsx or .csv).")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Show every warning.")] = False,
    as_json: common.AsJson = False,
    language: common.Language = "zh",
) -> None:
    """Break a script down into scenes: places, cast, special marks, lengths, warnings. 剧本拆解成场景表"""
    common.checked_language(language)
    found = _read(file, language, as_json)
    if xlsx:
        xlsx.write_bytes(to_csv(found) if xlsx.suffix.lower() == ".csv" else to_xlsx(found))
    if as_json:
        common.print_json({"ok": True, **found.to_json()})
    elif xlsx:
        typer.echo(
            say(f"{len(found.scenes)} 场，写入 {xlsx}", f"{len(found.scenes)} scenes written to {xlsx}", language)
        )
    else:
        show(found, file.name, language, common.console(), everything)


def _read(file: Path, language: str, as_json: bool) -> Breakdown:
    try:
        return read_script(file.read_bytes(), file.name)
    except OSError as error:
        said = say(f"打不开 {file}：{error.strerror}", f"cannot open {file}: {error.strerror}", language)
        typer.echo(said, err=True)
    except ScriptError as error:
        if as_json:
            common.print_json({"ok": False, "errors": [each.to_json() for each in error.problems]})
        else:
            typer.echo(f"{file.name}: {error.render(language)}", err=True)
    raise typer.Exit(common.BAD_FILE)


def show(found: Breakdown, name: str, language: str, out: Console, everything: bool) -> None:
    """The scene list, then totals, cast, marks and warnings."""
    out.print(_headline(found, name, language))
    out.print(_scenes(found, language, out.width))
    out.print(_places(found, language, out.width))
    for heading, text in _lists(found, language):
        out.print(Text(heading, style="bold"))
        out.print(Text(wrapped(text, out.width), style=""))
    _warnings(found, language, out, everything)


def _headline(found: Breakdown, name: str, language: str) -> Text:
    episodes = len({each.episode for each in found.scenes if each.episode is not None})
    length = pages(sum(each.eighths for each in found.scenes))
    minutes = common.counted(_minutes(found), "分钟", "minute", language)
    parts = [
        *([common.counted(episodes, "集", "episode", language)] if episodes else []),
        common.counted(len(found.scenes), "场", "scene", language),
        f"{length} {say('页', 'pages', language)}",
        say(f"约 {minutes}（估计）", f"about {minutes} (estimate)", language),
        common.counted(len(found.cast_counts()), "个角色", "role", language),
        f"{found.format}{f' {found.encoding}' if found.encoding else ''}",
    ]
    return Text(name, style="bold green").append(f"  {' · '.join(parts)}", style="not bold")


def _minutes(found: Breakdown) -> int:
    return round(sum(each.seconds for each in found.scenes) / 60)


def _scenes(found: Breakdown, language: str, width: int) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, width=width, padding=(0, 1, 0, 0))
    fixed = (("场", "Scene", 7), ("行", "Line", 5), ("时间", "Time", 6), ("内外", "In/out", 6), ("页", "Pages", 6))
    for zh, en, cells in fixed:
        table.add_column(
            say(zh, en, language), no_wrap=True, min_width=cells, justify="right" if zh in "行页" else "left"
        )
    table.add_column(say("地点", "Place", language), ratio=5, overflow="fold")
    table.add_column(say("人物", "Cast", language), ratio=5, overflow="fold")
    table.add_column(say("特殊", "Marks", language), ratio=4, overflow="fold")
    table.add_column(say("把握", "Sure", language), justify="right", no_wrap=True, min_width=5)
    for scene in found.scenes:
        table.add_row(*_cells(scene, language))
    return table


def _cells(scene: Scene, language: str) -> list[Text]:
    settings = "".join(f"〔{each}〕" for each in scene.settings)
    crowd = "".join(f"＋{each}" for each in scene.crowd)
    sure = Text(f"{scene.confidence}", style="dim" if scene.confidence >= SURE else "bold yellow")
    return [
        Text(scene.key, style="bold"),
        Text(str(scene.line), style="dim"),
        Text(_light(scene, language), style=_COLOURS.get(scene.time or "", "red")),
        Text(_side(scene, language)),
        Text(pages(scene.eighths)),
        Text(scene.place_name or "—").append(settings, style="cyan"),
        Text(say("、", ", ", language).join(scene.cast) or "—").append(crowd, style="dim"),
        Text(say("、", ", ", language).join(word(each, language) for each in scene.mark_names), style="magenta"),
        sure,
    ]


def _light(scene: Scene, language: str) -> str:
    if scene.time is None:
        return "?"
    return word(scene.time, "en") if language == "en" else scene.time_said or TIME_WORD[scene.time]


def _side(scene: Scene, language: str) -> str:
    if scene.side is None:
        return "?"
    return word(scene.side, "en") if language == "en" else SIDE_WORD[scene.side]


def _places(found: Breakdown, language: str, width: int) -> Table:
    """Scenes by place and light, most used first."""
    lights = [each for each in TIME_WORD if any(scene.time is each for scene in found.scenes)]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=say("按地点", "By place", language), title_justify="left")
    table.add_column(say("地点", "Place", language), overflow="fold", max_width=width // 2)
    for light in lights:
        table.add_column(word(light, language), justify="right")
    for zh, en in (("场", "Scenes"), ("页", "Pages")):
        table.add_column(say(zh, en, language), justify="right")
    for place, count in sorted(found.place_counts().items(), key=lambda each: (-each[1], each[0])):
        there = [scene for scene in found.scenes if scene.place == place]
        lit = Counter(scene.time for scene in there)
        cells = [str(lit[light] or "") for light in lights]
        table.add_row("-".join(place) or "—", *cells, str(count), pages(sum(each.eighths for each in there)))
    return table


def _lists(found: Breakdown, language: str) -> list[tuple[str, str]]:
    """Cast with scene counts; marks with the scenes that carry them."""
    cut, colon = say("、", ", ", language), say("：", ": ", language)
    cast = cut.join(f"{name} {count}" for name, count in found.cast_counts().most_common())
    lists = [(say("角色（场数）", "Cast (scenes)", language), cast)] if cast else []
    marks = []
    for mark, count in found.mark_counts().most_common():
        keys = [each.key for each in found.scenes if mark in each.mark_names]
        shown = " ".join(sorted(keys, key=sort_key)[:12]) + (" …" if count > 12 else "")
        marks.append(f"{word(mark, language)} {count}{colon}{shown}")
    return lists + ([(say("特殊提醒", "Special marks", language), "\n".join(marks))] if marks else [])


def _warnings(found: Breakdown, language: str, out: Console, everything: bool) -> None:
    if not found.problems:
        return
    shown = found.problems if everything else found.problems[:TOLD]
    out.print(
        Text(
            say(f"请核对 {len(found.problems)} 处", f"{len(found.problems)} to look at", language), style="bold yellow"
        )
    )
    for each in shown:
        out.print(Text(wrapped(each.render(language), out.width), style="yellow"))
    if more := len(found.problems) - len(shown):
        out.print(
            Text(
                say(f"… 还有 {more} 处（--all 全部显示）", f"… and {more} more (--all shows them)", language),
                style="dim",
            )
        )
