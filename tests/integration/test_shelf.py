"""Public pages from the shelf: the same page for the next stranger, with his own form token, and for nobody else."""

from __future__ import annotations

import re
from collections.abc import Generator
from typing import Any

import pytest
from django.test import Client, override_settings
from tests.factories import make_person, make_place

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _shelf_open() -> Generator[None, None, None]:
    with override_settings(SHELF_SECONDS=60):
        yield


def queries_of(client: Client, path: str, django_assert_max_num_queries: Any) -> tuple[int, str]:
    with django_assert_max_num_queries(60) as asked:
        page = client.get(path).content.decode()
    return len(asked), page


def test_the_next_stranger_gets_the_page_without_a_query(django_assert_max_num_queries: Any) -> None:
    make_place(name="审讯室")
    client = Client()
    first, page = queries_of(client, "/places/", django_assert_max_num_queries)
    second, again = queries_of(client, "/places/", django_assert_max_num_queries)
    assert (first > 0, second) == (True, 0)
    assert "审讯室" in page
    assert "审讯室" in again
    make_place(name="法庭")
    assert "法庭" not in client.get("/places/").content.decode()
    assert "法庭" in client.get("/places/?q=法庭").content.decode()  # another address is another page


def test_each_reader_gets_a_form_token_that_works_and_is_his_own() -> None:
    readers = [Client(enforce_csrf_checks=True) for _ in range(3)]
    shared = readers[0]
    tokens = []
    for reader in readers:
        reader.handler = shared.handler  # one process, one shelf
        page = reader.get("/").content.decode()
        assert "\0" not in page
        token = re.search(r'csrfmiddlewaretoken" value="(\w{64})"', page)
        assert token
        tokens.append(token[1])
    assert len(set(tokens)) == 3
    for reader, token in zip(readers, tokens, strict=True):
        assert reader.post("/theme/", {"csrfmiddlewaretoken": token, "theme": "dark"}).status_code == 302
    assert readers[1].post("/theme/", {"csrfmiddlewaretoken": tokens[2], "theme": "dark"}).status_code == 403


def test_what_is_free_is_asked_each_time(django_assert_max_num_queries: Any) -> None:
    make_place(name="审讯室")
    client, path = Client(), "/places/?day=2030-01-07"
    for _time in range(2):
        assert queries_of(client, path, django_assert_max_num_queries)[0] > 0


def test_language_and_theme_have_pages_of_their_own() -> None:
    client = Client()
    assert 'lang="zh-Hans"' in client.get("/places/").content.decode()
    client.cookies["django_language"] = "en"
    assert 'lang="en"' in client.get("/places/").content.decode()
    client.cookies["theme"] = "dark"
    assert 'data-theme="dark"' in client.get("/places/").content.decode()


def test_who_is_signed_in_neither_takes_from_the_shelf_nor_puts_there() -> None:
    client = Client()
    person, _actor = make_person("scheduler", name="某统筹")
    client.force_login(person)
    assert "某统筹" in client.get("/places/").content.decode()
    client.cookies.clear()
    assert "某统筹" not in client.get("/places/").content.decode()
    client.force_login(person)
    assert "某统筹" in client.get("/places/").content.decode()
