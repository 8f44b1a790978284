"""Pictures for sample places: a drawn scene of their category, marked 样例, so that nobody takes it for a photograph.

The same place gives the same picture; looks (黑金, 法式, 冷灰 …) give colours, names the rest. Refused: photographs of
anything else, and text that says more than what it is.
"""

from __future__ import annotations

import hashlib
import io
import random
from collections.abc import Callable
from functools import cache

from PIL import Image, ImageDraw, ImageFont
from pylopdf_fonts_zh_cn import sans_path

from xiepai.places.demo.drawing import inside, outside
from xiepai.places.demo.drawing.canvas import SIZE, Canvas, Colour, Palette, hsl

Scene = Callable[[Canvas], None]
DAY: tuple[Colour, Colour] = ((112, 172, 214), (222, 238, 242))
DUSK: tuple[Colour, Colour] = ((74, 76, 132), (246, 180, 132))
NIGHT: tuple[Colour, Colour] = ((16, 24, 52), (54, 70, 110))

SCENES: dict[str, Scene] = {
    "office": inside.office, "meeting": inside.meeting, "hospital": inside.ward, "police": inside.bars,
    "court": inside.court, "prison": inside.bars, "school": inside.school, "home": inside.living,
    "villa": inside.living, "hotel": inside.bedroom, "cafe": inside.tables, "restaurant": inside.tables,
    "bar": inside.club, "shop": inside.counter, "bank": inside.counter, "beauty": inside.counter,
    "media": inside.studio, "sport": inside.gym, "culture": inside.stage, "transport": inside.carriage,
    "garage": inside.garage, "rooftop": outside.rooftop, "funeral": inside.vault, "palace": outside.palace,
    "courtyard": outside.courtyard, "ancient-street": outside.old_street, "inn": outside.inn,
    "ancestral-hall": outside.courtyard, "temple": outside.temple, "yamen": outside.yamen,
    "republic": outside.republic, "village": outside.village, "factory": outside.factory,
    "studio": inside.studio, "greenscreen": inside.greenscreen, "virtual": inside.virtual, "lake": outside.lake,
    "garden": outside.garden, "farm": outside.farm, "amusement": outside.amusement,
    "city-street": outside.city_street, "square": outside.square, "rooms": outside.rooms, "car": outside.cars,
    "light": outside.lamps, "equipment": outside.gear, "extras": outside.crowd, "complex": outside.lot,
    "cluster": outside.lot, "building": outside.city_street, "floor": inside.corridor,
}  # fmt: skip
#: a look's word → hue, saturation and lightness of the walls, hue of the accent
LOOKS: dict[str, tuple[float, float, float, float]] = {
    "黑金": (40, 14, 26, 42), "极简白": (40, 12, 88, 204), "胡桃木": (28, 26, 66, 16), "冷灰": (212, 10, 64, 206),
    "暖色": (34, 40, 78, 18), "科技蓝": (214, 34, 56, 196), "工业风": (20, 8, 48, 24), "新中式": (36, 22, 74, 356),
    "复古": (90, 16, 62, 14), "法式": (44, 26, 86, 338), "简装": (60, 8, 80, 140), "夜景": (228, 26, 32, 276),
}  # fmt: skip
_AT_NIGHT = ("夜", "霓虹", "灯会", "酒吧", "KTV")
_CALM = (36, 28, 205, 150, 90, 48, 220, 18)
_FLOORS = ((28, 28, 50), (34, 24, 60), (208, 8, 58), (24, 32, 40), (44, 14, 68))
_MARK = "样例 · 绘制示意，不是照片"


def draw_picture(name: str) -> bytes:
    """A sample paper's scan, as a JPEG: the drawing of a building under that name."""
    out = io.BytesIO()
    draw_scene(name).save(out, "JPEG", quality=80)
    return out.getvalue()


def draw_scene(name: str, category: str = "") -> Image.Image:
    """The picture of a sample place of that name and category (``places.demo`` words); unknown ones get a building."""
    seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
    canvas = Canvas(_palette(name, seed), random.Random(seed))  # noqa: S311  # what varies must be the same again
    SCENES.get(category, outside.city_street)(canvas)
    picture = canvas.finished()
    if seed % 2:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    _mark(picture)
    return picture


def _palette(name: str, seed: int) -> Palette:
    look = next((colours for word, colours in LOOKS.items() if word in name), None)
    hue, saturation, light, accent = look or (_CALM[seed % len(_CALM)], 16, 62 + seed // 360 % 22, seed // 7 % 360)
    night = any(word in name for word in _AT_NIGHT)
    sky = NIGHT if night else (DUSK if seed // 11 % 4 == 0 else DAY)
    return Palette(
        wall=hsl(hue, saturation, light),
        floor=hsl(*_FLOORS[seed // 17 % len(_FLOORS)]),
        wood=hsl(26, 30, 30 + seed // 13 % 16),
        accent=hsl(accent, 38, 44),
        sky=sky,
        is_night=night,
    )


@cache
def _font() -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(sans_path()), 17)


@cache
def _label() -> Image.Image:
    """The mark once: a dark strip with light words."""
    left, top, right, bottom = _font().getbbox(_MARK)
    strip = Image.new("RGB", (round(right - left) + 20, round(bottom - top) + 14), (20, 24, 28))
    ImageDraw.Draw(strip).text((10 - left, 7 - top), _MARK, font=_font(), fill=(255, 255, 255))
    return strip


def _mark(picture: Image.Image) -> None:
    strip = _label()
    picture.paste(strip, (SIZE[0] - strip.width, SIZE[1] - strip.height))
