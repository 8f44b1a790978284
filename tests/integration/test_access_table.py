"""Every URL stands in the one access table, and every URL × every role does what the table says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, path, reverse
from tests.city import City, join, make_city, newcomer

from xiepai.bookings.services import feeds
from xiepai.config import access
from xiepai.config.access import Audience
from xiepai.parties import invitations, notices, tokens
from xiepai.parties.models import Membership, Role

pytestmark = pytest.mark.django_db

NOTHING = 10**9  # an id no row has
SAMPLES: dict[str, Any] = {"secret": "x", "label": "parties.organisation", "key": "x", "uidb36": "1", "name": "a.jpg"}
SIGN_IN = "/accounts/login/?next="


def doors(resolver: Any = None, namespace: str = "") -> Iterator[tuple[str, list[str], list[str]]]:
    """Each URL of the installation: its view name, its namespaces, the names of what it takes."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            inner = ":".join(part for part in (namespace, pattern.namespace) if part)
            yield from doors(pattern, inner)
        elif isinstance(pattern, URLPattern):
            name = f"{namespace}:{pattern.name}" if namespace else str(pattern.name)
            taken = [*pattern.pattern.converters, *getattr(pattern.pattern, "regex", None).groupindex]
            yield name, namespace.split(":") if namespace else [], list(dict.fromkeys(taken))


DOORS = [(name, spaces, taken) for name, spaces, taken in doors() if not spaces or spaces[0] not in access.NAMESPACES]


def address(name: str, taken: list[str], **given: Any) -> str:
    return reverse(name, kwargs={each: given.get(each, SAMPLES.get(each, NOTHING)) for each in taken})


@pytest.fixture
def city() -> City:
    return make_city()


def test_every_url_stands_in_the_table_and_every_line_is_a_url() -> None:
    assert sorted({name for name, _spaces, _taken in DOORS}) == sorted(access.PAGES)
    spaces = {namespaces[0] for _name, namespaces, _taken in doors() if namespaces}
    assert set(access.NAMESPACES) <= spaces


def test_a_get_that_may_write_says_why() -> None:
    reasons = {name for name, rule in access.PAGES.items() if rule.writes_on_get}
    allauths = {"account_confirm_email", "mfa_view_recovery_codes", "mfa_download_recovery_codes"}
    assert reasons == {*allauths, *(name for name in access.PAGES if name.endswith("_callback"))}


@pytest.mark.parametrize("role", [None, *Role])
def test_every_door_opens_to_whom_the_table_says(city: City, role: Role | None) -> None:
    actor = city.actor(role) if role else None
    for name, _spaces, taken in DOORS:
        client = Client()
        if role:
            client.force_login(city.people[role])
        answer = client.get(address(name, taken))
        rule = access.PAGES[name]
        if actor is None:
            asked_to_sign_in = answer.status_code == 302 and answer["Location"].startswith(SIGN_IN)
            assert asked_to_sign_in == (rule.audience is not Audience.EVERYONE), name
        elif rule.admits(actor):
            assert answer.status_code not in {403, 500}, name
        else:
            assert answer.status_code == 403, name
            page = answer.content.decode()
            assert all(str(Role(needed).label) in page for needed in rule.roles), name


def test_a_post_through_a_closed_door_is_refused_too(city: City) -> None:
    client = Client()
    client.force_login(city.people[Role.PRODUCER])
    before = city.crew.is_active
    answer = client.post(reverse("office:organisation_state", args=[city.crew.pk]), {"is_active": "0"})
    city.crew.refresh_from_db()
    assert (answer.status_code, city.crew.is_active) == (403, before)
    answer = Client().post(reverse("people:invite", args=[city.crew.pk]), {"email": "a@example.com"})
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/")


def unlisted(request: object) -> HttpResponse:
    raise AssertionError("nobody may come here")


urlpatterns = [*get_resolver().url_patterns, path("unlisted/", unlisted, name="unlisted")]


@pytest.mark.urls(__name__)
def test_a_view_without_a_line_is_refused_to_everyone(city: City) -> None:
    for role in (None, Role.ADMINISTRATOR):
        client = Client()
        if role:
            client.force_login(city.people[role])
        assert client.get("/unlisted/").status_code == 404


def test_a_person_without_a_role_opens_what_is_for_the_signed_in_only() -> None:
    client = Client()
    client.force_login(newcomer("new@example.com", "新人"))
    assert client.get(reverse("people:me")).status_code == 200
    assert client.get(reverse("office:organisations")).status_code == 403


def rows_of_the_other_crew(city: City) -> dict[str, list[tuple[str, dict[str, Any]]]]:
    """A row of the other crew for each URL that takes one."""
    theirs = join(newcomer("second@example.com", "乙"), city.other_crew, Role.SCHEDULER)
    from xiepai.parties.access import actor_of

    actor = actor_of(city.stranger)
    other = {"organisation_id": city.other_crew.pk}
    issued = invitations.invite(actor=actor, **other, email="g@example.com", role=Role.SCHEDULER)
    token = tokens.create_token(actor=actor, **other, name="t", roles=[Role.PRODUCER])
    history = [("parties.organisation", city.other_crew.pk), ("parties.person", city.stranger.pk)]
    feed, _secret = feeds.issue_feed(actor=actor, kind="person")
    hook = "https://oapi.dingtalk.com/robot/send?access_token=x"
    channel = notices.add_channel(actor=actor, **other, kind="dingtalk", url=hook)
    return {
        "people:calendar_revoke": [("post", {"feed_id": feed.pk})],
        "people:channels": [("get", other), ("post", other)],
        "people:channel": [("post", {"channel_id": channel.pk})],
        "people:feed": [("get", {"secret": "guessed"})],
        "people:organisation": [("get", other)],
        "people:organisation_edit": [("get", other), ("post", other)],
        "people:invite": [("post", other)],
        "people:token_create": [("post", other)],
        "people:member_role": [("post", {"membership_id": theirs.pk})],
        "people:member_remove": [("post", {"membership_id": theirs.pk})],
        "people:invitation_revoke": [("post", {"invitation_id": issued.invitation.pk})],
        "people:token_revoke": [("post", {"token_id": token.token.pk})],
        "people:history": [("get", {"label": label, "object_id": pk}) for label, pk in history],
    }


def test_a_row_of_another_organisation_is_not_found_and_nothing_changes(city: City) -> None:
    rows = rows_of_the_other_crew(city)
    assert set(rows) == {name for name, _spaces, taken in DOORS if name.startswith("people:") and taken}
    form = {"email": "x@example.com", "role": "producer", "name": "占用", "roles": "producer"}
    before = list(Membership.objects.order_by("pk").values())
    client = Client()
    client.force_login(city.people[Role.PRODUCER])
    for name, attempts in rows.items():
        for method, kwargs in attempts:
            answer = getattr(client, method)(reverse(name, kwargs=kwargs), form)
            assert answer.status_code == 404, name
            assert city.other_crew.name not in answer.content.decode()
            missing = getattr(client, method)(
                reverse(name, kwargs={key: NOTHING if isinstance(v, int) else v for key, v in kwargs.items()}), form
            )
            assert missing.status_code == 404, name
    assert list(Membership.objects.order_by("pk").values()) == before
