"""Pauses by the closed list (R40) and by NR-17 (R42–R45), hours of the day (R46), wrap-up."""

from __future__ import annotations

import pytest
from work_scene import ANA, BIA, EIGHT, GERAL, HOUR, MINUTE, RISCO, Work

from acd import events as ev
from acd import work_events as we
from acd.agents import State, Status
from acd.effects import MakeOffer, WithdrawOffer
from acd.pauses import PAUSES, Who, WorkRules, reason_of_code
from acd.people import recall
from acd.shift import Plan
from terms.facts import Kind
from terms.names import CallId, OfferId, QueueName, Skill
from terms.outcome import OfferOutcome
from terms.signals import Phone


def test_the_list_is_closed() -> None:
    assert set(PAUSES) == {
        *("NR17-10a", "NR17-10b", "lanche-20", "banheiro", "desgaste"),
        *("treinamento", "feedback", "sistema", "não-atendeu"),
    }
    work = Work()
    ana = work.agent()
    assert "não há pausa" in work.refused(ev.AgentPaused(ANA, "café"))
    assert ana.status is Status.AVAILABLE


MAY = [
    ("banheiro", Who.AGENT, True),
    ("banheiro", Who.SUPERVISOR, True),
    ("desgaste", Who.AGENT, True),
    ("treinamento", Who.AGENT, False),
    ("treinamento", Who.SUPERVISOR, True),
    ("feedback", Who.AGENT, False),
    ("sistema", Who.AGENT, True),
    ("não-atendeu", Who.AGENT, False),
    ("não-atendeu", Who.SUPERVISOR, False),
    ("NR17-10a", Who.SUPERVISOR, False),
    ("lanche-20", Who.SUPERVISOR, False),
    ("lanche-20", Who.AGENT, True),
]


@pytest.mark.parametrize(("reason", "who", "may"), MAY)
def test_who_may_begin_which(reason: str, who: Who, may: bool) -> None:
    work = Work()
    ana = work.agent()
    assert (work.refused(ev.AgentPaused(ANA, reason, who)) == "") is may
    assert (ana.status is Status.PAUSED) is may


@pytest.mark.parametrize("code", ["1", "2", "3", "4", "5", "8"])
def test_each_code_means_one_pause(code: str) -> None:
    assert PAUSES[reason_of_code(code)].code == code


def test_codes_that_mean_none_and_the_one_without_digits() -> None:
    assert (reason_of_code(""), reason_of_code("7"), reason_of_code("11")) == ("banheiro", "", "")


def test_a_timed_pause_warns_and_ends_by_itself() -> None:
    work = Work()
    ana = work.agent()
    work.wait(2 * HOUR)
    work.tell(ev.AgentPaused(ANA, "NR17-10a"))
    began = work.now
    work.until(began + 599)
    assert ana.status is Status.PAUSED
    assert work.last(Kind.PAUSE_WARNED).at == began + 540
    work.wait(1)
    assert ana.status is Status.AVAILABLE
    ended = work.last(Kind.PAUSE_ENDED)
    assert (ended.details["seconds"], ended.details["because"]) == (600.0, "cumprida")


def test_a_due_pause_begins_when_the_call_ends_even_with_a_full_queue() -> None:
    work = Work()
    ana, plan = work.agent(), work.plan()
    first = plan.pauses[0]
    work.until(first.at - 60)
    offer = work.talk()
    waiting = [work.call() for _ in range(20)] + [work.call(RISCO)]
    assert waiting == [None] * 21
    work.until(first.at + 300)
    assert (ana.status, ana.reason, ana.state) == (Status.PAUSED, "NR17-10a", State.TALKING)
    assert not work.facts(Kind.PAUSE_BEGAN)
    ended = work.tell(ev.TalkEnded(offer))
    assert not any(isinstance(one, MakeOffer) for one in ended)
    began = work.last(Kind.PAUSE_BEGAN)
    assert (began.at, began.details["planned"]) == (work.now, first.at)
    assert began.details["ends"] == work.now + 600  # a whole rest, however late
    assert ana.state is State.IDLE  # no wrap-up eats of it
    work.wait(599)
    assert ana.status is Status.PAUSED
    back = work.wait(1)
    assert any(isinstance(one, MakeOffer) for one in back)


