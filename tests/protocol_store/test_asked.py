"""Periods and intervals on the city's clock, through changes of its offset."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import BigInteger, Connection, Integer, create_engine, literal, select

from protocol_store.reports.asked import (
    CITY,
    DAY,
    MONTH,
    WEEK,
    Buckets,
    buckets,
    city_minutes,
    interval_of,
    interval_text,
)
from terms.sheet import Asked

HOUR = 3_600.0


def when(*clock: int, fold: int = 0) -> float:
    return datetime(*clock, tzinfo=CITY, fold=fold).timestamp()  # type: ignore[arg-type,misc]


def labels(since: float, until: float, interval: float) -> list[str]:
    spans = buckets(Asked(since, until, interval))
    return [spans.label(key) for key in spans.keys]


TABLE: list[tuple[float, float, float, list[str]]] = [
    (
        when(2026, 11, 23, 22),
        when(2026, 11, 24, 1),
        HOUR,
        ["23/11/2026 22:00", "23/11/2026 23:00", "24/11/2026 00:00"],
    ),
    # begins and ends within an interval: it is counted from midnight all the same
    (
        when(2026, 11, 23, 0, 10),
        when(2026, 11, 23, 0, 21),
        600.0,
        ["23/11/2026 00:10", "23/11/2026 00:20"],
    ),
    (
        when(2026, 11, 23, 0, 5),
        when(2026, 11, 23, 0, 12),
        600.0,
        ["23/11/2026 00:05", "23/11/2026 00:10"],
    ),
    (when(2026, 11, 23), when(2026, 11, 25), DAY, ["23/11/2026", "24/11/2026"]),
    # from Thursday on: the first week ends on Sunday
    (
        when(2026, 11, 26),
        when(2026, 12, 2),
        WEEK,
        ["semana de 26/11/2026", "semana de 30/11/2026"],
    ),
    (
        when(2026, 11, 30),
        when(2027, 1, 2),
        MONTH,
        ["novembro de 2026", "dezembro de 2026", "janeiro de 2027"],
    ),
    # the clock went back at midnight: 23 h came twice
    (
        when(2019, 2, 16, 22),
        when(2019, 2, 17, 1),
        HOUR,
        [
            "16/02/2019 22:00",
            "16/02/2019 23:00 (-0200)",
            "16/02/2019 23:00 (-0300)",
            "17/02/2019 00:00",
        ],
    ),
    # … and forward: there was no midnight
    (
        when(2018, 11, 3, 23),
        when(2018, 11, 4, 2),
        HOUR,
        ["03/11/2018 23:00", "04/11/2018 01:00"],
    ),
    (when(2019, 2, 16), when(2019, 2, 18), DAY, ["16/02/2019", "17/02/2019"]),
]


@pytest.mark.parametrize(("since", "until", "interval", "wanted"), TABLE)
def test_intervals_are_named_on_the_citys_clock(
    since: float, until: float, interval: float, wanted: list[str]
) -> None:
    assert labels(since, until, interval) == wanted


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        *(("1min", 60), ("15 min", 900), ("2h", 7_200), ("hora", 3_600), ("DIA", DAY)),
        *(("7d", 7 * DAY), ("semana", WEEK), ("mes", MONTH), ("mês", MONTH)),
    ],
)
def test_an_interval_is_read(text: str, seconds: float) -> None:
    assert interval_of(text) == seconds


@pytest.mark.parametrize("text", ["", "0min", "-5min", "1,5h", "ano", "15", "min"])
def test_another_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="como 15min"):
        interval_of(text)


def test_intervals_are_told() -> None:
    told = [interval_text(one) for one in (60.0, 900.0, HOUR, 5_400.0, DAY, 3 * DAY, WEEK, MONTH)]
    assert told == ["1 min", "15 min", "hora", "90 min", "dia", "3 dias", "semana", "mês"]


def of(spans: Buckets, connection: Connection, *minutes: int) -> list[int]:
    """The keys that the database gives these minutes."""
    asked = [spans.key(literal(minute, BigInteger)) for minute in minutes]
    return list(connection.execute(select(*asked)).one())


ENGINE = create_engine("sqlite://")
CHANGES = (when(2019, 2, 16, 23, fold=1), when(2018, 11, 4, 1), when(2017, 10, 15, 1))


@settings(max_examples=60, deadline=None)
@given(
    near=st.sampled_from((*CHANGES, when(2026, 11, 23))),
    before=st.integers(0, 4_000),
    after=st.integers(1, 4_000),
    interval=st.one_of(
        st.integers(1, 3_000).map(lambda minutes: minutes * 60.0),
        st.sampled_from((HOUR, DAY, 2 * DAY, WEEK, MONTH)),
    ),
    data=st.data(),
)
def test_every_minute_is_in_the_one_interval_that_its_clock_says(
    near: float, before: int, after: int, interval: float, data: st.DataObject
) -> None:
    since, until = near - before * 60, near + after * 60
    spans = buckets(Asked(since, until, interval))
    keys = list(spans.keys)
    begins = [spans.begins(key) for key in keys]
    assert begins == sorted(set(begins))
    assert begins[0] == since
    assert len({spans.label(key) for key in keys}) == len(keys)
    minutes = data.draw(st.lists(st.integers(spans.first, spans.last - 1), min_size=1, max_size=8))
    with ENGINE.connect() as connection:
        found = of(spans, connection, *minutes)
    for minute, key in zip(minutes, found, strict=True):
        place = keys.index(key)
        assert begins[place] <= minute * 60
        assert place + 1 == len(keys) or minute * 60 < begins[place + 1]


@given(st.integers(0, 80 * 1_440), st.sampled_from(CHANGES))
@settings(max_examples=60, deadline=None)
def test_hours_and_weekdays_are_those_of_the_citys_clock(after: int, near: float) -> None:
    since, minute = near - 40 * DAY, int(near // 60) - 40 * 1_440 + after
    column = city_minutes(literal(minute, Integer), since, near + 41 * DAY)
    with ENGINE.connect() as connection:
        local = connection.execute(select(column)).scalar_one()
    shown = datetime.fromtimestamp(minute * 60, CITY)
    assert (local // 60 % 24, local % 60) == (shown.hour, shown.minute)
    assert (local // 1_440 + 3) % 7 == shown.weekday()
