"""How values look on paper."""

from __future__ import annotations

import math
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sheets import NOON, a_sheet

from papers.sheet import Picture, for_reading, told, totals, widths
from papers.values import clean, shown, typed
from terms.limits import CELL_CHARACTERS, CHART_POINTS, DOCUMENT_ROWS
from terms.sheet import Chart, Column, Drawn, Shape, Sheet, Value


@pytest.mark.parametrize(
    ("value", "shape", "text"),
    [
        (None, Shape.COUNT, ""),
        (float("nan"), Shape.SHARE, ""),
        (math.inf, Shape.NUMBER, ""),
        (0, Shape.COUNT, "0"),
        (1_234_567, Shape.COUNT, "1.234.567"),
        (3.0, Shape.COUNT, "3"),
        (2.5, Shape.COUNT, "2,50"),
        (1_234.5, Shape.NUMBER, "1.234,50"),
        (12.25, Shape.SECONDS, "12,2"),
        (0.85, Shape.SHARE, "85,0 %"),
        (1, Shape.SHARE, "100,0 %"),
        (-0.1234, Shape.SHARE, "-12,3 %"),
        (1_234.5, Shape.MONEY, "R$ 1.234,50"),
        (NOON + 0.9, Shape.INSTANT, "25/11/2026 12:00:00"),
        (1e300, Shape.INSTANT, "1e+300"),
        ("2026-11-25", Shape.DAY, "25/11/2026"),
        ("natal", Shape.DAY, "natal"),
        ("—", Shape.COUNT, "—"),
        (True, Shape.TEXT, "sim"),
        (False, Shape.COUNT, "não"),
        (12, Shape.TEXT, "12"),
    ],
)
def test_what_people_read(value: Value, shape: Shape, text: str) -> None:
    assert shown(value, shape) == text


def test_the_clock_is_the_citys_also_when_it_was_changed() -> None:
    summer = 1_546_300_800.0  # 2019-01-01 00:00 UTC: two hours behind, then
    assert typed(summer, Shape.INSTANT) == datetime(2018, 12, 31, 22)
    assert typed(NOON, Shape.INSTANT) == datetime(2026, 11, 25, 12)
    assert typed("2026-11-25", Shape.DAY) == date(2026, 11, 25)


@pytest.mark.parametrize("letter", ["a", "é", "😀"])
def test_a_text_is_never_longer_than_a_cell(letter: str) -> None:
    long = clean(letter * 40_000)
    assert len(long.encode("utf-16-le")) // 2 <= CELL_CHARACTERS
    assert long.endswith(letter + "…")
    fits = letter * (CELL_CHARACTERS // 2)
    assert clean(fits) == fits


def test_what_no_file_can_hold_is_seen_to_be_left_out() -> None:
    assert clean("a\x00b\x1b[31m\ud800\ufffe\u202ec") == "a�b�[31m���c"
    assert clean("a\r\nb\rc") == "a\nb\nc"


@given(st.text(alphabet=st.characters(codec=None, exclude_categories=()), max_size=60))
def test_whatever_is_typed_can_be_written(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    clean(text).encode("utf-8")


def test_totals_are_called_so_unless_they_have_a_name() -> None:
    found = totals(a_sheet())
    assert found is not None
    assert found["at"] == "Total"
    columns = (Column("queue", "Fila"),)
    named = Sheet("x", "x", columns, (), totals={"queue": "Ao todo"})
    assert totals(named) == {"queue": "Ao todo"}
    assert totals(Sheet("x", "x", columns, ())) is None


def test_it_says_when_it_was_made() -> None:
    assert told(a_sheet())[-1] == ("feito em", "25/11/2026 12:00:00")
    assert all(8 <= width <= 62 for width in widths(a_sheet()))


def test_a_text_for_reading_says_what_it_leaves_out() -> None:
    rows = tuple({"n": number} for number in range(DOCUMENT_ROWS + 1))
    sheet = for_reading(Sheet("x", "x", (Column("n", "n", Shape.COUNT),), rows))
    assert len(sheet.rows) == DOCUMENT_ROWS
    assert "3.000 primeiras de 3.001" in sheet.notes[-1]


def test_a_chart_that_cannot_be_drawn_is_left_out() -> None:
    columns = (Column("a", "A"), Column("n", "N", Shape.COUNT))
    row = {"a": "x", "n": 1}

    def picture(chart: Chart | None, rows: int = 1) -> Picture:
        return Picture(Sheet("x", "x", columns, (row,) * rows, chart=chart))

    assert picture(Chart(Drawn.BARS, "a", ("n",)))
    assert not picture(None)
    assert not picture(Chart(Drawn.BARS, "a", ("n",)), rows=0)
    assert not picture(Chart(Drawn.BARS, "unknown", ("n",)))
    assert not picture(Chart(Drawn.BARS, "a", ("unknown",)))
    long = picture(Chart(Drawn.BARS, "a", ("n",), "Muitas"), rows=CHART_POINTS + 1)
    assert long.rows == CHART_POINTS
    assert "primeiras linhas" in long.title
