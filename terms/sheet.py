"""A sheet: what a report comes to, before anybody decides how it looks.

The store makes sheets, papers/ writes them as files, the console shows them; none knows the others.
All titles and notes are Portuguese; they are what people read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from terms.names import Instant, Seconds
from terms.sight import Reveal

Value = str | int | float | bool | None
"""What a cell may hold: None is "nothing to tell" (a share of nothing, say), and is not zero."""


class Shape(StrEnum):
    """What a column's values are, and so how they are written."""

    TEXT = "text"
    COUNT = "count"
    NUMBER = "number"  # any other figure, with two decimals
    SECONDS = "seconds"
    SHARE = "share"  # 0.85 is written as 85,0 %
    INSTANT = "instant"  # seconds since 1970, written on the city's clock
    DAY = "day"  # `2026-11-25`
    MONEY = "money"  # reais


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `name` is its key in every row, `title` what stands above it."""

    name: str
    title: str
    shape: Shape = Shape.TEXT


class Drawn(StrEnum):
    """How a chart is drawn."""

    BARS = "bars"
    LINES = "lines"


@dataclass(frozen=True, slots=True)
class Chart:
    """What is worth a picture: the column along the axis, and those drawn over it."""

    drawn: Drawn
    along: str
    over: tuple[str, ...]
    title: str = ""


Row = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A title, what was asked, columns, rows, perhaps totals and a chart, and notes: the
    definitions by which it was counted, so that a figure never stands without its denominator."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: Sequence[Row]
    totals: Row | None = None
    chart: Chart | None = None
    asked: Sequence[tuple[str, str]] = ()  # what was asked, as people read it: (name, value)
    notes: Sequence[str] = ()
    made_at: Instant = 0.0
    cut: int = 0  # rows left out because a sheet holds no more than limits.SHEET_ROWS


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to know: the parameters that the clauses name (4.3.1.2, 4.3.2.2, R76).

    `since` is in, `until` is out. Empty texts ask for everything. A report takes those that it
    says it takes, and refuses the rest.
    """

    since: Instant
    until: Instant
    interval: Seconds = 3_600.0  # whole minutes, 60 or more
    line: str = ""
    queue: str = ""  # the clauses' "service", and "island"
    agent: str = ""
    campaign: str = ""
    phone: str = ""  # part of a number
    protocol: str = ""
    keyword: str = ""  # of what the call was about, its marks and dispositions
    node: str = ""
    beyond: Seconds = 15.0  # X of "up to X s / more than X s"
    reveal: Reveal = False  # whose numbers are shown whole to whoever asks
    more: Mapping[str, str] = field(default_factory=dict)
