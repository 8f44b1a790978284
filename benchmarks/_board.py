"""The board in a real Chromium: when its first paint stands, and how long a drag of ten movements takes."""

from __future__ import annotations

import random
import statistics
from datetime import timedelta
from typing import Any

import psycopg

DAYS = 14
BOOKINGS_A_SET = 5
TIMES = 5
#: The first paint as the browser itself reports it, from the start of the navigation; network and server included.
FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
#: When the script has put the bars in their places and they have been painted.
LAID = """() => new Promise(done => {
  const look = () => document.querySelector('.board.laid')
    ? requestAnimationFrame(() => setTimeout(() => done(performance.now()))) : setTimeout(look, 5);
  look();
})"""
#: Ten movements of a press, each in a frame of its own, timed inside the page from press to the tenth painted frame.
DRAG = """async () => {
  const bar = [...document.querySelectorAll('.bar.movable')].find(b => b.getBoundingClientRect().top > 300);
  const box = bar.getBoundingClientRect();
  const x = box.left + box.width / 2, y = box.top + box.height / 2;
  bar.setPointerCapture = () => {};
  const fire = (name, dx) => bar.dispatchEvent(new PointerEvent(name,
    {bubbles: true, cancelable: true, pointerId: 1, button: 0, clientX: x + dx, clientY: y}));
  const painted = () => new Promise(done => requestAnimationFrame(() => setTimeout(done)));
  const began = performance.now();
  fire('pointerdown', 0);
  for (let step = 1; step <= 10; step++) { fire('pointermove', step * 6); await painted(); }
  const took = performance.now() - began;
  if (!bar.classList.contains('moving')) throw new Error('nothing moved');
  fire('pointercancel', 60);
  return took;
}"""


def make_board_city(direct: psycopg.Connection[Any], sets: int) -> None:
    """So many bookable sets with five bookings each within two weeks; nothing else can be booked."""
    from _city import FIRST_DAY, bookings_from_wishes, make_city

    make_city(direct, places=round(sets * 1.09) + 10, bookings=0)
    leaves = [
        row[0]
        for row in direct.execute(
            "SELECT p.id FROM places_place p JOIN places_cover c ON c.place_id = p.id AND c.leaf_id = p.id"
            " WHERE p.is_bookable AND p.capacity = 1 AND p.kind = 'set' ORDER BY p.id LIMIT %s",
            [sets],
        )
    ]
    if len(leaves) != sets:
        raise SystemExit(f"{len(leaves)} sets, not {sets}")
    direct.execute("SET session_replication_role = replica")
    direct.execute("UPDATE places_place SET is_bookable = false WHERE NOT id = ANY (%s)", [leaves])
    chance = random.Random(5)
    with direct.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE wish (id bigint, leaf_id bigint, starts timestamptz, hours int, counted boolean)"
        )
        with cursor.copy("COPY wish FROM STDIN") as copy:
            number = 0
            for leaf in leaves:
                for day in chance.sample(range(DAYS), BOOKINGS_A_SET):
                    number += 1
                    starts = FIRST_DAY + timedelta(days=day, hours=chance.choice((0, 0, 1, 2, 4)))
                    copy.write_row((number, leaf, starts, chance.choice((4, 8, 11)), False))
    bookings_from_wishes(direct)
    direct.execute("DROP TABLE wish")
    direct.execute("SET session_replication_role = origin")
    direct.commit()
    direct.autocommit = True
    direct.execute("VACUUM ANALYZE")


def measure_in_chromium(port: int, path: str, cookie: str) -> dict[str, float]:
    """Medians in milliseconds of ``paint``, ``laid`` and ``drag``; how many ``rows`` and ``bars`` there are."""
    from playwright.sync_api import sync_playwright

    from xiepai.config.chromium import FLAGS, find_chromium

    name, _, value = cookie.partition("=")
    address = f"http://127.0.0.1:{port}"
    paints, laid, drags = [], [], []
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=find_chromium(), args=list(FLAGS))
        context = browser.new_context(locale="zh-CN", viewport={"width": 1600, "height": 1000})
        context.add_cookies([{"name": name, "value": value, "url": address}])
        page = context.new_page()
        for number in range(TIMES + 1):
            page.goto(address + path)
            laid_at = page.evaluate(LAID)
            drag = page.evaluate(DRAG)
            if number:  # the first fills the caches
                paints.append(page.evaluate(FIRST_PAINT))
                laid.append(laid_at)
                drags.append(drag)
        rows, bars = (page.locator(each).count() for each in (".board-row", ".bar"))
        browser.close()
    return {
        "paint": statistics.median(paints), "laid": statistics.median(laid), "drag": statistics.median(drags),
        "rows": rows, "bars": bars,
    }  # fmt: skip
