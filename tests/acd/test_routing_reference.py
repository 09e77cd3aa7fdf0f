"""Profiles, rows and touched heads against people one by one: whatever happens, the floor chooses
what a plain look at everybody would choose, and leaves nothing that such a look still finds."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given, settings
from hypothesis import strategies as st

from acd import events as ev
from acd import floor as floor_file
from acd import matching
from acd.agents import Agent
from acd.choice import ChoiceRule
from acd.effects import MakeOffer
from acd.floor import Floor
from acd.matching import house_of, what_fits
from acd.needs import NOTHING, Need, Needs, all_of
from acd.pauses import Who
from acd.queues import Caller, EmergencyReserve, Exit, QueueRule, QueueTable, Ring
from acd.reserve import kept_back
from acd.rows import Row
from terms.facts import Fact
from terms.limits import NEEDS_HELD
from terms.names import EMERGENCY_LINES, AgentName, CallId, QueueName, Skill
from terms.outcome import OfferOutcome
from terms.signals import Phone

SKILLS = tuple(map(Skill, "abcdx"))


def rule(name: str, line: str, priority: int, **more: object) -> QueueRule:
    return QueueRule(QueueName(name), line, Skill(name), priority, **more)  # type: ignore[arg-type]


RULES = (
    rule("a", "199", 100, rings=(Ring(8.0, (Skill("b"),)), Ring(16.0, (), reserve=True))),
    rule("b", "153", 90, min_level=2, rings=(Ring(8.0, (Skill("a"), Skill("c"))),)),
    rule("c", "156", 40, ages=6.0, rings=(Ring(20.0, (Skill("d"),), reserve=True),)),
    rule(
        *("d", "156", 42),
        needs=Needs(((Need(Skill("x"), 2),), (Need(Skill("c")),))),
        rings=(Ring(10.0, (), lenient=True),),
        longest=Exit(90.0, "recado"),
        largest=Exit(4, "recado"),
    ),
)
OTHER_RULES = (*RULES[:3], rule("d", "156", 42, rings=(Ring(5.0, (Skill("a"),)),)))


# --- one by one ---
def open_ways(floor: Floor, caller: Caller, now: float) -> tuple[list[tuple[Need, Needs]], bool]:
    storm = caller.rule.line in floor.storms
    waited = now - caller.joined
    rings = [ring for ring in caller.rule.rings if storm or ring.after <= waited]
    lenient = any(ring.lenient for ring in rings)
    own = Need(caller.rule.skill, caller.rule.min_level)
    kept = [] if lenient else [caller.rule.needs]
    wishes = [] if caller.rule.emergency else [caller.needs]
    whole = len(rings) == len(caller.rule.rings)  # the widest ring is open
    held = waited < NEEDS_HELD if not caller.rule.rings else not (lenient or whole)
    ways = []
    for mine in (wishes,) if held and not storm else (wishes, []):
        ways += [(own, [caller.rule.needs, *mine]), (own, [*kept, *mine])]
        ways += [(Need(skill), [*kept, *mine]) for ring in rings for skill in ring.skills]
    found = list(dict.fromkeys((need, all_needs(several)) for need, several in ways))
    return found, storm or any(ring.reserve for ring in rings)


def all_needs(several: Iterable[Needs]) -> Needs:
    found = NOTHING
    for needs in several:
        found = found.both(needs)
    return found


def way_of(floor: Floor, caller: Caller, agent: Agent, now: float) -> tuple[bool, int, int] | None:
    """How well this agent fits this caller; None: not at all."""
    ways, reserve = open_ways(floor, caller, now)
    if agent.reserve and not reserve:
        return None
    for place, (need, beside) in enumerate(ways):
        if need.met_by(agent.skills) and beside.met_by(agent.skills):
            subjects = agent.subjects
            rank = subjects.index(need.skill) if need.skill in subjects else len(subjects)
            return agent.reserve, place, rank
    return None


def fitting(floor: Floor, caller: Caller, now: float) -> list[tuple[tuple[bool, int, int], Agent]]:
    """All idle agents who may be offered this caller, one by one."""
    idle = [agent for agent in floor.agents.values() if agent.may_be_offered(now)]
    skills = {one.skill for one in floor.queues.rules if one.line in EMERGENCY_LINES}
    trained = [agent for agent in idle if skills & set(agent.skills)]
    present = sum(one.rule.line in EMERGENCY_LINES for one in counted(floor))
    spare = len(trained) > kept_back(floor.queues.reserve, present)
    lesser = caller.rule.line not in EMERGENCY_LINES
    return [
        (fit, agent)
        for agent in idle
        if not (lesser and agent in trained and not spare)
        and (fit := way_of(floor, caller, agent, now)) is not None
    ]


def counted(floor: Floor) -> list[Caller]:
    return [floor.callers[call] for call in floor.emergencies]


def plain_choice(floor: Floor, now: float) -> tuple[str, str] | None:
    """First come, first served, among equals: whoever waits, whoever is idle, one by one."""
    waiting = [caller for line in floor.lines.values() for caller in line.callers()]

    def urgency(caller: Caller) -> tuple[bool, int, float, int]:
        gained = max(0, int(caller.rule.ages * (now - caller.joined) / 60))
        lesser = caller.rule.line not in EMERGENCY_LINES
        return lesser, -caller.priority - gained, caller.joined, caller.order

    for caller in sorted(waiting, key=urgency):
        found = fitting(floor, caller, now)
        if not found:
            continue
        for _, agent in found:
            if agent.name == caller.preferred:
                return caller.call, agent.name
        _, agent = min(found, key=lambda one: (one[0], one[1].idle_since, one[1].name))
        return caller.call, agent.name
    return None


# --- what happens ---
Act = tuple[str, int, int, int]
WHAT = (
    *("join", "join", "join", "again", "away", "here", "leaves", "logs", "logs", "moves"),
    *("pauses", "resumes", "phone", "answer", "fails", "ends", "wait", "wait", "storm"),
    "configure",
)
ACTS = st.lists(
    st.tuples(
        st.sampled_from(WHAT),
        st.integers(0, 11),
        st.integers(0, 63),
        st.integers(0, 7),
    ),
    max_size=60,
)


class Town:
    """A floor to which acts happen."""

    def __init__(self, chosen: ChoiceRule, kept: EmergencyReserve | None) -> None:
        self.tables = [QueueTable(rules, chosen, kept) for rules in (RULES, OTHER_RULES)]
        self.floor = Floor(self.tables[0], 1)
        self.now = 10_000.0
        self.told: list[object] = []

    def do(self, act: Act) -> None:
        """One thing happens."""
        event = self.event_of(*act)
        if event is not None:
            self.told += self.floor.handle(event, self.now)

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.told += self.floor.wake(self.now)

    def event_of(self, what: str, who: int, how: int, more: int) -> ev.Event | None:
        call, agent = CallId(f"c{who}"), AgentName(f"agent{who % 6}")
        levels = {skill: 1 + (how >> 3) % 3 for at, skill in enumerate(SKILLS) if how >> at & 1}
        subjects = tuple(levels)[:3] if more & 1 else ()
        offers = list(self.floor.offers)
        offer = offers[how % len(offers)] if offers else None
        match what:
            case "join" | "again":
                queue = RULES[how % 4]
                joined = self.now - (more * 7.0 if what == "join" else 0.0)
                needs = all_of(Skill("x")) if more == 7 else NOTHING
                preferred = AgentName(f"agent{more % 6}") if how & 16 else AgentName("")
                return ev.CallJoined(
                    *(call, queue.name, queue.priority + more % 2, joined, queue.line),
                    preferred=preferred,
                    needs=needs,
                )
            case "away":
                return ev.CallAway(call)
            case "here":
                return ev.CallHere(call)
            case "leaves":
                return ev.CallLeft(call)
            case "logs":
                self.told += self.floor.handle(ev.AgentPhone(agent, Phone.IDLE), self.now)
                return ev.AgentLoggedIn(agent, levels, subjects, more > 5)
            case "moves":
                return ev.AgentSkillsChanged(agent, levels, subjects, more > 5)
            case "pauses":
                reason = ("treinamento", "banheiro", "feedback")[how % 3]
                return ev.AgentPaused(agent, reason, Who.SUPERVISOR)
            case "resumes":
                return ev.AgentResumed(agent)
            case "phone":
                return ev.AgentPhone(agent, (Phone.IDLE, Phone.BUSY)[how % 2])
            case "answer":
                return ev.OfferAnswered(offer) if offer else None
            case "fails":
                outcome = tuple(OfferOutcome)[how % len(OfferOutcome)]
                return ev.OfferFailed(offer, outcome) if offer else None
            case "ends":
                return ev.TalkEnded(offer) if offer else None
            case "storm":
                return ev.StormSet(("156", "199")[who % 2], bool(how % 2))
            case "configure":
                return ev.ConfigurationChanged(self.tables[how % 2])
            case _:
                self.wait((0.5, 5.0, 11.0, 47.0)[how % 4])
                return None


KEPT = st.sampled_from([None, EmergencyReserve(2, 1), EmergencyReserve(3, 2)])
QUICK = settings(max_examples=120, deadline=None)


@QUICK
@given(ACTS, st.sampled_from(list(ChoiceRule)), KEPT)
def test_nobody_is_left_who_a_plain_look_still_matches(
    acts: list[Act], chosen: ChoiceRule, kept: EmergencyReserve | None
) -> None:
    town = Town(chosen, kept)
    for act in acts:
        town.do(act)
        assert plain_choice(town.floor, town.now) is None
        assert what_fits(town.floor, town.now) is None


@QUICK
@given(ACTS, KEPT)
def test_each_choice_is_the_one_of_a_plain_look(
    acts: list[Act], kept: EmergencyReserve | None
) -> None:
    """The floor's own settling is put off: many wait beside many who are idle."""
    town = Town(ChoiceRule.FIFO, kept)
    for act in acts:
        event = town.event_of(*act) if act[0] in ("join", "logs", "moves") else None
        if event is not None:
            _without_settling(town, event)
    floor, now = town.floor, town.now
    for _ in range(50):
        plain, found = plain_choice(floor, now), what_fits(floor, now)
        assert plain == (found and (found.caller.call, found.agent))
        if found is None:
            return
        floor.make_offer(found, now)


