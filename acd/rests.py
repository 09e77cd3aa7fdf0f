"""What pauses, shifts and hours bring about by themselves, whatever event came before.

The floor's moves call `status_is` and `state_is` after each change, so no way into a pause or out
of one is missed. In this order an agent without a talk is: sent home (over the day's limit, or by
a supervisor), given the planned pause that is due, given the pause that was asked for.

    a planned pause is due     available, idle          begins now, whatever queues
                               rung, talking            the status now, begins when that is over
                               training, feedback, …    takes its place
                               any other pause          begins when that one ends
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from acd import history
from acd.agents import Agent, State, Status
from acd.pauses import GIVES_WAY, PLANNED_REASONS, SHORT_PAUSES, Pause, is_kept
from acd.shift import Plan, Planned, hour, misplaced, window
from terms.facts import Kind
from terms.names import Instant, Seconds

if TYPE_CHECKING:
    from acd.moves import Moves

OVER_THE_LIMIT = "a jornada do dia terminou"


# --- after every change ---
def status_is(floor: Moves, agent: Agent, now: Instant) -> None:
    """The agent's status was set: pauses end and begin by it, and so do times at work."""
    pause = agent.pause
    if pause is not None and not (agent.status is Status.PAUSED and agent.reason == pause.reason):
        _close(floor, agent, now)
    if agent.status is Status.PAUSED and agent.pause is None:
        planned = _planned(agent, agent.reason, now)
        agent.pause = Pause(agent.reason, now, None if planned is None else planned.at)
    if agent.status is Status.LOGGED_OUT:
        agent.then = ""
    elif agent.logged_since is None:
        open_session(floor, agent, "", now)
    at_rest(floor, agent, now)


def state_is(floor: Moves, agent: Agent, now: Instant) -> None:
    """What happens with the agent changed."""
    if agent.state is State.TALKING:
        agent.last_call, agent.unseen = agent.call, False
    elif agent.state is State.IDLE:
        at_rest(floor, agent, now)


def at_rest(floor: Moves, agent: Agent, now: Instant) -> None:
    """What has waited for this agent, if nothing is in its way any more; else nothing."""
    idle = agent.state is State.IDLE
    if agent.unseen or (agent.status is Status.LOGGED_OUT and not idle):
        return
    if agent.status is Status.LOGGED_OUT:
        close_session(floor, agent, agent.leaves or "saiu", now)
        agent.leaves = ""
    elif agent.leaves:
        if idle and not is_protected(agent):
            floor.set_status(agent, Status.LOGGED_OUT, "", now)
    elif (due := due_pause(agent, now)) is not None and _gives_way(agent):
        floor.set_status(agent, Status.PAUSED, due.reason, now)
    elif idle and agent.pause is not None and not agent.pause.runs:
        _begin(floor, agent, agent.pause, now)


def _gives_way(agent: Agent) -> bool:
    return agent.status is Status.AVAILABLE or agent.reason in GIVES_WAY


def is_protected(agent: Agent) -> bool:
    """Whether a pause runs that nobody may cut (R43)."""
    return agent.pause is not None and agent.pause.runs and is_kept(agent.pause)


# --- pauses ---
def _begin(floor: Moves, agent: Agent, pause: Pause, now: Instant) -> None:
    pause.began = now
    if pause.reason in PLANNED_REASONS:
        agent.taken |= {pause.reason}
    seconds = floor.work.seconds(pause.reason)
    if seconds is not None:
        pause.ends = now + seconds
        time_pause(floor, agent, pause)
    details = {"reason": pause.reason, "planned": pause.planned, "ends": pause.ends}
    floor.out.append(history.about_agent(Kind.PAUSE_BEGAN, agent, now, **details))


def time_pause(floor: Moves, agent: Agent, pause: Pause) -> None:
    """Warn before this timed pause's end, and end it."""
    assert pause.ends is not None

    def stands(_: Instant) -> bool:
        return agent.pause is pause

    warned = {"reason": pause.reason, "ends": pause.ends}
    floor.deadlines.add(
        pause.ends - floor.work.warned_before,
        stands,
        lambda now: floor.out.append(history.about_agent(Kind.PAUSE_WARNED, agent, now, **warned)),
    )
    floor.deadlines.add(pause.ends, stands, lambda now: _time_is_up(floor, agent, now))


def _time_is_up(floor: Moves, agent: Agent, now: Instant) -> None:
    reason, agent.then = agent.then, ""
    status = Status.PAUSED if reason else Status.AVAILABLE
    floor.set_status(agent, status, reason, now)


def _close(floor: Moves, agent: Agent, now: Instant) -> None:
    """The pause is over. One that never began was only asked for: it leaves no record."""
    pause, agent.pause = agent.pause, None
    if pause is None or pause.began is None:
        return
    if pause.ends is not None and now >= pause.ends:
        because = "cumprida"
    elif agent.status is Status.LOGGED_OUT:
        because = agent.leaves or "saiu"
        agent.taken -= {pause.reason}  # not had in full: due again if the agent comes back (R43)
    else:
        because = "voltou" if agent.status is Status.AVAILABLE else f"começou {agent.reason}"
    details = {
        "reason": pause.reason,
        "planned": pause.planned,
        "began": pause.began,
        "seconds": round(now - pause.began, 3),
        "because": because,
    }
    floor.out.append(history.about_agent(Kind.PAUSE_ENDED, agent, now, **details))


