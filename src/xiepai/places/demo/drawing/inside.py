"""Scenes indoors: a room drawn in perspective, then what makes it an office, a ward, a court or a bar."""

from __future__ import annotations

from xiepai.places.demo.drawing.canvas import Canvas, Colour, darker, hsl, lighter, mix

WARM = (255, 226, 164)


def room(c: Canvas, *, windows: int = 2, panelled: bool = False) -> None:
    """Ceiling, floor, three walls; windows in the back wall show the time of day."""
    p = c.palette
    c.fade(0, 0, 100, 100, darker(p.wall, 0.08), p.wall)
    c.shape(lighter(p.wall, 0.35), (0, 0), (100, 0), (80, 14), (20, 14))
    c.shape(darker(p.wall, 0.16), (0, 0), (20, 14), (20, 66), (0, 100))
    c.shape(darker(p.wall, 0.1), (100, 0), (80, 14), (80, 66), (100, 100))
    c.shape(p.floor, (0, 100), (20, 66), (80, 66), (100, 100))
    for step in range(1, 8):
        x = 20 + 60 * step / 8
        c.line(darker(p.floor, 0.12), 0.18, (x, 66), ((x - 50) * 1.72 + 50, 100))
    if panelled:
        c.box(20, 46, 60, 20, darker(p.wood, 0.1))
        for x in range(22, 80, 6):
            c.box(x, 48, 4, 16, p.wood)
    width = 46 / max(windows, 1) - 4
    for number in range(windows):
        window(c, 27 + number * (width + 4), 20, width, 26)
    for x in (36, 50, 64):
        c.box(x - 4, 4.5, 8, 2, lighter(WARM, 0.4), 0.8)
    c.glow(50, 12, 34, WARM, 0.22)


def window(c: Canvas, x: float, y: float, width: float, height: float) -> None:
    """A window on the sky, a few houses before it."""
    top, bottom = c.palette.sky
    c.box(x - 0.8, y - 1.2, width + 1.6, height + 2.4, lighter(c.palette.wood, 0.15))
    c.fade(x, y, width, height, top, bottom)
    at = x
    while at < x + width - 1:
        wide = min(c.dice.uniform(2, 5), x + width - at)
        tall = c.dice.uniform(0.2, 0.6) * height
        c.box(at, y + height - tall, wide, tall, mix(bottom, (40, 60, 90), 0.5))
        at += wide + 0.4
    c.line(lighter(c.palette.wood, 0.15), 0.5, (x + width / 2, y), (x + width / 2, y + height))


def desk(c: Canvas, x: float, y: float, width: float, colour: Colour) -> None:
    """A table seen from the front."""
    c.disc(x + width / 2, y + 20, width / 1.9, darker(c.palette.floor, 0.3), 0.14)
    c.box(x, y, width, 3, lighter(colour, 0.12), 0.5)
    c.box(x + 1, y + 3, width - 2, 16, colour)
    c.box(x + 3, y + 5, width / 3, 11, darker(colour, 0.15))
    c.box(x + width - 3 - width / 3, y + 5, width / 3, 11, darker(colour, 0.15))


def plant(c: Canvas, x: float, y: float) -> None:
    """A pot with leaves."""
    for lean in (-4, -2, 0, 2, 4):
        c.line(hsl(130, 30, 34 + lean), 1.1, (x, y), (x + lean, y - 14 + abs(lean)))
    c.shape(hsl(18, 35, 45), (x - 2.2, y), (x + 2.2, y), (x + 1.6, y + 7), (x - 1.6, y + 7))


def office(c: Canvas) -> None:
    """A desk before shelves or windows."""
    room(c, windows=c.dice.choice((1, 2, 3)), panelled=c.dice.random() < 0.5)
    c.box(46, 40, 8, 22, darker(c.palette.accent, 0.35), 2)
    desk(c, 30, 57, 40, c.palette.wood)
    c.box(38, 47, 12, 8.5, (32, 38, 48), 0.5)
    c.box(43, 55, 2, 2, (60, 66, 74))
    c.box(60, 54, 6, 1.2, lighter(c.palette.wall, 0.7))
    c.box(60.6, 52.8, 5, 1.2, c.palette.accent)
    plant(c, 15, 70)
    plant(c, 87, 74)


