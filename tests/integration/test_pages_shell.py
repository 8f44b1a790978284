"""What holds for every page: headers, language, theme, errors, navigation; and the pages of people and office."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import get_resolver, path, reverse
from tests.city import City, make_city
from tests.factories import make_place

from xiepai.config import access
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.kernel.models import AuditEntry
from xiepai.parties import services
from xiepai.parties.models import Organisation, Role
from xiepai.places.models import Photo, Place, Visibility

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> City:
    return make_city()


def signed_in(city: City, role: str) -> Client:
    client = Client()
    client.force_login(city.people[role])
    return client


def text(answer: Any) -> str:
    return str(answer.content.decode())


# ---- frame


def test_headers_let_nothing_inline_run() -> None:
    answer = Client().get("/")
    policy = dict(part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "camera=()" in answer["Permissions-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert len(answer["X-Request-ID"]) == 32


@pytest.mark.parametrize("address", ["/", "/style/", "/accounts/login/", "/accounts/signup/", "/nowhere/"])
def test_pages_carry_no_inline_script_or_style(address: str) -> None:
    page = text(Client().get(address))
    assert " style=" not in page
    assert "<style" not in page
    assert page.count("<script") == page.count("<script src=")
    assert "onclick=" not in page
    assert '"allowEval":false' in page


def test_the_request_number_is_in_the_trail(city: City) -> None:
    answer = signed_in(city, Role.PRODUCER).post(reverse("people:me"), {"name": "王制片", "phone": ""})
    entry = AuditEntry.objects.latest("id")
    assert (entry.event, entry.request_id, entry.source) == ("parties.person.updated", answer["X-Request-ID"], "web")


def test_chinese_first_english_on_demand() -> None:
    client = Client()
    assert '<html lang="zh-Hans"' in text(client.get("/", headers={"accept-language": "de"}))
    answer = client.post(reverse("set_language"), {"language": "en", "next": "/style/"})
    assert answer["Location"] == "/style/"
    assert '<html lang="en"' in text(client.get("/"))
    client.post(reverse("set_language"), {"language": "zh-hans"})
    assert '<html lang="zh-Hans"' in text(client.get("/"))


def test_the_theme_is_a_cookie_and_leads_back_to_our_own_pages_only() -> None:
    client = Client()
    assert 'data-theme="system"' in text(client.get("/"))
    answer = client.post(reverse("public:theme"), {"theme": "dark", "next": "https://elsewhere.example/"})
    assert answer["Location"] == "/"
    assert 'data-theme="dark"' in text(client.get("/"))
    client.post(reverse("public:theme"), {"theme": "purple", "next": "/style/"})
    assert 'data-theme="dark"' in text(client.get("/"))


def test_the_header_shows_each_role_its_own_pages(city: City) -> None:
    assert reverse("office:organisations") in text(signed_in(city, Role.OFFICER).get("/"))
    assert reverse("office:organisations") not in text(signed_in(city, Role.PRODUCER).get("/"))
    assert reverse("people:organisations") not in text(Client().get("/"))


def test_service_pages() -> None:
    client = Client()
    assert client.get("/healthz").content == b"ok\n"
    assert b"Disallow: /office/" in client.get("/robots.txt").content
    assert client.get("/favicon.ico")["Content-Type"] == "image/svg+xml"


# ---- errors


def fails(request: HttpRequest, how: str) -> HttpResponse:
    if how == "fault":
        raise RuntimeError("a secret detail")
    if how == "busy":
        raise OperationalError("canceling statement due to lock timeout")
    raise XiepaiError(ErrorCode(how), place="三号棚", period="8:00–9:00", needed="制片", seconds=30, detail="日期")


urlpatterns = [*get_resolver().url_patterns, path("fails/<str:how>/", fails, name="fails")]
handler404 = "xiepai.web.errors.not_found"
handler500 = "xiepai.web.errors.server_error"


@pytest.mark.urls(__name__)
@pytest.mark.parametrize(
    ("how", "status", "words"),
    [
        ("slot_taken", 409, "“三号棚”在 8:00–9:00 已被占用"),
        ("forbidden", 403, "制片"),
        ("not_found", 404, "没有找到这个页面"),
        ("invalid", 422, "日期"),
        ("rate_limited", 429, "30 秒"),
        ("busy", 503, "什么都没有改动"),
        ("fault", 500, "我们已记下这个错误"),
    ],
)
def test_a_refusal_is_a_page(monkeypatch: pytest.MonkeyPatch, how: str, status: int, words: str) -> None:
    monkeypatch.setitem(access.PAGES, "fails", access.PUBLIC)
    client = Client(raise_request_exception=False)
    for answer in (client.get(f"/fails/{how}/"), client.post(f"/fails/{how}/")):
        assert answer.status_code == status
        assert words in text(answer)
        assert answer["X-Request-ID"] in text(answer)
        assert "secret detail" not in text(answer)
    assert answer.get("Retry-After") == {429: "30", 503: "5"}.get(status)


@pytest.mark.urls(__name__)
def test_htmx_gets_a_fragment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(access.PAGES, "fails", access.PUBLIC)
    answer = Client().get("/fails/slot_taken/", headers={"HX-Request": "true"})
    assert answer.status_code == 409
    assert "<html" not in text(answer)
    assert 'role="alert"' in text(answer)


def test_htmx_is_led_to_sign_in() -> None:
    url = "http://testserver/organisations/"
    answer = Client().get("/organisations/", headers={"HX-Request": "true", "HX-Current-URL": url})
    assert answer.status_code == 401
    assert answer["HX-Redirect"] == "/accounts/login/?next=%2Forganisations%2F"


def test_a_form_from_elsewhere_is_refused_with_a_page() -> None:
    answer = Client(enforce_csrf_checks=True).post(reverse("public:theme"), {"theme": "dark"})
    assert answer.status_code == 403
    assert "表单已失效" in text(answer)


def test_a_foreign_host_gets_a_page_without_a_frame() -> None:
    answer = Client().get("/", headers={"host": "elsewhere.example"})
    assert answer.status_code == 400
    assert "请求有误" in text(answer)


# ---- pictures


def picture(place: Place, name: str, content: bytes = b"\x89PNG") -> str:
    stored = default_storage.save(name, ContentFile(content))
    Photo.objects.create(place=place, image=stored, thumbnail=stored, width=1, height=1, sha256=stored)
    return stored


def test_a_picture_is_served_as_an_image_and_nothing_else(city: City, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    place = make_place(city.base)
    answer = Client().get(f"/media/{picture(place, 'places/a.png')}")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer.getvalue() == b"\x89PNG"
    assert Client().get(f"/media/{picture(place, 'places/a.html')}").status_code == 404
    assert Client().get(f"/media/{picture(place, 'places/a.svg')}").status_code == 404
    default_storage.save("places/nobodys.png", ContentFile(b"\x89PNG"))
    assert Client().get("/media/places/nobodys.png").status_code == 404
    for path_out in ("../secret_key", "places/../../secret_key", "%2e%2e/secret_key"):
        assert Client().get(f"/media/{path_out}").status_code == 404


def test_a_picture_of_a_hidden_place_is_not_found(city: City, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    stored = picture(make_place(city.base, visibility=Visibility.PRIVATE), "places/hidden.png")
    assert Client().get(f"/media/{stored}").status_code == 404
    assert signed_in(city, Role.PRODUCER).get(f"/media/{stored}").status_code == 404
    assert signed_in(city, Role.KEEPER).get(f"/media/{stored}").getvalue() == b"\x89PNG"


# ---- first page


def test_the_first_page_counts_what_the_reader_can_find(city: City) -> None:
    make_place(city.base)
    make_place(city.base, visibility=Visibility.PRIVATE)
    page = text(Client().get("/"))
    assert '<span class="figure">1</span> 个可拍的场景' in page
    assert "剧组登记" in page


def test_the_first_page_tells_members_what_to_do(city: City) -> None:
    assert "个预留待确认" in text(signed_in(city, Role.PRODUCER).get("/"))
    assert "个申请等您审批" in text(signed_in(city, Role.KEEPER).get("/"))
    assert "个申请等您审批" not in text(signed_in(city, Role.FINANCE).get("/"))


# ---- organisations


def test_a_member_sees_people_and_a_manager_may_change_them(city: City) -> None:
    address = reverse("people:organisation", args=[city.crew.pk])
    assert "发出邀请" in text(signed_in(city, Role.PRODUCER).get(address))
    scheduler = text(signed_in(city, Role.SCHEDULER).get(address))
    assert "producer@example.com" in scheduler
    assert "发出邀请" not in scheduler
    assert "停用这个机构" in text(signed_in(city, Role.ADMINISTRATOR).get(address))


def test_a_taken_name_is_explained_on_the_form(city: City) -> None:
    address = reverse("people:organisation_edit", args=[city.crew.pk])
    answer = signed_in(city, Role.PRODUCER).post(address, {"name": city.other_crew.name})
    assert "已有同名机构" in text(answer)
    city.crew.refresh_from_db()
    assert city.crew.name == "晨光剧组"


def test_a_doubtful_registration_number_is_kept_with_a_warning(city: City) -> None:
    client = signed_in(city, Role.PRODUCER)
    address = reverse("people:organisation_edit", args=[city.crew.pk])
    answer = client.post(address, {"name": city.crew.name, "uscc": "123"}, follow=True)
    assert "应为 18 位" in text(answer)
    city.crew.refresh_from_db()
    assert city.crew.uscc == "123"


def test_the_office_exports_what_it_filtered(city: City) -> None:
    services.sign_up_crew(person=city.stranger, name="=HYPERLINK(1)剧组")
    client = signed_in(city, Role.FINANCE)
    answer = client.get(reverse("office:organisations_csv"), {"q": "剧组", "sort": "name"})
    content = answer.getvalue().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content)))
    assert {row["名称"] for row in rows} == {"晨光剧组", "星河剧组", "'=HYPERLINK(1)剧组"}
    assert next(row for row in rows if row["名称"] == "晨光剧组")["成员数"] == "2"


def test_the_office_lists_filters_and_sorts(city: City) -> None:
    client = signed_in(city, Role.OFFICER)
    page = text(client.get(reverse("office:organisations"), {"kind": "base"}))
    assert "西太湖样例基地" in page
    assert "晨光剧组" not in page
    assert 'aria-sort="descending"' in text(client.get(reverse("office:organisations"), {"sort": "-people"}))
    assert "没有符合条件的机构" in text(client.get(reverse("office:organisations"), {"q": "无此"}))


def test_the_office_founds_an_organisation(city: City) -> None:
    form = {"kind": "scenic", "name": "样例景区", "standing": "sample"}
    answer = signed_in(city, Role.OFFICER).post(reverse("office:organisation_new"), form)
    row = Organisation.objects.get(name="样例景区")
    assert answer["Location"] == reverse("people:organisation", args=[row.pk])


# ---- history


def test_a_history_reads_as_before_and_after(city: City) -> None:
    client = signed_in(city, Role.PRODUCER)
    client.post(reverse("people:organisation_edit", args=[city.crew.pk]), {"name": "晨光影业", "town": "西太湖"})
    page = text(client.get(reverse("people:history", args=["parties.organisation", city.crew.pk])))
    assert "<del>晨光剧组</del> <ins>晨光影业</ins>" in page
    assert "已改机构资料" in page
    assert "制片甲" in page
    assert "已加成员" in page  # of the members too


def test_a_history_of_an_unknown_kind_is_not_found(city: City) -> None:
    client = signed_in(city, Role.ADMINISTRATOR)
    for label in ("auth.user", "kernel.auditentry", "nothing", "parties.apitoken"):
        assert client.get(reverse("people:history", args=[label, 1])).status_code == 404


def test_only_oneself_and_administrators_read_a_persons_history(city: City) -> None:
    person = city.people[Role.PRODUCER]
    services.record_security_event(event="parties.sign_in.failed", person=person, method="password")
    address = reverse("people:history", args=["parties.person", person.pk])
    assert "登录失败" in text(signed_in(city, Role.PRODUCER).get(address))
    assert signed_in(city, Role.ADMINISTRATOR).get(address).status_code == 200
    assert signed_in(city, Role.OFFICER).get(address).status_code == 404


def test_the_keeper_reads_a_places_history_and_a_crew_does_not(city: City) -> None:
    place = make_place(city.base)
    address = reverse("people:history", args=["places.place", place.pk])
    assert signed_in(city, Role.KEEPER).get(address).status_code == 200
    assert signed_in(city, Role.LEADER).get(address).status_code == 200
    assert signed_in(city, Role.PRODUCER).get(address).status_code == 404
