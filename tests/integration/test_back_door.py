"""The admin site: superusers only, our sign-in, our models, nothing written past the services."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from tests.city import City, make_city

from xiepai.parties.models import Person, Role

pytestmark = pytest.mark.django_db
PAGES = ("", "kernel/auditentry/", "parties/person/", "parties/organisation/", "parties/membership/", "places/place/")


@pytest.fixture
def city() -> City:
    return make_city()


def test_no_role_of_the_city_opens_it(city: City) -> None:
    assert Client().get("/admin/")["Location"] == "/accounts/login/?next=%2Fadmin%2F"
    for role in (Role.ADMINISTRATOR, Role.PRODUCER):
        person = city.people[role]
        person.is_staff = True
        person.save()
        client = Client()
        client.force_login(person)
        assert {client.get(f"/admin/{page}").status_code for page in PAGES} == {403}


def test_a_superuser_looks_and_changes_nothing_here(city: City) -> None:
    client = Client()
    client.force_login(Person.objects.create_superuser("root@example.com", None, name="总管"))
    for page in PAGES:
        assert client.get(f"/admin/{page}").status_code == 200, page
    person = reverse("admin:parties_person_change", args=[city.stranger.pk])
    assert city.stranger.password not in client.get(person).content.decode()
    assert client.post(person, {"name": "改名"}).status_code == 403
    assert client.get("/admin/login/").status_code == 302
    assert client.get("/admin/password_change/")["Location"] == reverse("account_change_password")


def test_a_superuser_is_nobody_in_the_city(city: City) -> None:
    client = Client()
    client.force_login(Person.objects.create_superuser("root@example.com", None, name="总管"))
    assert client.get(reverse("office:organisations")).status_code == 403
    assert client.get(reverse("people:organisation", args=[city.crew.pk])).status_code == 404


def test_packages_show_nothing_there() -> None:
    assert {model.__module__.split(".")[0] for model in admin.site._registry} == {"xiepai"}