def test_a_due_pause_does_not_take_back_what_rings_and_begins_after_it() -> None:
    work = Work()
    ana, plan = work.agent(), work.plan()
    work.until(plan.pauses[0].at - 5)
    offer = work.call()
    assert offer is not None
    due = work.wait(5)
    assert not any(isinstance(one, WithdrawOffer) for one in due)
    work.tell(ev.OfferFailed(offer, OfferOutcome.RING_NO_ANSWER))
    assert (ana.status, ana.reason) == (Status.PAUSED, "NR17-10a")
    assert work.last(Kind.PAUSE_BEGAN).details["reason"] == "NR17-10a"


CUTS = [
    ev.AgentResumed(ANA, Who.SUPERVISOR),
    ev.AgentResumed(ANA, Who.AGENT),
    ev.AgentLoggedIn(ANA, {Skill("geral"): 1}, who=Who.SUPERVISOR),
    ev.AgentLoggedOut(ANA, Who.SUPERVISOR),
    ev.AgentPaused(ANA, "treinamento", Who.SUPERVISOR),
    ev.AgentPaused(ANA, "sistema", Who.SUPERVISOR),
]


@pytest.mark.parametrize("cut", CUTS, ids=lambda cut: type(cut).__name__)
@pytest.mark.parametrize("reason", ["NR17-10a", "lanche-20"])
@pytest.mark.parametrize("talks", [False, True], ids=["running", "due"])
def test_nobody_cuts_a_legal_pause(cut: object, reason: str, talks: bool) -> None:
    work = Work()
    ana = work.agent(ANA, "geral", "risco")
    work.wait(2 * HOUR)
    offer = work.talk() if talks else None
    work.tell(ev.AgentPaused(ANA, reason))
    work.wait(10)
    assert "NR-17" in work.refused(cut)
    work.tell(ev.StormSet("199", True))
    work.call(RISCO)
    assert not recall(work.floor, ana, "199 espera", work.now)
    assert (ana.status, ana.reason) == (Status.PAUSED, reason)
    if offer is not None:
        work.tell(ev.TalkEnded(offer))
    began = work.last(Kind.PAUSE_BEGAN)
    work.until(began.details["ends"] - 1)
    assert (ana.status, ana.reason) == (Status.PAUSED, reason)


def test_a_block_waits_for_the_end_of_a_legal_pause() -> None:
    work = Work()
    ana = work.agent()
    work.wait(2 * HOUR)
    work.tell(ev.AgentPaused(ANA, "NR17-10a"))
    assert work.refused(we.AgentBlocked(ANA, "investigação")) == ""
    work.wait(599)
    assert ana.status is Status.PAUSED
    work.wait(1)
    assert ana.status is Status.LOGGED_OUT
    assert "bloqueado" in work.refused(ev.AgentLoggedIn(ANA, {Skill("geral"): 1}))
    work.tell(we.AgentReleased(ANA))
    assert work.refused(ev.AgentLoggedIn(ANA, {Skill("geral"): 1})) == ""


def test_an_agent_who_goes_home_in_a_pause_may() -> None:
    work = Work()
    ana = work.agent()
    work.wait(2 * HOUR)
    work.tell(ev.AgentPaused(ANA, "lanche-20"))
    assert work.refused(ev.AgentLoggedOut(ANA, Who.AGENT)) == ""
    assert ana.status is Status.LOGGED_OUT
    assert work.last(Kind.PAUSE_ENDED).details["because"] == "saiu"


@pytest.mark.parametrize("reason", ["treinamento", "feedback"])
def test_training_is_recalled_and_nothing_else(reason: str) -> None:
    work = Work()
    ana = work.agent(ANA, "risco")
    work.tell(ev.AgentPaused(ANA, reason, Who.SUPERVISOR))
    assert recall(work.floor, ana, "199 espera", work.now)
    assert ana.status is Status.AVAILABLE


@pytest.mark.parametrize("reason", ["banheiro", "desgaste", "sistema"])
def test_other_pauses_are_not_recalled(reason: str) -> None:
    work = Work()
    ana = work.agent(ANA, "risco")
    work.tell(ev.AgentPaused(ANA, reason))
    assert not recall(work.floor, ana, "199 espera", work.now)
    assert ana.status is Status.PAUSED


