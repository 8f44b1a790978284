"""Scripts through their services: read, looked through, taken over, a new draft merged without losing a hand's work."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.productions import Company, make_company, make_work

from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.kernel.models import AuditEntry
from xiepai.productions.models import Work
from xiepai.shoots.models import (
    CastRole,
    ElementKind,
    RoleKind,
    Scene,
    SceneElement,
    Script,
    ScriptState,
    StoryPlace,
    TimeOfDay,
)
from xiepai.shoots.services import breakdown, scripts

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


def long_script(scenes: int, draft: int = 1) -> str:
    """A script of so many scenes; the second draft drops one, adds one, and says of every fifth something else."""
    told = []
    for at in range(scenes):
        if draft == 2 and at == 1:
            told.append("1-902 夜 外 火车站\n人物：老兵\n道具：军号\n△汽笛长鸣，难民挤满站台，老兵吹响军号。\n")
            continue
        light, friend, thing = ("夜", "邮差", "旗") if draft == 2 and at % 5 == 0 else ("日", "许舟", "茶杯")
        told.append(
            f"1-{at + 1} {light} 内 客厅{at % 4}\n人物：林晚、{friend}\n道具：信{at}、{thing}\n"
            f"△第{at + 1}件事，{at * 7}个字。\n"
        )
    return "\n".join(told)


def test_taking_over_asks_the_database_as_little_for_many_scenes_as_for_few(company: Company) -> None:
    def queries(scenes: int) -> list[int]:
        work, counts = make_work(company, title=f"{scenes}场"), []
        for draft in (1, 2):
            script = imported(company, work, long_script(scenes, draft))
            with CaptureQueriesContext(connection) as seen:
                scripts.confirm(actor=company.scheduler, script_id=script.pk)
            counts.append(len(seen))
        assert Scene.objects.filter(work=work, is_removed=False).count() == scenes
        return counts

    few, many = queries(10), queries(60)
    assert max(many) < 30
    assert all(above - below <= 2 for below, above in zip(few, many, strict=True))


def things(scene: Scene) -> set[tuple[str, bool]]:
    return set(SceneElement.objects.filter(scene=scene).values_list("name", "is_cue"))


def test_many_scenes_keep_what_hands_did_when_all_are_written_at_once(company: Company, work: Work) -> None:
    scripts.confirm(actor=company.scheduler, script_id=imported(company, work, long_script(12)).pk)
    rows = list(Scene.objects.filter(work=work))
    xu = CastRole.objects.get(name="许舟")
    breakdown.edit_scenes(
        actor=company.scheduler, work_id=work.pk, scene_ids=[rows[0].pk], fields={"minutes": 90}, role_ids=[xu.pk]
    )
    breakdown.set_elements(actor=company.scheduler, scene_id=rows[5].pk, kind=ElementKind.PROP, names=["剑"])
    SceneElement.objects.filter(scene=rows[10], name="信10").update(is_cue=False)
    Scene.objects.filter(pk=rows[2].pk).update(shot_state="done")
    linked = set(Scene.roles.through.objects.filter(scene=rows[2].pk).values_list("pk", flat=True))
    draft = imported(company, work, long_script(12, 2))
    assert (draft.changes["gone"], draft.changes["new"], draft.changes["same"]) == (["1-2"], ["1-902"], 8)
    scripts.confirm(actor=company.scheduler, script_id=draft.pk)
    draft.refresh_from_db()
    assert draft.changes["changed"] == ["1-1", "1-6", "1-11"]
    now = {row.pk: row for row in Scene.objects.filter(work=work).prefetch_related("roles")}
    cast = {pk: {role.name for role in row.roles.all()} for pk, row in now.items()}
    assert [row.number for row in now.values() if row.is_removed] == ["2"]
    assert (now[rows[0].pk].minutes, cast[rows[0].pk]) == (90, {"许舟"})
    assert cast[rows[5].pk] == cast[rows[10].pk] == {"林晚", "邮差"}
    assert things(rows[0]) == {("信0", True), ("旗", True)}
    assert things(rows[5]) == {("剑", False)}
    assert things(rows[10]) == {("信10", False), ("旗", True)}
    assert things(rows[2]) == {("信2", True), ("茶杯", True)}
    assert now[rows[2].pk].shot_state == "done"
    assert set(Scene.roles.through.objects.filter(scene=rows[2].pk).values_list("pk", flat=True)) == linked
    new = Scene.objects.get(work=work, number="902")
    assert (new.position, new.script_id, cast[new.pk]) == (1, draft.pk, {"老兵"})
    assert things(new) == {("军号", True)}
    assert AuditEntry.objects.filter(event="shoots.script.confirmed").count() == 2
