"""A picture of the floor at one moment, plain enough to become JSON (`plain`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

from acd.agents import Agent, Status
from acd.queues import Caller, Where
from acd.rows import QueueLine
from terms.names import AgentName, CallId, Instant, OfferId, QueueName, Seconds, Skill


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
    absent: bool  # has hung up, keeps the place, and is called back when the turn comes
    dialled: bool  # the dialler calls them, or has called: they are in no count of the queue


@dataclass(frozen=True, slots=True)
class AgentView:
    """One agent. `pause_since`: when the clock of the pause began, or it was asked for."""

    agent: AgentName
    status: str
    reason: str
    state: str
    since: Instant
    phone: str
    call: CallId | None
    offer: OfferId | None
    pause_since: Instant | None
    pause_ends: Instant | None
    subjects: tuple[Skill, ...]
    reserve: bool
    seat: str


@dataclass(frozen=True, slots=True)
class QueueView:
    """One queue: its rule, who is there, and what became of its callers since this floor began.

    `waiting` can be offered. `unserved` holds the line and talks to nobody: waiting, between two
    steps, or while an agent rings; `oldest` and `late` (over the target) are of these. `absent`
    are called back. `crew` is logged in and may serve it, if only when its rings are open; `free`
    could be offered a newcomer right now.
    """

    queue: QueueName
    line: str
    emergency: bool
    target: Seconds
    storm: bool
    waiting: int
    unserved: int
    oldest: Instant | None
    late: int
    absent: int
    crew: int
    free: int
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


def plain(view: FloorView) -> dict[str, Any]:
    """The same as dicts and lists. What `dataclasses.asdict` gives, twenty times as fast: it is
    made twice a second while somebody looks, of thousands of agents."""
    return {
        "at": view.at,
        "queues": _dicts(view.queues, QueueView),
        "callers": _dicts(view.callers, CallerView),
        "agents": _dicts(view.agents, AgentView),
    }


def _dicts(views: Iterable[Any], kind: type[Any]) -> list[dict[str, Any]]:
    names = tuple(field.name for field in fields(kind))
    return [{name: getattr(view, name) for name in names} for view in views]


@dataclass(slots=True)
class _There:
    """The callers of one queue who talk to nobody."""

    unserved: int = 0
    oldest: Instant | None = None
    late: int = 0
    absent: int = 0


_Crew = Counter[tuple[frozenset[tuple[Skill, int]], bool, bool]]
"""How many agents are logged in with these skills, are of the reserve or not, are free or not."""


def picture(
    lines: Iterable[QueueLine], callers: Iterable[Caller], agents: Iterable[Agent], now: Instant
) -> FloorView:
    """The floor as it is at `now`."""
    answering = {agent.offer: agent.name for agent in agents if agent.offer}
    there, crew = _there(callers, now), _crew(agents, now)
    nobody = _There()
    return FloorView(
        at=now,
        queues=tuple(_queue(line, there.get(line.rule.name, nobody), crew) for line in lines),
        callers=tuple(
            _caller(caller, answering.get(caller.offer) if caller.offer else None)
            for caller in sorted(callers, key=lambda caller: caller.rank)
        ),
        agents=tuple(_agent(agent) for agent in sorted(agents, key=lambda agent: agent.name)),
    )


def _there(callers: Iterable[Caller], now: Instant) -> dict[QueueName, _There]:
    found: dict[QueueName, _There] = {}
    for caller in callers:
        if caller.dialled or caller.where is Where.TALKING:
            continue
        one = found.setdefault(caller.rule.name, _There())
        if caller.absent:
            one.absent += 1
            continue
        one.unserved += 1
        one.oldest = min(one.oldest or caller.joined, caller.joined)
        one.late += now - caller.joined > caller.rule.target_seconds
    return found


def _crew(agents: Iterable[Agent], now: Instant) -> _Crew:
    return Counter(
        (frozenset(agent.skills.items()), agent.reserve, agent.may_be_offered(now))
        for agent in agents
        if agent.status is not Status.LOGGED_OUT
    )


def _queue(line: QueueLine, there: _There, crew: _Crew) -> QueueView:
    rule, tally, widest = line.rule, line.tally, line.rule.widest()
    now = widest if line.storm else rule.ask(0)
    known = [(dict(skills), reserve, free, n) for (skills, reserve, free), n in crew.items()]
    return QueueView(
        queue=rule.name,
        line=rule.line,
        emergency=rule.emergency,
        target=rule.target_seconds,
        storm=line.storm,
        waiting=len(line),
        unserved=there.unserved,
        oldest=there.oldest,
        late=there.late,
        absent=there.absent,
        crew=sum(n for skills, reserve, _, n in known if widest.takes(skills, reserve)),
        free=sum(n for skills, reserve, free, n in known if free and now.takes(skills, reserve)),
        joined=tally.joined,
        answered=tally.answered,
        abandoned=tally.abandoned,
        overflowed=tally.overflowed,
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
        absent=caller.absent and not caller.dialled,
        dialled=caller.dialled,
    )


def _agent(agent: Agent) -> AgentView:
    pause = agent.pause
    return AgentView(
        agent=agent.name,
        status=str(agent.status),
        reason=agent.reason,
        state=str(agent.state),
        since=agent.since,
        phone=str(agent.phone),
        call=agent.call,
        offer=agent.offer,
        pause_since=None if pause is None else pause.began or pause.asked,
        pause_ends=None if pause is None else pause.ends,
        subjects=agent.subjects,
        reserve=agent.reserve,
        seat=agent.seat,
    )
