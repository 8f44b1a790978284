"""Jobs of the grants: what follows a change of facts, and the evaluation of everybody at night."""

from __future__ import annotations

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from xiepai.kernel.jobs import as_job

AGAIN = RetryStrategy(max_attempts=4, exponential_wait=3)


@app.task(name="grants.evaluate_work", queue="grants", retry=AGAIN)
@as_job
def evaluate_work(work_id: int) -> None:
    """One work, after a change of its facts."""
    from xiepai.grants.entitling import evaluate_subjects

    evaluate_subjects(work_ids=[work_id])


@app.task(name="grants.evaluate_company", queue="grants", retry=AGAIN)
@as_job
def evaluate_company(organisation_id: int) -> None:
    """One company and all its works."""
    from xiepai.grants.entitling import evaluate_subjects
    from xiepai.productions.models import Work

    works = Work.objects.filter(organisation=organisation_id).values_list("pk", flat=True)
    evaluate_subjects(work_ids=list(works), organisation_ids=[organisation_id])


@app.periodic(cron="30 18 * * *")
@app.task(name="grants.nightly", queue="grants", queueing_lock="grants.nightly", retry=AGAIN)
@as_job
def nightly(timestamp: int) -> None:
    """Every night at half past two on the city's clocks (18:30 UTC): everybody under every programme in force."""
    from xiepai.grants.entitling import evaluate_everybody as everybody

    everybody()


@app.task(name="grants.evaluate_everybody", queue="grants", retry=AGAIN)
@as_job
def evaluate_everybody() -> None:
    """Everybody, after a version was published or a programme closed."""
    from xiepai.grants.entitling import evaluate_everybody as everybody

    everybody()


@app.periodic(cron="* * * * *")
@app.task(name="grants.follow", queue="grants", queueing_lock="grants.follow")
@as_job
def follow(timestamp: int) -> None:
    """Every minute: evaluate the works whose bookings, papers or own data changed."""
    from xiepai.grants.following import follow_changes

    follow_changes()


@app.task(name="grants.send_batch", queue="grants", retry=AGAIN)
@as_job
def send_batch(batch_id: int) -> None:
    """Carry out an approved batch; a second run goes on where the first one was killed."""
    from xiepai.grants.services.batches import send_batch as send

    send(batch_id)


@app.periodic(cron="*/5 * * * *")
@app.task(name="grants.clocks", queue="grants", queueing_lock="grants.clocks")
@as_job
def clocks(timestamp: int) -> None:
    """Every five minutes: warn before a term is over, report upward after it, decide by silence where it says so."""
    from xiepai.grants.services.clocking import sweep

    sweep()


@app.periodic(cron="17 * * * *")
@app.task(name="grants.refusals", queue="grants", queueing_lock="grants.refusals")
@as_job
def refusals(timestamp: int) -> None:
    """Every hour: announced refusals nobody answered in time become final."""
    from xiepai.grants.services.refusing import finish_due_refusals

    finish_due_refusals()


@app.periodic(cron="53 4 * * *")
@app.task(name="grants.forget_uploads", queue="grants", queueing_lock="grants.forget_uploads")
@as_job
def forget_uploads(timestamp: int) -> None:
    """Every day: delete the pieces of files nobody went on handing in."""
    from xiepai.grants.services.uploads import forget_old_uploads

    forget_old_uploads()
