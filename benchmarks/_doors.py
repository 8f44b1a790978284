"""The ways a wish reaches the database: bare SQL, the service's own SQL, the service, HTTP.

A door is one client's; ``decide`` answers whether the wish was granted and raises what is neither yes nor no.
"""

from __future__ import annotations

import json
import socket
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from _ground import Ground, use_django
from _loads import Wish


def open_doors(name: str, ground: Ground, count: int, options: dict[str, Any]) -> list[Any]:
    """So many doors of a kind, connected."""
    if name == "bare":
        return [BareDoor(ground) for _ in range(count)]
    if name == "sql":
        return [SqlDoor(ground, options["entries"]) for _ in range(count)]
    if name == "http":
        return [HttpDoor(ground, options["port"]) for _ in range(count)]
    use_django(ground.url, ground.home)
    from xiepai.places.terms import many_terms

    many_terms([*ground.sets, *ground.resources, *ground.buildings, *ground.sites])
    return [ServiceDoor(ground) for _ in range(count)]


class BareDoor:
    """One INSERT into a table of two columns with one exclusion constraint: as fast as PostgreSQL refuses."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.connection = psycopg.connect(ground.url, autocommit=True)

    def decide(self, wishes: list[Wish]) -> bool:
        """Granted when a row was written."""
        (wish,) = wishes
        start = self.ground.hour(wish.hour)
        done = self.connection.execute(
            "INSERT INTO bare VALUES (%s, tstzrange(%s, %s)) ON CONFLICT DO NOTHING",
            (wish.place_id, start, start + timedelta(hours=wish.hours)),
        )
        return done.rowcount == 1

    def close(self) -> None:
        """Disconnect."""
        self.connection.close()


class SqlDoor(BareDoor):
    """The statement the service sends, its JSON made beforehand but for the times: no Django, no rules, no price."""

    def __init__(self, ground: Ground, entries: dict[int, tuple[str, str]]) -> None:
        super().__init__(ground)
        self.entries = entries

    def decide(self, wishes: list[Wish]) -> bool:
        """Granted when the function says so."""
        (wish,) = wishes
        entry, who = self.entries[wish.place_id]
        start = self.ground.hour(wish.hour)
        period = f"[{start.isoformat()},{(start + timedelta(hours=wish.hours)).isoformat()})"
        entry = entry.replace("«period»", period).replace('"«units»"', str(wish.units))
        who = who.replace("«at»", datetime.now(UTC).isoformat())
        try:
            (answer,) = self.connection.execute("SELECT bookings_take(%s::jsonb, %s::jsonb)", (entry, who)).fetchone()
        except psycopg.errors.ExclusionViolation:  # a counted peak reached meanwhile
            return False
        if answer["outcome"] == "stale":
            raise RuntimeError("stale")
        return answer["outcome"] == "ok"


class ServiceDoor:
    """``place_hold`` (or ``place_bundle``) as the pages and the API call it."""

    def __init__(self, ground: Ground) -> None:
        from xiepai.parties.access import Actor
        from xiepai.parties.models import Role

        self.ground = ground
        self.actor = Actor(ground.person_id, "bench", frozenset({(ground.crew_id, str(Role.PRODUCER))}))

    def decide(self, wishes: list[Wish]) -> bool:
        """Granted unless the service refuses."""
        from xiepai.bookings.services import SlotRequest, place_bundle, place_hold
        from xiepai.kernel.errors import ErrorCode, XiepaiError
        from xiepai.worktime.spans import Span

        spans = [Span(self.ground.hour(wish.hour), self.ground.hour(wish.hour + wish.hours)) for wish in wishes]
        try:
            if len(wishes) == 1:
                place_hold(
                    actor=self.actor, organisation_id=self.ground.crew_id, place_id=wishes[0].place_id, span=spans[0],
                    units=wishes[0].units,
                )  # fmt: skip
            else:
                items = [SlotRequest(wish.place_id, span, wish.units) for wish, span in zip(wishes, spans, strict=True)]
                place_bundle(actor=self.actor, organisation_id=self.ground.crew_id, title="bench", items=items)
        except XiepaiError as refusal:
            if refusal.code in (ErrorCode.SLOT_TAKEN, ErrorCode.NOT_ENOUGH_UNITS):
                return False
            raise
        return True

    def close(self) -> None:
        """Disconnect this thread."""
        from django.db import connections

        connections.close_all()


class HttpDoor:
    """``POST /api/v1/bookings`` over one kept-alive connection: as little client as there can be."""

    def __init__(self, ground: Ground, port: int) -> None:
        self.ground = ground
        self.address = ("127.0.0.1", port)
        self.head = (
            f"POST /api/v1/bookings HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {ground.token}\r\n"
            "Content-Type: application/json\r\nContent-Length: "
        ).encode()
        self.socket = self._connect()
        self.rest = b""

    def _connect(self) -> socket.socket:
        connected = socket.create_connection(self.address, timeout=60)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connected

    def decide(self, wishes: list[Wish]) -> bool:
        """201 is granted, 409 refused."""
        (wish,) = wishes
        start = self.ground.hour(wish.hour)
        body = json.dumps(
            {
                "crew_id": self.ground.crew_id,
                "place_id": wish.place_id,
                "start": start.isoformat(),
                "end": (start + timedelta(hours=wish.hours)).isoformat(),
                "units": wish.units,
            }
        ).encode()
        self.socket.sendall(b"%s%d\r\n\r\n%s" % (self.head, len(body), body))
        status, answer = self._answer()
        if status not in (201, 409):
            raise RuntimeError(f"{status} {answer[:80]!r}")
        return status == 201

    def _answer(self) -> tuple[int, bytes]:
        data = self.rest
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._received()
        lines = data[:end].lower().split(b"\r\n")
        length = next(int(line[15:]) for line in lines if line.startswith(b"content-length:"))
        while len(data) < end + 4 + length:
            data += self._received()
        self.rest = data[end + 4 + length :]
        return int(lines[0][9:12]), data[end + 4 : end + 4 + length]

    def _received(self) -> bytes:
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError("the server hung up")
        return data

    def close(self) -> None:
        """Disconnect."""
        with suppress(OSError):
            self.socket.close()
