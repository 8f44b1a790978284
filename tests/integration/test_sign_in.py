"""Signing in and up, invitations and tokens over HTTP; what of it is written down, and what is throttled."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from tests.city import PASSWORD, City, make_city, newcomer

from xiepai.kernel.models import AuditEntry
from xiepai.parties import selectors, tokens
from xiepai.parties.access import actor_of
from xiepai.parties.limits import LIMITS
from xiepai.parties.models import ApiToken, Membership, Organisation, Person, Role

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"


@pytest.fixture(autouse=True)
def _fresh_counts(settings: Any) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()


@pytest.fixture
def city() -> City:
    return make_city()


def text(answer: Any) -> str:
    return str(answer.content.decode())


def events_of(person: Person) -> list[str]:
    return list(
        AuditEntry.objects.filter(object_type="parties.person", object_id=person.pk)
        .order_by("id")
        .values_list("event", flat=True)
    )


def sign_in(client: Client, email: str, password: str = PASSWORD) -> Any:
    return client.post(LOGIN, {"login": email, "password": password})


# ---- password


def test_signing_in_and_out_is_written_down(city: City) -> None:
    client, person = Client(), city.people[Role.PRODUCER]
    assert sign_in(client, "Producer@Example.com").status_code == 302
    assert client.get(reverse("people:me")).status_code == 200
    client.post("/accounts/logout/")
    assert client.get(reverse("people:me")).status_code == 302
    assert events_of(person) == ["parties.sign_in.succeeded", "parties.sign_in.ended"]
    assert AuditEntry.objects.get(event="parties.sign_in.succeeded").after == {"method": "password"}


def test_a_wrong_password_is_written_down_and_an_unknown_address_leaves_no_row(city: City) -> None:
    before = AuditEntry.objects.count()
    wrong = text(sign_in(Client(), "producer@example.com", "wrong"))
    unknown = text(sign_in(Client(), "nobody@example.com", "wrong"))
    assert "密码不正确" in wrong
    assert "密码不正确" in unknown
    assert AuditEntry.objects.count() == before + 1
    assert events_of(city.people[Role.PRODUCER]) == ["parties.sign_in.failed"]


def test_guessing_is_throttled_for_an_address_whatever_the_process(city: City) -> None:
    for _ in range(LIMITS["sign_in_as"].calls):
        cache.clear()  # as if each guess met another process with a memory of its own
        sign_in(Client(), "producer@example.com", "wrong")
    cache.clear()
    answer = sign_in(Client(), "producer@example.com")
    assert answer.status_code == 200
    assert "太频繁" in text(answer)
    assert len(events_of(city.people[Role.PRODUCER])) == LIMITS["sign_in_as"].calls


def test_somebody_who_may_not_sign_in_does_not(city: City) -> None:
    person = city.people[Role.PRODUCER]
    person.is_active = False
    person.save()
    client = Client()
    sign_in(client, person.email)
    assert client.get(reverse("people:me")).status_code == 302


# ---- sign-up


def form_of_a_crew(**changes: str) -> dict[str, str]:
    return {
        "name": "李制片",
        "organisation": "云上剧组",
        "uscc": "9111 0000 6000 3734 1L",
        "email": "li@example.com",
        "password1": PASSWORD,
        "password2": PASSWORD,
        **changes,
    }


def test_a_crew_signs_up_and_its_person_produces() -> None:
    client = Client()
    assert client.post("/accounts/signup/", form_of_a_crew()).status_code == 302
    person = Person.objects.get(email="li@example.com")
    crew = Organisation.objects.get(name="云上剧组")
    assert (person.name, crew.kind, crew.uscc, crew.uscc_warning) == ("李制片", "crew", "91110000600037341L", "")
    assert actor_of(person).grants == {(crew.pk, "producer")}
    assert client.get(reverse("people:organisation", args=[crew.pk])).status_code == 200
    assert {"parties.person.created", "parties.sign_in.succeeded"} <= set(events_of(person))
    assert "请打开下面的链接验证" in mail.outbox[0].body


def test_a_sign_up_with_a_taken_name_makes_nobody(city: City) -> None:
    answer = Client().post("/accounts/signup/", form_of_a_crew(organisation=" 晨光剧组 "))
    assert "已有同名机构" in text(answer)
    assert not Person.objects.filter(email="li@example.com").exists()


def test_a_weak_password_is_refused() -> None:
    answer = Client().post("/accounts/signup/", form_of_a_crew(password1="12345678", password2="12345678"))
    assert answer.status_code == 200
    assert not Person.objects.exists()


def test_signing_up_with_a_known_address_makes_nothing(city: City) -> None:
    answer = Client().post("/accounts/signup/", form_of_a_crew(email="Producer@example.com"))
    assert "已被其他用户注册" in text(answer)
    assert not Organisation.objects.filter(name="云上剧组").exists()


# ---- forgotten password


def test_a_forgotten_password_is_set_anew(city: City) -> None:
    client = Client()
    client.post("/accounts/password/reset/", {"email": "producer@example.com"})
    found = re.search(r"https?://\S+", mail.outbox[0].body)
    assert found
    page = client.get(urlsplit(found[0]).path, follow=True)
    assert "设新密码" in text(page)
    client.post(page.request["PATH_INFO"], {"password1": "far-moon-43-west", "password2": "far-moon-43-west"})
    assert sign_in(Client(), "producer@example.com", "far-moon-43-west").status_code == 302
    assert "parties.password.reset" in events_of(city.people[Role.PRODUCER])
    answer = Client().post("/accounts/password/reset/", {"email": "nobody@example.com"})
    assert answer["Location"] == "/accounts/password/reset/done/"
    assert len([letter for letter in mail.outbox if "nobody" in letter.to[0]]) == 0


# ---- second factor


def code_of(secret: str) -> str:
    counter = next(iter(yield_hotp_counters_from_time()))
    return format_hotp_value(hotp_value(secret, counter))


def test_a_second_factor_is_asked_for(city: City) -> None:
    person = city.people[Role.OFFICER]
    TOTP.activate(person, "JBSWY3DPEHPK3PXP")
    codes = RecoveryCodes.activate(person)
    client = Client()
    assert sign_in(client, person.email)["Location"].startswith("/accounts/2fa/authenticate/")
    assert client.get(reverse("people:me")).status_code == 302
    assert "两步验证" in text(client.get("/accounts/2fa/authenticate/"))
    assert client.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200
    assert client.post("/accounts/2fa/authenticate/", {"code": code_of("JBSWY3DPEHPK3PXP")}).status_code == 302
    assert client.get(reverse("people:me")).status_code == 200
    assert events_of(person) == ["parties.sign_in.failed", "parties.sign_in.succeeded"]
    assert AuditEntry.objects.latest("id").after == {"method": "password + totp"}
    other = Client()
    sign_in(other, person.email)
    other.post("/accounts/2fa/authenticate/", {"code": codes.get_unused_codes()[0]})
    assert other.get(reverse("people:me")).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_second_factor_is_switched_on_and_off_in_the_browser() -> None:
    city = make_city()
    client, person = Client(), city.people[Role.OFFICER]
    sign_in(client, person.email)
    asked = client.get("/accounts/2fa/totp/activate/")
    assert asked["Location"].startswith("/accounts/reauthenticate/")
    assert "请再确认一次身份" in text(client.get(asked["Location"]))
    page = text(client.post(asked["Location"], {"password": PASSWORD}, follow=True))
    secret = re.search(r'id="totp-secret">(\w+)<', page)
    assert secret
    answer = client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret[1])}, follow=True)
    assert "恢复码" in text(answer)
    assert Authenticator.objects.filter(user=person).count() == 2
    assert "parties.second_factor.added" in events_of(person)
    for page_of_codes in ("/accounts/2fa/", "/accounts/2fa/recovery-codes/", "/accounts/2fa/recovery-codes/generate/"):
        assert client.get(page_of_codes).status_code == 200
    assert len(client.get("/accounts/2fa/recovery-codes/download/").content.split()) == 10
    client.post("/accounts/2fa/totp/deactivate/")
    assert not Authenticator.objects.filter(user=person).exists()
    assert "两步验证已停用" in {letter.subject.removeprefix("[协拍] ") for letter in mail.outbox}


def test_an_unconfirmed_address_gets_no_second_factor() -> None:
    person = newcomer("new@example.com", "新人")
    EmailAddress.objects.update(verified=False)
    client = Client()
    sign_in(client, person.email)
    assert client.get("/accounts/2fa/totp/activate/")["Location"] == "/accounts/2fa/"


# ---- invitations and tokens


def test_an_invitation_over_http(city: City) -> None:
    client = Client()
    client.force_login(city.people[Role.PRODUCER])
    answer = client.post(reverse("people:invite", args=[city.crew.pk]), {"email": "g@example.com", "role": "scheduler"})
    link = re.search(r'id="fresh-link">(\S+?)<', text(answer))
    assert link
    assert link[1] in mail.outbox[0].body
    assert mail.outbox[0].to == ["g@example.com"]
    address = urlsplit(link[1]).path
    guest = Client()
    assert "晨光剧组" in text(guest.get(address))
    weak = guest.post(address, {"join": "1", "name": "客人", "password": "123"})
    assert "密码" in text(weak)
    assert guest.post(address, {"join": "1", "name": "客人", "password": PASSWORD}).status_code == 302
    assert "晨光剧组" in text(guest.get("/"))
    assert EmailAddress.objects.get(email="g@example.com").verified
    assert guest.get(address).status_code == 422
    assert "邀请无效" in text(guest.get(address))


def test_somebody_signed_in_accepts(city: City) -> None:
    client, guest = Client(), Client()
    client.force_login(city.people[Role.PRODUCER])
    guest.force_login(city.stranger)
    data = {"email": city.stranger.email, "role": "scheduler"}
    answer = client.post(reverse("people:invite", args=[city.crew.pk]), data)
    link = re.search(r'id="fresh-link">(\S+?)<', text(answer))
    assert link
    address = urlsplit(link[1]).path
    assert "登录" in text(Client().get(address))
    assert guest.post(address, {"accept": "1"})["Location"] == reverse("people:organisation", args=[city.crew.pk])


def test_an_invitation_is_accepted_by_nobody_without_signing_in(city: City) -> None:
    client = Client()
    client.force_login(city.people[Role.PRODUCER])
    answer = client.post(reverse("people:invite", args=[city.crew.pk]), {"email": "g@example.com", "role": "scheduler"})
    link = re.search(r'id="fresh-link">(\S+?)<', text(answer))
    assert link
    before = Membership.objects.count()
    assert Client().post(urlsplit(link[1]).path, {"accept": "1"}).status_code == 401
    assert Membership.objects.count() == before


def test_a_token_is_shown_once(city: City) -> None:
    client = Client()
    client.force_login(city.people[Role.PRODUCER])
    form = {"name": "排期软件", "roles": ["producer"], "days": "30"}
    page = text(client.post(reverse("people:token_create", args=[city.crew.pk]), form))
    secret = re.search(r'id="fresh-token">(xp_\S+?)<', page)
    assert secret
    assert tokens.authenticate_token(secret[1]).holds("producer", organisation_id=city.crew.pk)
    assert secret[1] not in text(client.get(reverse("people:organisation", args=[city.crew.pk])))
    token = ApiToken.objects.get()
    client.post(reverse("people:token_revoke", args=[token.pk]))
    assert "已撤销" in text(client.get(reverse("people:organisation", args=[city.crew.pk])))
    beyond = client.post(reverse("people:token_create", args=[city.crew.pk]), {**form, "roles": ["officer"]})
    assert beyond.status_code == 422


def test_the_open_invitations_are_listed_and_taken_back(city: City) -> None:
    client = Client()
    client.force_login(city.people[Role.PRODUCER])
    client.post(reverse("people:invite", args=[city.crew.pk]), {"email": "g@example.com", "role": "scheduler"})
    invitation = selectors.open_invitations(actor_of(city.people[Role.PRODUCER]), city.crew.pk).get()
    client.post(reverse("people:invitation_revoke", args=[invitation.pk]))
    assert "g@example.com" not in text(client.get(reverse("people:organisation", args=[city.crew.pk])))


def test_roles_are_changed_and_members_removed_on_the_page(city: City) -> None:
    client = Client()
    client.force_login(city.people[Role.PRODUCER])
    scheduler = Membership.objects.get(person=city.people[Role.SCHEDULER])
    producer = Membership.objects.get(person=city.people[Role.PRODUCER])
    answer = client.post(reverse("people:member_remove", args=[producer.pk]), follow=True)
    assert "至少要留一名管理员" in text(answer)
    client.post(reverse("people:member_role", args=[scheduler.pk]), {"role": "producer"})
    scheduler.refresh_from_db()
    assert scheduler.role == "producer"
    client.post(reverse("people:member_remove", args=[scheduler.pk]))
    assert not Membership.objects.filter(pk=scheduler.pk).exists()
