"""Scripts through their services: read, looked through, taken over, a new draft merged without losing a hand's work."""

from __future__ import annotations

from typing import Any

import pytest
from tests.productions import Company, make_company, make_work

from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.kernel.models import AuditEntry
from xiepai.productions.models import Work
from xiepai.shoots.models import CastRole, RoleKind, Scene, Script, ScriptState, StoryPlace, TimeOfDay
from xiepai.shoots.services import scripts

pytestmark = pytest.mark.django_db

FIRST = """第一集
1-1 日 内 沈家-客厅
人物：林晚、许舟
△林晚推门进来，手里拿着一封信。
林晚：我回来了。
许舟（不看她）：放下吧。
1-2 夜 外 湖边栈道
人物：林晚、邮差
△风很大，林晚等着。
1-3 日 内 沈家客厅
人物：晚晚
△林晚独自坐着。
"""


@pytest.fixture
def company() -> Company:
    return make_company()


@pytest.fixture
def work(company: Company) -> Work:
    return make_work(company)


def imported(company: Company, work: Work, text: str = FIRST, name: str = "湖畔来信.txt") -> Script:
    return scripts.import_script(actor=company.scheduler, work_id=work.pk, data=text.encode(), file_name=name)


def test_a_script_waits_for_review_and_changes_nothing_yet(company: Company, work: Work) -> None:
    script = imported(company, work)
    assert (script.state, script.version, script.title) == (ScriptState.REVIEW, 1, "湖畔来信")
    assert script.changes["new"] == ["1-1", "1-2", "1-3"]
    assert not Scene.objects.exists()
    assert imported(company, work).pk == script.pk  # the very same file is the draft that is there


def test_corrected_names_and_places_become_the_breakdown(company: Company, work: Work) -> None:
    script = imported(company, work)
    who: dict[str, Any] = {"actor": company.scheduler, "script_id": script.pk}
    scripts.merge_names(**who, kind="cast", names=["晚晚"], into="林晚")
    scripts.merge_names(**who, kind="place", names=["沈家客厅"], into="沈家-客厅")
    scripts.correct(**who, at=[1], fields={"time": "dusk", "cast": "林晚 邮差、老许"})
    scripts.confirm(**who)
    scenes = {scene.number: scene for scene in Scene.objects.filter(work=work)}
    assert {role.name for role in CastRole.objects.filter(work=work)} == {"林晚", "许舟", "邮差", "老许"}
    assert CastRole.objects.get(name="林晚").kind == RoleKind.LEAD
    assert set(StoryPlace.objects.values_list("name", flat=True)) == {"沈家-客厅", "湖边栈道"}
    assert scenes["2"].time_of_day == TimeOfDay.DUSK
    assert [role.name for role in scenes["2"].roles.order_by("pk")] == ["林晚", "邮差", "老许"]
    assert (scenes["1"].line_from, scenes["1"].inside_outside) == (2, "inside")
    with pytest.raises(XiepaiError):
        scripts.correct(**who, at=[0], fields={"time": "day"})


def test_a_new_draft_keeps_what_a_hand_wrote_and_says_what_changed(company: Company, work: Work) -> None:
    scripts.confirm(actor=company.scheduler, script_id=imported(company, work).pk)
    scene = Scene.objects.get(work=work, number="2")
    scene.minutes, scene.edited = 90, ["minutes"]
    scene.save()
    second = FIRST.replace("1-2 夜 外", "1-2 日 外").replace("1-3 日 内 沈家客厅", "1-4 夜 内 车站")
    draft = imported(company, work, second)
    expected = {"new": [], "changed": ["1-2", "1-4"], "moved": ["1-3 → 1-4"], "gone": [], "same": 1}
    assert (draft.version, draft.changes) == (2, expected)
    scripts.confirm(actor=company.scheduler, script_id=draft.pk)
    scene.refresh_from_db()
    assert (scene.minutes, scene.time_of_day) == (90, TimeOfDay.DAY)
    assert list(Scene.objects.values_list("number", flat=True)) == ["1", "2", "4"]
    assert set(Script.objects.values_list("state", flat=True)) == {ScriptState.SUPERSEDED, ScriptState.CONFIRMED}


def test_numbers_that_change_hands_take_their_work_along(company: Company, work: Work) -> None:
    scripts.confirm(actor=company.scheduler, script_id=imported(company, work).pk)
    first, second = Scene.objects.get(number="1"), Scene.objects.get(number="2")
    swapped = FIRST.replace("1-1 日", "9-9 日").replace("1-2 夜", "1-1 夜").replace("9-9 日", "1-2 日")
    scripts.confirm(actor=company.scheduler, script_id=imported(company, work, swapped).pk)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.number, second.number, first.is_removed) == ("2", "1", False)
    third = swapped[: swapped.index("1-3")]
    draft = imported(company, work, third)
    assert draft.changes["gone"] == ["1-3"]
    scripts.confirm(actor=company.scheduler, script_id=draft.pk)
    assert Scene.objects.get(number="3").is_removed


def test_doubled_or_missing_numbers_are_named_before_anything_is_written(company: Company, work: Work) -> None:
    script = imported(company, work)
    who: dict[str, Any] = {"actor": company.scheduler, "script_id": script.pk}
    for number in ("1", ""):
        scripts.correct(**who, at=[2], fields={"number": number})
        with pytest.raises(XiepaiError) as refused:
            scripts.confirm(**who)
        assert refused.value.code == ErrorCode.INVALID
    scripts.leave_out(**who, at=[2])
    scripts.confirm(**who)
    assert list(Scene.objects.values_list("number", flat=True)) == ["1", "2"]


@pytest.mark.parametrize(
    "fields",
    [{"time": "noonish"}, {"side": "up"}, {"episode": "-1"}, {"episode": "一"}, {"key": "1"}],
)
def test_nonsense_is_refused(company: Company, work: Work, fields: dict[str, str]) -> None:
    script = imported(company, work)
    with pytest.raises(XiepaiError):
        scripts.correct(actor=company.scheduler, script_id=script.pk, at=[0], fields=fields)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "a.txt"),
        (b"\x00" * 100, "a.docx"),
        ("没有场头的一篇散文。".encode(), "a.txt"),
        (b"%PDF-1.7 broken", "a.pdf"),
    ],
)
def test_a_file_that_is_no_script_is_told_and_kept_nowhere(
    company: Company, work: Work, data: bytes, name: str
) -> None:
    with pytest.raises(XiepaiError) as refused:
        scripts.import_script(actor=company.scheduler, work_id=work.pk, data=data, file_name=name)
    assert refused.value.code == ErrorCode.FILE_UNREADABLE
    assert not Script.objects.exists()


def test_strangers_import_nothing_and_the_trail_holds_no_text(company: Company, work: Work) -> None:
    with pytest.raises(XiepaiError) as refused:
        scripts.import_script(actor=company.stranger, work_id=work.pk, data=FIRST.encode(), file_name="a.txt")
    assert refused.value.code == ErrorCode.NOT_FOUND
    script = imported(company, work)
    scripts.discard(actor=company.scheduler, script_id=script.pk)
    rows = AuditEntry.objects.filter(event__startswith="shoots.script")
    assert {row.event for row in rows} == {"shoots.script.imported", "shoots.script.discarded"}
    assert "手里拿着一封信" not in str([row.after for row in rows])
