"""The floor's rules, one by one: who is offered to whom, and what every ending does to both."""

from __future__ import annotations

import pytest

from acd import events as ev
from acd.agents import NO_ANSWER, STATE_SUCCESSORS, STATUS_SUCCESSORS, State, Status
from acd.effects import MakeOffer, WithdrawOffer
from acd.floor import Floor
from acd.offers import OFFER_SUCCESSORS, OfferState
from acd.queues import QueueRule, QueueTable, Ring
from terms.facts import Fact, Kind
from terms.limits import OFFER_LEASE, PHONE_SETTLES, REST_AFTER_GATE
from terms.names import AgentName, CallId, OfferId, QueueName, Skill
from terms.outcome import Blame, OfferOutcome
from terms.signals import Phone

GERAL = QueueRule(QueueName("p156_geral"), "156", Skill("geral"), 30, 15, 20)
SOCIAL = QueueRule(QueueName("p156_social"), "156", Skill("geral"), 70, 15, 20)
RISCO = QueueRule(QueueName("e199_risco"), "199", Skill("risco"), 100, 15, 0)
TABLE = QueueTable((GERAL, SOCIAL, RISCO))


class Scene:
    """A floor with a clock that the test turns."""

    def __init__(self) -> None:
        self.floor = Floor(TABLE, epoch=3)
        self.now = 1_000.0

    def tell(self, event: ev.Event, later: float = 0.0) -> list[object]:
        self.now += later
        return list(self.floor.handle(event, self.now))

    def wait(self, seconds: float) -> list[object]:
        self.now += seconds
        return list(self.floor.wake(self.now))

    def agent(self, name: str, *skills: str, phone: Phone = Phone.IDLE) -> AgentName:
        agent = AgentName(name)
        self.tell(ev.AgentPhone(agent, phone))
        self.tell(ev.AgentLoggedIn(agent, {Skill(skill): 1 for skill in skills}))
        return agent

    def call(self, name: str, rule: QueueRule = GERAL, joined: float | None = None) -> list[object]:
        when = self.now if joined is None else joined
        return self.tell(ev.CallJoined(CallId(name), rule.name, rule.priority, when, rule.line))


def offers(results: list[object]) -> list[tuple[str, str]]:
    return [(one.call, one.agent) for one in results if isinstance(one, MakeOffer)]


def the_offer(results: list[object]) -> OfferId:
    (offer,) = (one.offer for one in results if isinstance(one, MakeOffer))
    return offer


def facts(results: list[object], kind: Kind) -> list[Fact]:
    return [one for one in results if isinstance(one, Fact) and one.kind is kind]


def test_a_caller_meets_an_idle_agent_who_fits() -> None:
    scene = Scene()
    scene.agent("bia", "risco")
    scene.agent("ana", "geral")
    assert offers(scene.call("c1")) == [("c1", "ana")]


def test_longest_waiting_first_even_if_heard_of_later() -> None:
    scene = Scene()
    scene.call("young", joined=990.0)
    scene.call("old", joined=900.0)
    scene.tell(ev.AgentPhone(AgentName("ana"), Phone.IDLE))
    assert offers(scene.tell(ev.AgentLoggedIn(AgentName("ana"), {Skill("geral"): 1}))) == [
        ("old", "ana")
    ]


def test_longest_idle_agent_first() -> None:
    scene = Scene()
    scene.agent("ana", "geral")
    scene.now += 5
    scene.agent("bia", "geral")
    assert offers(scene.call("c1")) == [("c1", "ana")]
    assert offers(scene.call("c2")) == [("c2", "bia")]


def test_priority_inside_156_and_emergencies_before_everything() -> None:
    scene = Scene()
    scene.call("geral", GERAL, joined=100.0)
    scene.call("social", SOCIAL, joined=200.0)
    scene.call("risco", RISCO, joined=999.0)
    agent = AgentName("ana")
    scene.tell(ev.AgentPhone(agent, Phone.IDLE))
    made = scene.tell(ev.AgentLoggedIn(agent, {Skill("geral"): 1, Skill("risco"): 1}))
    assert offers(made) == [("risco", "ana")]
    scene.tell(ev.OfferAnswered(the_offer(made)))
    made = scene.tell(ev.TalkEnded(the_offer(made)))
    assert offers(made) == [("social", "ana")]


