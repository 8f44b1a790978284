"""The pictures of the README and the guides, taken from the demo city at work: ``make screenshots``.

Starts ``xiepai demo`` with a home of its own under build/ on a free port, signs in as the demo people, takes each
page of ``PICTURES`` and writes small PNGs to docs/pictures/. A picture that would be larger than 300 kB is refused.
"""

from __future__ import annotations

import http.client
import io
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from xiepai.config.chromium import FLAGS, HOW_TO_GET, find_chromium
from xiepai.config.postgres import shut_down

ROOT = Path(__file__).resolve().parent.parent
FOLDER, HOME = ROOT / "docs" / "pictures", ROOT / "build" / "screenshots"
LARGEST_BYTES = 300_000
PASSWORD = "xiepai-demo"  # noqa: S105 - of the demo city, printed by `make demo`
PHONE, DESK = (390, 844), (1280, 800)


@dataclass(frozen=True, slots=True)
class Picture:
    """A page as somebody sees it; *steps* is what is done on it first."""

    name: str
    who: str
    path: str
    language: str = "zh-hans"
    size: tuple[int, int] = DESK
    theme: str = "light"
    steps: Callable[[Page], None] | None = None


def drag_onto_another(page: Page) -> None:
    """A bar in the hand, over one that is in the way: the picture shows the refusal."""
    bars = page.locator(".board-row:has(.bar.movable) .bar.movable")
    for number in range(min(bars.count(), 60)):
        bar = bars.nth(number)
        other = bar.locator("xpath=ancestor::ol").locator(".bar").nth(1)
        box, target = bar.bounding_box(), other.bounding_box() if other.count() else None
        if box and target and target["x"] > box["x"] and 300 < box["y"] < 650 and box["width"] > 24:
            page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
            page.mouse.down()
            page.mouse.move(target["x"] + 12, box["y"] + box["height"] / 2, steps=6)
            page.wait_for_timeout(600)
            return


def first_of(selector: str) -> Callable[[Page], None]:
    """Follow the first link that fits, where there is one."""

    def follow(page: Page) -> None:
        link = page.locator(selector).first
        if link.count():
            page.goto(page.url.split("/", 3)[0] + "//" + page.url.split("/", 3)[2] + str(link.get_attribute("href")))

    return follow


def wait_for_pins(page: Page) -> None:
    """The map is drawn when its first mark stands."""
    page.locator(".mark").first.wait_for()


def try_a_sheet(page: Page) -> None:
    """The sheet of needs of the example, tried and not booked."""
    page.locator("input[type=file]").first.set_input_files(str(ROOT / "examples" / "wujin" / "needs-tight.xlsx"))
    page.wait_for_timeout(300)
    button = page.locator("main form:has(input[type=file]) button[type=submit]").first
    button.click()
    page.wait_for_load_state()
    page.wait_for_timeout(1500)


PLACE = "main a[href^='/places/'][href$='/']:not([href='/places/'])"
BOOKING = "main a[href^='/bookings/']:has-text('XP')"
WORK = "main a[href^='/works/'][href$='/']:not([href='/works/'], [href$='new/'])"
DRAFT = "main tr:has(.badge:has-text('填写中')) a[href^='/grants/applications/']"
TO_CHECK = "main tr a[href^='/office/grants/applications/']"
NOTICE = "main a[href^='/public-notices/']"
TOMORROW = datetime.now(ZoneInfo("Asia/Shanghai")).date() + timedelta(days=1)
BOARD = f"/office/board/?taken=on&day={TOMORROW}"
BUSY = f"/office/board/?taken=on&day={TOMORROW + timedelta(days=3)}&days=3"
PICTURES = (
    Picture("board", "officer", BUSY),
    Picture("board-en", "officer", BUSY, "en"),
    Picture("board-dark", "officer", BOARD + "&days=14", theme="dark"),
    Picture("board-drag", "officer", BOARD + "&days=3", steps=drag_onto_another),
    Picture("board-crew", "scheduler", BOARD + "&days=7"),
    Picture("board-phone", "officer", BOARD + "&days=3", size=PHONE),
    Picture("queue", "keeper", "/office/queue/"),
    Picture("places", "", "/places/"),
    Picture("places-en", "", "/places/", "en"),
    Picture("places-phone", "", "/places/", size=PHONE),
    Picture("place", "scheduler", "/places/?q=审讯室", steps=first_of(PLACE)),
    Picture("map", "", "/places/?view=map", size=(1280, 1080), steps=wait_for_pins),
    Picture("bookings", "scheduler", "/bookings/"),
    Picture("booking", "scheduler", "/bookings/?state=confirmed", steps=first_of(BOOKING)),
    Picture("booking-phone", "scheduler", "/bookings/?state=confirmed", size=PHONE,
            steps=first_of(BOOKING)),
    Picture("works", "producer", "/works/"),
    Picture("work", "producer", "/works/", steps=first_of(WORK)),
    Picture("needs", "scheduler", "/needs/", steps=try_a_sheet),
    Picture("keeper", "keeper", "/keeper/"),
    Picture("keeper-en", "keeper", "/keeper/", "en"),
    Picture("keeper-phone", "keeper", "/keeper/", size=PHONE),
    Picture("calculator", "", "/calculator/"),
    Picture("calculator-phone", "", "/calculator/", size=PHONE),
    Picture("grants", "producer", "/grants/"),
    Picture("grants-en", "producer", "/grants/", "en"),
    Picture("grants-draft", "producer", "/grants/applications/", steps=first_of(DRAFT)),
    Picture("grants-office", "officer", "/office/grants/"),
    Picture("grants-check", "officer", "/office/grants/?step=first_check", steps=first_of(TO_CHECK)),
    Picture("grants-score-phone", "reviewer", "/office/grants/reviews/", size=PHONE,
            steps=first_of("main a[href^='/office/grants/reviews/']:not([href='/office/grants/reviews/'])")),
    Picture("grants-list", "leader", "/office/grants/lists/",
            steps=first_of("main a.button[href^='/office/grants/lists/']")),
    Picture("grants-notice", "", "/public-notices/", steps=first_of(NOTICE + ":not([href='/public-notices/'])")),
    Picture("grants-payments", "finance", "/office/grants/payments/"),
    Picture("grants-budgets-dark", "finance", "/office/grants/budgets/", theme="dark"),
)  # fmt: skip


