"""Applications while they are written: prefilled, by several people at once, complete or not, papers in pieces."""

from __future__ import annotations

import hashlib
from collections.abc import Generator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from tests.grants import NOW, publish, state
from tests.productions import PDF, Company, make_company, make_work, picture

from xiepai.grants import doubles, selectors_company
from xiepai.grants.drafting import fill, is_same
from xiepai.grants.entitling import evaluate_subjects
from xiepai.grants.models import Application, Entitlement, Evidence, PendingUpload, ProgrammeVersion, StoredFile
from xiepai.grants.previewing import PreviewError, preview
from xiepai.grants.services import applications, evidence, programmes, uploads
from xiepai.grants.services.answering import answer_question
from xiepai.kernel import clock
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.productions.models import Work

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(tmp_path: Path, settings: Any) -> Generator[None, None, None]:
    settings.MEDIA_ROOT = tmp_path
    with clock.frozen(NOW):
        yield


@pytest.fixture
def company() -> Company:
    return make_company()


@pytest.fixture
def version(company: Company) -> ProgrammeVersion:
    return publish(company.officer)


@pytest.fixture
def work(company: Company, version: ProgrammeVersion) -> Work:
    row = make_work(company, investment_fen=300_000_000)
    answer_question(actor=company.producer, work_id=row.pk, name="culture_tourism_linkage", value="yes")
    return row


@pytest.fixture
def draft(company: Company, work: Work) -> Application:
    owed = Entitlement.objects.get(work=work, measure="location")
    return applications.start_application(actor=company.producer, entitlement_id=owed.pk)


def save(company: Company, draft: Application, seen: dict[str, str] | None = None, who: str = "", **values: str) -> Any:
    given = {name.replace("__", "."): value for name, value in values.items()}
    actor = getattr(company, who or "producer")
    return applications.save_fields(actor=actor, application_id=draft.pk, values=given, seen=seen)


def code_of(deed: Any, *args: Any, **given: Any) -> ErrorCode:
    with pytest.raises(XiepaiError) as error:
        deed(*args, **given)
    return error.value.code


def test_a_draft_begins_with_what_is_known_and_is_begun_once(company: Company, work: Work, draft: Application) -> None:
    fields = {field.name: field for field in fill(draft).fields}
    assert fields["culture_tourism_linkage"].value == "yes"
    assert fields["local_shooting_cost"].is_open
    assert fields["form.contact"].value == company.producer.name
    owed = Entitlement.objects.get(work=work, measure="location")
    again = applications.start_application(actor=company.scheduler, entitlement_id=owed.pk)
    assert again.pk == draft.pk


def test_strangers_know_nothing_of_it(company: Company, work: Work, draft: Application) -> None:
    owed = Entitlement.objects.get(work=work, measure="location")
    for who in (company.stranger, company.keeper):
        whose = {"actor": who, "application_id": draft.pk}
        file = {"kind": "x", "name": "a.pdf", "size_bytes": 1, "sha256": "0" * 64}
        assert code_of(applications.start_application, actor=who, entitlement_id=owed.pk) is ErrorCode.NOT_FOUND
        assert code_of(applications.save_fields, values={"form.phone": "1"}, **whose) is ErrorCode.NOT_FOUND
        assert code_of(applications.copy_from, source_id=draft.pk, **whose) is ErrorCode.NOT_FOUND
        assert code_of(uploads.begin_upload, **file, **whose) is ErrorCode.NOT_FOUND
        assert selectors_company.home_of(who).subjects == ()
        assert not selectors_company.find_applications(who).exists()


def test_it_is_saved_incomplete_and_what_cannot_be_read_is_kept(company: Company, draft: Application) -> None:
    saved = save(company, draft, local_shooting_cost="六十万", form__phone="0519-000")
    field = next(each for each in saved.filled.fields if each.name == "local_shooting_cost")
    assert (field.value, field.is_answered) == ("六十万", False)
    assert field.problem
    assert field in saved.filled.missing_fields
    saved = save(company, draft, local_shooting_cost="60万元")
    assert (saved.filled.low_fen, saved.filled.high_fen) == (12_000_000, 12_000_000)
    assert save(company, draft, local_shooting_cost="600000.00元").changed == (), "the same in other words"
    assert code_of(save, company, draft, form__phone="1" * 31) is ErrorCode.INVALID
    assert code_of(save, company, draft, no_such_fact="1") is ErrorCode.INVALID


