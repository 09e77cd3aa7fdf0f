"""The link to the real Asterisk: what a look shows, orders, phones, and a citizen's call."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from functools import partial

import pytest
from fake_ami import Listener
from scripted_control import Step, scripted_control
from sipp_phones import AgentPhone, sipp_call, start_calls
from switchbed import ACTIONS_SECRET, EVENTS_SECRET, LOOPBACK, Bed, switch_bed

from pbx.ami_link import AmiLink
from pbx.ami_wire import ActionRefused, LinkDown
from terms.names import AgentName
from terms.signals import (
    AgentAnswered,
    AgentRinging,
    CallEnded,
    Phone,
    PhoneChanged,
    PhoneCode,
    SwitchLost,
    SwitchSeen,
)

pytestmark = pytest.mark.switch

ANA, BIA, CAIO = AgentName("ana"), AgentName("bia"), AgentName("caio")
EPOCH = "7"


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bed]:
    folder = tmp_path_factory.mktemp("ami")
    with switch_bed(folder, 16200, 16210, rtp_last=16290, ring_seconds=5.0) as bed:
        yield bed


@pytest.fixture
async def heard(bed: Bed) -> AsyncIterator[Listener]:
    async with Listener(link_to_bed(bed)) as listener:
        yield await listener.up()


def link_to_bed(bed: Bed) -> AmiLink:
    users = (("c156-events", EVENTS_SECRET), ("c156-actions", ACTIONS_SECRET))
    return AmiLink(LOOPBACK, bed.settings.ami_port, *users, time.time)


async def phone_is(heard: Listener, agent: AgentName, phone: Phone) -> None:
    """Wait until the last word about this agent's phone is that."""
    async with asyncio.timeout(5):
        while True:
            said = [s for s in heard.of(PhoneChanged) if isinstance(s, PhoneChanged)]
            if [s.phone for s in said if s.agent == agent][-1:] == [phone]:
                return
            await asyncio.sleep(0.02)


def dials_ana_once(step: Step) -> dict[str, str]:
    if step.told["stage"].startswith("offered"):
        return {"C156_STAGE": "after", "C156_DO": "end"}
    offer = {"C156_STAGE": "offered:7-1:ana", "C156_PLACE": "queue=q;joined=1.5"}
    return {**offer, "C156_AGENT": "ana", "C156_EPOCH": EPOCH, "C156_SHOW": "x", "C156_DO": "dial"}


async def test_a_look_tells_the_start_and_the_phones(bed: Bed, heard: Listener) -> None:
    seen = heard.heard[0]
    assert isinstance(seen, SwitchSeen)
    assert f"System name: {seen.boot}" in " ".join(bed.ask("core show settings").split())
    assert seen.boot.startswith("n1-")
    assert seen.calls == ()
    assert seen.complete
    assert seen.phones[CAIO] is Phone.GONE


async def test_a_global_is_set(bed: Bed, heard: Listener) -> None:
    await heard.link.set_global("C156_EPOCH", "41")
    assert "C156_EPOCH=41" in await asyncio.to_thread(bed.ask, "dialplan show globals")


async def test_the_contingency_queues(heard: Listener) -> None:
    link = heard.link
    for queue in ("c156-156", "c156-199"):
        await link.contingency_add(queue, BIA)
    await link.contingency_add("c156-156", BIA)
    await link.contingency_add("c156-153", CAIO)
    await link.contingency_pause(BIA, True, "almoço")
    await link.contingency_pause(ANA, True, "in no queue at all")
    assert await link.contingency_list() == {
        ("c156-156", BIA): True,
        ("c156-199", BIA): True,
        ("c156-153", CAIO): False,
    }
    assert await link.contingency_reasons() == {BIA: "almoço"}
    await link.contingency_pause(BIA, False, "")
    await link.contingency_remove("c156-199", BIA)
    await link.contingency_remove("c156-199", BIA)
    await link.contingency_remove("c156-153", CAIO)
    assert await link.contingency_list() == {("c156-156", BIA): False}
    await link.contingency_remove("c156-156", BIA)
    with pytest.raises(ActionRefused):
        await link.contingency_add("c156-000", BIA)
    await link.hang_up("PJSIP/gone-00000001")
    await link.stop_playback("PJSIP/gone-00000001")


async def test_the_users_may_do_no_more_than_they_must(heard: Listener) -> None:
    """A call may be ordered (R26), but no order takes the machine or the configuration."""
    orders = heard.link._orders
    assert orders is not None
    machine = {"Channel": "Local/1@x", "Application": "System", "Data": "id"}
    for action, headers, said in (
        ("Originate", machine, "Access Forbidden"),
        ("Command", {"Command": "core show version"}, "Permission denied"),
        ("GetConfig", {"Filename": "manager.conf"}, "Permission denied"),
        ("UpdateConfig", {"SrcFilename": "manager.conf"}, "Permission denied"),
        ("ModuleLoad", {"LoadType": "reload"}, "Permission denied"),
        ("Reload", {}, "Permission denied"),
    ):
        with pytest.raises(ActionRefused, match=said):
            await orders.ask(action, headers)


