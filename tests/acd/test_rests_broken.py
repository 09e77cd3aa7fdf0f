"""Rests and limits at their seams: a logout, a restart, a block, a late plan, a key in between."""

from __future__ import annotations

import pytest
from work_scene import ANA, EIGHT, HOUR, MINUTE, Work

from acd import events as ev
from acd import work_events as we
from acd.agents import State, Status
from acd.effects import WithdrawOffer
from acd.pauses import Who
from acd.shift import Plan, Planned
from terms.facts import Kind
from terms.names import CallId, OfferId, QueueName, Skill
from terms.outcome import OfferOutcome
from terms.signals import Phone

SKILLS = {Skill("geral"): 1}


@pytest.mark.parametrize("early", [False, True])
@pytest.mark.parametrize("away", [0.0, 30 * MINUTE])
def test_a_legal_pause_that_a_logout_broke_off_is_had_in_full_after_all(
    early: bool, away: float
) -> None:
    work = Work()
    ana, due = work.agent(), work.plan().pauses[0].at
    work.until(due - 10 * MINUTE if early else due)
    if early:
        work.tell(ev.AgentPaused(ANA, "NR17-10a"))
    work.wait(MINUTE)
    work.tell(ev.AgentLoggedOut(ANA, Who.AGENT))
    work.wait(away)
    work.tell(ev.AgentLoggedIn(ANA, SKILLS))
    work.until(max(work.now, due))
    assert (ana.status, ana.reason) == (Status.PAUSED, "NR17-10a")
    work.wait(10 * MINUTE - 1)
    assert ana.reason == "NR17-10a"
    work.wait(1)
    assert ana.status is Status.AVAILABLE
    work.tell(ev.AgentLoggedOut(ANA, Who.AGENT))
    work.tell(ev.AgentLoggedIn(ANA, SKILLS))
    assert ana.status is Status.AVAILABLE  # had in full: not due again


def test_banheiro_is_granted_at_once_when_the_pause_before_it_is_put_off() -> None:
    work = Work()
    ana, plan = work.agent(), work.plan()
    work.until(plan.pauses[0].at - MINUTE)
    offer = work.talk()
    work.wait(2 * MINUTE)
    work.tell(ev.AgentPaused(ANA, "banheiro"))
    assert (ana.reason, ana.then) == ("NR17-10a", "banheiro")
    work.tell(we.PausePostponed(ANA, "NR17-10a", work.now + 10 * MINUTE, Who.AGENT))
    assert (ana.reason, ana.then) == ("banheiro", "")
    work.tell(ev.TalkEnded(offer))
    assert work.last(Kind.PAUSE_BEGAN).details["reason"] == "banheiro"
    work.wait(20 * MINUTE)
    work.tell(ev.AgentResumed(ANA, Who.AGENT))
    assert ana.reason == "NR17-10a"
    work.wait(10 * MINUTE)
    assert ana.status is Status.AVAILABLE  # banheiro does not come a second time


def test_banheiro_takes_back_what_rings_also_when_a_legal_pause_is_due() -> None:
    work = Work()
    ana, plan = work.agent(), work.plan()
    work.until(plan.pauses[0].at - 5)
    offer = work.call()
    assert offer is not None
    work.wait(6)
    assert (ana.state, ana.reason) == (State.OFFERED, "NR17-10a")
    taken = work.tell(ev.AgentPaused(ANA, "banheiro"))
    assert [one.offer for one in taken if isinstance(one, WithdrawOffer)] == [offer]
    work.tell(ev.OfferFailed(offer, OfferOutcome.WITHDRAWN, True))
    assert work.last(Kind.PAUSE_BEGAN).details["reason"] == "NR17-10a"
    work.wait(10 * MINUTE)
    assert ana.reason == "banheiro"


@pytest.mark.parametrize("first", ["block", "limit"])
def test_a_release_does_not_undo_the_days_limit(first: str) -> None:
    work = Work()
    ana = work.agent()
    work.until(EIGHT + 6 * HOUR - MINUTE)
    offer = work.talk()
    if first == "block":
        work.tell(we.AgentBlocked(ANA, "conduta"))
    work.wait(2 * MINUTE)
    if first == "limit":
        work.tell(we.AgentBlocked(ANA, "conduta"))
    work.tell(we.AgentReleased(ANA))
    work.tell(ev.TalkEnded(offer))
    work.wait(MINUTE)
    assert ana.status is Status.LOGGED_OUT
    assert work.last(Kind.AGENT_LOGOUT).details["because"] == "a jornada do dia terminou"