def free_port() -> int:
    """A port nobody has at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def demo_city() -> Iterator[str]:
    """The address of a demo city of its own, stopped afterwards with its database."""
    port = free_port()
    env = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "SERVE"}}
    env |= {"XIEPAI_HOME": str(HOME), "PORT": str(port)}
    command = [sys.executable, "-m", "xiepai.config.cli", "demo"]
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL)
    try:
        _wait(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
        shut_down(HOME)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    for _attempt in range(600):
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
                connection.request("GET", "/healthz")
                connection.getresponse().read()
            return
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.5)
    raise SystemExit("the demo city did not start")


def sign_in(browser: Browser, base: str, who: str) -> BrowserContext:
    """A browser of that person, or of nobody."""
    context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", reduced_motion="reduce")
    if who:
        page = context.new_page()
        page.goto(f"{base}/accounts/login/")
        page.fill("#id_login", f"{who}@demo.xiepai")
        page.fill("#id_password", PASSWORD)
        page.get_by_role("main").locator("button[type=submit]").first.click()
        page.wait_for_load_state()
        page.close()
    return context


def take(context: BrowserContext, base: str, picture: Picture) -> bool:
    """Take one picture; a page that is not there (yet) is left out and said."""
    cookies = {"theme": picture.theme, "django_language": picture.language}
    context.add_cookies([{"name": name, "value": value, "url": base} for name, value in cookies.items()])
    page = context.new_page()
    try:
        page.set_viewport_size({"width": picture.size[0], "height": picture.size[1]})
        answer = page.goto(base + picture.path)
        if answer is None or answer.status != 200:
            print(f"  {picture.name}: {picture.path} answers {answer and answer.status}; left out")
            return False
        if picture.steps:
            picture.steps(page)
        page.wait_for_timeout(400)
        return _write(picture.name, page.screenshot())
    finally:
        page.close()


def _write(name: str, png: bytes) -> bool:
    """As few colours as look the same; refused when it stays too large."""
    image: Any = Image.open(io.BytesIO(png)).convert("RGB")
    path = FOLDER / f"{name}.png"
    small = image.quantize(colors=256, method=Image.Quantize.MEDIANCUT, kmeans=2, dither=Image.Dither.NONE)
    small.save(path, optimize=True)
    if path.stat().st_size > LARGEST_BYTES:
        image.quantize(colors=64, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(path, optimize=True)
    if path.stat().st_size > LARGEST_BYTES:
        path.unlink()
        raise SystemExit(f"{name} is larger than {LARGEST_BYTES:,} bytes")
    print(f"  {path.relative_to(ROOT)}  {path.stat().st_size / 1000:.0f} kB")
    return True


def main() -> None:
    """Take all pictures, or those whose names are given."""
    wanted = set(sys.argv[1:])
    chromium = find_chromium()
    if chromium is None:
        raise SystemExit(f"no Chromium: {HOW_TO_GET}")
    FOLDER.mkdir(exist_ok=True)
    HOME.mkdir(parents=True, exist_ok=True)
    with demo_city() as base, sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=list(FLAGS))
        contexts: dict[str, BrowserContext] = {}
        for picture in PICTURES:
            if wanted and picture.name not in wanted:
                continue
            if picture.who not in contexts:
                contexts[picture.who] = sign_in(browser, base, picture.who)
            take(contexts[picture.who], base, picture)
        browser.close()


if __name__ == "__main__":
    main()
