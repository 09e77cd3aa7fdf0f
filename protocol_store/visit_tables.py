"""The tables that reports count: stays in queues and in nodes of the tree, legs, answers, states.

All are what facts come to (visit_projections.py), and all can be made anew from them (rebuild.py).
Every `…_minute` is a whole minute since 1970 UTC: it groups alike on both databases, by any
interval of a minute or more (R76). Each table has the call's `test`, so that a report leaves test
calls out without looking at the call.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from protocol_store.promise_tables import promises
from protocol_store.tables import Moment, RowNumber, calls, facts, metadata, offers, tasks

MINUTE: Final = 60.0


def minute_of(at: float) -> int:
    """The whole minute since 1970 UTC that this instant lies in."""
    # To the microsecond first, as it is stored: a fact that is read back has the same minute.
    return int(round(at, 6) // MINUTE)


def _call(**more: Any) -> Column[Any]:
    # No foreign key: what is told of a call that nobody announced is counted, too.
    return Column("call_id", Text, nullable=False, **more)


def _word(name: str) -> Column[Any]:
    return Column(name, Text, nullable=False, server_default="")


def _minute(name: str) -> Column[Any]:
    return Column(name, BigInteger, nullable=False, server_default="0")


def _count(name: str) -> Column[Any]:
    return Column(name, Integer, nullable=False, server_default="0")


def _test() -> Column[Any]:
    return Column("test", Boolean, nullable=False, server_default=false())


queue_visits = Table(
    "queue_visits",
    metadata,
    Column("id", RowNumber, primary_key=True),
    _call(),
    Column("ordinal", Integer, nullable=False),  # 1… within the call
    _word("line"),  # whose the call was then
    Column("queue", Text, nullable=False),
    _word("note"),  # the subject, as the menu gave it
    Column("entered_at", Moment, nullable=False),
    _minute("entered_minute"),
    # What the wait counts from (R71): before `entered_at` for whoever waited elsewhere first.
    Column("waits_from", Moment, nullable=False),
    Column("left_at", Moment),
    # answered | abandoned | redirected | promised | message | interrupted; empty: still waiting
    Column("how", Text),
    Column("wait_seconds", Float),  # from `waits_from` to `left_at`
    Column("agent", Text),  # who answered
    _test(),
    # out: we called, and nobody waited on the line; reports of queues count what came in
    Column("direction", Text, nullable=False, server_default="in"),
    UniqueConstraint("call_id", "ordinal"),
)
# All that the reports of the queues ask for stands in the index: nothing else is read for them.
Index(
    "queue_visits_counted",
    queue_visits.c.entered_minute,
    queue_visits.c.line,
    queue_visits.c.queue,
    queue_visits.c.how,
    queue_visits.c.test,
    queue_visits.c.wait_seconds,
    queue_visits.c.agent,
    queue_visits.c.direction,
)
Index(
    "queue_visits_open",
    queue_visits.c.call_id,
    sqlite_where=queue_visits.c.how.is_(None),
    postgresql_where=queue_visits.c.how.is_(None),
)

node_visits = Table(
    "node_visits",
    metadata,
    Column("id", RowNumber, primary_key=True),
    _call(),
    Column("ordinal", Integer, nullable=False),
    _word("line"),
    Column("node", Text, nullable=False),
    Column("entered_at", Moment, nullable=False),
    _minute("entered_minute"),
    Column("left_at", Moment),
    # key | silence | invalid | hangup | on | queue | transfer | failure; empty: still there
    Column("how", Text),
    _word("key"),  # the last that was pressed there; `#` for digits, never which
    _count("silences"),  # how often nothing was pressed in time …
    _count("invalids"),  # … and how often something that means nothing there
    _test(),
    UniqueConstraint("call_id", "ordinal"),
)
Index(
    "node_visits_counted",
    node_visits.c.entered_minute,
    node_visits.c.line,
    node_visits.c.node,
    node_visits.c.how,
    node_visits.c.key,
    node_visits.c.test,
)

legs = Table(
    "legs",
    metadata,
    Column("id", RowNumber, primary_key=True),
    _call(),
    Column("ordinal", Integer, nullable=False),  # 0 is the citizen's own
    _word("leg"),  # the offer, the consult, the supervision; '' is the citizen's own
    Column("who", Text, nullable=False),  # citizen | agent | outside | supervisor
    Column("agent", Text),  # … by name; of `outside`, its name on the city's list
    Column("direction", Text, nullable=False),  # in: they called us; out: we called them
    _word("because"),  # call | offer | consult | transfer | ouvir | sussurrar | entrar
    Column("began_at", Moment, nullable=False),
    _minute("began_minute"),
    Column("answered_at", Moment),
    Column("ended_at", Moment),
    Column("outcome", Text),
    _test(),
    UniqueConstraint("call_id", "ordinal"),
)
Index(
    "legs_counted",
    legs.c.began_minute,
    legs.c.who,
    legs.c.agent,
    legs.c.because,
    legs.c.outcome,
    legs.c.test,
)

survey_answers = Table(
    "survey_answers",
    metadata,
    Column("id", RowNumber, primary_key=True),
    _call(),
    Column("question", Text, nullable=False),
    Column("mark", Integer),  # 1…5; empty: no answer (R62)
    Column("at", Moment, nullable=False),
    _minute("minute"),
    Column("agent", Text),  # with whom the citizen had spoken last …
    Column("queue", Text),  # … and in which queue that was
    _word("line"),
    _test(),
    UniqueConstraint("call_id", "question"),
)
Index(
    "survey_answers_counted",
    survey_answers.c.minute,
    survey_answers.c.question,
    survey_answers.c.mark,
    survey_answers.c.agent,
    survey_answers.c.queue,
    survey_answers.c.test,
)

lookups = Table(
    "lookups",
    metadata,
    Column("id", RowNumber, primary_key=True),
    _call(index=True),
    _word("line"),
    Column("node", Text, nullable=False),
    Column("place", Text, nullable=False),  # the service that was asked
    Column("how", Text, nullable=False),  # achou | nao_achou | falhou
    Column("at", Moment, nullable=False),
    _minute("minute"),
    _test(),
)
Index("lookups_counted", lookups.c.minute, lookups.c.place, lookups.c.how, lookups.c.test)

agent_states = Table(
    "agent_states",
    metadata,
    Column("id", RowNumber, primary_key=True),
    Column("agent", Text, nullable=False),
    Column("state", Text, nullable=False),  # idle | offered | talking | wrap_up
    Column("began_at", Moment, nullable=False),
    _minute("began_minute"),
    Column("ended_at", Moment),
    UniqueConstraint("agent", "began_at"),
)
Index("agent_states_counted", agent_states.c.began_minute, agent_states.c.agent)
Index(
    "agent_states_open",
    agent_states.c.agent,
    sqlite_where=agent_states.c.ended_at.is_(None),
    postgresql_where=agent_states.c.ended_at.is_(None),
)

Index("calls_counted", calls.c.arrived_minute, calls.c.line, calls.c.outcome)
Index("offers_counted", offers.c.offered_minute, offers.c.agent, offers.c.outcome)

# What the reports on tasks, promises and broken rules look for.
Index(
    "facts_broken",
    facts.c.at,
    sqlite_where=facts.c.violation.is_not(None),
    postgresql_where=facts.c.violation.is_not(None),
)
Index("tasks_opened", tasks.c.opened_at)
Index("promises_made", promises.c.promised_at)
