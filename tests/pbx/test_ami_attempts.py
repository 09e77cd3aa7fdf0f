"""Attempts of campaigns in AMI's words: what is told of them, and what a hang-up reaches for."""

from __future__ import annotations

import pytest

from pbx.ami_link import AmiLink
from pbx.ami_originate import _to_hang_up
from pbx.ami_signals import signal_of
from pbx.ami_wire import ValueRefused, read_frame
from terms.names import AgentName, AttemptId, CallId, OfferId
from terms.signals import CallEnded, CallOutTold

NOW = 1795000000.5
ONE = AttemptId("lista.7-1")
CALL = CallId("n1-boot1-1795000000.7")
ANA = AgentName("ana")


def raw(event: str, *headers: str) -> bytes:
    lines = [f"Event: {event}", "Uniqueid: n1-boot1-1795000000.7", "Linkedid: x", *headers]
    return "\r\n".join(lines).encode()


def told(**headers: str) -> bytes:
    """A UserEvent of the way out."""
    words = {"Offer": "", "Attempt": ONE, "Call": "", "Agent": "", "Result": "", "Cause": ""}
    lines = [f"{name}: {value}" for name, value in (words | headers).items()]
    return raw("UserEvent", "UserEvent: C156Out", f"Timestamp: {NOW}", *lines)


@pytest.mark.parametrize(
    ("frame", "signal"),
    [
        (
            told(What="answered", Call=CALL),
            CallOutTold(OfferId(""), AgentName(""), "answered", "", "", NOW, ONE, CALL),
        ),
        (
            told(What="citizen", Result="BUSY", Cause="17"),
            CallOutTold(OfferId(""), AgentName(""), "citizen", "BUSY", "17", NOW, ONE),
        ),
        (
            told(What="up", Offer="7-12", Agent="ana"),
            CallOutTold(OfferId("7-12"), ANA, "up", "", "", NOW, ONE),
        ),
        (
            told(What="up", Offer="7-12", Agent="ana", Attempt=""),  # a call-back
            CallOutTold(OfferId("7-12"), ANA, "up", "", "", NOW),
        ),
        (told(What="citizen", Attempt=""), None),  # of nobody's
        (told(What="citizen", Agent="../ana"), None),
    ],
)
def test_what_is_told(frame: bytes, signal: CallOutTold | None) -> None:
    assert signal_of(frame, lambda: NOW) == signal


def test_the_end_of_a_call_names_its_attempt() -> None:
    ended = raw(
        "Hangup",
        f"Timestamp: {NOW}",
        *(f"ChanVariable: {each}" for each in (
            f"C156_CALL={CALL}", "C156_STAGE=menu", f"C156_ATTEMPT={ONE}"
        )),
    )  # fmt: skip
    assert signal_of(ended, lambda: NOW) == CallEnded(CALL, NOW, "menu", "", ONE)


# (channel, state, C156_ATTEMPT, C156_CALL)
AGENT_RINGS = ("PJSIP/ana-0000002a", "5", ONE, "")
AGENT_UP = ("PJSIP/ana-0000002a", "6", ONE, "")
CITIZEN_RINGS = ("PJSIP/C156-out-0000002b", "5", ONE, "")
CITIZEN_UP = ("PJSIP/C156-out-norte-0000002b", "6", ONE, "")
A_CALL = ("PJSIP/C156-out-0000002b", "6", ONE, "own")
ANOTHERS = ("PJSIP/bia-0000002c", "6", AttemptId("lista.7-11"), "")


@pytest.mark.parametrize(
    ("there", "ended"),
    [
        ([ANOTHERS], []),
        ([AGENT_RINGS, ANOTHERS], [AGENT_RINGS[0]]),
        ([AGENT_UP, CITIZEN_RINGS], [AGENT_UP[0]]),  # the citizen's phone stops with it
        ([AGENT_UP, CITIZEN_UP], []),  # an answer at this instant
        ([A_CALL, AGENT_UP], []),
    ],
)
def test_what_a_hang_up_reaches_for(
    there: list[tuple[str, str, str, str]], ended: list[str]
) -> None:
    frames = [
        read_frame(
            "\r\n".join(
                [
                    "Event: CoreShowChannel",
                    f"Channel: {channel}",
                    f"ChannelState: {state}",
                    f"Uniqueid: {channel}-id",
                    f"ChanVariable: C156_ATTEMPT={attempt}",
                    f"ChanVariable: C156_CALL={call and channel + '-id'}",
                ]
            ).encode()
        )
        for channel, state, attempt, call in there
    ]
    assert _to_hang_up(frames, ONE) == ended


@pytest.mark.parametrize("attempt", ["", "a b", "a/b", "a\r\nAction: x", "x" * 61])
async def test_no_attempts_id(attempt: str) -> None:
    link = AmiLink("127.0.0.1", 9, ("a", "b"), ("c", "d"), clock=lambda: NOW)
    with pytest.raises(ValueRefused):
        await link.call_alone(AttemptId(attempt), 1.0, {})
    with pytest.raises(ValueRefused):
        await link.hang_up_attempt(AttemptId(attempt))


@pytest.mark.parametrize(
    ("name", "value"),
    [("CALLERID(num)", "1"), ("C156_X", "a,b"), ("C156_X", "${SHELL(x)}"), ("C156_X", "a\nb")],
)
async def test_a_variable_that_means_more_than_itself(name: str, value: str) -> None:
    link = AmiLink("127.0.0.1", 9, ("a", "b"), ("c", "d"), clock=lambda: NOW)
    with pytest.raises(ValueRefused):
        await link.call_alone(ONE, 1.0, {name: value})
