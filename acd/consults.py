"""Side bookings: an agent asked for advice on a talk that is another's, and talks that move.

    ConsultAsked ─► the agent is booked ─► ConsultAnswered ─┬─► ConsultOver: free again
                                                            └─► TalkMoved: the call is theirs now

A consult books its agent as an offer does (nobody is booked twice) but has no place in any queue
and no caller of its own. It never outlives the talk that it belongs to. Whoever asks keeps the
call, and is talking, until it moves. Somebody outside who is asked books nobody.
"""

from __future__ import annotations

from dataclasses import dataclass

from acd import events as ev
from acd import history
from acd.agents import Agent, State
from acd.moves import Handlers, Moves
from acd.offers import Offer, OfferState
from acd.queues import Caller, Where
from acd.reserve import emergency_skills, kept_back
from acd.router import Choice
from terms.limits import CONSULT_RING, DIRECTED_SECONDS, OFFER_LEASE
from terms.names import AgentName, CallId, Instant, OfferId, QueueName
from terms.outcome import OfferOutcome


@dataclass(slots=True, eq=False)
class Consult:
    """One asking. `agent` is '' where somebody outside is asked, whose name is `outside`."""

    consult: OfferId
    call: CallId
    agent: AgentName
    by: AgentName
    asked: Instant
    outside: str = ""
    answered: Instant = 0.0


def new_consult_id(floor: Moves) -> OfferId:
    """An id like an offer's, so that the gate knows its epoch and no other thing has it."""
    floor.consults_made += 1
    return OfferId(f"{floor.epoch}-c{floor.consults_made}")


def consult_of(floor: Moves, call: CallId) -> Consult | None:
    """What is asked about this call now: one thing at a time."""
    return next((one for one in floor.consults.values() if one.call == call), None)


def may_be_taken(floor: Moves, agent: Agent, emergency: bool, now: Instant) -> bool:
    """Whether somebody may ask for this agent by name, or for whoever is next: an agent who is
    free, and, unless the talk is an emergency's, not one of those kept back for emergencies."""
    if not agent.may_be_offered(now):
        return False
    queues = floor.queues
    if emergency or not emergency_skills(queues.rules) & agent.skills.keys():
        return True
    return floor.idle.emergency_idle > kept_back(queues.reserve, len(floor.emergencies))


def is_emergency(floor: Moves, call: CallId) -> bool:
    """Whether the call is in an emergency's talk now."""
    talk = _talk_of(floor, call)
    return talk is not None and talk.emergency


def next_of_queue(
    floor: Moves, queue: QueueName, emergency: bool, now: Instant
) -> AgentName | None:
    """Who of a queue's agents would take a call that came in now: the longest idle, the best
    skilled first. Nobody waits beside them, for else they would not be idle. `emergency`: whether
    it is asked for an emergency's talk."""
    rule = next((rule for rule in floor.queues.rules if rule.name == queue), None)
    if rule is None:
        return None
    fitting = [
        (agent.reserve, agent.skills.get(rule.skill, 10), agent.idle_since, agent.name)
        for agent in floor.agents.values()
        if may_be_taken(floor, agent, emergency, now)
        and rule.fits(agent.skills, 0.0, reserve=agent.reserve)
    ]
    return min(fitting)[-1] if fitting else None


def _asked(floor: Moves, event: ev.ConsultAsked, now: Instant) -> None:
    talk = _talk_of(floor, event.call)
    if talk is None or event.consult in floor.consults or consult_of(floor, event.call):
        return
    if event.agent and not may_be_taken(floor, floor.agent(event.agent), talk.emergency, now):
        return
    consult = Consult(event.consult, event.call, event.agent, talk.agent, now, event.outside)
    floor.consults[consult.consult] = consult
    floor.out.append(history.consult_asked(consult.consult, talk, event.agent, event.outside, now))
    if event.agent:
        _book(floor, floor.agents[event.agent], consult, State.OFFERED, now)
    floor.deadlines.add(
        now + CONSULT_RING + OFFER_LEASE,
        lambda _: floor.consults.get(consult.consult) is consult and not consult.answered,
        lambda now: _end(floor, consult, OfferOutcome.LOST, now),
    )


def _book(floor: Moves, agent: Agent, consult: Consult, state: State, now: Instant) -> None:
    agent.offer, agent.call = consult.consult, consult.call
    floor.set_state(agent, state, now)


def _answered(floor: Moves, event: ev.ConsultAnswered, now: Instant) -> None:
    consult = floor.consults.get(event.consult)
    if consult is None or consult.answered:
        return
    consult.answered = now
    floor.out.append(history.consult_answered(consult.consult, consult.call, consult.agent, now))
    if consult.agent:
        floor.set_state(floor.agents[consult.agent], State.TALKING, now)


