"""A campaign's call from the decision to its end, on a real floor: each attempt is durable before
it is dialled, ends once, and whatever fails in between rings nobody twice and loses nobody."""

from __future__ import annotations

from typing import Any

import pytest
from dial_bed import NAME, DialBed, campaign, contact, number

from acd.agents import State
from acd.events import AgentPhone, CallJoined
from callflow.campaign_ports import CAMPAIGN
from dialer.campaign import CampaignState, KeyMeans, Mode
from dialer.contacts import ContactState, Ending
from terms.facts import Fact, Kind
from terms.names import AgentName, AttemptId, CallId, QueueName
from terms.outcome import Tried
from terms.signals import Phone

ANA = AgentName("ana")


@pytest.fixture
async def bed() -> Any:
    made = DialBed()
    made.add(*(contact(n) for n in range(1, 4)))
    yield made
    await made.dialler.leave()


async def test_an_agent_is_reserved_then_the_citizen_is_dialled(bed: DialBed) -> None:
    await bed.start()
    assert not bed.public.ordered  # nobody is there to talk
    bed.agent()
    await bed.settle(1.0)
    (attempt, agent, order) = bed.public.ordered[0]
    assert (attempt, agent) == (f"{NAME}.0000001-1", ANA)
    assert order["C156_OUT_NUMBER"] == number(1)
    assert order["C156_OUT_FROM"] == "1131560156"
    assert order["C156_CAMPAIGN"] == NAME
    assert order["C156_ATTEMPT"] == attempt
    assert order["C156_OUT_TRUNK"] == "principal"
    assert order["C156_OFFER"]
    assert bed.keeper.floor.agents[ANA].state is State.OFFERED
    await bed.settle(1.0)
    assert len(bed.public.ordered) == 1  # there is one agent


async def test_a_talk_has_its_protocol_and_its_attempt_its_end(bed: DialBed) -> None:
    bed.agent()
    await bed.start()
    attempt = bed.last
    bed.told(attempt, "up")
    call = bed.answers(attempt)
    await bed.settle()
    channel = bed.centre.switch.written[f"PJSIP/{call}"]  # type: ignore[attr-defined]
    assert channel["C156_PROTOCOL"] == bed.centre.tools.book.calls[call].protocol != ""
    assert bed.keeper.floor.agents[ANA].state is State.TALKING
    (arrived,) = bed.centre.store.of(Kind.CALL_ARRIVED)
    assert arrived.details["entry"] == CAMPAIGN
    assert arrived.details["campaign"] == NAME
    kinds = [fact.kind for fact in bed.centre.store.facts if fact.call == call]
    assert kinds.index(Kind.CALL_ARRIVED) < kinds.index(Kind.ANSWERED)
    await bed.settle(90.0)
    bed.at += 0.0
    bed.hangs_up(attempt)
    await bed.settle()
    done = bed.stored.attempts[attempt][1]
    assert done is not None
    assert done.result is Tried.ANSWERED
    assert (done.call, done.agent) == (call, ANA)
    assert done.answered_at is not None
    assert bed.stored.contacts[done.contact.contact].ending is Ending.REACHED


RESULTS = [
    ("agent", "NOANSWER", "", Tried.AGENT, 0),
    ("capped", "held", "", Tried.HELD, 0),
    ("capped", "number", "", Tried.INVALID, 1),
    ("citizen", "BUSY", "17", Tried.BUSY, 1),
    ("citizen", "NOANSWER", "", Tried.NO_ANSWER, 1),
    ("citizen", "CHANUNAVAIL", "1", Tried.INVALID, 1),
    ("citizen", "CONGESTION", "34", Tried.SHUT, 0),
    ("citizen", "CHANUNAVAIL", "20", Tried.UNREACHABLE, 1),
    ("over", "", "", Tried.LOST, 1),
]


@pytest.mark.parametrize(("what", "result", "cause", "expected", "tries"), RESULTS)
async def test_each_result_is_told_apart(
    bed: DialBed, what: str, result: str, cause: str, expected: Tried, tries: int
) -> None:
    bed.agent()
    await bed.start()
    attempt = bed.last
    if what in ("citizen", "over"):
        bed.told(attempt, "up")
    for _ in range(2):  # the word comes twice
        bed.told(attempt, what, result, cause)
    await bed.settle()
    done = bed.stored.attempts[attempt][1]
    assert done is not None
    assert done.result is expected
    assert done.contact.tries == tries
    assert bed.keeper.floor.agents[ANA].state is State.IDLE


async def test_the_dialplan_is_never_asked_before_the_store(bed: DialBed) -> None:
    """A store that hangs: the agent waits for nothing, nobody is rung; late is too late."""
    bed.agent()
    bed.stored.hangs.clear()
    bed.stored.hangs.set()
    await bed.start()
    bed.told(bed.last, "citizen", "BUSY", "17")
    await bed.settle()
    bed.stored.hangs.clear()
    await bed.settle(2.0)
    assert len(bed.public.ordered) == 1
    assert bed.dialler.dialling.attempts.live
    await bed.settle(8.0)
    bed.stored.hangs.set()
    await bed.settle()
    held = f"{NAME}.0000002-1"
    assert bed.stored.results()[AttemptId(held)] is Tried.HELD
    assert all(one != held for one, _, _ in bed.public.ordered)
    await bed.settle(60.0)
    assert bed.public.ordered[-1][0].startswith(NAME)


