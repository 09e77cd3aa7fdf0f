"""A picture of the floor at one moment, plain enough to become JSON (`dataclasses.asdict`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from acd.agents import Agent
from acd.queues import Caller
from acd.rows import QueueLine
from terms.names import AgentName, CallId, Instant, OfferId, QueueName


@dataclass(frozen=True, slots=True)
class CallerView:
    """One caller of a queue: where is waiting, away, offered or talking."""

    call: CallId
    queue: QueueName
    line: str
    priority: int
    joined: Instant
    where: str
    agent: AgentName | None


@dataclass(frozen=True, slots=True)
class AgentView:
    """One agent."""

    agent: AgentName
    status: str
    reason: str
    state: str
    since: Instant
    phone: str
    call: CallId | None
    offer: OfferId | None


@dataclass(frozen=True, slots=True)
class QueueView:
    """One queue: its rule and what became of its callers since this floor began."""

    queue: QueueName
    line: str
    waiting: int
    joined: int
    answered: int
    abandoned: int
    overflowed: int


@dataclass(frozen=True, slots=True)
class FloorView:
    """Everything, callers in the order in which they would be served."""

    at: Instant
    queues: tuple[QueueView, ...]
    callers: tuple[CallerView, ...]
    agents: tuple[AgentView, ...]


def picture(
    lines: Iterable[QueueLine], callers: Iterable[Caller], agents: Iterable[Agent], now: Instant
) -> FloorView:
    """The floor as it is at `now`."""
    answering = {agent.offer: agent.name for agent in agents if agent.offer}
    return FloorView(
        at=now,
        queues=tuple(_queue(line) for line in lines),
        callers=tuple(
            _caller(caller, answering.get(caller.offer) if caller.offer else None)
            for caller in sorted(callers, key=lambda caller: caller.rank)
        ),
        agents=tuple(_agent(agent) for agent in sorted(agents, key=lambda agent: agent.name)),
    )


def _queue(line: QueueLine) -> QueueView:
    return QueueView(
        queue=line.rule.name,
        line=line.rule.line,
        waiting=len(line),
        joined=line.tally.joined,
        answered=line.tally.answered,
        abandoned=line.tally.abandoned,
        overflowed=line.tally.overflowed,
    )


def _caller(caller: Caller, agent: AgentName | None) -> CallerView:
    return CallerView(
        call=caller.call,
        queue=caller.rule.name,
        line=caller.rule.line,
        priority=caller.priority,
        joined=caller.joined,
        where=str(caller.where),
        agent=agent,
    )


def _agent(agent: Agent) -> AgentView:
    return AgentView(
        agent=agent.name,
        status=str(agent.status),
        reason=agent.reason,
        state=str(agent.state),
        since=agent.since,
        phone=str(agent.phone),
        call=agent.call,
        offer=agent.offer,
    )
