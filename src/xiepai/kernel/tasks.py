"""Tasks of the kernel itself: mails, stalled jobs, old keys."""

from __future__ import annotations

from datetime import timedelta

from django.core.mail import EmailMessage
from procrastinate import JobContext
from procrastinate.contrib.django import app

from xiepai.kernel import clock
from xiepai.kernel.jobs import as_job

#: A job whose worker has not been heard of for this long is run again.
STALLED_SECONDS = 60
#: Idempotency keys are kept this long; a client that repeats later makes a new write.
KEYS_KEPT = timedelta(days=7)


@app.task(name="kernel.send_mail", queue="mail", retry=5)
@as_job
def send_mail(to: list[str], subject: str, body: str) -> None:
    """Send one mail, each address its own copy, so that nobody reads the others' addresses."""
    for address in to:
        EmailMessage(subject, body, to=[address]).send()


@app.periodic(cron="* * * * *")
@app.task(name="kernel.retry_stalled", queue="kernel", queueing_lock="kernel.retry_stalled", pass_context=True)
async def retry_stalled(context: JobContext, timestamp: int) -> None:
    """Run again what a killed worker left half-way; without this it would stay so for ever."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
        await manager.retry_job(job)


@app.periodic(cron="17 4 * * *")
@app.task(name="kernel.forget_old", queue="kernel", queueing_lock="kernel.forget_old")
@as_job
def forget_old(timestamp: int) -> None:
    """Drop idempotency keys and rate windows nobody needs any more."""
    from xiepai.kernel.models import IdempotencyKey, RateWindow

    IdempotencyKey.objects.filter(created_at__lt=clock.now() - KEYS_KEPT).delete()
    RateWindow.objects.filter(window_start__lt=clock.now() - timedelta(days=1)).delete()
