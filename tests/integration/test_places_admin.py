"""The admin pages of places: superusers only, the same walls, the same trail."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import path
from tests.factories import make_organisation, make_person, make_place, make_words

from xiepai.kernel.models import AuditEntry
from xiepai.parties.models import Person
from xiepai.places.models import Blocking, Place, Tariff, Term

urlpatterns = [path("admin/", admin.site.urls)]
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@pytest.fixture(autouse=True)
def _only_what_the_admin_needs(settings) -> None:
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name.startswith("django.")]


@pytest.fixture
def superuser(client: Client) -> Client:
    client.force_login(
        Person.objects.create_superuser("root@example.org", None, name="总管"),
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )
    return client


@pytest.fixture
def place() -> Place:
    return make_place(make_organisation("base"))


def form_of(client: Client, url: str) -> dict[str, object]:
    form = client.get(url).context["adminform"].form
    values = {name: form[name].value() for name in form.fields}
    plain = {
        name: ",".join(v) if isinstance(v, list) else v
        for name, v in values.items()
        if v is not None and v is not False
    }
    return {name: "on" if value is True else value for name, value in plain.items()}


def test_superusers_look_at_everything(superuser, place) -> None:
    for model in (Place, Term, Tariff, Blocking):
        name = model._meta.model_name
        assert superuser.get(f"/admin/places/{name}/").status_code == 200
    for name in ("openingrule", "closedday", "photo", "contact"):
        assert superuser.get(f"/admin/places/{name}/").status_code == 200
    assert superuser.get(f"/admin/places/place/?q={place.code}").context["cl"].result_count == 1


def test_nobody_else(client, place) -> None:
    person = make_person("administrator")[0]
    person.is_staff = True
    person.save()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    for page in ("", f"{place.pk}/change/"):  # the site asks for another account; our middleware says 403 before
        assert client.get(f"/admin/places/place/{page}")["Location"].startswith("/admin/login/")


def test_a_mended_place_leaves_a_trail_and_is_found(superuser, place) -> None:
    url = f"/admin/places/place/{place.pk}/change/"
    answer = superuser.post(url, {**form_of(superuser, url), "name": "派出所"})
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    place.refresh_from_db()
    assert (place.name, "派出" in place.search_text) == ("派出所", True)
    entry = AuditEntry.objects.filter(object_type="places.place").latest("id")
    assert (entry.event, entry.actor_name, entry.after) == ("places.place.updated", "总管", {"name": "派出所"})


def test_what_the_services_refuse_is_shown_by_field(superuser, place) -> None:
    url = f"/admin/places/place/{place.pk}/change/"
    answer = superuser.post(url, {**form_of(superuser, url), "categories": "castle", "people_max": "-1"})
    assert answer.status_code == 200
    assert set(answer.context["adminform"].form.errors) == {"categories", "people_max"}
    place.refresh_from_db()
    assert place.categories == ["office"]


def test_nothing_is_added_or_deleted(superuser, place) -> None:
    assert superuser.get("/admin/places/place/add/").status_code == 403
    assert superuser.post(f"/admin/places/place/{place.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Place.objects.filter(pk=place.pk).exists()


def test_words_are_added_and_retired_by_the_services(superuser) -> None:
    make_words()
    word = {"vocabulary": "category", "code": "ward", "zh": "病房", "en": "Ward", "position": "5"}
    assert superuser.post("/admin/places/term/add/", word).status_code == 302
    term = Term.objects.get(code="ward")
    change = {"zh": "住院部", "en": "Ward", "position": "5"}
    assert superuser.post(f"/admin/places/term/{term.pk}/change/", change).status_code == 302
    term.refresh_from_db()
    assert (term.zh, term.is_active) == ("住院部", False)
    refused = superuser.post("/admin/places/term/add/", {**word, "code": "ward-2", "zh": "办公室"}, follow=True)
    assert "已经指别的词" in refused.content.decode()
    assert not Term.objects.filter(code="ward-2").exists()
