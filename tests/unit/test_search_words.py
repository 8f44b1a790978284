"""Tokens and queries: every part of a Chinese name is found, and no text can be more than words."""

from __future__ import annotations

import doctest
import re

from hypothesis import example, given
from hypothesis import strategies as st

from xiepai.places import search_words
from xiepai.places.search_words import LONGEST_TOKEN, MOST_TERMS, fold, query_terms, sort_key, tokens_of, tsquery

HAN = st.text("审讯室病房总裁办公咖啡馆王府民国街豪宅客厅长重乐行", min_size=1, max_size=14)
ANY = st.text(max_size=60)


def holds(document: str, words: str) -> bool:
    """What the database decides with ``@@``."""
    tokens = set(document.split(" "))
    return all(
        term in tokens or (unfinished and any(token.startswith(term) for token in tokens))
        for term, unfinished in query_terms(words)
    )


def test_the_examples_in_the_module() -> None:
    assert doctest.testmod(search_words).failed == 0


@given(HAN, st.data())
def test_every_part_of_a_chinese_name_finds_it(name: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(name) - 1))
    end = data.draw(st.integers(start + 1, len(name)))
    assert query_terms(name[start:end])
    assert holds(tokens_of([name], []), name[start:end])


@given(ANY)
def test_every_text_finds_itself(text: str) -> None:
    assert holds(tokens_of([text], []), text)


@given(ANY, ANY)
def test_a_document_is_tokens_apart_by_single_spaces(name: str, text: str) -> None:
    document = tokens_of([name], [text])
    tokens = document.split(" ") if document else []
    assert len(tokens) == len(set(tokens))
    for token in tokens:
        assert 0 < len(token) <= LONGEST_TOKEN
        assert not re.search(r"[\s\0'\\&|!():*<>]", token), repr(token)


@given(ANY)
def test_a_query_is_quoted_tokens_and_nothing_else(words: str) -> None:
    query = tsquery(words)
    assert query is None or re.fullmatch(r"'[^\s\0'\\]+'(:\*)?( & '[^\s\0'\\]+'(:\*)?)*", query)
    assert len(query_terms(words)) <= MOST_TERMS


@example("𝓐 Ｃ É")
@given(ANY)
def test_folding_is_done_once(text: str) -> None:
    assert query_terms(fold(text)) == query_terms(text) or len(fold(text)) > 120


def test_numbers_sort_by_value_and_tones_apart() -> None:
    names = ["码头", "11号棚", "妈妈家", "2号棚", "马厩"]
    assert sorted(names, key=sort_key) == ["2号棚", "11号棚", "妈妈家", "马厩", "码头"]
    assert len(sort_key("长" * 500)) <= 200
