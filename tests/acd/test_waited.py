"""What counts as waiting (R71): not the talk that a citizen had before being sent on."""

from __future__ import annotations

from acd.agents import State
from acd.events import (
    AgentLoggedIn,
    AgentPhone,
    CallJoined,
    OfferAnswered,
    TalkEnded,
)
from acd.floor import Floor
from acd.queues import QueueRule, QueueTable
from terms.facts import Fact, Kind
from terms.names import AgentName, CallId, Instant, OfferId, QueueName, Skill
from terms.signals import Phone

CALL, ANA, GERAL = CallId("c-1"), AgentName("ana"), QueueName("p156_geral")


def answered(floor: Floor, now: Instant, waits_from: Instant = 0.0) -> float:
    """The wait that the fact of the answer tells, of a caller who joined at 0."""
    results = floor.handle(CallJoined(CALL, GERAL, 30, 0.0, "156", waits_from=waits_from), now)
    offers = [one for one in results if isinstance(one, Fact) and one.kind is Kind.OFFER_MADE]
    offer = OfferId(offers[0].details["offer"])
    told = floor.handle(OfferAnswered(offer), now + 2.0)
    floor.handle(TalkEnded(offer), now + 50.0)
    (fact,) = [one for one in told if isinstance(one, Fact) and one.kind is Kind.ANSWERED]
    return float(fact.details["waited"])


def test_a_talk_that_was_sent_on_is_no_wait() -> None:
    rule = QueueRule(GERAL, "156", Skill("p156_geral"), wrap_up_seconds=0.0)
    floor = Floor(QueueTable((rule,)), epoch=1)
    floor.handle(AgentLoggedIn(ANA, {Skill("p156_geral"): 1}), 0.0)
    floor.handle(AgentPhone(ANA, Phone.IDLE), 0.0)
    assert answered(floor, 10.0) == 12.0
    floor.wake(60.0)
    assert floor.agents[ANA].state is State.IDLE
    # sent on at 60, with the place that it had at 0
    assert answered(floor, 61.0, waits_from=60.0) == 3.0
