"""Whether the totals add up (R77), by interval, and what is wrong where they do not.

    received = ended in the IVR + queued + dropped in the IVR + still in the IVR
    queued   = answered + abandoned + redirected (and promised, message left, cut) + still waiting

Each term is counted by its own definition, from calls that citizens made (test calls and calls that
we made are left out); none is what is left of the others. A call or a stay that stands in no term,
or in two, makes the interval break. Beside the sums, what the tables say is held against each other
and against the facts that they are made of: a row that was lost or changed by hand is missed there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    distinct,
    exists,
    func,
    or_,
    select,
)

from protocol_store.fact_ids import facts_between
from protocol_store.reports.asked import Buckets
from protocol_store.tables import calls, facts
from protocol_store.visit_fold import QueueEnd
from protocol_store.visit_tables import queue_visits
from terms.facts import Kind
from terms.outcome import CallOutcome

ENDED_IN_IVR: Final = (CallOutcome.ENDED_IN_MENU, CallOutcome.MESSAGE_LEFT, CallOutcome.REFUSED)
DROPPED_IN_IVR: Final = (CallOutcome.LEFT_IN_MENU, CallOutcome.INTERRUPTED)

CALLS_NAMED: Final = 5
"""So many calls are named for each thing that is wrong."""


@dataclass(frozen=True, slots=True)
class Counted:
    """One interval of one line. `received` and `queued` are what the other terms must add up to."""

    key: int  # of the interval, as Buckets names it
    line: str
    received: int = 0
    ended_in_ivr: int = 0
    queued: int = 0  # calls that came to a queue
    dropped_in_ivr: int = 0
    in_ivr: int = 0  # still
    stays: int = 0  # in queues: a call may have several
    answered: int = 0
    abandoned: int = 0
    redirected: int = 0
    promised: int = 0
    message: int = 0
    interrupted: int = 0
    waiting: int = 0  # still

    @property
    def calls_missing(self) -> int:
        """Calls received that stand in no term; below zero: in two."""
        terms = self.ended_in_ivr + self.queued + self.dropped_in_ivr + self.in_ivr
        return self.received - terms

    @property
    def stays_missing(self) -> int:
        """The same of stays in queues."""
        ended = self.answered + self.abandoned + self.redirected
        others = self.promised + self.message + self.interrupted
        return self.stays - ended - others - self.waiting

    @property
    def balanced(self) -> bool:
        """Whether both sums add up."""
        return self.calls_missing == 0 and self.stays_missing == 0


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Something that cannot be, in Portuguese; how many calls, and the first few of them."""

    what: str
    count: int
    calls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Balance:
    """A period's intervals, and what contradicts itself in it."""

    intervals: tuple[Counted, ...]
    contradictions: tuple[Contradiction, ...]

    @property
    def broken(self) -> tuple[Counted, ...]:
        """The intervals that do not add up."""
        return tuple(one for one in self.intervals if not one.balanced)

    @property
    def holds(self) -> bool:
        """Whether everything adds up."""
        return not self.broken and not self.contradictions


def balance(connection: Connection, spans: Buckets) -> Balance:
    """Count a period. Cheap enough for every hour: it reads the period's rows by their indexes."""
    counted: dict[tuple[int, str], dict[str, Any]] = {}
    for question in (_calls(spans), _stays(spans)):
        for row in connection.execute(question).mappings():
            sums = dict(row)
            key = (int(sums.pop("by_key")), sums.pop("line"))
            counted.setdefault(key, {}).update(sums)
    intervals = tuple(Counted(key, line, **sums) for (key, line), sums in sorted(counted.items()))
    return Balance(intervals, tuple(_contradictions(connection, spans)))


def _counted(spans: Buckets) -> ColumnElement[bool]:
    return and_(spans.within(calls.c.arrived_minute), calls.c.direction == "in", ~calls.c.test)


def _if(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((and_(*conditions), 1)))


def _has_stay() -> ColumnElement[bool]:
    return exists().where(queue_visits.c.call_id == calls.c.call_id)


def _calls(spans: Buckets) -> Select[Any]:
    # What came to a queue, by the stays themselves, not by what `calls` says of it.
    call = select(
        spans.key(calls.c.arrived_minute).label("by_key"),
        calls.c.line,
        calls.c.outcome,
        calls.c.ended_at,
        _has_stay().label("queued"),
    )
    one = call.where(_counted(spans)).subquery()
    in_menu = ~one.c.queued
    return select(
        one.c.by_key,
        one.c.line,
        func.count().label("received"),
        _if(in_menu, one.c.outcome.in_(ENDED_IN_IVR)).label("ended_in_ivr"),
        _if(one.c.queued).label("queued"),
        _if(in_menu, one.c.outcome.in_(DROPPED_IN_IVR)).label("dropped_in_ivr"),
        _if(in_menu, one.c.ended_at.is_(None)).label("in_ivr"),
    ).group_by(one.c.by_key, one.c.line)


