"""Scenes outdoors: old roofs, streets, halls of work, water and fields; and what is lent by the piece."""

from __future__ import annotations

import math

from xiepai.places.demo.drawing.canvas import Canvas, Colour, darker, hsl, lighter, mix
from xiepai.places.demo.drawing.inside import WARM, bedroom, car

TILE: Colour = (62, 70, 78)
RED: Colour = (158, 46, 36)


def sky(c: Canvas, horizon: float = 70) -> None:
    """The sky down to the horizon, with sun or moon, clouds or hills."""
    top, bottom = c.palette.sky
    c.fade(0, 0, 100, horizon, top, bottom)
    x = c.dice.uniform(14, 84)
    light: Colour = (246, 246, 226) if c.palette.is_night else (255, 240, 206)
    c.glow(x, 18, 13, light, 0.5)
    c.disc(x, 18, 3, light)
    if not c.palette.is_night:
        for _ in range(3):
            x, y = c.dice.uniform(0, 90), c.dice.uniform(8, 30)
            for shift, size in ((0, 3.4), (4, 4.8), (9, 3.2)):
                c.disc(x + shift, y, size, mix(bottom, (255, 255, 255), 0.6), 0.42)
    for base, tint in ((horizon - 12, 0.25), (horizon - 6, 0.45)):
        points = [(0.0, horizon + 1)]
        points += [(step * 10.0, base + c.dice.uniform(-5, 5)) for step in range(11)]
        c.shape(mix(bottom, (62, 96, 104), tint), *points, (100, horizon + 1))


def ground(c: Canvas, colour: Colour, horizon: float = 70) -> None:
    """What one stands on, darker towards the eye."""
    c.fade(0, horizon, 100, 100 - horizon, lighter(colour, 0.15), darker(colour, 0.12))


def roof(c: Canvas, x: float, y: float, width: float, height: float, colour: Colour) -> None:
    """A curved roof with upturned ends; (x, y) is the ridge's middle."""
    half = width / 2
    curve = []
    for step in range(11):
        share = step / 10
        curve.append(
            (x + half * (0.38 + 0.62 * share), y + height * (1 - (1 - share) ** 1.7) - height * 0.2 * share**6)
        )
    mirrored = [(2 * x - a, b) for a, b in reversed(curve)]
    c.shape(colour, *mirrored, *curve)
    for step in range(-9, 10):
        c.line(darker(colour, 0.22), 0.22, (x + half * 0.04 * step, y), (x + half * 0.095 * step, y + height * 0.92))
    c.box(x - half * 0.42, y - 1.6, half * 0.84, 2.4, darker(colour, 0.25), 0.6)
    c.box(x - half * 0.97, y + height * 0.8, half * 1.94, 1.6, darker(colour, 0.35))


def lantern(c: Canvas, x: float, y: float, size: float = 2) -> None:
    """A red lantern that glows at night."""
    if c.palette.is_night:
        c.glow(x, y, size * 4, (255, 150, 70), 0.8)
    c.line((50, 40, 30), 0.2, (x, y - size * 2.4), (x, y))
    c.disc(x, y, size, (206, 52, 40), 1.1)
    c.box(x - size * 0.5, y + size * 1.3, size, 0.8, hsl(42, 70, 55))


