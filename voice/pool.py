"""The processes that speak, and the texts that wait for them. Nothing here blocks the event loop.

A text that many calls wait for is spoken once. A text that nobody waits for any more is not begun;
one that is being spoken is finished, for the next caller. A process that dies, or that does not
answer, is replaced, ever more slowly while it keeps dying.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import sys
from collections import deque
from collections.abc import Sequence

from terms.limits import (
    LIVE_RESTART_FIRST,
    LIVE_RESTART_LAST,
    LIVE_SOUND_BYTES,
    LIVE_SPEAKING,
    LIVE_START,
    LIVE_VOICES,
    LIVE_WAITING,
)
from terms.names import Seconds

log = logging.getLogger(__name__)

LINE_BYTES = 64 * 1024
LIVE_PACE: Seconds = 0.5
"""How long a text takes the voice, before any was timed."""
PACE_WEIGHT = 0.25
"""How much the latest text counts in what the next is expected to take."""
Asked = tuple[str, str]
"""A language and the words."""


class NotSpoken(Exception):
    """The fast voice did not say it; `str` is a reason for the log, without the words."""


class _Text:
    """One text on its way: who waits for it share `spoken`."""

    __slots__ = ("asked", "spoken", "waiting")

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.spoken: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self.waiting = 0


class Pool:
    """`voices` processes of `command`, each speaking one text at a time, and a bounded queue."""

    def __init__(
        self,
        command: Sequence[str],
        voices: int = LIVE_VOICES,
        most_waiting: int = LIVE_WAITING,
        speaking: Seconds = LIVE_SPEAKING,
        restart_first: Seconds = LIVE_RESTART_FIRST,
    ) -> None:
        self._command = tuple(command)
        self._voices, self._most_waiting = voices, most_waiting
        self._speaking, self._restart_first = speaking, restart_first
        self._texts: dict[Asked, _Text] = {}
        self._queue: deque[_Text] = deque()
        self._came = asyncio.Condition()
        self._tasks: list[asyncio.Task[None]] = []
        self._pace = LIVE_PACE
        self.ready = 0
        """How many processes can speak now."""

    def start(self) -> None:
        """Start the processes; they warm up by themselves."""
        self._tasks = [asyncio.create_task(self._keep_speaking()) for _ in range(self._voices)]

    async def close(self) -> None:
        """End the processes."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        for text in self._texts.values():
            text.spoken.cancel()
        self._texts.clear()
        self._queue.clear()

    def begun(self, language: str, words: str) -> bool:
        """Whether these words are being spoken right now."""
        text = self._texts.get((language, words))
        return text is not None and text not in self._queue

    async def speak(self, language: str, words: str, within: Seconds) -> bytes:
        """The samples of these words. NotSpoken when nothing can speak, when so many wait that it
        cannot be had `within` this time, or when it cannot be said. It may still take longer; the
        caller bounds that, and is free to leave."""
        if not self.ready:
            raise NotSpoken("no voice is ready")
        asked = (language, words)
        text = self._texts.get(asked)
        if text is None:
            ahead = len(self._texts)  # an idle voice is never refused: else a slow one stays so
            expected = (ahead + 1) * self._pace / self.ready
            if ahead and (ahead > self._most_waiting or expected > within):
                raise NotSpoken("too many texts wait")
            text = self._texts[asked] = _Text(asked)
            self._queue.append(text)
            async with self._came:
                self._came.notify_all()
        text.waiting += 1
        try:
            return await asyncio.shield(text.spoken)
        finally:
            text.waiting -= 1
            if not text.waiting and text in self._queue:
                self._queue.remove(text)
                self._texts.pop(asked, None)

    async def _keep_speaking(self) -> None:
        """One process after the other."""
        pause = self._restart_first
        while True:
            began = asyncio.get_running_loop().time()
            try:
                await self._one_process()
            except Exception as why:
                told = str(why) if isinstance(why, NotSpoken) else type(why).__name__
                log.warning("a voice ended", extra={"why": told})
            if asyncio.get_running_loop().time() - began > LIVE_RESTART_LAST:
                pause = self._restart_first
            await asyncio.sleep(pause)
            pause = min(pause * 2, LIVE_RESTART_LAST)

    async def _one_process(self) -> None:
        """Speak until the process ends or fails."""
        process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            limit=LINE_BYTES,
        )
        counted = False
        try:
            assert process.stdout is not None
            head = await asyncio.wait_for(_line(process.stdout), LIVE_START)
            if "ready" not in head:
                raise NotSpoken(str(head.get("missing", "not ready"))[:200])
            self.ready += 1
            counted = True
            while True:
                await self._next(process)
        finally:
            self.ready -= counted
            if not self.ready:
                self._give_up_waiting()
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
            await process.wait()

    async def _next(self, process: asyncio.subprocess.Process) -> None:
        """Let the process say the next text. Raises when the process is of no more use."""
        text = await self._next_text(process)
        began = asyncio.get_running_loop().time()
        try:
            samples = await asyncio.wait_for(_said(process, text.asked), self._speaking)
            took = asyncio.get_running_loop().time() - began
            self._pace += PACE_WEIGHT * (took - self._pace)
        except NotSpoken as why:
            if not text.spoken.done():
                text.spoken.set_exception(why)
                text.spoken.exception()  # whoever has left by now shall not be complained of
        except BaseException as why:
            if not text.spoken.done():
                text.spoken.set_exception(NotSpoken(type(why).__name__))
                text.spoken.exception()
            raise
        else:
            if not text.spoken.done():
                text.spoken.set_result(samples)
        finally:
            self._texts.pop(text.asked, None)

    async def _next_text(self, process: asyncio.subprocess.Process) -> _Text:
        """The text that waits longest. EOFError when the process ends meanwhile."""
        ended = asyncio.ensure_future(process.wait())
        try:
            while not self._queue:
                came = asyncio.ensure_future(self._wait_for_text())
                try:
                    await asyncio.wait({came, ended}, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    came.cancel()
                if ended.done():
                    raise EOFError("the process ended")
            return self._queue.popleft()
        finally:
            ended.cancel()

    async def _wait_for_text(self) -> None:
        async with self._came:
            await self._came.wait_for(lambda: bool(self._queue))

    def _give_up_waiting(self) -> None:
        """Nothing speaks: whoever waits shall hear the fallback at once."""
        while self._queue:
            text = self._queue.popleft()
            self._texts.pop(text.asked, None)
            if not text.spoken.done():
                text.spoken.set_exception(NotSpoken("no voice is ready"))
                text.spoken.exception()


async def _said(process: asyncio.subprocess.Process, asked: Asked) -> bytes:
    """One text's samples. NotSpoken when the voice refuses the text; any other exception means
    that the process cannot be trusted any more."""
    assert process.stdin is not None
    assert process.stdout is not None
    language, words = asked
    request = json.dumps({"language": language, "words": words})
    process.stdin.write(request.encode() + b"\n")
    await process.stdin.drain()
    head = await _line(process.stdout)
    if "wrong" in head:
        raise NotSpoken(str(head["wrong"])[:80])
    size = head.get("bytes")
    if not isinstance(size, int) or not 0 < size <= LIVE_SOUND_BYTES:
        raise ValueError("an answer of no use")
    return await process.stdout.readexactly(size)


async def _line(answers: asyncio.StreamReader) -> dict[str, object]:
    head = json.loads(await answers.readuntil(b"\n"))
    if not isinstance(head, dict):
        raise ValueError("an answer of no use")
    return head


def command_of(voice: str) -> tuple[str, ...]:
    """What starts the process that speaks with this voice (voice/mouth.py)."""
    return (sys.executable, "-m", "voice.mouth", voice)