def test_two_people_at_once_lose_nothing(company: Company, draft: Application) -> None:
    read = {"local_shooting_cost": "", "form.phone": "", "form.statement": ""}
    first = save(company, draft, read, local_shooting_cost="60万元", form__phone="", form__statement="")
    assert first.changed == ("local_shooting_cost",)
    second = save(
        company, draft, read, "scheduler", local_shooting_cost="70万元", form__phone="0519-111", form__statement=""
    )
    assert second.changed == ("form.phone",), "what nobody else touched is saved"
    (clash,) = second.clashes
    assert (clash.name, clash.value, clash.by, clash.yours) == (
        "local_shooting_cost",
        "60万元",
        company.producer.name,
        "70万元",
    )
    third = save(company, draft, {"local_shooting_cost": "60万元"}, "scheduler", local_shooting_cost="70万元")
    assert not third.clashes
    assert third.changed == ("local_shooting_cost",)
    untouched = save(company, draft, {"form.phone": ""}, form__phone="")
    assert not untouched.changed
    assert not untouched.clashes, "who did not write does not overwrite"
    draft.refresh_from_db()
    assert draft.draft["form.phone"]["value"] == "0519-111"
    changes = selectors_company.changes_of(company.producer, draft)
    assert [(each.by, each.fields) for each in changes[:2]] == [
        (company.scheduler.name, (("local_shooting_cost", "60万元", "70万元"),)),
        (company.scheduler.name, (("form.phone", "", "0519-111"),)),
    ]


def test_the_meter_asks_for_what_would_change_the_figure_and_for_papers(company: Company, draft: Application) -> None:
    filled = fill(draft)
    assert [field.name for field in filled.missing_fields] == ["local_shooting_cost", "form.phone"]
    assert [paper.kind for paper in filled.missing_papers] == ["取景协议", "发票与合同"]
    assert filled.counts == (2, 6)
    assert filled.percent == 33
    save(company, draft, culture_tourism_linkage="no")
    filled = fill(Application.objects.get(pk=draft.pk))
    assert [each.measure.name for each in filled.failing] == ["location"]
    assert filled.high_fen == 0
    assert not filled.missing_papers, "nothing is claimed, nothing is to be proven"
    programmes.update_measure_setting(
        actor=company.officer,
        programme_id=draft.programme_id,
        measure="location",
        papers=[{"kind": "commitment", "zh": "承诺书", "en": "Commitment"}],
    )
    assert [paper.kind for paper in fill(draft).papers] == ["承诺书", "取景协议", "发票与合同"]


def test_what_the_house_knows_is_not_overwritten(company: Company, work: Work, draft: Application) -> None:
    state(work_id=work.pk, local_shooting_cost="50万元")
    saved = save(company, draft, local_shooting_cost="90万元")
    field = next(each for each in saved.filled.fields if each.name == "local_shooting_cost")
    assert field.is_fixed
    assert saved.changed == ()
    assert saved.filled.high_fen == 10_000_000
    assert "发票与合同" not in [paper.kind for paper in saved.filled.papers], "what is verified needs no paper"


def test_measures_are_chosen_and_an_earlier_application_is_copied(
    company: Company, work: Work, draft: Application
) -> None:
    save(company, draft, local_shooting_cost="60万元", form__phone="0519-222")
    other = make_work(company, title="第二部")
    answer_question(actor=company.producer, work_id=other.pk, name="culture_tourism_linkage", value="yes")
    owed = Entitlement.objects.get(work=other, measure="location")
    second = applications.start_application(actor=company.scheduler, entitlement_id=owed.pk)
    _row, taken = applications.copy_from(actor=company.scheduler, application_id=second.pk, source_id=draft.pk)
    assert set(taken) == {"local_shooting_cost", "form.phone"}, "the contact was there and stays"
    second.refresh_from_db()
    assert second.draft["form.contact"]["value"] == company.scheduler.name
    row = applications.choose_measures(
        actor=company.producer, application_id=second.pk, measures=["script", "location"]
    )
    assert row.measures == ["location", "script"]
    assert "script_cost" in {field.name for field in fill(row).fields}
    for wrong in ([], ["moon"]):
        assert (
            code_of(applications.choose_measures, actor=company.producer, application_id=second.pk, measures=wrong)
            is ErrorCode.INVALID
        )


def test_the_question_narrows_at_once_and_can_be_put_aside(company: Company, work: Work) -> None:
    home = selectors_company.home_of(company.producer)
    assert home.question is not None
    assert home.question.spec.name == "local_shooting_cost"
    assert (home.low_fen, home.high_fen) == (0, 20_000_000)
    key = selectors_company.question_key(home.question.subject, home.question.spec)
    assert selectors_company.home_of(company.producer, skipped=[key]).question is None
    answer_question(actor=company.producer, work_id=work.pk, name="local_shooting_cost", value="60万元")
    home = selectors_company.home_of(company.producer)
    assert (home.low_fen, home.high_fen, home.papers) == (12_000_000, 12_000_000, 2)


