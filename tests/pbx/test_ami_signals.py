"""What Asterisk's events mean: a table of frames and signals."""

from __future__ import annotations

import pytest
from fake_ami import NOW, Headers, citizen, frame

from pbx.ami_signals import PHONES, signal_of
from pbx.ami_wire import Tampered
from terms.names import AgentName, CallId, OfferId
from terms.signals import (
    AgentAnswered,
    AgentRinging,
    CallEnded,
    CallerHungUp,
    CallRefused,
    KeyPressed,
    Phone,
    PhoneChanged,
    PhoneCode,
    Signal,
)

CALL = CallId("n1-boot1-1795000000.7")
ANA = AgentName("ana")
LEG = "PJSIP/ana-0000002a"
OFFERED = citizen(CALL, "offered:7-12:ana")
KEY: Headers = {"Digit": "1", "DurationMs": "100", "Direction": "Received"}
DIAL: Headers = {"DestChannel": LEG, "DestUniqueid": "n1-boot1-1795000001.8"}
AGENTS_OWN: Headers = {
    "Channel": LEG,
    "Uniqueid": "n1-boot1-1795000001.8",
    "Linkedid": CALL,
    "ChanVariable": ["C156_CALL=", "C156_STAGE="],
}
CODE: Headers = {"UserEvent": "C156Code", "Agent": "ana"}
REFUSED: Headers = {"UserEvent": "C156Refused", "Line": "156", "Why": "cap", "Test": "0"}
INHERITED: Headers = {**AGENTS_OWN, "ChanVariable": [f"C156_CALL={CALL}", "C156_STAGE=waiting"]}


def heard(event: str, *headers: Headers) -> Signal | None:
    merged: dict[str, str | list[str]] = {"Event": event, "Timestamp": f"{NOW}"}
    for each in headers:
        merged |= each
    return signal_of(frame(merged).removesuffix(b"\r\n\r\n"), lambda: NOW + 9)


@pytest.mark.parametrize(
    ("event", "headers", "signal"),
    [
        ("Hangup", citizen(CALL, "waiting"), CallEnded(CALL, NOW, "waiting", "")),
        (
            "Hangup",
            citizen(CALL, "offered:7-12:ana", dialed="ANSWER"),
            CallEnded(CALL, NOW, "offered:7-12:ana", "ANSWER"),
        ),
        ("Hangup", {**citizen(CALL, ""), "Timestamp": "?"}, CallEnded(CALL, NOW + 9, "", "")),
        ("Hangup", AGENTS_OWN, None),
        ("Hangup", INHERITED, None),
        ("HangupRequest", OFFERED, CallerHungUp(CALL, OfferId("7-12"), NOW)),
        ("HangupRequest", citizen(CALL, "waiting"), None),
        ("HangupRequest", {**AGENTS_OWN, "ChanVariable": "C156_STAGE=offered:1-1:ana"}, None),
        ("DialBegin", {**OFFERED, **DIAL}, AgentRinging(CALL, OfferId("7-12"), ANA, LEG, NOW)),
        ("DialBegin", {**OFFERED, **DIAL, "DestChannel": "PJSIP/bia-0000002b"}, None),
        ("DialBegin", {**OFFERED, **DIAL, "DestChannel": "Local/ana@x-0000002b;1"}, None),
        ("DialBegin", {**citizen(CALL, "static"), **DIAL}, None),
        ("DialBegin", {**citizen(CALL, "offered:7-12"), **DIAL}, None),
        ("DialBegin", {**INHERITED, **DIAL, "ChanVariable": "C156_STAGE=offered:1-1:ana"}, None),
        ("BridgeEnter", OFFERED, AgentAnswered(CALL, OfferId("7-12"), ANA, NOW)),
        ("BridgeEnter", citizen(CALL, "static"), None),
        ("BridgeEnter", {**AGENTS_OWN, "ChanVariable": "C156_STAGE=offered:1-1:ana"}, None),
        (
            "UserEvent",
            {**AGENTS_OWN, "UserEvent": "C156Code", "Agent": "ana", "Code": "pause"},
            PhoneCode(ANA, "pause", "", NOW),
        ),
        (
            "UserEvent",
            {**AGENTS_OWN, **CODE, "Code": "pause", "Reason": "4"},
            PhoneCode(ANA, "pause", "4", NOW),
        ),
        (
            "UserEvent",
            {
                **AGENTS_OWN,
                **CODE,
                "Code": "result",
                "Reason": "4;rm -rf",
            },  # what is no digit is nothing
            PhoneCode(ANA, "result", "", NOW),
        ),
        ("UserEvent", {**AGENTS_OWN, "UserEvent": "Other", "Agent": "ana"}, None),
        ("UserEvent", {**AGENTS_OWN, **REFUSED}, CallRefused("156", "cap", False, NOW)),
        ("UserEvent", {**AGENTS_OWN, **REFUSED, "Line": "190"}, None),
        ("UserEvent", {**AGENTS_OWN, **REFUSED, "Why": "x"}, None),
        ("UserEvent", {**AGENTS_OWN, "UserEvent": "C156Code", "Agent": "Ana!"}, None),
        ("Newchannel", AGENTS_OWN, None),
        ("DTMFEnd", {**citizen(CALL, "waiting"), **KEY}, KeyPressed(CALL, "1", NOW)),
        ("DTMFEnd", {**citizen(CALL, "menu"), **KEY}, None),
        ("DTMFEnd", {**OFFERED, **KEY}, None),
        ("DTMFEnd", {**INHERITED, **KEY}, None),
        ("DTMFEnd", {**citizen(CALL, "waiting"), **KEY, "Direction": "Sent"}, None),
        ("DTMFEnd", {**citizen(CALL, "waiting"), **KEY, "Digit": "A"}, None),
    ],
)
def test_an_event_and_its_signal(event: str, headers: Headers, signal: Signal | None) -> None:
    assert heard(event, headers) == signal


@pytest.mark.parametrize(("state", "phone"), PHONES.items())
def test_a_phones_state(state: str, phone: Phone) -> None:
    assert heard("DeviceStateChange", {"Device": "PJSIP/ana", "State": state}) == PhoneChanged(
        ANA, phone, NOW
    )


@pytest.mark.parametrize("device", ["PJSIP/C156-trunk", "Queue:c156-156_avail", "Local/ana@x", "a"])
def test_what_is_no_agents_phone(device: str) -> None:
    assert heard("DeviceStateChange", {"Device": device, "State": "INUSE"}) is None
    assert heard("DeviceStateChange", {"Device": "PJSIP/ana", "State": "NEW"}) is None


@pytest.mark.parametrize(
    ("event", "headers"),
    [
        ("Newchannel", {"Channel": "PJSIP/x-1"}),
        ("Newchannel", {"Channel": "PJSIP/x-1", "Uniqueid": "u"}),
        ("Hangup", {"Channel": "PJSIP/x-1", "Linkedid": "u"}),
        ("Hangup", {**citizen(CALL, "waiting"), "Uniqueid": [CALL, "other"]}),
        ("Hangup", {**citizen(CALL, ""), "ChanVariable": [f"C156_CALL={CALL}", "C156_CALL=x"]}),
    ],
)
def test_what_somebody_else_wrote(event: str, headers: Headers) -> None:
    with pytest.raises(Tampered):
        heard(event, headers)


def test_a_key_shows_in_no_text() -> None:
    assert "7" not in repr(KeyPressed(CallId("n1-b-1.1"), "7", 0.0))
