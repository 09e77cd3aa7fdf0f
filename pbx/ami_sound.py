"""What a leg sends: whether it is heard, and how many packets have come. Mixed into AmiLink.

c156-listen and c156-whisper switch the listening on (TALK_DETECT): the switch then says when a leg
begins to be heard and when it has been silent for DEAD_AIR_QUIET. A citizen whom a campaign called
is listened to for speech first, with shorter pauses; `hear_all` ends that.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Final

from pbx.ami_wire import PACKETS_COUNTED, AmiFault
from terms.limits import DEAD_AIR_LEVEL, DEAD_AIR_QUIET
from terms.names import CallId
from terms.signals import Sound

if TYPE_CHECKING:
    from pbx.ami_session import AmiSession

log = logging.getLogger(__name__)

SOUNDS: Final = {
    "ChannelTalkingStart": Sound.BEGAN,
    "ChannelTalkingStop": Sound.ENDED,
    "Hold": Sound.HELD,
    "Unhold": Sound.BACK,
}
"""AMI's events about what a leg sends."""

_LEG = re.compile(r"[\w/:.-]{1,120}")


class SoundOrders:
    """See the file's top."""

    def _session(self) -> AmiSession:
        raise NotImplementedError

    async def hear_all(self, call: CallId) -> None:
        """From now on any sound of this citizen's is told of, as in every other talk."""
        listening = f"{round(DEAD_AIR_QUIET * 1000)},{DEAD_AIR_LEVEL}"
        for variable, value in (("C156_WORDS", "1"), ("TALK_DETECT(set)", listening)):
            headers = {"Channel": call, "Variable": variable, "Value": value}
            await self._session().ask("Setvar", headers)

    async def packets_from(self, leg: str) -> int | None:
        """How many packets of sound have come from a leg (a channel's name, or a call's id); None
        when the switch cannot say: the leg is gone, or the link is down."""
        if not _LEG.fullmatch(leg):
            return None
        try:
            answer = await self._session().ask(
                "Getvar", {"Channel": leg, "Variable": PACKETS_COUNTED}
            )
        except AmiFault as fault:
            log.debug("packets were not counted", extra={"why": type(fault).__name__})
            return None
        value = answer.one("Value")
        return int(value) if value.isascii() and value.isdigit() else None
