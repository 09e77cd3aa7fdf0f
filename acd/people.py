"""What agents choose and do: log in and out, pause and come back, and what their phones show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from acd import events as ev
from acd import work
from acd import work_events as we
from acd.agents import Agent, State, Status
from acd.history import about_agent
from acd.moves import Handlers, Moves
from acd.pauses import Who, is_kept, rule_of
from acd.refusals import refusal
from acd.rests import at_rest, close_session, open_session
from terms.facts import Kind
from terms.names import Instant
from terms.signals import Phone


def _logged_in(floor: Moves, event: ev.AgentLoggedIn, now: Instant) -> None:
    """The newest login counts: the seat where the agent was before is given up (R29)."""
    agent = floor.agent(event.agent)
    _moved(floor, agent, event, now)
    before, agent.unseen = agent.seat, False
    agent.seat = event.seat or agent.seat
    if agent.logged_since is not None and agent.seat != before:
        close_session(floor, agent, f"entrou na posição {agent.seat}", now)
        open_session(floor, agent, before, now)
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
    agent = floor.agent(event.agent)
    _moved(floor, agent, event, now)
    details = {
        "skills": dict(event.skills),
        "subjects": list(event.subjects),
        "reserve": event.reserve,
        "because": event.because,
    }
    floor.out.append(about_agent(Kind.AGENT_SKILLS, agent, now, **details))


def _logged_out(floor: Moves, event: ev.AgentLoggedOut, now: Instant) -> None:
    agent = floor.agents.get(event.agent)
    if agent is not None and agent.status is not Status.LOGGED_OUT:
        if event.who is not Who.AGENT:
            agent.leaves = event.because or "tirado por um supervisor"
        floor.set_status(agent, Status.LOGGED_OUT, "", now)
        if agent.offer in floor.offers:
            floor.withdraw(floor.offers[agent.offer], "o agente saiu")


def _paused(floor: Moves, event: ev.AgentPaused, now: Instant) -> None:
    agent = floor.agents.get(event.agent)
    if agent is None or agent.status is Status.LOGGED_OUT:
        return
    if event.reason != agent.reason and agent.pause is not None and is_kept(agent.pause):
        agent.then = event.reason  # `banheiro`, the only one that is not refused then
        if agent.offer in floor.offers:
            floor.withdraw(floor.offers[agent.offer], "o agente entrou em pausa")
        return
    if agent.state is State.WRAP_UP:
        floor.wrap_up_over(agent, now)
    floor.set_status(agent, Status.PAUSED, event.reason, now)
    if agent.offer in floor.offers:
        floor.withdraw(floor.offers[agent.offer], "o agente entrou em pausa")


def _resumed(floor: Moves, event: ev.AgentResumed, now: Instant) -> None:
    agent = floor.agents.get(event.agent)
    if agent is not None and agent.status is Status.PAUSED:
        floor.set_status(agent, Status.AVAILABLE, "", now)


def recall(floor: Moves, agent: Agent, because: str, now: Instant) -> bool:
    """An emergency call waits: an agent in training or feedback is available again (R33); whether
    this one is. No other pause is touched (R43)."""
    if agent.status is not Status.PAUSED or not rule_of(agent.reason).recalled:
        return False
    floor.set_status(agent, Status.AVAILABLE, because, now)
    return agent.pause is None  # unless a planned one was due


def _phone(floor: Moves, event: ev.AgentPhone, now: Instant) -> None:
    agent = floor.agent(event.agent)
    floor.phone_is(agent, event.phone, now)
    if agent.unseen and event.phone in (Phone.IDLE, Phone.GONE):  # no talk is found there
        agent.unseen = False
        at_rest(floor, agent, now)


def _wrap_up_done(floor: Moves, event: ev.WrapUpDone, now: Instant) -> None:
    agent = floor.agents.get(event.agent)
    if agent is not None and agent.state is State.WRAP_UP:
        floor.wrap_up_over(agent, now)


def allowed(act: Callable[..., None]) -> Callable[..., None]:
    """The same, unless it is refused: then only a fact says so, and why."""

    def act_if_allowed(floor: Moves, event: Any, now: Instant) -> None:
        because = refusal(floor, event, now)
        if not because:
            act(floor, event, now)
            return
        details = {"act": ACTS[type(event)], "because": because}
        agent = floor.agents.get(event.agent) or Agent(event.agent)
        floor.out.append(about_agent(Kind.ACT_REFUSED, agent, now, **details))

    return act_if_allowed


ACTS: Final[dict[type, str]] = {
    ev.AgentLoggedIn: "entrar",
    ev.AgentLoggedOut: "sair",
    ev.AgentPaused: "pausar",
    ev.AgentResumed: "voltar da pausa",
    we.ShiftPlanned: "planejar o turno",
    we.PausePostponed: "adiar a pausa",
    we.CallMarked: "marcar a chamada",
    we.WrapUpExtended: "estender o pós-atendimento",
    we.HoursExcepted: "exceção à jornada",
    we.AgentBlocked: "bloquear",
}
"""What may be refused, as the facts call it."""

HANDLERS: Handlers = {
    ev.AgentLoggedIn: allowed(_logged_in),
    ev.AgentSkillsChanged: _skills_changed,
    ev.AgentLoggedOut: allowed(_logged_out),
    ev.AgentPaused: allowed(_paused),
    ev.AgentResumed: allowed(_resumed),
    ev.AgentPhone: _phone,
    ev.WrapUpDone: _wrap_up_done,
    **{kind: allowed(act) if kind in ACTS else act for kind, act in work.ACTS_ON.items()},
}