def meeting(c: Canvas) -> None:
    """A long table and its chairs, a screen on the wall."""
    room(c, windows=0, panelled=True)
    c.box(34, 18, 32, 24, (28, 34, 44), 0.6)
    c.fade(35, 19.4, 30, 21, c.palette.accent, darker(c.palette.accent, 0.5))
    c.shape(darker(c.palette.wood, 0.1), (36, 62), (64, 62), (84, 92), (16, 92))
    c.shape(lighter(c.palette.wood, 0.1), (36, 60), (64, 60), (84, 89), (16, 89))
    for row in range(4):
        spread, y = 16 + row * 5.5, 58 + row * 8
        size = 4 + row * 1.2
        for side in (-1, 1):
            c.box(50 + side * (spread + 4) - size / 2, y, size, size * 2.6, darker(c.palette.accent, 0.3), 1)


def ward(c: Canvas) -> None:
    """A corridor with doors, or beds along a wall."""
    if c.dice.random() < 0.5:
        return corridor(c)
    room(c, windows=2)
    for number in range(2):
        x = 24 + number * 30
        c.box(x - 1, 50, 1.4, 24, (190, 198, 204))
        c.box(x, 60, 24, 9, (244, 247, 249), 1)
        c.box(x + 1, 57, 7, 5, (255, 255, 255), 1.2)
        c.box(x + 9, 59, 15, 10, c.palette.accent, 1)
        c.box(x + 1, 69, 22, 2, (170, 180, 188))
        c.line((150, 160, 170), 0.4, (x + 3, 69), (x + 3, 77))
        c.line((150, 160, 170), 0.4, (x + 21, 69), (x + 21, 77))
        c.line((176, 186, 194), 0.3, (x + 26, 40), (x + 26, 74))
        c.box(x + 24.6, 40, 2.8, 5, lighter(c.palette.accent, 0.6), 0.8)
    return None


def corridor(c: Canvas) -> None:
    """Doors on both sides that lead away."""
    p = c.palette
    c.fade(0, 0, 100, 100, lighter(p.wall, 0.3), p.wall)
    c.shape(lighter(p.wall, 0.5), (0, 0), (100, 0), (60, 34), (40, 34))
    c.shape(p.floor, (0, 100), (100, 100), (60, 62), (40, 62))
    c.shape(darker(p.wall, 0.12), (0, 0), (40, 34), (40, 62), (0, 100))
    c.shape(darker(p.wall, 0.06), (100, 0), (60, 34), (60, 62), (100, 100))
    c.box(40, 34, 20, 28, lighter(p.wall, 0.2))
    c.fade(44, 38, 12, 18, *p.sky)
    for near in (0.1, 0.42, 0.68):
        far = near + 0.16
        for side in (-1, 1):
            x1, x2 = 50 + side * (50 - 40 * near), 50 + side * (50 - 40 * far)
            top1, top2 = 26 + 14 * near, 26 + 14 * far
            low1, low2 = 100 - 38 * near, 100 - 38 * far
            c.shape(p.accent, (x1, top1), (x2, top2), (x2, low2), (x1, low1))
            c.shape(lighter(p.accent, 0.55), *_pane(x1, x2, top1, low1, top2, low2))
    for near in (0.05, 0.4, 0.65, 0.82):
        half, y = 12 * (1 - near) + 2, 3 + 29 * near
        c.box(50 - half, y, 2 * half, 3.4 * (1 - near) + 0.6, (255, 255, 248), 0.4)
    c.glow(50, 20, 36, (255, 255, 240), 0.3)


def _pane(x1: float, x2: float, t1: float, l1: float, t2: float, l2: float) -> list[tuple[float, float]]:
    a, b = x1 + (x2 - x1) * 0.3, x1 + (x2 - x1) * 0.7
    return [
        (a, t1 + (l1 - t1) * 0.15),
        (b, t2 + (l2 - t2) * 0.15),
        (b, t2 + (l2 - t2) * 0.4),
        (a, t1 + (l1 - t1) * 0.4),
    ]


