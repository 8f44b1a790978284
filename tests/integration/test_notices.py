"""Notices in the app, by mail and to group chats; each chat service against a local receiver."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import threading
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core import mail
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.factories import make_organisation, make_person

from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.kernel.tasks import send_mail
from xiepai.parties import notices
from xiepai.parties.models import Channel
from xiepai.parties.tasks import post_to_channel
from xiepai.web.people.channels import KINDS

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


def test_a_chat_hears_of_the_events_it_chose(receiver: Receiver) -> None:
    row = channel(receiver, "feishu")
    _person, actor = make_person("keeper", row.organisation)
    notices.choose_events(actor=actor, channel_id=row.pk, events=["bookings.damage"])
    for kind in ("bookings.offer", "bookings.damage"):
        notices.tell([], kind=kind, subject=kind, body="", path="/", organisation_id=row.organisation_id)
    texts = [job.args["text"] for job in ProcrastinateJob.objects.filter(task_name="parties.post_to_channel")]
    assert [text.splitlines()[0] for text in texts] == ["bookings.damage"]


@pytest.mark.parametrize("kind", ["wecom", "dingtalk", "feishu"])
def test_an_organisation_sets_up_a_chat_on_its_page_and_tries_it(receiver: Receiver, kind: str) -> None:
    person, _actor = make_person("keeper")
    organisation = person.memberships.get().organisation
    browser = Client()
    browser.force_login(person)
    where = f"/organisations/{organisation.pk}/channels/"
    refused = browser.post(where, {"kind": kind, "url": "https://evil.example/hook"})
    assert refused.status_code == 422
    url = f"http://{receiver.host}/hook?key=topsecret"
    browser.post(where, {"kind": kind, "url": url, "secret": "s3cret", "events": ["bookings.damage"]})
    row = Channel.objects.get()
    page = browser.get(where).content.decode()
    assert "索赔、异议和裁定" in page
    assert "topsecret" not in page
    assert "s3cret" not in page
    browser.post(f"/channels/{row.pk}/", {"deed": "test"})
    post_to_channel.func(**ProcrastinateJob.objects.get(task_name="parties.post_to_channel").args)
    assert len(receiver.seen) == 1
    row.refresh_from_db()
    assert row.last_sent_at is not None
    browser.post(f"/channels/{row.pk}/", {"events": ["bookings.settled", "bookings.offer"]})
    row.refresh_from_db()
    assert row.events == ["bookings.offer", "bookings.settled"]
    browser.post(f"/channels/{row.pk}/", {"deed": "remove"})
    assert not Channel.objects.exists()


def test_every_kind_of_notice_can_be_chosen() -> None:
    package = Path(notices.__file__).parents[1]
    named = re.compile(r'kind="((?:bookings|productions)\.[a-z_]+)"')
    written = re.compile(r'"((?:bookings|productions)\.[a-z_]+)"')
    found: set[str] = set()
    for path in package.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        found |= set((written if path.name == "notices.py" else named).findall(text))
    assert found == set(KINDS)
