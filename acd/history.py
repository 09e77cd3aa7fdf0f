"""The floor's facts, each made in one place."""

from __future__ import annotations

from typing import Any

from acd.agents import Agent
from acd.effects import SendAway
from acd.offers import Offer
from acd.router import Choice
from terms.facts import Fact, Kind
from terms.names import AgentName, CallId, Instant, OfferId, QueueName, Seconds
from terms.outcome import OfferOutcome


def _of_a_queue(offer: Offer) -> dict[str, Any]:
    """Nothing; or that it is the dialler's call, which is in no figure of its queue."""
    return {"dialled": True} if offer.dialled else {}


def offer_made(offer: Offer, choice: Choice, ring_seconds: Seconds) -> Fact:
    """An agent is being rung for a call, why this one, by which rule, and who was passed over."""
    details = {
        "offer": offer.offer,
        "queue": offer.queue,
        "because": choice.because,
        "rule": str(choice.rule),
        "skipped": list(choice.skipped),
        "ring_seconds": ring_seconds,
        **_of_a_queue(offer),
    }
    return Fact(offer.made, Kind.OFFER_MADE, offer.call, offer.agent, details=details)


def offer_ended(offer: Offer, outcome: OfferOutcome, now: Instant) -> Fact:
    """The offer's one end, and who is to blame."""
    details = {
        "offer": offer.offer,
        "outcome": str(outcome),
        "blame": str(outcome.blame),
        "because": offer.withdrawn_because,
        **_of_a_queue(offer),
    }
    return Fact(now, Kind.OFFER_ENDED, offer.call, offer.agent, details=details)


def sent_away(order: SendAway, queue: QueueName, now: Instant) -> Fact:
    """A queue's limit sends a caller to another step of the tree."""
    details = {"queue": queue, "exit": order.exit, "because": order.because}
    return Fact(now, Kind.SENT_AWAY, order.call, details=details)


def answered(offer: Offer, waited: Seconds) -> Fact:
    """Caller and agent are joined."""
    details = {"offer": offer.offer, "waited": round(max(0.0, waited), 3)}
    details |= _of_a_queue(offer)
    return Fact(offer.answered, Kind.ANSWERED, offer.call, offer.agent, details=details)


def talk_ended(offer: Offer, now: Instant) -> Fact:
    """The agent has left the talk."""
    seconds = round(max(0.0, now - offer.answered), 3)
    details = {"offer": offer.offer, "talk_seconds": seconds} | _of_a_queue(offer)
    return Fact(now, Kind.TALK_ENDED, offer.call, offer.agent, details=details)


def agent_status(agent: Agent, now: Instant) -> Fact:
    """What the agent chose, or was put into."""
    details = {"status": str(agent.status), "reason": agent.reason}
    return Fact(now, Kind.AGENT_STATUS, agent=agent.name, details=details)


def agent_state(agent: Agent, now: Instant) -> Fact:
    """What is happening with the agent."""
    return Fact(now, Kind.AGENT_STATE, agent=agent.name, details={"state": str(agent.state)})


def consult_asked(
    consult: OfferId, talk: Offer, agent: AgentName, outside: str, now: Instant
) -> Fact:
    """The agent of a talk asks somebody about it."""
    details = {"consult": consult, "offer": talk.offer, "from": talk.agent, "outside": outside}
    return Fact(now, Kind.CONSULT_ASKED, talk.call, agent or None, details=details)


def consult_answered(consult: OfferId, call: CallId, agent: AgentName, now: Instant) -> Fact:
    """Whoever was asked is there."""
    return Fact(now, Kind.CONSULT_ANSWERED, call, agent or None, details={"consult": consult})


def consult_over(
    consult: OfferId, call: CallId, agent: AgentName, outcome: str, seconds: Seconds, now: Instant
) -> Fact:
    """Whoever was asked has left, without the call."""
    details = {"consult": consult, "outcome": outcome, "seconds": round(seconds, 3)}
    return Fact(now, Kind.CONSULT_OVER, call, agent or None, details=details)


def talk_moved(talk: Offer, consult: OfferId, to: str, now: Instant) -> Fact:
    """The call is with somebody else now, who had been asked about it."""
    details = {"offer": talk.offer, "consult": consult, "to": to}
    return Fact(now, Kind.TALK_MOVED, talk.call, talk.agent, details=details)


def agent_login(agent: Agent, before: str, logged: Seconds, now: Instant) -> Fact:
    """An agent is at work, at this seat."""
    details = {"seat": agent.seat, "before": before, "logged": round(logged, 3)}
    return Fact(now, Kind.AGENT_LOGIN, agent=agent.name, details=details)


def agent_logout(agent: Agent, because: str, since: Instant, logged: Seconds, now: Instant) -> Fact:
    """An agent has gone; a talk that outlasted the logout is over, too."""
    details = {
        "seat": agent.seat,
        "because": because,
        "since": since,
        "seconds": round(max(0.0, now - since), 3),
        "logged": round(logged, 3),
    }
    return Fact(now, Kind.AGENT_LOGOUT, agent=agent.name, details=details)


def about_agent(kind: Kind, agent: Agent, now: Instant, **details: Any) -> Fact:
    """Anything else that happens to an agent; terms/facts.py says what belongs in it."""
    return Fact(now, kind, agent=agent.name, details=details)
