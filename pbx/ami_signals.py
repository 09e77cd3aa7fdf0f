"""What AMI says, in our words: one frame of an event to one signal, or to none.

Only a citizen's own channel makes signals of a call: C156_CALL, which the dialplan sets once at
the door, equals the channel's Uniqueid. Agents' legs, and channels that inherited a variable, do
not pass.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from pbx.ami_sound import SOUNDS
from pbx.ami_wire import Frame, Tampered, read_frame
from terms.names import LINES, AgentName, AttemptId, CallId, Instant, OfferId, is_agent_name
from terms.signals import (
    AgentAnswered,
    AgentRinging,
    CallEnded,
    CallerHungUp,
    CallOutTold,
    CallRefused,
    KeyPressed,
    Leg,
    LegGone,
    LegJoined,
    LegKey,
    LegSound,
    Phone,
    PhoneChanged,
    PhoneCode,
    Side,
    Signal,
    TalkNews,
)

WANTED: Final = frozenset(
    {
        b"Hangup",
        b"HangupRequest",
        b"DialBegin",
        b"BridgeEnter",
        b"DeviceStateChange",
        b"UserEvent",
        b"Newchannel",
        b"DTMFEnd",
        *(name.encode() for name in SOUNDS),
    }
)
"""Events that are kept; all others are forgotten as they come."""

WAITS: Final = "waiting"
"""The stage of a citizen whose keys are heard here. Everywhere else it is the step that hears
them, in the answer to its own command; the stage on the channel is that of the key's instant, so
the key that led into the queue is not taken for one pressed there."""

KEYS: Final = frozenset("0123456789*#")

PHONES: Final = {
    "NOT_INUSE": Phone.IDLE,
    "RINGING": Phone.RINGING,
    "INUSE": Phone.BUSY,
    "BUSY": Phone.BUSY,
    "ONHOLD": Phone.BUSY,
    "RINGINUSE": Phone.BUSY,
    "UNAVAILABLE": Phone.GONE,
    "INVALID": Phone.GONE,
    "UNKNOWN": Phone.GONE,
}
OFFERED = re.compile(r"offered:(?P<offer>[^:]+):(?P<agent>[^:]+)")
PHONE_CODE: Final = "C156Code"
CODE_DIGITS: Final = re.compile(r"[0-9]{1,2}")
TALK_NEWS: Final = "C156Talk"
ROOM: Final = "c156-room"
OUT_NEWS: Final = "C156Out"
REFUSED: Final = "C156Refused"
REFUSED_FOR: Final = ("cap", "stopping")
CALLING: Final = re.compile(r"calling:(?P<offer>[^:]+):(?P<agent>[^:]+)")
LEG: Final = re.compile(r"(main|consult|outside):([^:]+):([^:]+):([^:]+)")


def signal_of(raw: bytes, clock: Callable[[], Instant]) -> Signal | None:
    """The signal in an event's frame. Raises Tampered."""
    frame = read_frame(raw)
    name = frame.one("Event")
    reader = _READERS.get(name)
    if reader is None:
        return None
    ids = ("Uniqueid", "Linkedid")
    if name == "DialBegin" and not frame.one("Channel"):  # a leg that an order of ours began
        ids = ("DestUniqueid", "DestLinkedid")
    if name != "DeviceStateChange" and not all(frame.one(each) for each in ids):
        raise Tampered(f"{name} of a channel without its ids")
    return reader(frame, _instant(frame, clock))


def phone_of(frame: Frame) -> tuple[AgentName, Phone] | None:
    """Whose phone a DeviceStateChange is about, and what it does; None if no agent's."""
    technology, _, name = frame.one("Device").partition("/")
    phone = PHONES.get(frame.one("State"))
    if technology != "PJSIP" or not is_agent_name(name) or phone is None:
        return None
    return AgentName(name), phone


def citizen_of(frame: Frame, variables: dict[str, str]) -> CallId | None:
    """The call whose own channel the frame is about; None for every other channel."""
    call = variables.get("C156_CALL", "")
    return CallId(call) if call and call == frame.one("Uniqueid") else None


def agent_of_leg(channel: str) -> str:
    """`PJSIP/ana-0000002a` → ana; '' for what is no phone's."""
    technology, _, rest = channel.partition("/")
    return rest.rpartition("-")[0] if technology == "PJSIP" else ""


def leg_of(frame: Frame, variables: dict[str, str]) -> Leg | None:
    """The leg of a call that the frame's own channel is; None for every other channel. An agent's
    leg is one whose phone is that agent's: the variable stands on the citizen's channel as well."""
    channel, found = frame.one("Channel"), LEG.fullmatch(variables.get("C156_LEG", ""))
    if found is None or found[2] == frame.one("Uniqueid"):
        return None
    role, call, booking, who = found.groups()
    if role != "outside" and agent_of_leg(channel) != who:
        return None
    in_room = frame.one("Context") == ROOM
    return Leg(role, CallId(call), OfferId(booking), who, channel, in_room)


def calling_of(frame: Frame) -> tuple[CallId, OfferId, AgentName] | None:
    """The attempt to call somebody back that a channel is part of, before the citizen is there."""
    stage = CALLING.fullmatch(frame.variables().get("C156_STAGE", ""))
    if stage is None or not is_agent_name(stage["agent"]):
        return None
    return CallId(""), OfferId(stage["offer"]), AgentName(stage["agent"])