def bars(c: Canvas) -> None:
    """A table under one lamp, bars at the side."""
    room(c, windows=0)
    c.shape(darker(c.palette.floor, 0.15), (0, 100), (20, 66), (80, 66), (100, 100))
    c.line((40, 44, 50), 0.3, (50, 0), (50, 24))
    c.shape((54, 60, 66), (44, 30), (56, 30), (52, 24), (48, 24))
    c.glow(50, 40, 30, WARM, 0.7)
    desk(c, 34, 60, 32, darker(c.palette.wood, 0.2))
    for x in (26, 70):
        c.box(x, 58, 6, 16, (58, 64, 72), 1)
    for x in range(2, 17, 3):
        c.line((70, 76, 84), 0.7, (x, 6 + x * 0.4), (x, 96 - x * 1.4))
    c.line((70, 76, 84), 0.7, (0, 34), (19, 36))


def court(c: Canvas) -> None:
    """The raised bench under an emblem's plain disc, rails before it."""
    room(c, windows=0, panelled=True)
    c.disc(50, 26, 5, hsl(42, 60, 52))
    c.disc(50, 26, 3.6, hsl(8, 60, 42))
    c.box(24, 52, 52, 18, darker(c.palette.wood, 0.2))
    c.box(22, 49, 56, 4, c.palette.wood)
    for x in (34, 48, 62):
        c.box(x, 36, 5, 13, hsl(8, 35, 28), 1.4)
    for x in range(10, 92, 5):
        c.box(x, 80, 1.2, 12, c.palette.wood)
    c.box(8, 78, 85, 2.6, lighter(c.palette.wood, 0.1))


def school(c: Canvas) -> None:
    """A board and rows of desks."""
    room(c, windows=0)
    c.box(28, 18, 44, 26, c.palette.wood)
    c.box(29, 19.4, 42, 23, hsl(150, 32, 24))
    for y in (25, 30, 35):
        c.line((214, 226, 214), 0.25, (34, y), (34 + c.dice.uniform(12, 30), y))
    window(c, 4, 26, 9, 30)
    for row in range(3):
        y, size = 62 + row * 11, 9 + row * 2.4
        for column in range(-2, 3):
            x = 50 + column * (size * 1.55) - size / 2
            c.box(x, y, size, 2, lighter(c.palette.wood, 0.15), 0.4)
            c.box(x + 0.8, y + 2, size - 1.6, 5.5, c.palette.accent)
            c.line((90, 96, 104), 0.3, (x + 1, y + 7), (x + 1, y + 12))
            c.line((90, 96, 104), 0.3, (x + size - 1, y + 7), (x + size - 1, y + 12))


def living(c: Canvas) -> None:
    """A sofa, a picture, a lamp; where it is grand, a chandelier."""
    room(c, windows=c.dice.choice((1, 2)))
    c.line((60, 60, 60), 0.25, (50, 0), (50, 12))
    for x in (44, 47, 50, 53, 56):
        c.disc(x, 15 - abs(x - 50) * 0.3, 1.3, WARM)
    c.glow(50, 16, 26, WARM, 0.5)
    c.disc(50, 86, 34, mix(c.palette.accent, c.palette.floor, 0.55), 0.22)
    c.box(28, 50, 44, 16, c.palette.accent, 2.5)
    c.box(26, 60, 48, 13, darker(c.palette.accent, 0.12), 2)
    c.box(23, 56, 6, 18, darker(c.palette.accent, 0.22), 2)
    c.box(71, 56, 6, 18, darker(c.palette.accent, 0.22), 2)
    for x in (34, 46, 58):
        c.box(x, 54, 8, 8, lighter(c.palette.accent, 0.4), 1.6)
    c.box(38, 78, 24, 2.4, c.palette.wood, 0.8)
    c.box(41, 80, 1.2, 8, darker(c.palette.wood))
    c.box(58, 80, 1.2, 8, darker(c.palette.wood))
    c.line((80, 76, 70), 0.4, (86, 40), (86, 78))
    c.shape(WARM, (82, 42), (90, 42), (88, 32), (84, 32))
    c.glow(86, 38, 12, WARM, 0.6)
    plant(c, 13, 72)


def bedroom(c: Canvas) -> None:
    """A bed between two lamps."""
    room(c, windows=1)
    c.box(26, 42, 48, 22, c.palette.wood, 1.5)
    c.box(28, 58, 44, 18, (246, 244, 240), 1.5)
    c.shape(c.palette.accent, (26, 68), (74, 68), (80, 90), (20, 90))
    for x in (32, 52):
        c.box(x, 52, 16, 9, (255, 255, 255), 2)
    for x in (17, 79):
        c.box(x - 3, 64, 8, 12, darker(c.palette.wood, 0.15), 0.6)
        c.shape(WARM, (x - 2, 56), (x + 4, 56), (x + 2.6, 49), (x - 0.6, 49))
        c.glow(x + 1, 53, 11, WARM, 0.6)


