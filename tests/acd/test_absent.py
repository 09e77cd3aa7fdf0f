"""Absent callers in the one line: never ahead of their turn, never twice, held for emergencies, and
at the same place after a restart at any point (acd/absent.py; R26, R33, R34)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from acd import events as ev
from acd import promise_events as pe
from acd.effects import CallBack, CallBackExpired, HoldOut, MakeOffer, WithdrawOffer
from acd.floor import Floor
from acd.queues import QueueRule, QueueTable
from terms.facts import Fact, Kind
from terms.names import AgentName, CallId, OfferId, QueueName, Skill
from terms.outcome import OfferOutcome
from terms.signals import Phone

GERAL = QueueRule(QueueName("geral"), "156", Skill("geral"), 30, 15, 0)
RISCO = QueueRule(QueueName("risco"), "199", Skill("risco"), 100, 15, 0)
RETORNO = QueueRule(QueueName("retorno"), "199", Skill("risco"), 98, 15, 0)
TABLE = QueueTable((GERAL, RISCO, RETORNO))
LIVES = 1_000.0


@dataclass
class House:
    """A floor and its orders so far."""

    epoch: int = 1
    now: float = 1_000.0
    floor: Floor = field(init=False)
    orders: list[Any] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.floor = Floor(TABLE, self.epoch)

    def tell(self, event: ev.Event) -> list[Any]:
        return self._keep(self.floor.handle(event, self.now))

    def at(self, now: float) -> list[Any]:
        self.now = now
        return self._keep(self.floor.wake(now))

    def _keep(self, results: list[Any]) -> list[Any]:
        self.facts += [one for one in results if isinstance(one, Fact)]
        orders = [one for one in results if not isinstance(one, Fact)]
        self.orders += orders
        return orders

    def agent(self, name: str, skill: str = "geral") -> list[Any]:
        self.tell(ev.AgentPhone(AgentName(name), Phone.IDLE))
        return self.tell(ev.AgentLoggedIn(AgentName(name), {Skill(skill): 1}))

    def arrives(self, call: str, queue: QueueRule = GERAL) -> list[Any]:
        return self.tell(
            ev.CallJoined(CallId(call), queue.name, queue.priority, self.now, queue.line)
        )

    def promised(self, call: str, joined: float, queue: QueueRule = GERAL) -> list[Any]:
        place = (queue.name, queue.priority, joined, queue.line)
        return self.tell(pe.CallBackPromised(CallId(call), *place, joined + LIVES))


def _of(orders: list[Any], kind: type) -> list[Any]:
    return [one for one in orders if isinstance(one, kind)]


def test_the_place_is_kept_when_the_channel_goes() -> None:
    house = House()
    house.arrives("primeiro")
    house.now += 1
    house.arrives("segundo")
    house.promised("primeiro", 1_000.0)
    house.tell(ev.CallAway(CallId("primeiro")))
    house.tell(ev.CallLeft(CallId("primeiro")))  # the channel has gone: nothing new
    (order,) = house.agent("ana")
    assert isinstance(order, CallBack)
    assert order.call == "primeiro"
    (other,) = house.agent("bia")
    assert isinstance(other, MakeOffer)
    assert other.call == "segundo"


def test_agent_first_then_the_citizen_then_a_talk_of_the_new_channel() -> None:
    house = House()
    house.promised("velha", 900.0)
    (order,) = house.agent("ana")
    house.tell(ev.OfferRinging(order.offer))
    house.tell(pe.CallBackCalling(order.offer))
    house.tell(pe.CallBackAnswered(order.offer, CallId("nova")))
    (talk,) = [fact for fact in house.facts if fact.kind is Kind.ANSWERED]
    assert (talk.call, talk.agent, talk.details["waited"]) == ("nova", "ana", 100.0)
    assert list(house.floor.callers) == ["nova"]
    assert house.floor.absent == {}
    house.tell(ev.TalkEnded(order.offer))
    assert house.floor.callers == {}


def test_an_agent_who_fails_costs_nothing_and_the_next_is_reserved() -> None:
    house = House()
    house.promised("c", 900.0)
    (order,) = house.agent("ana")
    house.agent("bia")
    house.tell(ev.OfferFailed(order.offer, OfferOutcome.RING_NO_ANSWER))
    (again,) = house.tell(pe.CallBackLater(CallId("c"), house.now))
    assert (again.call, again.agent) == ("c", "bia")


def test_a_citizen_who_is_busy_is_tried_later_at_the_same_place() -> None:
    house = House()
    house.promised("c", 900.0)
    (order,) = house.agent("ana")
    house.tell(ev.OfferFailed(order.offer, OfferOutcome.NOT_REACHED))
    assert house.tell(pe.CallBackLater(CallId("c"), house.now + 60)) == []
    (other,) = house.arrives("d")
    assert other.call == "d"  # nobody waits for one who cannot be reached
    house.tell(ev.OfferAnswered(other.offer))
    house.at(1_060.0)
    (again,) = house.tell(ev.TalkEnded(other.offer))
    assert (again.call, type(again)) == ("c", CallBack)


def test_it_expires_once_and_not_in_the_middle_of_an_attempt() -> None:
    house = House()
    house.promised("c", 900.0)
    assert house.floor.next_deadline() == 1_900.0
    assert house.at(1_900.0) == [CallBackExpired(CallId("c"))]
    assert house.floor.callers == {}
    house.promised("d", 950.0)
    (order,) = house.agent("ana")
    assert _of(house.at(1_950.0), CallBackExpired) == []
    house.tell(ev.OfferFailed(order.offer, OfferOutcome.NOT_REACHED))
    late = house.tell(pe.CallBackLater(CallId("d"), house.now + 60))
    assert late == [CallBackExpired(CallId("d"))]


def test_who_returns_has_the_place_and_the_agents_phone_stops_ringing() -> None:
    house = House()
    house.promised("velha", 900.0)
    (order,) = house.agent("ana")
    house.tell(ev.OfferRinging(order.offer))
    (recall,) = house.tell(pe.CallReturned(CallId("nova"), CallId("velha")))
    assert isinstance(recall, WithdrawOffer)
    house.tell(ev.OfferFailed(order.offer, OfferOutcome.REFUSED))
    (made,) = house.arrives("nova")
    assert isinstance(made, MakeOffer)
    assert (made.call, house.floor.callers[CallId("nova")].joined) == ("nova", 900.0)
    assert house.floor.agents[AgentName("ana")].status == "available"  # nobody's fault


def test_nobody_of_156_is_called_while_an_emergency_waits() -> None:
    house = House()
    assert house.arrives("socorro", RISCO) == []
    assert HoldOut(True) in house.promised("c", 900.0)
    assert house.agent("ana") == []  # does not serve 199
    assert _of(house.promised("queda", 990.0, RETORNO), CallBack) == []
    assert _of(house.agent("gil", "risco"), MakeOffer)[0].call == "socorro"
    orders = house.orders
    assert HoldOut(False) in orders
    assert _of(orders, CallBack)[-1].call == "c"
    assert _of(house.agent("hugo", "risco"), CallBack)[0].call == "queda"  # R34: whatever waits


def test_nobody_is_called_in_a_storm_and_all_are_after_it() -> None:
    house = House()
    house.promised("c", 900.0)
    house.tell(ev.StormSet("156", True))
    assert _of(house.agent("ana"), CallBack) == []
    assert _of(house.tell(ev.StormSet("156", False)), CallBack)[0].call == "c"


def test_a_try_that_falls_due_at_the_instant_of_another_event_is_held_too() -> None:
    house = House()
    house.agent("ana")
    house.tell(ev.StormSet("156", True))
    place = (GERAL.name, GERAL.priority, 900.0, GERAL.line)
    house.tell(pe.CallBackPromised(CallId("c"), *place, 900.0 + LIVES, house.now + 5.0))
    house.now += 6.0  # nobody has woken the floor: the next event does
    assert not _of(house.agent("bia", "risco"), CallBack)
    orders = house.tell(ev.StormSet("156", False))
    assert [one.call for one in _of(orders, CallBack)] == ["c"]


def test_a_citizen_who_is_being_rung_is_not_left_for_an_emergency() -> None:
    house = House()
    house.promised("c", 900.0)
    house.tell(ev.AgentPhone(AgentName("ana"), Phone.IDLE))
    skills = {Skill("geral"): 1, Skill("risco"): 1}
    (order,) = house.tell(ev.AgentLoggedIn(AgentName("ana"), skills))
    house.tell(pe.CallBackCalling(order.offer))
    assert _of(house.arrives("socorro", RISCO), WithdrawOffer) == []


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.booleans(), st.integers(900, 909)), min_size=1, max_size=12), st.data()
)
def test_a_restart_at_any_point_keeps_every_place(
    callers: list[tuple[bool, int]], data: st.DataObject
) -> None:
    """Who is absent and who waits are served in one order, whatever restarts come between."""
    order = sorted(enumerate(callers), key=lambda one: (one[1][1], one[0]))
    expected = [f"c{number}" for number, _ in order]
    house, served = House(), list[str]()
    for count in range(len(callers)):
        if count == 0 or data.draw(st.booleans(), "restart"):
            house = House(epoch=count + 1)
            for number, (absent, joined) in order:
                if f"c{number}" in served:
                    continue
                if absent:
                    house.promised(f"c{number}", float(joined))
                else:
                    place = (GERAL.name, GERAL.priority, float(joined), "156")
                    house.tell(ev.CallJoined(CallId(f"c{number}"), *place))
        (made,) = house.agent(f"agente{count}")
        served.append(made.call)
        if isinstance(made, CallBack):
            house.tell(pe.CallBackCalling(made.offer))
            house.tell(pe.CallBackAnswered(made.offer, CallId(f"novo-{made.call}")))
        else:
            house.tell(ev.OfferAnswered(OfferId(made.offer)))
    assert served == expected
