"""Two ways out of a real Asterisk, without control: each call by its trunk's carrier, the caps that
are the trunk's own, and a reload that touches no call."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from sipp_phones import SippRun, _agent, start_sipp
from switchbed import ACTIONS_SECRET, EVENTS_SECRET, Bed, switch_bed

from pbx.ami_link import AmiLink
from pbx.configuration import write_trunks
from pbx.out_trunks import OutTrunk
from terms.names import AttemptId
from terms.signals import CallOutTold, Signal

pytestmark = pytest.mark.switch

PORT, RTP = 24500, 42700
FIRST = OutTrunk("principal", f"127.0.0.1:{PORT + 20}", "", channels=40, per_second=2)
SECOND = OutTrunk("reserva", f"127.0.0.1:{PORT + 30}", "021", 2, 40, allowed=("11", "219"))
THIRD = OutTrunk("terceira", f"127.0.0.1:{PORT + 40}", "", 5, 5)


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bed]:
    with switch_bed(
        tmp_path_factory.mktemp("trunks"),
        PORT,
        RTP,
        trunks=(FIRST, SECOND),
        out_channels=100,
        out_per_second=100,
        out_per_number=100,
    ) as running:
        yield running


@dataclass
class Caller:
    """Orders calls of a bed, and hears what became of them."""

    link: AmiLink
    heard: list[Signal] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=itertools.count)

    async def call(self, trunk: str, number: str = "", **more: str) -> AttemptId:
        """Order a call by a trunk; the attempt."""
        one = next(self.numbers)
        attempt = AttemptId(f"{time.time_ns()}-{one}")
        order = {
            "C156_ATTEMPT": attempt,
            "C156_CAMPAIGN": "teste",
            "C156_OUT_TRUNK": trunk,
            "C156_OUT_KIND": "preditivo",
            "C156_OUT_NUMBER": number or f"1191234{one:04d}",
            "C156_OUT_RING": "5",
            "C156_OUT_LINE": "156",
            "C156_OUT_CALLER": "anonymous",
            **more,
        }
        await self.link.call_alone(attempt, 8.0, order)
        return attempt

    async def told(self, attempt: AttemptId) -> CallOutTold:
        """The first word about it: answered, or why it was not dialled."""
        deadline = time.monotonic() + 6.0
        while time.monotonic() < deadline:
            for one in self.heard:
                if isinstance(one, CallOutTold) and one.attempt == attempt:
                    return one
            await asyncio.sleep(0.02)
        raise AssertionError(f"nothing was told of {attempt}: {self.heard}")


@pytest.fixture
async def caller(bed: Bed) -> AsyncIterator[Caller]:
    users: Any = (("c156-events", EVENTS_SECRET), ("c156-actions", ACTIONS_SECRET))
    link = AmiLink("127.0.0.1", bed.settings.ami_port, *users, clock=time.time)
    found = Caller(link)
    running = asyncio.create_task(link.run(found.heard.append))
    while not link.up:
        await asyncio.sleep(0.02)
    yield found
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    bed.ask("channel request hangup all")
    await asyncio.to_thread(bed.wait_until_quiet)
    bed.end_phones()


def carrier(bed: Bed, trunk: OutTrunk) -> SippRun:
    """The trunk's carrier: a public network in which everybody answers at once."""
    port = int(trunk.address.rpartition(":")[2])
    run = start_sipp(bed, _agent(0.05, 200, None), bed.settings.trunk_port, "-rtp_echo", port=port)
    time.sleep(0.1)
    assert run.process.poll() is None, run.errors.read_text()
    return run


def dialled(run: SippRun) -> list[str]:
    """What the carrier was asked for: the users of the INVITEs' addresses."""
    return [call.invite.text.split("@")[0].removeprefix("INVITE sip:") for call in run.calls()]