def counter(c: Canvas) -> None:
    """Shelves full of things behind a counter with stools."""
    room(c, windows=0)
    for y in (20, 30, 40):
        c.box(24, y + 8, 52, 1.2, c.palette.wood)
        x = 26.0
        while x < 73:
            wide, tall = c.dice.uniform(1.4, 3), c.dice.uniform(3, 7)
            c.box(x, y + 8 - tall, wide, tall, hsl(c.dice.uniform(0, 360), 35, c.dice.uniform(40, 70)), 0.4)
            x += wide + c.dice.uniform(0.4, 1.6)
    c.box(16, 56, 68, 3, lighter(c.palette.wood, 0.2), 0.5)
    c.box(18, 59, 64, 19, c.palette.wood)
    for x in range(20, 80, 5):
        c.box(x, 61, 3.6, 15, darker(c.palette.wood, 0.12))
    for x in (28, 44, 60, 74):
        c.disc(x, 76, 3, c.palette.accent, 0.4)
        c.line((70, 70, 70), 0.5, (x, 77), (x, 92))
    for x in (30, 50, 70):
        c.line((50, 50, 50), 0.2, (x, 0), (x, 13))
        c.shape(c.palette.accent, (x - 3, 17), (x + 3, 17), (x + 1.2, 12), (x - 1.2, 12))
        c.glow(x, 19, 11, WARM, 0.6)


def tables(c: Canvas) -> None:
    """Round tables under hanging lamps."""
    room(c, windows=3)
    for x, y, size in ((30, 66, 9), (68, 68, 10), (48, 80, 13)):
        c.line((60, 56, 52), 0.7, (x, y), (x, y + size))
        for side in (-1, 1):
            c.box(x + side * size * 1.15 - 2.5, y - 5, 5, 15, c.palette.accent, 1.4)
        c.disc(x, y, size, lighter(c.palette.wood, 0.1), 0.34)
        c.disc(x, y - 1, size * 0.3, (250, 248, 244), 0.34)
        c.line((60, 60, 60), 0.2, (x, 0), (x, y - 52))
        c.disc(x, y - 50, 2.4, WARM)
        c.glow(x, y - 50, 12, WARM, 0.55)


def club(c: Canvas) -> None:
    """Beams of light over a dark floor."""
    c.fade(0, 0, 100, 100, (20, 14, 44), (54, 22, 74))
    for number in range(7):
        x = 8 + number * 14
        tint = hsl(c.dice.uniform(180, 340), 80, 62)
        c.shape(mix((40, 20, 66), tint, 0.35), (x, 4), (x + 2, 4), (x + c.dice.uniform(-26, 26), 78))
        c.glow(x + 1, 5, 8, tint, 0.9)
    c.shape((30, 18, 48), (0, 100), (0, 78), (100, 78), (100, 100))
    for x in range(-5, 100, 14):
        c.shape(mix((40, 22, 66), hsl(x * 5, 70, 55), 0.35), (x, 100), (x + 8, 100), (x + 16, 79), (x + 11, 79))
    c.box(8, 64, 26, 16, (62, 26, 64), 3)
    c.box(66, 64, 26, 16, (62, 26, 64), 3)
    c.disc(50, 18, 5, (210, 214, 232))
    c.glow(50, 18, 18, (220, 220, 255), 0.6)


def stage(c: Canvas) -> None:
    """Curtains, boards, a light from above."""
    c.fade(0, 0, 100, 100, (30, 16, 20), (58, 30, 30))
    c.shape(lighter(c.palette.wood, 0.05), (12, 74), (88, 74), (100, 92), (0, 92))
    c.fade(18, 12, 64, 62, darker(c.palette.accent, 0.4), darker(c.palette.accent, 0.05))
    for side in (0, 1):
        for fold in range(5):
            x = fold * 4 if side == 0 else 96 - fold * 4
            c.fade(x, 0, 4, 78, hsl(352, 55, 30 + 6 * (fold % 2)), hsl(352, 60, 20))
    c.box(0, 0, 100, 10, hsl(352, 58, 25))
    c.shape(mix((90, 60, 50), WARM, 0.4), (48, 10), (52, 10), (66, 82), (34, 82))
    c.glow(50, 72, 22, WARM, 0.5)
    for x in range(4, 100, 9):
        c.box(x, 92, 7, 8, hsl(352, 40, 22), 1.4)


