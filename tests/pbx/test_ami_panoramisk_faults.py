"""Each known fault of bare panoramisk 1.4, shown, and beside it our link that has it not."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
from fake_ami import ACTIONS, EVENTS, FakeAmi, Listener, citizen, frame, link_to
from panoramisk.actions import Action
from panoramisk.manager import Manager
from panoramisk.message import Message

from pbx import ami_session
from pbx.ami_wire import ActionLate, ActionRefused, LinkDown, Order, ValueRefused
from pbx.ami_wire import Frame as OurFrame
from terms.names import AgentName
from terms.signals import CallEnded, PhoneCode, SwitchLost, SwitchSeen

ANA = AgentName("ana")
QUIET = logging.getLogger("panoramisk.of.the.tests")
QUIET.setLevel(logging.CRITICAL)


@pytest.fixture
async def fake() -> AsyncIterator[FakeAmi]:
    async with FakeAmi() as fake:
        yield fake


@contextlib.asynccontextmanager
async def bare(fake: FakeAmi, **config: Any) -> AsyncIterator[Manager]:
    """Panoramisk as its documentation says to use it, logged in."""
    settings = {
        "host": "127.0.0.1",
        "port": fake.port,
        "reconnect_timeout": 0,
        "log": QUIET,
        **config,
    }
    found = Manager(**{"username": EVENTS[0], "secret": EVENTS[1], **settings})
    await found.connect()
    for _ in range(100):
        if found.authenticated:
            break
        await asyncio.sleep(0.01)
    try:
        yield found
    finally:
        found.connect = lambda: None  # it would go on connecting for ever
        found.close()


@contextlib.asynccontextmanager
async def ours(fake: FakeAmi) -> AsyncIterator[Listener]:
    """Our link, up."""
    async with Listener(link_to(fake.port)) as heard:
        yield await heard.up()


async def test_a_letter_split_over_two_reads(fake: FakeAmi) -> None:
    event = {"UserEvent": "C156Code", "Uniqueid": "u", "Linkedid": "u", "Agent": "ana"}
    raw = frame({"Event": "UserEvent", **event, "Code": "é"})
    letter = raw.index("é".encode())
    got: list[str] = []
    async with bare(fake) as panoramisk, ours(fake) as heard:
        panoramisk.register_event("UserEvent", lambda _, event: got.append(event.Code))
        fake.raw(raw[: letter + 1])
        await asyncio.sleep(0.05)
        fake.raw(raw[letter + 1 :])
        code = await heard.until(PhoneCode)
        await asyncio.sleep(0.05)
    assert got == [""]
    assert isinstance(code, PhoneCode)
    assert code.code == "é"


async def test_a_line_of_ten_megabytes(fake: FakeAmi) -> None:
    async with bare(fake) as panoramisk, ours(fake) as heard:
        fake.raw(b"Event: " + b"x" * 10_000_000)
        lost = await heard.until(SwitchLost)
        await heard.until(SwitchSeen, 2)
        kept = 0
        for _ in range(100):
            kept = sum(map(len, panoramisk.protocol.queue))
            if kept >= 10_000_000:
                break
            await asyncio.sleep(0.05)
    assert kept >= 10_000_000
    assert isinstance(lost, SwitchLost)
    assert lost.why == "a frame is too long"


async def test_an_action_that_nobody_answers(
    fake: FakeAmi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ami_session, "AMI_ACTION_TIMEOUT", 0.3)
    fake.mute = {"Setvar"}
    async with bare(fake) as panoramisk, ours(fake) as heard:
        action = {"Action": "Setvar", "Variable": "X", "Value": "1"}
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(panoramisk.send_action(action), 1.0)
        assert panoramisk.responses, "it stays in its table"
        with pytest.raises(ActionLate):
            await heard.link.set_global("X", "1")
        assert heard.link._orders is not None
        assert not heard.link._orders._orders


async def test_a_peer_that_falls_silent_is_noticed_within_five_seconds(fake: FakeAmi) -> None:
    lost: list[Any] = []
    async with (
        bare(fake, ping_delay=1, ping_interval=1, on_disconnect=lambda *why: lost.append(why)),
        ours(fake) as heard,
    ):
        await asyncio.sleep(0.1)
        fake.silent = True
        signal = await heard.until(SwitchLost, seconds=5.0)
        assert isinstance(signal, SwitchLost)
        assert signal.why == "the switch is silent"
        with pytest.raises(LinkDown):
            await heard.link.set_global("X", "1")
        assert not lost, "pings go out, nobody looks whether they come back"


async def test_an_unanswered_order_is_not_sent_again(fake: FakeAmi) -> None:
    fake.mute = {"Setvar"}
    async with bare(fake) as panoramisk, ours(fake) as heard:
        theirs = panoramisk.send_action({"Action": "Setvar", "Variable": "THEIRS", "Value": "1"})
        mine = asyncio.create_task(heard.link.set_global("OURS", "1"))
        await asyncio.sleep(0.05)
        fake.reset()
        with pytest.raises(LinkDown):
            await asyncio.wait_for(mine, 0.5)
        fake.mute = set()
        await heard.until(SwitchSeen, 2)
        await asyncio.wait_for(theirs, 1.0)
        await asyncio.sleep(0.1)
    told = [each["Variable"] for each in fake.told("Setvar")]
    assert told.count("THEIRS") == 2
    assert told.count("OURS") == 1


async def test_a_list_that_a_reset_cuts(fake: FakeAmi) -> None:
    fake.queued = {("c156-156", f"Local/{name}@c156-static-agent/n"): False for name in "abc"}
    async with bare(fake) as panoramisk:
        fake.cut_lists = {"QueueStatus": 2}
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(panoramisk.send_action({"Action": "QueueStatus"}), 0.5)
    async with ours(fake) as heard:
        fake.cut_lists = {"QueueStatus": 2}
        with pytest.raises(LinkDown):
            await heard.link.contingency_list()


async def test_an_exception_in_who_hears(fake: FakeAmi) -> None:
    connections: list[int] = []

    def fails(*_: object) -> None:
        raise RuntimeError("who hears has a bug")

    async with bare(fake) as panoramisk:
        panoramisk.register_event("Hangup", fails)
        before = fake.connections
        asyncio.get_running_loop().set_exception_handler(lambda *_: connections.append(1))
        fake.event("Hangup", citizen("n1-1.1", "waiting"))
        await asyncio.sleep(0.3)
        assert fake.connections > before, "it closed the link and connected anew"
    async with FakeAmi() as other:
        link = link_to(other.port)
        listener = Listener(link)
        listener.hear = _after(listener.hear, fails)  # type: ignore[method-assign]
        async with listener:
            await listener.up()
            for number in range(3):
                other.event("Hangup", citizen(f"n1-1.{number}", "waiting"))
            await listener.until(CallEnded, 3)
            assert other.connections == 2


def _after(first: Any, then: Any) -> Any:
    def both(signal: Any) -> None:
        first(signal)
        then()

    return both


async def test_a_value_that_holds_another_action(fake: FakeAmi) -> None:
    hostile = "1\r\n\r\nAction: Hangup\r\nChannel: /.*/"
    async with bare(fake) as panoramisk:
        panoramisk.send_action({"Action": "Setvar", "Variable": "X", "Value": hostile})
        await asyncio.sleep(0.1)
        assert fake.told("Hangup"), "injected"
    fake.received.clear()
    async with ours(fake) as heard:
        for value in (hostile, "a\nb", "a\rb", "a\0b"):
            with pytest.raises(ValueRefused):
                await heard.link.set_global("X", value)
            with pytest.raises(ValueRefused):
                await heard.link.contingency_pause(ANA, True, value)
        for channel in ("PJSIP/a\r\nX: y", "/.*/"):
            with pytest.raises(ValueRefused):
                await heard.link.hang_up(channel)
        with pytest.raises(ValueRefused):
            await heard.link.set_global("SHELL(id)", "1")
        with pytest.raises(ValueRefused):
            await heard.link.contingency_add("c156-156", AgentName("Ana/n@x"))
    assert {each["Action"] for each in fake.received} <= {
        "Login", "CoreSettings", "CoreShowChannels", "DeviceStateList", "Ping",
    }  # fmt: skip


async def test_one_header_for_each_variable() -> None:
    assert Order("Originate", {"Variable": ["A=1", "B=2"]}).to_bytes().count(b"Variable: ") == 2
    assert (
        b"Variable: A=1,B=2" in str(Action({"Action": "Originate", "Variable": "A=1,B=2"})).encode()
    )
    with pytest.raises(ValueRefused):
        Order("Originate", {"Variable": ["A=1,B=2"]})


async def test_a_wrong_password(fake: FakeAmi, caplog: pytest.LogCaptureFixture) -> None:
    fake.secrets[EVENTS[0]] = "another"
    async with bare(fake):
        await asyncio.sleep(0.5)
    assert len(fake.told("Login")) > 3, "it never gives up"
    async with FakeAmi() as other, Listener(link_to(other.port)) as heard:
        other.secrets[EVENTS[0]] = "another"
        await asyncio.sleep(1.0)
        assert len(other.told("Login")) == 1
        assert not heard.heard
        assert not heard.link.up
    alarms = [each for each in caplog.records if each.levelname == "CRITICAL"]
    assert len(alarms) == 1
    assert EVENTS[1] not in caplog.text


async def test_the_password_of_the_one_who_acts_alone_is_wrong(fake: FakeAmi) -> None:
    async with Listener(link_to(fake.port, actions=(ACTIONS[0], "wrong"))) as heard:
        await asyncio.sleep(1.0)
        assert len(fake.told("Login")) == 2
        assert not heard.heard


async def test_the_wording_of_an_answer_is_not_taken_for_a_list(fake: FakeAmi) -> None:
    entry = {"Queue": "c156-156", "Interface": "Local/ana@c156-static-agent/n"}
    async with bare(fake) as panoramisk, ours(fake) as heard:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(panoramisk.send_action({"Action": "QueueAdd", **entry}), 0.5)
        fake.queued.clear()
        await heard.link.contingency_add("c156-156", ANA)
        assert fake.queued == {("c156-156", entry["Interface"]): False}


async def test_an_order_that_is_queued_does_not_close_the_link() -> None:
    said = {"Response": "Success", "Message": "Originate successfully queued"}
    theirs = Action({"Action": "Originate"})
    with pytest.raises(KeyError):
        theirs.add_message(Message(said))
    order = Order("Originate")
    assert order.add_message(OurFrame(said))
    assert order.future.result()[0].one("Message") == said["Message"]


async def test_a_list_that_is_refused(fake: FakeAmi) -> None:
    async with bare(fake) as panoramisk, ours(fake) as heard:
        asked = panoramisk.send_action({"Action": "Nonsense"}, as_list=True)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asked, 0.3)
        assert heard.link._orders is not None
        with pytest.raises(ActionRefused):
            await heard.link._orders.ask_list("Nonsense", "NonsenseComplete")


async def test_events_keep_their_order(fake: FakeAmi) -> None:
    theirs: list[str] = []

    async def slow(_: Any, event: Any) -> None:
        await asyncio.sleep(0.05 if event.Uniqueid.endswith("1") else 0)
        theirs.append(event.Uniqueid)

    async with bare(fake) as panoramisk, ours(fake) as heard:
        panoramisk.register_event("Hangup", slow)
        for number in (1, 2, 3):
            fake.event("Hangup", citizen(f"n1-1.{number}", "waiting"))
        await heard.until(CallEnded, 3)
        await asyncio.sleep(0.1)
    assert theirs == ["n1-1.2", "n1-1.3", "n1-1.1"]
    ended = [each.call for each in heard.of(CallEnded) if isinstance(each, CallEnded)]
    assert ended == ["n1-1.1", "n1-1.2", "n1-1.3"]