async def test_a_store_that_is_down_holds_the_calls_and_loses_none(
    bed: DialBed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callflow.dial_book.DIAL_STORE_AGAIN", 0.0)
    bed.agent()
    await bed.start()
    first = bed.last
    bed.stored.down = True
    bed.told(first, "citizen", "NOANSWER", "")
    await bed.settle(2.0)
    assert len(bed.public.ordered) == 1
    assert bed.stored.attempts[first][1] is None
    bed.stored.down = False
    for _ in range(8):
        await bed.settle(30.0)
    assert bed.stored.results()[first] is Tried.NO_ANSWER
    assert len(bed.public.ordered) >= 2  # and it goes on


async def test_written_down_and_not_told_so_is_dialled_once(
    bed: DialBed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store says overdue, and has written all the same: it is not dialled, and ends."""
    monkeypatch.setattr("callflow.dial_book.DIAL_STORE_AGAIN", 0.0)
    bed.agent()
    bed.stored.late = 0
    await bed.start()
    bed.told(bed.last, "citizen", "BUSY", "17")
    bed.stored.late = 2
    for _ in range(6):
        await bed.settle(20.0)
    names = [one for one, _, _ in bed.public.ordered]
    assert len(names) == len(set(names))
    for attempt, result in bed.stored.results().items():
        assert result is not None or attempt in bed.dialler.dialling.attempts.live


@pytest.mark.parametrize("when", ["before", "after"])
async def test_an_order_that_failed_is_decided_by_the_look(bed: DialBed, when: str) -> None:
    bed.agent()
    bed.public.fails = when
    await bed.start()
    attempt = next(iter(bed.dialler.dialling.attempts.live))
    bed.public.fails = ""
    await bed.settle(1.0)
    assert bed.stored.attempts[attempt][1] is None  # nobody knows
    await bed.settle(5.0)
    bed.look()
    await bed.settle(3.0)
    assert bed.stored.attempts[attempt][1] is None  # a word of its end may be on its way
    bed.look()
    await bed.settle()
    if when == "before":
        assert bed.stored.results()[attempt] is Tried.LOST
    else:
        assert bed.stored.results()[attempt] is None  # it rings
        bed.told(attempt, "citizen", "BUSY", "17")
        await bed.settle()
        assert bed.stored.results()[attempt] is Tried.BUSY
    assert sum(one == attempt for one, _, _ in bed.public.ordered) <= 1


async def test_a_look_between_a_hang_up_and_the_word_of_it_ends_nothing(bed: DialBed) -> None:
    bed.agent()
    await bed.start()
    attempt = bed.last
    bed.told(attempt, "up")
    await bed.settle(30.0)
    del bed.public.channels[attempt]
    bed.look()
    await bed.settle(0.1)
    bed.told(attempt, "citizen", "NOANSWER", "0")
    await bed.settle()
    assert bed.stored.results()[attempt] is Tried.NO_ANSWER


async def test_all_that_rings_is_hung_up_when_a_campaign_stops(bed: DialBed) -> None:
    bed.agent("ana"), bed.agent("bia")
    await bed.start()
    assert len(bed.public.ordered) == 2
    talking, ringing = (one for one, _, _ in bed.public.ordered)
    bed.told(talking, "up")
    bed.answers(talking)
    bed.told(ringing, "up")
    await bed.dialler.stop(NAME, "eva")
    await bed.settle()
    assert bed.public.hung_up == [ringing]
    bed.told(ringing, "over")
    await bed.settle(1.0)
    assert bed.stored.results()[ringing] is Tried.LOST
    assert bed.stored.settings[NAME].state is CampaignState.DRAINING
    bed.hangs_up(talking)
    await bed.settle(30.0)
    assert bed.stored.settings[NAME].state is CampaignState.DONE
    assert len(bed.public.ordered) == 2


async def test_an_emergency_takes_the_agent_back(bed: DialBed) -> None:
    """While the citizen's phone rings, and not once it is answered; none goes out meanwhile."""
    bed.agent()
    bed.keeper.tell(AgentPhone(ANA, Phone.IDLE))
    await bed.start()
    attempt = bed.last
    bed.told(attempt, "up")
    bed.keeper.tell(CallJoined(CallId("e"), QueueName("e199_risco"), 100, bed.centre.now, "199"))
    await bed.settle()
    assert bed.public.hung_up == [attempt]
    bed.told(attempt, "over")
    await bed.settle(2.0)
    assert bed.stored.results()[attempt] is Tried.LOST
    assert len(bed.public.ordered) == 1
    assert bed.centre.switch.globals["C156_OUT_HELD"] == "emergency"


async def test_a_citizen_who_calls_in_is_not_rung_any_more(bed: DialBed) -> None:
    bed.agent()
    await bed.start()
    attempt = bed.last
    bed.told(attempt, "up")
    arrived = {"line": "156", "entry": "156", "caller": number(1), "test": False}
    bed.keeper.record(Fact(bed.centre.now, Kind.CALL_ARRIVED, CallId("in"), details=arrived))
    await bed.settle()
    assert bed.public.hung_up == [attempt]
    bed.told(attempt, "over")
    await bed.settle()
    assert bed.stored.results()[attempt] is Tried.BUSY
    await bed.settle(20 * 60.0 - 1)
    assert all(order["C156_OUT_NUMBER"] != number(1) for _, _, order in bed.public.ordered[1:])


async def test_a_number_of_two_campaigns_is_in_one_call(bed: DialBed) -> None:
    other = DialBed((campaign(), campaign("outra")))
    other.add(contact(1), contact(1, "outra"))
    other.agent("ana"), other.agent("bia")
    await other.start()
    await other.start("outra")
    await other.settle(2.0)
    assert len(other.public.ordered) == 1
    other.told(other.last, "citizen", "BUSY", "17")
    await other.settle(61.0)
    assert len(other.public.ordered) == 2  # the other one's turn, not at once
    await other.dialler.leave()


async def test_an_answer_that_crosses_a_withdrawal_is_a_talk(bed: DialBed) -> None:
    bed.agent()
    await bed.start()
    attempt = bed.last
    bed.told(attempt, "up")
    await bed.dialler.stop(NAME, "eva")
    call = bed.answers(attempt)  # the citizen had picked up
    await bed.settle()
    assert bed.centre.tools.book.calls[call].protocol
    await bed.settle(90.0)
    bed.hangs_up(attempt)
    await bed.settle()
    assert bed.stored.results()[attempt] is Tried.ANSWERED


async def test_the_agents_word_stands_above_all(bed: DialBed) -> None:
    bed.agent()
    await bed.start()
    attempt = bed.last
    bed.told(attempt, "up")
    bed.answers(attempt)
    bed.hangs_up(attempt)
    await bed.settle(1.0)
    assert bed.stored.results()[attempt] is None  # the agent may still say what it was
    assert bed.dialler.judged(attempt, Tried.MACHINE, "ana")
    await bed.settle()
    assert bed.stored.results()[attempt] is Tried.MACHINE
    assert bed.stored.contacts[contact(1).contact].state is ContactState.AGAIN
    assert not bed.dialler.judged(attempt, Tried.FAX, "ana")


async def test_a_clock_that_jumps_stops_all_until_a_person_says_go_on(bed: DialBed) -> None:
    bed.agent()
    await bed.start()
    bed.told(bed.last, "citizen", "BUSY", "17")
    await bed.settle()
    bed.at += 4_000.0
    await bed.now()
    assert "relógio" in bed.stored.stopped
    count = len(bed.public.ordered)
    await bed.next_process()
    bed.agent()
    await bed.settle(1.0)
    assert len(bed.public.ordered) == count  # a restart gives no permission
    await bed.dialler.go_on("eva")
    await bed.settle(1.0)
    assert bed.stored.stopped == ""
    assert len(bed.public.ordered) == count + 1


async def test_a_notice_goes_out_alone_and_is_told_by_its_keys() -> None:
    notice = campaign(mode=Mode.AGENTLESS)
    bed = DialBed((notice,))
    bed.add(contact(1), contact(2))
    await bed.start()
    assert [one for one, _, _ in bed.public.ordered] == [f"{NAME}.000000{n}-1" for n in (1, 2)]
    assert all(order["C156_OUT_KIND"] == "aviso" for _, _, order in bed.public.ordered)
    one, two = (name for name, _, _ in bed.public.ordered)
    bed.told(one, "answered")
    bed.told(one, "machine")
    bed.told(two, "answered")
    about = bed.dialler.campaign_of(two)
    assert about is not None
    assert about.spoken == "Olá"
    await bed.dialler.pressed(two, KeyMeans.CONFIRM)
    bed.hangs_up(one)
    bed.hangs_up(two)
    await bed.settle()
    assert bed.stored.results() == {one: Tried.MACHINE, two: Tried.ANSWERED}
    assert bed.stored.attempts[two][1].said == "confirma"  # type: ignore[union-attr]
    await bed.dialler.leave()


async def test_whoever_was_rung_alone_is_lost_and_no_agents_fault() -> None:
    """Also when the word comes before it is known that the phone rings."""
    bed = DialBed((campaign(mode=Mode.AGENTLESS),))
    bed.add(contact(1))
    await bed.start()
    bed.dialler.courses.of[bed.last].rings = False
    bed.told(bed.last, "over")
    await bed.settle()
    assert bed.stored.results() == {bed.last: Tried.LOST}
    await bed.dialler.leave()
