"""What agents sent on (3.2.10, 3.4.8, 4.3.1.3.12): by agent, date and hour, and to which node.

    ura-transferencias             every agent's, by day and hour, by where to
    ura-transferencias-por-etapa   those into the tree, by node and agent

A transfer counts when the agent made it. A call knows how often it was sent on, its facts know
where: so only the facts of such calls are read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from protocol_store.reports.acd_visits import NO_TESTS
from protocol_store.reports.asked import CITY, buckets
from protocol_store.reports.counting import TOTAL, of_calls
from protocol_store.reports.report import Report
from protocol_store.tables import calls, facts
from terms import limits
from terms.facts import Kind
from terms.names import Instant
from terms.sheet import Asked, Chart, Column, Drawn, Row, Shape, Sheet

NODE, ATTENDED = "etapa", "consulta"
GOALS: Final = {
    NODE: Column("to_node", "Para a URA", Shape.COUNT),
    "fila": Column("to_queue", "Para outra fila", Shape.COUNT),
    "agente": Column("to_agent", "Para outro agente", Shape.COUNT),
    "externo": Column("to_outside", "Para fora", Shape.COUNT),
    ATTENDED: Column("attended", "Com consulta antes", Shape.COUNT),
}
_COUNTS: Final = (Column("all", "Todas", Shape.COUNT), *GOALS.values())
_AGENT: Final = Column("agent", "Agente")
_WHEN: Final = "A transferência conta no dia e na hora em que o agente a fez, no relógio da cidade."
_TAKES: Final = frozenset({"line", "agent", "phone", "protocol", "campaign"})


@dataclass(frozen=True, slots=True)
class Sent:
    """One transfer: whose, when, and where to (`goal` is a key of GOALS)."""

    agent: str
    at: Instant
    goal: str
    to: str


def transfers(connection: Connection, asked: Asked) -> Iterator[Sent]:
    """Every transfer of the period that was asked for, in no order."""
    spans = buckets(asked)
    said = [facts.c.details[name].as_string() for name in ("by", "goal", "to")]
    question = (
        select(facts.c.kind, facts.c.agent, facts.c.at, *said)
        .join(calls, calls.c.call_id == facts.c.call_id)
        .where(
            calls.c.transfers > 0,
            calls.c.arrived_minute >= spans.first - limits.REPORT_LOOKS_BACK,
            calls.c.arrived_minute < spans.last,
            calls.c.test.is_(False),
            facts.c.kind.in_([Kind.TRANSFERRED.value, Kind.TALK_MOVED.value]),
            facts.c.at >= asked.since,
            facts.c.at < asked.until,
            *of_calls(asked, spans, calls.c.call_id),
        )
    )
    if asked.line:
        question = question.where(calls.c.line == asked.line)
    for kind, agent, at, by_whom, goal, to in connection.execute(question):
        where = goal if kind == Kind.TRANSFERRED.value else ATTENDED
        sent = Sent(str(by_whom or agent or ""), at, str(where or ""), str(to or ""))
        if not asked.agent or sent.agent == asked.agent:
            yield sent


# --- by agent, date and hour ---
def _by_agent(connection: Connection, asked: Asked) -> Sheet:
    counted: Counter[tuple[str, str, int, str]] = Counter()
    for sent in transfers(connection, asked):
        local = datetime.fromtimestamp(sent.at, CITY)
        counted[sent.agent, local.date().isoformat(), local.hour, sent.goal] += 1
    places = sorted({key[:3] for key in counted})
    rows: list[Row] = [
        {
            **{"agent": agent, "day": day, "hour": f"{hour:02d}h"},
            **_row({goal: counted[agent, day, hour, goal] for goal in GOALS}),
        }
        for agent, day, hour in places
    ]
    return Sheet(
        "ura-transferencias",
        "Transferências feitas por agentes",
        (_AGENT, Column("day", "Dia", Shape.DAY), Column("hour", "Hora"), *_COUNTS),
        rows,
        totals={"agent": TOTAL, **_totals(rows)},
        notes=(
            "Para a URA: a uma etapa da árvore, de onde a pessoa volta à fila ou encerra (R13).",
            "Com consulta antes: a outro agente ou para fora, depois de falar com quem recebe.",
            *(_WHEN, NO_TESTS),
        ),
    )


def _row(goals: dict[str, int]) -> dict[str, int]:
    found = {column.name: goals[goal] for goal, column in GOALS.items()}
    return {"all": sum(found.values()), **found}


def _totals(rows: Iterable[Row]) -> dict[str, int]:
    told = list(rows)
    return {one.name: sum(int(row[one.name] or 0) for row in told) for one in _COUNTS}


# --- into the tree, by node ---
def _by_node(connection: Connection, asked: Asked) -> Sheet:
    wanted = (sent for sent in transfers(connection, asked) if sent.goal == NODE)
    counted = Counter(
        (sent.to, sent.agent) for sent in wanted if not asked.node or sent.to == asked.node
    )
    rows: list[Row] = [
        {"node": node, "agent": agent, "count": count}
        for (node, agent), count in sorted(counted.items(), key=lambda one: (-one[1], one[0]))
    ]
    return Sheet(
        "ura-transferencias-por-etapa",
        "Transferências de agentes para etapas da URA",
        (Column("node", "Etapa"), _AGENT, Column("count", "Transferências", Shape.COUNT)),
        rows,
        totals={"node": TOTAL, "count": sum(counted.values())},
        chart=Chart(Drawn.BARS, "node", ("count",), "Transferências por etapa"),
        notes=(_WHEN, NO_TESTS),
    )


REPORTS: Final = (
    Report(
        "ura-transferencias",
        "Transferências feitas por agentes",
        "4.3.1.3.12",
        _TAKES,
        _by_agent,
    ),
    Report(
        "ura-transferencias-por-etapa",
        "Transferências de agentes para etapas da URA",
        "4.3.1.3.12",
        _TAKES | {"node"},
        _by_node,
    ),
)
