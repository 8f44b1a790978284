"""Jobs of the places: big files tried and written, old uploads forgotten."""

from __future__ import annotations

from procrastinate.contrib.django import app

from xiepai.kernel.jobs import as_job


@app.task(name="places.preview_import", queue="places", retry=3)
@as_job
def preview_import(import_id: int) -> None:
    """Try a file of places."""
    from xiepai.places.uploads import preview_import as run

    run(import_id, in_job=True)


@app.task(name="places.write_import", queue="places", retry=3)
@as_job
def write_import(import_id: int) -> None:
    """Write a file of places that was decided on."""
    from xiepai.places.uploads import write_import as run

    run(import_id, in_job=True)


@app.periodic(cron="41 4 * * *")
@app.task(name="places.forget_uploads", queue="places", queueing_lock="places.forget_uploads")
@as_job
def forget_uploads(timestamp: int) -> None:
    """Delete the files of old uploads."""
    from xiepai.places.uploads import forget_old

    forget_old()
