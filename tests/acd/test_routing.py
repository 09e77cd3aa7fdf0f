"""Routing, rule by rule: needs, rings, the reserve, limits, priority, who is chosen and why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from acd import events as ev
from acd.agents import Status
from acd.choice import ChoiceRule
from acd.effects import MakeOffer, SendAway
from acd.floor import Floor
from acd.needs import NOTHING, Need, Needs, all_of
from acd.pauses import Who
from acd.queues import EmergencyReserve, Exit, QueueRule, QueueTable, Ring
from acd.reserve import kept_back
from terms.facts import Fact, Kind
from terms.limits import PAUSE_KEEPS_IDLE, SKIPPED_TOLD
from terms.names import AgentName, CallId, QueueName, Skill
from terms.outcome import OfferOutcome
from terms.signals import Phone


def rule(name: str, line: str = "156", priority: int = 40, **more: object) -> QueueRule:
    return QueueRule(QueueName(name), line, Skill(name), priority, **more)  # type: ignore[arg-type]


def ring(after: float, *skills: str, **more: object) -> Ring:
    return Ring(after, tuple(map(Skill, skills)), **more)  # type: ignore[arg-type]


RISCO = rule("risco", "199", 100, rings=(ring(8, "guarda"), ring(16, reserve=True)))
GUARDA = rule("guarda", "153", 90)
GERAL, LUZ, LIXO = rule("geral"), rule("luz"), rule("lixo")


class Scene:
    """A floor with a clock that the test turns."""

    def __init__(self, *rules: QueueRule, **table: object) -> None:
        self.rules = {one.name: one for one in rules}
        self.floor = Floor(QueueTable(rules, **table), epoch=1)  # type: ignore[arg-type]
        self.now = 1_000.0
        self.sent: list[tuple[str, str]] = []
        self.facts: list[Fact] = []

    def hears(self, results: list[object]) -> list[tuple[str, str]]:
        self.facts += [one for one in results if isinstance(one, Fact)]
        self.sent += [(one.call, one.exit) for one in results if isinstance(one, SendAway)]
        return [(one.call, one.agent) for one in results if isinstance(one, MakeOffer)]

    def tell(self, event: ev.Event) -> list[tuple[str, str]]:
        return self.hears(list(self.floor.handle(event, self.now)))

    def wait(self, seconds: float) -> list[tuple[str, str]]:
        self.now += seconds
        return self.hears(list(self.floor.wake(self.now)))

    def agent(
        self, name: str, skills: str, subjects: str = "", reserve: bool = False
    ) -> list[tuple[str, str]]:
        """`skills`: words, each with its level after a slash."""
        levels = {}
        for word in skills.split():
            skill, _, level = word.partition("/")
            levels[Skill(skill)] = int(level or 1)
        agent, ranked = AgentName(name), tuple(map(Skill, subjects.split()))
        self.tell(ev.AgentPhone(agent, Phone.IDLE))
        return self.tell(ev.AgentLoggedIn(agent, levels, ranked, reserve))

    def pause(self, name: str, reason: str) -> None:
        """A supervisor, or the plan, sends an agent to a pause."""
        who = Who.SYSTEM if reason == "lanche-20" else Who.SUPERVISOR
        self.tell(ev.AgentPaused(AgentName(name), reason, who))

    def call(self, name: str, queue: str, **more: object) -> list[tuple[str, str]]:
        of = self.rules[QueueName(queue)]
        joined = more.pop("joined", self.now)
        return self.tell(ev.CallJoined(CallId(name), of.name, of.priority, joined, of.line, **more))

    def because(self, call: str) -> Fact:
        found = [one for one in self.facts if one.kind is Kind.OFFER_MADE and one.call == call]
        return found[-1]


# --- needs ---
@pytest.mark.parametrize(
    ("needs", "skills", "met"),
    [
        (NOTHING, {}, True),
        (all_of(Skill("a")), {"a": 9}, True),
        (all_of(Skill("a"), Skill("b")), {"a": 1}, False),
        (all_of(Skill("a"), Skill("b")), {"a": 1, "b": 1}, True),
        (Needs(((Need(Skill("a"), 2),),)), {"a": 3}, False),
        (Needs(((Need(Skill("a"), 2),),)), {"a": 2}, True),
        (Needs(((Need(Skill("a"), 1),), (Need(Skill("b")),))), {"a": 2, "b": 9}, True),
        (Needs(((Need(Skill("a"), 1),), (Need(Skill("b")),))), {"a": 2}, False),
    ],
)
def test_needs_are_alternatives_that_hold_whole(
    needs: Needs, skills: dict[Skill, int], met: bool
) -> None:
    assert needs.met_by(skills) is met


def test_both_needs_hold_together() -> None:
    either = Needs(((Need(Skill("a")),), (Need(Skill("b")),)))
    both = either.both(all_of(Skill("c")))
    assert str(both) == "a e c ou b e c"
    assert either.both(NOTHING) == NOTHING.both(either) == either


def test_a_queue_and_a_call_say_what_they_need_beside_the_skill() -> None:
    luz = replace(LUZ, needs=Needs(((Need(Skill("libras"), 2),),)))
    luz = replace(luz, rings=(ring(45, "geral"), ring(90, reserve=True)))
    scene = Scene(luz, GERAL)
    scene.agent("ana", "luz")
    scene.agent("bia", "luz libras/3")
    assert scene.call("c1", "luz") == []
    assert scene.agent("caio", "luz libras/2") == [("c1", "caio")]
    assert "com a habilidade luz e libras até o nível 2" in scene.because("c1").details["because"]
    assert scene.call("c2", "luz", needs=all_of(Skill("ingles"))) == []
    assert scene.agent("davi", "geral libras") == []
    assert scene.wait(45) == []
    assert scene.agent("edu", "geral libras ingles") == [("c2", "edu")]


def test_a_lenient_ring_needs_no_more_than_the_skill() -> None:
    luz = replace(LUZ, needs=all_of(Skill("libras")), rings=(ring(45, lenient=True),))
    scene = Scene(luz)
    scene.agent("ana", "luz")
    assert scene.call("c1", "luz") == []
    assert scene.wait(44.9) == []
    assert scene.wait(0.1) == [("c1", "ana")]


# --- rings and the reserve ---
def test_the_reserve_is_called_from_its_ring_on_and_comes_last() -> None:
    scene = Scene(RISCO, GUARDA)
    scene.agent("rita", "risco", reserve=True)
    assert scene.call("c1", "risco") == []
    assert scene.wait(8) == []
    assert scene.wait(8) == [("c1", "rita")]
    assert "da reserva" in scene.because("c1").details["because"]
    scene.agent("rosa", "risco", reserve=True)
    scene.now += 100
    scene.agent("gil", "guarda")
    assert scene.call("c2", "risco", joined=scene.now - 20) == [("c2", "gil")]


def test_a_storm_opens_all_rings_and_the_reserve_of_its_line_at_once() -> None:
    scene = Scene(RISCO, GUARDA, replace(GERAL, rings=(ring(45, "luz"),)), LUZ)
    scene.agent("rita", "risco geral", reserve=True)
    scene.agent("gil", "guarda luz")
    assert scene.call("c1", "risco") + scene.call("c2", "risco") + scene.call("c3", "geral") == []
    assert scene.tell(ev.StormSet("199", True)) == [("c1", "gil"), ("c2", "rita")]
    assert scene.call("c4", "risco") == []
    scene.tell(ev.StormSet("199", False))
    assert scene.agent("rosa", "risco", reserve=True) == []


def test_another_configuration_reaches_those_who_wait_and_nobody_loses_a_place() -> None:
    scene = Scene(LUZ, GERAL)
    scene.agent("ana", "geral")
    for name in ("c1", "c2"):
        assert scene.call(name, "luz") == []
        scene.now += 30
    wider = replace(LUZ, rings=(ring(45, "geral"),))
    assert scene.tell(ev.ConfigurationChanged(QueueTable((wider, GERAL)))) == [("c1", "ana")]
    scene.agent("bia", "geral")
    assert scene.wait(14.9) == []
    assert scene.wait(0.1) == [("c2", "bia")]


def test_whoever_is_next_when_the_first_leaves_is_looked_at_in_time() -> None:
    scene = Scene(replace(LUZ, rings=(ring(45, "geral"),)), GERAL)
    scene.agent("ana", "geral")
    scene.call("c1", "luz")
    scene.now += 30
    scene.call("c2", "luz")
    scene.tell(ev.CallLeft(CallId("c1")))
    assert scene.floor.next_deadline() == scene.now + 45
    assert scene.wait(45) == [("c2", "ana")]


# --- strict priority, ageing ---
def test_a_156_call_is_never_before_an_emergency_however_old_and_urgent() -> None:
    old = replace(GERAL, priority=100, ages=20.0)
    scene = Scene(GUARDA, old)
    scene.call("old", "geral", joined=scene.now - 7_200)
    scene.call("alarm", "guarda")
    assert scene.agent("ana", "geral guarda") == [("alarm", "ana")]
    reasons = scene.because("alarm").details["skipped"]
    assert [one["caller"] for one in reasons] == ["old"]
    assert "emergências passam à frente" in reasons[0]["reason"]


@pytest.mark.parametrize(("waited", "first"), [(599, "urgent"), (601, "aged")])
def test_priority_ages_inside_156(waited: float, first: str) -> None:
    scene = Scene(replace(GERAL, priority=30, ages=1.0), LUZ)
    scene.call("aged", "geral", joined=scene.now - waited)
    scene.call("urgent", "luz")
    assert scene.agent("ana", "geral luz") == [(first, "ana")]
    if first == "aged":
        assert "prioridade 40, era 30" in scene.because("aged").details["because"]
        return
    (passed,) = scene.because("urgent").details["skipped"]
    assert passed["caller"] == "aged"
    assert "prioridade menor" in passed["reason"]


# --- subjects and idle time ---
def test_the_rank_of_the_subject_comes_before_the_longest_idle() -> None:
    scene = Scene(LUZ, GERAL)
    scene.agent("ana", "luz geral", "geral luz")
    scene.now += 60
    scene.agent("bia", "luz geral", "luz geral")
    assert scene.call("c1", "luz") == [("c1", "bia")]
    (passed,) = scene.because("c1").details["skipped"]
    assert passed == {"agent": "ana", "reason": "livre há 60,0 s: este é o seu 2º assunto"}
    assert scene.call("c2", "luz") == [("c2", "ana")]


def test_whoever_did_not_pick_up_stands_at_the_end() -> None:
    scene = Scene(GERAL)
    scene.agent("ana", "geral")
    scene.now += 10
    scene.agent("bia", "geral")
    scene.call("c1", "geral")
    (offer,) = scene.floor.offers
    assert scene.tell(ev.OfferFailed(offer, OfferOutcome.RING_NO_ANSWER)) == []
    scene.tell(ev.CallLeft(CallId("c1")))
    scene.wait(1)
    scene.tell(ev.AgentResumed(AgentName("ana")))
    assert scene.call("c2", "geral") == [("c2", "bia")]


@pytest.mark.parametrize(
    ("pause", "first"), [(PAUSE_KEEPS_IDLE - 1, "ana"), (PAUSE_KEEPS_IDLE + 1, "bia")]
)
def test_a_short_pause_keeps_the_idle_time(pause: float, first: str) -> None:
    scene = Scene(GERAL)
    scene.agent("ana", "geral")
    scene.now += 10
    scene.agent("bia", "geral")
    scene.tell(ev.AgentPaused(AgentName("ana"), "banheiro"))
    scene.wait(pause)
    scene.tell(ev.AgentResumed(AgentName("ana")))
    assert scene.call("c1", "geral") == [("c1", first)]


# --- who knows the citizen ---
def test_the_preferred_agent_is_taken_if_idle_and_never_waited_for() -> None:
    scene = Scene(GERAL, LUZ)
    scene.agent("ana", "geral")
    scene.now += 10
    scene.agent("bia", "geral")
    scene.agent("caio", "luz")
    bia, caio = AgentName("bia"), AgentName("caio")
    assert scene.call("c1", "geral", preferred=bia) == [("c1", "bia")]
    assert "conhece o cidadão" in scene.because("c1").details["because"]
    (passed,) = scene.because("c1").details["skipped"]
    assert passed["agent"] == "ana"
    assert "outro atendente conhece" in passed["reason"]
    assert scene.call("c2", "geral", preferred=bia) == [("c2", "ana")]
    assert scene.call("c3", "geral", preferred=caio) == []


# --- limits ---
def test_who_waits_too_long_leaves_once_and_never_an_emergency() -> None:
    far = Exit(60.0, "recado")
    scene = Scene(replace(GERAL, longest=far), replace(RISCO, longest=far))
    scene.call("c1", "geral")
    scene.call("alarm", "risco")
    scene.now += 10
    scene.call("c2", "geral")
    scene.wait(49.9)
    assert scene.sent == []
    scene.wait(0.1)
    assert scene.sent == [("c1", "recado")]
    (fact,) = (one for one in scene.facts if one.kind is Kind.SENT_AWAY)
    assert fact.details["because"] == "espera há 60 s na fila geral"
    scene.call("c1", "geral", joined=1_000.0)  # came back by a key, and waits on at its place
    scene.wait(10)
    assert scene.sent == [("c1", "recado"), ("c2", "recado")]
    assert scene.agent("ana", "geral risco") == [("alarm", "ana")]
    assert scene.agent("bia", "geral") == [("c1", "bia")]
    scene.tell(ev.CallLeft(CallId("c2")))  # ended in the step that it was sent to
    tally = scene.floor.lines[GERAL.name].tally
    assert (tally.abandoned, tally.overflowed) == (0, 1)


def test_who_finds_too_many_leaves_and_who_was_let_in_stays() -> None:
    full = Exit(2, "recado")
    scene = Scene(replace(GERAL, largest=full), replace(GUARDA, largest=full))
    for name in ("c1", "c2", "c3"):
        scene.call(name, "geral")
        scene.call(f"e{name}", "guarda")
    assert scene.sent == [("c3", "recado")]
    scene.tell(ev.CallAway(CallId("c1")))
    scene.call("c4", "geral")
    scene.call("c1", "geral", joined=1_000.0)
    assert scene.sent == [("c3", "recado")]


def test_an_agent_comes_before_a_limit() -> None:
    scene = Scene(replace(GERAL, largest=Exit(1, "recado"), longest=Exit(60.0, "recado")))
    scene.call("c1", "geral")
    scene.agent("ana", "")
    scene.now += 60
    moved = ev.AgentSkillsChanged(AgentName("ana"), {Skill("geral"): 1}, (), False)
    assert scene.tell(moved) == [("c1", "ana")]
    scene.call("c2", "geral")
    assert scene.sent == []


# --- for emergencies ---
@pytest.mark.parametrize(
    ("calls", "kept"), [(0, 0), (1, 0), (2, 2), (4, 2), (5, 3), (16, 4), (17, 4), (400, 4)]
)
def test_how_many_are_kept_back(calls: int, kept: int) -> None:
    assert kept_back(EmergencyReserve(4, 2), calls) == kept
    assert kept_back(None, calls) == 0


def test_the_reserve_for_emergencies_is_not_offered_to_156_while_it_holds() -> None:
    scene = Scene(GUARDA, GERAL, reserve=EmergencyReserve(2, 2))
    for name in ("ana", "bia", "caio", "davi"):
        scene.agent(name, "geral guarda")
    scene.call("e1", "guarda")
    assert scene.call("c1", "geral") == [("c1", "bia")]  # one emergency: not yet
    assert scene.call("e2", "guarda") == [("e2", "caio")]
    assert scene.call("c2", "geral") == []  # davi is kept
    assert scene.agent("edu", "guarda geral") == []  # two are kept
    assert scene.agent("fran", "geral") == [("c2", "fran")]  # who has no such skill is not
    scene.call("c3", "geral")
    assert scene.agent("gui", "guarda") == [("c3", "davi")]  # gui is kept in the place of davi
    assert scene.call("c4", "geral") == []
    scene.tell(ev.CallLeft(CallId("e1")))  # it holds no more; ana is free again too
    offered = [one for one in scene.facts if one.kind is Kind.OFFER_MADE and one.call == "c4"]
    assert len(offered) == 1


def test_agents_in_training_are_called_back_for_an_emergency_and_no_others() -> None:
    scene = Scene(RISCO, GUARDA, GERAL)
    pauses = {"ana": "lanche-20", "bia": "treinamento", "caio": "feedback", "davi": "banheiro"}
    for name, reason in pauses.items():
        scene.agent(name, "guarda geral")
        scene.pause(name, reason)
    scene.call("c1", "geral")
    scene.call("e1", "guarda")
    assert scene.wait(9.9) == []
    (made,) = scene.wait(0.1)
    assert made[0] == "e1"
    assert made[1] in ("bia", "caio")
    (again,) = (
        one
        for one in scene.facts
        if one.kind is Kind.AGENT_STATUS and "chamado de volta" in one.details["reason"]
    )
    assert (again.agent, "10 s" in again.details["reason"]) == (made[1], True)
    still = {name for name, agent in scene.floor.agents.items() if agent.status is Status.PAUSED}
    assert still == set(pauses) - {made[1]}


def test_training_that_begins_while_an_emergency_waits_is_interrupted_at_once() -> None:
    scene = Scene(GUARDA)
    scene.call("e1", "guarda")
    scene.wait(30)
    scene.tell(ev.AgentPhone(AgentName("ana"), Phone.BUSY))
    scene.tell(ev.AgentLoggedIn(AgentName("ana"), {Skill("guarda"): 1}))
    scene.pause("ana", "treinamento")
    assert scene.tell(ev.AgentPhone(AgentName("ana"), Phone.IDLE)) == [("e1", "ana")]


# --- the rules of choice ---
def test_the_index_looks_at_what_a_queue_has_before_it() -> None:
    for chosen, first in ((ChoiceRule.FIFO, "old"), (ChoiceRule.INDEX, "many0")):
        scene = Scene(LUZ, LIXO, rule=chosen)
        scene.agent("bia", "luz")
        scene.tell(ev.AgentPaused(AgentName("bia"), "sistema"))
        scene.call("old", "lixo", joined=scene.now - 5)
        for number in range(20):
            scene.call(f"many{number}", "luz", joined=scene.now - 4)
        assert scene.agent("ana", "luz lixo") == [(first, "ana")]
        assert scene.because(first).details["rule"] == str(chosen)


def test_the_index_spares_the_agent_whose_other_skills_are_scarce() -> None:
    for chosen, taken in ((ChoiceRule.FIFO, "ana"), (ChoiceRule.INDEX, "bia")):
        scene = Scene(GERAL, LUZ, LIXO, rule=chosen)
        for number in range(9):  # light is asked for, rubbish is not
            scene.call(f"x{number}", "luz")
            scene.tell(ev.CallLeft(CallId(f"x{number}")))
        scene.agent("ana", "geral luz")
        scene.now += 20
        scene.agent("bia", "geral lixo")
        assert scene.call("c1", "geral") == [("c1", taken)]
    (passed,) = scene.because("c1").details["skipped"]
    assert passed["agent"] == "ana"
    assert "fazem mais falta" in passed["reason"]


def test_the_ratio_rule_serves_the_queue_and_the_group_that_are_most_above_theirs() -> None:
    scene = Scene(
        replace(LUZ, target_seconds=15), replace(LIXO, target_seconds=60), rule=ChoiceRule.QIR
    )
    for name in ("c1", "c2"):
        scene.call(name, "lixo")
    scene.now += 1
    for name in ("c3", "c4"):
        scene.call(name, "luz")
    assert scene.agent("ana", "luz lixo") == [("c3", "ana")]  # rubbish may wait four times as long


def test_the_ratio_rule_takes_from_the_group_with_more_idle_than_its_part() -> None:
    scene = Scene(GERAL, LUZ, rule=ChoiceRule.QIR)
    scene.agent("ana", "geral luz")
    scene.now += 5
    for name in ("bia", "caio"):
        scene.agent(name, "geral")
    for name in ("davi", "edu"):  # both groups have three at work; of one, two talk
        scene.agent(name, "geral luz")
        scene.tell(ev.AgentPhone(AgentName(name), Phone.BUSY))
    scene.agent("fran", "geral")
    assert scene.call("c1", "geral") == [("c1", "bia")]


def test_what_was_passed_over_is_told_of_a_few() -> None:
    rules = [rule(f"q{number}") for number in range(30)]
    scene = Scene(*rules, GERAL)
    for number in range(30):
        scene.call(f"c{number}", f"q{number}", joined=scene.now - 50)
    scene.call("c", "geral")
    scene.agent("ana", "geral")
    skipped = scene.because("c").details["skipped"]
    assert 0 < len(skipped) <= SKIPPED_TOLD
    assert "o atendente não tem o que esta chamada pede agora" in skipped[0]["reason"]


def test_an_agent_who_was_moved_is_offered_what_fits_now() -> None:
    scene = Scene(GERAL, LUZ)
    scene.agent("ana", "luz")
    assert scene.call("c1", "geral") == []
    moved = ev.AgentSkillsChanged(AgentName("ana"), {Skill("geral"): 1}, (), False)
    assert scene.tell(moved) == [("c1", "ana")]
    scene.tell(ev.OfferFailed(next(iter(scene.floor.offers)), OfferOutcome.LOST))
    moved = ev.AgentSkillsChanged(AgentName("ana"), {Skill("geral"): 1}, (), True)
    scene.tell(moved)
    assert scene.call("c2", "geral") == []