def test_banheiro_is_granted_after_the_call_and_ended_by_the_agent_alone() -> None:
    work = Work()
    ana = work.agent()
    offer = work.talk()
    assert work.refused(ev.AgentPaused(ANA, "banheiro")) == ""
    work.tell(ev.TalkEnded(offer))
    assert work.last(Kind.PAUSE_BEGAN).at == work.now
    assert "só é terminada" in work.refused(ev.AgentResumed(ANA, Who.SUPERVISOR))
    work.wait(2 * HOUR)
    assert ana.status is Status.PAUSED
    work.tell(ev.AgentResumed(ANA))
    assert ana.status is Status.AVAILABLE


def test_banheiro_in_a_legal_pause_follows_it() -> None:
    work = Work()
    ana = work.agent()
    work.wait(2 * HOUR)
    work.tell(ev.AgentPaused(ANA, "NR17-10a"))
    assert work.refused(ev.AgentPaused(ANA, "banheiro")) == ""
    assert ana.reason == "NR17-10a"
    work.wait(600)
    assert (ana.status, ana.reason) == (Status.PAUSED, "banheiro")


@pytest.mark.parametrize("after", [False, True], ids=["in the call", "after it"])
def test_an_abusive_call_is_followed_by_a_rest(after: bool) -> None:
    work = Work(WorkRules(strain=420))
    ana = work.agent()
    assert "não há chamada" in work.refused(we.CallMarked(ANA))
    offer = work.talk()
    if after:
        work.tell(ev.TalkEnded(offer))
        assert ana.state is State.WRAP_UP
    work.call()
    work.tell(we.CallMarked(ANA))
    if not after:
        work.tell(ev.TalkEnded(offer))
    assert (ana.status, ana.reason, ana.state) == (Status.PAUSED, "desgaste", State.IDLE)
    assert work.last(Kind.CALL_MARKED).call == "c1"
    assert work.last(Kind.PAUSE_BEGAN).details["ends"] == work.now + 420
    assert "só é terminada" in work.refused(ev.AgentResumed(ANA, Who.SUPERVISOR))


def test_only_the_agent_postpones_and_never_into_the_last_hour() -> None:
    work = Work()
    ana, plan = work.agent(), work.plan()
    second = plan.of("NR17-10b")
    assert second is not None
    late = plan.ends - 55 * MINUTE
    assert "últimos 60" in work.refused(we.PausePostponed(ANA, "NR17-10b", late))
    by_another = we.PausePostponed(ANA, "NR17-10b", second.at + 300, Who.SUPERVISOR)
    assert "só o próprio agente" in work.refused(by_another)
    assert "mais tarde" in work.refused(we.PausePostponed(ANA, "NR17-10b", second.at - 300))
    later = plan.moved("NR17-10b", second.at + 300)
    assert "só o agente pode adiar" in work.refused(we.ShiftPlanned(ANA, later))
    assert work.refused(we.PausePostponed(ANA, "NR17-10b", second.at + 300)) == ""
    work.until(second.at + 299)
    assert ana.reason != "NR17-10b"
    work.wait(1)
    assert ana.reason == "NR17-10b"


def test_a_pause_that_is_due_in_a_call_may_be_put_off_by_the_agent() -> None:
    work = Work()
    ana, plan = work.agent(), work.plan()
    first = plan.pauses[0]
    work.until(first.at - 5)
    offer = work.talk()
    work.wait(5)
    assert ana.status is Status.PAUSED
    assert work.refused(we.PausePostponed(ANA, first.reason, work.now + 600)) == ""
    assert ana.status is Status.AVAILABLE
    work.tell(ev.TalkEnded(offer))
    assert ana.state is State.WRAP_UP
    work.until(first.at + 600)
    assert ana.reason == first.reason


@pytest.mark.parametrize("reason", ["treinamento", "sistema"])
def test_a_due_pause_takes_the_place_of_training(reason: str) -> None:
    work = Work()
    ana, plan = work.agent(), work.plan()
    work.tell(ev.AgentPaused(ANA, reason, Who.SUPERVISOR))
    work.until(plan.pauses[0].at)
    assert ana.reason == "NR17-10a"