def test_a_release_before_the_limit_leaves_the_agent_at_work() -> None:
    work = Work()
    ana = work.agent()
    offer = work.talk()
    work.tell(we.AgentBlocked(ANA, "conduta"))
    work.tell(we.AgentReleased(ANA))
    work.tell(ev.TalkEnded(offer))
    work.until(EIGHT + 6 * HOUR - 1)
    assert ana.status is Status.AVAILABLE
    work.wait(1)
    assert (ana.status, len(work.facts(Kind.HOURS_ALERT))) == (Status.LOGGED_OUT, 1)


def test_who_is_blocked_in_the_wrap_up_of_an_abusive_call_goes_and_is_not_paused() -> None:
    work = Work()
    ana = work.agent()
    offer = work.talk()
    work.tell(ev.TalkEnded(offer))
    work.tell(we.AgentBlocked(ANA, "conduta"))
    work.tell(we.CallMarked(ANA))
    assert (ana.status, len(work.facts(Kind.PAUSE_BEGAN))) == (Status.LOGGED_OUT, 0)


@pytest.mark.parametrize("talks", [False, True])
def test_a_blocked_agent_is_blocked_after_a_restart_too(talks: bool) -> None:
    work = Work()
    restored = we.AgentRestored(
        ANA, SKILLS, status="available", logged_since=EIGHT - HOUR, blocked="conduta"
    )
    work.tell(restored)
    ana = work.floor.agents[ANA]
    if talks:
        work.tell(ev.AgentPhone(ANA, Phone.BUSY))
        queue, offer = QueueName("p156_geral"), OfferId("0-1")
        work.tell(ev.TalkFound(CallId("found"), ANA, offer, EIGHT, queue, EIGHT, "156"))
        assert ana.state is State.TALKING
        work.tell(ev.TalkEnded(offer))
        work.wait(MINUTE)
    else:
        work.tell(ev.AgentPhone(ANA, Phone.IDLE))
    assert ana.status is Status.LOGGED_OUT
    assert work.call() is None


def test_a_plan_made_for_somebody_at_work_keeps_the_first_hour_free_too() -> None:
    work = Work()
    ana = work.agent()
    work.wait(MINUTE)
    shift = EIGHT - 2 * HOUR, EIGHT + 4 * HOUR
    ten, meal = shift[0] + 85 * MINUTE, shift[0] + 170 * MINUTE
    pauses = Planned(ten, "NR17-10a"), Planned(meal, "lanche-20"), Planned(meal + HOUR, "NR17-10b")
    assert work.refused(we.ShiftPlanned(ANA, Plan(*shift, pauses))) == ""
    assert ana.status is Status.AVAILABLE
    assert work.last(Kind.PAUSE_POSTPONED).details["because"] == "entrou às 08:00"
    work.until(EIGHT + HOUR)
    assert ana.reason == "lanche-20"  # at 08:50, of twenty minutes
    work.wait(10 * MINUTE)
    assert (ana.status, ana.reason) == (Status.PAUSED, "NR17-10a")


def test_exceptions_one_after_the_other_add_up_to_two_hours_a_day() -> None:
    work = Work()
    ana = work.agent()
    work.until(EIGHT + 6 * HOUR - MINUTE)
    assert work.refused(we.HoursExcepted(ANA, EIGHT + 7 * HOUR, "enchente")) == ""
    work.until(EIGHT + 7 * HOUR - MINUTE)
    told = work.refused(we.HoursExcepted(ANA, EIGHT + 8.5 * HOUR, "enchente"))
    assert "até 8 horas" in told
    assert "cabe até 16:00" in told
    assert work.refused(we.HoursExcepted(ANA, EIGHT + 8 * HOUR, "enchente")) == ""
    work.until(EIGHT + 8 * HOUR)
    assert ana.status is Status.LOGGED_OUT
    assert "até 8 horas" in work.refused(we.HoursExcepted(ANA, work.now + MINUTE, "enchente"))
    assert "já trabalhou" in work.refused(ev.AgentLoggedIn(ANA, SKILLS))
    work.wait(12 * HOUR)
    assert work.refused(ev.AgentLoggedIn(ANA, SKILLS)) == ""
