"""What the switch says of a talk's legs, and the orders that move them."""

from __future__ import annotations

from typing import Any

import pytest
from fake_ami import NOW, Headers, citizen, frame

from pbx.ami_signals import signal_of
from pbx.ami_talk import PLACES, TalkOrders
from pbx.ami_wire import ActionRefused, Order, ValueRefused
from terms.names import AgentName, CallId, OfferId
from terms.signals import Leg, LegGone, LegJoined, LegKey, Signal, TalkNews

CALL, CHANNEL = CallId("n1-boot1-1795000000.7"), "PJSIP/ana-0000002a"
MAIN = Leg("main", CALL, OfferId("7-12"), "ana", CHANNEL)


def leg(text: str = f"main:{CALL}:7-12:ana", channel: str = CHANNEL, **more: str) -> Headers:
    """The headers of an agent's own channel."""
    return {
        "Channel": channel,
        "Uniqueid": "n1-boot1-1795000001.8",
        "Linkedid": CALL,
        "ChanVariable": [f"C156_LEG={text}"],
        **more,
    }


def heard(event: str, headers: Headers) -> Signal | None:
    merged: Headers = {"Event": event, "Timestamp": f"{NOW}", **headers}
    return signal_of(frame(merged).removesuffix(b"\r\n\r\n"), lambda: NOW)


def test_a_leg_comes_speaks_and_goes() -> None:
    assert heard("BridgeEnter", leg()) == LegJoined(MAIN, NOW)
    assert heard("Hangup", leg()) == LegGone(MAIN, NOW)
    key = leg(Direction="Received", Digit="*")
    assert heard("DTMFEnd", key) == LegKey(MAIN, "*", NOW)


def test_whose_legs_they_are() -> None:
    asked = leg(f"consult:{CALL}:7-c1:bia", "PJSIP/bia-00000003", Context="c156-room")
    assert heard("BridgeEnter", asked) == LegJoined(
        Leg("consult", CALL, OfferId("7-c1"), "bia", "PJSIP/bia-00000003", in_room=True), NOW
    )
    number = leg(f"outside:{CALL}:7-c2:samu", "PJSIP/C156-out-00000004")
    found = heard("BridgeEnter", number)
    assert isinstance(found, LegJoined)
    assert (found.leg.role, found.leg.who) == ("outside", "samu")


@pytest.mark.parametrize(
    "headers",
    [
        leg("main:x"),
        leg(f"main:{CALL}:7-12:bia"),  # inherited: another agent's
        leg(f"boss:{CALL}:7-12:ana"),
        {**leg(), "ChanVariable": []},
        {**leg(), "Uniqueid": CALL},  # the citizen's own channel, which the variable stands on
    ],
)
def test_other_channels_are_no_legs(headers: Headers) -> None:
    for event in ("BridgeEnter", "Hangup"):
        assert not isinstance(heard(event, headers), LegJoined | LegGone)


@pytest.mark.parametrize(("direction", "digit"), [("Sent", "1"), ("Received", "x")])
def test_only_keys_that_came_from_the_phone_are_heard(direction: str, digit: str) -> None:
    assert heard("DTMFEnd", leg(Direction=direction, Digit=digit)) is None


def test_the_citizens_keys_are_nobodys_in_a_talk() -> None:
    key = {**citizen(CALL, "offered:7-12:ana"), "Direction": "Received", "Digit": "*"}
    assert heard("DTMFEnd", key) is None


def test_news_of_a_talk() -> None:
    told: Headers = {
        **leg(),
        "UserEvent": "C156Talk",
        "Agent": "ana",
        "Call": CALL,
        "What": "consulted",
        "Detail": "7-c1:NOANSWER",
    }
    news = TalkNews(AgentName("ana"), CALL, "consulted", "7-c1:NOANSWER", NOW)
    assert heard("UserEvent", told) == news
    assert heard("UserEvent", {**told, "Agent": "../ana"}) is None


