"""Side bookings: an agent asked about another's talk is booked as by an offer, talks move, and the
floor's promises hold whatever comes in whatever order.
"""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from acd import events as ev
from acd.agents import State
from acd.consults import consult_of, new_consult_id, next_of_queue
from acd.floor import Floor
from acd.offers import OfferState
from acd.queues import EmergencyReserve, QueueRule, QueueTable, Where
from terms.facts import Fact, Kind
from terms.names import AgentName, CallId, OfferId, QueueName, Skill
from terms.outcome import OfferOutcome
from terms.signals import Phone

GENERAL, URGENT = QueueName("p156_geral"), QueueName("e199_risco")
RULES = QueueTable(
    (
        QueueRule(GENERAL, "156", Skill("geral"), wrap_up_seconds=10.0),
        QueueRule(URGENT, "199", Skill("risco"), priority=100),
    )
)
AGENTS = [AgentName(name) for name in ("ana", "bia", "caio", "davi")]
CALLS = [CallId(f"c{number}") for number in range(4)]


def floor_with(*agents: AgentName) -> Floor:
    """A floor on which these are free, with both skills."""
    floor = Floor(RULES, 7)
    for agent in agents:
        floor.handle(ev.AgentPhone(agent, Phone.IDLE), 0.0)
        floor.handle(ev.AgentLoggedIn(agent, {Skill("geral"): 1, Skill("risco"): 1}), 0.0)
    return floor


def talking(floor: Floor, call: CallId, now: float = 1.0) -> AgentName:
    """A caller of 156 who is talking; with whom."""
    floor.handle(ev.CallJoined(call, GENERAL, 0, now, "156"), now)
    offer = floor.callers[call].offer
    assert offer is not None
    floor.handle(ev.OfferAnswered(offer), now + 1)
    return floor.offers[offer].agent


def asked(floor: Floor, call: CallId, agent: AgentName, now: float = 5.0) -> OfferId:
    """This agent is asked about the call."""
    consult = new_consult_id(floor)
    floor.handle(ev.ConsultAsked(consult, call, agent), now)
    return consult


def kinds(found: list[object]) -> list[Kind]:
    return [fact.kind for fact in found if isinstance(fact, Fact)]


def test_who_is_asked_is_booked_and_free_again() -> None:
    floor = floor_with(*AGENTS[:2])
    first = talking(floor, CALLS[0])
    (other,) = {*AGENTS[:2]} - {first}
    consult = asked(floor, CALLS[0], other)
    assert floor.agents[other].state is State.OFFERED
    # somebody who comes in now waits: nobody is booked twice, not even for an emergency
    floor.handle(ev.CallJoined(CALLS[1], URGENT, 100, 6.0, "199"), 6.0)
    assert floor.callers[CALLS[1]].where is Where.WAITING
    floor.handle(ev.ConsultAnswered(consult), 7.0)
    assert floor.agents[other].state is State.TALKING
    assert floor.agents[other].call == CALLS[0]  # it sees the call that it is asked about
    said = floor.handle(ev.ConsultOver(consult), 9.0)
    assert Kind.CONSULT_OVER in kinds(said)
    assert floor.callers[CALLS[1]].where is Where.OFFERED  # and is taken at once
    assert floor.agents[first].state is State.TALKING


def test_a_talk_moves_to_who_was_asked() -> None:
    floor = floor_with(*AGENTS[:2])
    first = talking(floor, CALLS[0])
    (other,) = {*AGENTS[:2]} - {first}
    consult = asked(floor, CALLS[0], other)
    floor.handle(ev.TalkMoved(consult), 6.0)  # not before the answer
    assert floor.callers[CALLS[0]].offer != consult
    floor.handle(ev.ConsultAnswered(consult), 7.0)
    said = floor.handle(ev.TalkMoved(consult), 12.0)
    ended = next(f for f in said if isinstance(f, Fact) and f.kind is Kind.TALK_ENDED)
    assert (ended.agent, ended.details["talk_seconds"]) == (first, 10.0)
    assert floor.agents[first].state is State.WRAP_UP
    assert (floor.agents[other].state, floor.callers[CALLS[0]].offer) == (State.TALKING, consult)
    said = floor.handle(ev.TalkEnded(consult), 20.0)
    ended = next(f for f in said if isinstance(f, Fact) and f.kind is Kind.TALK_ENDED)
    assert (ended.agent, ended.details["talk_seconds"]) == (other, 8.0)
    assert CALLS[0] not in floor.callers