def test_priority_never_crosses_lines() -> None:
    scene = Scene()
    high = QueueRule(QueueName("p156_alta"), "156", Skill("geral"), 1_000)
    scene.tell(ev.ConfigurationChanged(QueueTable((high, RISCO))))
    scene.call("156", high, joined=1.0)
    scene.call("199", RISCO, joined=999.0)
    agent = AgentName("ana")
    scene.tell(ev.AgentPhone(agent, Phone.IDLE))
    made = scene.tell(ev.AgentLoggedIn(agent, {Skill("geral"): 1, Skill("risco"): 1}))
    assert offers(made) == [("199", "ana")]


def test_ring_no_answer_keeps_the_callers_place_and_pauses_the_agent() -> None:
    scene = Scene()
    ana = scene.agent("ana", "geral")
    made = scene.call("first", joined=900.0)
    scene.call("second", joined=950.0)
    ended = scene.tell(ev.OfferFailed(the_offer(made), OfferOutcome.RING_NO_ANSWER), later=15)
    assert scene.floor.agents[ana].status is Status.PAUSED
    assert scene.floor.agents[ana].reason == NO_ANSWER
    (fact,) = facts(ended, Kind.OFFER_ENDED)
    assert (fact.details["outcome"], fact.details["blame"]) == ("ring_no_answer", "agent")
    scene.call("first", joined=900.0)  # its next step takes the old place
    bia = AgentName("bia")
    scene.tell(ev.AgentPhone(bia, Phone.IDLE))
    assert offers(scene.tell(ev.AgentLoggedIn(bia, {Skill("geral"): 1}))) == [("first", "bia")]


@pytest.mark.parametrize(
    ("outcome", "status", "phone", "blame"),
    [
        (OfferOutcome.RING_NO_ANSWER, Status.PAUSED, Phone.IDLE, Blame.AGENT),
        (OfferOutcome.REFUSED, Status.PAUSED, Phone.IDLE, Blame.AGENT),
        (OfferOutcome.UNREACHABLE, Status.AVAILABLE, Phone.GONE, Blame.AGENT),
        (OfferOutcome.GATE_CLOSED, Status.AVAILABLE, Phone.IDLE, Blame.US),
        (OfferOutcome.CALLER_LEFT, Status.AVAILABLE, Phone.IDLE, Blame.CITIZEN),
        (OfferOutcome.LOST, Status.AVAILABLE, Phone.IDLE, Blame.US),
    ],
)
def test_every_failed_offer_judges_the_agent(
    outcome: OfferOutcome, status: Status, phone: Phone, blame: Blame
) -> None:
    scene = Scene()
    ana = scene.agent("ana", "geral")
    made = scene.call("c1")
    scene.tell(ev.OfferFailed(the_offer(made), outcome))
    agent = scene.floor.agents[ana]
    assert (agent.status, agent.phone, agent.state) == (status, phone, State.IDLE)
    assert outcome.blame is blame


def test_a_closed_gate_lets_the_agent_rest_a_moment() -> None:
    scene = Scene()
    scene.agent("ana", "geral")
    made = scene.call("c1")
    scene.tell(ev.OfferFailed(the_offer(made), OfferOutcome.GATE_CLOSED))
    assert offers(scene.call("c1")) == []
    assert scene.floor.next_deadline() == scene.now + REST_AFTER_GATE
    assert offers(scene.wait(REST_AFTER_GATE)) == [("c1", "ana")]


