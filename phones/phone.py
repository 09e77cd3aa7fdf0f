"""A citizen's and an agent's phone, over baresip.

    async with Phones("127.0.0.1") as phones:
        call = await phones.call("156", "127.0.0.1:15600", caller="11987654321")
        await call.answered(10); await call.press("1"); await call.over(60)

One event loop may hold any number of phones; all share one SIP stack (baresip allows one a
process). Sound is 8 kHz, 16 bit, mono, as on the line.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import math
import struct
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import baresip
from baresip.call import Call
from baresip.runtime import Runtime
from baresip.ua import UserAgent

from phones.sockets import free_port, own_address

RATE = 8_000
FRAME_SECONDS = 0.02
FRAME_BYTES = int(RATE * FRAME_SECONDS) * 2
READ_BYTES = 32 * 1024
LOUD = 400.0  # RMS of a 16-bit frame above which somebody is speaking
NO_SOUND_SECONDS = 0.2  # a line on which nothing came for this long is silent, not late


def tone(hertz: float, seconds: float, level: float = 0.25) -> bytes:
    """A steady tone, which a recording can be searched for."""
    count = int(RATE * seconds)
    wave = (math.sin(2 * math.pi * hertz * n / RATE) for n in range(count))
    return struct.pack(f"<{count}h", *(int(32_767 * level * value) for value in wave))


def loudness(pcm: bytes) -> float:
    """The RMS of 16-bit samples; 0.0 of nothing."""
    count = len(pcm) // 2
    if not count:
        return 0.0
    samples = struct.unpack(f"<{count}h", pcm[: count * 2])
    return math.sqrt(sum(sample * sample for sample in samples) / count)


@dataclass(eq=False)
class Line:
    """One call of a phone, in either direction: what is heard on it, and what it says."""

    call: Call
    began: float = field(default_factory=time.monotonic)
    answered_at: float | None = None
    closed_at: float | None = None
    heard: bytearray = field(default_factory=bytearray)  # from the answer on, silence included
    loud_seconds: float = 0.0  # how much of it was speech or music
    keys: list[str] = field(default_factory=list)  # that the other side pressed
    why_closed: str = ""
    _say: bytes = b""
    _repeat: bytes = b""
    _answered: asyncio.Event = field(default_factory=asyncio.Event)
    _closed: asyncio.Event = field(default_factory=asyncio.Event)
    _pump: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        self.call.on(self.hear_event)
        self.call.on_dtmf(lambda digit: self.keys.append(digit.digit))

    @property
    def peer_name(self) -> str:
        """Who is calling, as the phone would show it."""
        return self.call.peer or ""

    @property
    def asks_to_answer(self) -> bool:
        """Whether the other side asks that the phone answer by itself, as softphones read it."""
        return "answer-after=0" in self.call.headers.get("Call-Info", "")

    @property
    def is_answered(self) -> bool:
        """Whether the two sides were joined at any time."""
        return self.answered_at is not None

    @property
    def is_over(self) -> bool:
        """Whether the call has ended."""
        return self._closed.is_set()

    async def answered(self, seconds: float) -> None:
        """Wait for the answer. TimeoutError, or ConnectionError when it was refused."""
        closed = asyncio.ensure_future(self._closed.wait())
        joined = asyncio.ensure_future(self._answered.wait())
        try:
            done, _ = await asyncio.wait(
                {closed, joined}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED
            )
            if not done:
                raise TimeoutError(f"no answer within {seconds:g} s")
            if not self.is_answered:
                raise ConnectionError(self.why_closed or "refused")
        finally:
            closed.cancel()
            joined.cancel()

    async def over(self, seconds: float) -> None:
        """Wait for the end of the call. TimeoutError."""
        await asyncio.wait_for(self._closed.wait(), seconds)

    async def press(self, keys: str) -> None:
        """Press keys (RFC 4733)."""
        await self.call.send_dtmf(keys)

    def say(self, pcm: bytes, repeat: bool = False) -> None:
        """Send this sound instead of silence, from now on; once or for ever."""
        self._say, self._repeat = pcm, pcm if repeat else b""

    async def hang_up(self) -> None:
        """End the call; nothing happens when it is over already."""
        with contextlib.suppress(baresip.StaleHandleError):
            await self.call.hangup()

    async def pick_up(self) -> None:
        """Answer a call that rings."""
        with contextlib.suppress(baresip.StaleHandleError):
            await self.call.answer()

    async def reject(self) -> None:
        """Say busy (486)."""
        with contextlib.suppress(baresip.StaleHandleError):
            await self.call.reject()

    def hear_event(self, event: Any) -> None:
        """What the SIP stack tells of this call; told twice it is heard once."""
        if event.event is baresip.Event.CALL_ESTABLISHED and self.answered_at is None:
            self.answered_at = time.monotonic()
            self._pump = asyncio.get_running_loop().create_task(self._keep_sound_moving())
            self._answered.set()
        elif event.event is baresip.Event.CALL_CLOSED:
            self.why_closed = event.text or ""
            self.closed_at = time.monotonic()
            self._closed.set()

    async def _keep_sound_moving(self) -> None:
        """Take what has come and give what is due, on the beat of the line."""
        audio, due = self.call.audio, time.monotonic()
        came_last = due
        while not self.is_over:
            try:
                came = audio.read(READ_BYTES)
                self._take(came)
                if came:
                    came_last = time.monotonic()
                elif time.monotonic() - came_last > NO_SOUND_SECONDS:
                    self._take_silence()
                audio.write(self._next_frame())
            except (baresip.AudioNotActive, baresip.AudioRestarted):
                pass  # between two agreements on the sound
            due += FRAME_SECONDS
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    def _take(self, came: bytes) -> None:
        self.heard += came
        for start in range(0, len(came), FRAME_BYTES):
            frame = came[start : start + FRAME_BYTES]
            if loudness(frame) > LOUD:
                self.loud_seconds += len(frame) / 2 / RATE

    def _take_silence(self) -> None:
        """Fill up to now: a side that has nothing to say may send nothing at all."""
        assert self.answered_at is not None
        frames = int((time.monotonic() - self.answered_at) / FRAME_SECONDS)
        self.heard += bytes(max(0, frames * FRAME_BYTES - len(self.heard)))

    def _next_frame(self) -> bytes:
        if not self._say:
            self._say = self._repeat
        frame, self._say = self._say[:FRAME_BYTES], self._say[FRAME_BYTES:]
        return frame.ljust(FRAME_BYTES, b"\0")


@dataclass(eq=False)
class AgentPhone:
    """An agent's registered phone. `on_ring` is told of each call that rings."""

    name: str
    agent: UserAgent
    lines: list[Line] = field(default_factory=list)
    on_ring: Callable[[Line], Awaitable[None]] | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.agent.on_incoming(self._ring)

    async def unregister(self) -> None:
        """Leave: the phone is not there any more, and whatever it was doing ends."""
        for task in self._tasks:
            task.cancel()
        await self.agent.unregister()

    def _ring(self, call: Call) -> None:
        line = Line(call)
        self.lines.append(line)
        if self.on_ring is not None:
            task = asyncio.get_running_loop().create_task(_quietly(self.on_ring(line)))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)


