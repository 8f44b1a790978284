"""The public calculator: server time of every step a stranger takes, and of the PDF to take along.

Each step is a whole request through every middleware and the real templates, in this process, for somebody without an
account: every question of all encoded cities is answered in the order asked, then once more in English. The state is
in the address, so the last steps carry the longest ones. On a machine with other work ARGS="--clock cpu" counts the
processor time of this process instead of the clock on the wall.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import date
from typing import Any

from pages import start_server
from report import Report, options

GOAL_MS, PDF_GOAL_MS = 50, 500
ROUNDS = 3


def walk(client: Any, language: str, clock: Callable[[], float]) -> tuple[list[float], str]:
    """Milliseconds of each step until nothing is left to ask, and the last address's query."""
    from django.conf import settings

    from xiepai.policy.asking import Sheet
    from xiepai.policy.cities import calculator
    from xiepai.web.public.calculator_state import State

    found, sheet, took = calculator(settings.POLICIES), Sheet(date(2025, 9, 1)), []
    while True:
        query = State(sheet, day_is_given=True).query()
        passes = []
        for _again in range(ROUNDS):
            start = clock()
            answer = client.get(f"/calculator/{query}", headers={"accept-language": language})
            passes.append((clock() - start) * 1e3)
            assert answer.status_code == 200, answer.status_code
        took.append(min(passes))
        ask = found.estimate(sheet).next
        if ask is None:
            return took, query
        sheet = State(sheet).answered(ask.key, _answer(ask.spec)).sheet


def _answer(spec: Any) -> str:
    words = {"yes/no": "yes", "money": "300万元", "days": "9天", "date": "2025-06-01"}
    if spec.kind == "choice":
        return str(spec.choices[-1])
    return words.get(spec.kind) or ("90%" if spec.den == 10_000 else "50")


def main() -> None:
    """Measure and write the rows."""
    parser = options("The public calculator")
    parser.add_argument("--clock", choices=["wall", "cpu"], default="wall")
    arguments = parser.parse_args()
    clock = time.process_time if arguments.clock == "cpu" else time.perf_counter
    start_server()
    import django
    from django.core.management import call_command

    from xiepai.config import boot

    django.setup()
    call_command("migrate", verbosity=0)
    boot.collect_static()
    from django.test import Client

    unit = "ms of processor" if arguments.clock == "cpu" else "ms"
    client, report = Client(SERVER_NAME="localhost"), Report("grants-calculator", arguments.output)
    client.get("/calculator/")
    for language in ("zh-hans", "en"):
        took, query = walk(client, language, clock)
        report.row(
            f"calculator, {len(took)} steps, {language}, median server time", statistics.median(took), unit, "lower"
        )
        report.row(f"calculator, slowest step, {language}", max(took), unit, "lower", goal=GOAL_MS)
        papers = []
        for _again in range(ROUNDS):
            start = clock()
            answer = client.get(f"/calculator/estimate.pdf{query}", headers={"accept-language": language})
            papers.append((clock() - start) * 1e3)
            assert answer.status_code == 200, answer.status_code
        report.row(f"calculator, PDF of all cities, {language}", min(papers), unit, "lower", goal=PDF_GOAL_MS)
    report.finish()


if __name__ == "__main__":
    main()