class Asked(TalkOrders):
    """A link that keeps the orders, and answers what a test says."""

    def __init__(self, answer: Any = "") -> None:
        self.answer = answer
        self.orders: list[dict[str, Any]] = []

    def _session(self) -> Any:
        return self

    async def ask(self, action: str, headers: dict[str, Any]) -> Any:
        self.orders.append({"Action": action, **headers})
        Order(action, headers)  # which refuses what could hold more than itself
        if isinstance(self.answer, Exception):
            raise self.answer
        return self

    def one(self, name: str) -> Any:
        return self.answer


@pytest.mark.parametrize("place", PLACES)
async def test_one_leg_or_two_at_once_are_moved(place: str) -> None:
    link = Asked()
    await link.send(CHANNEL, place)
    await link.send(CHANNEL, place, "PJSIP/C156-trunk-7", "room")
    one, two = link.orders
    context, exten = PLACES[place]
    assert (one["Action"], one["Channel"], one["Context"], one["Exten"]) == (
        *("Redirect", CHANNEL),
        *(context, exten),
    )
    assert "ExtraChannel" not in one
    assert two["ExtraChannel"] == "PJSIP/C156-trunk-7"
    assert (two["ExtraContext"], two["ExtraExten"]) == PLACES["room"]


async def test_variables_are_written_in_their_order_and_read() -> None:
    link = Asked("held:7-12:ana")
    await link.write_on(CHANNEL, C156_GOAL="fila:p156_geral:0:ana", C156_STAGE="held:7-12:ana")
    assert [one["Variable"] for one in link.orders] == ["C156_GOAL", "C156_STAGE"]
    assert await link.read_on(CHANNEL, "C156_STAGE") == "held:7-12:ana"
    await link.stop_clock(CHANNEL)
    assert [one["Variable"] for one in link.orders[-2:]] == ["TIMEOUT(absolute)", "GROUP(agent)"]


@pytest.mark.parametrize("value", ["${SHELL(id)}", "a\r\nAction: Logoff", "x" * 501, "a\\,b"])
async def test_what_could_mean_more_is_not_written(value: str) -> None:
    link = Asked()
    with pytest.raises(ValueRefused):
        await link.write_on(CHANNEL, C156_GOAL=value)
    assert link.orders == []


@pytest.mark.parametrize("name", ["c156", "SHELL(id)", "", "A B"])
async def test_nothing_but_a_variable_is_written_or_read(name: str) -> None:
    link = Asked()
    with pytest.raises(ValueRefused):
        await link.read_on(CHANNEL, name)
    with pytest.raises(ValueRefused):
        await link.write_on(CHANNEL, **{name: "x"})
    assert link.orders == []


async def test_a_supervisors_phone_is_rung_through_the_gate() -> None:
    link = Asked()
    await link.ring_beside(AgentName("chefe"), "ouvir", "7-s1:ouvir:ana:chefe", CALL, CHANNEL, 20)
    (order,) = link.orders
    assert order["Channel"] == "Local/chefe@c156-beside-phone/n"
    assert (order["Context"], order["Exten"], order["Timeout"]) == ("c156-beside", "ouvir", "20000")
    assert f"C156_SPIED={CHANNEL}" in order["Variable"]


@pytest.mark.parametrize(
    ("phone", "name", "of"),
    [
        ("a/b@c156-trunk", "s1", CHANNEL),
        ("chefe", "s1,X=1", CHANNEL),
        ("chefe", "s1", "PJSIP/ana\r\nX: y"),
    ],
)
async def test_no_other_phone_is_rung(phone: str, name: str, of: str) -> None:
    link = Asked()
    with pytest.raises(ValueRefused):
        await link.ring_beside(AgentName(phone), "ouvir", name, CALL, of, 20)
    assert link.orders == []


async def test_a_call_that_is_gone_has_no_channel() -> None:
    assert await Asked(ActionRefused("No such channel")).channel_of(CALL) == ""
    assert await Asked("PJSIP/C156-trunk-7").channel_of(CALL) == "PJSIP/C156-trunk-7"