def test_a_due_pause_waits_for_the_end_of_banheiro() -> None:
    work = Work()
    ana, plan = work.agent(), work.plan()
    work.until(plan.pauses[0].at - 60)
    work.tell(ev.AgentPaused(ANA, "banheiro"))
    work.wait(120)
    assert ana.reason == "banheiro"
    work.tell(ev.AgentResumed(ANA))
    assert (ana.status, ana.reason) == (Status.PAUSED, "NR17-10a")


def test_who_comes_late_has_no_pause_in_the_first_hour() -> None:
    work = Work()
    plan = work.plan()
    work.until(plan.pauses[0].at - 20 * MINUTE)
    came = work.now
    work.agent()
    moved = work.last(Kind.PAUSE_POSTPONED)
    assert moved.details["at"] == came + HOUR
    work.until(came + HOUR - 1)
    assert work.floor.agents[ANA].status is Status.AVAILABLE
    work.wait(1)
    assert work.floor.agents[ANA].reason == "NR17-10a"


# --- hours of the day (R46) ---
def test_six_hours_alert_and_stop_new_calls_at_the_end_of_the_call() -> None:
    work = Work()
    ana = work.agent()
    work.until(EIGHT + 6 * HOUR - 60)
    offer = work.talk()
    work.wait(120)
    assert work.last(Kind.HOURS_ALERT).at == EIGHT + 6 * HOUR
    assert (ana.status, ana.state) == (Status.AVAILABLE, State.TALKING)  # nobody is cut off
    work.tell(ev.TalkEnded(offer))
    work.wait(20)
    assert ana.status is Status.LOGGED_OUT
    assert "jornada" in work.last(Kind.AGENT_LOGOUT).details["because"]
    assert work.call() is None
    assert "só com exceção" in work.refused(ev.AgentLoggedIn(ANA, {Skill("geral"): 1}))


def test_pauses_count_and_so_do_several_logins_until_a_nights_rest() -> None:
    work = Work()
    ana = work.agent()
    work.wait(2 * HOUR)
    work.tell(ev.AgentPaused(ANA, "banheiro"))
    work.wait(HOUR)
    work.tell(ev.AgentLoggedOut(ANA))
    work.wait(2 * HOUR)
    work.agent()
    assert work.last(Kind.AGENT_LOGIN).details["logged"] == 3 * HOUR
    work.wait(3 * HOUR)
    assert ana.status is Status.LOGGED_OUT
    work.wait(10 * HOUR)
    assert work.refused(ev.AgentLoggedIn(ANA, {Skill("geral"): 1})) != ""
    work.wait(HOUR)
    assert work.refused(ev.AgentLoggedIn(ANA, {Skill("geral"): 1})) == ""


def test_a_named_exception_lets_work_go_on() -> None:
    work = Work()
    ana = work.agent()
    work.until(EIGHT + 6 * HOUR - 60)
    assert "motivo" in work.refused(we.HoursExcepted(ANA, work.now + HOUR, " "))
    assert "até 2 horas" in work.refused(we.HoursExcepted(ANA, work.now + 3 * HOUR, "enchente"))
    assert work.refused(we.HoursExcepted(ANA, EIGHT + 7 * HOUR, "enchente")) == ""
    work.until(EIGHT + 7 * HOUR - 1)
    assert ana.status is Status.AVAILABLE
    work.wait(1)
    assert ana.status is Status.LOGGED_OUT
    assert work.last(Kind.HOURS_EXCEPTED).details["because"] == "enchente"


def test_a_running_legal_pause_is_finished_before_going_home() -> None:
    work = Work()
    ana = work.agent()
    work.until(EIGHT + 4 * HOUR)
    work.tell(ev.AgentPaused(ANA, "lanche-20"))
    work.floor.work = WorkRules(day=4 * HOUR + 300)
    work.tell(we.HoursExcepted(ANA, work.now + 300, "exceção curta"))
    work.wait(1_199)
    assert (ana.status, ana.leaves != "") == (Status.PAUSED, True)
    work.wait(1)
    assert ana.status is Status.LOGGED_OUT


