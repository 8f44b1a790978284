"""Papers: hostile files, whom they are shown to, their way through the check, and the warning before they end."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Generator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from PIL import Image
from tests.factories import make_person
from tests.productions import NOW, PDF, SHOOT, TODAY, Company, give, give_all, make_company, make_work, picture

from xiepai.kernel import clock
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.kernel.models import AuditEntry
from xiepai.parties.access import system
from xiepai.parties.models import Notice
from xiepai.productions import selectors, services, uploads
from xiepai.productions.models import Paper, PaperKind, Work
from xiepai.productions.services import kinds
from xiepai.productions.tasks import warn_expiring

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _december(tmp_path: Path, settings: Any) -> Generator[None, None, None]:
    settings.MEDIA_ROOT = tmp_path
    with clock.frozen(NOW):
        yield


@pytest.fixture
def company() -> Company:
    return make_company()


@pytest.fixture
def work(company: Company) -> Work:
    return make_work(company)


def refusal(deed: Callable[..., Any], **arguments: Any) -> XiepaiError:
    with pytest.raises(XiepaiError) as caught:
        deed(**arguments)
    assert "{" not in str(caught.value)
    return caught.value


def submit(company: Company, work: Work, **fields: Any) -> Paper:
    values = {"kind_code": "business-licence", **fields}
    return services.submit_paper(actor=company.producer, work_id=work.pk, **values)


def stored(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("data", "extension", "content_type"),
    [
        (PDF, ".pdf", "application/pdf"),
        (picture("JPEG"), ".jpg", "image/jpeg"),
        (picture("PNG"), ".png", "image/png"),
    ],
)
def test_a_file_is_kept_byte_for_byte_under_a_random_name(
    company: Company, work: Work, data: bytes, extension: str, content_type: str
) -> None:
    paper = submit(company, work, data=data, file_name="../../etc/营业执照\u202e.EXE")
    assert paper.file.name.startswith("papers/2026/") or paper.file.name.startswith("papers/")
    assert Path(paper.file.name).suffix == extension
    assert "营业" not in paper.file.name
    assert (paper.file_name, paper.file_type) == (f"营业执照{extension}", content_type)
    assert paper.file_bytes == len(data)
    with default_storage.open(paper.file.name) as file:
        assert file.read() == data
    assert submit(company, work, data=data) == paper  # pressed twice
    twin = submit(company, work, data=data, number="2")
    assert twin.file.name != paper.file.name
    assert twin.sha256 == paper.sha256


def bomb() -> bytes:
    """A PNG of 30,000 × 30,000 pixels in a few kilobytes."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", 30_000, 30_000, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * (30_000 // 8 + 1) * 1_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


SCRIPT = PDF.replace(b"/Catalog", b"/Catalog/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>")
HOSTILE = {
    "nothing": (b"", "file_type"),
    "html": (b"<!DOCTYPE html><script>alert(1)</script>", "file_type"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "file_type"),
    "program": (b"MZ" + b"\0" * 200, "file_type"),
    "zip": (b"PK\x03\x04" + b"\0" * 200, "file_type"),
    "gif": (b"GIF89a" + b"\0" * 200, "file_type"),
    "html before a pdf": (b"<script>alert(1)</script>" + PDF, "file_type"),
    "a space before a pdf": (b" " + PDF, "file_type"),
    "head of a pdf": (b"%PDF-1.7\n", "file_unreadable"),
    "half a pdf": (PDF[:-60], "file_unreadable"),
    "no version": (PDF.replace(b"%PDF-1.4", b"%PDF-9.x"), "file_type"),
    "script": (SCRIPT, "file_unreadable"),
    "escaped script": (SCRIPT.replace(b"/JavaScript", b"/J#61v#61Script"), "file_unreadable"),
    "launch": (PDF.replace(b"/Catalog", b"/Catalog/AA<</O<</S/Launch/F(cmd.exe)>>>>"), "file_unreadable"),
    "head of a jpeg": (b"\xff\xd8\xff\xe0", "file_unreadable"),
    "half a jpeg": (picture("JPEG", (400, 400))[:-200], "file_unreadable"),
    "half a png": (picture("PNG", (400, 400))[:-60], "file_unreadable"),
    "a bomb": (bomb(), "file_unreadable"),
    "gif behind the head of a png": (b"\x89PNG\r\n\x1a\nGIF89a", "file_unreadable"),
    "too large": (PDF + b"\0" * uploads.LARGEST_BYTES, "file_size"),
}


@pytest.mark.parametrize("name", list(HOSTILE))
def test_hostile_files_are_refused_and_nothing_is_left_behind(
    company: Company, work: Work, tmp_path: Path, name: str
) -> None:
    data, code = HOSTILE[name]
    for file_name in ("licence.pdf", "licence.jpg"):
        assert refusal(submit, company=company, work=work, data=data, file_name=file_name).code == code
    assert not Paper.objects.exists()
    assert not stored(tmp_path)


def test_exactly_twenty_megabytes_pass(company: Company, work: Work) -> None:
    head, tail = PDF.split(b"xref\n", 1)
    padded = head + b"%" + b"x" * (uploads.LARGEST_BYTES - len(PDF) - 2) + b"\nxref\n" + tail
    assert len(padded) == uploads.LARGEST_BYTES
    assert submit(company, work, data=padded).file_bytes == uploads.LARGEST_BYTES
    assert refusal(submit, company=company, work=work, data=padded + b"\n").code == ErrorCode.FILE_SIZE


@given(data=st.binary(max_size=400), head=st.sampled_from([b"", b"%PDF-1.4\n", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"]))
@hypothesis_settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_bytes_do_worse_than_being_refused(data: bytes, head: bytes) -> None:
    try:
        kept = uploads.read_upload(head + data, "x").content_type
    except XiepaiError as error:
        kept = error.code.value
    assert kept in {"file_type", "file_unreadable", *(kind for kind, _ in uploads.TYPES.values())}


@given(name=st.text(max_size=300))
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_name_to_show_is_one_tidy_line(name: str) -> None:
    tidy = uploads.tidy_name(name, ".pdf")
    assert tidy.endswith(".pdf")
    assert 4 < len(tidy) <= uploads.LONGEST_NAME
    assert not set(tidy) & set('/\\\r\n\0"<>:;|\u202e') - {";"}


def test_a_decompressed_jpeg_of_many_pixels_is_read_without_them(company: Company, work: Work) -> None:
    out = io.BytesIO()
    Image.new("L", (7_000, 7_000), 128).save(out, "JPEG")
    assert submit(company, work, data=out.getvalue()).file_type == "image/jpeg"


def test_a_paper_is_a_file_or_a_number_of_a_known_kind_with_days_in_order(company: Company, work: Work) -> None:
    assert "编号" in str(refusal(submit, company=company, work=work))
    assert refusal(submit, company=company, work=work, number="1", kind_code="nonsense").code == ErrorCode.NOT_FOUND
    backwards = {"number": "1", "valid_from": TODAY, "valid_to": TODAY - timedelta(days=1)}
    assert refusal(submit, company=company, work=work, **backwards).code == ErrorCode.INVALID
    assert refusal(submit, company=company, work=work, number="1", valid_to=TODAY.replace(year=9026)).code == "invalid"
    assert refusal(submit, company=company, work=work, number="一" * 81).code == ErrorCode.INVALID
    same_day = submit(company, work, number="1", valid_from=TODAY, valid_to=TODAY)
    assert same_day.state == "submitted"


def test_whom_a_paper_is_about_and_its_file_stay_out_of_the_audit_trail(company: Company, work: Work) -> None:
    paper = submit(company, work, kind_code="guardian-consent", about="小明明", data=PDF, file_name="小明明.pdf")
    services.reject_paper(actor=company.officer, paper_id=paper.pk, note="缺一名监护人")
    services.withdraw_paper(actor=company.producer, paper_id=paper.pk)
    entries = AuditEntry.objects.filter(object_type="productions.paper", object_id=paper.pk).order_by("id")
    assert [entry.event.rsplit(".", 1)[1] for entry in entries] == ["submitted", "rejected", "withdrawn"]
    text = str([(entry.before, entry.after) for entry in entries])
    assert "小明明" not in text
    assert "papers/" not in text
    assert paper.sha256 in text


def test_a_withdrawn_paper_loses_its_file_once_that_is_sure(
    company: Company, work: Work, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    paper = submit(company, work, data=PDF)
    with django_capture_on_commit_callbacks(execute=True):
        services.withdraw_paper(actor=company.producer, paper_id=paper.pk)
        assert stored(tmp_path)
    assert not stored(tmp_path)
    assert selectors.detail(company.producer, work.pk).missing("shooting")[0].state == "missing"
    again = refusal(services.accept_paper, actor=company.officer, paper_id=paper.pk)
    assert again.code == ErrorCode.PAPER_STATE


def test_an_accepted_paper_is_taken_back_by_the_office_only(company: Company, work: Work) -> None:
    paper = give(company, work, "business-licence")
    assert (paper.checked_by_id, paper.checked_at) == (company.officer.person_id, NOW)
    assert refusal(services.withdraw_paper, actor=company.producer, paper_id=paper.pk).code == ErrorCode.PAPER_STATE
    assert refusal(services.accept_paper, actor=company.officer, paper_id=paper.pk).code == ErrorCode.PAPER_STATE
    assert services.reject_paper(actor=company.officer, paper_id=paper.pk, note="伪造").state == "rejected"
    notice = Notice.objects.filter(kind="productions.paper_rejected", person=company.person).get()
    assert "营业执照" in notice.subject
    assert notice.body == "伪造"


def test_papers_are_found_by_the_crew_and_the_office_only(company: Company, work: Work) -> None:
    paper = give(company, work, "business-licence", accepted=False)
    for actor in (company.producer, company.officer, make_person("leader")[1]):
        assert selectors.get_paper(actor, paper.pk).work == work
    for actor in (company.stranger, company.keeper):
        assert refusal(selectors.get_paper, actor=actor, paper_id=paper.pk).code == ErrorCode.NOT_FOUND
    assert [row.pk for row in selectors.papers_to_check(company.officer)] == [paper.pk]


def sweep() -> int:
    return services.warn_expiring()


@pytest.mark.parametrize(("days", "told"), [(-1, 0), (0, 1), (30, 1), (31, 0), (None, 0)])
def test_papers_that_end_within_thirty_days_are_announced_once(
    company: Company, work: Work, mailbox: Any, days: int | None, told: int
) -> None:
    give(company, work, "business-licence", valid_to=None if days is None else TODAY + timedelta(days=days))
    before = len(mailbox())
    assert (sweep(), sweep()) == (told, 0)
    sent = mailbox()[before:]
    assert len(sent) == told
    if told:
        assert company.person.email in sent[0]["to"]
        assert len(sent[0]["to"]) == 2  # producer and scheduler, nobody else
        assert "营业执照" in sent[0]["body"]
        assert f"/works/{work.pk}/" in sent[0]["body"]
    [item] = [i for i in selectors.detail(company.producer, work.pk).items if i.kind.code == "business-licence"]
    assert item.valid_to is None or item.is_expiring == bool(told)


def test_one_message_a_work_and_none_for_what_nobody_waits_for(company: Company, work: Work, mailbox: Any) -> None:
    give_all(company, work, valid_to=SHOOT[1])
    shelved = make_work(company, title="搁置的")
    give(company, shelved, "business-licence", valid_to=SHOOT[1])
    services.advance_work(actor=company.producer, work_id=shelved.pk, state="shelved")
    renewed = make_work(company, title="已续期")
    give(company, renewed, "business-licence", valid_to=SHOOT[1])
    give(
        company, renewed, "business-licence", valid_from=SHOOT[1] + timedelta(days=1), valid_to=TODAY.replace(year=2028)
    )
    before = len(mailbox())
    assert sweep() == 4
    [mail] = mailbox()[before:]
    assert mail["body"].count("到期") == 4
    for state in ("preparing", "shooting", "wrapped"):
        services.advance_work(actor=company.producer, work_id=work.pk, state=state)
    Paper.objects.filter(work=work).update(warned_at=None)
    assert sweep() == 0


def test_the_daily_job_does_it(company: Company, work: Work) -> None:
    give(company, work, "business-licence", valid_to=TODAY)
    warn_expiring(timestamp=0)
    assert Paper.objects.get(work=work).warned_at == NOW
    entry = AuditEntry.objects.get(event="productions.paper.expiry_announced")
    assert (entry.source, entry.organisation_id) == ("job", company.crew.pk)


def test_the_office_edits_the_checklist_and_every_work_is_held_against_it(company: Company, work: Work) -> None:
    def required() -> set[str]:
        return {item.kind.code for item in selectors.detail(company.producer, work.pk).items if item.is_required}

    fields = {"zh": "消防承诺书", "required_when": ["always"], "needed_by": "shooting", "source_grade": "B"}
    kind = services.add_paper_kind(actor=company.officer, code="fire-promise", **fields)
    assert "fire-promise" in required()
    services.update_paper_kind(actor=company.officer, kind_id=kind.pk, required_when=["fireworks"])
    assert "fire-promise" not in required()
    services.update_work(actor=company.producer, work_id=work.pk, circumstances=["fireworks"])
    assert {"fire-promise", "fireworks-permit"} <= required()
    services.retire_paper_kind(actor=company.officer, kind_id=kind.pk)
    assert "fire-promise" not in required()
    assert refusal(submit, company=company, work=work, number="1", kind_code=kind.code).code == ErrorCode.NOT_FOUND
    services.restore_paper_kind(actor=company.officer, kind_id=kind.pk)
    assert "fire-promise" in required()


@pytest.mark.parametrize(
    "fields",
    [
        {"code": "business-licence", "zh": "又一个"},
        {"code": "不是代码", "zh": "名"},
        {"code": "x", "zh": ""},
        {"code": "x", "zh": "名", "required_when": ["full moon"]},
        {"code": "x", "zh": "名", "needed_by": "withdrawn"},
        {"code": "x", "zh": "名", "source_grade": "D"},
    ],
)
def test_a_line_that_cannot_be_is_refused(company: Company, fields: dict[str, Any]) -> None:
    assert refusal(services.add_paper_kind, actor=company.officer, **fields).code == ErrorCode.INVALID


def test_a_fresh_installation_has_the_list_and_edits_survive_the_next_one(company: Company) -> None:
    codes = [row["code"] for row in kinds.known_kinds()]
    assert list(PaperKind.objects.filter(code__in=codes).values_list("code", flat=True)) == codes
    services.update_paper_kind(
        actor=company.officer, kind_id=PaperKind.objects.get(code="safety-promise").pk, zh="安全责任书"
    )
    assert services.add_missing_kinds(actor=system()) == []
    assert PaperKind.objects.get(code="safety-promise").zh == "安全责任书"
    assumed = set(PaperKind.objects.filter(standing="assumed").values_list("code", flat=True))
    assert assumed == {"fireworks-permit", "prop-gun-permit"}
