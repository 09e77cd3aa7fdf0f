"""The link as a whole, against an Asterisk with memory that can be cut, silenced and lied with."""

from __future__ import annotations

import asyncio
import time
import tracemalloc
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvloop
from fake_ami import NOW, FakeAmi, Listener, citizen, frame, link_to

from pbx import ami_link, ami_session, ami_wire
from pbx.ami_wire import ActionRefused, LinkDown
from terms.limits import AMI_BACKLOG_EVENTS
from terms.names import AgentName, CallId
from terms.signals import (
    CallEnded,
    Phone,
    PhoneChanged,
    SeenCall,
    Signal,
    SwitchLost,
    SwitchSeen,
)

ANA, BIA = AgentName("ana"), AgentName("bia")
CALL = "n1-boot1-1795000000.10"
PLACE = "protocol=123456786;joined=1790000000.5"


@pytest.fixture
async def fake() -> AsyncIterator[FakeAmi]:
    async with FakeAmi() as fake:
        fake.devices = {"PJSIP/ana": "NOT_INUSE", "PJSIP/bia": "UNAVAILABLE", "Queue:x": "INUSE"}
        fake.channels = {
            "1": citizen(CALL, "waiting", place=PLACE),
            "2": {"Channel": "PJSIP/ana-1", "Uniqueid": "n1-boot1-1795000001.11", "Linkedid": CALL},
        }
        yield fake


@pytest.fixture
async def heard(fake: FakeAmi) -> AsyncIterator[Listener]:
    async with Listener(link_to(fake.port)) as listener:
        yield await listener.up()


def calls(signals: list[Signal]) -> list[str]:
    return [each.call for each in signals if isinstance(each, CallEnded)]


async def test_the_first_word_is_a_whole_look(heard: Listener) -> None:
    born = 1795000000.0
    seen = SeenCall(CallId(CALL), "156", "waiting", PLACE, "PJSIP/C156-trunk-10", born)
    phones = {ANA: Phone.IDLE, BIA: Phone.GONE}
    assert heard.heard == [SwitchSeen(NOW + 1, "n1-boot1", (seen,), phones, True)]
    assert heard.link.up
    assert heard.link.reconnects == 0
    assert heard.link.backlog == 0
    assert await heard.link.look() == heard.heard[0]


async def test_a_channels_age_stands_in_for_an_id_without_an_instant(fake: FakeAmi) -> None:
    fake.channels = {"1": citizen("odd", "waiting")}
    async with Listener(link_to(fake.port)) as heard:
        seen = await heard.until(SwitchSeen)
    assert isinstance(seen, SwitchSeen)
    assert seen.calls[0].since == NOW + 1 - 7


@pytest.mark.parametrize("lie", ["count", "doubled"])
async def test_a_list_that_is_not_whole_says_so(fake: FakeAmi, lie: str) -> None:
    if lie == "count":
        fake.forget_items = 1
    else:
        fake.channels["3"] = {**citizen(CALL, "x"), "Uniqueid": ["a", "b"]}
    async with Listener(link_to(fake.port)) as heard:
        seen = await heard.until(SwitchSeen)
    assert isinstance(seen, SwitchSeen)
    assert not seen.complete
    assert len(seen.calls) == 1


async def test_the_contingency_queues(fake: FakeAmi, heard: Listener) -> None:
    link = heard.link
    await link.contingency_add("c156-156", ANA)
    await link.contingency_add("c156-156", ANA)
    await link.contingency_add("c156-199", ANA)
    fake.queued["c156-156", "PJSIP/somebody-elses"] = False
    await link.contingency_pause(ANA, True, "almoço")
    await link.contingency_pause(BIA, True, "almoço")
    assert await link.contingency_list() == {("c156-156", ANA): True, ("c156-199", ANA): True}
    await link.contingency_pause(ANA, False, "")
    await link.contingency_remove("c156-199", ANA)
    await link.contingency_remove("c156-199", ANA)
    assert await link.contingency_list() == {("c156-156", ANA): False}
    added = fake.told("QueueAdd")[0]
    assert added["Interface"] == "Local/ana@c156-static-agent/n"
    assert added["StateInterface"] == "PJSIP/ana"
    assert added["MemberName"] == "ana"


async def test_what_is_gone_already_is_as_good_as_done(heard: Listener) -> None:
    await heard.link.hang_up("PJSIP/C156-trunk-10")
    await heard.link.hang_up("PJSIP/gone-1")
    await heard.link.stop_playback("PJSIP/gone-1")
    assert heard.link._orders is not None
    with pytest.raises(ActionRefused):
        await heard.link._orders.ask("Nonsense")


async def test_without_a_link_orders_fail_at_once() -> None:
    link = link_to(1)
    for order in (link.set_global("X", "1"), link.hang_up("a"), link.look()):
        with pytest.raises(LinkDown):
            await asyncio.wait_for(order, 0.1)


