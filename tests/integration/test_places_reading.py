"""What who may see of a place; pictures in and out; word lists."""

from __future__ import annotations

import io
import os
import struct
import zlib
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PIL import Image
from tests.factories import make_organisation, make_person, make_place, make_tariff

from xiepai.kernel import clock
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.kernel.models import AuditEntry
from xiepai.parties.access import NOBODY, Actor
from xiepai.parties.models import Organisation
from xiepai.places import media, selectors
from xiepai.places.geo import to_gcj02
from xiepai.places.models import Photo, Place
from xiepai.places.services import (
    Joined,
    Part,
    add_blocking,
    add_contact,
    add_photo,
    caption_photo,
    lock_fields,
    remove_contact,
    remove_photo,
    reorder_photos,
    set_opening_rules,
    split_place,
    update_contact,
)
from xiepai.worktime.opening import WeeklyRule
from xiepai.worktime.spans import Span

pytestmark = pytest.mark.django_db
NOW = datetime(2028, 2, 1, 9, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(autouse=True)
def _february() -> object:
    with clock.frozen(NOW):
        yield


@pytest.fixture(autouse=True)
def media_root(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def base() -> Organisation:
    return make_organisation("base")


@pytest.fixture
def keeper(base: Organisation) -> Actor:
    return make_person("keeper", base)[1]


@pytest.fixture
def place(base: Organisation) -> Place:
    return make_place(base, address="某路 1 号", latitude=31.7, longitude=119.8)


def refused(expected: ErrorCode, call: Any, /, *positional: Any, **arguments: Any) -> XiepaiError:
    with pytest.raises(XiepaiError) as caught:
        call(*positional, **arguments)
    assert caught.value.code == expected, caught.value
    return caught.value


def picture(width: int = 60, height: int = 40, kind: str = "JPEG", **save: Any) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((width, height), 50).convert("RGB").save(out, kind, **save)
    return out.getvalue()


class TestWhoSees:
    def test_public_to_all_the_rest_to_keepers_and_office(self, base, keeper) -> None:
        shown = make_place(base)
        kept = [make_place(base, visibility="review"), make_place(base, visibility="private")]
        crew, stranger = make_person("producer")[1], make_person("keeper")[1]
        for actor in (NOBODY, crew, stranger):
            assert list(selectors.visible_places(actor)) == [shown]
            for hidden in kept:
                refused(ErrorCode.NOT_FOUND, selectors.get_place, actor, hidden.pk)
        for actor in (keeper, make_person("officer")[1], make_person("leader")[1]):
            assert selectors.visible_places(actor).count() == 3
        assert list(selectors.review_queue(keeper)) == [kept[0]]
        assert not selectors.review_queue(crew).exists()

    def test_locked_fields_open_with_a_hold(self, place, keeper) -> None:
        crew = make_person("producer")[1]
        assert selectors.detail(crew, place.pk).place.address == "某路 1 号"
        lock_fields(actor=keeper, place_id=place.pk, locked_fields=["address", "position"])
        seen = selectors.detail(crew, place.pk)
        assert (seen.place.address, seen.place.latitude, seen.position_gcj02) == ("", None, None)
        assert seen.hidden == {"address", "position"}
        for opened in (selectors.detail(crew, place.pk, has_hold=True), selectors.detail(keeper, place.pk)):
            assert opened.place.address == "某路 1 号"
            assert opened.position_gcj02 == to_gcj02(31.7, 119.8)
            assert not opened.hidden
        refused(ErrorCode.INVALID, lock_fields, actor=keeper, place_id=place.pk, locked_fields=["name"])

    def test_contacts_have_a_lock_per_field(self, place, keeper) -> None:
        contact = add_contact(actor=keeper, place_id=place.pk, name="王师傅", duty="钥匙", phone="0519-1")
        crew = make_person("producer")[1]
        (card,) = selectors.detail(crew, place.pk).contacts
        assert (card.name, card.phone, card.hidden) == ("王师傅", "", {"phone", "wechat", "email"})
        assert selectors.detail(crew, place.pk, has_hold=True).contacts[0].phone == "0519-1"
        update_contact(actor=keeper, contact_id=contact.pk, locked_fields=["name"])
        (card,) = selectors.detail(crew, place.pk).contacts
        assert (card.name, card.phone) == ("", "0519-1")
        refused(ErrorCode.INVALID, update_contact, actor=keeper, contact_id=contact.pk, email="not mail")
        refused(ErrorCode.INVALID, update_contact, actor=keeper, contact_id=contact.pk, locked_fields=["x"])
        refused(ErrorCode.NOT_FOUND, update_contact, actor=crew, contact_id=contact.pk, name="偷")
        remove_contact(actor=keeper, contact_id=contact.pk)
        assert not selectors.detail(keeper, place.pk).contacts
        assert AuditEntry.objects.latest("id").event == "places.contact.removed"

    def test_a_place_with_all_its_page_shows(self, base, keeper) -> None:
        site = make_place(base, kind="site", visibility="private")
        hall = make_place(base, parent=site)
        set_opening_rules(actor=keeper, place_id=site.pk, rules=[WeeklyRule(0, 480, 1440)])
        start = NOW + timedelta(days=9)
        add_blocking(actor=keeper, place_id=hall.pk, span=Span(start, start + timedelta(hours=2)), reason="检修")
        make_tariff(hall, date(2028, 3, 1), hour_fen=1)
        divided = split_place(
            actor=keeper,
            place_id=hall.pk,
            parts=[Part("A"), Part("B")],
            combinations=[Joined("A+B", ("A", "B"))],
        )
        mine = selectors.detail(keeper, hall.pk)
        assert [row.pk for row in mine.ancestors] == [site.pk]
        assert mine.hours_of == site
        assert mine.opening_rules == (WeeklyRule(0, 480, 1440),)
        assert [row.reason for row in mine.blockings] == ["检修"]
        assert (mine.tariff.hour_fen, mine.announced[0].hour_fen) == (10_000, 1)
        assert mine.children == divided.parts
        assert mine.combinations == divided.combinations
        assert selectors.detail(keeper, divided.combinations[0].pk).parts == divided.parts
        theirs = selectors.detail(NOBODY, hall.pk)
        assert theirs.ancestors == ()  # the site is not public
        assert (mine.may_write, theirs.may_write) == (True, False)

    def test_the_tree(self, base, keeper) -> None:
        site = make_place(base, kind="site")
        building = make_place(base, kind="building", parent=site)
        secret = make_place(base, parent=building, visibility="private")
        assert selectors.tree(keeper, site.pk) == [(0, site), (1, building), (2, secret)]
        assert selectors.tree(NOBODY, site.pk) == [(0, site), (1, building)]
        assert selectors.ancestors(keeper, secret.pk) == [site, building]
        assert list(selectors.children(NOBODY, building.pk)) == []
        assert list(selectors.children(NOBODY, None)) == [site]

    def test_words_in_both_languages(self, place) -> None:
        assert selectors.labels("category")["office"] == "办公室"
        assert selectors.labels("category", "en")["office"] == "Office"
        assert selectors.vocabularies()["town"]["xitaihu"] == "西太湖"
        assert [word.code for word in selectors.vocabulary("style")] == ["modern", "costume"]
        refused(ErrorCode.NOT_FOUND, selectors.vocabulary, "spell")


class TestPictures:
    def test_two_sizes_and_nothing_of_the_camera(self, place, keeper, media_root) -> None:
        exif = Image.Exif()
        exif[0x0112] = 6  # turned by 90 degrees
        exif[0x010F] = "SecretCamera"
        exif.get_ifd(0x8825)[2] = (31.0, 42.0, 0.0)
        data = picture(3000, 1500, exif=exif, comment=b"SecretComment")
        photo = add_photo(actor=keeper, place_id=place.pk, data=data, caption=" 正门 ")
        assert (photo.width, photo.height, photo.caption) == (1000, 2000, "正门")
        for file, longest in ((photo.image, 2000), (photo.thumbnail, 480)):
            stored = Path(media_root, file.name).read_bytes()
            assert b"Secret" not in stored
            with Image.open(io.BytesIO(stored)) as opened:
                assert max(opened.size) == longest
                assert opened.height > opened.width
                assert not opened.getexif()
        assert os.path.basename(photo.image.name).removesuffix(".jpg") not in data.hex()  # noqa: PTH119
        assert AuditEntry.objects.latest("id").event == "places.photo.added"

    @pytest.mark.parametrize("kind", ["PNG", "WEBP"])
    def test_other_kinds_become_jpeg(self, place, keeper, kind) -> None:
        photo = add_photo(actor=keeper, place_id=place.pk, data=picture(kind=kind))
        with photo.image.open() as file:
            assert file.read(3) == b"\xff\xd8\xff"

    def test_what_was_transparent_becomes_white(self) -> None:
        out = io.BytesIO()
        Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(out, "PNG")
        with Image.open(io.BytesIO(media.read_picture(out.getvalue()).image)) as drawn:
            assert min(drawn.getpixel((4, 4))) > 250

    def test_the_same_file_twice_is_one_picture(self, place, keeper, media_root) -> None:
        data = picture()
        one = add_photo(actor=keeper, place_id=place.pk, data=data)
        assert add_photo(actor=keeper, place_id=place.pk, data=data) == one
        assert Photo.objects.count() == 1
        assert len(list(media_root.rglob("*.jpg"))) == 2

    def test_order_caption_and_removal(self, place, keeper, media_root, django_capture_on_commit_callbacks) -> None:
        photos = [add_photo(actor=keeper, place_id=place.pk, data=picture(width)) for width in (50, 51, 52)]
        ids = [photo.pk for photo in reversed(photos)]
        reorder_photos(actor=keeper, place_id=place.pk, photo_ids=ids)
        assert [photo.pk for photo in selectors.detail(keeper, place.pk).photos] == ids
        refused(ErrorCode.INVALID, reorder_photos, actor=keeper, place_id=place.pk, photo_ids=ids[:2])
        caption_photo(actor=keeper, photo_id=ids[0], caption="走廊")
        with django_capture_on_commit_callbacks(execute=True):
            remove_photo(actor=keeper, photo_id=ids[0])
        assert Photo.objects.count() == 2
        assert len(list(media_root.rglob("*.jpg"))) == 4
        stranger = make_person("keeper")[1]
        refused(ErrorCode.NOT_FOUND, remove_photo, actor=stranger, photo_id=ids[1])
        refused(ErrorCode.NOT_FOUND, add_photo, actor=stranger, place_id=place.pk, data=picture())

    def test_pictures_of_hidden_places_are_not_found(self, base, keeper) -> None:
        hidden = make_place(base, visibility="private")
        photo = add_photo(actor=keeper, place_id=hidden.pk, data=picture())
        assert selectors.get_photo(keeper, photo.pk) == photo
        refused(ErrorCode.NOT_FOUND, selectors.get_photo, NOBODY, photo.pk)

    @pytest.mark.parametrize(
        ("data", "code"),
        [
            (b"", ErrorCode.FILE_TYPE),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", ErrorCode.FILE_TYPE),
            (b"GIF89a" + bytes(100), ErrorCode.FILE_TYPE),
            (b"%PDF-1.7", ErrorCode.FILE_TYPE),
            (b"\xff\xd8\xff" + b"no picture", ErrorCode.FILE_UNREADABLE),
            (b"\x89PNG\r\n\x1a\n" + bytes(50), ErrorCode.FILE_UNREADABLE),
            (b"RIFF\x20\x00\x00\x00WEBP" + bytes(40), ErrorCode.FILE_UNREADABLE),
            (bytes(media.LARGEST_BYTES + 1), ErrorCode.FILE_SIZE),
        ],
    )
    def test_hostile_files(self, data, code) -> None:
        refused(code, media.read_picture, data)

    def test_a_picture_cut_off_is_unreadable(self) -> None:
        data = picture(400, 400)
        refused(ErrorCode.FILE_UNREADABLE, media.read_picture, data[: len(data) // 2])

    @pytest.mark.parametrize("side", [8_000, 12_000, 60_000])
    def test_a_small_file_that_unpacks_into_gigabytes(self, side) -> None:
        def chunk(kind: bytes, body: bytes) -> bytes:
            return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

        header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
        bomb = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(10_000))) + chunk(b"IEND", b"")
        error = refused(ErrorCode.FILE_UNREADABLE, media.read_picture, bomb)
        assert "像素" in str(error)

    def test_a_webp_that_claims_too_many_pixels_is_never_opened(self) -> None:
        body = b"VP8X" + struct.pack("<I", 10) + bytes(4) + (16382).to_bytes(3, "little") * 2
        bomb = b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body
        assert "像素" in str(refused(ErrorCode.FILE_UNREADABLE, media.read_picture, bomb))
