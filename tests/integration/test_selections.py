"""Selections: filled, ordered, noted; shared by a secret address that can be closed; nobody else's; compare."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook
from tests.city import City, make_city
from tests.factories import make_place, make_tariff

from xiepai.kernel import clock
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.kernel.models import AuditEntry
from xiepai.parties.access import NOBODY
from xiepai.places import services
from xiepai.places.models import Place
from xiepai.places.models_selections import Selection, SelectionItem
from xiepai.places.selections import my_selection, my_selections, share_secret, shared_selection

pytestmark = pytest.mark.django_db
ROW = re.compile(r'<tr( class="differs")?><th scope="row">([^<]+)(?:<span.*?</span>)?</th>(.*?)</tr>', re.DOTALL)


@pytest.fixture
def city() -> City:
    return make_city()


@pytest.fixture
def places(city: City) -> list[Place]:
    return [make_place(city.base, name=name) for name in ("甲", "乙", "丙")]


def filled(city: City, places: list[Place]) -> Selection:
    actor = city.actor("producer")
    selection = services.create_selection(actor=actor, name="  第一轮 看景 ")
    for place in places:
        services.add_to_selection(actor=actor, selection_id=selection.pk, place_id=place.pk)
    return selection


def names(view: Any) -> list[str]:
    return [item.place.name for item in view.items]


def test_places_are_collected_once_ordered_noted_and_taken_out(city: City, places: list[Place]) -> None:
    actor, selection = city.actor("producer"), filled(city, places)
    assert selection.name == "第一轮 看景"
    services.add_to_selection(actor=actor, selection_id=selection.pk, place_id=places[0].pk)
    which: dict[str, Any] = {"actor": actor, "selection_id": selection.pk}
    services.move_in_selection(**which, place_id=places[2].pk, steps=-1)
    services.note_place(**which, place_id=places[2].pk, note="西窗光好")
    assert names(my_selection(actor, selection.pk)) == ["甲", "丙", "乙"]
    assert my_selection(actor, selection.pk).items[1].note == "西窗光好"
    services.move_in_selection(**which, place_id=places[2].pk, steps=99)
    services.remove_from_selection(**which, place_id=places[0].pk)
    assert names(my_selection(actor, selection.pk)) == ["乙", "丙"]
    trail = AuditEntry.objects.filter(object_type="places.selection").order_by("id")
    events = list(trail.values_list("event", flat=True))
    assert events == [
        "places.selection.created",
        *["places.selection.place_added"] * 3,
        "places.selection.reordered",
        "places.selection.noted",
        "places.selection.reordered",
        "places.selection.place_removed",
    ]


def test_another_persons_selection_is_not_found(city: City, places: list[Place]) -> None:
    selection = filled(city, places)
    for role in ("scheduler", "officer", "administrator"):
        with pytest.raises(XiepaiError) as refusal:
            my_selection(city.actor(role), selection.pk)
        assert refusal.value.code == ErrorCode.NOT_FOUND
        with pytest.raises(XiepaiError):
            services.share_selection(actor=city.actor(role), selection_id=selection.pk)
    with pytest.raises(XiepaiError) as refusal:
        services.create_selection(actor=NOBODY, name="x")
    assert refusal.value.code == ErrorCode.SIGN_IN_NEEDED
    assert not my_selections(NOBODY).exists()


def test_a_hidden_place_is_not_collected_and_only_counted_later(city: City, places: list[Place]) -> None:
    hidden = make_place(city.base, name="未公开", visibility="private")
    selection = filled(city, places)
    with pytest.raises(XiepaiError) as refusal:
        services.add_to_selection(actor=city.actor("producer"), selection_id=selection.pk, place_id=hidden.pk)
    assert refusal.value.code == ErrorCode.NOT_FOUND
    services.unpublish_place(actor=city.actor("keeper"), place_id=places[1].pk)
    view = my_selection(city.actor("producer"), selection.pk)
    assert (names(view), view.left_out) == (["甲", "丙"], 1)


@pytest.mark.parametrize("name", ["", "  ", "长" * 81])
def test_a_selection_needs_a_name_of_sensible_length(city: City, name: str) -> None:
    with pytest.raises(XiepaiError) as refusal:
        services.create_selection(actor=city.actor("producer"), name=name)
    assert refusal.value.code == ErrorCode.INVALID


def test_a_closed_address_never_opens_again(city: City, places: list[Place]) -> None:
    actor, selection = city.actor("producer"), filled(city, places)
    with pytest.raises(XiepaiError):
        shared_selection(NOBODY, share_secret(selection))
    shared = services.share_selection(actor=actor, selection_id=selection.pk)
    first = share_secret(shared)
    assert share_secret(services.share_selection(actor=actor, selection_id=selection.pk)) == first
    assert names(shared_selection(NOBODY, first)) == ["甲", "乙", "丙"]
    services.stop_sharing(actor=actor, selection_id=selection.pk)
    again = share_secret(services.share_selection(actor=actor, selection_id=selection.pk))
    assert again != first
    for wrong in (first, f"{selection.pk}-", f"{selection.pk + 1}-{again.split('-')[1]}", "x", "9" * 30, "²-a"):
        with pytest.raises(XiepaiError) as refusal:
            shared_selection(NOBODY, wrong)
        assert refusal.value.code == ErrorCode.NOT_FOUND
    city.people["producer"].is_active = False
    city.people["producer"].save()
    with pytest.raises(XiepaiError):
        shared_selection(NOBODY, again)


def test_over_http_from_a_place_to_a_shared_page(city: City, places: list[Place]) -> None:
    client = Client()
    client.force_login(city.people["producer"])
    answer = client.post(f"/selections/add/{places[0].pk}/", {"selection": "new", "name": "看景", "note": "先看"})
    selection = Selection.objects.get()
    assert answer.url == f"/selections/{selection.pk}/"
    client.post(f"/selections/add/{places[1].pk}/", {"selection": str(selection.pk)})
    change = f"/selections/{selection.pk}/change/"
    client.post(change, {"deed": "down", "place": places[0].pk})
    client.post(change, {"deed": "note", "place": places[1].pk, "note": "=1+1"})
    client.post(change, {"deed": "rename", "name": "第二轮", "note": "周五前定"})
    client.post(change, {"deed": "share"})
    selection.refresh_from_db()
    address = f"/s/{share_secret(selection)}/"
    assert address in client.get(f"/selections/{selection.pk}/").content.decode()
    stranger = Client()
    shared = stranger.get(address)
    page = shared.content.decode()
    assert page.index(">乙</a>") < page.index(">甲</a>")
    assert all(words in page for words in ("第二轮", "周五前定", "先看", "noindex"))
    assert "停止分享" not in page
    assert shared["Referrer-Policy"] == "same-origin"
    book = load_workbook(io.BytesIO(stranger.get(f"{address}selection.xlsx").content))
    rows = list(book.worksheets[0].iter_rows(min_row=2, values_only=True))
    assert [(row[2], row[13]) for row in rows] == [("乙", "=1+1"), ("甲", "先看")]
    assert book.worksheets[0].cell(2, 14).data_type == "s"
    assert Client().post(change, {"deed": "close"}).status_code == 302
    other = Client()
    other.force_login(city.people["scheduler"])
    assert other.post(change, {"deed": "close"}).status_code == 404
    assert stranger.get(address).status_code == 200
    client.post(change, {"deed": "close"})
    assert stranger.get(address).status_code == 404
    client.post(change, {"deed": "delete"})
    assert not Selection.objects.exists()
    assert not SelectionItem.objects.exists()


def test_compare_marks_what_differs_and_the_lowest_price(city: City) -> None:
    one = make_place(city.base, name="小间", people_max=10, latitude=31.7, longitude=119.9)
    two = make_place(city.base, name="大间", people_max=40, latitude=31.7, longitude=119.91, priced=False)
    make_tariff(two, hour_fen=20_000, day_fen=None)
    hidden = make_place(city.base, name="未公开", visibility="private")
    day = clock.today() + timedelta(days=3)
    query = f"place={one.pk}&place={two.pk}&place={hidden.pk}&day={day}&start=08:00&end=12:00"
    page = Client().get(f"/compare/?{query}").content.decode()
    assert "未公开" not in page
    rows = {label: (differs, cells) for differs, label, cells in ROW.findall(page)}
    differs, cells = rows["这些小时的价格"]
    first, second = cells.split("</td>")[:2]
    assert differs
    assert "4 小时 × ¥100 = ¥400" in first
    assert "最低" in first
    assert "4 小时 × ¥200 = ¥800" in second
    assert "最低" not in second
    assert rows["容纳人数"][0]
    assert not rows["内外景"][0]
    assert "大间 950 m" in rows["彼此距离（直线）"][1]
    assert "请选 2 到 6 处" in Client().get(f"/compare/?place={one.pk}").content.decode()
    assert "请选 2 到 6 处" in Client().get("/compare/?place=x&place=²").content.decode()