async def test_lost_and_back(fake: FakeAmi, heard: Listener) -> None:
    fake.event("Hangup", citizen(CALL, "waiting"))
    fake.reset()
    await heard.until(SwitchLost)
    fake.boot, fake.channels = "n1-boot2", {}
    began = time.monotonic()
    seen = await heard.until(SwitchSeen, 2)
    assert time.monotonic() - began < 1.0
    assert isinstance(seen, SwitchSeen)
    assert (seen.boot, seen.calls) == ("n1-boot2", ())
    kinds = [type(each) for each in heard.heard]
    assert kinds in (
        [SwitchSeen, CallEnded, SwitchLost, SwitchSeen],
        [SwitchSeen, SwitchLost, SwitchSeen],  # the reset overtook the event
    )
    assert heard.link.reconnects == 1


async def test_down_for_a_while_is_one_loss(fake: FakeAmi, heard: Listener) -> None:
    await fake.stop()
    await heard.until(SwitchLost)
    assert not heard.link.up
    await asyncio.sleep(1.5)
    await fake.start()
    began = time.monotonic()
    await heard.until(SwitchSeen, 2)
    assert time.monotonic() - began < 1.5
    assert len(heard.of(SwitchLost)) == 1


async def test_a_switch_that_still_starts_is_waited_for(fake: FakeAmi) -> None:
    fake.booted = False
    async with Listener(link_to(fake.port)) as heard:
        await asyncio.sleep(0.3)
        assert not heard.heard
        fake.event("FullyBooted")
        await heard.until(SwitchSeen)
        assert fake.connections == 2


async def test_a_shutdown_is_believed(fake: FakeAmi, heard: Listener) -> None:
    fake.event("Shutdown", {"Shutdown": "Cleanly"})
    lost = await heard.until(SwitchLost)
    assert isinstance(lost, SwitchLost)
    assert lost.why == "the switch is shutting down"


async def test_a_peer_that_never_greets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ami_session, "AMI_CONNECT_TIMEOUT", 0.2)
    tries: list[int] = []

    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tries.append(1)
        await reader.read()
        writer.close()

    server = await asyncio.start_server(mute, "127.0.0.1", 0)
    async with server, Listener(link_to(server.sockets[0].getsockname()[1])) as heard:
        await asyncio.sleep(1.0)
        assert 2 <= len(tries) <= 4
        assert not heard.heard


