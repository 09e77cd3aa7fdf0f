"""An attempt in the store that this process has never heard of: written by a process that was being
replaced, or by a database that had given no answer. It must not hold its contact and its number for
ever, nor be ended while anything of it is alive."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from dial_bed import NAME, TRUNK, DialBed, contact, number

from dialer.attempt import Attempt
from dialer.contacts import ContactState, Ending
from terms.facts import Fact, Kind
from terms.limits import DIAL_LISTS_EVERY, DIAL_STRAY
from terms.names import AttemptId, CallId
from terms.outcome import Tried

STRAY = AttemptId(f"{NAME}.0000001-1")
LONG = DIAL_STRAY + 2 * DIAL_LISTS_EVERY


@pytest.fixture
async def bed() -> AsyncIterator[DialBed]:
    made = DialBed()
    await made.start()
    one = replace(contact(1), state=ContactState.ORDERED, attempt=STRAY, ordered=1)
    made.add(one)
    attempt = Attempt(STRAY, one.contact, one.campaign, one.number, TRUNK, made.at, 30.0)
    made.stored.attempts[STRAY] = (attempt, None)
    yield made
    await made.dialler.leave()


def _contact(bed: DialBed) -> ContactState:
    return bed.stored.contacts[contact(1).contact].state


async def test_it_ends_as_a_call_that_may_have_rung(bed: DialBed) -> None:
    await bed.settle(DIAL_STRAY - 20.0)
    bed.look()
    assert bed.stored.results() == {STRAY: None}  # a slow write of another process's last moment
    await bed.settle(60.0)
    bed.look()
    await bed.settle(2 * DIAL_LISTS_EVERY)
    assert bed.stored.results() == {STRAY: Tried.LOST}
    kept = bed.stored.contacts[contact(1).contact]
    assert (kept.state, kept.results) == (ContactState.AGAIN, (Tried.LOST,))
    assert kept.not_before > bed.at  # not at once
    bed.agent()
    await bed.settle(4_000.0)
    assert bed.last == f"{NAME}.0000001-2"


async def test_one_that_the_switch_shows_goes_on(bed: DialBed) -> None:
    bed.public.channels[STRAY] = number(1)
    for _ in range(20):
        await bed.settle(LONG / 20)
        bed.look()
    assert bed.stored.results() == {STRAY: None}
    bed.public.channels.clear()
    bed.look()
    await bed.settle(2 * DIAL_LISTS_EVERY)
    assert bed.stored.results() == {STRAY: Tried.LOST}


async def test_one_whose_citizen_is_on_the_line_goes_on(bed: DialBed) -> None:
    call = CallId("n1-b-1.1")
    arrived = {"line": "156", "caller": number(1)}
    bed.in_call.read((Fact(bed.at, Kind.CALL_ARRIVED, call, details=arrived),))
    await bed.settle(LONG)
    assert bed.stored.results() == {STRAY: None}
    bed.in_call.read((Fact(bed.at, Kind.CALL_ENDED, call),))
    await bed.settle(2 * DIAL_LISTS_EVERY)
    assert bed.stored.results() == {STRAY: Tried.LOST}


async def test_without_a_link_nobody_knows(bed: DialBed) -> None:
    bed.dialler.link_lost()
    await bed.settle(LONG)
    assert bed.stored.results() == {STRAY: None}


async def test_what_this_process_has_in_hand_is_no_stray(bed: DialBed) -> None:
    bed.stored.attempts.clear()
    bed.add(contact(1))
    bed.dialler.pages.begin_again(NAME)
    bed.agent()
    await bed.settle(11.0)
    bed.told(bed.last, "up")
    bed.answers(bed.last)
    for _ in range(20):
        await bed.settle(LONG / 20)
        bed.look()
    assert bed.stored.results()[bed.last] is None  # they talk
    bed.hangs_up(bed.last)
    await bed.settle(30.0)
    assert bed.stored.results()[bed.last] is Tried.ANSWERED
    assert bed.stored.contacts[contact(1).contact].ending is Ending.REACHED
