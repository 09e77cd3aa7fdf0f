"""Between the decision and the dial all may have changed: hours, lists, the calendar. What was
allowed when it was decided is asked again in the moment of dialling, and while it rings (R64)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from dial_bed import NAME, NOON, DialBed, campaign, contact, number

from acd.agents import State
from callflow.dialler import Dialler
from dialer.campaign import Mode
from dialer.contacts import ContactState
from dialer.hours import Holidays, Windows
from terms.limits import DIAL_LISTS_EVERY
from terms.names import AgentName, AttemptId
from terms.outcome import Tried

ANA = AgentName("ana")
NINE_TO_NINE = Windows((((9 * 60, 21 * 60),),) * 7)
CLOSES = datetime(2026, 11, 26, 0, 0, tzinfo=UTC).timestamp()  # 21 h in São Paulo
FIRST = AttemptId(f"{NAME}.0000001-1")


async def _bed(**changes: Any) -> DialBed:
    made = DialBed(campaigns=(campaign(**changes),))
    made.add(contact(1))
    return made


@pytest.fixture
async def progressive() -> AsyncIterator[DialBed]:
    made = await _bed()
    made.agent()
    yield made
    await made.dialler.leave()


async def test_nobody_is_rung_after_the_hours_for_a_store_that_was_slow() -> None:
    bed = await _bed(mode=Mode.AGENTLESS, queue="", windows=NINE_TO_NINE)
    bed.at = CLOSES - 1.0
    await bed.start()
    assert bed.last == FIRST  # up to the last second
    other = await _bed(mode=Mode.AGENTLESS, queue="", windows=NINE_TO_NINE)
    other.at = CLOSES - 1.0
    await other.dialler.start(NAME, "eva")
    other.stored.hangs.clear()
    await other.settle(0.5)
    assert other.dialler.dialling.attempts.live  # decided in time …
    await other.settle(3.0)
    other.stored.hangs.set()
    await other.settle()
    assert not other.public.ordered  # … and not dialled after it
    assert other.stored.results() == {FIRST: Tried.HELD}
    await bed.dialler.leave()
    await other.dialler.leave()


@pytest.mark.parametrize("kind", ["wish", "mark"])
async def test_a_wish_is_heard_while_the_agents_phone_rings(
    progressive: DialBed, kind: str
) -> None:
    bed = progressive
    await bed.start()
    assert bed.last == FIRST
    if kind == "wish":
        bed.stored.wishes.add(number(1))
    else:
        bed.stored.barred[number(1)] = "não pode falar"
    await bed.settle(DIAL_LISTS_EVERY + 1.0)
    assert bed.public.hung_up == [FIRST]
    bed.told(FIRST, "over")
    await bed.settle()
    assert bed.stored.results() == {FIRST: Tried.HELD}  # the citizen's phone has not rung
    assert bed.keeper.floor.agents[ANA].state is State.IDLE
    await bed.settle(120.0)
    assert len(bed.public.ordered) == 1


async def test_what_saves_lives_goes_on_whatever_was_wished() -> None:
    bed = await _bed(mode=Mode.AGENTLESS, queue="", life_safety="eva")
    await bed.start()
    bed.stored.wishes.add(number(1))
    await bed.settle(DIAL_LISTS_EVERY + 1.0)
    assert bed.public.hung_up == []
    await bed.dialler.leave()


async def test_a_talk_is_not_cut_by_a_wish(progressive: DialBed) -> None:
    bed = progressive
    await bed.start()
    bed.told(FIRST, "up")
    bed.answers(FIRST)
    bed.stored.wishes.add(number(1))
    await bed.settle(DIAL_LISTS_EVERY + 1.0)
    assert bed.public.hung_up == []


async def test_a_holiday_that_is_published_holds_within_a_second(progressive: DialBed) -> None:
    bed = progressive
    bed.stored.settings[NAME] = replace(
        bed.stored.settings[NAME], campaign=campaign(windows=NINE_TO_NINE)
    )
    bed.add(*(contact(n) for n in range(2, 6)))
    bed.at = NOON
    await bed.start()
    dialler: Dialler = bed.dialler
    dialler.holidays = lambda: Holidays({date(2026, 11, 25): "luto"})
    await bed.settle(1.0)
    bed.told(bed.last, "up")
    bed.told(bed.last, "citizen", "BUSY", "17")
    await bed.settle(5.0)
    assert len(bed.public.ordered) == 1
    assert {one.state for one in bed.stored.contacts.values()} <= {
        ContactState.PENDING,
        ContactState.AGAIN,
    }