@pytest.mark.parametrize(
    "forged", [b"Channel: x\r\nUniqueid: y\r\n\r\n", frame({"Event": "Newchannel", "Channel": "x"})]
)
async def test_tampering_is_an_alarm_and_a_look(
    fake: FakeAmi, heard: Listener, forged: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(50):
        fake.raw(forged)
    fake.event("Hangup", citizen(CALL, "waiting"))
    await heard.until(SwitchSeen, 2)
    await heard.until(CallEnded)
    assert heard.link.up
    assert fake.connections == 2
    assert len([each for each in caplog.records if each.levelname == "CRITICAL"]) == 1


async def test_a_look_is_taken_now_and_then(fake: FakeAmi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ami_link, "RECONCILE_EVERY", 0.1)
    async with Listener(link_to(fake.port)) as heard:
        await heard.until(SwitchSeen, 3)
        assert len(heard.of(SwitchLost)) == 0


async def test_a_look_that_fails_is_tried_again(
    fake: FakeAmi, heard: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ami_session, "AMI_ACTION_TIMEOUT", 0.2)
    monkeypatch.setattr(ami_link, "AMI_LOOK_RETRY", 0.1)
    fake.mute = {"CoreShowChannels"}
    heard.link._backlog.ask_look()
    await asyncio.sleep(0.3)
    fake.mute = set()
    await heard.until(SwitchSeen, 2)
    assert not heard.of(SwitchLost)


async def test_no_event_that_is_newer_than_a_look_is_heard_before_it(
    fake: FakeAmi, heard: Listener
) -> None:
    """A look that was answered late must not undo what was heard meanwhile."""
    fake.mute = {"DeviceStateList"}
    heard.link._backlog.ask_look()
    await asyncio.sleep(0.05)
    asked = next(each for each in reversed(fake.received) if each["Action"] == "DeviceStateList")
    name = {"ActionID": asked["ActionID"]}
    late = frame({"Response": "Success", "EventList": "start", **name})
    end = {"Event": "DeviceStateListComplete", "EventList": "Complete", "ListItems": "0"}
    fake.phone("ana", "INUSE")
    fake.event("Hangup", citizen(CALL, "waiting"))
    await asyncio.sleep(0.05)
    assert len(heard.heard) == 1
    for writer, hears in fake._writers.items():
        if not hears:
            writer.write(late + frame({**end, **name}))
    await heard.until(CallEnded)
    assert [type(each) for each in heard.heard[1:]] == [SwitchSeen, PhoneChanged, CallEnded]


async def test_what_a_look_knew_is_not_told_after_it(fake: FakeAmi, heard: Listener) -> None:
    """Phones' states that came before the question are in the answer, or were overtaken by it."""
    backlog = heard.link._backlog
    backlog.ask_look()
    for state in ("RINGING", "INUSE", "NOT_INUSE"):
        backlog.put_nowait(
            frame({"Event": "DeviceStateChange", "Device": "PJSIP/ana", "State": state})
        )
    backlog.put_nowait(frame({"Event": "Hangup", **citizen(CALL, "waiting")}))
    await heard.until(CallEnded)
    assert [type(each) for each in heard.heard[1:]] == [SwitchSeen, CallEnded]


async def test_a_flood_is_heard_in_order_and_leaves_nothing_behind(
    fake: FakeAmi, heard: Listener
) -> None:
    many = 20_000
    lags: list[float] = []
    measuring = asyncio.create_task(_worst_lag(lags))
    flood = b"".join(
        frame({"Event": "Hangup", "Timestamp": "1.0", **citizen(f"n1-{number}.1", "waiting")})
        for number in range(many)
    )
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    fake.raw(flood)
    await heard.until(CallEnded, many, seconds=30)
    assert calls(heard.heard) == [f"n1-{number}.1" for number in range(many)]
    heard.heard.clear()
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert heard.link.backlog == 0
    assert heard.link.dropped == 0
    assert after - before < 2_000_000
    assert not heard.of(SwitchLost)
    measuring.cancel()
    assert max(lags) < 0.5, "others got no turn"


async def _worst_lag(lags: list[float]) -> None:
    while True:
        began = time.monotonic()
        await asyncio.sleep(0.01)
        lags.append(time.monotonic() - began - 0.01)


async def test_who_hears_slowly_gets_a_look_instead(
    fake: FakeAmi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The loop stands still in who hears; what came meanwhile overflows the backlog."""
    assert AMI_BACKLOG_EVENTS >= 100_000
    monkeypatch.setattr(ami_wire, "AMI_BACKLOG_EVENTS", 500)
    link = link_to(fake.port)
    listener = Listener(link)
    remember = listener.hear

    def stalls_once(signal: Signal) -> None:
        remember(signal)
        if isinstance(signal, CallEnded) and len(listener.of(CallEnded)) == 1:
            time.sleep(0.3)

    listener.hear = stalls_once  # type: ignore[method-assign]
    async with listener:
        await listener.up()
        for number in range(5_000):
            fake.event("Hangup", citizen(f"n1-{number}.1", "waiting"))
        await listener.until(SwitchSeen, 2, seconds=10)
        await asyncio.sleep(0.2)
        fake.event("Hangup", citizen("n1-last.1", "waiting"))
        async with asyncio.timeout(5):
            while "n1-last.1" not in calls(listener.heard):
                await asyncio.sleep(0.01)
        assert link.dropped > 0
        assert link.backlog == 0
        assert not listener.of(SwitchLost)


async def test_a_process_that_was_asleep_does_not_blame_the_switch(
    fake: FakeAmi, heard: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ami_session, "AMI_PING_EVERY", 0.5)
    await asyncio.sleep(0.6)
    time.sleep(2.5)  # noqa: ASYNC251  (the whole process, as after SIGSTOP)
    await asyncio.sleep(1.0)
    assert not heard.of(SwitchLost)


async def test_a_switch_that_does_not_read(fake: FakeAmi, heard: Listener) -> None:
    session = heard.link._orders
    assert session is not None
    transport: Any = session._transport
    transport.pause_reading()

    def never() -> int:
        return 10_000_000

    session._transport = type("Full", (), {})()  # type: ignore[assignment]
    full: Any = session._transport
    full.get_write_buffer_size, full.abort = never, transport.abort
    with pytest.raises(LinkDown):
        await heard.link.set_global("X", "1")
    await heard.until(SwitchSeen, 2)


async def test_too_many_orders(heard: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ami_session, "AMI_ORDERS", 5)
    orders = [heard.link.set_global("X", str(number)) for number in range(10)]
    results = await asyncio.gather(*orders, return_exceptions=True)
    assert [isinstance(each, LinkDown) for each in results] == [False] * 5 + [True] * 5


def test_under_the_event_loop_that_we_run_with() -> None:
    async def lost_and_back() -> list[type]:
        async with FakeAmi() as fake, Listener(link_to(fake.port)) as heard:
            await heard.up()
            await heard.link.set_global("C156_EPOCH", "7")
            assert fake.globals == {"C156_EPOCH": "7"}
            fake.raw(b"Event: " + b"x" * 1_000_000)
            await heard.until(SwitchSeen, 2)
            fake.event("Hangup", citizen(CALL, "waiting"))
            await heard.until(CallEnded)
            await fake.stop()
            await heard.until(SwitchLost, 2)
            with pytest.raises(LinkDown):
                await heard.link.look()
            await asyncio.sleep(0.5)
            await fake.start()
            await heard.until(SwitchSeen, 3)
            return [type(each) for each in heard.heard]

    told = uvloop.run(lost_and_back())
    assert told == [SwitchSeen, SwitchLost, SwitchSeen, CallEnded, SwitchLost, SwitchSeen]