# --- one agent, one place ---
def test_the_newest_login_counts_but_not_in_a_call() -> None:
    work = Work()
    ana = work.agent()
    work.tell(ev.AgentLoggedIn(ANA, ana.skills, seat="pa-1"))
    assert work.refused(ev.AgentLoggedIn(ANA, ana.skills, seat="pa-2")) == ""
    assert (ana.seat, work.last(Kind.AGENT_LOGIN).details["before"]) == ("pa-2", "pa-1")
    work.agent(BIA)
    assert "está com ana" in work.refused(ev.AgentLoggedIn(BIA, ana.skills, seat="pa-2"))
    work.talk()
    assert "numa chamada" in work.refused(ev.AgentLoggedIn(ANA, ana.skills, seat="pa-3"))
    assert ana.seat == "pa-2"


# --- wrap-up ---
def test_wrap_up_is_extended_up_to_its_limit() -> None:
    work = Work()
    ana = work.agent()
    assert "não está em pós" in work.refused(we.WrapUpExtended(ANA))
    work.tell(ev.TalkEnded(work.talk()))
    work.wait(15)
    for _ in range(4):
        assert work.refused(we.WrapUpExtended(ANA)) == ""
    assert "até o limite" in work.refused(we.WrapUpExtended(ANA))
    work.wait(5 + 119)
    assert ana.state is State.WRAP_UP
    work.wait(1)
    assert ana.state is State.IDLE


# --- what the phone really is ---
@pytest.mark.parametrize(
    ("outcome", "status", "phone"),
    [
        (OfferOutcome.RING_NO_ANSWER, Status.PAUSED, Phone.IDLE),
        (OfferOutcome.REFUSED, Status.PAUSED, Phone.IDLE),
        (OfferOutcome.UNREACHABLE, Status.AVAILABLE, Phone.GONE),
        (OfferOutcome.GATE_CLOSED, Status.AVAILABLE, Phone.IDLE),
    ],
)
def test_an_offer_that_fails_tells_of_the_agent_and_costs_no_place(
    outcome: OfferOutcome, status: Status, phone: Phone
) -> None:
    work = Work()
    ana = work.agent()
    offer = work.call()
    assert offer is not None
    work.tell(ev.OfferFailed(offer, outcome))
    assert (ana.status, ana.phone, ana.state) == (status, phone, State.IDLE)
    bia = work.agent(BIA)
    back = ev.CallJoined(work.floor.callers["c1"].call, GERAL.name, 30, EIGHT, "156")
    made = [one for one in work.tell(back) if isinstance(one, MakeOffer)]
    assert [one.agent for one in made] == [bia.name]


def test_restored_clocks_run_on() -> None:
    work = Work()
    plan = Plan(EIGHT - HOUR, EIGHT + 5 * HOUR)
    work.tell(
        we.AgentRestored(
            ANA,
            {Skill("geral"): 1},
            status="paused",
            reason="NR17-10a",
            pause_began=EIGHT - 300,
            logged_since=EIGHT - HOUR,
            taken=frozenset({"NR17-10a"}),
            plans=(plan,),
        )
    )
    ana = work.floor.agents[ANA]
    assert not work.facts(Kind.PAUSE_BEGAN)
    assert "não pode ser cortada" in work.refused(ev.AgentResumed(ANA))
    work.tell(ev.AgentPhone(ANA, Phone.IDLE))
    work.wait(299)
    assert ana.status is Status.PAUSED
    work.wait(1)
    assert ana.status is Status.AVAILABLE
    work.until(EIGHT + 5 * HOUR)
    assert ana.status is Status.LOGGED_OUT  # six hours since seven


def test_a_pause_that_waited_for_a_talk_waits_for_it_after_a_restart_too() -> None:
    work = Work()
    skills = {Skill("geral"): 1}
    work.tell(we.AgentRestored(ANA, skills, status="paused", reason="banheiro"))
    ana = work.floor.agents[ANA]
    work.tell(ev.AgentPhone(ANA, Phone.BUSY))
    queue = QueueName("p156_geral")
    found = ev.TalkFound(CallId("found"), ANA, OfferId("0-1"), EIGHT, queue, EIGHT, "156")
    work.tell(found)
    assert (ana.state, work.facts(Kind.PAUSE_BEGAN)) == (State.TALKING, [])
    work.wait(30)
    work.tell(ev.TalkEnded(OfferId("0-1")))
    assert work.last(Kind.PAUSE_BEGAN).at == EIGHT + 30
