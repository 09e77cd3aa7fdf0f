"""Agents lent to the dialler (acd/dialled.py, acd/lending.py; R31, R33, R63): callers always win,
nobody is booked twice, and no queue's figures know of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from acd import dial_events as de
from acd import events as ev
from acd import promise_events as pe
from acd.agents import State, Status
from acd.effects import CallBack, DialRefused, DialTakenBack, MakeOffer, Preview, WithdrawOffer
from acd.floor import Floor
from acd.lending import lendable, waiting
from acd.measures import Measures
from acd.needs import Ask
from acd.queues import EmergencyReserve, QueueRule, QueueTable, Ring, Where
from terms.facts import Fact, Kind
from terms.names import AgentName, CallId, OfferId, QueueName, Skill
from terms.outcome import OfferOutcome
from terms.signals import Phone

GERAL = QueueRule(QueueName("geral"), "156", Skill("geral"), 30, 15, 20)
OBRAS = QueueRule(
    QueueName("obras"), "156", Skill("obras"), 30, 15, 20, rings=(Ring(10.0, (Skill("geral"),)),)
)
RISCO = QueueRule(QueueName("risco"), "199", Skill("risco"), 100, 15, 0)
TABLE = QueueTable((GERAL, OBRAS, RISCO))
KEPT = QueueTable((GERAL, OBRAS, RISCO), reserve=EmergencyReserve(1, 1))
ANA, BIA, CAIO = map(AgentName, ("ana", "bia", "caio"))
ONE, NEW = CallId("c1-1"), CallId("1700.1")


class Bed:
    """A floor at work, and what it has said."""

    def __init__(self, table: QueueTable = TABLE) -> None:
        self.floor, self.now = Floor(table, 7), 1_000.0
        self.facts: list[Fact] = []
        self.measures = Measures(table)

    def tell(self, event: ev.Event) -> list[Any]:
        return self._keep(self.floor.handle(event, self.now))

    def passes(self, seconds: float) -> list[Any]:
        self.now += seconds
        return self._keep(self.floor.wake(self.now))

    def _keep(self, results: list[Any]) -> list[Any]:
        new = [one for one in results if isinstance(one, Fact)]
        self.facts += new
        self.measures.read(new)
        return [one for one in results if not isinstance(one, Fact)]

    def agent(self, name: AgentName, *skills: str) -> list[Any]:
        self.tell(ev.AgentPhone(name, Phone.IDLE))
        levels = {Skill(skill): 1 for skill in skills or ("geral",)}
        return self.tell(ev.AgentLoggedIn(name, levels))

    def arrives(self, call: str, rule: QueueRule = GERAL) -> list[Any]:
        place = (rule.name, rule.priority, self.now, rule.line)
        return self.tell(ev.CallJoined(CallId(call), *place))

    def called(self, call: str) -> list[Any]:
        """Who was called alone, and has answered, stands in the line."""
        place = (GERAL.name, GERAL.priority + 10, self.now, GERAL.line)
        return self.tell(ev.CallJoined(CallId(call), *place, called=True))

    def reserve(
        self, call: CallId = ONE, agent: AgentName = ANA, queue: str = "geral", look: float = 0.0
    ) -> list[Any]:
        return self.tell(de.DialReserved(call, agent, QueueName(queue), "156", 15.0, look))

    def reserved(self, look: float = 0.0) -> OfferId:
        (order,) = self.reserve(look=look)
        assert isinstance(order, Preview if look else CallBack)
        return order.offer

    def lent(self) -> dict[AgentName, frozenset[QueueName]]:
        return lendable(self.floor, (GERAL.name, OBRAS.name), self.now)

    def untouched(self) -> None:
        """No queue has had anything."""
        for line in self.floor.lines.values():
            tally = line.tally
            assert (tally.joined, tally.answered, tally.abandoned, tally.overflowed) == (0,) * 4
            assert len(line) == 0
            figures = self.measures.of(line.rule.name, self.now)
            assert (figures.received, figures.offered, figures.talks) == (0, 0, 0)
            assert (figures.talked, figures.wrap_ups) == (0.0, 0)


@pytest.fixture
def house() -> Bed:
    made = Bed()
    made.agent(ANA)
    return made


def test_agent_then_citizen_then_a_talk_of_the_new_channel(house: Bed) -> None:
    house.now += 30
    offer = house.reserved()
    assert house.floor.agents[ANA].state is State.OFFERED
    assert house.floor.callers[ONE].absent
    house.tell(ev.OfferRinging(offer))
    house.tell(pe.CallBackCalling(offer))
    house.now += 8
    house.tell(pe.CallBackAnswered(offer, NEW))
    (talk,) = [fact for fact in house.facts if fact.kind is Kind.ANSWERED]
    assert (talk.call, talk.agent, talk.details["waited"]) == (NEW, ANA, 0.0)
    assert talk.details["dialled"] is True
    assert list(house.floor.callers) == [NEW]
    house.now += 60
    house.tell(ev.TalkEnded(offer))
    assert house.floor.agents[ANA].state is State.WRAP_UP
    house.passes(GERAL.wrap_up_seconds)
    assert (house.floor.callers, house.floor.agents[ANA].state) == ({}, State.IDLE)
    house.untouched()


@pytest.mark.parametrize(
    ("outcome", "status", "reason"),
    [
        (OfferOutcome.RING_NO_ANSWER, Status.PAUSED, "não-atendeu"),
        (OfferOutcome.REFUSED, Status.PAUSED, "não-atendeu"),
        (OfferOutcome.NOT_REACHED, Status.AVAILABLE, ""),
        (OfferOutcome.LOST, Status.AVAILABLE, ""),
        (OfferOutcome.GATE_CLOSED, Status.AVAILABLE, ""),
        (OfferOutcome.UNREACHABLE, Status.AVAILABLE, ""),
    ],
)
def test_an_attempt_that_fails_is_forgotten(
    house: Bed, outcome: OfferOutcome, status: Status, reason: str
) -> None:
    offer = house.reserved()
    house.tell(ev.OfferRinging(offer))
    house.tell(ev.OfferFailed(offer, outcome))
    agent = house.floor.agents[ANA]
    assert (agent.status, agent.reason, agent.state) == (status, reason, State.IDLE)
    assert (house.floor.callers, house.floor.offers) == ({}, {})
    house.untouched()


@pytest.mark.parametrize("when", ["preview", "made", "ringing", "calling"])
def test_it_is_over_and_the_agent_is_as_before(house: Bed, when: str) -> None:
    agent = house.floor.agents[ANA]
    since = agent.idle_since
    house.now += 30
    offer = house.reserved(look=20.0 if when == "preview" else 0.0)
    if when in ("ringing", "calling"):
        house.tell(ev.OfferRinging(offer))
    if when == "calling":
        house.tell(pe.CallBackCalling(offer))
    assert house.tell(de.DialOver(ONE)) == []
    assert (agent.state, agent.status, agent.idle_since) == (State.IDLE, Status.AVAILABLE, since)
    assert (house.floor.callers, house.floor.offers) == ({}, {})
    assert house.tell(de.DialOver(ONE)) == []  # twice is as good as once
    (made,) = house.arrives("cidadao")
    assert isinstance(made, MakeOffer)


def test_over_ends_no_talk(house: Bed) -> None:
    offer = house.reserved()
    house.tell(pe.CallBackAnswered(offer, NEW))
    house.tell(de.DialOver(ONE))
    house.tell(de.DialOver(NEW))
    assert house.floor.agents[ANA].state is State.TALKING


def test_who_looks_is_rung_when_it_goes_on(house: Bed) -> None:
    (order,) = house.reserve(look=20.0)
    assert (order.call, order.agent, order.seconds) == (ONE, ANA, 20.0)
    assert house.arrives("cidadao") == []  # the agent is the dialler's
    (ring,) = house.tell(de.DialGoesOn(ONE))
    assert isinstance(ring, CallBack)
    assert (ring.offer, ring.call, ring.ring_seconds) == (order.offer, ONE, 15.0)
    assert house.tell(de.DialGoesOn(ONE)) == []
    house.tell(pe.CallBackAnswered(ring.offer, NEW))
    assert house.floor.agents[ANA].state is State.TALKING


def test_nobody_says_what_becomes_of_a_look(house: Bed) -> None:
    offer = house.reserved(look=20.0)
    assert house.passes(20.0) == []  # the dialler's own time is not over before
    (back,) = house.passes(10.0)
    assert (back, type(back)) == (DialTakenBack(offer, ONE, ANA, back.because), DialTakenBack)
    assert house.floor.callers == {}


def test_nobody_says_what_becomes_of_a_call(house: Bed) -> None:
    offer = house.reserved()
    house.now += 120
    orders = house.passes(0.0)
    assert [type(one) for one in orders] == [DialTakenBack]
    assert orders[0].offer == offer
    assert house.floor.offers == {}


@pytest.mark.parametrize(
    ("before", "because"),
    [
        (lambda house: house.tell(ev.AgentPaused(ANA, "banheiro")), "não está livre"),
        (lambda house: house.tell(ev.AgentPhone(ANA, Phone.BUSY)), "não está livre"),
        (lambda house: house.reserve(CallId("outro-1")), "não está livre"),
        (lambda house: house.arrives("cidadao"), "não está livre"),
        (lambda house: house.arrives("socorro", RISCO), "emergência"),
        (lambda house: house.tell(ev.StormSet("156", True)), "tempestade"),
        (lambda house: house.tell(ev.AgentSkillsChanged(ANA, {}, (), False)), "não atende a fila"),
    ],
)
def test_who_cannot_be_had(house: Bed, before: Callable[[Bed], Any], because: str) -> None:
    before(house)
    (refused,) = house.reserve()
    assert (type(refused), refused.call, refused.agent) == (DialRefused, ONE, ANA)
    assert because in refused.because
    assert ANA not in house.lent()
    assert ONE not in house.floor.callers


def test_a_queue_that_nobody_knows_and_an_agent_whom_nobody_knows(house: Bed) -> None:
    assert isinstance(house.reserve(queue="nenhuma")[0], DialRefused)
    assert isinstance(house.reserve(agent=CAIO)[0], DialRefused)
    assert lendable(house.floor, (QueueName("nenhuma"),), house.now) == {}


def test_said_twice_it_is_one_reservation(house: Bed) -> None:
    house.agent(BIA)
    house.reserved()
    assert house.reserve(agent=BIA) == []
    assert len(house.floor.offers) == 1


def test_a_wider_ring_that_has_just_opened_goes_first(house: Bed) -> None:
    house.arrives("das-obras", OBRAS)
    assert house.lent() == {ANA: {"geral"}}
    house.now += 10.0  # nobody has woken the floor
    assert house.lent() == {}
    orders = house.reserve()
    assert [type(one) for one in orders] == [DialRefused, MakeOffer]


def test_who_keeps_a_place_goes_first(house: Bed) -> None:
    place = (GERAL.name, GERAL.priority, 900.0, "156", 5_000.0, house.now + 5)
    house.tell(pe.CallBackPromised(CallId("lugar"), *place))
    assert waiting(house.floor) == (0, 0)
    house.now += 5.0
    orders = house.reserve()
    assert [(type(one), one.call) for one in orders] == [(DialRefused, ONE), (CallBack, "lugar")]


def test_the_reserve_for_emergencies_is_not_lent() -> None:
    house = Bed(KEPT)
    house.agent(CAIO, "risco")
    house.arrives("socorro", RISCO)  # one emergency is on the floor: one agent is kept
    house.agent(ANA, "geral", "risco")
    assert house.lent() == {}
    (refused,) = house.reserve()
    assert "guardado para emergências" in refused.because
    house.now += 1
    house.agent(BIA, "geral", "risco")
    assert house.lent() == {ANA: {"geral"}}  # of two, one
    assert isinstance(house.reserve()[0], CallBack)
    assert isinstance(house.reserve(CallId("c2-1"), BIA)[0], DialRefused)


def test_the_longest_idle_is_lent_first_for_what_each_serves() -> None:
    house = Bed()
    for name, skills in ((BIA, ("geral", "obras")), (ANA, ("geral",)), (CAIO, ("obras",))):
        house.agent(name, *skills)
        house.now += 1
    lent = house.lent()
    assert list(lent) == [BIA, ANA, CAIO]
    assert lent == {BIA: {"geral", "obras"}, ANA: {"geral"}, CAIO: {"obras"}}


def test_who_waits_is_told_apart() -> None:
    house = Bed()
    for call, rule in (("a", GERAL), ("b", OBRAS), ("c", RISCO)):
        house.arrives(call, rule)
    assert waiting(house.floor) == (1, 2)
    house.tell(ev.CallAway(CallId("a")))
    assert waiting(house.floor) == (1, 1)


@pytest.mark.parametrize("when", ["preview", "made", "ringing", "calling"])
def test_an_emergency_takes_the_agent_back(when: str) -> None:
    house = Bed()
    house.agent(ANA, "geral", "risco")
    offer = house.reserved(look=20.0 if when == "preview" else 0.0)
    if when in ("ringing", "calling"):
        house.tell(ev.OfferRinging(offer))
    if when == "calling":
        house.tell(pe.CallBackCalling(offer))
    orders = house.arrives("socorro", RISCO)
    back = next(one for one in orders if isinstance(one, DialTakenBack))
    assert (back.offer, back.call, back.agent) == (offer, ONE, ANA)
    if when == "preview":  # no phone rings: at once
        assert not [one for one in orders if isinstance(one, WithdrawOffer)]
        assert house.floor.next_deadline() <= house.now
        orders += house.passes(0.0)
    else:
        assert [one.offer for one in orders if isinstance(one, WithdrawOffer)] == [offer]
        orders += house.tell(ev.OfferFailed(offer, OfferOutcome.REFUSED))
    (made,) = [one for one in orders if isinstance(one, MakeOffer)]
    assert (made.call, made.agent) == ("socorro", ANA)
    assert ONE not in house.floor.callers
    assert house.floor.agents[ANA].status is Status.AVAILABLE  # nobody's fault


def test_an_emergency_rather_takes_a_call_that_nobody_waits_for(house: Bed) -> None:
    house = Bed()
    house.agent(ANA, "geral", "risco")
    house.reserved()
    house.agent(BIA, "geral", "risco")
    assert isinstance(house.arrives("cidadao")[0], MakeOffer)  # the younger of the two
    (back,) = [one for one in house.arrives("socorro", RISCO) if isinstance(one, DialTakenBack)]
    assert back.agent == ANA


def test_an_emergency_leaves_a_talk_alone() -> None:
    house = Bed()
    house.agent(ANA, "geral", "risco")
    offer = house.reserved()
    house.tell(pe.CallBackAnswered(offer, NEW))
    assert house.arrives("socorro", RISCO) == []
    assert house.floor.agents[ANA].call == NEW


def test_while_an_emergency_waits_no_look_goes_on(house: Bed) -> None:
    offer = house.reserved(look=20.0)
    assert house.arrives("socorro", RISCO) == []  # ana does not serve it
    (back,) = house.tell(de.DialGoesOn(ONE))
    assert (type(back), back.offer) == (DialTakenBack, offer)
    house.passes(0.0)
    assert house.floor.agents[ANA].state is State.IDLE


@pytest.mark.parametrize(
    "gone", [ev.AgentPaused(ANA, "banheiro"), ev.AgentLoggedOut(ANA)], ids=["paused", "gone"]
)
@pytest.mark.parametrize("look", [0.0, 20.0])
def test_who_goes_is_not_kept(house: Bed, gone: ev.Event, look: float) -> None:
    offer = house.reserved(look=look)
    assert DialTakenBack in map(type, house.tell(gone))
    if not look:
        house.tell(ev.OfferFailed(offer, OfferOutcome.WITHDRAWN))
    assert (house.floor.offers, house.floor.callers) == ({}, {})
    assert house.floor.agents[ANA].status is not Status.AVAILABLE


def test_the_answer_crosses_the_emergency() -> None:
    """The agent was taken back as the citizen picked up: the citizen joins like anybody else."""
    house = Bed()
    house.agent(ANA, "geral", "risco")
    offer = house.reserved()
    house.tell(pe.CallBackCalling(offer))
    house.arrives("socorro", RISCO)
    house.tell(pe.CallBackAnswered(offer, NEW))
    assert house.floor.agents[ANA].state is State.OFFERED
    house.arrives(NEW)
    assert house.floor.callers[NEW].where is Where.WAITING
    assert not house.floor.callers[NEW].dialled
    assert house.floor.agents[ANA].call == "socorro"


def test_a_talk_is_sent_on_like_any_other(house: Bed) -> None:
    offer = house.reserved()
    house.tell(pe.CallBackAnswered(offer, NEW))
    house.arrives(NEW, OBRAS)
    caller = house.floor.callers[NEW]
    assert (caller.where, caller.dialled, house.floor.agents[ANA].state) == (
        *(Where.WAITING, False),
        State.WRAP_UP,
    )
    assert house.floor.lines[OBRAS.name].tally.joined == 1


def test_a_talk_is_found_again_after_a_restart() -> None:
    house = Bed()
    house.agent(ANA)
    found = ev.TalkFound(NEW, ANA, OfferId("6-3"), 990.0, GERAL.name, 980.0, "156", dialled=True)
    house.tell(found)
    house.tell(found)
    caller, offer = house.floor.callers[NEW], house.floor.offers[OfferId("6-3")]
    assert (caller.dialled, caller.where, offer.dialled) == (True, Where.TALKING, True)
    house.tell(ev.TalkEnded(OfferId("6-3")))
    assert house.floor.callers == {}
    house.untouched()


def test_a_talk_is_found_before_it_is_told(house: Bed) -> None:
    offer = house.reserved()
    house.tell(ev.TalkFound(NEW, ANA, offer, house.now, GERAL.name, 0.0, "156", dialled=True))
    assert list(house.floor.callers) == [NEW]
    house.tell(pe.CallBackAnswered(offer, NEW))
    house.tell(ev.CallLeft(NEW))
    assert house.floor.callers == {}
    house.untouched()


def test_a_channel_that_came_by_itself_is_newer() -> None:
    house = Bed()
    house.agent(ANA)
    offer = house.reserved()
    house.agent(BIA, "obras")
    assert isinstance(house.arrives(NEW, OBRAS)[0], MakeOffer)
    house.tell(pe.CallBackAnswered(offer, NEW))
    assert list(house.floor.callers) == [NEW]
    assert house.floor.agents[ANA].state is State.IDLE


def test_other_queues_are_in_force(house: Bed) -> None:
    offer = house.reserved()
    house.tell(ev.ConfigurationChanged(QueueTable((RISCO,))))
    assert house.floor.callers[ONE].rule.name == GERAL.name
    house.tell(pe.CallBackAnswered(offer, NEW))
    house.tell(ev.TalkEnded(offer))
    assert house.floor.callers == {}


def test_it_is_foretold_nothing_and_seen_as_what_it_is(house: Bed) -> None:
    house.reserved()
    view = house.floor.view(house.now)
    (caller,) = view.callers
    assert (caller.dialled, caller.absent, caller.agent) == (True, False, ANA)
    assert all((one.unserved, one.absent, one.joined) == (0, 0, 0) for one in view.queues)
    assert house.floor.expected(ONE, house.now) is None


def test_no_talk_of_the_diallers_is_the_last_queues(house: Bed) -> None:
    """A real talk, then a dialled one: neither its seconds nor its wrap-up are the queue's."""
    (made,) = house.arrives("cidadao")
    house.facts.clear()
    arrived = {"line": "156", "entry": "156", "caller": "anonymous"}
    queued = {"queue": GERAL.name, "joined": house.now}
    house.measures.read(
        [
            Fact(house.now, Kind.CALL_ARRIVED, CallId("cidadao"), details=arrived),
            Fact(house.now, Kind.QUEUED, CallId("cidadao"), details=queued),
        ]
    )
    house.tell(ev.OfferAnswered(made.offer))
    house.now += 10
    house.tell(ev.TalkEnded(made.offer))
    house.passes(GERAL.wrap_up_seconds)
    offer = house.reserved()
    house.tell(pe.CallBackAnswered(offer, NEW))
    house.now += 100
    house.tell(ev.TalkEnded(offer))
    house.passes(GERAL.wrap_up_seconds)
    figures = house.measures.of(GERAL.name, house.now)
    assert (figures.talks, figures.talked) == (1, 10.0)
    assert (figures.wrap_ups, figures.wrapped_up) == (1, GERAL.wrap_up_seconds)