async def _quietly(work: Awaitable[None]) -> None:
    with contextlib.suppress(baresip.StaleHandleError, TimeoutError):
        await work


class Phones:
    """The SIP stack that all phones of this process share."""

    def __init__(self, server: str = "127.0.0.1", rtp_first: int = 45_000, port: int = 0) -> None:
        """`server`: an address that the phones will speak to. `port`: of their SIP (0: any)."""
        self.bind = own_address(server)
        self._port = port
        self._rtp = (rtp_first, rtp_first + 4_000)
        self._runtime = Runtime()

    async def __aenter__(self) -> Phones:
        port = self._port or free_port(self.bind)
        await self._runtime.start(
            baresip.Config(
                net_interface=self.bind,
                max_concurrent_calls=None,
                expose_headers=("Call-Info", "Alert-Info"),
                native_log_level="error",
                extra_config_text=(
                    f"sip_listen {self.bind}:{port}\nrtp_ports {self._rtp[0]}-{self._rtp[1]}\n"
                    + _buffering(self.bind)
                ),
            )
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._runtime.close()

    async def call(
        self, number: str, trunk: str, caller: str, headers: dict[str, str] | None = None
    ) -> Line:
        """Dial `number` at `trunk` (host:port) as the citizen whose number is `caller`."""
        account = baresip.Account(
            user=caller, domain=trunk, password="", reg_interval=0, audio_codecs=("pcma",)
        )
        citizen = await UserAgent.create(self._runtime, account, transfer_policy="reject")
        # A switch that answers at once may be heard before the call is known here by its handle.
        early: list[Any] = []
        self._runtime.subscribe(early.append)
        try:
            call = await citizen.dial(f"sip:{number}@{trunk}", headers=headers)
            line = Line(call)
        finally:
            self._runtime.unsubscribe(early.append)
        for event in early:
            if event.call == call.handle:
                line.hear_event(event)
        return line

    async def agent(self, name: str, password: str, server: str) -> AgentPhone:
        """Register an agent's phone at `server` (host:port)."""
        account = baresip.Account(
            user=name, domain=server, password=password, audio_codecs=("pcma",), reg_interval=60
        )
        agent = await UserAgent.create(self._runtime, account, transfer_policy="reject")
        phone = AgentPhone(name, agent)
        await agent.register(timeout=5)
        return phone

    async def outside(self, number: str) -> AgentPhone:
        """A phone elsewhere that rings when `number` is dialled at this stack's own port."""
        account = baresip.Account(
            user=number, domain=self.bind, password="", audio_codecs=("pcma",), reg_interval=0
        )
        elsewhere = await UserAgent.create(self._runtime, account, transfer_policy="reject")
        return AgentPhone(number, elsewhere)


def _buffering(bind: str) -> str:
    """Within one machine no packet is late: a buffer for that would only move the sound about."""
    local = ipaddress.ip_address(bind).is_loopback
    return "audio_jitter_buffer_type off\naudio_buffer_mode fixed\n" if local else ""
