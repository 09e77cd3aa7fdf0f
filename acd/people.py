"""What agents choose and do: log in and out, pause and come back, and what their phones show."""

from __future__ import annotations

from acd import events as ev
from acd.agents import State, Status
from acd.moves import Handlers, Moves
from terms.names import Instant


def _logged_in(floor: Moves, event: ev.AgentLoggedIn, now: Instant) -> None:
    agent = floor.agent(event.agent)
    floor.idle.remove(agent)
    agent.skills = dict(event.skills)
    floor.idle.refresh(agent, now)
    if agent.status is not Status.AVAILABLE:
        floor.set_status(agent, Status.AVAILABLE, "", now)


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
    ev.AgentLoggedOut: _logged_out,
    ev.AgentPaused: _paused,
    ev.AgentResumed: _resumed,
    ev.AgentPhone: _phone,
    ev.WrapUpDone: _wrap_up_done,
}