def test_a_talk_moves_outside() -> None:
    floor = floor_with(AGENTS[0])
    talking(floor, CALLS[0])
    consult = new_consult_id(floor)
    floor.handle(ev.ConsultAsked(consult, CALLS[0], AgentName(""), "samu"), 5.0)
    floor.handle(ev.ConsultAnswered(consult), 6.0)
    floor.handle(ev.TalkMoved(consult), 8.0)
    assert floor.agents[AGENTS[0]].state is State.WRAP_UP
    assert not floor.callers
    assert not floor.consults


def test_a_citizen_who_leaves_ends_what_is_asked() -> None:
    floor = floor_with(*AGENTS[:2])
    first = talking(floor, CALLS[0])
    (other,) = {*AGENTS[:2]} - {first}
    asked(floor, CALLS[0], other)
    floor.handle(ev.CallLeft(CALLS[0]), 6.0)
    assert not floor.consults
    assert floor.agents[other].state is State.IDLE
    assert floor.agents[first].state is State.WRAP_UP


def test_a_consult_that_nobody_tells_of_is_lost() -> None:
    floor = floor_with(*AGENTS[:2])
    first = talking(floor, CALLS[0])
    (other,) = {*AGENTS[:2]} - {first}
    asked(floor, CALLS[0], other)
    floor.wake(5.0 + 600.0)
    assert not floor.consults
    assert floor.agents[other].state is State.IDLE


def test_the_next_of_a_queue_and_an_agent_who_is_not_free() -> None:
    floor = floor_with(*AGENTS[:3])
    first = talking(floor, CALLS[0])
    found = next_of_queue(floor, GENERAL, False, 6.0)
    assert found in {*AGENTS[:3]} - {first}
    asked(floor, CALLS[0], first)  # in a talk: not booked
    assert not floor.consults
    assert next_of_queue(floor, QueueName("nenhuma"), False, 6.0) is None


def test_the_reserve_is_not_asked_while_no_ring_calls_it() -> None:
    floor = floor_with()
    floor.handle(ev.AgentPhone(AGENTS[0], Phone.IDLE), 0.0)
    floor.handle(ev.AgentLoggedIn(AGENTS[0], {Skill("geral"): 1}, reserve=True), 0.0)
    assert next_of_queue(floor, GENERAL, False, 6.0) is None


def test_who_is_kept_back_for_emergencies_is_not_taken_by_name() -> None:
    """An emergency is on the floor, and the last idle agent is kept back: a talk of 156 neither
    asks that agent nor sends its caller there; the emergency's own talk may ask."""
    floor = floor_with(*AGENTS[:3])
    kept = EmergencyReserve(agents=1, calls=1)
    floor.handle(ev.ConfigurationChanged(replace(RULES, reserve=kept)), 0.0)
    talking(floor, CALLS[0])
    floor.handle(ev.CallJoined(CALLS[1], URGENT, 100, 2.0, "199"), 2.0)
    urgent = floor.callers[CALLS[1]].offer
    assert urgent is not None
    floor.handle(ev.OfferAnswered(urgent), 3.0)
    (last,) = (name for name in AGENTS[:3] if floor.agents[name].state is State.IDLE)
    asked(floor, CALLS[0], last)
    assert not floor.consults
    assert next_of_queue(floor, GENERAL, False, 6.0) is None
    floor.handle(ev.CallDirected(CALLS[2], last, "ana"), 6.0)
    floor.handle(ev.CallJoined(CALLS[2], GENERAL, 0, 6.0, "156"), 6.0)
    assert floor.callers[CALLS[2]].where is Where.WAITING
    assert next_of_queue(floor, GENERAL, True, 7.0) == last
    assert asked(floor, CALLS[1], last, 7.0) in floor.consults


