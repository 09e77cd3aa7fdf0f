"""A progressive campaign over real SIP: an agent is reserved, the citizen is dialled, every result
is told apart and stored; callers who come in meanwhile go first (R63–R66)."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from call_back_bed import calling_centre
from calls_bed import ended, on_the_line, soon, stored
from campaign_bed import SHOWN, campaign, hands, number, telephones
from centre_bed import Centre, until

pytestmark = pytest.mark.switch

PORTS, RTP = 26000, 46000
RING = 10.0
DIGITS = (0, 6, 1, 7, 2, 8, 3, 9, 4, 5)
RESULTS = {6: "busy", 7: "no_answer", 8: "invalid", 9: "shut"}


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    with calling_centre(tmp_path_factory.mktemp("campaign"), PORTS, RTP) as running:
        yield running


def _facts(centre: Centre, call: str, kind: str) -> list[dict[str, Any]]:
    found = [one for one in centre.facts(call) if one["kind"] == kind]
    return [json.loads(one["details"]) for one in found]


async def test_a_progressive_campaign_beside_callers(centre: Centre) -> None:
    async with on_the_line(centre) as line, hands(line, "ana", "bia"):
        made = await asyncio.to_thread(campaign, centre, [number(last) for last in DIGITS])
        with telephones(centre) as city:
            await asyncio.to_thread(made.act, "start")
            await soon(lambda: len(made.attempts()) >= 4, 30, "the first calls")
            callers = [await line.queued("156", "9") for _ in range(2)]
            for caller in callers:
                await stored(centre, caller.caller, "answered", seconds=12)
            await asyncio.sleep(1.0)
            for caller in callers:
                await caller.line.hang_up()
            stories = [await ended(centre, caller.caller) for caller in callers]
            await soon(made.over, 90, "every contact tried")
            await asyncio.to_thread(made.act, "stop", because="fim do teste")
            dialled = city.dialled()
        contacts, attempts = made.contacts(), made.attempts()
        by_number = {row["number"]: row for row in attempts}
        for last, one in zip(DIGITS, made.numbers, strict=True):
            assert by_number[one]["result"] == RESULTS.get(last, "answered"), last
        assert all(SHOWN in call.invite.header("From") for call in dialled)
        reached = [row for row in attempts if row["result"] == "answered"]
        for row in reached:
            calls = centre.rows("SELECT * FROM calls WHERE call_id = ?", row["call_id"])
            assert [one["campaign"] for one in calls] == [made.name]
            assert calls[0]["entry"] == "campanha"
            assert calls[0]["outcome"] == "served"
            assert calls[0]["protocol"]
            assert calls[0]["agent"] == row["agent"]
            assert calls[0]["caller"] == row["number"]
            kinds = [one["kind"] for one in centre.facts(row["call_id"])]
            for kind in ("call_arrived", "protocol_given", "answered", "talk_ended", "call_ended"):
                assert kinds.count(kind) == 1, kinds
            await soon(lambda call=row["call_id"]: _facts(centre, call, "recorded"), 5, "recorded")
            assert contacts[row["number"]]["ending"] == "reached"
        assert contacts[made.numbers[DIGITS.index(8)]]["ending"] == "wrong_number"
        assert contacts[made.numbers[DIGITS.index(6)]]["state"] == "again"
        for story in stories:
            assert story.call["outcome"] == "served"
            assert story.call["wait_seconds"] < RING + 4


async def _reborn(centre: Centre, control: int) -> None:
    """The killed control's successor serves."""
    back = lambda: centre.is_ready() and centre.control_pid() != control  # noqa: E731
    await asyncio.to_thread(until, back, 20, "control")


async def test_control_dies_with_one_talking_and_one_ringing(centre: Centre) -> None:
    """Both go on by themselves, each ends once with its own result, nobody is rung again, and the
    campaign goes on."""
    async with on_the_line(centre) as line, hands(line, "ana", "bia"):
        numbers = [number(last) for last in (0, 7, 1)]
        made = await asyncio.to_thread(campaign, centre, numbers)
        with telephones(centre, talk=7.0) as city:
            await asyncio.to_thread(made.act, "start")
            await soon(lambda: len(city.dialled()) == 2, 10, "one rings, one talks")
            await soon(lambda: centre.calls_of(numbers[0]), 5, "the talk")
            control = centre.control_pid()
            os.kill(control, signal.SIGKILL)
            await _reborn(centre, control)
            await soon(made.over, 90, "every contact tried")
            await asyncio.to_thread(made.act, "stop", because="fim do teste")
            dialled = [call.invite.text.split("@")[0] for call in city.dialled()]
        assert len(dialled) == len(set(dialled)) == len(numbers)
        results = {row["number"]: row["result"] for row in made.attempts()}
        expected = ["answered", "no_answer", "answered"]
        assert [results[one] for one in numbers] == expected
        (call,) = centre.calls_of(numbers[0])
        assert call["protocol"]
        assert call["outcome"] == "served"
        assert call["talk_seconds"] > 5.0
