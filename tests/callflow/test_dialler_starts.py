"""What a new process finds, and what it does without a link, an agent's look, closed hours."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from dial_bed import ALWAYS, NAME, DialBed, campaign, contact, number

from acd.agents import State
from acd.dial_events import DialOver
from callflow.dialler import CampaignRefused
from dialer.campaign import CampaignState, Mode
from dialer.contacts import ContactState
from dialer.hours import Windows
from terms.facts import Fact, Kind
from terms.names import AgentName, CallId, CampaignName
from terms.outcome import Tried

ANA = AgentName("ana")
CLOSED = Windows(((),) * 7)


@pytest.fixture
async def bed() -> AsyncIterator[DialBed]:
    made = DialBed()
    made.add(*(contact(n) for n in range(1, 4)))
    yield made
    await made.dialler.leave()


async def test_a_call_that_ended_while_nobody_listened_is_no_second_ring(bed: DialBed) -> None:
    bed.agent()
    await bed.start()
    attempt = bed.last
    bed.public.channels.clear()
    await bed.next_process()
    call = CallId("n1-b1-9")
    bed.dialler.found_call(attempt, call, bed.centre.now, ANA, bed.centre.now + 200.0)
    bed.agent()
    bed.look()
    await bed.settle(30.0)
    done = bed.stored.attempts[attempt][1]
    assert done is not None
    assert (done.result, done.call, done.agent) == (Tried.ANSWERED, call, ANA)
    assert bed.public.ordered[-1][0] != attempt


async def test_a_talk_that_only_the_switch_has_noted_is_no_second_ring(bed: DialBed) -> None:
    """Answered and over while there was no control: the rescue script's record tells of it."""
    bed.agent()
    await bed.start()
    attempt = bed.last
    bed.public.channels.clear()
    await bed.next_process()
    call, now = CallId("n1-b1-9"), bed.centre.now
    arrived = {"line": "156", "entry": "", "caller": number(1), "campaign": NAME}
    bed.keeper.publish(Fact(now, Kind.CALL_ARRIVED, call, details=arrived))
    ended = {"outcome": "served", "where": "arrived", "seconds": 70.0}
    bed.keeper.publish(Fact(now + 70.0, Kind.CALL_ENDED, call, details=ended))
    bed.look()
    await bed.settle(30.0)
    done = bed.stored.attempts[attempt][1]
    assert done is not None
    assert (done.result, done.call, done.agent) == (Tried.ANSWERED, call, ANA)
    assert bed.public.hung_up == []


async def test_a_talk_that_a_new_process_finds_ends_as_one(bed: DialBed) -> None:
    bed.agent()
    await bed.start()
    attempt = bed.last
    bed.told(attempt, "up")
    bed.answers(attempt)
    await bed.settle()
    await bed.next_process()
    bed.dialler.found_call(attempt, CallId(f"n1-b1-{attempt}"), bed.centre.now, ANA, None)
    bed.look()
    await bed.settle(20.0)
    bed.look()
    assert bed.centre.switch.heard_all == [f"n1-b1-{attempt}"]  # its first words are long over
    assert bed.stored.results()[attempt] is None  # its channel is there
    await bed.settle(60.0)
    bed.hangs_up(attempt)
    await bed.settle()
    assert bed.stored.results()[attempt] is Tried.ANSWERED


async def test_an_attempt_of_an_erased_contact_holds_its_number_no_longer(bed: DialBed) -> None:
    bed.agent()
    await bed.start()
    attempt = bed.last
    bed.public.channels.clear()
    setting = bed.stored.settings.pop(CampaignName(NAME))  # as if its file were not read any more
    await bed.next_process()
    bed.stored.settings[CampaignName(NAME)] = setting
    for _ in range(2):  # one look alone is not believed
        await bed.settle(5.0)
        bed.look()
    await bed.settle(40.0)
    assert bed.stored.results()[attempt] is not None
    assert not bed.dialler.out.live


async def test_nothing_is_ordered_without_a_link(bed: DialBed) -> None:
    bed.agent()
    bed.dialler.link_lost()
    await bed.start()
    await bed.settle(10.0)
    assert not bed.public.ordered
    assert not bed.stored.attempts  # no try of anybody's is spent on it
    bed.look()
    await bed.settle(5.0)
    assert bed.public.ordered


