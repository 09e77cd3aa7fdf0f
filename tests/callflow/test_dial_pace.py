"""How soon calls go out and are taken back: the pace of a second is used to its last call, an agent
who is free is used at once, whoever takes a place is heard of at once, and what a start finds is
looked for soon."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from dial_bed import ALWAYS, NAME, NOON, TRUNK, DialBed, campaign, contact

from acd.agents import State
from acd.events import CallJoined
from dialer.campaign import CampaignState, Kind, Mode
from dialer.caps import CapRules, Caps
from dialer.dialling import Dialling
from dialer.effects import Order
from dialer.events import CampaignSet, ContactsLoaded
from dialer.trunks import Trunk
from terms.limits import ATTEMPT_SETTLES, DIAL_LOOK_SOON, DIAL_PACE, DIAL_REACHES
from terms.names import CallId, QueueName
from terms.outcome import Tried

A_SECOND = 5
QUEUE = QueueName("p156_geral")


@pytest.fixture
async def bed() -> Any:
    made = DialBed()
    made.add(*(contact(n) for n in range(1, 4)))
    yield made
    await made.dialler.leave()


@pytest.mark.parametrize("whose", ["all", "the trunk"])
def test_the_pace_of_a_second_is_used_to_its_last_call(whose: str) -> None:
    of_trunk = A_SECOND if whose == "the trunk" else 100
    trunk = Trunk(TRUNK, "operadora", per_second=of_trunk)
    per_second = A_SECOND if whose == "all" else 100
    dialling = Dialling(Caps(CapRules({TRUNK: trunk}, per_second=per_second)))
    notice = campaign(mode=Mode.AGENTLESS, kind=Kind.NOTICE, windows=ALWAYS)
    contacts = tuple(contact(n) for n in range(50))
    events: list[Any] = [CampaignSet(notice, CampaignState.RUNNING), ContactsLoaded(contacts)]
    now, ordered = NOON, list[float]()
    while len(ordered) < 50:
        effects = dialling.step(now, *events)
        ordered += [now for one in effects if isinstance(one, Order)]
        events = []
        assert dialling.deadline is not None
        now = max(dialling.deadline, now + 0.001)
    took = ordered[-1] - ordered[0]
    assert 50 / A_SECOND - 1.0 <= took <= 50 / A_SECOND
    for at in ordered:
        assert sum(at <= other < at + 1.0 for other in ordered) <= A_SECOND


async def test_a_call_that_leaves_too_early_waits_and_is_not_held(bed: DialBed) -> None:
    out = bed.dialler.out
    out.caps = replace(out.caps, per_second=1)
    bed.agent("ana")
    bed.agent("bia")
    await bed.start()
    assert len(bed.public.ordered) == 1
    assert list(bed.stored.results().values()) == [None, None]
    await bed.settle(1.0)
    await asyncio.sleep(2 * DIAL_PACE)
    await bed.now()
    assert len(bed.public.ordered) == 2
    assert list(bed.stored.results().values()) == [None, None]


async def test_one_that_waits_for_its_moment_is_taken_back(bed: DialBed) -> None:
    out = bed.dialler.out
    out.caps = replace(out.caps, per_second=1)
    bed.agent("ana")
    bed.agent("bia")
    await bed.start()
    await bed.dialler.stop(NAME, "eva")
    await asyncio.sleep(2 * DIAL_PACE)
    await bed.now()
    assert bed.public.hung_up == [bed.last]
    assert sorted(map(str, bed.stored.results().values())) == ["None", Tried.HELD]


async def test_who_takes_a_place_is_heard_of_before_any_timer(bed: DialBed) -> None:
    bed.agent()
    await bed.start()
    risk = QueueName("e199_risco")
    bed.keeper.tell(CallJoined(CallId("e"), risk, 100, bed.centre.now, "199"))
    for _ in range(30):
        await asyncio.sleep(0)
    assert bed.public.hung_up == [bed.last]


@pytest.mark.parametrize("rings", [False, True], ids=["the agent's", "the citizen's"])
async def test_a_caller_has_the_agent_back_unless_a_citizen_rings(
    bed: DialBed, rings: bool
) -> None:
    ana = bed.agent()
    await bed.start()
    attempt = bed.last
    if rings:
        bed.told(attempt, "up")
    waiter = bed.keeper.join(CallId("c"), QUEUE, 10, bed.centre.now, "156")
    for _ in range(30):
        await asyncio.sleep(0)
    assert bed.public.hung_up == ([] if rings else [attempt])
    assert waiter.offer.done() is not rings
    await bed.settle(2.0)
    assert len(bed.public.ordered) == 1
    assert bed.keeper.floor.agents[ana].state is State.OFFERED


async def test_the_next_call_goes_out_as_soon_as_the_agent_is_free(bed: DialBed) -> None:
    bed.agent()
    await bed.start()
    first = bed.last
    bed.told(first, "up")
    await bed.settle(20.0)
    bed.told(first, "citizen", "NOANSWER")
    await bed.settle()
    assert len(bed.public.ordered) == 2
    second = bed.last  # whose citizen is busy before the way to the phone has let the agent go
    bed.told(second, "up")
    bed.told(second, "citizen", "BUSY", "17")
    await bed.settle()
    assert len(bed.public.ordered) == 2
    await bed.settle(2.0)
    assert len(bed.public.ordered) == 3


@pytest.mark.parametrize("of_what", ["control", "the switch"])
async def test_what_a_start_finds_is_looked_for_again_soon(bed: DialBed, of_what: str) -> None:
    bed.agent()
    await bed.start()
    attempt = bed.last
    bed.public.channels.clear()  # its end was told to nobody
    if of_what == "the switch":
        bed.told(attempt, "up")
    else:
        await bed.settle(DIAL_REACHES)
        await bed.next_process()
    bed.look()  # a start's own
    assert bed.stored.results()[attempt] is None  # too young to say
    assert DIAL_LOOK_SOON > ATTEMPT_SETTLES
    assert bed.dialler.doubtful
    await bed.settle(DIAL_LOOK_SOON)
    bed.look()
    await bed.settle()
    assert bed.stored.results()[attempt] is Tried.LOST
    assert not bed.dialler.doubtful