async def test_a_phone_comes_goes_and_dials_a_code(bed: Bed, heard: Listener) -> None:
    phone = AgentPhone(bed, "bia")
    await asyncio.to_thread(phone.register)
    await phone_is(heard, BIA, Phone.IDLE)
    assert (await heard.link.look()).phones[BIA] is Phone.IDLE
    began = time.time()
    await asyncio.to_thread(phone.dial, "*134")
    code = await heard.until(PhoneCode)
    assert isinstance(code, PhoneCode)
    assert (code.agent, code.code, code.reason) == (BIA, "pause", "4")
    assert code.channel.startswith("PJSIP/bia-")
    assert began - 1 < code.at < time.time() + 1
    await phone_is(heard, BIA, Phone.IDLE)
    states = [s.phone for s in heard.of(PhoneChanged) if isinstance(s, PhoneChanged)]
    assert Phone.BUSY in states
    await asyncio.to_thread(phone.register, 0)
    await phone_is(heard, BIA, Phone.GONE)
    assert (await heard.link.look()).phones[BIA] is Phone.GONE


async def test_a_call_from_the_offer_to_its_end(bed: Bed, heard: Listener) -> None:
    await heard.link.set_global("C156_EPOCH", EPOCH)
    phone = AgentPhone(bed, "ana")
    await asyncio.to_thread(phone.register)
    port = bed.settings.agi_port
    with scripted_control(port, dials_ana_once), phone.listening(ring=0.3, talk=1.0):
        calling = asyncio.create_task(asyncio.to_thread(sipp_call, bed, "199"))
        ringing = await heard.until(AgentRinging)
        await phone_is(heard, ANA, Phone.BUSY)
        seen = await heard.link.look()
        answered = await heard.until(AgentAnswered)
        assert (await heard.link.look()).phones[ANA] is Phone.BUSY
        ended = await heard.until(CallEnded)
        await calling
    assert isinstance(ringing, AgentRinging)
    assert isinstance(answered, AgentAnswered)
    assert isinstance(ended, CallEnded)
    assert (ringing.offer, ringing.agent) == ("7-1", ANA)
    assert ringing.leg.startswith("PJSIP/ana-")
    call = ringing.call
    assert (answered.call, answered.offer, answered.agent) == (call, "7-1", ANA)
    assert (ended.call, ended.stage, ended.dial_result) == (call, "after", "")
    assert ringing.at < answered.at < ended.at
    assert 0.8 < ended.at - answered.at < 3
    (shown,) = seen.calls
    assert (shown.call, shown.line) == (call, "199")
    assert (shown.stage, shown.place) == ("offered:7-1:ana", "queue=q;joined=1.5")
    assert 0 <= ringing.at - shown.since < 3
    assert shown.channel.startswith("PJSIP/C156-trunk-")
    assert seen.phones[ANA] is Phone.RINGING
    assert len(heard.of(CallEnded)) == len(heard.of(AgentRinging)) == 1
    states = [s.phone for s in heard.of(PhoneChanged) if isinstance(s, PhoneChanged)]
    assert states == [Phone.IDLE, Phone.BUSY, Phone.IDLE]


async def test_an_offer_is_taken_back_by_hanging_up_its_leg(bed: Bed, heard: Listener) -> None:
    await heard.link.set_global("C156_EPOCH", EPOCH)
    phone = AgentPhone(bed, "ana")
    await asyncio.to_thread(phone.register)
    with scripted_control(bed.settings.agi_port, dials_ana_once) as control:
        with phone.listening(ring=10.0):
            run = start_calls(bed, "199")
            ringing = await heard.until(AgentRinging)
            assert isinstance(ringing, AgentRinging)
            await heard.link.hang_up(ringing.leg)
            ended = await heard.until(CallEnded)
            await asyncio.to_thread(partial(run.wait, 10.0))
        assert control.steps[-1]["dialstatus"] not in ("", "ANSWER")
    assert isinstance(ended, CallEnded)
    assert not heard.of(AgentAnswered)


async def test_the_switch_is_killed_and_comes_back(bed: Bed, heard: Listener) -> None:
    first = heard.heard[0]
    assert isinstance(first, SwitchSeen)
    pending = asyncio.create_task(heard.link.look())
    await asyncio.to_thread(bed.switch.kill)
    await asyncio.gather(pending, return_exceptions=True)
    await heard.until(SwitchLost)
    with pytest.raises(LinkDown):
        await heard.link.look()
    await asyncio.to_thread(bed.switch.start)
    began = time.monotonic()
    again = await heard.until(SwitchSeen, 2)
    assert time.monotonic() - began < 2.0
    assert isinstance(again, SwitchSeen)
    assert again.boot != first.boot
    assert heard.link.reconnects == 1
