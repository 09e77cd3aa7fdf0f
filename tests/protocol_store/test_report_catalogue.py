"""All reports by name: what they take, that they add up, and that their questions use indexes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, event
from visit_stories import START, at_random

from protocol_store import Store
from protocol_store.engines import make_engine
from protocol_store.reports.catalogue import REPORTS
from protocol_store.reports.report import Report, WrongQuestion
from terms import limits
from terms.sheet import Asked, Column, Shape, Sheet

OURS = (
    "dac-",
    "atendimento-",
    "retorno-",
    "ativo-",
    "tempos-",
    "rechamadas",
    "problemas-",
    "campanha-",
    "rotas-",
)
MINE = [name for name in REPORTS if name.startswith(OURS)]
ADDS_UP = [
    name
    for name in MINE
    if "interval" in REPORTS[name].takes and name not in ("atendimento-ocupacao", "tempos-medios")
]
BY_INTERVAL = ("received", "entered", "left", "answered", "abandoned", "redirected", "waiting",
               "talks", "talked", "given_up", "made", "repeated", "billed", "answered_within",
               "abandoned_beyond", "difference", "busy", "free", "dropped", "short", "billable",
               "not_dialled")  # fmt: skip


async def _stored(url: str) -> None:
    store = Store(url, "a")
    await store.start()
    store.append(*at_random(Random(7), 120))
    assert await store.settled()
    await store.close()


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: Any) -> Iterator[Engine]:
    """Two hours of calls of every kind."""
    folder: Path = tmp_path_factory.mktemp("crowd")
    url = f"sqlite:///{folder / 'store.sqlite'}"
    asyncio.run(_stored(url))
    engine = make_engine(url, reading=True)
    yield engine
    engine.dispose()


@settings(max_examples=25, deadline=None)
@given(
    name=st.sampled_from(ADDS_UP),
    interval=st.integers(1, 300),
    begins=st.integers(-30, 100),
    minutes=st.integers(1, 240),
)
def test_totals_are_the_sums_of_the_intervals(
    crowd: Engine, name: str, interval: int, begins: int, minutes: int
) -> None:
    since = START // 60 * 60 + begins * 60
    period = (since, since + minutes * 60.0)
    with crowd.connect() as connection:
        found = REPORTS[name].run(connection, Asked(*period, interval * 60.0))
        whole = REPORTS[name].run(connection, Asked(*period, 7 * 86_400.0 + 60))
    assert found.totals is not None
    assert whole.totals is not None
    for column in BY_INTERVAL:
        if column in found.totals:
            added = sum(row[column] for row in found.rows)  # type: ignore[misc]
            assert added == pytest.approx(found.totals[column], abs=0.05), column
            assert added == pytest.approx(whole.totals[column], abs=0.05), column


def test_every_interval_balances(crowd: Engine) -> None:
    with crowd.connect() as connection:
        asked = Asked(START - 3_600, START + 40_000, 420.0)
        queues = REPORTS["dac-balanco"].run(connection, asked)
        calls = REPORTS["dac-recebidas"].run(connection, asked)
    assert sum(row["entered"] for row in queues.rows) > 50  # type: ignore[misc]
    assert {row["difference"] for row in queues.rows} == {0}
    for row in calls.rows:
        parts = [value for name, value in row.items() if name not in ("interval", "received")]
        assert sum(parts) == row["received"]  # type: ignore[arg-type]


# --- what reports take ---
GIVEN: dict[str, Any] = {
    "interval": 60.0,
    "line": "156",
    "queue": "p156_geral",
    "agent": "ana",
    "campaign": "vacina",
    "phone": "1234",
    "protocol": "P1",
    "keyword": "buraco",
    "node": "principal",
    "beyond": 30.0,
}


@pytest.mark.parametrize("name", MINE)
def test_a_report_answers_what_it_takes_and_refuses_the_rest(crowd: Engine, name: str) -> None:
    report = REPORTS[name]
    with crowd.connect() as connection:
        for parameter, value in GIVEN.items():
            asked = Asked(START, START + 3_600, **{parameter: value})
            if parameter in report.takes:
                assert isinstance(report.run(connection, asked), Sheet)
            else:
                with pytest.raises(WrongQuestion, match=f"{name} não aceita"):
                    report.check(asked)
    with pytest.raises(WrongQuestion, match="cor"):
        report.check(Asked(0.0, 60.0, more={"cor": "azul"}))


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (Asked(60.0, 60.0), "antes de começar"),
        (Asked(0.0, 60.0, 90.0), "minutos inteiros"),
        (Asked(0.0, 60.0, 0.0), "minutos inteiros"),
        (Asked(0.0, 60.0, beyond=-1.0), "zero ou mais"),
    ],
)
def test_what_cannot_be_asked_of_any(asked: Asked, why: str) -> None:
    takes_all = Report("x", "X", "1", frozenset(GIVEN), lambda *_: pytest.fail("was made"))
    with pytest.raises(WrongQuestion, match=why):
        takes_all.check(asked)


def test_a_sheet_holds_no_more_than_it_may_and_says_so(crowd: Engine, monkeypatch: Any) -> None:
    monkeypatch.setattr(limits, "SHEET_ROWS", 10)
    with crowd.connect() as connection:
        found = REPORTS["dac-balanco"].run(connection, Asked(START, START + 7_200, 60.0), 99.0)
        whole = REPORTS["dac-balanco"].run(connection, Asked(START, START + 7_200, 7_200.0))
    assert (len(found.rows), found.cut, found.made_at) == (10, 111, 99.0)
    assert found.totals == whole.totals
    assert "Linhas que ficaram de fora: 111." in found.notes[-1]
    rows = [{"a": number} for number in range(12)]
    long = Report("x", "X", "1", frozenset(), lambda *_: _sheet(rows))
    with crowd.connect() as connection:
        cut = long.run(connection, Asked(0.0, 60.0))
    assert (len(cut.rows), cut.cut) == (10, 2)


def _sheet(rows: list[dict[str, int]]) -> Sheet:
    return Sheet("x", "X", (Column("a", "A", Shape.COUNT),), rows)


@pytest.mark.parametrize("name", MINE)
def test_every_column_is_in_every_row_and_every_name_is_a_reports(crowd: Engine, name: str) -> None:
    with crowd.connect() as connection:
        found = REPORTS[name].run(connection, Asked(START, START + 7_200))
    names = {column.name for column in found.columns}
    assert (found.name, found.title) == (name, REPORTS[name].title)
    assert found.notes
    assert all(set(row) == names for row in found.rows)
    assert set(found.totals or {}) <= names
    if found.chart is not None:
        assert {found.chart.along, *found.chart.over} <= names
    assert len({column.title for column in found.columns}) == len(names)


# --- indexes ---
LARGE = ("calls", "queue_visits", "facts", "offers", "legs", "agent_states", "recordings",
         "tasks", "promises")  # fmt: skip


@pytest.fixture(scope="module")
def plans(crowd: Engine) -> dict[str, list[str]]:
    """How SQLite would answer each question of each report."""
    found: dict[str, list[str]] = {}
    sent: list[tuple[str, Any]] = []

    def keep(_connection: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            sent.append((statement, values))

    with crowd.connect() as connection:
        for name in MINE:
            sent.clear()
            event.listen(crowd, "before_cursor_execute", keep)
            REPORTS[name].run(connection, Asked(START, START + 7_200))
            event.remove(crowd, "before_cursor_execute", keep)
            found[name] = [step for one in sent for step in _plan(connection, *one)]
    return found


def _plan(connection: Connection, statement: str, values: Any) -> list[str]:
    steps = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
    return [row[3] for row in steps]


@pytest.mark.parametrize("name", MINE)
def test_no_large_table_is_read_whole(plans: dict[str, list[str]], name: str) -> None:
    scans = [step for step in plans[name] if step.split()[:1] == ["SCAN"]]
    assert [step for step in scans if step.split()[1] in LARGE] == []


def test_the_queues_reports_read_nothing_but_their_index(plans: dict[str, list[str]]) -> None:
    for name in ("dac-atendidas", "dac-balanco", "dac-por-ilha", "dac-distribuicao-de-esperas"):
        assert any("COVERING INDEX queue_visits_counted" in step for step in plans[name]), name
