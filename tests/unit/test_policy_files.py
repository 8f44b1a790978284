"""The shipped policy files: each holds by its own examples, and the class of a work is the same in both tellings."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from xiepai import policy
from xiepai.productions.classification import ClassFacts, classify

FOLDER = Path(__file__).resolve().parents[2] / "policies"
FILES = sorted(FOLDER.glob("*.yaml"))
CLASSES = policy.load(FOLDER / "classification.yaml")
FIRST, LAST = date(2024, 6, 1), date(2027, 12, 31)
THRESHOLDS = [wan * 1_000_000 + fen for wan in (30, 80, 100, 300) for fen in (-1, 0, 1)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_shipped_file_holds_and_says_how_much_of_the_text_is_known(path: Path) -> None:
    found = policy.load(path)
    assert found.at(found.versions[-1].start).status in ("official", "partial", "sample")


def test_the_five_files_are_there() -> None:
    names = {path.stem for path in FILES}
    assert {"wujin-2025", "suzhou-2025", "datong-2025", "foshan-2025", "classification"} <= names


@given(
    st.integers(0, (LAST - FIRST).days).map(lambda days: FIRST + timedelta(days=days)),
    st.sampled_from(["live", "ai", "hybrid"]),
    st.one_of(st.sampled_from(THRESHOLDS), st.integers(0, 10**9)),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
@example(date(2026, 9, 1), "ai", 80_000_000, False, False, False)
def test_the_class_is_the_same_in_both_tellings(
    day: date, making: str, fen: int, weighty: bool, promoted: bool, by_choice: bool
) -> None:
    facts = {"making": making, "investment": fen, "weighty_subject": weighty}
    award = CLASSES.evaluate({**facts, "platform_promoted": promoted, "filed_by_choice": by_choice}, on=day)
    subjects = frozenset({"judicial"} if weighty else ())
    known = ClassFacts(making, fen, subjects, is_platform_promoted=promoted, is_filed_as_top=by_choice)
    labels = dict(zip(CLASSES.at(day).choices, CLASSES.at(day).choice_labels, strict=True))
    assert labels[award.choice] == classify(known, day).label.zh