def _found(floor: Moves, event: ev.ConsultFound, now: Instant) -> None:
    """A consult that an earlier process put through, still in course."""
    talk, agent = _talk_of(floor, event.call), event.agent
    if talk is None or event.consult in floor.consults or consult_of(floor, event.call):
        return
    if agent and floor.agent(agent).offer is not None:
        return  # what is known here is newer than what was found
    consult = Consult(event.consult, event.call, agent, talk.agent, now, event.outside, now)
    floor.consults[consult.consult] = consult
    if agent:
        _book(floor, floor.agents[agent], consult, State.TALKING, now)


def _over(floor: Moves, event: ev.ConsultOver, now: Instant) -> None:
    consult = floor.consults.get(event.consult)
    if consult is not None:
        _end(floor, consult, event.outcome, now)


def _end(floor: Moves, consult: Consult, outcome: OfferOutcome, now: Instant) -> None:
    """Whoever was asked is free again: no wrap-up for a question."""
    del floor.consults[consult.consult]
    if consult.answered:
        outcome = OfferOutcome.ANSWERED
    seconds = now - consult.answered if consult.answered else 0.0
    floor.out.append(
        history.consult_over(
            consult.consult, consult.call, consult.agent, str(outcome), seconds, now
        )
    )
    agent = floor.agents.get(consult.agent)
    if agent is None or agent.offer != consult.consult:
        return
    if not consult.answered:
        floor.rest(agent, now)  # the phone that just rang in vain is not rung again at once
    agent.idle_since = now if consult.answered else agent.idle_since
    floor.set_state(agent, State.IDLE, now)


def _moved(floor: Moves, event: ev.TalkMoved, now: Instant) -> None:
    """Whoever was asked has the call now; who asked goes to wrap-up. Outside: the floor is done
    with the call, which goes on without an agent."""
    consult = floor.consults.get(event.consult)
    talk = None if consult is None else _talk_of(floor, consult.call)
    if consult is None or talk is None or not consult.answered:
        return
    del floor.consults[consult.consult]
    caller = floor.callers[consult.call]
    _end_half(floor, talk, consult, now)
    if not consult.agent:
        floor.forget(caller)
        return
    offer = Offer(
        offer=consult.consult,
        call=consult.call,
        agent=consult.agent,
        queue=talk.queue,
        made=consult.asked,
        lease_until=now,
        wrap_up_seconds=talk.wrap_up_seconds,
        emergency=talk.emergency,
        dialled=talk.dialled,
        state=OfferState.ANSWERED,
        answered=now,
    )
    floor.offers[offer.offer] = offer
    caller.where, caller.offer = Where.TALKING, offer.offer


def _end_half(floor: Moves, talk: Offer, consult: Consult, now: Instant) -> None:
    """The part of the talk that was the first agent's is over; the caller is not."""
    del floor.offers[talk.offer]
    floor.out.append(history.talk_ended(talk, now))
    to = consult.agent or consult.outside
    floor.out.append(history.talk_moved(talk, consult.consult, to, now))
    floor.wrap_up(floor.agents[talk.agent], talk.wrap_up_seconds, now)


def _directed(floor: Moves, event: ev.CallDirected, now: Instant) -> None:
    """A caller who is about to join is for one agent: see `settle_consults`."""
    floor.directed[event.call] = (event.agent, event.by, now)


def settle_consults(floor: Moves, now: Instant) -> None:
    """What is asked about talks that are over ends; callers who were sent to one agent are offered
    to that one if it is free at the instant of joining, before anybody else is looked at. If not,
    they keep their place for whoever fits."""
    for consult in tuple(floor.consults.values()):
        if _talk_of(floor, consult.call) is None:
            _end(floor, consult, OfferOutcome.CALLER_LEFT, now)
    for call, (name, by, since) in tuple(floor.directed.items()):
        caller, agent = floor.callers.get(call), floor.agents.get(name)
        if caller is not None and caller.where is Where.WAITING:
            del floor.directed[call]
            urgent = caller.rule.emergency
            if agent is not None and may_be_taken(floor, agent, urgent, now):
                because = f"transferida para {name} por {by}"
                floor.make_offer(Choice(caller, name, because), now)
        elif now > since + DIRECTED_SECONDS:
            del floor.directed[call]


def _talk_of(floor: Moves, call: CallId) -> Offer | None:
    """The talk that the call is in."""
    caller: Caller | None = floor.callers.get(call)
    offer = floor.offers.get(caller.offer) if caller and caller.offer else None
    return offer if offer is not None and offer.state is OfferState.ANSWERED else None


HANDLERS: Handlers = {
    ev.ConsultAsked: _asked,
    ev.ConsultAnswered: _answered,
    ev.ConsultFound: _found,
    ev.ConsultOver: _over,
    ev.TalkMoved: _moved,
    ev.CallDirected: _directed,
}