def test_an_emergency_takes_back_the_youngest_ringing_156_offer() -> None:
    scene = Scene()
    scene.agent("ana", "geral", "risco")
    scene.agent("bia", "geral", "risco")
    scene.call("older")
    scene.now += 1
    younger = the_offer(scene.call("younger"))
    results = scene.call("alarm", RISCO)
    withdrawn = [one for one in results if isinstance(one, WithdrawOffer)]
    assert [(one.offer, one.agent) for one in withdrawn] == [(younger, "bia")]
    made = scene.tell(ev.OfferFailed(younger, OfferOutcome.RING_NO_ANSWER))
    assert offers(made) == [("alarm", "bia")]
    assert facts(made, Kind.OFFER_ENDED)[0].details["outcome"] == "withdrawn"
    assert scene.floor.agents[AgentName("bia")].status is Status.AVAILABLE


def test_one_emergency_takes_back_one_offer() -> None:
    scene = Scene()
    for name in ("ana", "bia"):
        scene.agent(name, "geral", "risco")
    scene.call("c1")
    scene.call("c2")
    first = scene.call("alarm", RISCO)
    again = scene.tell(ev.CallHere(CallId("alarm")))
    assert sum(isinstance(one, WithdrawOffer) for one in [*first, *again]) == 1


def test_one_emergency_takes_back_no_second_offer_while_the_phone_falls_silent() -> None:
    """The dial's end is told before the phone's: the phone still rings, to all we know."""
    scene = Scene()
    for name in ("ana", "bia"):
        scene.agent(name, "geral", "risco")
    scene.call("c1")
    scene.now += 1
    offer = the_offer(scene.call("c2"))
    scene.tell(ev.AgentPhone(AgentName("ana"), Phone.RINGING))
    scene.tell(ev.AgentPhone(AgentName("bia"), Phone.RINGING))
    scene.call("alarm", RISCO)
    freed = scene.tell(ev.OfferFailed(offer, OfferOutcome.WITHDRAWN))
    assert not any(isinstance(one, WithdrawOffer | MakeOffer) for one in freed)
    silent = scene.tell(ev.AgentPhone(AgentName("bia"), Phone.IDLE), later=0.02)
    assert offers(silent) == [("alarm", "bia")]


def test_a_phone_that_never_falls_silent_does_not_hold_an_emergency_up() -> None:
    scene = Scene()
    for name in ("ana", "bia"):
        scene.agent(name, "geral", "risco")
    scene.call("c1")
    scene.now += 1
    offer = the_offer(scene.call("c2"))
    scene.tell(ev.AgentPhone(AgentName("bia"), Phone.RINGING))
    scene.call("alarm", RISCO)
    scene.tell(ev.OfferFailed(offer, OfferOutcome.WITHDRAWN))
    assert scene.floor.next_deadline() == scene.now + PHONE_SETTLES
    again = scene.wait(PHONE_SETTLES)
    assert [one.agent for one in again if isinstance(one, WithdrawOffer)] == ["ana"]


def test_an_answer_that_crosses_a_recall_is_not_a_talk() -> None:
    scene = Scene()
    scene.agent("ana", "geral", "risco")
    offer = the_offer(scene.call("c1"))
    scene.call("alarm", RISCO)
    assert scene.tell(ev.OfferAnswered(offer)) == []
    assert scene.floor.offers[offer].state is OfferState.WITHDRAWING


def test_wrap_up_ends_by_time_or_by_the_agent() -> None:
    scene = Scene()
    ana = scene.agent("ana", "geral")
    offer = the_offer(scene.call("c1"))
    scene.tell(ev.OfferAnswered(offer), later=4)
    ended = scene.tell(ev.TalkEnded(offer), later=60)
    assert facts(ended, Kind.TALK_ENDED)[0].details["talk_seconds"] == 60.0
    assert scene.floor.agents[ana].state is State.WRAP_UP
    assert offers(scene.call("c2")) == []
    assert scene.floor.next_deadline() == scene.now + 20
    assert offers(scene.wait(20)) == [("c2", "ana")]


def test_an_agent_done_early_is_offered_at_once() -> None:
    scene = Scene()
    ana = scene.agent("ana", "geral")
    offer = the_offer(scene.call("c1"))
    scene.tell(ev.OfferAnswered(offer))
    scene.tell(ev.TalkEnded(offer))
    scene.call("c2")
    assert offers(scene.tell(ev.WrapUpDone(ana))) == [("c2", "ana")]


