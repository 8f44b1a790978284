"""Where things stand in the one array the compiled search works on.

The search passes a single array of whole numbers: passing forty arrays costs more than the arithmetic (measured: 650
rounds a second became tens of thousands). Slot ``X`` at the array's head holds a size or the position where a table
begins, so ``M[M[MINUTES] + s]`` are the minutes of scene ``s`` and ``M[M[TRAVEL] + a * M[PLACES] + b]`` those from
place to place.
The tables from ``M[STATE]`` on, ``M[KEPT]`` cells, are the plan in the making; the same again once behind
them is the copy a change is taken back from, twice behind them the best plan so far.
Behind all three: the days touched by a change, scenes taken out, room to reckon in (``ORDER``, ``SCRATCH``), what each
person costs (``SPAN``) and whether a change made that another sum (``DIRTY``). ``M[QUICK]`` is what the change at hand
costs by its moves, crew and penalties alone.
"""

# fmt: off
(
    SCENES, DAYS, UNITS, PEOPLE, PLACES, KINDS, WISHES, ROOM, WIDTH, PERSON_ROW, WAIT_HOUR_FEN, LATE_FEN, DUE,
    STATE, KEPT,
    MINUTES, CAST_PTR, CAST_PERSON, CAST_LOOK, CAND_PTR, CAND_PLACE, CAND_PENALTY, CAND_ROW, ALLOW, CROWD_PTR,
    CROWD_KIND, CROWD_HEADS, WINDOWS, MAKEUP, CHANGE, REST, LIMIT, DAY_FEN, WAIT_FEN, UNIT_OPEN, UNIT_CLOSE,
    UNIT_PAID, UNIT_MOST, UNIT_FEN, UNIT_OVER, UNIT_REST, SETUP, TRAVEL, MOVE_FEN, HOUR_FEN, PLACE_FEN, PLACE_PAID,
    PLACE_OVER, KIND_FEN, KIND_PAID, KIND_OVER, WISH_KIND, WISH_ONE, WISH_OTHER, WISH_FEN, FROZEN, GAP,
    PLACE_PTR, PLACE_SCENE, PERSON_PTR, PERSON_SCENE,
    SEQ, LENGTH, DAY, UNIT, CAND, START, FRESH, COST, BAD, RELEASE, UNIT_RELEASE, COUNT,
    TOUCHED, OUT, ORDER, SCRATCH, SPAN, DIRTY, QUICK,
) = range(80)
# fmt: on
SLOTS = 80
PLACE_ROW = 5
"""Rows of windows: first the five lights, then the places, then (from ``M[PERSON_ROW]``) the people, then those of
scenes for which locked days leave less than the light does. ``CAND_ROW`` says which a scene has at a place."""