def hall(c: Canvas, colour: Colour, walls: Colour, *, tiers: int = 1) -> None:
    """A hall on a terrace, pillars and lanterns, one or two roofs."""
    sky(c)
    ground(c, (176, 170, 156))
    c.box(12, 66, 76, 5, (206, 202, 192))
    c.box(8, 71, 84, 4, (188, 184, 174))
    c.box(20, 40, 60, 27, walls)
    for number in range(7):
        x = 20 + number * 9.7
        c.box(x, 40, 1.9, 27, darker(RED, 0.1))
    for number in range(6):
        x = 22.6 + number * 9.7
        c.box(x, 47, 6.4, 20, darker(walls, 0.35))
        for bar in range(3):
            c.line(lighter(walls, 0.1), 0.2, (x + 1.6 * (bar + 1), 47), (x + 1.6 * (bar + 1), 67))
    roof(c, 50, 24, 82, 17, colour)
    if tiers > 1:
        c.box(32, 15, 36, 10, walls)
        roof(c, 50, 5, 52, 11, colour)
    c.box(44, 37.5, 12, 5, darker((40, 60, 90), 0.2), 0.4)
    for x in (29, 40, 60, 71):
        lantern(c, x, 46)
    c.shape((214, 210, 200), (44, 67), (56, 67), (62, 84), (38, 84))
    for step in range(5):
        c.line((164, 160, 150), 0.3, (44 - step * 1.3, 69 + step * 3.4), (56 + step * 1.3, 69 + step * 3.4))


def palace(c: Canvas) -> None:
    """Golden tiles, two roofs."""
    hall(c, hsl(40, 62, 44), (170, 56, 42), tiers=2)


def courtyard(c: Canvas) -> None:
    """Grey tiles, white walls, a tree."""
    hall(c, TILE, (206, 196, 180))
    _tree(c, 12, 74, 15)


def temple(c: Canvas) -> None:
    """Yellow walls and an incense burner."""
    hall(c, darker(TILE, 0.1), hsl(44, 62, 56))
    c.box(45, 80, 10, 8, (72, 78, 74), 1.6)
    for x in (48, 50, 52):
        c.line((250, 240, 220), 0.25, (x, 80), (x, 72))


def yamen(c: Canvas) -> None:
    """Dark walls, a drum and two boards."""
    hall(c, TILE, (112, 92, 82))
    for x in (14, 82):
        c.disc(x + 2, 60, 4.6, RED)
        c.disc(x + 2, 60, 3.6, (226, 206, 170))


def inn(c: Canvas) -> None:
    """Two floors, a flag, lanterns in rows."""
    hall(c, (84, 72, 62), (146, 104, 66), tiers=2)
    c.line((70, 54, 40), 0.6, (86, 16), (86, 66))
    c.shape((206, 168, 72), (86, 18), (96, 20), (96, 38), (86, 36))
    for x in (36, 43, 50, 57, 64):
        lantern(c, x, 30, 1.5)


def old_street(c: Canvas) -> None:
    """Old shops on both sides of a paved lane."""
    _lane(c, (150, 144, 134), old=True)


def republic(c: Canvas) -> None:
    """Arches, balconies and upright signs of the 1930s."""
    _lane(c, (126, 120, 116), old=False)


def village(c: Canvas) -> None:
    """White walls, grey roofs, a stream."""
    sky(c, 58)
    ground(c, hsl(104, 26, 46), 58)
    for x, wide, tall in ((4, 24, 26), (32, 22, 32), (62, 30, 28)):
        y = 74 - tall
        c.box(x, y, wide, tall, (238, 236, 228))
        c.shape(TILE, (x - 2, y), (x + wide + 2, y), (x + wide - 4, y - 9), (x + 4, y - 9))
        c.box(x + wide * 0.4, 74 - 13, wide * 0.2, 13, hsl(24, 34, 34))
        c.box(x + 2.4, y + 6, 4, 6, (70, 76, 82))
        c.box(x + wide - 6.4, y + 6, 4, 6, (70, 76, 82))
    c.shape(mix(c.palette.sky[0], (80, 140, 160), 0.5), (0, 100), (0, 82), (40, 78), (100, 84), (100, 100))
    for x in (12, 52, 90):
        _tree(c, x, 80, 12)