def test_an_offer_without_news_is_lost_after_its_lease() -> None:
    scene = Scene()
    scene.agent("ana", "geral")
    scene.call("c1")
    assert scene.floor.next_deadline() == scene.now + 15 + OFFER_LEASE
    ended = scene.wait(15 + OFFER_LEASE)
    (fact,) = facts(ended, Kind.OFFER_ENDED)
    assert (fact.details["outcome"], fact.details["blame"]) == ("lost", "us")


@pytest.mark.parametrize("phone", [Phone.BUSY, Phone.RINGING, Phone.GONE])
def test_a_phone_that_is_not_free_gets_no_offer(phone: Phone) -> None:
    scene = Scene()
    ana = scene.agent("ana", "geral", phone=phone)
    assert offers(scene.call("c1")) == []
    assert offers(scene.tell(ev.AgentPhone(ana, Phone.IDLE))) == [("c1", "ana")]


def test_a_pause_withdraws_what_rings_and_never_a_talk() -> None:
    scene = Scene()
    ana = scene.agent("ana", "geral")
    offer = the_offer(scene.call("c1"))
    paused = scene.tell(ev.AgentPaused(ana, "banheiro"))
    assert any(isinstance(one, WithdrawOffer) for one in paused)
    scene.tell(ev.OfferFailed(offer, OfferOutcome.RING_NO_ANSWER))
    scene.tell(ev.AgentResumed(ana))
    offer = the_offer(scene.call("c1"))
    scene.tell(ev.OfferAnswered(offer))
    assert not any(isinstance(x, WithdrawOffer) for x in scene.tell(ev.AgentPaused(ana, "lanche")))
    assert offer in scene.floor.offers


def test_every_offer_carries_its_reason() -> None:
    scene = Scene()
    scene.agent("ana", "geral")
    (fact,) = facts(scene.call("c1", joined=990.0), Kind.OFFER_MADE)
    because = fact.details["because"]
    assert "p156_geral" in because
    assert "espera há 10,0 s" in because


def test_what_is_unknown_or_over_changes_nothing() -> None:
    scene = Scene()
    offer = the_offer((scene.agent("ana", "geral"), scene.call("c1"))[1])
    scene.tell(ev.OfferAnswered(offer))
    scene.tell(ev.TalkEnded(offer))
    before = scene.floor.view(scene.now)
    for event in (
        ev.TalkEnded(offer),
        ev.OfferAnswered(offer),
        ev.OfferFailed(OfferId("1-1"), OfferOutcome.REFUSED),
        ev.CallLeft(CallId("never")),
        ev.AgentResumed(AgentName("nobody")),
        ev.WrapUpDone(AgentName("nobody")),
    ):
        assert scene.tell(event) == []
    assert scene.floor.view(scene.now) == before


def test_a_found_talk_books_the_agent() -> None:
    scene = Scene()
    ana = scene.agent("ana", "geral", phone=Phone.BUSY)
    scene.tell(ev.TalkFound(CallId("c1"), ana, OfferId("2-9"), scene.now - 30))
    assert scene.floor.agents[ana].state is State.TALKING
    scene.tell(ev.AgentPhone(ana, Phone.IDLE))
    assert offers(scene.call("c2")) == []
    scene.tell(ev.CallLeft(CallId("c1")))
    assert scene.floor.agents[ana].state is State.WRAP_UP


@pytest.mark.parametrize("table", [STATUS_SUCCESSORS, STATE_SUCCESSORS, OFFER_SUCCESSORS])
def test_tables_name_every_state(table: dict[object, frozenset[object]]) -> None:
    states = set(type(next(iter(table))))
    assert set(table) == states
    assert all(following <= states for following in table.values())