async def test_each_call_goes_by_its_own_trunk_and_to_what_that_may_dial(
    bed: Bed, caller: Caller
) -> None:
    first, second = carrier(bed, FIRST), carrier(bed, SECOND)
    ways = (("", "1131110000"), ("reserva", "11911110001"), ("principal", "21911110002"))
    for trunk, number in ways:
        assert (await caller.told(await caller.call(trunk, number))).what == "answered"
    assert dialled(first) == ["1131110000", "21911110002"]
    assert dialled(second) == ["02111911110001"]
    assert (await caller.link.calls_by("principal"), await caller.link.calls_by("reserva")) == (
        *(2, 1),
    )
    for trunk, number, why in (
        ("reserva", "2131110000", "prefix"),
        ("reserva", "85911110000", "prefix"),
        ("ninguem", "11911110003", "trunk"),
        ("principa", "11911110004", "trunk"),
        ("way-reserva", "11911110005", "trunk"),
    ):
        told = await caller.told(await caller.call(trunk, number))
        assert (told.what, told.result) == ("capped", why), trunk
    assert (await caller.told(await caller.call("reserva", "21911110006"))).what == "answered"
    assert len(dialled(first) + dialled(second)) == 4


async def test_a_trunks_channels(bed: Bed, caller: Caller) -> None:
    second = carrier(bed, SECOND)
    for _ in range(SECOND.channels):
        assert (await caller.told(await caller.call("reserva"))).what == "answered"
    refused = await caller.told(await caller.call("reserva"))
    assert (refused.what, refused.result) == ("capped", "trunk_channels")
    assert await caller.link.calls_by("reserva") == SECOND.channels
    # a call-back of an emergency goes beyond, here as everywhere (R34)
    urgent = await caller.told(await caller.call("reserva", C156_OUT_URGENT="1"))
    assert (urgent.what, len(dialled(second))) == ("answered", 3)
    bed.ask("channel request hangup all")
    await asyncio.to_thread(bed.wait_until_quiet)
    assert (await caller.told(await caller.call("reserva"))).what == "answered"


async def test_a_trunks_calls_a_second(bed: Bed, caller: Caller) -> None:
    first = carrier(bed, FIRST)
    began = time.time()
    told = [caller.told(await caller.call("principal")) for _ in range(12)]
    ends = await asyncio.gather(*told)
    seconds = int(time.time()) - int(began) + 1
    out = [one for one in ends if one.what == "answered"]
    assert {one.result for one in ends if one.what != "answered"} == {"trunk_second"}
    assert 2 <= len(out) <= FIRST.per_second * seconds
    assert len(dialled(first)) == len(out)


async def test_a_reload_adds_and_takes_away_trunks_and_touches_no_call(
    bed: Bed, caller: Caller
) -> None:
    await asyncio.sleep(1.1)  # another second
    first, second = carrier(bed, FIRST), carrier(bed, SECOND)
    assert (await caller.told(await caller.call("principal"))).what == "answered"
    assert (await caller.told(await caller.call("reserva"))).what == "answered"
    assert (await caller.told(await caller.call("terceira"))).result == "trunk"
    before = bed.settings
    try:
        changed = replace(before, trunks=(FIRST, THIRD))
        assert await asyncio.to_thread(write_trunks, changed)
        for module in ("res_pjsip.so", "pbx_config.so"):
            await asyncio.to_thread(bed.switch.reload, module)
        third = carrier(bed, THIRD)
        assert (await caller.told(await caller.call("terceira"))).what == "answered"
        assert (await caller.told(await caller.call("reserva"))).result == "trunk"
        assert len(dialled(third)) == 1
        await asyncio.sleep(0.5)
        for run in (first, second):  # the calls that went on are still there, heard and hearing
            assert [call.bye for call in run.calls()] == [None]
        counts = [await caller.link.calls_by(name) for name in ("principal", "reserva", "terceira")]
        assert counts == [1, 1, 1]
        assert not await asyncio.to_thread(write_trunks, changed)  # nothing is new
    finally:
        await asyncio.to_thread(write_trunks, before)
        for module in ("res_pjsip.so", "pbx_config.so"):
            await asyncio.to_thread(bed.switch.reload, module)
    assert "ERROR" not in bed.log(), bed.log()
