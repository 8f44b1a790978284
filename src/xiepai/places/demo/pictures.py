"""Pictures for sample places: a field of colour, the name and 样例, so that nobody takes them for photographs."""

from __future__ import annotations

import colorsys
import hashlib
import io
from functools import cache

from PIL import Image, ImageDraw, ImageFont
from pylopdf_fonts_zh_cn import sans_path

_SIZE = (720, 480)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(sans_path()), size)


def draw_picture(name: str) -> bytes:
    """A JPEG for a place of that name; the same name gives the same colours."""
    hue = hashlib.sha256(name.encode()).digest()[0] / 255
    top, bottom = (tuple(round(255 * part) for part in colorsys.hls_to_rgb(hue, light, 0.35)) for light in (0.32, 0.5))
    picture = Image.new("RGB", _SIZE, bottom)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, _SIZE[0], _SIZE[1] * 5 // 8), fill=top)
    draw.text((_SIZE[0] // 2, 170), name, font=_font(44 if len(name) < 14 else 30), fill="white", anchor="mm")
    draw.text((_SIZE[0] // 2, 390), "样例 SAMPLE", font=_font(64), fill="white", anchor="mm")
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=80)
    return out.getvalue()
