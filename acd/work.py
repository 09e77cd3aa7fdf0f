"""What supervisors do to agents, and agents to their own pauses and wrap-up. See work_events.py.

What may be refused has been looked at before (acd/people.py `allowed`).
"""

from __future__ import annotations

from acd import work_events as we
from acd.agents import Agent, State, Status
from acd.history import about_agent
from acd.moves import Handlers, Moves
from acd.pauses import STRAIN, Pause, is_kept
from acd.rests import (
    OVER_THE_LIMIT,
    at_rest,
    fit_plan,
    plan_now,
    postpone,
    time_pause,
    watch_hours,
    watch_plan,
)
from acd.shift import Plan
from terms.facts import Fact, Kind
from terms.names import Instant

ABUSIVE = "abusiva"
BLOCKED = "bloqueado por um supervisor"


def _planned(floor: Moves, event: we.ShiftPlanned, now: Instant) -> None:
    agent, plan = floor.agent(event.agent), event.plan
    _add_plans(agent, (plan,), now)
    details = {
        "begins": plan.begins,
        "ends": plan.ends,
        "pauses": [
            {"reason": one.reason, "at": one.at, "seconds": one.seconds} for one in plan.pauses
        ],
    }
    floor.out.append(about_agent(Kind.SHIFT_PLANNED, agent, now, **details))
    watch_plan(floor, agent, now)
    fit_plan(floor, agent, now)  # made for somebody who is at work since later than it says
    at_rest(floor, agent, now)


def _add_plans(agent: Agent, plans: tuple[Plan, ...], now: Instant) -> None:
    """New plans take the place of those whose shifts they touch; what is over is forgotten."""
    kept = (
        old
        for old in agent.plans
        if old.ends > now and all(old.ends <= new.begins or new.ends <= old.begins for new in plans)
    )
    agent.plans = tuple(sorted((*kept, *plans), key=lambda plan: plan.begins))


def _postponed(floor: Moves, event: we.PausePostponed, now: Instant) -> None:
    agent = floor.agent(event.agent)
    plan = plan_now(agent, now)
    one = plan.of(event.reason) if plan is not None else None
    if one is None:
        return
    postpone(floor, agent, one, event.at, "o agente adiou", now)
    pending = agent.pause is not None and not agent.pause.runs
    if pending and agent.reason == event.reason:
        reason, agent.then = agent.then, ""  # what was to follow the pause is granted now
        status = Status.PAUSED if reason else Status.AVAILABLE
        floor.set_status(agent, status, reason, now)


def _marked(floor: Moves, event: we.CallMarked, now: Instant) -> None:
    """The rest that an abusive call is followed by; a pause that is due anyway comes first."""
    agent = floor.agent(event.agent)
    details = {"mark": ABUSIVE, "offer": agent.offer or ""}
    call = agent.call or agent.last_call
    floor.out.append(Fact(now, Kind.CALL_MARKED, call, agent.name, details=details))
    if _is_out(agent):
        return
    if is_kept(agent.pause):
        agent.then = STRAIN
        return
    if agent.state is State.WRAP_UP:
        floor.wrap_up_over(agent, now)
        if _is_out(agent):  # blocked, and this was all that was in the way
            return
    floor.set_status(agent, Status.PAUSED, STRAIN, now)
    if agent.offer in floor.offers:
        floor.withdraw(floor.offers[agent.offer], "pausa depois de uma chamada abusiva")


def _is_out(agent: Agent) -> bool:
    return agent.status is Status.LOGGED_OUT


def _extended(floor: Moves, event: we.WrapUpExtended, now: Instant) -> None:
    agent = floor.agent(event.agent)
    agent.wrap_up_more += floor.work.wrap_up_more
    agent.wrap_up_until += floor.work.wrap_up_more
    floor.wrap_up_ends(agent)
    until = agent.wrap_up_until
    floor.out.append(about_agent(Kind.WRAP_UP_EXTENDED, agent, now, until=until))


def _excepted(floor: Moves, event: we.HoursExcepted, now: Instant) -> None:
    agent = floor.agent(event.agent)
    agent.exempt_until = event.until
    if agent.leaves == OVER_THE_LIMIT:
        agent.leaves = ""
    details = {"until": event.until, "because": event.because}
    floor.out.append(about_agent(Kind.HOURS_EXCEPTED, agent, now, **details))
    watch_hours(floor, agent, now)


def _blocked(floor: Moves, event: we.AgentBlocked, now: Instant) -> None:
    agent = floor.agent(event.agent)
    agent.blocked = event.because
    details = {"on": True, "because": event.because}
    floor.out.append(about_agent(Kind.AGENT_BLOCKED, agent, now, **details))
    if agent.status is not Status.LOGGED_OUT:
        agent.leaves = BLOCKED
        at_rest(floor, agent, now)


def _released(floor: Moves, event: we.AgentReleased, now: Instant) -> None:
    agent = floor.agent(event.agent)
    if agent.blocked:
        agent.blocked = ""
        if agent.leaves == BLOCKED:
            agent.leaves = ""
            watch_hours(floor, agent, now)  # the day's limit may have been reached meanwhile
        details = {"on": False, "because": ""}
        floor.out.append(about_agent(Kind.AGENT_BLOCKED, agent, now, **details))


def _restored(floor: Moves, event: we.AgentRestored, now: Instant) -> None:
    """As the process before us left the agent: clocks run on, nothing begins anew."""
    agent = floor.agent(event.agent)
    floor.idle.remove(agent)
    agent.skills, agent.subjects = dict(event.skills), event.subjects
    agent.reserve, agent.seat, agent.blocked = event.reserve, event.seat, event.blocked
    agent.spells, agent.taken, agent.plans = event.spells, event.taken, event.plans
    agent.exempt_until = event.exempt_until
    status = Status(event.status)
    if agent.blocked and status is not Status.LOGGED_OUT:
        agent.leaves = BLOCKED  # the block waited for the end of a talk or of a pause
    agent.logged_since, agent.unseen = event.logged_since, True
    if status is Status.PAUSED:
        agent.pause = _pause_of(floor, event, now)
        if agent.pause.ends is not None:
            time_pause(floor, agent, agent.pause)
    if status is not Status.LOGGED_OUT:
        floor.set_status(agent, status, event.reason, now)
    watch_plan(floor, agent, now)
    watch_hours(floor, agent, now)


def _pause_of(floor: Moves, event: we.AgentRestored, now: Instant) -> Pause:
    began = event.pause_began
    pause = Pause(event.reason, now if began is None else began, event.pause_planned, began)
    seconds = floor.work.seconds(event.reason)
    if began is not None and seconds is not None:
        pause.ends = began + seconds
    return pause


ACTS_ON: Handlers = {
    we.ShiftPlanned: _planned,
    we.PausePostponed: _postponed,
    we.CallMarked: _marked,
    we.WrapUpExtended: _extended,
    we.HoursExcepted: _excepted,
    we.AgentBlocked: _blocked,
    we.AgentReleased: _released,
    we.AgentRestored: _restored,
}