def test_a_caller_sent_to_one_agent_is_theirs_if_free() -> None:
    floor = floor_with(*AGENTS[:3])
    floor.handle(ev.CallDirected(CALLS[0], AGENTS[2], "ana"), 1.0)
    floor.handle(ev.CallJoined(CALLS[0], GENERAL, 0, 1.0, "156"), 1.0)
    assert floor.agents[AGENTS[2]].call == CALLS[0]
    # not free: whoever fits, at the place that the call has
    floor.handle(ev.CallDirected(CALLS[1], AGENTS[2], "ana"), 2.0)
    floor.handle(ev.CallJoined(CALLS[1], GENERAL, 0, 2.0, "156"), 2.0)
    assert floor.callers[CALLS[1]].where is Where.OFFERED
    assert floor.agents[AGENTS[2]].call == CALLS[0]
    assert not floor.directed


Act = tuple[str, int, int]
ACTS = ("join", "answer", "fail", "end", "left", "ask", "answered", "over", "moved", "send", "wake")


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 3), st.integers(0, 3)), max_size=40)
)
def test_nobody_is_booked_twice_and_nothing_is_left_behind(acts: list[Act]) -> None:
    floor, now = floor_with(*AGENTS), 1.0
    for act, one, two in acts:
        now += 1.5
        _do(floor, act, one, two, now)
        _holds(floor, now)
    for call in CALLS:
        floor.handle(ev.CallLeft(call), now)
    assert not floor.consults
    assert not floor.offers
    assert all(a.state in (State.IDLE, State.WRAP_UP) for a in floor.agents.values())


def _do(floor: Floor, act: str, one: int, two: int, now: float) -> None:
    call, agent = CALLS[one], AGENTS[two]
    caller = floor.callers.get(call)
    offer = (caller.offer if caller is not None else None) or OfferId("7-0")
    consult = consult_of(floor, call)
    which = consult.consult if consult is not None else OfferId("7-c0")
    match act:
        case "join":
            floor.handle(ev.CallJoined(call, GENERAL, 0, now, "156"), now)
        case "answer":
            floor.handle(ev.OfferAnswered(offer), now)
        case "fail":
            floor.handle(ev.OfferFailed(offer, OfferOutcome.LOST), now)
        case "end":
            floor.handle(ev.TalkEnded(offer), now)
        case "left":
            floor.handle(ev.CallLeft(call), now)
        case "ask":
            asked(floor, call, agent, now)
        case "answered":
            floor.handle(ev.ConsultAnswered(which), now)
        case "over":
            floor.handle(ev.ConsultOver(which), now)
        case "moved":
            floor.handle(ev.TalkMoved(which), now)
        case "send":
            floor.handle(ev.CallDirected(call, agent, "ana"), now)
        case _:
            floor.wake(now)


def _holds(floor: Floor, now: float) -> None:
    """The promises: one booking an agent, and each booking an agent who says so."""
    booked = [offer.agent for offer in floor.offers.values()]
    booked += [one.agent for one in floor.consults.values() if one.agent]
    assert len(booked) == len(set(booked))
    for name, agent in floor.agents.items():
        assert (name in booked) == (agent.state in (State.OFFERED, State.TALKING)), name
    for offer in floor.offers.values():
        assert floor.agents[offer.agent].offer == offer.offer
        talks = offer.state is OfferState.ANSWERED
        assert (floor.agents[offer.agent].state is State.TALKING) == talks
    for consult in floor.consults.values():  # never without the talk that it is about
        assert floor.callers[consult.call].where is Where.TALKING
        assert floor.agents[consult.agent].offer == consult.consult
    waiting = [c for c in floor.callers.values() if c.where is Where.WAITING]
    free = [a for a in floor.agents.values() if a.may_be_offered(now)]
    assert not (waiting and free)
