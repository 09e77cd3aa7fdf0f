"""The orders that make a call, and the one that takes it back. The rest is the dialplan's.

    call_out         the agent's phone first, then the citizen's   (c156-out-agent)
    call_alone       the citizen's phone, with nobody waiting      (c156-out-alone)
    hang_up_attempt  whatever of an attempt is not yet a call

No order names a number to dial or an application: each enters one context of
asterisk-conf/extensions_out.conf or extensions_alone.conf, which have gate, allow-list and caps.
An order is Asterisk's own once it is taken: it goes on when the link, or control, is gone.

A repeat is refused by its channel's id for as long as the way to the first phone lives, and by the
dialplan (c156-out-once) from then on. But Asterisk 22 does not bear being asked for an id that is
there: it lost something by each such order and did not end any more when told to (tried). So what
is known to live is asked for here first, and no order is given twice by one process.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from pbx.ami_signals import citizen_of
from pbx.ami_wire import ActionRefused, AmiFault, Frame, Tampered, ValueRefused
from terms.limits import ATTEMPT_HANG_UP_AGAIN, ATTEMPT_HANG_UPS, ATTEMPTS_REMEMBERED
from terms.names import AgentName, AttemptId, OfferId, Seconds, is_agent_name
from terms.signals import AttemptLives

if TYPE_CHECKING:
    from pbx.ami_session import AmiSession

_VARIABLE: Final = re.compile(r"C156_[A-Z0-9_]{1,40}")
_VALUE: Final = re.compile(r"[^\x00-\x1f\x7f$\\,\"{}\[\]]{0,900}")
_ATTEMPT: Final = re.compile(r"[A-Za-z0-9._-]{1,60}")
_NO_CHANNEL: Final = "No such channel"
_UP: Final = "6"
_WAY_OUT: Final = "PJSIP/C156-out"
"""How the channels of all trunks that go out begin."""


class CallsOut:
    """Mixed into AmiLink. Raises AmiFault when it is not known to be done."""

    def __init__(self) -> None:
        self._ordered: dict[str, None] = {}  # the last orders' ids, the oldest first

    def _session(self) -> AmiSession:
        raise NotImplementedError

    async def call_out(
        self, agent: AgentName, attempt: OfferId, seconds: Seconds, order: Mapping[str, str]
    ) -> None:
        """Ring this agent for at most `seconds`, then whoever the order's variables say. The
        attempt's id is its channel's. Raises AttemptLives for a repeat."""
        if not is_agent_name(agent):
            raise ValueRefused("no agent's name")
        way = f"Local/{agent}@c156-out-agent/n"
        await self._originate(way, f"retorno-{_checked(attempt)}", seconds, order)

    async def call_alone(
        self, attempt: AttemptId, seconds: Seconds, order: Mapping[str, str]
    ) -> None:
        """Ring the citizen of the order's variables, all in at most `seconds`; there is no agent.
        Ids and repeats as in `call_out`."""
        way = "Local/s@c156-out-alone/n"
        await self._originate(way, f"aviso-{_checked(attempt)}", seconds, order)

    async def hang_up_attempt(self, attempt: AttemptId) -> None:
        """End whatever of an attempt has a channel, whoever's phone it rings. What has become a
        call (the citizen has answered) goes on; one that is gone already is as good.

        A leg that goes from one channel to the next just now is found by the next look.
        """
        # the ids of the way to the phone: no look is needed for them
        if await self._end(f"aviso-{_checked(attempt)}"):
            return  # there is nothing beside it but the citizen's phone
        await self._end(f"retorno-{attempt}")
        for _ in range(ATTEMPT_HANG_UPS):
            items, complete = await self._session().ask_list(
                "CoreShowChannels", "CoreShowChannelsComplete"
            )
            left = _to_hang_up(items, attempt)
            if not left and complete:
                return
            for channel in left:
                await self._end(channel)
            await asyncio.sleep(ATTEMPT_HANG_UP_AGAIN)

    async def _originate(
        self, way: str, name: str, seconds: Seconds, order: Mapping[str, str]
    ) -> None:
        for variable, value in order.items():
            if not _VARIABLE.fullmatch(variable) or not _VALUE.fullmatch(value):
                raise ValueRefused(f"{variable} cannot be put on a channel")
        headers: dict[str, str | list[str]] = {
            "Channel": way,
            "Context": "c156-out-nobody",
            "Exten": "s",
            "Priority": "1",
            "Timeout": str(round(seconds * 1000)),
            "Async": "true",
            "ChannelId": name,
            "OtherChannelId": f"{name}-b",
            # two underlines: for every leg that comes of it
            "Variable": [f"__{key}={value}" for key, value in order.items() if value],
        }
        if name in self._ordered:
            raise AttemptLives
        self._ordered[name] = None
        try:
            if await self._lives(name):
                raise AttemptLives
            await self._session().ask("Originate", headers)
        except AmiFault:
            del self._ordered[name]  # nobody knows: it may be given again, and is then asked for
            raise
        while len(self._ordered) > ATTEMPTS_REMEMBERED:
            del self._ordered[next(iter(self._ordered))]

    async def _lives(self, channel: str) -> bool:
        """Whether a channel with this id is there."""
        try:
            await self._session().ask("Getvar", {"Channel": channel, "Variable": "C156_ATTEMPT"})
        except ActionRefused as refused:
            if str(refused) != _NO_CHANNEL:
                raise
            return False
        return True

    async def _end(self, channel: str) -> bool:
        """Hang up one channel, by its name or its id; whether it was there."""
        try:
            await self._session().ask("Hangup", {"Channel": channel, "Cause": "16"})
        except ActionRefused as refused:
            if str(refused) != _NO_CHANNEL:
                raise
            return False
        return True


def _checked(attempt: str) -> str:
    """An attempt's id that can be a channel's, and stand in a header."""
    if not _ATTEMPT.fullmatch(attempt):
        raise ValueRefused("no attempt's id")
    return attempt


def _to_hang_up(channels: list[Frame], attempt: AttemptId) -> list[str]:
    """The channels of this attempt, the agent's side first; none once the citizen is there."""
    found: list[str] = []
    for item in channels:
        try:
            variables, channel = item.variables(), item.one("Channel")
            if variables.get("C156_ATTEMPT") != attempt:
                continue
            outward = channel.startswith(_WAY_OUT)
            if citizen_of(item, variables) or (outward and item.one("ChannelState") == _UP):
                return []
        except Tampered:
            continue
        if not outward:  # the citizen's phone stops with the channel that rings it
            found.append(channel)
    return found
