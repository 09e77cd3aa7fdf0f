"""Orders about a talk's legs: where they go next, what stands on them. Mixed into AmiLink.

A leg is moved to one of the places of extensions_talk.conf, and knows alone what to do there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pbx.ami_sound import SoundOrders
from pbx.ami_wire import ActionRefused, ValueRefused
from terms.names import AgentName, CallId, Seconds, is_agent_name

if TYPE_CHECKING:
    from pbx.ami_session import AmiSession

PLACES: Final = {
    "hold": ("c156-room", "hold"),
    "room": ("c156-room", "citizen"),
    "answers": ("c156-room", "answers"),
    "alone": ("c156-desk", "alone"),
    "refused": ("c156-desk", "refused"),
    "consult": ("c156-desk", "consult"),
}
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
_PLAIN = re.compile(r"[\w/:.-]{1,120}")
_VALUE = re.compile(r"[^\x00-\x1f\x7f$\\]{0,500}")


class TalkOrders(SoundOrders):
    """Each raises AmiFault when it is not known to be done."""

    def _session(self) -> AmiSession:
        raise NotImplementedError

    async def write_on(self, channel: str, **variables: str) -> None:
        """Write variables on a channel (its name, or a call's id), one after the other."""
        for name, value in variables.items():
            if not _VARIABLE.fullmatch(name) or not _VALUE.fullmatch(value):
                raise ValueRefused("a variable that cannot be written")
            headers = {"Channel": channel, "Variable": name, "Value": value}
            await self._session().ask("Setvar", headers)

    async def stop_clock(self, channel: str) -> None:
        """The dead-man's switch of a citizen's channel (its name, or the call's id) fires no more,
        and the channel holds no agent's place at the gate: each who answers holds their own."""
        for variable, value in (("TIMEOUT(absolute)", "0"), ("GROUP(agent)", "")):
            headers = {"Channel": channel, "Variable": variable, "Value": value}
            await self._session().ask("Setvar", headers)

    async def read_on(self, channel: str, name: str) -> str:
        """A variable of a channel (its name, or a call's id)."""
        if not _VARIABLE.fullmatch(name):
            raise ValueRefused("a variable that cannot be read")
        answer = await self._session().ask("Getvar", {"Channel": channel, "Variable": name})
        return answer.one("Value")

    async def send(self, channel: str, place: str, other: str = "", other_place: str = "") -> None:
        """Move a leg, or two at once, to a place of PLACES."""
        context, exten = PLACES[place]
        headers = {"Channel": channel, "Context": context, "Exten": exten, "Priority": "1"}
        if other:
            context, exten = PLACES[other_place]
            headers |= {
                "ExtraChannel": other,
                "ExtraContext": context,
                "ExtraExten": exten,
                "ExtraPriority": "1",
            }
        await self._session().ask("Redirect", headers)

    async def ring_beside(
        self, phone: AgentName, mode: str, name: str, call: CallId, leg: str, seconds: Seconds
    ) -> None:
        """Ring a supervisor's phone, through the gate; once picked up it is beside the talk whose
        agent's leg this is. `mode`: an extension of c156-beside. Answers before it rings."""
        if not is_agent_name(phone) or not all(_PLAIN.fullmatch(one) for one in (name, call, leg)):
            raise ValueRefused("a supervisor who cannot be rung")
        # the first and the last also stand on the half that rings (extensions_talk.conf)
        variables = {"_C156_SPY": name, "C156_SPIED": leg, "_C156_ROOM": call}
        await self._session().ask(
            "Originate",
            {
                "Channel": f"Local/{phone}@c156-beside-phone/n",
                "Context": "c156-beside",
                "Exten": mode,
                "Priority": "1",
                "Timeout": str(round(seconds * 1000)),
                "Async": "true",
                "Variable": [f"{key}={value}" for key, value in variables.items()],
            },
        )

    async def channel_of(self, call: str) -> str:
        """The name of a call's own channel; '' when it is gone."""
        try:
            return await self.read_on(call, "CHANNEL")
        except ActionRefused:
            return ""