async def test_a_store_that_could_not_be_read_leaves_campaigns_standing(bed: DialBed) -> None:
    bed.dialler.give_up("não se leu")
    with pytest.raises(CampaignRefused, match="não se leu"):
        await bed.dialler.start(CampaignName(NAME), "eva")
    for _ in range(5):
        bed.look()
    assert not bed.dialler._inbox  # what nobody handles does not pile up
    bed.agent()
    await bed.settle(5.0)
    assert not bed.public.ordered


async def test_an_agent_looks_first_and_dials_or_leaves_it() -> None:
    bed = DialBed((campaign(mode=Mode.PREVIEW),))
    bed.add(contact(1), contact(2))
    bed.agent()
    await bed.start()
    shown = bed.dialler.shown_to(ANA)
    assert shown is not None
    assert shown.number == number(1)
    assert bed.keeper.floor.agents[ANA].state is State.OFFERED
    assert not bed.public.ordered
    assert bed.dialler.look_done(ANA, dial=False)
    await bed.settle(2.0)
    shown = bed.dialler.shown_to(ANA)
    assert shown is not None
    assert shown.number == number(2)  # the first one waits
    assert bed.dialler.look_done(ANA, dial=True)
    await bed.settle()
    ((attempt, agent, order),) = bed.public.ordered
    assert (agent, order["C156_OUT_NUMBER"]) == (ANA, number(2))
    bed.told(attempt, "citizen", "BUSY", "17")
    await bed.settle()
    assert bed.stored.results() == {attempt: Tried.BUSY}
    assert not bed.dialler.look_done(ANA, dial=True)
    await bed.dialler.leave()


async def test_a_look_that_the_floor_takes_back_is_put_back() -> None:
    bed = DialBed((campaign(mode=Mode.PREVIEW),))
    bed.add(contact(1))
    bed.agent()
    await bed.start()
    shown = bed.dialler.shown_to(ANA)
    assert shown is not None
    bed.keeper.tell(DialOver(CallId(shown.next_attempt)))
    bed.dialler._looked_in_vain(shown.next_attempt)
    assert bed.dialler.dialling.previews == {}
    await bed.settle()
    assert bed.stored.contacts[shown.contact].state is not ContactState.DONE
    await bed.dialler.leave()


async def test_whoever_may_not_be_called_now_stays_in_the_store() -> None:
    bed = DialBed((campaign(windows=CLOSED), campaign("aberta", windows=ALWAYS)))
    bed.add(*(contact(n) for n in range(900)), contact(901, "aberta"))
    bed.agent()
    await bed.start()
    await bed.settle(120.0)
    closed = bed.dialler.dialling.campaigns[CampaignName(NAME)]
    assert len(closed.contacts) <= 400  # a page or two, none of a closed evening's million
    assert not bed.public.ordered
    await bed.start("aberta")
    await bed.settle(2.0)
    assert len(bed.public.ordered) == 1


async def test_a_pause_orders_nothing_new_and_a_start_goes_on(bed: DialBed) -> None:
    bed.agent()
    await bed.start()
    await bed.dialler.pause(CampaignName(NAME), "eva")
    assert bed.public.hung_up == []
    bed.told(bed.last, "citizen", "BUSY", "17")
    await bed.settle(20.0)
    assert len(bed.public.ordered) == 1
    assert bed.stored.settings[CampaignName(NAME)].state is CampaignState.PAUSED
    await bed.start()
    await bed.settle(2.0)
    assert len(bed.public.ordered) == 2
    seen = bed.dialler.progress(CampaignName(NAME))
    assert seen is not None
    assert (seen.ringing, seen.results) == (1, {Tried.BUSY: 1})


async def test_a_trunk_that_takes_no_calls_is_left_alone_and_books_no_agents(bed: DialBed) -> None:
    """Two in a row, then none for a while: and no contact is spent on it."""
    bed.agent()
    await bed.start()
    for _ in range(2):
        bed.told(bed.last, "citizen", "CONGESTION", "34")
        await bed.settle(2.0)
    assert [result for result in bed.stored.results().values() if result] == [Tried.SHUT] * 2
    count = len(bed.stored.attempts)
    seen = bed.dialler.progress(CampaignName(NAME))
    assert seen is not None
    assert seen.held == "a operadora não aceita chamadas agora"
    await bed.settle(20.0)
    assert len(bed.stored.attempts) == count
    await bed.settle(15.0)
    assert len(bed.stored.attempts) == count + 1
