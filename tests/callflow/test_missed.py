"""What nobody told us, or what we could not tell: a talk that ended between two processes, an order
that came too late, a link that is down."""

from __future__ import annotations

import asyncio

import pytest
from line_fakes import Centre, Channel, Nothing, mender_of

from acd.agents import State
from acd.events import OfferAnswered, TalkEnded
from callflow.agent_desk import AgentDesk
from callflow.book import OpenCall
from callflow.hear import Ear
from callflow.mend import Mender
from terms.facts import Fact, Kind
from terms.names import AgentName, CallId, OfferId, Protocol, QueueName, Skill
from terms.signals import (
    CallEnded,
    LastWords,
    Phone,
    PhoneChanged,
    SeenCall,
    SwitchLost,
    SwitchSeen,
)

ANA = AgentName("ana")
CALL = CallId("n1-b-1.1")


@pytest.fixture
def centre() -> Centre:
    return Centre()


@pytest.fixture
def mender(centre: Centre) -> Mender:
    return mender_of(centre, Nothing())


def _ear(centre: Centre, mender: Mender) -> Ear:
    desk = AgentDesk(centre.keeper, {Skill("p156_geral"): "156"})
    desk.enroll(ANA, {Skill("p156_geral"): 1})
    centre.keeper.watch(desk.read)
    return Ear(centre.keeper, desk, centre.tools.book, mender, 1)


def _seen(centre: Centre, phone: Phone = Phone.IDLE) -> SwitchSeen:
    return SwitchSeen(centre.now, "boot", (), {ANA: phone})


async def _settle() -> None:
    for _ in range(30):
        await asyncio.sleep(0)


async def _until_dialled(centre: Centre) -> Channel:
    centre.log_in("ana")
    channel = centre.channel(call=CALL, keys=["1"])
    assert await channel.step(centre.tools) == "dial"
    return channel


async def test_a_talk_that_ended_between_two_processes_is_told(centre: Centre) -> None:
    """Its beginning may be stored, or not; its end is known to the channel alone."""
    channel = await _until_dialled(centre)
    channel.variables |= {
        "DIALSTATUS": "ANSWER",
        "C156_JOINED": "1",
        "ANSWEREDTIME_MS": "42000",
    }
    after = Centre(epoch=2, now=2_000.0)
    after.tools.book.open(OpenCall(CALL, "156", 1_000.0))
    after.log_in("ana")
    assert await channel.step(after.tools) == "end"
    (answered,), (ended,) = after.store.of(Kind.ANSWERED), after.store.of(Kind.TALK_ENDED)
    assert (answered.agent, ended.agent) == (ANA, ANA)
    assert ended.details["talk_seconds"] == pytest.approx(42.0, abs=0.1)
    assert answered.details["waited"] == pytest.approx(958.0, abs=0.2)
    assert after.keeper.floor.agents[ANA].state is State.WRAP_UP
    tallies = {name: line.tally.answered for name, line in after.keeper.floor.lines.items()}
    assert tallies == {"p156_geral": 1, "e199_risco": 0}


async def test_a_talk_is_told_once_however_often_its_step_breaks_off(centre: Centre) -> None:
    channel = await _until_dialled(centre)
    channel.variables |= {
        "DIALSTATUS": "ANSWER",
        "C156_JOINED": "1",
        "ANSWEREDTIME_MS": "9000",
    }
    before = dict(channel.variables)
    assert await channel.step(centre.tools) == "end"
    channel.variables = before  # the step had not yet written that it is over
    assert await channel.step(centre.tools) == "end"
    assert len(centre.store.of(Kind.TALK_ENDED)) == 1


async def test_a_talk_lasts_no_longer_than_the_switch_measured(centre: Centre) -> None:
    """Control was away when it ended, and the channel came late."""
    channel = await _until_dialled(centre)
    centre.keeper.tell(OfferAnswered(OfferId(channel.variables["C156_OFFER"])))
    centre.now += 5.0
    channel.variables |= {
        "DIALSTATUS": "ANSWER",
        "C156_JOINED": "1",
        "ANSWEREDTIME_MS": "1500",
    }
    assert await channel.step(centre.tools) == "end"
    (answered,), (ended,) = centre.store.of(Kind.ANSWERED), centre.store.of(Kind.TALK_ENDED)
    assert ended.details["talk_seconds"] == 1.5
    assert ended.at == pytest.approx(answered.at + 1.5)


