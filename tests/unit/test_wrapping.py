"""Lines for a terminal: never too wide, nothing lost, broken where a reader would."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from xiepai.config.wrapping import keep_terms, wrapped

SIGNS = st.text(alphabet="病房，；“”（）¥1,234 ×+=–:ab", max_size=60)


@given(SIGNS, st.integers(2, 40), st.booleans())
def test_no_line_is_too_wide_and_nothing_is_lost(text: str, width: int, is_figures: bool) -> None:
    lines = wrapped(text, width, is_figures=is_figures).split("\n")
    assert all(cell_len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_it_breaks_where_a_reader_would() -> None:
    assert wrapped("名称符合“病房”；2 处可用，价最低", 16) == "名称符合“病房”；\n2 处可用，价最低"
    assert wrapped("价最低；可容 35 人", 16) == "价最低；可容\n35 人"
    assert wrapped("千人大厅〔样例〕", 12) == "千人大厅\n〔样例〕"
    assert wrapped("12-07周一 20:00–次日02:00 包天", 16, is_figures=True) == "12-07周一\n20:00–次日02:00\n包天"


def test_a_sum_breaks_between_its_terms() -> None:
    terms = keep_terms("1 天 × ¥1,000 + 2 超时小时 × ¥100 = ¥1,200")
    assert wrapped(terms, 24, is_figures=True) == "1 天 × ¥1,000\n+ 2 超时小时 × ¥100\n= ¥1,200"
    assert wrapped(terms, 60, is_figures=True) == "1 天 × ¥1,000 + 2 超时小时 × ¥100 = ¥1,200"


def test_what_does_not_fit_at_all_is_folded() -> None:
    assert wrapped("¥123,456,789", 6) == "¥123,4\n56,789"