def studio(c: Canvas) -> None:
    """An empty stage: grid, lamps, a camera."""
    c.fade(0, 0, 100, 70, (42, 46, 52), (74, 78, 84))
    c.shape((94, 98, 104), (0, 100), (0, 76), (20, 66), (80, 66), (100, 76), (100, 100))
    _backdrop(c)
    for x in range(6, 100, 11):
        c.line((26, 28, 32), 0.5, (x, 0), (x, 11))
    c.line((26, 28, 32), 0.8, (0, 9), (100, 9))
    for x in (18, 40, 62, 84):
        c.shape((30, 32, 36), (x - 3, 16), (x + 3, 16), (x + 2, 10), (x - 2, 10))
        c.glow(x, 18, 12, (255, 240, 206), 0.7)
    for leg in (-5, 0, 5):
        c.line((24, 26, 30), 0.6, (74, 72), (74 + leg, 94))
    c.box(69, 62, 11, 9, (28, 30, 34), 0.8)
    c.box(64, 64, 5, 5, (44, 48, 54))


def _backdrop(c: Canvas) -> None:
    c.fade(20, 14, 60, 52, lighter(c.palette.wall, 0.1), lighter(c.palette.wall, 0.5))
    c.shape(lighter(c.palette.wall, 0.55), (20, 66), (80, 66), (92, 82), (8, 82))


def greenscreen(c: Canvas) -> None:
    """A stage whose back and floor are green."""
    studio(c)
    c.fade(20, 14, 60, 52, (40, 160, 70), (58, 190, 88))
    c.shape((52, 178, 80), (20, 66), (80, 66), (92, 84), (8, 84))
    for x in (30, 50, 70):
        for y in (28, 48):
            c.line((30, 120, 56), 0.3, (x - 1, y), (x + 1, y))
            c.line((30, 120, 56), 0.3, (x, y - 1.5), (x, y + 1.5))


def virtual(c: Canvas) -> None:
    """A curved wall of light that shows a landscape."""
    c.fade(0, 0, 100, 100, (12, 14, 20), (30, 34, 42))
    c.fade(10, 14, 80, 52, (64, 60, 140), (250, 170, 120))
    c.disc(62, 50, 6, (255, 236, 190))
    c.shape((60, 66, 120), (10, 66), (10, 52), (26, 36), (40, 54), (56, 40), (74, 58), (90, 46), (90, 66))
    c.shape((34, 40, 84), (10, 66), (10, 60), (34, 52), (60, 62), (90, 54), (90, 66))
    for x in range(10, 91, 8):
        c.line((20, 22, 30), 0.12, (x, 14), (x, 66))
    for y in range(14, 67, 8):
        c.line((20, 22, 30), 0.12, (10, y), (90, y))
    c.shape((44, 44, 62), (4, 84), (10, 66), (90, 66), (96, 84))
    c.glow(50, 74, 34, (250, 170, 120), 0.35)
    for leg in (-4, 0, 4):
        c.line((8, 9, 12), 0.6, (30, 76), (30 + leg, 96))
    c.box(25, 67, 10, 8, (10, 11, 15), 0.8)


def gym(c: Canvas) -> None:
    """Machines before a mirror."""
    room(c, windows=3)
    for x in (26, 46, 66):
        c.shape((50, 54, 62), (x - 4, 84), (x + 12, 84), (x + 10, 79), (x - 2, 79))
        c.line((70, 76, 86), 0.8, (x + 9, 80), (x + 9, 58))
        c.box(x + 4, 54, 9, 5, c.palette.accent, 0.8)
        c.line((70, 76, 86), 0.6, (x + 9, 66), (x, 66))