async def test_a_talk_whose_end_nobody_heard_has_its_length_from_the_diary(
    centre: Centre, mender: Mender
) -> None:
    """It was over before we were back, and the citizen went soon after."""
    entry = OpenCall(
        CALL, "199", 900.0, protocol=Protocol("000010008"), queue=QueueName("e199_risco")
    )
    entry.agent, entry.answered = ANA, 910.0
    centre.tools.book.open(entry)
    mender.diary = Nothing()
    mender.diary.words = {
        CALL: LastWords(ended=952.0, answered=910.0, agent=ANA, talk_seconds=38.0)
    }
    mender.call_ended(CallEnded(CALL, 952.0, "offered:1-1:ana"))
    await mender.settled()
    (ended,), (over,) = centre.store.of(Kind.TALK_ENDED), centre.store.of(Kind.CALL_ENDED)
    assert (ended.agent, ended.details["talk_seconds"]) == (ANA, 38.0)
    assert (over.at, over.details["outcome"]) == (952.0, "served")


@pytest.mark.parametrize(("stage", "decided"), [("after", ""), ("ended", "served")])
async def test_a_talk_of_which_nothing_was_heard_is_told_from_the_diary(
    centre: Centre, mender: Mender, stage: str, decided: str
) -> None:
    """The agent was asked, control died, and all of the talk was over when the next one came."""
    entry = OpenCall(CALL, "199", 900.0, queue=QueueName("e199_risco"), decided=decided)
    centre.tools.book.open(entry)
    mender.diary = Nothing()
    mender.diary.words = {
        CALL: LastWords(ended=952.0, answered=910.0, agent=ANA, talk_seconds=38.0)
    }
    mender.call_ended(CallEnded(CALL, 952.0, stage))
    await mender.settled()
    (answered,), (ended,) = centre.store.of(Kind.ANSWERED), centre.store.of(Kind.TALK_ENDED)
    assert (answered.agent, answered.at) == (ANA, 910.0)
    assert (ended.agent, ended.details["talk_seconds"]) == (ANA, 38.0)


async def test_an_ending_that_we_decided_is_no_interruption(centre: Centre, mender: Mender) -> None:
    channel = centre.channel(call=CALL)
    centre.tools.book.open(OpenCall(CALL, "156", centre.now))
    channel.variables |= {"C156_STAGE": "ended", "C156_PLACE": "outcome=ended_in_menu"}
    assert await channel.step(centre.tools) == "end"
    mender.call_ended(CallEnded(CALL, centre.now, "ended"))
    (ended,) = centre.store.of(Kind.CALL_ENDED)
    assert ended.details["outcome"] == "ended_in_menu"
    assert centre.store.of(Kind.TASK_OPENED) == []


async def test_an_epoch_that_came_too_late_is_told_again(centre: Centre, mender: Mender) -> None:
    """Without it the gate is shut: every offer would come back, for ever."""
    ear = _ear(centre, mender)
    centre.switch.refuses = 1
    ear.hear(_seen(centre))
    await _settle()
    assert centre.switch.globals == {}
    ear.hear(_seen(centre))
    await _settle()
    assert centre.switch.globals == {"C156_EPOCH": "1"}


async def test_queues_that_could_not_be_told_are_told_at_the_next_look(
    centre: Centre, mender: Mender
) -> None:
    ear = _ear(centre, mender)
    centre.switch.refuses = 2
    ear.hear(_seen(centre))
    await _settle()
    assert not ear.desk.in_step
    ear.desk.log_in(ANA, by="ana")
    ear.hear(_seen(centre))
    await _settle()
    assert centre.switch.queues == {("c156-156", ANA): False}
    centre.switch.refuses = 1
    ear.desk.pause(ANA, "banheiro", by="ana")
    await _settle()
    ear.hear(_seen(centre))
    await _settle()
    assert centre.switch.queues == {("c156-156", ANA): True}


async def test_while_the_link_is_down_a_phone_is_not_busy_for_ever(
    centre: Centre, mender: Mender
) -> None:
    ear = _ear(centre, mender)
    ear.hear(_seen(centre))
    ear.desk.log_in(ANA, by="ana")
    ear.hear(PhoneChanged(ANA, Phone.BUSY, centre.now))
    channel = centre.channel(call=CALL, keys=["1"])
    step = asyncio.create_task(channel.step(centre.tools))
    await _settle()
    assert not step.done()
    ear.hear(SwitchLost(centre.now, "gone"))
    assert await asyncio.wait_for(step, 2.0) == "dial"