def test_same_values_are_the_same() -> None:
    assert is_same(None, "a", "a")
    assert not is_same(None, "a", "b")


def announce(company: Company, draft: Application, data: bytes, **fields: Any) -> PendingUpload:
    given = {"kind": "发票与合同", "name": "发票.pdf", "size_bytes": len(data), **fields}
    digest = given.pop("sha256", hashlib.sha256(data).hexdigest())
    actor = given.pop("actor", company.producer)
    return uploads.begin_upload(actor=actor, application_id=draft.pk, sha256=digest, **given)


def test_a_cut_upload_goes_on_where_it_stopped(company: Company, draft: Application) -> None:
    upload = announce(company, draft, PDF)
    assert uploads.receive_piece(actor=company.producer, key=upload.key, offset=0, data=PDF[:100]).received_bytes == 100
    again = uploads.receive_piece(actor=company.producer, key=upload.key, offset=0, data=PDF[:100])
    assert again.received_bytes == 100, "a piece sent twice changes nothing"
    gap = uploads.receive_piece(actor=company.producer, key=upload.key, offset=150, data=PDF[150:])
    assert gap.received_bytes == 100, "a piece that does not follow changes nothing"
    assert code_of(uploads.finish_upload, actor=company.producer, key=upload.key) is ErrorCode.INVALID
    resumed = announce(company, draft, PDF)
    assert (resumed.key, resumed.received_bytes) == (upload.key, 100)
    with pytest.raises(XiepaiError):
        uploads.receive_piece(actor=company.producer, key=upload.key, offset=100, data=PDF)
    uploads.receive_piece(actor=company.producer, key=upload.key, offset=100, data=PDF[100:])
    for who in (company.stranger, company.scheduler, company.officer):
        assert code_of(uploads.get_upload, who, upload.key) is ErrorCode.NOT_FOUND
        assert code_of(uploads.finish_upload, actor=who, key=upload.key) is ErrorCode.NOT_FOUND
    row = uploads.finish_upload(actor=company.producer, key=upload.key)
    assert (row.name, row.stored.sha256, row.stored.size_bytes) == (
        "发票.pdf",
        hashlib.sha256(PDF).hexdigest(),
        len(PDF),
    )
    assert row.stored.scan_result == "structure_only"
    with row.stored.file.open("rb") as stream:
        assert stream.read() == PDF
    assert not PendingUpload.objects.exists()
    assert [paper.kind for paper in fill(draft).missing_papers] == ["取景协议"]


def test_a_piece_written_before_a_crash_is_written_again(company: Company, draft: Application) -> None:
    from django.core.files.base import ContentFile

    upload = announce(company, draft, PDF)
    default_storage.save(f"grants-parts/{upload.key}/000000000", ContentFile(b"half"))
    uploads.receive_piece(actor=company.producer, key=upload.key, offset=0, data=PDF)
    assert uploads.finish_upload(actor=company.producer, key=upload.key).stored.size_bytes == len(PDF)


def test_a_wrong_digest_starts_over_and_a_hostile_file_is_dropped(company: Company, draft: Application) -> None:
    upload = announce(company, draft, PDF, sha256="0" * 64)
    uploads.receive_piece(actor=company.producer, key=upload.key, offset=0, data=PDF)
    assert code_of(uploads.finish_upload, actor=company.producer, key=upload.key) is ErrorCode.FILE_UNREADABLE
    upload.refresh_from_db()
    assert upload.received_bytes == 0
    for data in (b"MZ\x90\x00" + b"x" * 50, PDF.replace(b"/Catalog", b"/Launch "), PDF[:80], picture()[:-200]):
        bad = announce(company, draft, data)
        uploads.receive_piece(actor=company.producer, key=bad.key, offset=0, data=data)
        assert code_of(uploads.finish_upload, actor=company.producer, key=bad.key).startswith("file_")
        assert not PendingUpload.objects.filter(key=bad.key).exists()
    assert not Evidence.objects.exists()
    assert not StoredFile.objects.exists()
    for size in (0, 20 * 2**20 + 1):
        assert code_of(announce, company, draft, PDF, size_bytes=size) is ErrorCode.FILE_SIZE
    for digest in ("", "../../etc/passwd", "A" * 64):
        assert code_of(announce, company, draft, PDF, sha256=digest) is ErrorCode.INVALID


