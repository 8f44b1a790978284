"""Jobs of the productions: the daily look at papers that end soon."""

from __future__ import annotations

from procrastinate.contrib.django import app

from xiepai.kernel.jobs import as_job


@app.periodic(cron="0 1 * * *")
@app.task(name="productions.warn_expiring", queue="productions", queueing_lock="productions.warn_expiring")
@as_job
def warn_expiring(timestamp: int) -> None:
    """Every morning at nine on the city's clocks (01:00 UTC): announce papers that end within 30 days, once each."""
    from xiepai.productions.services.warning import warn_expiring as warn

    warn()