@pytest.mark.parametrize("answer_stored", [True, False])
async def test_the_diary_tells_the_end_of_a_talk_whose_beginning_is_stored(
    centre: Centre, mender: Mender, answer_stored: bool
) -> None:
    """It began while control lived, and the call ended before the next one did."""
    entry = OpenCall(CALL, "156", 900.0, joined=901.0)
    if answer_stored:
        entry.agent, entry.answered = ANA, 910.0
    centre.tools.book.open(entry)
    words = LastWords(ended=952.0, answered=910.0, agent=ANA, talk_seconds=42.0)
    mender.diary = Nothing()
    mender.diary.words = {CALL: words}
    mender.agree(_seen(centre))
    await mender.settled()
    assert len(centre.store.of(Kind.ANSWERED)) == (0 if answer_stored else 1)
    (ended,) = centre.store.of(Kind.TALK_ENDED)
    assert (ended.agent, ended.details["talk_seconds"]) == (ANA, 42.0)
    (over,) = centre.store.of(Kind.CALL_ENDED)
    assert over.details["outcome"] == "served"


async def test_the_diary_tells_the_rest_of_a_call_that_had_talked_with_another_agent(
    centre: Centre, mender: Mender
) -> None:
    told = OpenCall(CALL, "156", 900.0, joined=901.0, answered=910.0, talk_seconds=20.0)
    told.agent, told.talking_since = ANA, 940.0  # put through to the second one, and then lost
    centre.tools.book.open(told)
    words = LastWords(ended=952.0, answered=910.0, agent=ANA, talk_seconds=32.0)
    mender.diary = Nothing()
    mender.diary.words = {CALL: words}
    mender.agree(_seen(centre))
    await mender.settled()
    (ended,) = centre.store.of(Kind.TALK_ENDED)
    assert (ended.agent, ended.at, ended.details["talk_seconds"]) == (ANA, 952.0, 12.0)


@pytest.mark.parametrize(
    ("stage", "outcome"), [("waiting", "interrupted"), ("menu", "interrupted"), ("after", "served")]
)
async def test_what_ends_while_we_stop_the_switch_is_ours(
    centre: Centre, mender: Mender, stage: str, outcome: str
) -> None:
    call = CallId("n1-b-9.9")
    centre.tools.book.open(OpenCall(call, "156", 1_000.0, node="principal"))
    mender.switch_stops = True
    mender.call_ended(CallEnded(call, 1_005.0, stage))
    await mender.settled()
    (ended,) = centre.store.of(Kind.CALL_ENDED)
    assert ended.details["outcome"] == outcome
    assert ended.details["where"] == ("menu:principal" if stage == "menu" else stage)


async def test_who_took_a_talk_over_before_a_start_did_not_talk_from_the_first_answer(
    centre: Centre, mender: Mender
) -> None:
    ear = _ear(centre, mender)
    entry = OpenCall(CALL, "156", 900.0, agent=AgentName("bia"), answered=910.0)
    centre.tools.book.open(entry)
    centre.tools.book.read([
        Fact(960.0, Kind.TALK_ENDED, CALL, AgentName("bia"), details={"talk_seconds": 50.0}),
        Fact(960.0, Kind.TALK_MOVED, CALL, AgentName("bia"), details={"to": "ana"}),
    ])  # fmt: skip
    shown = SeenCall(CALL, "156", "conference:0-7:ana", "", "channel", 900.0)
    ear.hear(SwitchSeen(centre.now, "boot", (shown,), {ANA: Phone.BUSY}))
    await _settle()
    (answered,) = centre.store.of(Kind.ANSWERED)
    assert (answered.agent, answered.at) == (ANA, 960.0)
    centre.keeper.tell(TalkEnded(OfferId("0-7")))
    await _settle()
    (ended,) = centre.store.of(Kind.TALK_ENDED)
    assert ended.details["talk_seconds"] == pytest.approx(centre.now - 960.0, abs=0.1)


@pytest.mark.parametrize(("stage", "joined", "found"), [
    ("offered:1-1:ana", True, True),
    ("offered:1-1:ana", False, False),
    ("held:1-1:ana", False, True),
])  # fmt: skip
async def test_a_talk_that_is_over_leaves_its_stage_behind(
    centre: Centre, mender: Mender, stage: str, joined: bool, found: bool
) -> None:
    """The agent may be busy with somebody else by now; a citizen on hold is with nobody."""
    ear = _ear(centre, mender)
    call = SeenCall(CALL, "199", stage, "", "PJSIP/C156-trunk-1", centre.now, joined)
    ear.hear(SwitchSeen(centre.now, "boot", (call,), {ANA: Phone.BUSY}))
    assert bool(centre.store.of(Kind.ANSWERED)) == found