def attempt_of(variables: dict[str, str]) -> AttemptId:
    """The campaign's attempt that a channel is part of; '' for none."""
    return AttemptId(variables.get("C156_ATTEMPT", ""))


def _instant(frame: Frame, clock: Callable[[], Instant]) -> Instant:
    """The switch's own instant of the event (timestampevents), else now."""
    try:
        return float(frame.one("Timestamp"))
    except ValueError:
        return clock()


def _hangup(frame: Frame, at: Instant) -> Signal | None:
    variables = frame.variables()
    call = citizen_of(frame, variables)
    if call is None:
        leg = leg_of(frame, variables)
        return LegGone(leg, at) if leg else None
    stage, result = variables.get("C156_STAGE", ""), variables.get("DIALSTATUS", "")
    return CallEnded(call, at, stage, result, attempt_of(variables))


def _hangup_request(frame: Frame, at: Instant) -> Signal | None:
    """The dial that puts an agent through notices it only when the agent has been told all."""
    offer = _offer(frame)
    return CallerHungUp(offer[0], offer[1], at) if offer else None


def _offer(frame: Frame) -> tuple[CallId, OfferId, AgentName] | None:
    """The offer that stands on a citizen's channel; None on every other channel."""
    variables = frame.variables()
    call = citizen_of(frame, variables)
    stage = OFFERED.fullmatch(variables.get("C156_STAGE", ""))
    if call is None or stage is None or not is_agent_name(stage["agent"]):
        return None
    return call, OfferId(stage["offer"]), AgentName(stage["agent"])


def _dial_begin(frame: Frame, at: Instant) -> Signal | None:
    offer, leg = _offer(frame) or calling_of(frame), frame.one("DestChannel")
    if offer is None or agent_of_leg(leg) != offer[2]:
        return None
    return AgentRinging(*offer, leg=leg, at=at)


def _bridge_enter(frame: Frame, at: Instant) -> Signal | None:
    """The citizen is joined with the agent; a phone that is picked up may still hear a whisper."""
    offer = _offer(frame)
    if offer:
        return AgentAnswered(*offer, at=at)
    leg = leg_of(frame, frame.variables())
    return LegJoined(leg, at) if leg else None


def _key(frame: Frame, at: Instant) -> Signal | None:
    variables = frame.variables()
    call = citizen_of(frame, variables)
    received = frame.one("Direction") == "Received" and frame.one("Digit") in KEYS
    leg = leg_of(frame, variables)
    if leg is not None and received:
        return LegKey(leg, frame.one("Digit"), at)
    if call is None or variables.get("C156_STAGE") != WAITS or not received:
        return None
    return KeyPressed(call, frame.one("Digit"), at)


def _device(frame: Frame, at: Instant) -> Signal | None:
    found = phone_of(frame)
    return PhoneChanged(*found, at) if found else None


def _user_event(frame: Frame, at: Instant) -> Signal | None:
    agent = frame.one("Agent")
    if frame.one("UserEvent") == REFUSED:
        line, why, test = frame.one("Line"), frame.one("Why"), frame.one("Test") == "1"
        known = line in LINES and why in REFUSED_FOR
        return CallRefused(line, why, test, at) if known else None
    if frame.one("UserEvent") == TALK_NEWS and is_agent_name(agent):
        call, what = CallId(frame.one("Call")), frame.one("What")
        return TalkNews(AgentName(agent), call, what, frame.one("Detail"), at)
    if frame.one("UserEvent") == OUT_NEWS:
        return _out_told(frame, agent, at)
    if frame.one("UserEvent") != PHONE_CODE or not is_agent_name(agent):
        return None
    code, digits = frame.one("Code"), frame.one("Reason")
    reason = digits if CODE_DIGITS.fullmatch(digits) else ""
    return PhoneCode(AgentName(agent), code, reason, at, frame.one("Channel"))


def _out_told(frame: Frame, agent: str, at: Instant) -> Signal | None:
    """Of a call that goes out: with its agent, or alone and then of an attempt."""
    attempt = AttemptId(frame.one("Attempt"))
    if not is_agent_name(agent) and (agent or not attempt):
        return None
    what, result, cause = frame.one("What"), frame.one("Result"), frame.one("Cause")
    offer, call = OfferId(frame.one("Offer")), CallId(frame.one("Call"))
    return CallOutTold(offer, AgentName(agent), what, result, cause, at, attempt, call)


def _sound(frame: Frame, at: Instant) -> Signal | None:
    variables, sound = frame.variables(), SOUNDS[frame.one("Event")]
    call, channel = citizen_of(frame, variables), frame.one("Channel")
    if call is not None:
        return LegSound(call, Side.CITIZEN, channel, sound, at, attempt_of(variables))
    leg = leg_of(frame, variables)
    return (
        LegSound(leg.call, Side.AGENT, channel, sound, at) if leg and leg.role == "main" else None
    )


def _new_channel(frame: Frame, at: Instant) -> Signal | None:
    """No signal; a new channel is only checked for its ids."""
    return None


_READERS: Final = {
    "Hangup": _hangup,
    "HangupRequest": _hangup_request,
    "DialBegin": _dial_begin,
    "BridgeEnter": _bridge_enter,
    "DTMFEnd": _key,
    "DeviceStateChange": _device,
    "UserEvent": _user_event,
    "Newchannel": _new_channel,
    **dict.fromkeys(SOUNDS, _sound),
}