def _lane(c: Canvas, paving: Colour, *, old: bool) -> None:
    sky(c, 62)
    c.shape(paving, (0, 100), (100, 100), (56, 60), (44, 60))
    for near in (0.15, 0.4, 0.62, 0.8):
        c.line(darker(paving, 0.2), 0.25, (44 * near, 100 - 40 * near), (100 - 44 * near, 100 - 40 * near))
    for side in (-1, 1):
        for far, near in ((0.72, 0.95), (0.42, 0.74), (0.0, 0.44)):
            hue = c.dice.uniform(16, 40) if old else c.dice.choice((8, 22, 42, 200))
            wall = hsl(hue, 26 if old else 24, c.dice.uniform(40, 58))
            _front(c, side, far, near, darker(wall, 0.1 if side < 0 else 0.0), old=old)
    for near in (0.25, 0.55, 0.75):
        for side in (-1, 1):
            x = 50 + side * (40 - 32 * near)
            lantern(c, x, 42 + 10 * near, 2.6 * (1.1 - near)) if old else _sign(c, x, 26 + 22 * near, 1.1 - near)


def _front(c: Canvas, side: int, near: float, far: float, wall: Colour, *, old: bool) -> None:
    def edge(share: float) -> tuple[float, float, float]:
        return 50 + side * (50 - 44 * share), 10 + 44 * share, 100 - 40 * share

    (x1, top1, low1), (x2, top2, low2) = edge(near), edge(far)
    c.shape(wall, (x1, top1), (x2, top2), (x2, low2), (x1, low1))
    if old:
        c.shape(TILE, (x1, top1), (x2, top2), (x2 - side * 3, top2 + 4), (x1 - side * 6, top1 + 8))
    for number in range(3):
        a = edge(near + (far - near) * (0.14 + number * 0.28))
        b = edge(near + (far - near) * (0.32 + number * 0.28))
        lit = WARM if c.palette.is_night or c.dice.random() < 0.25 else darker(wall, 0.45)
        for upper, lower in ((0.22, 0.42), (0.58, 0.94)):
            c.shape(
                lit,
                *[
                    (x, top + (low - top) * share)
                    for (x, top, low), share in ((a, upper), (b, upper), (b, lower), (a, lower))
                ],
            )


def _sign(c: Canvas, x: float, y: float, size: float) -> None:
    tint = hsl(c.dice.choice((4, 46, 190, 330)), 70, 52)
    c.box(x - 2.4 * size, y, 4.8 * size, 17 * size, tint, 0.5)
    for mark in range(3):
        c.box(x - 1.2 * size, y + (2.2 + mark * 4.8) * size, 2.4 * size, 2.8 * size, lighter(tint, 0.75), 0.3)
    if c.palette.is_night:
        c.glow(x, y + 8 * size, 13 * size, tint, 0.6)


