"""Notices in the app, by mail and to group chats; each chat service against a local receiver."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core import mail
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.factories import make_organisation, make_person

from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.kernel.tasks import send_mail
from xiepai.parties import notices
from xiepai.parties.models import Channel
from xiepai.parties.tasks import post_to_channel

pytestmark = pytest.mark.django_db


class Receiver:
    """A chat service on this machine that remembers what it was sent."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, dict[str, Any]]] = []
        self.answer: tuple[int, dict[str, Any]] = (200, {"errcode": 0, "code": 0})
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                receiver.seen.append((self.path, body))
                status, data = receiver.answer
                self.send_response(status)
                self.end_headers()
                self.wfile.write(json.dumps(data).encode())

            def log_message(self, *_words: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def receiver(settings) -> Generator[Receiver, None, None]:
    running = Receiver()
    settings.WEBHOOK_HOSTS = [running.host]
    yield running
    running.server.shutdown()
    running.server.server_close()


def signature(key: str, message: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), message.encode(), hashlib.sha256).digest()).decode()


def channel(receiver: Receiver, kind: str, secret: str = "") -> Channel:
    organisation = make_organisation("base")
    keeper = make_person("keeper", organisation)[1]
    return notices.add_channel(
        actor=keeper,
        organisation_id=organisation.pk,
        kind=kind,
        url=f"http://{receiver.host}/hook?key=1",
        secret=secret,
    )


def test_wecom_gets_plain_text_without_signature(receiver: Receiver) -> None:
    post_to_channel.func(channel_id=channel(receiver, "wecom").pk, text="候补有位")
    assert receiver.seen == [("/hook?key=1", {"msgtype": "text", "text": {"content": "候补有位"}})]


def test_dingtalk_signs_with_the_secret_as_key(receiver: Receiver) -> None:
    post_to_channel.func(channel_id=channel(receiver, "dingtalk", "SECxyz").pk, text="x")
    path, body = receiver.seen[0]
    query = {key: values[0] for key, values in parse_qs(urlsplit(path).query).items()}
    assert len(query["timestamp"]) == 13
    assert query["sign"] == signature("SECxyz", f"{query['timestamp']}\nSECxyz")
    assert (query["key"], body["msgtype"]) == ("1", "text")


def test_feishu_signs_nothing_with_timestamp_and_secret_as_key(receiver: Receiver) -> None:
    post_to_channel.func(channel_id=channel(receiver, "feishu", "s3").pk, text="x")
    _path, body = receiver.seen[0]
    assert (body["msg_type"], body["content"]) == ("text", {"text": "x"})
    assert body["sign"] == signature(f"{body['timestamp']}\ns3", "")
    assert len(body["timestamp"]) == 10


@pytest.mark.parametrize("answer", [(500, {}), (200, {"errcode": 310000, "errmsg": "sign not match"}), (302, {})])
def test_a_chat_that_refuses_is_retried_and_shows_why(receiver: Receiver, answer) -> None:
    row = channel(receiver, "dingtalk")
    receiver.answer = answer
    with pytest.raises(RuntimeError):
        post_to_channel.func(channel_id=row.pk, text="x")
    row.refresh_from_db()
    assert row.last_error
    receiver.answer = (200, {"errcode": 0})
    post_to_channel.func(channel_id=row.pk, text="x")
    row.refresh_from_db()
    assert row.last_error == ""


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/",
        "http://169.254.169.254/latest",
        "https://oapi.dingtalk.com@evil.example/",
        "https://oapi.dingtalk.com.evil.example/",
        "http://oapi.dingtalk.com/robot",
        "file:///etc/passwd",
    ],
)
def test_a_channel_cannot_point_into_the_network(url: str) -> None:
    organisation = make_organisation("base")
    keeper = make_person("keeper", organisation)[1]
    with pytest.raises(XiepaiError) as caught:
        notices.add_channel(actor=keeper, organisation_id=organisation.pk, kind="dingtalk", url=url)
    assert caught.value.code == ErrorCode.INVALID


def test_telling_writes_a_notice_a_mail_and_a_post(receiver: Receiver) -> None:
    row = channel(receiver, "wecom")
    person, actor = make_person("keeper", row.organisation)
    notices.tell(
        [person], kind="test", subject="标题", body="内容", path="/office/queue/", organisation_id=row.organisation_id
    )
    assert notices.unread_count(actor) == 1
    jobs = {job.task_name: job.args for job in ProcrastinateJob.objects.all()}
    assert set(jobs) == {"kernel.send_mail", "parties.post_to_channel"}
    send_mail.func(**jobs["kernel.send_mail"])
    assert [message.to for message in mail.outbox] == [[person.email]]
    assert "/office/queue/" in mail.outbox[0].body
    assert notices.mark_read(actor=actor) == 1
    assert notices.unread_count(actor) == 0


def test_other_organisations_channels_are_not_found(receiver: Receiver) -> None:
    row = channel(receiver, "wecom")
    stranger = make_person("keeper")[1]
    for deed in (
        lambda: notices.channels_of(stranger, row.organisation_id),
        lambda: notices.remove_channel(actor=stranger, channel_id=row.pk),
    ):
        with pytest.raises(XiepaiError) as caught:
            deed()
        assert caught.value.code == ErrorCode.NOT_FOUND