def _without_settling(town: Town, event: ev.Event) -> None:
    settle, matching.settle = matching.settle, lambda floor, now: None
    floor_file.settle = matching.settle
    try:
        town.floor.handle(event, town.now)
    finally:
        matching.settle = floor_file.settle = settle


@QUICK
@given(ACTS, st.sampled_from(list(ChoiceRule)), KEPT)
def test_looking_at_what_was_touched_finds_what_looking_at_everything_does(
    acts: list[Act], chosen: ChoiceRule, kept: EmergencyReserve | None
) -> None:
    few, all_of_them = Town(chosen, kept), Town(chosen, kept)
    for act in acts:
        few.do(act)
        _looking_at_everything(all_of_them, act)
    assert offers_of(few.told) == offers_of(all_of_them.told)
    assert few.floor.view(few.now) == all_of_them.floor.view(all_of_them.now)


def _looking_at_everything(town: Town, act: Act) -> None:
    def all_rows(floor: Floor, house: object) -> list[Row]:
        for row in floor.standing.rows:
            row.look(town.now)
        return list(floor.standing.rows)

    few, matching._rows_in_question = matching._rows_in_question, all_rows
    try:
        town.do(act)
    finally:
        matching._rows_in_question = few


def offers_of(told: list[object]) -> list[tuple[str, str]]:
    return [(one.call, one.agent) for one in told if isinstance(one, MakeOffer)]


