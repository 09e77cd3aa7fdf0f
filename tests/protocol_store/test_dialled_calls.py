"""An agent lent to the dialler is in nobody's figures: of attempts no call, no offer and no leg is
made, and the talk that comes of one stood in no queue (R63)."""

from __future__ import annotations

from store_bed import AT, about, rows

from acd import dial_events as de
from acd import events as ev
from acd import promise_events as pe
from acd.effects import CallBack
from acd.floor import Floor
from acd.queues import QueueRule, QueueTable
from protocol_store import Store
from terms.facts import Fact, Kind
from terms.names import AgentName, CallId, QueueName, Skill
from terms.outcome import OfferOutcome
from terms.signals import Phone

GERAL = QueueRule(QueueName("p156_geral"), "156", Skill("geral"), 30, 15, 20)
ANA, CALL = AgentName("ana"), CallId("boot-1")


def facts_of_two_attempts() -> list[Fact]:
    """As a real floor tells them: one citizen is not reached, the next one is."""
    floor, told = Floor(QueueTable((GERAL,)), 7), list[Fact]()

    def tell(event: ev.Event, at: float) -> list[object]:
        results = floor.handle(event, at)
        told.extend(one for one in results if isinstance(one, Fact))
        return results

    tell(ev.AgentPhone(ANA, Phone.IDLE), AT)
    tell(ev.AgentLoggedIn(ANA, {GERAL.skill: 1}), AT)
    for number, attempt in enumerate((CallId("c1-1"), CallId("c1-2"))):
        begun = AT + 100 * number
        found = tell(de.DialReserved(attempt, ANA, GERAL.name, "156", 15.0), begun)
        (order,) = [one for one in found if isinstance(one, CallBack)]
        tell(pe.CallBackCalling(order.offer), begun + 3)
        if number == 0:
            tell(ev.OfferFailed(order.offer, OfferOutcome.NOT_REACHED), begun + 30)
        else:
            told.append(
                about(Kind.CALL_ARRIVED, CALL, begun + 10 - AT, line="156", entry="campanha",
                      caller="anonymous", test=False)
            )  # fmt: skip
            tell(pe.CallBackAnswered(order.offer, CALL), begun + 10)
            tell(ev.TalkEnded(order.offer), begun + 70)
            told.append(about(Kind.CALL_ENDED, CALL, begun + 71 - AT, outcome="served",
                              blame="nobody", where="after", seconds=61))  # fmt: skip
    return told


async def test_what_the_dialler_reserves_is_in_no_figure(store: Store, database_url: str) -> None:
    store.append(*facts_of_two_attempts())
    await store.settled()
    said = rows(database_url, "select call_id, direction, agent, talk_seconds from calls")
    assert said == [(CALL, "out", ANA, 60.0)]
    assert rows(database_url, "select queue from queue_visits") == []
    offers = "select call_id, agent, queue, outcome from offers"
    assert rows(database_url, offers) == [(CALL, ANA, None, "answered")]
    legs = "select call_id, who, agent, outcome from legs order by ordinal"
    assert rows(database_url, legs) == [
        (CALL, "citizen", None, "served"),
        (CALL, "agent", ANA, "answered"),
    ]


async def test_a_talk_of_which_only_the_diary_tells_stood_in_no_queue(
    store: Store, database_url: str
) -> None:
    """Its answer is told anew after a restart, without an offer."""
    store.append(
        about(Kind.CALL_ARRIVED, CALL, line="156", entry="campanha", caller="anonymous"),
        about(Kind.ANSWERED, CALL, 5, "ana", waited=None),
        about(Kind.TALK_ENDED, CALL, 65, "ana", talk_seconds=60.0),
        about(Kind.CALL_ENDED, CALL, 66, outcome="served", where="after", seconds=66),
    )
    await store.settled()
    assert rows(database_url, "select queue from queue_visits") == []
    assert rows(database_url, "select agent, outcome from calls") == [(ANA, "served")]
