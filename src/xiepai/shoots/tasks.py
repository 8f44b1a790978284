"""Jobs of the shooting plans: solves, taken up by whichever worker is free."""

from __future__ import annotations

from procrastinate.contrib.django import app

from xiepai.kernel.jobs import as_job


@app.task(name="shoots.solve", queue="shoots", retry=2)
@as_job
def solve(solve_id: int) -> None:
    """Look for a better plan until the time is over, somebody stops it, or it is proven."""
    from xiepai.shoots.services.solving import work_solve

    work_solve(solve_id)
