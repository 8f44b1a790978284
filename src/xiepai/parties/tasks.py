"""Jobs of parties: posting to group chats."""

from __future__ import annotations

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from xiepai.kernel import clock
from xiepai.kernel.jobs import as_job
from xiepai.parties.models_notices import Channel
from xiepai.parties.webhooks import compose, deliver


@app.task(name="parties.post_to_channel", queue="mail", retry=RetryStrategy(max_attempts=5, exponential_wait=4))
@as_job
def post_to_channel(channel_id: int, text: str) -> None:
    """Post a text to a group chat; what goes wrong stands with the channel until a post succeeds."""
    channel = Channel.objects.filter(pk=channel_id, is_active=True).first()
    if channel is None:
        return
    post = compose(channel.kind, channel.url, channel.secret, text, at_seconds=int(clock.now().timestamp()))
    try:
        deliver(channel.kind, post)
    except Exception as error:
        Channel.objects.filter(pk=channel_id).update(last_error=str(error)[:200])
        raise
    Channel.objects.filter(pk=channel_id).update(last_error="", last_sent_at=clock.now())
