"""When applications are taken: windows moved on their page, and refused where what came in would stand outside."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from tests.grants import NOW
from tests.review import Review, hand_in, make_review

from xiepai.grants.models import Application, Window
from xiepai.grants.services import windows
from xiepai.kernel import clock
from xiepai.kernel.clock import CITY_ZONE
from xiepai.kernel.errors import XiepaiError
from xiepai.kernel.models import AuditEntry

pytestmark = pytest.mark.django_db
OPENS, CLOSES = datetime(2026, 11, 1, 9, tzinfo=CITY_ZONE), datetime(2026, 12, 31, 20, tzinfo=CITY_ZONE)


@pytest.fixture
def review() -> Iterator[Review]:
    with clock.frozen(NOW):
        yield make_review()


def a_window(review: Review, **fields: object) -> Window:
    values = {"opens_at": OPENS, "closes_at": CLOSES, "note": "上半年", "note_en": "First half", **fields}
    return windows.set_window(actor=review.actor("officer"), programme_id=review.programme.pk, **values)  # type: ignore[arg-type]


def submit(review: Review, at: datetime, measure: str = "script") -> Application:
    with clock.frozen(at):
        return hand_in(review.version, review.company, measure)


def officer(review: Review, english: bool = False) -> Client:
    client = Client(headers={"accept-language": "en"}) if english else Client()
    client.force_login(review.people["officer"])
    return client


def post(review: Review, **given: object) -> str:
    answer = officer(review).post(
        reverse("office:grant_programme_deed", args=[review.programme.pk]), given, follow=True
    )
    return answer.content.decode()


def test_a_window_is_edited_on_its_page_with_its_hours(review: Review) -> None:
    window = a_window(review)
    page = officer(review).get(reverse("office:grant_programme", args=[review.programme.pk])).content.decode()
    for stands in ('value="2026-11-01"', 'value="09:00"', 'value="2026-12-31"', 'value="20:00"', 'value="First half"'):
        assert stands in page
    given = {"deed": "window", "window": window.pk, "opens": "2026-11-02", "opens_time": "08:30", "note": "改期"}
    page = post(review, **given, closes="2027-01-10", closes_time="12:00", measure=["script"])
    window.refresh_from_db()
    assert clock.local(window.opens_at).strftime("%m-%d %H:%M") == "11-02 08:30"
    assert clock.local(window.closes_at).strftime("%m-%d %H:%M") == "01-10 12:00"
    assert (window.measures, window.note, window.note_en) == (["script"], "改期", "")
    entry = AuditEntry.objects.filter(event="grants.window.set", object_id=window.pk).latest("id")
    assert ((entry.before or {})["note"], (entry.after or {})["note"]) == ("上半年", "改期")
    assert "已保存" in page
    assert Window.objects.count() == 1


def test_what_came_in_keeps_its_window(review: Review) -> None:
    window, at = a_window(review), datetime(2026, 11, 20, 15, tzinfo=CITY_ZONE)
    row = submit(review, at)
    hurting: list[dict[str, object]] = [
        {"closes_at": at},
        {"opens_at": at + timedelta(minutes=1)},
        {"measures": ["chain"]},
    ]
    for change in hurting:
        with pytest.raises(XiepaiError, match=row.number):
            a_window(review, window_id=window.pk, **change)
    with pytest.raises(XiepaiError, match=row.number):
        windows.remove_window(
            actor=review.actor("officer"), programme_id=review.programme.pk, window_id=window.pk
        )  # fmt: skip
    window.refresh_from_db()
    assert (window.opens_at, window.closes_at, window.measures) == (OPENS, CLOSES, [])
    moved = a_window(review, window_id=window.pk, closes_at=at + timedelta(minutes=1), measures=["script"])
    assert moved.closes_at == at + timedelta(minutes=1)


def test_another_window_that_holds_it_sets_the_first_free(review: Review) -> None:
    first, second = a_window(review), a_window(review, measures=["script", "chain"])
    submit(review, OPENS + timedelta(days=1))
    windows.remove_window(actor=review.actor("officer"), programme_id=review.programme.pk, window_id=first.pk)
    with pytest.raises(XiepaiError, match="1 件申报"):
        windows.remove_window(actor=review.actor("officer"), programme_id=review.programme.pk, window_id=second.pk)


def test_drafts_and_what_was_withdrawn_hold_nothing(review: Review) -> None:
    window = a_window(review)
    for state, origin in (("withdrawn", "company"), ("approved", "automatic")):
        row = submit(review, OPENS + timedelta(days=1))
        Application.objects.filter(pk=row.pk).update(state=state, origin=origin)
    moved = a_window(review, window_id=window.pk, opens_at=OPENS + timedelta(days=9))
    assert moved.opens_at == OPENS + timedelta(days=9)


def test_many_are_named_by_the_first_three(review: Review) -> None:
    window = a_window(review)
    rows = [submit(review, OPENS + timedelta(days=day)) for day in range(1, 6)]
    page = post(review, deed="window_remove", window=window.pk)
    assert "有 5 件申报" in page
    assert all((row.number in page) is (place < 3) for place, row in enumerate(rows))


def test_an_earlier_end_says_whom_it_leaves_less_time(review: Review) -> None:
    window = a_window(review)
    row = submit(review, OPENS + timedelta(days=1))
    given = {"deed": "window", "window": window.pk, "opens": "2026-11-01", "opens_time": "09:00"}
    assert "在填写中" not in post(review, **given, closes="2026-12-20", closes_time="20:00")
    Application.objects.filter(pk=row.pk).update(state="draft", submitted_at=None)
    assert "还有 1 件申报在填写中" in post(review, **given, closes="2026-12-18", closes_time="20:00")
    assert "请写起止日期" in post(review, **given, closes="2026-13-40", closes_time="20:00")


def test_an_english_page_says_what_it_has_in_english_and_marks_the_rest(review: Review) -> None:
    window = a_window(review)
    address = reverse("public:programmes")
    assert "First half" in Client(headers={"accept-language": "en"}).get(address).content.decode()
    assert "上半年" in Client(headers={"accept-language": "zh-hans"}).get(address).content.decode()
    a_window(review, window_id=window.pk, note_en="")
    page = Client(headers={"accept-language": "en"}).get(address).content.decode()
    assert '<span class="only-zh" lang="zh-Hans">上半年</span>' in page
