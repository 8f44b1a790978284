"""The search's machine code: made apart, kept for these very sources, waited for without going deaf, and not needed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tests.unit.test_shoot_plan import small

from xiepai.planning.shoot import arrays, greedy
from xiepai.planning.shoot.engine_numba.changing import compute_all
from xiepai.planning.shoot.engine_numba.inserting import try_on

CHECKOUT = Path(__file__).parents[2]
LATE = """
import sys
from tests.unit.test_shoot_plan import small
from xiepai.planning.shoot import Limits, preparing, solve
events = []
result = solve(small(), limits=Limits(seconds=60), on_progress=lambda each: events.append(each) and None,
               should_stop=lambda: len(events) >= 2)
assert not preparing.is_ready()
assert result.plan is not None and result.rounds == 0, result
print(result.status.value)
"""
WHY = """
import sys
from tests.unit.test_shoot_plan import small
from xiepai.planning.shoot import explaining, greedy
problem = small()
assert explaining.why(problem, greedy.construct(problem), problem.scenes[0].id)
assert not {"numba", "ortools"} & set(sys.modules)
"""
KEPT = """
from xiepai.planning.shoot.engine_numba import annealing, warming
assert warming.is_kept()
warming.load()
stats = annealing.anneal.machine.stats
assert sum(stats.cache_hits.values()) == 1 and not stats.cache_misses, stats
"""


def run(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Python with machine code to be kept in a folder of its own."""
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(folder), "PYTHONPATH": str(CHECKOUT)}
    found = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stderr
    return found


def test_why_needs_no_machine_code(tmp_path: Path) -> None:
    run(WHY, tmp_path)
    assert not list(tmp_path.iterdir())


def test_stop_is_heard_while_the_search_is_compiled(tmp_path: Path) -> None:
    assert run(LATE, tmp_path).stdout.strip() in {"feasible", "optimal"}


@pytest.mark.slow
def test_compiled_once_and_read_by_the_next_process(tmp_path: Path) -> None:
    run("from xiepai.planning.shoot.engine_numba import warming; assert warming.main([]) == 0", tmp_path)
    run(KEPT, tmp_path)


def test_machine_code_of_other_sources_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from xiepai.planning.shoot.engine_numba import keeping

    monkeypatch.setattr("numba.config.CACHE_DIR", str(tmp_path))
    assert keeping.mark_complete()
    here = keeping.folder()
    assert here is not None
    assert keeping.is_complete(here)
    monkeypatch.setattr(keeping, "stamp", lambda: "of other sources")
    assert not keeping.is_complete(here)
    assert keeping.folder() != here


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from xiepai.planning.shoot.engine_numba import keeping

    (tmp_path / "file").touch()
    monkeypatch.setattr("numba.config.CACHE_DIR", str(tmp_path / "file"))
    assert keeping.folder() is None
    assert not keeping.mark_complete()


def test_plain_and_compiled_lines_say_the_same() -> None:
    problem = small()
    plan = greedy.construct(problem)
    memory = arrays.pack(problem)
    arrays.fill(problem, memory, plan)
    plain = memory.cells.tolist()
    assert compute_all(memory.cells) == compute_all.plain(plain)
    assert np.array_equal(memory.cells, plain)
    out = problem.scenes[0].id
    arrays.fill(problem, memory, type(plan)(tuple(each for each in plan.placements if each.scene != out)))
    compute_all(memory.cells)
    plain = memory.cells.tolist()
    for day in range(len(problem.days)):
        assert try_on(memory.cells, 0, day) == try_on.plain(plain, 0, day)
    assert np.array_equal(memory.cells, plain)
