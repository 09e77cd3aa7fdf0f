"""The way out of a real Asterisk without control: its allow-list and caps, and that whatever goes
out or comes in on 156 leaves 199 and 153 their channels (R31, R32)."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from sipp_phones import AgentPhone, _agent, start_calls, start_sipp
from switchbed import ACTIONS_SECRET, EVENTS_SECRET, Bed, switch_bed

from pbx.ami_link import AmiLink
from pbx.switch_settings import SwitchSettings
from pbx.way_out import WayOutRefused, way_out
from terms.names import AgentName, OfferId
from terms.signals import CallOutTold, Signal

pytestmark = pytest.mark.switch

PORT, RTP = 21370, 42300
CAP_156, CHANNELS = 3, 2
EMERGENCIES = 20


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bed]:
    with switch_bed(
        tmp_path_factory.mktemp("out"),
        PORT,
        RTP,
        cap_156=CAP_156,
        out_trunk=f"127.0.0.1:{PORT + 20}",
        out_channels=CHANNELS,
        out_per_second=2,
        out_per_number=3,
    ) as running:
        yield running


class Caller:
    """Orders calls of a bed, and hears what became of them."""

    def __init__(self, link: AmiLink, heard: list[Signal]) -> None:
        self._link, self._heard, self._count = link, heard, 0

    async def call(self, agent: str, number: str, **more: str) -> str:
        """Order a call; its offer."""
        self._count += 1
        offer = f"1-{self._count}"
        order = {
            "C156_OFFER": offer,
            "C156_EPOCH": "1",
            "C156_AGENT": agent,
            "C156_RING": "3",
            "C156_SHOW": "retorno 156",
            "C156_OUT_NUMBER": number,
            "C156_OUT_RING": "5",
            "C156_OUT_LINE": "156",
            "C156_OUT_CALLER": number,
            **more,
        }
        await self._link.call_out(AgentName(agent), OfferId(offer), 8.0, order)
        return offer

    async def over(self, offer: str) -> CallOutTold:
        """The first word about it: that it is capped, or that the phone is not there."""
        deadline = time.monotonic() + 6.0
        while time.monotonic() < deadline:
            for one in self._heard:
                if isinstance(one, CallOutTold) and one.offer == offer:
                    return one
            await asyncio.sleep(0.02)
        raise AssertionError(f"nothing was told of {offer}: {self._heard}")

    async def told(self, offer: str, what: str) -> CallOutTold:
        """What the switch says of it; waits for this word."""
        deadline = time.monotonic() + 6.0
        while time.monotonic() < deadline:
            for one in self._heard:
                if isinstance(one, CallOutTold) and (one.offer, one.what) == (offer, what):
                    return one
            await asyncio.sleep(0.02)
        raise AssertionError(f"{what} was not told of {offer}: {self._heard}")

    async def hold(self, on: bool) -> None:
        """An emergency waits (R33)."""
        await self._link.set_global("C156_OUT_HELD", "1" if on else "")


@pytest.fixture
async def caller(bed: Bed) -> AsyncIterator[Caller]:
    heard: list[Signal] = []
    port = bed.settings.ami_port
    users: Any = (("c156-events", EVENTS_SECRET), ("c156-actions", ACTIONS_SECRET))
    link = AmiLink("127.0.0.1", port, *users, clock=time.time)
    running = asyncio.create_task(link.run(heard.append))
    while not link.up:
        await asyncio.sleep(0.02)
    await link.set_global("C156_EPOCH", "1")
    yield Caller(link, heard)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


@pytest.mark.parametrize(
    "number",
    ["0900123456", "190", "199", "08001234567", "5511987654321", "1187654321", "119876543210", ""],
)
async def test_numbers_that_are_never_dialled(caller: Caller, number: str) -> None:
    offer = await caller.call("ana", number)
    assert (await caller.told(offer, "capped")).result == "number"


async def test_held_while_an_emergency_waits_but_not_for_its_own(caller: Caller) -> None:
    await caller.hold(True)
    offer = await caller.call("ana", "11912345678")
    assert (await caller.told(offer, "capped")).result == "held"
    urgent = await caller.call("ana", "11912345678", C156_OUT_URGENT="1")
    assert (await caller.told(urgent, "agent")).result in ("CHANUNAVAIL", "CONGESTION")
    await caller.hold(False)


async def test_caps_by_number_and_second(bed: Bed, caller: Caller) -> None:
    urgent = {"C156_OUT_URGENT": "1"}
    for _ in range(4):  # nobody's phone is registered: no citizen is rung, and nothing is counted
        await caller.told(await caller.call("ana", "1133334444", **urgent), "agent")
        await asyncio.sleep(0.1)
    ana = AgentPhone(bed, "ana")
    await asyncio.to_thread(ana.register)
    busy = start_sipp(bed, _agent(0.0, 486, None), bed.settings.trunk_port, port=PORT + 20)
    with ana.listening(talk=None):
        for _ in range(3):
            offer = await caller.call("ana", "1133334444", **urgent)
            assert (await caller.told(offer, "citizen")).result == "BUSY"
            await asyncio.sleep(1.2)  # the channel that was the way to the phone is gone
        offer = await caller.call("ana", "1133334444", **urgent)
        assert (await caller.told(offer, "capped")).result == "often"
    busy.kill()
    await asyncio.to_thread(ana.register, 0)
    await asyncio.sleep(1.0 - time.time() % 1.0)
    offers = [await caller.call("ana", f"119123400{n:02d}") for n in range(6)]
    ends = await asyncio.gather(*(caller.over(offer) for offer in offers))
    # in two seconds at the most, of which each lets two go out
    assert {one.result for one in ends if one.what == "capped"} & {"second", "channels"}


async def test_twenty_emergencies_find_a_channel_when_all_else_is_full(
    bed: Bed, caller: Caller
) -> None:
    await asyncio.sleep(1.1)  # another second
    phones = [AgentPhone(bed, name) for name in ("ana", "bia", "caio")]
    for phone in phones:
        phone.register()
        phone.start_listening()
    scenario = _agent(0.1, 200, None)
    start_sipp(bed, scenario, bed.settings.trunk_port, "-rtp_echo", port=PORT + 20)
    going = [await caller.call(name, f"1191111000{n}") for n, name in enumerate(("ana", "bia"))]
    for offer in going:
        await caller.told(offer, "up")
    await asyncio.sleep(1.2)  # joined
    refused = await caller.call("caio", "11911110009")
    assert (await caller.told(refused, "capped")).result == "channels"
    citizens = start_calls(bed, "156", times=CAP_156, hang_up_after=30.0)
    await asyncio.sleep(0.5)
    full = start_calls(bed, "156", expect=503)
    assert [call.code for call in full.wait(10.0)] == [503]
    lines = [
        start_calls(bed, line, times=EMERGENCIES // 2, rate=20, hang_up_after=1.0)
        for line in ("199", "153")
    ]
    codes = [call.code for run in lines for call in run.wait(20.0)]
    assert codes == [200] * EMERGENCIES
    assert len(re.findall(r"C156-out", bed.ask("core show channels concise"))) >= CHANNELS
    citizens.kill()


def test_nothing_goes_out_without_a_trunk(tmp_path: Path) -> None:

    parts: Any = {
        "folder": tmp_path,
        "recordings_dir": tmp_path,
        "rescue_dir": tmp_path,
        **dict.fromkeys(("events_secret", "actions_secret", "test_mark", "proof_mark"), "segredo1"),
    }
    closed = way_out(SwitchSettings(**parts))
    assert (closed["OUT_CHANNELS"], closed["OUT_CHANNELS_URGENT"]) == (0, 0)
    for wrong in ("example", "a b:5060", "10.0.0.1:5060\ncontext=x"):
        with pytest.raises(WayOutRefused):
            way_out(SwitchSettings(**parts, out_trunk=wrong))
