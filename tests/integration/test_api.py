"""The API: tokens, tenancy, problems, idempotency keys, one access table, and the schema kept under fire."""

from __future__ import annotations

import json
import threading
from collections.abc import Generator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import schemathesis
from django.conf import settings as configured
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connections
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.factories import make_organisation, make_person, make_place

from xiepai.api.app import api
from xiepai.bookings.models import Booking
from xiepai.config import access
from xiepai.kernel import clock
from xiepai.parties import tokens

ZONE = ZoneInfo("Asia/Shanghai")
SLOT = {"start": "2027-01-04T08:00:00+08:00", "end": "2027-01-04T12:00:00+08:00"}


@pytest.fixture(autouse=True)
def _new_year() -> Generator[None, None, None]:
    with clock.frozen(datetime(2027, 1, 1, 9, tzinfo=ZONE)):
        yield
    tokens._believed.clear()


class Stage:
    """A place, a crew with a token, a keeper with one, and a stranger's."""

    def __init__(self) -> None:
        self.base = make_organisation("base")
        self.place = make_place(self.base, approval="keeper")
        self.crew_id, self.crew = self._token("scheduler", None)
        self.base_id, self.keeper = self._token("keeper", self.base)
        _other, self.stranger = self._token("scheduler", None)

    def _token(self, role: str, organisation: Any) -> tuple[int, str]:
        person, actor = make_person(role, organisation)
        owner = person.memberships.get().organisation_id
        other = "keeper" if role == "keeper" else "producer"
        manager = make_person(other, person.memberships.get().organisation)[1]
        maker = actor if role == "keeper" else manager
        roles = [role] if role == "keeper" else ["producer"]
        return owner, tokens.create_token(actor=maker, organisation_id=owner, name="t", roles=roles).secret

    def get(self, path: str, token: str = "", **query: Any) -> Any:
        return Client().get(f"/api/v1{path}", query, **self._headers(token))

    def post(self, path: str, token: str, body: Any, key: str = "") -> Any:
        more = {"headers": {**self._headers(token)["headers"], **({"Idempotency-Key": key} if key else {})}}
        return Client().post(f"/api/v1{path}", json.dumps(body), "application/json", **more)

    def hold(self, key: str = "", **more: Any) -> Any:
        body = {"crew_id": self.crew_id, "place_id": self.place.pk, **SLOT, **more}
        return self.post("/bookings", self.crew, body, key)

    @staticmethod
    def _headers(token: str) -> dict[str, Any]:
        return {"headers": {"Authorization": f"Bearer {token}"} if token else {}}


@pytest.fixture
def stage(db: None) -> Stage:
    return Stage()


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    body = answer.json()
    assert (body["code"], body["status"]) == (code, status)
    return body


def test_every_operation_stands_in_the_table_and_every_line_is_an_operation() -> None:
    schema = api.get_openapi_schema()
    found = {one["operationId"] for path in schema["paths"].values() for one in path.values()}
    assert found == set(access.OPERATIONS)
    assert schema["openapi"].startswith("3.1")


def test_a_life_over_the_api(stage: Stage) -> None:
    quote = stage.get(f"/places/{stage.place.pk}/quote", **SLOT).json()
    assert quote["total"] == {"fen": 40_000, "text": "¥400"}
    held = stage.hold(title="夜审", expected_price_fen=40_000)
    assert held.status_code == 201
    number = held.json()["id"]
    assert stage.post(f"/bookings/{number}/confirm", stage.crew, {}).json()["state"] == "requested"
    assert stage.post(f"/bookings/{number}/approve", stage.keeper, {"note": "可以"}).json()["state"] == "confirmed"
    free = stage.get(
        f"/places/{stage.place.pk}/free", start="2027-01-04T00:00:00+08:00", end="2027-01-05T00:00:00+08:00"
    )
    assert free.json()["free"] == [
        {"start": "2027-01-04T00:00:00+08:00", "end": "2027-01-04T08:00:00+08:00"},
        {"start": "2027-01-04T12:00:00+08:00", "end": "2027-01-05T00:00:00+08:00"},
    ]
    events = [row["event"] for row in stage.get(f"/bookings/{number}/history", stage.crew).json()["rows"]]
    assert events == ["bookings.hold.placed", "bookings.approval.requested", "bookings.booking.approved"]
    body = problem(stage.hold(), 409, "slot_taken")
    assert body["until"] == "2027-01-04T04:00:00+00:00"


def test_another_organisations_rows_are_not_found(stage: Stage) -> None:
    number = stage.hold().json()["id"]
    for path in (f"/bookings/{number}", f"/bookings/{number}/history"):
        problem(stage.get(path, stage.stranger), 404, "not_found")
    for deed in ("confirm", "cancel", "change"):
        problem(stage.post(f"/bookings/{number}/{deed}", stage.stranger, {}), 404, "not_found")
    assert stage.get("/bookings", stage.stranger).json()["total"] == 0


