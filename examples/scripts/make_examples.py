"""Write the generated examples again: a vertical drama of 60 episodes, and the sample drama in other formats.

    python examples/scripts/make_examples.py [FOLDER]

Everything is made up for tests and the demo city. The same input gives the same bytes.
"""

from __future__ import annotations

import sys
from pathlib import Path

from xiepai.script import read_script
from xiepai.script.writing.schedules import to_uss
from xiepai.script.writing.screenplays import to_fdx, to_fountain
from xiepai.script.writing.table import to_csv

HERE = Path(__file__).resolve().parent
PLACES = (
    "总裁办公室",
    "地下车库",
    "医院-病房",
    "苏家客厅",
    "天台",
    "酒店-宴会厅",
    "老街-馄饨店",
    "法庭",
    "江边步道",
    "婚纱店",
)
PAIRS = (
    ("苏晚", "陆沉"),
    ("苏晚", "顾北辰"),
    ("陆沉", "陈默"),
    ("苏晚", "周敏仪"),
    ("林小满", "苏晚", "小豆子（8岁）"),
)
LIGHTS = ("日 内", "夜 内", "夜 外", "昏 外", "晨 外", "日 外")
BEATS = (
    ("△{a}把一份文件摔在桌上。", "{a}：签字，或者离开。", "{b}（冷笑）：我选第三条路。"),
    ("△电话铃响，{a}的脸色变了。", "{a}OS：怎么会是今天？", "{b}：出什么事了？"),
    ("△大雨倾盆，{a}拦住{b}的车。", "{b}：让开！", "{a}：三年前你也这么说。"),
    ("△{b}推门而入，众人回头。", "{b}：这场婚礼，我不同意。", "△全场哗然。"),
)


def vertical() -> str:
    """Sixty episodes of two or three scenes, headings as vertical dramas write them."""
    lines = ["《百日之约》", "样例剧本：竖屏短剧 60 集，由程序按固定的表写成，内容虚构。", ""]
    step = 0
    for episode in range(1, 61):
        lines += [f"第{episode}集", ""]
        for scene in range(1, 3 + (episode % 3 == 0)):
            pair, beat = PAIRS[step % len(PAIRS)], BEATS[step % len(BEATS)]
            lines.append(f"{episode}-{scene} {LIGHTS[step % len(LIGHTS)]} {PLACES[(step * 7) % len(PLACES)]}")
            lines.append(f"人物：{'、'.join(pair)}")
            said = {"a": pair[0].partition("（")[0], "b": pair[1].partition("（")[0]}
            lines += [*(each.format(**said) for each in beat), ""]
            step += 1
        lines += [f"（第{episode}集完）", ""]
    return "\n".join(lines)


def files() -> dict[str, str]:
    """Names and contents."""
    drama = read_script((HERE / "demo-drama.txt").read_bytes(), "demo-drama.txt")
    return {
        "style-vertical.txt": vertical(),
        "demo-drama.fountain": to_fountain(drama),
        "demo-drama.fdx": to_fdx(drama),
        "demo-drama.uss": to_uss(drama) + "\n",
        "demo-drama.csv": to_csv(drama).decode("utf-8").replace("\r\n", "\n"),
    }


def main() -> None:
    """Write them."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    for name, content in files().items():
        (folder / name).write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
