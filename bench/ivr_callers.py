"""P4's callers: they listen to some texts, cut others short, and press keys that lead deep.

`python -m bench.ivr_callers PORT SECONDS AT_ONCE`: calls, one after the other and so many at once,
against a server of steps; prints one JSON line with how long each caller waited for commands.
"""

from __future__ import annotations

import asyncio
import functools
import json
import random
import sys
import time
from typing import Final

import uvloop

from bench.agi_client import Channel, itself, step_header
from bench.figures import summary

HOST = "127.0.0.1"
TEXT_SECONDS = (0.5, 1.5)
TYPING_SECONDS = (0.15, 0.3)
HEARD_OUT = 0.4  # the share of texts that are not cut short although a key is known
BARE = ("SET VARIABLE A 1", 'STREAM FILE a ""', 'STREAM FILE b "1239"', "SET VARIABLE B 2")

WAYS: Final = (
    "1119",  # a hole in the street
    "11113104871#112",  # …, asked about before: its number is looked up, and noted once more
    "139",
    "1519",  # the street's lights, heard twice
    "2129",  # lines of buses, and back to the start
    "24",
    "3119",  # a vaccination campaign
    "33",
    "44242424271",  # a protocol that nobody was given
    "44242424284242424271",  # …, mistyped first
    "*17482915#112",  # an appointment, by its code
    "*17730264#1212",  # …, called off
    "51",
    "562",
    "03",
    "05",
    "66",  # wrong keys
    "9",
    "",  # silence
)
"""What is pressed, key by key, whenever a key may be. After its end: silence, so a person."""


class Caller(Channel):
    """Goes one of WAYS, and leaves in the queue, or when it is late."""

    def __init__(self, opening: bytes, over: asyncio.Future[int], until: float) -> None:
        """`until`: by the loop's clock."""
        super().__init__(opening, over)
        self.until = until
        self.keys = list(random.choice(WAYS))
        self.typing = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.loop = asyncio.get_running_loop()
        self.waits: list[float] = []
        super().connection_made(transport)
        self.answered_at = time.perf_counter()

    def data_received(self, data: bytes) -> None:
        self.commands += 1
        self.waits.append((time.perf_counter() - self.answered_at) * 1000)
        if data.startswith(b"CONTROL") or self.is_late:
            self.transport.close()
        elif data.startswith(b"WAIT"):
            self._press() if self.keys else self._hear()
        elif data.startswith(b"STREAM"):
            asked = not data.rstrip().endswith(b'""') and bool(self.keys)
            self._press() if asked and random.random() > HEARD_OUT else self._hear()
        else:
            self.typing = False
            self._answer(b"200 result=0\n")

    @property
    def is_late(self) -> bool:
        """Whether the measurement is over."""
        return self.loop.time() > self.until

    def _press(self) -> None:
        """The next key: some time into a text, or soon after the one before it."""
        reply = b"200 result=%d endpos=800\n" % ord(self.keys.pop(0))
        seconds = random.uniform(*(TYPING_SECONDS if self.typing else TEXT_SECONDS))
        self.typing = True
        self.loop.call_later(seconds, self._answer, reply)

    def _hear(self) -> None:
        self.typing = False
        seconds = random.uniform(*TEXT_SECONDS)
        self.loop.call_later(seconds, self._answer, b"200 result=0 endpos=800\n")

    def _answer(self, reply: bytes) -> None:
        self.answered_at = time.perf_counter()
        self.transport.write(reply)


async def _call(port: int, seconds: float, at_once: int) -> None:
    loop = asyncio.get_running_loop()
    started = loop.time()
    until = started + seconds
    first: list[float] = []
    steps: list[float] = []

    async def one_after_the_other(number: int) -> None:
        await asyncio.sleep(random.uniform(0, TEXT_SECONDS[1]))
        count = 0
        while loop.time() < until:
            count += 1
            over: asyncio.Future[int] = loop.create_future()
            caller = Caller(step_header(f"n1-{number}.{count}"), over, until)
            await loop.create_connection(functools.partial(itself, caller), HOST, port)
            if await over < len(BARE) and not caller.is_late:
                raise RuntimeError("a call was cut short")
            first.append(caller.waits[0])
            steps.extend(caller.waits[1:])

    await asyncio.gather(*(one_after_the_other(number) for number in range(at_once)))
    spent = loop.time() - started
    rate = round((len(first) + len(steps)) / spent, 1)
    told = {"first": summary(first), "per_second": rate, "calls": len(first)}
    print(json.dumps(summary(steps) | told))


if __name__ == "__main__":
    uvloop.run(_call(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])))
