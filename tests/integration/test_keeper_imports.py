"""The import wizard over HTTP: a trial that writes nothing, a decision, a report; and the round trip."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from tests.factories import make_organisation, make_person, make_place

from xiepai.kernel.models import AuditEntry
from xiepai.parties.access import system
from xiepai.parties.models import Membership
from xiepai.parties.services import remove_member
from xiepai.places import uploads as service
from xiepai.places.models import ImportState, Place, PlaceImport

pytestmark = pytest.mark.django_db

SHEET = (
    "编号,名称,镇街,类别,容纳人数\nT-OLD,审讯室,西太湖,办公室,45\n,新走廊,嘉泽,街道,20\nT-BAD,坏的,火星,办公室,很多\n"
)
GOOD = "编号,名称,镇街,类别\n,新走廊,嘉泽,街道\n"


class Stage:
    """A base with a keeper and one set that the sheet changes."""

    def __init__(self) -> None:
        self.base = make_organisation("base")
        self.place = make_place(self.base, name="审讯室", code="T-OLD", people_max=30)
        self.person, self.keeper = make_person("keeper", self.base)
        self.client = Client()
        self.client.force_login(self.person)

    def upload(self, text: str, name: str = "places.csv") -> Any:
        file = SimpleUploadedFile(name, text.encode(), content_type="text/csv")
        return self.client.post(reverse("keeper:imports"), {"file": file, "owner": self.base.pk}, follow=True)

    def decide(self, deed: str) -> str:
        row = PlaceImport.objects.latest("id")
        answer = self.client.post(reverse("keeper:import_decide", args=[row.pk]), {"deed": deed}, follow=True)
        return answer.content.decode()


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_a_trial_shows_everything_and_writes_nothing(stage: Stage) -> None:
    entries = AuditEntry.objects.filter(object_type="places.place").count()
    page = stage.upload(SHEET).content.decode()
    assert "有问题的行" in page
    assert "火星" in page
    assert "<del>30</del> <ins>45</ins>" in page
    assert "新走廊" in page
    row = PlaceImport.objects.get()
    assert row.state == ImportState.READY
    counts = {key: row.report[key] for key in ("rows", "created", "updated", "unchanged", "bad")}
    assert counts == {"rows": 3, "created": 1, "updated": 1, "unchanged": 0, "bad": 1}
    stage.place.refresh_from_db()
    assert stage.place.people_max == 30
    assert not Place.objects.filter(name="新走廊").exists()
    assert AuditEntry.objects.filter(object_type="places.place").count() == entries


def test_with_a_bad_row_all_is_refused_and_the_good_ones_are_kept_on_wish(stage: Stage) -> None:
    stage.upload(SHEET)
    assert "行" in stage.decide("all")
    assert PlaceImport.objects.get().state == ImportState.READY
    assert not Place.objects.filter(name="新走廊").exists()
    page = stage.decide("good")
    assert "新建 1 处，更新 1 处；1 行没有导入" in page
    stage.place.refresh_from_db()
    assert stage.place.people_max == 45
    assert Place.objects.get(name="新走廊").visibility == "review"
    assert "已导入" in stage.decide("good")
    assert Place.objects.filter(name="新走廊").count() == 1


def test_the_bad_rows_come_back_as_a_file_that_can_be_mended(stage: Stage) -> None:
    stage.upload(SHEET)
    row = PlaceImport.objects.get()
    answer = stage.client.get(reverse("keeper:import_errors", args=[row.pk]))
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    assert lines[0] == "问题,编号,名称,镇街,类别,容纳人数"
    assert len(lines) == 2
    assert "T-BAD,坏的,火星,办公室,很多" in lines[1]
    mended = "\n".join(lines).replace("火星", "嘉泽").replace("很多", "10")
    stage.upload(mended)
    stage.decide("all")
    assert Place.objects.get(code="T-BAD").town == "jiaze"


def test_a_file_that_is_none_is_kept_with_its_reason(stage: Stage) -> None:
    page = stage.upload("这不是表格").content.decode()
    assert "读不了这个文件" in page
    assert PlaceImport.objects.get().state == ImportState.FAILED


def test_leaving_deletes_the_file(stage: Stage, django_capture_on_commit_callbacks: Any) -> None:
    stage.upload(GOOD)
    path = PlaceImport.objects.get().file.path
    with django_capture_on_commit_callbacks(execute=True):
        stage.decide("drop")
    row = PlaceImport.objects.get()
    assert (row.state, row.file.name) == (ImportState.DROPPED, "")
    with pytest.raises(FileNotFoundError):
        open(path)  # noqa: PTH123, SIM115
    stage.decide("all")
    assert not Place.objects.filter(name="新走廊").exists()


def test_uploads_are_ones_own(stage: Stage) -> None:
    stage.upload(GOOD)
    row = PlaceImport.objects.get()
    colleague = Client()
    colleague.force_login(make_person("keeper", stage.base)[0])
    assert colleague.get(reverse("keeper:import", args=[row.pk])).status_code == 404
    assert colleague.post(reverse("keeper:import_decide", args=[row.pk]), {"deed": "all"}).status_code == 404
    assert colleague.get(reverse("keeper:import_errors", args=[row.pk])).status_code == 404


def test_nobody_imports_for_an_organisation_of_others(stage: Stage) -> None:
    other = make_organisation("base")
    file = SimpleUploadedFile("p.csv", GOOD.encode())
    answer = stage.client.post(reverse("keeper:imports"), {"file": file, "owner": other.pk})
    assert answer.status_code == 422
    assert not PlaceImport.objects.exists()


def test_roles_lost_between_preview_and_decision_count(stage: Stage) -> None:
    stage.upload(SHEET)
    row = PlaceImport.objects.get()
    PlaceImport.objects.filter(pk=row.pk).update(state=ImportState.WRITING, keep_good=True)

    make_person("keeper", stage.base)  # an organisation keeps one
    remove_member(actor=system(), membership_id=Membership.objects.get(person=stage.person).pk)
    service.write_import(row.pk)
    stage.place.refresh_from_db()
    assert stage.place.people_max == 30
    assert not Place.objects.filter(name="新走廊").exists()


def test_a_big_file_is_tried_and_written_by_jobs_once(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    from procrastinate.contrib.django.models import ProcrastinateJob

    monkeypatch.setattr(service, "AT_ONCE_BYTES", 10)
    page = stage.upload(GOOD).content.decode()
    row = PlaceImport.objects.get()
    assert "hx-trigger" in page
    assert ProcrastinateJob.objects.filter(task_name="places.preview_import", args={"import_id": row.pk}).count() == 1
    service.preview_import(row.pk)
    stage.decide("all")
    assert not Place.objects.filter(name="新走廊").exists()
    assert ProcrastinateJob.objects.filter(task_name="places.write_import").count() == 1
    service.write_import(row.pk)
    service.write_import(row.pk)
    assert Place.objects.filter(name="新走廊").count() == 1
    row.refresh_from_db()
    assert row.state == ImportState.DONE


@pytest.mark.parametrize("kind", ["xlsx", "csv", "geojson"])
def test_an_export_imported_again_changes_nothing(stage: Stage, kind: str) -> None:
    make_place(stage.base, name="A厅", parent=stage.place, aliases=["大厅", "一号"], latitude=31.7, longitude=119.9)
    answer = stage.client.get(reverse("keeper:export"), {"kind": kind})
    data = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    file = SimpleUploadedFile(f"places.{kind}", data)
    stage.client.post(reverse("keeper:imports"), {"file": file, "owner": stage.base.pk})
    row = PlaceImport.objects.get()
    counts = {key: row.report[key] for key in ("created", "updated", "unchanged", "bad")}
    assert counts == {"created": 0, "updated": 0, "unchanged": 2, "bad": 0}, row.report


@pytest.mark.parametrize("kind", ["csv", "geojson"])
def test_an_export_of_some_columns_leaves_the_others_alone(stage: Stage, kind: str) -> None:
    placed = make_place(stage.base, name="A厅", latitude=31.7, longitude=119.9)
    answer = stage.client.get(reverse("keeper:export"), {"kind": kind, "column": ["name", "people_max"]})
    data = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    file = SimpleUploadedFile(f"places.{kind}", data)
    stage.client.post(reverse("keeper:imports"), {"file": file, "owner": stage.base.pk})
    assert PlaceImport.objects.get().report["unchanged"] == 2
    placed.refresh_from_db()
    assert placed.latitude == 31.7
