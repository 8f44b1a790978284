"""A sheet to draw a scene on, in hundredths of its width and height, smoothed by drawing it twice as large.

Colours are (red, green, blue). A scene names its colours by role (wall, floor, wood, accent), so that one drawing
gives many looks. Refused: chance; what varies is drawn from the seed.
"""

from __future__ import annotations

import colorsys
import random
from dataclasses import dataclass, field
from functools import lru_cache

from PIL import Image, ImageDraw

Colour = tuple[int, int, int]
SIZE = (660, 440)
_SCALE = 2
_STEPS = (1, 256)


def hsl(hue: float, saturation: float, light: float) -> Colour:
    """A colour by hue in degrees, saturation and lightness in percent."""
    red, green, blue = colorsys.hls_to_rgb(hue % 360 / 360, light / 100, saturation / 100)
    return round(255 * red), round(255 * green), round(255 * blue)


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """*one* with so much of *other* in it."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def darker(colour: Colour, share: float = 0.25) -> Colour:
    """Towards a blue black, as shade is."""
    return mix(colour, (18, 22, 38), share)


def lighter(colour: Colour, share: float = 0.3) -> Colour:
    """Towards a warm white, as light is."""
    return mix(colour, (255, 250, 238), share)


@dataclass(frozen=True)
class Palette:
    """The colours of one look."""

    wall: Colour
    floor: Colour
    wood: Colour
    accent: Colour
    sky: tuple[Colour, Colour]
    is_night: bool


@dataclass
class Canvas:
    """The sheet: ``box``, ``shape``, ``line``, ``disc`` and ``fade`` in hundredths; ``dice`` for what varies."""

    palette: Palette
    dice: random.Random
    sheet: Image.Image = field(init=False)
    pen: ImageDraw.ImageDraw = field(init=False)

    def __post_init__(self) -> None:
        """Begin with an empty sheet."""
        self.sheet = Image.new("RGB", (SIZE[0] * _SCALE, SIZE[1] * _SCALE), self.palette.wall)
        self.pen = ImageDraw.Draw(self.sheet)

    def _at(self, x: float, y: float) -> tuple[float, float]:
        return x * self.sheet.width / 100, y * self.sheet.height / 100

    def box(self, x: float, y: float, width: float, height: float, colour: Colour, round_: float = 0) -> None:
        """A rectangle from its upper left corner."""
        left, top = self._at(x, y)
        right, bottom = self._at(x + width, y + height)
        if right <= left or bottom <= top:
            return
        if round_:
            self.pen.rounded_rectangle((left, top, right, bottom), round_ * self.sheet.width / 100, colour)
        else:
            self.pen.rectangle((left, top, right, bottom), colour)

    def shape(self, colour: Colour, *corners: tuple[float, float]) -> None:
        """A filled polygon."""
        self.pen.polygon([self._at(x, y) for x, y in corners], colour)

    def line(self, colour: Colour, width: float, *points: tuple[float, float]) -> None:
        """A line, its width in hundredths of the sheet's."""
        thick = max(1, round(width * self.sheet.width / 100))
        self.pen.line([self._at(x, y) for x, y in points], colour, thick, joint="curve")

    def disc(self, x: float, y: float, radius: float, colour: Colour, squash: float = 1) -> None:
        """A disc by its middle; radius in hundredths of the width, ``squash`` flattens it."""
        left, top = self._at(x, y)
        reach = radius * self.sheet.width / 100
        self.pen.ellipse((left - reach, top - reach * squash, left + reach, top + reach * squash), colour)

    def fade(self, x: float, y: float, width: float, height: float, top: Colour, bottom: Colour) -> None:
        """A rectangle whose colour goes from *top* to *bottom*."""
        left, upper = (round(value) for value in self._at(x, y))
        right, lower = (round(value) for value in self._at(x + width, y + height))
        size = (right - left, lower - upper)
        if min(size) < 1:
            return
        column = Image.composite(Image.new("RGB", _STEPS, bottom), Image.new("RGB", _STEPS, top), _ramp())
        self.sheet.paste(column.resize(size, Image.Resampling.NEAREST), (left, upper))

    def glow(self, x: float, y: float, radius: float, colour: Colour, strength: float = 0.55) -> None:
        """Light around a lamp."""
        middle = [round(value) for value in self._at(x, y)]
        reach = round(radius * self.sheet.width / 100)
        mask = (
            _halo()
            .point(lambda value: round(value * strength))
            .resize((2 * reach, 2 * reach), Image.Resampling.BILINEAR)
        )
        self.sheet.paste(colour, (middle[0] - reach, middle[1] - reach), mask)

    def finished(self) -> Image.Image:
        """The sheet at its size."""
        return self.sheet.reduce(_SCALE)


@lru_cache(maxsize=1)
def _ramp() -> Image.Image:
    return Image.linear_gradient("L").resize(_STEPS)


@lru_cache(maxsize=1)
def _halo() -> Image.Image:
    """Bright in the middle, nothing at the rim."""
    return (
        Image.radial_gradient("L").resize((128, 128)).point(lambda value: max(0, 255 - value * 2) if value < 128 else 0)
    )
