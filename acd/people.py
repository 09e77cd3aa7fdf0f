"""What agents choose and do: log in and out, pause and come back, and what their phones show."""

from __future__ import annotations

from acd import events as ev
from acd.agents import Agent, State, Status
from acd.moves import Handlers, Moves
from terms.names import Instant


def _logged_in(floor: Moves, event: ev.AgentLoggedIn, now: Instant) -> None:
    agent = floor.agent(event.agent)
    _moved(floor, agent, event, now)
    agent.seat = event.seat
    if agent.status is not Status.AVAILABLE:
        floor.set_status(agent, Status.AVAILABLE, "", now)


def _moved(
    floor: Moves, agent: Agent, event: ev.AgentLoggedIn | ev.AgentSkillsChanged, now: Instant
) -> None:
    """What the agent fits is other than it was; the pools must know before and after."""
    floor.idle.remove(agent)
    agent.skills, agent.subjects = dict(event.skills), event.subjects
    agent.reserve = event.reserve
    floor.idle.refresh(agent, now)


def _skills_changed(floor: Moves, event: ev.AgentSkillsChanged, now: Instant) -> None:
    agent = floor.agents.get(event.agent)
    if agent is not None:
        _moved(floor, agent, event, now)


def _logged_out(floor: Moves, event: ev.AgentLoggedOut, now: Instant) -> None:
    agent = floor.agents.get(event.agent)
    if agent is not None and agent.status is not Status.LOGGED_OUT:
        floor.set_status(agent, Status.LOGGED_OUT, "", now)
        if agent.offer in floor.offers:
            floor.withdraw(floor.offers[agent.offer], "o agente saiu")


def _paused(floor: Moves, event: ev.AgentPaused, now: Instant) -> None:
    agent = floor.agents.get(event.agent)
    if agent is not None and agent.status is not Status.LOGGED_OUT:
        floor.set_status(agent, Status.PAUSED, event.reason, now)
        if agent.offer in floor.offers:
            floor.withdraw(floor.offers[agent.offer], "o agente entrou em pausa")


def _resumed(floor: Moves, event: ev.AgentResumed, now: Instant) -> None:
    agent = floor.agents.get(event.agent)
    if agent is not None and agent.status is Status.PAUSED:
        floor.set_status(agent, Status.AVAILABLE, "", now)


def _phone(floor: Moves, event: ev.AgentPhone, now: Instant) -> None:
    floor.phone_is(floor.agent(event.agent), event.phone, now)


def _wrap_up_done(floor: Moves, event: ev.WrapUpDone, now: Instant) -> None:
    agent = floor.agents.get(event.agent)
    if agent is not None and agent.state is State.WRAP_UP:
        floor.wrap_up_over(agent, now)


HANDLERS: Handlers = {
    ev.AgentLoggedIn: _logged_in,
    ev.AgentSkillsChanged: _skills_changed,
    ev.AgentLoggedOut: _logged_out,
    ev.AgentPaused: _paused,
    ev.AgentResumed: _resumed,
    ev.AgentPhone: _phone,
    ev.WrapUpDone: _wrap_up_done,
}
