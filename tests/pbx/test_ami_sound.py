"""What the switch says of a leg's sound, and the one question about its packets."""

from __future__ import annotations

from typing import Any

import pytest
from fake_ami import NOW, Headers, citizen, frame

from pbx.ami_signals import WANTED, signal_of
from pbx.ami_sound import SOUNDS, SoundOrders
from pbx.ami_wire import PACKETS_COUNTED, ActionLate, ActionRefused, LinkDown, Order, ValueRefused
from terms.limits import DEAD_AIR_LEVEL, DEAD_AIR_QUIET
from terms.names import CallId
from terms.signals import LegSound, Side, Signal, Sound

CALL, LEG = CallId("n1-boot1-1795000000.7"), "PJSIP/ana-0000002a"
AGENTS: Headers = {
    "Channel": LEG,
    "Uniqueid": "n1-boot1-1795000001.8",
    "Linkedid": CALL,
    "ChanVariable": ["C156_CALL=", f"C156_LEG=main:{CALL}:7-12:ana"],
}


def heard(event: str, headers: Headers) -> Signal | None:
    merged: Headers = {"Event": event, "Timestamp": f"{NOW}", **headers}
    return signal_of(frame(merged).removesuffix(b"\r\n\r\n"), lambda: NOW)


@pytest.mark.parametrize(("event", "sound"), SOUNDS.items())
def test_both_legs_of_a_talk_are_told_apart(event: str, sound: Sound) -> None:
    of_citizen = citizen(CALL, "offered:7-12:ana")
    trunk = str(of_citizen["Channel"])
    assert heard(event, of_citizen) == LegSound(CALL, Side.CITIZEN, trunk, sound, NOW)
    assert heard(event, AGENTS) == LegSound(CALL, Side.AGENT, LEG, sound, NOW)
    assert event.encode() in WANTED


@pytest.mark.parametrize(
    "variables",
    [
        ["C156_CALL="],  # no leg of ours
        [f"C156_CALL={CALL}"],  # inherited: another channel's
        [f"C156_LEG=consult:{CALL}:7-12:ana"],  # called in: not listened to
        [f"C156_LEG=main:{CALL}:7-12:bia"],  # another agent's
        ["C156_LEG=main:x"],
    ],
)
def test_other_legs_are_nobodys(variables: list[str]) -> None:
    for event in SOUNDS:
        assert heard(event, {**AGENTS, "ChanVariable": variables}) is None


class Asked(SoundOrders):
    """A link that answers what a test says."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.orders: list[dict[str, str]] = []

    def _session(self) -> Any:
        return self

    async def ask(self, action: str, headers: dict[str, str]) -> Any:
        self.orders.append({"Action": action, **headers})
        Order(action, headers)  # which refuses what could hold more than itself
        if isinstance(self.answer, Exception):
            raise self.answer
        return self

    def one(self, name: str) -> Any:
        return self.answer


@pytest.mark.parametrize(
    ("answer", "packets"),
    [
        *(("149", 149), ("0", 0), ("", None), ("-1", None), ("(null)", None), ("²", None)),
        *((LinkDown("gone"), None), (ActionLate("late"), None), (ActionRefused("no"), None)),
    ],
)
async def test_packets_are_a_number_or_not_known(answer: Any, packets: int | None) -> None:
    link = Asked(answer)
    assert await link.packets_from(LEG) == packets
    assert link.orders == [{"Action": "Getvar", "Channel": LEG, "Variable": PACKETS_COUNTED}]


async def test_what_is_no_leg_is_not_asked_for() -> None:
    link = Asked("1")
    for name in ("", "a b", "x" * 121, "PJSIP/ana\r\nAction: Logoff"):
        assert await link.packets_from(name) is None
    assert link.orders == []


async def test_no_other_function_with_a_comma_is_read() -> None:
    for text in ("CHANNEL(rtcp,all)", f"{PACKETS_COUNTED},x", "A,B"):
        with pytest.raises(ValueRefused):
            Order("Getvar", {"Channel": LEG, "Variable": text})


async def test_after_the_first_words_any_sound_is_told_of() -> None:
    """Written first, so that a dial at that moment does not undo it."""
    link = Asked("")
    await link.hear_all(CALL)
    assert [(one["Variable"], one["Value"]) for one in link.orders] == [
        ("C156_WORDS", "1"),
        ("TALK_DETECT(set)", f"{round(DEAD_AIR_QUIET * 1000)},{DEAD_AIR_LEVEL}"),
    ]
    assert {(one["Action"], one["Channel"]) for one in link.orders} == {("Setvar", CALL)}
