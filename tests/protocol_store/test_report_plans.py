"""Every question of every report goes by an index, on both databases, however much is stored.

What is asked of the database is taken down as it is asked, on a store that the bench filled; then
each question's plan is read. A whole walk through a table that grows with every call is a mistake,
also if it is a walk through an index.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from postgres_server import PostgresServer
from sqlalchemy import Connection, Engine, event

from bench.million_calls import BEGINS, fill
from central156.reports_of_contract import REPORTS
from protocol_store.engines import make_engine
from protocol_store.reports.report import Report
from terms.sheet import Asked

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

GROW: Final = frozenset(
    {"facts", "calls", "queue_visits", "node_visits", "legs", "offers", "survey_answers"}
    | {"lookups", "agent_states", "call_marks", "recordings", "recording_keys", "protocols"}
    | {"attempts", "contacts"}
)
"""The tables that grow with every call."""

SQLITE_STEP = re.compile(r"(SCAN|SEARCH) (\w+)")
OTHER_NAME = re.compile(r"\b(\w+) AS (\w+)\b")
Question = tuple[str, Any]


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    url = f"sqlite:///{tmp_path_factory.mktemp('filled') / 'store.sqlite'}"
    if request.param == "postgres":
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.new_database()
    fill(url, calls=15_000, days=61)
    engine = make_engine(url, reading=True)
    yield engine
    engine.dispose()


def asked_by(report: Report, connection: Connection) -> list[Question]:
    """What a report asks of the database, as it is sent."""
    sent: list[Question] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            sent.append((statement, values))

    event.listen(connection, "before_cursor_execute", note)
    day = BEGINS.timestamp() + 3 * 86_400.0
    report.run(connection, Asked(day, day + 86_400.0), day + 7 * 86_400.0)
    event.remove(connection, "before_cursor_execute", note)
    return sent


def walked(connection: Connection, question: Question) -> set[str]:
    """The tables that a question walks through as a whole."""
    raw: Any = connection.connection.driver_connection
    statement, values = question
    if connection.dialect.name == "sqlite":
        names = {other: name for name, other in OTHER_NAME.findall(statement)}
        rows = raw.execute(f"EXPLAIN QUERY PLAN {statement}", values).fetchall()
        steps = [SQLITE_STEP.match(row[3]) for row in rows]
        return {names.get(step[2], step[2]) for step in steps if step and step[1] == "SCAN"}
    cursor = raw.execute(f"EXPLAIN (FORMAT JSON) {statement}", values)
    (found,) = cursor.fetchone()
    plan = found if isinstance(found, list) else json.loads(found)
    # The bench makes no facts, and of an empty table PostgreSQL plans nothing in earnest.
    return set(_walks(plan[0]["Plan"])) - {"facts"}


def _walks(node: dict[str, Any]) -> Iterator[str]:
    by_index = node["Node Type"] in ("Index Scan", "Index Only Scan", "Bitmap Heap Scan")
    wants = "Recheck Cond" if node["Node Type"] == "Bitmap Heap Scan" else "Index Cond"
    if "Relation Name" in node and not (by_index and wants in node):
        yield node["Relation Name"]
    for child in node.get("Plans", ()):
        yield from _walks(child)


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_goes_by_indexes(engine: Engine, name: str, tmp_path: Path) -> None:
    with engine.connect() as connection:
        if connection.dialect.name != "sqlite":
            # On so few rows a walk is always cheaper: what is asked is whether there is a way.
            for way in ("seqscan", "hashjoin", "mergejoin"):
                connection.exec_driver_sql(f"SET enable_{way} = off")
        for question in asked_by(REPORTS[name], connection):
            assert not walked(connection, question) & GROW, question[0]
