"""A whole look at the switch: its boot, the citizens' channels, the agents' phones, the queues."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

from pbx.ami_session import AmiSession
from pbx.ami_signals import (
    agent_of_leg,
    attempt_of,
    calling_of,
    citizen_of,
    leg_of,
    phone_of,
)
from pbx.ami_wire import Frame, Tampered
from terms.names import AgentName, AttemptId, Instant, OfferId
from terms.signals import Leg, Phone, SeenCall, SwitchSeen

PHONE_QUEUE_ENTRY = "Local/{agent}@c156-static-agent/n"
"""How a contingency queue reaches a phone: through the gate (extensions.conf)."""

_ENTRY = re.compile(r"Local/([a-z][a-z0-9_-]{1,31})@c156-static-agent/n")
_BORN = re.compile(r"(?:.*-)?(\d+)\.\d+")
_UP = "6"
_DURATION = re.compile(r"(\d+):(\d\d):(\d\d)")


async def look(session: AmiSession, clock: Callable[[], Instant]) -> SwitchSeen:
    """What is there now. The instant is that of the question: what is younger may be missing."""
    at = clock()
    core, (channels, all_channels), (devices, all_devices) = await asyncio.gather(
        session.ask("CoreSettings"),
        session.ask_list("CoreShowChannels", "CoreShowChannelsComplete"),
        session.ask_list("DeviceStateList", "DeviceStateListComplete"),
    )
    calls: list[SeenCall] = []
    others: list[Leg] = []
    phones: dict[AgentName, Phone] = {}
    calling: set[OfferId] = set()
    attempts: set[AttemptId] = set()
    legs: dict[str, bool] = {}  # whose phone → whether a leg of it is up
    complete = all_channels and all_devices
    for item in channels:
        try:
            seen = _seen_call(item, at)
            leg, attempt = leg_of(item, item.variables()), calling_of(item)
            attempts.add(attempt_of(item.variables()))
            owner = agent_of_leg(item.one("Channel"))
            legs[owner] = legs.get(owner, False) or item.one("ChannelState") == _UP
        except Tampered:
            complete = False
            continue
        if seen is not None:
            calls.append(seen)
        if attempt is not None:
            calling.add(attempt[1])
        if leg is not None and item.one("ChannelState") == _UP:
            others.append(leg)
    for item in devices:
        try:
            phone = phone_of(item)
        except Tampered:
            complete = False
            continue
        if phone is not None:
            agent, state = phone
            # A phone that rings is in use already (device_state_busy_at): its legs know better.
            rings = state is Phone.BUSY and legs.get(agent) is False
            phones[agent] = Phone.RINGING if rings else state
    return SwitchSeen(
        at,
        core.one("SystemName"),
        tuple(calls),
        phones,
        complete,
        tuple(others),
        frozenset(calling),
        frozenset(attempts - {AttemptId("")}),
    )


async def contingency(session: AmiSession) -> dict[tuple[str, AgentName], bool]:
    """Who is in which contingency queue, and whether paused there."""
    return {
        (item.one("Queue"), agent): item.one("Paused") == "1"
        for agent, item in await _in_queues(session)
    }


async def contingency_reasons(session: AmiSession) -> dict[AgentName, str]:
    """Why each agent who is paused in a contingency queue is, as it was written there."""
    return {
        agent: item.one("PausedReason")
        for agent, item in await _in_queues(session)
        if item.one("Paused") == "1"
    }


async def _in_queues(session: AmiSession) -> list[tuple[AgentName, Frame]]:
    """An item of the list for each agent in each contingency queue."""
    items, complete = await session.ask_list("QueueStatus", "QueueStatusComplete")
    if not complete:
        raise Tampered("the list of the queues is not whole")
    return [
        (AgentName(entry[1]), item)
        for item in items
        if item.one("Event") == "QueueMember"
        and (entry := _ENTRY.fullmatch(item.one("Location"))) is not None
    ]


def _seen_call(item: Frame, at: Instant) -> SeenCall | None:
    """A citizen's channel; None for any other."""
    variables = item.variables()
    call = citizen_of(item, variables)
    if call is None:
        return None
    return SeenCall(
        call=call,
        line=variables.get("C156_LINE", ""),
        stage=variables.get("C156_STAGE", ""),
        place=variables.get("C156_PLACE", ""),
        channel=item.one("Channel"),
        since=_since(item, at),
        joined=item.get("BridgeId") != "",  # believed if it is not told
        attempt=attempt_of(variables),
    )


def _since(item: Frame, at: Instant) -> Instant:
    """When the channel was made: its id says the second, else its age does."""
    born = _BORN.fullmatch(item.one("Uniqueid"))
    if born is not None:
        return float(born[1])
    age = _DURATION.fullmatch(item.one("Duration"))
    if age is None:
        return at
    hours, minutes, seconds = (int(part) for part in age.groups())
    return at - (hours * 3600 + minutes * 60 + seconds)