@QUICK
@given(ACTS, st.sampled_from(list(ChoiceRule)), KEPT)
def test_no_156_call_goes_before_an_emergency_that_the_agent_fits(
    acts: list[Act], chosen: ChoiceRule, kept: EmergencyReserve | None
) -> None:
    """Fairness: inside a row nobody overtakes; an emergency is overtaken by emergencies alone."""
    town = Town(chosen, kept)
    floor, make_offer = town.floor, town.floor.make_offer

    def watched(choice: matching.Choice, now: float) -> None:
        agent, mine = floor.agents[choice.agent], choice.caller
        for line in floor.lines.values():
            for other in line.callers():
                if other is mine or way_of(floor, other, agent, now) is None:
                    continue
                assert mine.rule.emergency or not other.rule.emergency
                same = (other.rule, other.priority, other.needs) == (
                    *(mine.rule, mine.priority),
                    mine.needs,
                )
                assert not same or mine.place < other.place
        make_offer(choice, now)

    floor.make_offer = watched  # type: ignore[method-assign]
    for act in acts:
        town.do(act)


@QUICK
@given(ACTS, KEPT)
def test_what_is_kept_back_is_not_offered_to_156(
    acts: list[Act], kept: EmergencyReserve | None
) -> None:
    town = Town(ChoiceRule.INDEX, kept)
    floor, make_offer = town.floor, town.floor.make_offer

    def watched(choice: matching.Choice, now: float) -> None:
        house = house_of(floor, now)
        trained = {"a", "b"} & set(floor.agents[choice.agent].skills)
        if not choice.caller.rule.emergency and trained:
            idle = [one for one in floor.agents.values() if one.may_be_offered(now)]
            assert sum(bool({"a", "b"} & set(one.skills)) for one in idle) > house.kept
        make_offer(choice, now)

    floor.make_offer = watched  # type: ignore[method-assign]
    for act in acts:
        town.do(act)
    assert all(isinstance(one, Fact) or one for one in town.told)