def test_uploads_nobody_goes_on_with_are_forgotten(company: Company, draft: Application) -> None:
    upload = announce(company, draft, PDF)
    uploads.receive_piece(actor=company.producer, key=upload.key, offset=0, data=PDF[:50])
    assert uploads.forget_old_uploads() == 0
    with clock.frozen(NOW + timedelta(days=3)):
        assert uploads.forget_old_uploads() == 1
    assert default_storage.listdir(f"grants-parts/{upload.key}")[1] == []


def refuse_eicar(data: bytes, content_type: str, name: str) -> str:
    return "含有病毒" if b"EICAR" in data else ""


def fails(data: bytes, content_type: str, name: str) -> str:
    raise OSError("scanner away")


def test_the_checker_is_the_installations_and_a_broken_one_keeps_nothing(
    company: Company, draft: Application, settings: Any
) -> None:
    give = {"actor": company.producer, "organisation_id": company.crew.pk, "application_id": draft.pk, "kind": "其他"}
    settings.EVIDENCE_CHECKER = f"{__name__}:refuse_eicar"
    with pytest.raises(XiepaiError, match="病毒"):
        evidence.attach_evidence(data=PDF.replace(b"/Kids", b"/EICAR"), **give)
    assert evidence.attach_evidence(data=PDF, **give).stored.scan_result == "refuse_eicar"
    settings.EVIDENCE_CHECKER = f"{__name__}:fails"
    assert code_of(evidence.attach_evidence, data=picture(), **give) is ErrorCode.FILE_UNREADABLE
    assert Evidence.objects.count() == 1


def test_the_same_file_or_number_elsewhere_is_shown_to_the_office_and_told_to_the_company(
    company: Company, draft: Application
) -> None:
    other = make_company()
    theirs = evidence.attach_evidence(
        actor=other.producer, organisation_id=other.crew.pk, kind="发票", data=PDF, document_number="苏A-001"
    )
    ours = evidence.attach_evidence(
        actor=company.producer, organisation_id=company.crew.pk, application_id=draft.pk, kind="发票与合同", data=PDF
    )
    by_number = evidence.attach_evidence(
        actor=company.producer,
        organisation_id=company.crew.pk,
        application_id=draft.pk,
        kind="发票与合同",
        data=picture(),
        document_number="苏A-001",
    )
    assert [double.other for double in doubles.doubles_in(company.officer, draft)] == [theirs, theirs]
    found = doubles.doubles_of(company.officer, [ours, by_number])
    assert [found[ours.pk][0].is_same_file, found[by_number.pk][0].is_same_file] == [True, False]
    assert found[ours.pk][0].is_other_company
    told = doubles.warnings_of(company.producer, [ours, by_number])
    assert [(each.is_same_file, each.number) for rows in told.values() for each in rows] == [(True, ""), (False, "")]
    assert code_of(doubles.doubles_in, company.producer, draft) is ErrorCode.FORBIDDEN
    assert StoredFile.objects.filter(sha256=ours.stored.sha256).count() == 1
    evidence.withdraw_evidence(actor=other.producer, evidence_id=theirs.pk)
    assert not doubles.doubles_in(company.officer, draft)


def test_previews_are_drawn_anew_and_nonsense_has_none() -> None:
    page = (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\nstartxref\n0\n%%EOF\n"
    )
    for data, kind in ((page, "application/pdf"), (picture(), "image/jpeg"), (picture("PNG"), "image/png")):
        drawn = preview(data + b"<script>" * (kind != "application/pdf"), kind)
        assert drawn.startswith(b"\x89PNG")
        assert b"<script>" not in drawn
    for data, kind in ((b"%PDF-1.4 nonsense", "application/pdf"), (PDF, "application/pdf"), (b"x", "image/png")):
        with pytest.raises(PreviewError):
            preview(data, kind)


def test_an_application_under_review_takes_no_papers_from_the_company(company: Company, draft: Application) -> None:
    Application.objects.filter(pk=draft.pk).update(state="in_review")
    give = {"organisation_id": company.crew.pk, "application_id": draft.pk, "kind": "其他", "data": PDF}
    assert code_of(evidence.attach_evidence, actor=company.producer, **give) is ErrorCode.APPLICATION_STATE
    assert code_of(save, company, draft, form__phone="1") is ErrorCode.APPLICATION_STATE
    assert evidence.attach_evidence(actor=company.officer, **give).pk


def test_evaluation_is_the_drafts_figure(company: Company, work: Work, draft: Application) -> None:
    answer_question(actor=company.producer, work_id=work.pk, name="local_shooting_cost", value="60万元")
    evaluate_subjects(work_ids=[work.pk])
    assert Entitlement.objects.get(work=work, measure="location").low_fen == fill(draft).low_fen == 12_000_000