def test_wrong_and_revoked_tokens_and_missing_roles(stage: Stage) -> None:
    answer = stage.get("/me", "xp_wrong")
    problem(answer, 401, "token_invalid")
    assert answer["WWW-Authenticate"].startswith("Bearer")
    problem(stage.get("/bookings"), 401, "sign_in_needed")
    number = stage.hold().json()["id"]
    problem(stage.post(f"/bookings/{number}/approve", stage.crew, {}), 403, "forbidden")


def test_naive_times_and_bad_bodies_are_named_by_pointer(stage: Stage) -> None:
    answer = stage.hold(start="2027-01-04T08:00:00")
    assert any("start" in error["pointer"] for error in problem(answer, 422, "invalid")["errors"])
    problem(stage.hold(end=SLOT["start"]), 422, "invalid")


def test_a_key_gives_the_same_answer_and_refuses_another_content(stage: Stage) -> None:
    first, again = stage.hold("k1"), stage.hold("k1")
    assert first.json() == again.json()
    assert (again.status_code, again["Idempotency-Replayed"]) == (201, "true")
    assert Booking.objects.count() == 1
    problem(stage.hold("k1", title="另一份"), 422, "idempotency_mismatch")
    problem(stage.hold("k2"), 409, "slot_taken")
    later = {"start": "2027-01-05T08:00:00+08:00", "end": "2027-01-05T12:00:00+08:00"}
    assert stage.hold("k2", **later).status_code == 201  # a refusal leaves no key behind


@pytest.mark.django_db(transaction=True)
def test_two_calls_at_once_with_one_key_write_once() -> None:
    stage, answers = Stage(), []
    barrier = threading.Barrier(4)

    def call() -> None:
        try:
            barrier.wait(timeout=20)
            answers.append(stage.hold("same").json())
        finally:
            connections.close_all()

    with_clock = [threading.Thread(target=call) for _number in range(4)]
    for thread in with_clock:
        thread.start()
    for thread in with_clock:
        thread.join(timeout=60)
    assert len(answers) == 4
    assert all(answer == answers[0] for answer in answers)
    assert Booking.objects.count() == 1


def test_a_session_needs_its_csrf_token(stage: Stage) -> None:
    person, _actor = make_person("scheduler")
    client = Client(enforce_csrf_checks=True)
    client.force_login(person)
    body = {"crew_id": person.memberships.get().organisation_id, "place_id": stage.place.pk, **SLOT}
    problem(client.post("/api/v1/bookings", json.dumps(body), "application/json"), 403, "forbidden")


def test_keepers_block_and_lift(stage: Stage) -> None:
    blocked = stage.post(f"/places/{stage.place.pk}/blockings", stage.keeper, {**SLOT, "reason": "检修"})
    assert blocked.status_code == 201
    problem(stage.hold(), 409, "blocked")
    assert stage.post(f"/blockings/{blocked.json()['id']}/lift", stage.keeper, {}).status_code == 200
    assert stage.hold().status_code == 201


def test_bundles_are_all_or_nothing(stage: Stage) -> None:
    slot = {"place_id": stage.place.pk, **SLOT}
    body = {"crew_id": stage.crew_id, "title": "两次同一时间", "slots": [slot, slot]}
    problem(stage.post("/bundles", stage.crew, body), 409, "slot_taken")
    assert not Booking.objects.exists()


@pytest.fixture
def one_connection(db: None) -> Generator[None, None, None]:
    """The WSGI application ends a request by closing the connection, which here holds the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
OPERATIONS = sorted(access.OPERATIONS)


@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_whatever_is_sent_is_answered_as_the_schema_says(operation_id: str, one_connection: None) -> None:
    person, actor = make_person("producer")
    owner = person.memberships.get().organisation_id
    secret = tokens.create_token(actor=actor, organisation_id=owner, name="t", roles=["producer"]).secret
    Path(configured.STATIC_ROOT).mkdir(parents=True, exist_ok=True)  # the static server warns where none is
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", WSGIHandler())
    operation = schema.find_operation_by_id(operation_id)

    @given(case=operation.as_strategy())
    @settings(
        max_examples=20,
        deadline=timedelta(seconds=10),
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def send(case: schemathesis.Case) -> None:
        case.headers["Authorization"] = f"Bearer {secret}"
        case.validate_response(case.call(), checks=CHECKS)

    send()


def test_guessing_tokens_is_slowed_down_and_good_ones_are_not(stage: Stage) -> None:
    for _number in range(60):
        problem(stage.get("/me", "xp_guess"), 401, "token_invalid")
    answer = stage.get("/me", "xp_guess")
    assert problem(answer, 429, "rate_limited")["seconds"] == int(answer["Retry-After"])
    assert stage.get("/me", stage.crew).status_code == 200