def towers(c: Canvas, horizon: float) -> None:
    """A skyline with lit windows."""
    at = -2.0
    while at < 100:
        wide, tall = c.dice.uniform(7, 13), c.dice.uniform(18, 52)
        wall = mix(c.palette.sky[1], (44, 60, 86), c.dice.uniform(0.5, 0.85))
        c.box(at, horizon - tall, wide, tall + 1, wall)
        for row in range(int(tall // 4)):
            for column in range(int(wide // 2.4)):
                lit = c.dice.random() < (0.45 if c.palette.is_night else 0.2)
                c.box(at + 1 + column * 2.4, horizon - tall + 2 + row * 4, 1.3, 2, WARM if lit else lighter(wall, 0.16))
        at += wide + c.dice.uniform(0.3, 2)


def city_street(c: Canvas) -> None:
    """A road between towers."""
    sky(c, 66)
    towers(c, 66)
    ground(c, (118, 122, 126), 66)
    c.shape((74, 78, 84), (14, 100), (86, 100), (55, 66), (45, 66))
    for near in (0.05, 0.35, 0.6, 0.78):
        c.shape(
            (240, 238, 226),
            (49.2 - 0.8 * (1 - near), 98 - 32 * near),
            (50.8 + 0.8 * (1 - near), 98 - 32 * near),
            (50.6, 92 - 30 * near),
            (49.4, 92 - 30 * near),
        )
    for x in (8, 22, 78, 92):
        _tree(c, x, 84, 11)


def rooftop(c: Canvas) -> None:
    """The city from above its roofs, a parapet, a tank."""
    sky(c, 64)
    towers(c, 66)
    c.box(0, 62, 100, 7, (150, 148, 144))
    c.box(0, 61, 100, 1.6, (182, 180, 174))
    c.fade(0, 69, 100, 31, (134, 132, 128), (98, 98, 98))
    for x in range(-30, 130, 16):
        c.line((116, 114, 112), 0.25, ((x - 50) * 0.6 + 50, 69), (x, 100))
    c.box(74, 40, 16, 22, (124, 128, 132), 1)
    c.box(12, 72, 14, 9, (168, 172, 176), 0.8)
    c.disc(19, 76.5, 3, (98, 102, 108))


def factory(c: Canvas) -> None:
    """A long shed: trusses, skylights, crates."""
    p = c.palette
    c.fade(0, 0, 100, 100, lighter(p.wall, 0.1), darker(p.wall, 0.15))
    c.shape(lighter((150, 160, 166), 0.2), (0, 0), (100, 0), (62, 34), (38, 34))
    c.shape((128, 124, 118), (0, 100), (100, 100), (62, 64), (38, 64))
    for near in (0.0, 0.3, 0.55, 0.74, 0.88):
        half, top, low = 50 - 38 * near, 4 + 32 * near, 100 - 36 * near
        steel = mix(hsl(12, 34, 36), p.wall, near * 0.6)
        width = 2.2 * (1 - near) + 0.3
        c.line(
            steel,
            width,
            (50 - half, low),
            (50 - half, top),
            (50, top - 5 * (1 - near)),
            (50 + half, top),
            (50 + half, low),
        )
        c.line(steel, width * 0.6, (50 - half, top), (50 + half, top))
    for side in (-1, 1):
        for near, far in ((0.05, 0.26), (0.34, 0.5), (0.58, 0.7)):
            x1, x2 = 50 + side * (50 - 38 * near), 50 + side * (50 - 38 * far)
            c.shape(p.sky[1], (x1, 24 + 20 * near), (x2, 24 + 20 * far), (x2, 48 + 4 * far), (x1, 50 + 2 * near))
    c.fade(42, 40, 16, 24, *p.sky)
    for x, y, size in ((14, 76, 12), (24, 80, 9), (74, 74, 13)):
        c.box(x, y, size, size * 1.2, hsl(32, 40, 48))
        c.line(hsl(32, 40, 34), 0.4, (x, y), (x + size, y + size * 1.2))
        c.line(hsl(32, 40, 34), 0.4, (x + size, y), (x, y + size * 1.2))


def lake(c: Canvas) -> None:
    """Water, reeds, a landing stage and a boat."""
    sky(c, 52)
    top, bottom = c.palette.sky
    c.fade(0, 52, 100, 48, mix(bottom, (90, 150, 170), 0.4), mix(top, (30, 84, 110), 0.5))
    for _ in range(26):
        x, y = c.dice.uniform(0, 96), c.dice.uniform(55, 98)
        c.line(lighter(bottom, 0.4), 0.2, (x, y), (x + c.dice.uniform(2, 8), y))
    c.shape(hsl(28, 34, 40), (62, 100), (88, 100), (66, 66), (58, 66))
    for near in range(8):
        c.line(hsl(28, 34, 28), 0.3, (62 - near * 0.5, 98 - near * 4), (86 - near * 2.6, 98 - near * 4))
    c.shape(hsl(18, 46, 34), (18, 72), (42, 72), (38, 77), (22, 77))
    c.line((90, 70, 50), 0.4, (30, 72), (30, 56))
    c.shape((246, 240, 224), (30.6, 57), (30.6, 70), (39, 70))
    for x in range(0, 16, 2):
        c.line(hsl(86, 30, 36), 0.5, (x, 100), (x + c.dice.uniform(-2, 2), 78 + c.dice.uniform(0, 8)))


def garden(c: Canvas) -> None:
    """A pavilion by a pond, rocks and willows."""
    sky(c, 60)
    ground(c, hsl(108, 28, 44), 60)
    c.disc(50, 88, 44, mix(c.palette.sky[0], (70, 130, 140), 0.5), 0.34)
    for x in (38, 46, 54, 62):
        c.box(x - 0.7, 46, 1.4, 24, RED)
    c.box(34, 68, 32, 3, (206, 202, 192))
    roof(c, 50, 30, 40, 15, TILE)
    for x, size in ((10, 20), (88, 18), (76, 13)):
        _tree(c, x, 74, size)
    for x in (24, 70):
        c.shape((138, 142, 142), (x, 80), (x + 2, 70), (x + 5, 73), (x + 8, 67), (x + 11, 80))


def farm(c: Canvas) -> None:
    """Rows of fields to the hills."""
    sky(c, 50)
    for number in range(12):
        left, right = -60 + number * 20, -40 + number * 20
        tone = hsl(92 - 34 * (number % 2), 40, 46 + 6 * (number % 3))
        c.shape(tone, (left, 100), (right, 100), ((right - 50) * 0.22 + 50, 50), ((left - 50) * 0.22 + 50, 50))
    c.box(70, 40, 12, 12, (236, 230, 216))
    c.shape(hsl(12, 46, 42), (68, 41), (84, 41), (80, 34), (72, 34))
    _tree(c, 88, 54, 10)


def amusement(c: Canvas) -> None:
    """A big wheel, flags, a carousel."""
    sky(c, 78)
    ground(c, (190, 176, 160), 78)
    c.line((120, 110, 130), 1, (34, 44), (24, 82))
    c.line((120, 110, 130), 1, (34, 44), (44, 82))
    for spoke in range(12):
        angle = math.tau * spoke / 12
        x, y = 34 + 21 * math.cos(angle), 44 + 31.5 * math.sin(angle)
        c.line((196, 190, 206), 0.35, (34, 44), (x, y))
        c.disc(x, y, 2.4, hsl(spoke * 30, 66, 58))
    c.disc(34, 44, 2, (230, 90, 90))
    c.shape(hsl(340, 62, 58), (62, 54), (94, 54), (78, 38))
    for number in range(5):
        c.shape(
            lighter(hsl(340, 62, 58), 0.7) if number % 2 else hsl(44, 80, 62),
            (62 + number * 6.4, 54),
            (68.4 + number * 6.4, 54),
            (78, 38),
        )
    c.box(64, 54, 28, 24, (250, 236, 210))
    for x in (66, 74, 82, 90):
        c.line(hsl(40, 70, 50), 0.6, (x, 54), (x, 78))


def square(c: Canvas) -> None:
    """A paved square, a stage, lamps."""
    sky(c, 62)
    towers(c, 62)
    ground(c, (184, 180, 172), 62)
    for x in range(-80, 190, 20):
        c.line((160, 156, 150), 0.25, ((x - 50) * 0.3 + 50, 62), (x, 100))
    c.box(30, 50, 40, 14, (40, 42, 56))
    c.fade(32, 36, 36, 22, c.palette.accent, darker(c.palette.accent, 0.5))
    c.line((50, 52, 60), 1, (30, 64), (30, 32), (70, 32), (70, 64))
    for x in (12, 88):
        c.line((60, 62, 66), 0.6, (x, 86), (x, 50))
        c.disc(x, 49, 1.8, WARM)


def lot(c: Canvas) -> None:
    """A film lot from above the gate: sheds, a tower, trees."""
    sky(c, 60)
    ground(c, hsl(110, 18, 54), 60)
    for x, wide, tall in ((4, 26, 22), (33, 30, 27), (66, 30, 20)):
        c.box(x, 68 - tall, wide, tall, mix((214, 216, 214), c.palette.accent, 0.15))
        c.disc(x + wide / 2, 68 - tall, wide / 2, (150, 160, 166), 0.3)
        c.box(x + wide * 0.3, 68 - tall * 0.55, wide * 0.4, tall * 0.55, (92, 102, 110))
    c.shape((140, 142, 144), (34, 100), (66, 100), (54, 68), (46, 68))
    c.box(20, 76, 4, 20, c.palette.accent)
    c.box(76, 76, 4, 20, c.palette.accent)
    c.box(18, 72, 64, 6, darker(c.palette.accent, 0.2), 0.8)
    for x in (8, 92):
        _tree(c, x, 90, 13)


def _tree(c: Canvas, x: float, y: float, size: float) -> None:
    c.line(hsl(24, 30, 30), max(0.6, size / 14), (x, y), (x, y - size))
    leaf = hsl(c.dice.uniform(96, 136), 28, 26 if c.palette.is_night else 38)
    for dx, dy, share in ((0, -1.25, 0.42), (-0.35, -1.0, 0.36), (0.35, -1.0, 0.36), (0, -0.85, 0.4)):
        c.disc(x + dx * size, y + dy * size, share * size, lighter(leaf, 0.1 * abs(dx)), 1.1)


def cars(c: Canvas) -> None:
    """A car on the forecourt."""
    sky(c, 60)
    ground(c, (150, 152, 154), 60)
    car(c, 26, 66, 1.4)


def lamps(c: Canvas) -> None:
    """Film lamps on stands."""
    c.fade(0, 0, 100, 100, (44, 48, 58), (24, 26, 32))
    for x, y, size in ((26, 30, 8), (52, 20, 11), (80, 36, 7)):
        c.glow(x, y, size * 2.6, (255, 236, 196), 0.8)
        for lean in (-5, 0, 5):
            c.line((92, 96, 104), 0.6, (x, 78), (x + lean, 94))
        c.line((92, 96, 104), 0.7, (x, y), (x, 80))
        c.box(x - size, y - size, size * 2, size * 2, (14, 15, 18), 1)
        c.disc(x, y, size * 0.75, (255, 248, 228), 1.05)


def gear(c: Canvas) -> None:
    """A camera on its legs."""
    c.fade(0, 0, 100, 100, lighter(c.palette.accent, 0.5), c.palette.accent)
    for lean in (-16, 0, 16):
        c.line((30, 32, 36), 1.4, (50, 52), (50 + lean, 94))
    c.box(36, 30, 26, 22, (34, 36, 42), 1.6)
    c.box(60, 35, 13, 12, (48, 52, 60), 0.6)
    c.disc(73, 41, 3.4, (120, 170, 200), 1.6)
    c.box(40, 20, 14, 10, (24, 26, 30), 1.4)
    c.disc(42, 41, 2, (220, 60, 50))


def crowd(c: Canvas) -> None:
    """People in rows."""
    c.fade(0, 0, 100, 100, lighter(c.palette.accent, 0.7), lighter(c.palette.accent, 0.35))
    for row in range(3):
        y, size = 40 + row * 16, 4 + row * 1.4
        for column in range(9 - row):
            x = 8 + column * (84 / (8 - row)) + c.dice.uniform(-1.5, 1.5)
            tint = hsl(c.dice.uniform(0, 360), 26, 44)
            c.disc(x, y + size * 5, size * 1.5, tint, 1.9)
            c.disc(x, y, size, hsl(26, 40, 72), 1.15)
            c.disc(x, y - size * 0.5, size, (48, 40, 38), 0.8)


def rooms(c: Canvas) -> None:
    """A hotel room."""
    bedroom(c)
