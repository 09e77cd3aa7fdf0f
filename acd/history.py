"""The floor's facts, each made in one place."""

from __future__ import annotations

from acd.agents import Agent
from acd.offers import Offer
from terms.facts import Fact, Kind
from terms.names import Instant, Seconds
from terms.outcome import OfferOutcome


def offer_made(offer: Offer, because: str, ring_seconds: Seconds) -> Fact:
    """An agent is being rung for a call, and why this one."""
    details = {
        "offer": offer.offer,
        "queue": offer.queue,
        "because": because,
        "ring_seconds": ring_seconds,
    }
    return Fact(offer.made, Kind.OFFER_MADE, offer.call, offer.agent, details=details)


def offer_ended(offer: Offer, outcome: OfferOutcome, now: Instant) -> Fact:
    """The offer's one end, and who is to blame."""
    details = {
        "offer": offer.offer,
        "outcome": str(outcome),
        "blame": str(outcome.blame),
        "because": offer.withdrawn_because,
    }
    return Fact(now, Kind.OFFER_ENDED, offer.call, offer.agent, details=details)


def answered(offer: Offer, waited: Seconds) -> Fact:
    """Caller and agent are joined."""
    details = {"offer": offer.offer, "waited": round(max(0.0, waited), 3)}
    return Fact(offer.answered, Kind.ANSWERED, offer.call, offer.agent, details=details)


def talk_ended(offer: Offer, now: Instant) -> Fact:
    """The agent has left the talk."""
    seconds = round(max(0.0, now - offer.answered), 3)
    details = {"offer": offer.offer, "talk_seconds": seconds}
    return Fact(now, Kind.TALK_ENDED, offer.call, offer.agent, details=details)


def agent_status(agent: Agent, now: Instant) -> Fact:
    """What the agent chose, or was put into."""
    details = {"status": str(agent.status), "reason": agent.reason}
    return Fact(now, Kind.AGENT_STATUS, agent=agent.name, details=details)


def agent_state(agent: Agent, now: Instant) -> Fact:
    """What is happening with the agent."""
    return Fact(now, Kind.AGENT_STATE, agent=agent.name, details={"state": str(agent.state)})
