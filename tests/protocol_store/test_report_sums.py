"""Agents' time and repeated calls, as the database adds them up, against a plain count."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, insert

from contract.billing import repeats
from protocol_store.reports.asked import Buckets, buckets
from protocol_store.reports.attendance_areas import by_agent, by_interval, logins
from protocol_store.reports.catalogue import REPORTS
from protocol_store.tables import calls, facts, metadata
from protocol_store.work_tables import agent_sessions
from terms.facts import Kind
from terms.sheet import Asked

BEGINS = 1_790_000_000 // 60 * 60.0
"""A whole minute."""


@pytest.fixture(scope="module")
def tables() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        metadata.create_all(connection, [calls, facts, agent_sessions])
        yield connection
    engine.dispose()


stays = st.lists(
    st.tuples(st.integers(-7_200, 14_400), st.integers(0, 9_000) | st.none()), max_size=12
)


@settings(max_examples=50, deadline=None)
@given(
    stays=stays,
    since=st.integers(-100, 3_000),
    lasts=st.integers(1, 9_000),
    minutes=st.integers(1, 200),
    known=st.integers(0, 20_000) | st.none(),
)
def test_time_is_what_lies_in_the_interval_and_is_known(
    tables: Connection, stays: Any, since: int, lasts: int, minutes: int, known: int | None
) -> None:
    asked = Asked(BEGINS + since, BEGINS + since + lasts, minutes * 60.0)
    rows = [
        (BEGINS + began, None if long is None else BEGINS + began + long) for began, long in stays
    ]
    spans = buckets(asked)
    with tables.begin_nested() as undone:
        for number, (began, ended) in enumerate(rows):
            row = {"agent": f"a{number}", "began_at": began, "ended_at": ended}
            tables.execute(insert(agent_sessions), row)
        if known is not None:
            told = {"writer": "a", "sequence": 1, "at": BEGINS + known, "kind": Kind.AGENT_LOGIN}
            tables.execute(insert(facts), {**told, "details": {}})
        areas = by_interval(tables, asked, spans, logins())
        agents = by_agent(tables, asked, spans, logins())
        undone.rollback()
    last = asked.until if known is None else max(asked.since, min(asked.until, BEGINS + known))
    for key, (low, high) in _bounds(spans, asked).items():
        wanted = sum(_within(began, ended, low, min(high, last)) for began, ended in rows)
        assert areas[key] == pytest.approx(wanted, abs=0.02)
    total = sum(_within(began, ended, asked.since, last) for began, ended in rows)
    assert sum(seconds for _, seconds in agents.values()) == pytest.approx(total, abs=0.02)


def _bounds(spans: Buckets, asked: Asked) -> dict[int, tuple[float, float]]:
    keys = list(spans.keys)
    begins = [max(spans.begins(key), asked.since) for key in keys]
    return dict(zip(keys, zip(begins, [*begins[1:], asked.until], strict=True), strict=True))


def _within(began: float, ended: float | None, low: float, high: float) -> float:
    return max(0.0, (high if ended is None else min(ended, high)) - max(began, low))


@settings(max_examples=50, deadline=None)
@given(
    came=st.lists(
        st.tuples(st.sampled_from(("11", "12", "anonymous")), st.integers(-4_000, 7_199)),
        max_size=25,
        unique=True,
    ),
    minutes=st.integers(1, 200),
)
def test_repeats_are_those_that_are_not_paid(
    tables: Connection, came: list[tuple[str, int]], minutes: int
) -> None:
    with tables.begin_nested() as undone:
        for number, (caller, after) in enumerate(came):
            at = BEGINS + after
            row = {"call_id": f"c{number}", "caller": caller, "arrived_at": at}
            tables.execute(insert(calls), {**row, "arrived_minute": int(at // 60)})
        asked = Asked(BEGINS, BEGINS + 7_200, minutes * 60.0)
        found = REPORTS["rechamadas"].run(tables, asked)
        undone.rollback()
    known = [(caller, BEGINS + after) for caller, after in came if caller != "anonymous"]
    assert found.totals is not None
    assert found.totals["repeated"] == repeats(known, 900.0, BEGINS)
    assert found.totals["received"] == sum(after >= 0 for _, after in came)
    each: list[Any] = [row["repeated"] for row in found.rows]
    assert sum(each) == found.totals["repeated"]