def vault(c: Canvas) -> None:
    """Wreaths and candles before a screen."""
    c.fade(0, 0, 100, 100, (74, 78, 84), (46, 50, 56))
    c.box(22, 10, 56, 58, (226, 226, 222))
    c.box(40, 16, 20, 26, (60, 62, 66), 0.4)
    c.box(42, 18.5, 16, 21, (158, 162, 168))
    for x in (14, 30, 70, 86):
        c.disc(x, 60, 8, hsl(130, 18, 40))
        for turn in range(8):
            dx, dy = ((1, 0), (0.7, 0.7), (0, 1), (-0.7, 0.7), (-1, 0), (-0.7, -0.7), (0, -1), (0.7, -0.7))[turn]
            c.disc(x + 6 * dx, 60 + 9 * dy, 1.7, (248, 246, 236))
        c.disc(x, 60, 3.6, (74, 78, 84))
    c.box(30, 74, 40, 14, (96, 84, 74))
    for x in (36, 44, 56, 64):
        c.box(x - 0.6, 67, 1.2, 7, (246, 240, 226))
        c.glow(x, 65.5, 6, WARM, 0.9)


def carriage(c: Canvas) -> None:
    """Seats in rows, windows with a landscape that passes."""
    p = c.palette
    c.fade(0, 0, 100, 100, lighter(p.wall, 0.4), p.wall)
    c.shape(lighter(p.wall, 0.6), (0, 0), (100, 0), (58, 38), (42, 38))
    c.shape(darker(p.floor, 0.1), (0, 100), (100, 100), (58, 62), (42, 62))
    for near, far in ((0.05, 0.3), (0.36, 0.56), (0.62, 0.76)):
        for side in (-1, 1):
            x1, x2 = 50 + side * (50 - 42 * near), 50 + side * (50 - 42 * far)
            c.shape(p.sky[1], (x1, 18 + 20 * near), (x2, 18 + 20 * far), (x2, 52 - 2 * far), (x1, 56 - 6 * near))
            c.shape(hsl(120, 24, 46), (x1, 46 + near), (x2, 46 + far), (x2, 52 - 2 * far), (x1, 56 - 6 * near))
    for near in (0.72, 0.46, 0.1):
        size = 26 * (1 - near)
        for side in (-1, 1):
            x = 50 + side * (40 - 33 * near) - size / 2
            c.box(x, 88 - 28 * near - size * 1.1, size, size * 1.5, darker(p.accent, 0.15 * (1 - near)), 2)
            c.box(x + size * 0.15, 88 - 28 * near - size, size * 0.7, size * 0.4, lighter(p.accent, 0.6), 1.2)
    c.line((255, 255, 250), 0.8, (30, 0), (46, 37))
    c.line((255, 255, 250), 0.8, (70, 0), (54, 37))


def garage(c: Canvas) -> None:
    """Pillars with a coloured band, bays on the floor."""
    c.fade(0, 0, 100, 100, (84, 88, 92), (120, 124, 126))
    c.shape((98, 102, 106), (0, 100), (0, 60), (100, 60), (100, 100))
    for x in range(-20, 130, 24):
        c.line((236, 232, 214), 0.6, ((x - 50) * 0.35 + 50, 60), (x, 100))
    for x, wide in ((10, 9), (40, 6), (62, 6), (84, 9)):
        c.box(x, 8, wide, 52 + wide * 2, (176, 178, 178))
        c.box(x, 44, wide, 5, c.palette.accent)
        c.box(x, 49, wide, 5, (244, 214, 76))
    for x in (28, 54, 78):
        c.box(x, 6, 10, 1.6, (250, 252, 244))
        c.glow(x + 5, 8, 12, (250, 252, 230), 0.5)
    car(c, 44, 70, 0.75)


def car(c: Canvas, x: float, y: float, size: float) -> None:
    """A car from its side."""
    c.disc(x + 17 * size, y + 15 * size, 18 * size, (40, 42, 48), 0.12)
    c.box(x, y + 2 * size, 34 * size, 9 * size, c.palette.accent, 2.4 * size)
    top = [
        (x + 7 * size, y + 3 * size),
        (x + 11 * size, y - 6 * size),
        (x + 23 * size, y - 6 * size),
        (x + 28 * size, y + 3 * size),
    ]
    c.shape(c.palette.accent, *top)
    c.shape((196, 220, 232), *[(a + (x + 17 * size - a) * 0.16, b + (y - b) * 0.25) for a, b in top])
    for wheel in (8, 26):
        c.disc(x + wheel * size, y + 11.5 * size, 3.4 * size, (28, 30, 34))
        c.disc(x + wheel * size, y + 11.5 * size, 1.6 * size, (190, 194, 200))
