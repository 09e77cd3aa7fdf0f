"""In whatever order things happen: rests stay whole (R42, R43), hours end (R46), records match."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from work_scene import EIGHT, GERAL, HOUR, RISCO, Work

from acd import events as ev
from acd import work_events as we
from acd.agents import STATE_SUCCESSORS, STATUS_SUCCESSORS, State, Status
from acd.effects import MakeOffer
from acd.offers import OfferState
from acd.pauses import PAUSES, Who, rule_of
from acd.rests import due_pause, logged
from acd.shift import propose, window
from terms.facts import Kind
from terms.names import AgentName, Skill
from terms.outcome import OfferOutcome
from terms.signals import Phone

NAMES = [AgentName("ana"), AgentName("bia"), AgentName("caio")]
SKILLS = {Skill("geral"): 1, Skill("risco"): 1}
names = st.sampled_from(NAMES)
whos = st.sampled_from([Who.AGENT, Who.SUPERVISOR])
FAILED = [OfferOutcome.RING_NO_ANSWER, OfferOutcome.UNREACHABLE, OfferOutcome.GATE_CLOSED]


class Floor(RuleBasedStateMachine):
    """Three agents of a shift from eight to two, and everything that may happen to them."""

    def __init__(self) -> None:
        super().__init__()
        self.work = Work()
        self.seen = 0
        self.running: dict[AgentName, tuple[str, float]] = {}  # protected → until when
        self.gone: set[AgentName] = set()  # logged out by themselves
        self.states = {name: (Status.LOGGED_OUT, State.IDLE) for name in NAMES}
        shifts = {name: (EIGHT, EIGHT + 6 * HOUR) for name in NAMES}
        for name, plan in propose(shifts).items():
            self.work.tell(we.ShiftPlanned(name, plan))
            self.work.agent(name, *SKILLS)
        self._look()

    @rule(minutes=st.sampled_from([0.5, 5, 20, 59, 61]))
    def time_passes(self, minutes: float) -> None:
        self.work.wait(minutes * 60)
        self._look()

    @rule(risk=st.booleans())
    def call(self, risk: bool) -> None:
        self.work.call(RISCO if risk else GERAL)
        self._look()

    @rule(index=st.integers(0, 5), how=st.sampled_from(["answer", "end", *FAILED]))
    def offer(self, index: int, how: Any) -> None:
        offers = sorted(self.work.floor.offers.values(), key=lambda one: one.offer)
        if not offers:
            return
        one = offers[index % len(offers)]
        if how == "answer":
            self.work.tell(ev.OfferAnswered(one.offer))
        elif how == "end" and one.state is OfferState.ANSWERED:
            self.work.tell(ev.TalkEnded(one.offer))
        elif how in FAILED:
            self.work.tell(ev.OfferFailed(one.offer, how))
        self._look()

    @rule(name=names, reason=st.sampled_from([*PAUSES, "café"]), who=whos)
    def pause(self, name: AgentName, reason: str, who: Who) -> None:
        self._tell(ev.AgentPaused(name, reason, who))

    @rule(name=names, who=whos)
    def resume(self, name: AgentName, who: Who) -> None:
        self._tell(ev.AgentResumed(name, who))

    @rule(name=names, who=whos)
    def log_in(self, name: AgentName, who: Who) -> None:
        self._tell(ev.AgentLoggedIn(name, SKILLS, who=who))

    @rule(name=names, who=whos)
    def log_out(self, name: AgentName, who: Who) -> None:
        if who is Who.AGENT:
            self.running.pop(name, None)
        self._tell(ev.AgentLoggedOut(name, who))

    @rule(name=names, reason=st.sampled_from(["NR17-10a", "lanche-20", "NR17-10b"]))
    def postpone(self, name: AgentName, reason: str) -> None:
        self._tell(we.PausePostponed(name, reason, self.work.now + 1_200))

    @rule(name=names, act=st.sampled_from(["mark", "more", "done", "block", "release", "except"]))
    def other(self, name: AgentName, act: str) -> None:
        event: Any = {
            "mark": we.CallMarked(name),
            "more": we.WrapUpExtended(name),
            "done": ev.WrapUpDone(name),
            "block": we.AgentBlocked(name, "motivo"),
            "release": we.AgentReleased(name),
            "except": we.HoursExcepted(name, self.work.now + 1_800, "enchente"),
        }[act]
        self._tell(event)

    @rule(name=names, phone=st.sampled_from(list(Phone)))
    def phone(self, name: AgentName, phone: Phone) -> None:
        self._tell(ev.AgentPhone(name, phone))

    def _tell(self, event: Any) -> None:
        told = self.work.tell(event)
        for one in told:
            if isinstance(one, MakeOffer):
                self._may_be_offered(one.agent)
        self._look()

    def _may_be_offered(self, name: AgentName) -> None:
        agent = self.work.floor.agents[name]
        assert logged(agent, self.work.now) < 6 * HOUR or agent.exempt_until > self.work.now

    def _look(self) -> None:
        """What the new facts say of protected pauses."""
        for fact in self.work.told[self.seen :]:
            if fact.kind is Kind.PAUSE_BEGAN and rule_of(fact.details["reason"]).protected:
                self.running[fact.agent] = (fact.details["reason"], fact.details["ends"])
            if fact.kind is Kind.PAUSE_ENDED and fact.agent in self.running:
                reason, until = self.running.pop(fact.agent)
                assert fact.details["reason"] == reason
                assert fact.at >= until, "a legal pause was cut (R43)"
        self.seen = len(self.work.told)

    @invariant()
    def a_running_legal_pause_is_what_the_agent_is_in(self) -> None:
        for name, (reason, until) in self.running.items():
            agent = self.work.floor.agents[name]
            if self.work.now < until:
                assert (agent.status, agent.reason) == (Status.PAUSED, reason)

    @invariant()
    def a_due_pause_waits_for_nothing_but_a_call_or_another_pause(self) -> None:
        for agent in self.work.floor.agents.values():
            if agent.status is Status.AVAILABLE and not agent.leaves:
                assert due_pause(agent, self.work.now) is None
            if agent.status is Status.PAUSED and agent.state is State.IDLE:
                assert agent.pause is not None
                assert agent.pause.runs

    @invariant()
    def nobody_works_on_beyond_the_day(self) -> None:
        for agent in self.work.floor.agents.values():
            over = logged(agent, self.work.now) > 6 * HOUR and agent.exempt_until < self.work.now
            if over and agent.state is State.IDLE and agent.status is not Status.LOGGED_OUT:
                assert agent.name in self.running

    @invariant()
    def a_planned_pause_counts_as_taken_only_if_it_was_had_in_full(self) -> None:
        for agent in self.work.floor.agents.values():
            had = {
                fact.details["reason"]
                for fact in self.work.told
                if fact.agent == agent.name
                and (
                    fact.kind is Kind.PAUSE_MISSED
                    or (fact.kind is Kind.PAUSE_ENDED and fact.details["because"] == "cumprida")
                )
            }
            runs = {agent.pause.reason} if agent.pause is not None and agent.pause.runs else set()
            assert agent.taken <= had | runs

    @invariant()
    def who_is_blocked_is_out_as_soon_as_nothing_is_in_the_way(self) -> None:
        for agent in self.work.floor.agents.values():
            if agent.blocked and agent.state is State.IDLE and agent.name not in self.running:
                assert agent.status is Status.LOGGED_OUT

    @invariant()
    def nobody_works_more_than_the_law_lets_exceptions_add(self) -> None:
        for agent in self.work.floor.agents.values():
            if agent.state is State.IDLE and agent.name not in self.running:
                assert logged(agent, self.work.now) <= 8 * HOUR + 1

    @invariant()
    def no_short_pause_is_planned_in_the_edges(self) -> None:
        for agent in self.work.floor.agents.values():
            for plan in agent.plans:
                for one in plan.pauses:
                    first, last = window(plan.begins, plan.ends, one.reason)
                    assert first <= one.at <= last

    @invariant()
    def records_match(self) -> None:
        for name in NAMES:
            own = [fact for fact in self.work.told if fact.agent == name]
            pauses = [
                fact.kind for fact in own if fact.kind in (Kind.PAUSE_BEGAN, Kind.PAUSE_ENDED)
            ]
            assert all(kind is Kind.PAUSE_BEGAN for kind in pauses[::2])
            assert all(kind is Kind.PAUSE_ENDED for kind in pauses[1::2])
            agent = self.work.floor.agents[name]
            assert (len(pauses) % 2 == 1) == (agent.pause is not None and agent.pause.runs)
            logins = [f.kind for f in own if f.kind in (Kind.AGENT_LOGIN, Kind.AGENT_LOGOUT)]
            assert (len(logins) % 2 == 1) == (agent.logged_since is not None)

    @invariant()
    def the_tables_hold(self) -> None:
        status = dict.fromkeys(NAMES, Status.LOGGED_OUT)
        state = dict.fromkeys(NAMES, State.IDLE)
        for fact in self.work.told:
            if fact.kind is Kind.AGENT_STATUS and fact.agent is not None:
                new = Status(fact.details["status"])
                assert new in STATUS_SUCCESSORS[status[fact.agent]]
                status[fact.agent] = new
            if fact.kind is Kind.AGENT_STATE and fact.agent is not None:
                next_ = State(fact.details["state"])
                assert next_ in STATE_SUCCESSORS[state[fact.agent]]
                state[fact.agent] = next_


TestWork = Floor.TestCase
TestWork.settings = settings(max_examples=30, stateful_step_count=40, deadline=None)