# --- the plan ---
def plan_now(agent: Agent, now: Instant) -> Plan | None:
    """The shift that this instant belongs to."""
    return next((plan for plan in agent.plans if plan.begins <= now < plan.ends), None)


def _planned(agent: Agent, reason: str, now: Instant) -> Planned | None:
    plan = plan_now(agent, now)
    return None if plan is None or reason in agent.taken else plan.of(reason)


def due_pause(agent: Agent, now: Instant) -> Planned | None:
    """The planned pause whose time has come and that was not begun yet; one that runs or is about
    to run is not due any more."""
    plan = plan_now(agent, now)
    if plan is None or (agent.pause is not None and agent.pause.reason in PLANNED_REASONS):
        return None
    waiting = (one for one in plan.pauses if one.reason not in agent.taken)
    return next((one for one in waiting if one.at <= now), None)


def watch_plan(floor: Moves, agent: Agent, now: Instant) -> None:
    """Look at the agent again when a pause of the plan falls due."""
    for plan in agent.plans:
        for one in plan.pauses:
            if one.at > now:
                _watch(floor, agent, one)


def _watch(floor: Moves, agent: Agent, one: Planned) -> None:
    floor.deadlines.add(
        one.at,
        lambda _: any(one in plan.pauses for plan in agent.plans),
        lambda now: at_rest(floor, agent, now),
    )


def fit_plan(floor: Moves, agent: Agent, now: Instant) -> None:
    """The agent came later than planned: no ten-minute pause in the first hour of work (R41)."""
    plan, came = plan_now(agent, now), agent.logged_since
    if plan is None or came is None:
        return
    if agent.spells:
        came = agent.spells[0][0]
    for one in plan.pauses:
        waits = one.reason in SHORT_PAUSES and one.reason not in agent.taken
        if not waits or not misplaced(came, plan.ends, one):
            continue
        first, last = window(came, plan.ends, one.reason)
        if first <= last:
            postpone(floor, agent, one, first, f"entrou às {hour(came)}", now)
        else:
            agent.taken |= {one.reason}
            details = {"reason": one.reason, "planned": one.at, "because": "turno curto demais"}
            floor.out.append(history.about_agent(Kind.PAUSE_MISSED, agent, now, **details))


def postpone(
    floor: Moves, agent: Agent, one: Planned, at: Instant, because: str, now: Instant
) -> None:
    """A planned pause has another time."""
    agent.plans = tuple(
        plan.moved(one.reason, at) if one in plan.pauses else plan for plan in agent.plans
    )
    watch_plan(floor, agent, now)
    details = {"reason": one.reason, "before": one.at, "at": at, "because": because}
    floor.out.append(history.about_agent(Kind.PAUSE_POSTPONED, agent, now, **details))


# --- hours ---
def logged(agent: Agent, now: Instant) -> Seconds:
    """Seconds logged in on this day at work, pauses included."""
    before = sum(end - begin for begin, end in agent.spells)
    return before + (0.0 if agent.logged_since is None else max(0.0, now - agent.logged_since))


def day_over(agent: Agent, between_days: Seconds, now: Instant) -> bool:
    """Whether the agent has rested so long that the next login begins another day at work."""
    last = agent.spells[-1][1] if agent.spells else now
    return agent.logged_since is None and now - last >= between_days


def open_session(floor: Moves, agent: Agent, before: str, now: Instant) -> None:
    """The agent is at work from now on."""
    if day_over(agent, floor.work.between_days, now):
        agent.spells, agent.taken = (), frozenset()
    begins = not agent.spells
    logged_before = logged(agent, now)
    agent.logged_since = now
    floor.out.append(history.agent_login(agent, before, logged_before, now))
    if begins:
        fit_plan(floor, agent, now)
    watch_hours(floor, agent, now)


def close_session(floor: Moves, agent: Agent, because: str, now: Instant) -> None:
    """The agent is not at work any more."""
    since, total = agent.logged_since, logged(agent, now)
    if since is None:
        return
    agent.logged_since = None
    agent.spells += ((since, max(since, now)),)
    floor.out.append(history.agent_logout(agent, because, since, total, now))


def watch_hours(floor: Moves, agent: Agent, now: Instant) -> None:
    """Tell when the day's limit is reached (R46). Pauses and talks count."""
    if not floor.work.day or agent.logged_since is None:
        return
    agent.limit_at = max(now + floor.work.day - logged(agent, now), agent.exempt_until)
    floor.deadlines.add(
        agent.limit_at,
        lambda at: agent.logged_since is not None and agent.limit_at == at,
        lambda now: _limit_reached(floor, agent, now),
    )


def _limit_reached(floor: Moves, agent: Agent, now: Instant) -> None:
    agent.limit_at, agent.leaves = 0.0, agent.leaves or OVER_THE_LIMIT
    details = {"logged": round(logged(agent, now), 3), "limit": floor.work.day}
    floor.out.append(history.about_agent(Kind.HOURS_ALERT, agent, now, **details))
    at_rest(floor, agent, now)