def test_what_is_lent_is_asked_of_profiles_not_of_people() -> None:
    """P13: asked after each event, whatever the crowd."""
    house = Bed()
    for number in range(600):
        house.agent(AgentName(f"obras{number}"), "obras")
    for number in range(600):
        house.arrives(f"cidadao{number}")  # nobody serves them
    asked = 0
    kept = Ask.fit

    def fit(self: Ask, profile: Any) -> Any:
        nonlocal asked
        asked += 1
        return kept(self, profile)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Ask, "fit", fit)
        assert len(house.lent()) == 600
        assert asked < 10
        assert isinstance(house.reserve(agent=AgentName("obras0"), queue="obras")[0], CallBack)
        assert asked < 30


@pytest.mark.parametrize("end", ["gives up", "talks"])
def test_who_was_called_and_waits_is_in_no_figure_of_the_queue(house: Bed, end: str) -> None:
    """Neither the one who finds nobody in time nor the one who finds somebody (R63, R70)."""
    if end == "gives up":
        house.tell(ev.AgentLoggedOut(ANA))
        assert house.called("n1") == []
        house.now += 2.0
    else:
        (offer,) = house.called("n1")
        house.tell(ev.OfferAnswered(offer.offer))
        house.now += 30.0
        house.tell(ev.TalkEnded(offer.offer))
    house.tell(ev.CallLeft(CallId("n1")))
    for line in house.floor.lines.values():
        tally = line.tally
        assert (tally.joined, tally.answered, tally.abandoned, tally.overflowed) == (0,) * 4
        assert len(line) == 0
