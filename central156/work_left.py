"""At a start: how agents were when the process before us ended, put together from the store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from acd.pauses import PLANNED_REASONS, WorkRules
from acd.shift import Plan, Planned
from acd.work_events import AgentRestored
from callflow.agent_desk import AgentDesk
from callflow.shift_desk import SeatHours, ShiftDesk
from central156.settings import Settings
from central156.settings_work import split_results
from protocol_store import (
    Agent,
    AgentStatus,
    PauseRow,
    PlannedRow,
    SessionRow,
    Store,
    WorkLeft,
)
from terms.limits import DAY_AT_WORK
from terms.names import AgentName, Instant, Seconds

LOGGED_OUT, PAUSED = "logged_out", "paused"


def open_shift_desk(desk: AgentDesk, settings: Settings) -> ShiftDesk:
    """The desk for shifts and results; from now on the floor watches people's hours."""
    desk.keeper.floor.work = WorkRules(strain=settings.strain_minutes * 60.0)
    return ShiftDesk(desk, split_results(settings.results))


async def remember_agents(store: Store, desk: AgentDesk, shifts: ShiftDesk, now: Instant) -> None:
    """Make all agents known, and those at work as they were; before anything is offered."""
    agents, rules = await store.agents(), desk.keeper.floor.work
    for one in agents:
        desk.enroll(one.name, one.skills, one.subjects, one.reserve)
    left = await store.work.left(looked_back(now, rules), now)
    hours = await store.work.seats()
    shifts.load_seats((one.seat, SeatHours(one.opens, one.closes, one.days)) for one in hours)
    desk.restore(restored(agents, await store.last_statuses(), left, rules))


def looked_back(now: Instant, rules: WorkRules) -> Instant:
    """From when on logins and pauses may still count for a day at work in course."""
    return now - 2 * (DAY_AT_WORK + rules.between_days)


def restored(
    agents: Iterable[Agent],
    statuses: Iterable[AgentStatus],
    left: WorkLeft,
    rules: WorkRules,
) -> list[AgentRestored]:
    """Every agent, with clocks, plans and exceptions; also those who are logged out, for they may
    have worked today."""
    last = {one.agent: one for one in statuses}
    sessions, pauses = _by_agent(left.sessions), _by_agent(left.pauses)
    planned, exceptions = _by_agent(left.planned), _by_agent(left.exceptions)
    return [
        _restored(
            agent,
            last.get(agent.name),
            _day(sessions[agent.name], last.get(agent.name), rules.between_days),
            pauses[agent.name],
            _plans(planned[agent.name]),
            max((one.until for one in exceptions[agent.name]), default=0.0),
        )
        for agent in agents
    ]


def _by_agent(rows: Iterable[Any]) -> dict[AgentName, list[Any]]:
    found: dict[AgentName, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.agent].append(row)
    return found


def _restored(
    agent: Agent,
    status: AgentStatus | None,
    day: Sequence[SessionRow],
    pauses: Sequence[PauseRow],
    plans: tuple[Plan, ...],
    exempt_until: Instant,
) -> AgentRestored:
    paused = status is not None and status.status == PAUSED
    running = next((one for one in pauses if one.ended is None), None)
    if not paused or running is None or status is None or running.reason != status.reason:
        running = None
    began = day[0].began if day else 0.0
    open_ = day[-1] if day and day[-1].ended is None else None
    return AgentRestored(
        agent=agent.name,
        skills=agent.skills,
        subjects=agent.subjects,
        reserve=agent.reserve,
        seat=day[-1].seat if day else "",
        status=LOGGED_OUT if status is None else status.status,
        reason="" if status is None else status.reason,
        pause_began=None if running is None else running.began,
        pause_planned=None if running is None else running.planned,
        logged_since=None if open_ is None else open_.began,
        spells=tuple((one.began, one.ended) for one in day if one.ended is not None),
        taken=frozenset(one.reason for one in pauses if one.began >= began and _is_taken(one)),
        plans=plans,
        exempt_until=exempt_until,
        blocked=agent.blocked,
    )


def _is_taken(one: PauseRow) -> bool:
    """A planned pause that runs or was had in full; one that a logout broke off is due again."""
    broken = one.ended is not None and one.due is not None and one.ended < one.due
    return one.reason in PLANNED_REASONS and not broken


def _day(
    sessions: Iterable[SessionRow], status: AgentStatus | None, between_days: Seconds
) -> list[SessionRow]:
    """The logins of the day at work that was last, oldest first. A login whose end was lost ended
    when the agent's status did."""
    day: list[SessionRow] = []
    for one in sessions:
        if day and day[-1].ended is not None and one.began - day[-1].ended >= between_days:
            day = []
        day.append(one)
    out = status is None or status.status == LOGGED_OUT
    ends = 0.0 if status is None else status.since
    return [_ended(one, ends) if one is not day[-1] or out else one for one in day]


def _ended(one: SessionRow, at: Instant) -> SessionRow:
    if one.ended is not None:
        return one
    ended = max(one.began, at)
    return SessionRow(one.agent, one.seat, one.began, ended, one.because, one.by, one.ended_by)


def _plans(planned: Sequence[PlannedRow]) -> tuple[Plan, ...]:
    shifts = sorted({(one.shift_begins, one.shift_ends) for one in planned})
    return tuple(
        Plan(
            begins,
            ends,
            tuple(
                sorted(Planned(one.at, one.reason) for one in planned if one.shift_begins == begins)
            ),
        )
        for begins, ends in shifts
    )
