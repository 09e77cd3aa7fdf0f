"""One step's hold on a call's channel: what a step may ask of it, in our words.

It is a panoramisk `Request`, so a handler written for panoramisk (`request.headers`,
`await request.send_command("…")`) runs here unchanged, behind our guard. Nothing of panoramisk's
own talking is used: it takes a value that reads `hangup` for a hang-up, loses step on a value
with a newline and on a 520 of several rows, and never gives up waiting.

Every command that lasts first re-arms the dead-man's switch to its own length, and gives the rest
back when it ends early, so a process that hangs later holds nobody longer than it must.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Mapping
from typing import Any

from panoramisk.fast_agi import Request

from pbx import agi_wire as wire
from pbx.agi_exchange import Exchange
from terms.limits import MESSAGE_TONE, PROMPT_SECONDS_MAX, STEP_REARM
from terms.names import Seconds
from terms.signals import PromptLost, StepOver

log = logging.getLogger(__name__)

FAILED = -1
SPARE: Seconds = 1.0  # what may be left on the switch, beyond STEP_REARM, without giving it back
TONE = "1400/500"  # of a telephone that records, as on the static path
KEEP_WHEN_LEFT = "qk"  # q: the tone was ours; k: keep it when the caller hangs up
NO_KEY = "x"  # where Asterisk wants a key and none shall work: no telephone sends this


class AgiSession(Request):  # type: ignore[misc]  # panoramisk has no types
    """Satisfies `callflow.ports.Session`. StepOver when the channel or the session is gone."""

    def __init__(self, header: wire.Header, exchange: Exchange, clock: Any) -> None:
        super().__init__(None, header.rows, None, None)
        self.request: Mapping[str, str] = header.arguments
        self.channel: str = header.rows["agi_channel"]
        self._exchange = exchange
        self._clock = clock  # the loop's own
        self._armed_until = 0.0

    @property
    def hung_up(self) -> bool:
        """Asterisk said `HANGUP`, or the connection is gone: this step is over."""
        return self._exchange.hung_up or self._exchange.over.is_set()

    async def set(self, **variables: str) -> None:
        """Write variables on the channel, in one command and in the order given.

        CommandRefused for a name or value that Asterisk would not take as it is; then nothing
        was written.
        """
        for command in wire.set_variables(variables):
            reply = await self._exchange.ask(command)
            if reply.result is None or reply.result < 0:
                raise wire.CommandFailed("variables could not be written")

    async def get(self, name: str) -> str:
        """A variable's value, '' when it has none. CommandRefused when it holds a newline."""
        wire.checked_variable(name)
        nonce = secrets.token_hex(12)
        rows = await self._exchange.ask_verbatim(
            wire.READ_VARIABLE % name.encode(),
            wire.command("GET FULL VARIABLE", nonce),
            b"200 result=1 (%s)" % nonce.encode(),
        )
        if len(rows) != 1:
            raise wire.CommandRefused("a value with a newline")
        return wire.read_reply(rows[0]).data

    async def play(self, prompt: str, keys: str = "", seconds: Seconds = 0.0) -> str:
        """Play a prompt (path without extension) to its end or to one of `keys`; that key or ''.

        `seconds` is its length; 0 means unknown. PromptLost when it cannot be played.
        """
        seconds = seconds or PROMPT_SECONDS_MAX
        command = wire.command("STREAM FILE", prompt, wire.checked_keys(keys))
        reply = await self._lasting(command, seconds)
        await self._check_played(reply)
        return _key(reply)

    async def play_stoppable(self, prompt: str, seconds: Seconds = 0.0) -> None:
        """Play a prompt to its end, or until it is stopped by AMI's ControlPlayback. PromptLost."""
        seconds = seconds or PROMPT_SECONDS_MAX
        command = wire.command("CONTROL STREAM FILE", prompt, "", "3000", NO_KEY, NO_KEY, NO_KEY)
        await self._check_played(await self._lasting(command, seconds))

    async def wait_key(self, seconds: Seconds) -> str:
        """Wait for one key; '' after `seconds` of silence."""
        milliseconds = str(round(seconds * 1000))
        reply = await self._lasting(wire.command("WAIT FOR DIGIT", milliseconds), seconds)
        if reply.result == FAILED:
            raise StepOver
        return _key(reply)

    async def music(self, on: bool, klass: str = "default") -> None:
        """Start or stop the hold music; it plays while no command does."""
        if on:
            command = wire.execute("StartMusicOnHold", wire.checked_music(klass))
        else:
            command = wire.execute("StopMusicOnHold")
        reply = await self._exchange.ask(command)
        if reply.result != 0:
            log.warning("the hold music could not be changed", extra={"music": klass, "on": on})

    async def tone(self) -> None:
        """The tone after which a message is spoken: MESSAGE_TONE long."""
        await self._exchange.ask(wire.execute("Playtones", TONE))
        await asyncio.sleep(MESSAGE_TONE)
        await self._exchange.ask(wire.execute("StopPlayTones"))

    async def record(self, file: str, seconds: Seconds, silence: Seconds) -> None:
        """Record to a `.wav` of this whole path, whose folder is made if need be: up to `seconds`,
        to `silence` seconds of silence (0 = however long), or to `#`.

        StepOver when the caller hangs up; what was said is kept. CommandRefused for another path.
        """
        command = wire.record(file, round(silence), round(seconds), KEEP_WHEN_LEFT)
        reply = await self._lasting(command, seconds)
        if reply.result == FAILED:
            await self.rearm()  # StepOver if the caller is gone; else nothing could be written
            log.warning("a message was not recorded", extra={"call": self.request.get("call")})

    async def count_as(self, line: str) -> None:
        """From now on the channel counts among those of this line (the cap of 156 looks there)."""
        await self._exchange.ask(wire.COUNT_AS % wire.checked_line(line))

    async def rearm(self) -> None:
        """Tell the dead-man's switch that we are alive: STEP_REARM more seconds."""
        await self._arm(STEP_REARM)

    async def wait_over(self) -> None:
        """Return when the session is hung up or gone; never sooner. Asks nothing."""
        await self._exchange.over.wait()

    async def send_command(self, command: str) -> dict[str, Any]:
        """panoramisk's own call, guarded: a command without variables or foreign applications.

        The answer is panoramisk's dictionary. Re-arming the switch is the handler's business.
        """
        reply = await self._exchange.ask(wire.checked_row(command), PROMPT_SECONDS_MAX)
        result = "" if reply.result is None else str(reply.result)
        return {"status_code": reply.code, "result": (result, reply.data), "msg": ""}

    async def _lasting(self, command: bytes, seconds: Seconds) -> wire.Reply:
        await self._arm(seconds + STEP_REARM)
        reply = await self._exchange.ask(command, seconds)
        if self._armed_until - self._clock() > STEP_REARM + SPARE:
            await self._arm(STEP_REARM)
        return reply

    async def _arm(self, seconds: Seconds) -> None:
        self._armed_until = self._clock() + seconds
        await self._exchange.ask(wire.ARM % seconds)

    async def _check_played(self, reply: wire.Reply) -> None:
        if reply.result == FAILED:
            # No such file, or a hang-up in the middle: a channel that is gone answers no more.
            await self.rearm()
            log.warning("a prompt could not be played", extra={"call": self.request.get("call")})
            raise PromptLost


def _key(reply: wire.Reply) -> str:
    return chr(reply.result) if reply.result is not None and 0 < reply.result < 128 else ""