def _stays(spans: Buckets) -> Select[Any]:
    key = spans.key(queue_visits.c.entered_minute).label("by_key")
    stay = select(key, queue_visits.c.line, queue_visits.c.how)
    one = stay.where(
        spans.within(queue_visits.c.entered_minute),
        queue_visits.c.test.is_(False),
        queue_visits.c.direction == "in",
    ).subquery()
    return select(
        one.c.by_key,
        one.c.line,
        func.count().label("stays"),
        *(_if(one.c.how == how.value).label(how.value) for how in QueueEnd),
        _if(one.c.how.is_(None)).label("waiting"),
    ).group_by(one.c.by_key, one.c.line)


# --- what contradicts itself ---
def _contradictions(connection: Connection, spans: Buckets) -> list[Contradiction]:
    questions = [*_of_tables(spans), *_of_facts(connection, spans)]
    found = []
    for what, question in questions:
        wrong = question.distinct().subquery()
        count = connection.execute(select(func.count()).select_from(wrong)).scalar_one()
        if count:
            named = connection.execute(select(wrong.c.call_id).limit(CALLS_NAMED)).scalars()
            found.append(Contradiction(what, count, tuple(sorted(named))))
    return found


def _of_tables(spans: Buckets) -> list[tuple[str, Select[Any]]]:
    of_calls = select(calls.c.call_id).where(_counted(spans))
    stay_of_call = select(queue_visits.c.call_id).join(
        calls, calls.c.call_id == queue_visits.c.call_id
    )
    stays = stay_of_call.where(spans.within(queue_visits.c.entered_minute))
    ended, over = queue_visits.c.how, calls.c.ended_at.is_not(None)
    left = exists().where(
        queue_visits.c.call_id == calls.c.call_id, ended == QueueEnd.ABANDONED.value
    )
    served = exists().where(
        queue_visits.c.call_id == calls.c.call_id, ended == QueueEnd.ANSWERED.value
    )
    only_one = func.count(distinct(queue_visits.c.ordinal)) > 1
    return [
        ("na fila segundo a chamada, sem passagem pela fila",
         of_calls.where(calls.c.first_queue.is_not(None), ~_has_stay())),
        ("passagem pela fila sem fim, de chamada encerrada",
         stays.where(ended.is_(None), over)),
        ("passagem pela fila com fim desconhecido",
         stays.where(ended.is_not(None), ended.not_in([how.value for how in QueueEnd]))),
        ("chamada em duas filas ao mesmo tempo",
         stays.where(ended.is_(None)).group_by(queue_visits.c.call_id).having(only_one)),
        ("de teste segundo a chamada ou a passagem pela fila, e não segundo a outra",
         stays.where(queue_visits.c.test != calls.c.test)),
        ("abandonada segundo a chamada, sem abandono na fila",
         of_calls.where(calls.c.outcome == CallOutcome.ABANDONED.value, ~left)),
        ("atendida segundo a chamada, sem atendimento na fila",
         of_calls.where(calls.c.answered_at.is_not(None), ~served)),
        ("encerrada sem dizer como, ou em aberto com desfecho",
         of_calls.where(or_(and_(over, calls.c.outcome.is_(None)),
                            and_(~over, calls.c.outcome.is_not(None))))),
    ]  # fmt: skip


def _of_facts(connection: Connection, spans: Buckets) -> list[tuple[str, Select[Any]]]:
    since, until = spans.first * 60.0, spans.last * 60.0
    between = facts_between(connection, since, until)
    told = select(facts.c.call_id).where(between, facts.c.violation.is_(None))
    arrived = told.where(facts.c.kind == Kind.CALL_ARRIVED.value)
    here = exists().where(calls.c.call_id == facts.c.call_id)
    stayed = exists().where(queue_visits.c.call_id == facts.c.call_id)
    announced = exists().where(
        facts.c.call_id == calls.c.call_id,
        facts.c.kind.in_([Kind.CALL_ARRIVED.value, Kind.STATIC_TAKEN_IN.value]),
    )
    return [
        ("chegada nos fatos, sem a chamada", arrived.where(~here)),
        ("fila nos fatos, sem passagem pela fila",
         told.where(facts.c.kind == Kind.QUEUED.value, ~stayed)),
        ("chamada sem chegada nos fatos",
         select(calls.c.call_id).where(_counted(spans), ~announced)),
    ]  # fmt: skip