# --- rings: whoever waits long is offered to others as well (R24) ---
WIDE = QueueRule(
    QueueName("p156_zeladoria"),
    *("156", Skill("zeladoria"), 40, 15, 0),
    rings=(Ring(45.0, (Skill("geral"),)), Ring(90.0, (Skill("reserva"),))),
)


def wide_scene() -> Scene:
    scene = Scene()
    scene.tell(ev.ConfigurationChanged(QueueTable((WIDE, GERAL, RISCO))))
    return scene


def test_a_ring_is_called_in_its_time_and_the_place_is_kept() -> None:
    scene = wide_scene()
    scene.agent("bia", "reserva")
    scene.agent("ana", "geral")
    assert offers(scene.call("c1", WIDE)) == []
    assert scene.floor.next_deadline() == scene.now + 45
    assert offers(scene.wait(44.9)) == []
    made = scene.wait(0.1)
    assert offers(made) == [("c1", "ana")]
    (fact,) = facts(made, Kind.OFFER_MADE)
    assert "anel mais largo" in fact.details["because"]
    scene.tell(ev.OfferFailed(the_offer(made), OfferOutcome.RING_NO_ANSWER))
    scene.call("c1", WIDE, joined=1_000.0)
    assert offers(scene.wait(45.0)) == [("c1", "bia")]


def test_the_queues_own_skill_goes_before_a_ring() -> None:
    scene = wide_scene()
    scene.agent("ana", "geral")
    scene.now += 60
    scene.agent("bia", "zeladoria")
    assert offers(scene.call("c1", WIDE, joined=scene.now - 50)) == [("c1", "bia")]


def test_a_ring_opens_for_whoever_waits_long_behind_a_young_caller_of_more_weight() -> None:
    scene = wide_scene()
    scene.tell(ev.CallJoined(CallId("young"), WIDE.name, 50, scene.now, "156"))
    scene.call("old", WIDE, joined=scene.now - 50)
    ana = AgentName("ana")
    scene.tell(ev.AgentPhone(ana, Phone.IDLE))
    assert offers(scene.tell(ev.AgentLoggedIn(ana, {Skill("geral"): 1}))) == [("old", "ana")]


def test_a_new_table_widens_for_those_who_wait_already() -> None:
    scene = Scene()
    plain = QueueRule(WIDE.name, "156", Skill("zeladoria"), 40)
    scene.tell(ev.ConfigurationChanged(QueueTable((plain, GERAL, RISCO))))
    scene.agent("ana", "geral")
    scene.call("c1", plain)
    scene.wait(30.0)
    scene.tell(ev.ConfigurationChanged(QueueTable((WIDE, GERAL, RISCO))))
    assert offers(scene.wait(14.0)) == []
    assert offers(scene.wait(1.0)) == [("c1", "ana")]


def test_an_emergency_takes_back_a_lesser_offer_from_its_ring_only_when_it_is_open() -> None:
    risk = QueueRule(
        QueueName("e199_risco"), "199", Skill("risco"), 100, rings=(Ring(8.0, (Skill("geral"),)),)
    )
    scene = Scene()
    scene.tell(ev.ConfigurationChanged(QueueTable((GERAL, risk))))
    scene.agent("ana", "geral")
    made = scene.call("c1")
    assert not [one for one in scene.call("c2", risk) if isinstance(one, WithdrawOffer)]
    (taken,) = (one for one in scene.wait(8.0) if isinstance(one, WithdrawOffer))
    assert taken.offer == the_offer(made)


def test_a_queue_may_ask_for_a_level() -> None:
    scene = Scene()
    best = QueueRule(QueueName("p156_mulher"), "156", Skill("mulher"), 75, min_level=2)
    scene.tell(ev.ConfigurationChanged(QueueTable((best, RISCO))))
    for name, level in (("ana", 3), ("bia", 2)):
        agent = AgentName(name)
        scene.tell(ev.AgentPhone(agent, Phone.IDLE))
        scene.tell(ev.AgentLoggedIn(agent, {Skill("mulher"): level}), later=1.0)
    assert offers(scene.call("c1", best)) == [("c1", "bia")]
    assert offers(scene.call("c2", best)) == []
