"""An Asterisk without memory: so many AGI sessions, so many at once, every command answered well.

`python -m bench.agi_client PORT SESSIONS AT_ONCE COMMANDS`; exit code 1 if a session did
not bring so many commands.
"""

from __future__ import annotations

import asyncio
import functools
import sys
from typing import cast

import uvloop

CHANNEL = {
    "network": "yes",
    "network_script": "step",
    "request": "agi://127.0.0.1:4573/step",
    "channel": "PJSIP/C156-trunk-00000001",
    "language": "pt_BR",
    "type": "PJSIP",
    "uniqueid": "n1-1760000000.1",
    "version": "22.10.1",
    "callerid": "anonymous",
    "calleridname": "unknown",
    "callingpres": "0",
    "callingani2": "0",
    "callington": "0",
    "callingtns": "0",
    "dnid": "156",
    "rdnis": "unknown",
    "context": "c156-loop",
    "extension": "s",
    "priority": "3",
    "enhanced": "0.0",
    "accountcode": "",
    "threadid": "140000000000000",
}
"""A header's rows as Asterisk 22 writes them."""


def header(**arguments: str) -> bytes:
    """A whole header; the arguments as the dialplan gives them to a step."""
    rows = [f"agi_{name}: {value}" for name, value in CHANNEL.items()]
    rows += [f"agi_arg_{n}: {k}={v}" for n, (k, v) in enumerate(arguments.items(), 1)]
    return ("\n".join(rows) + "\n\n").encode()


def step_header(call: str, line: str = "156") -> bytes:
    """The header of a call's first step."""
    nothing = dict.fromkeys(
        ("test", "place", "dialstatus", "answered_ms", "dialed_ms", "joined"), ""
    )
    about = {"call": call, "line": line, "entry": line, "caller": "11987654321"}
    return header(**about, stage="arrived", **nothing, fails="0")


class Channel(asyncio.Protocol):
    """One session."""

    def __init__(self, opening: bytes, over: asyncio.Future[int]) -> None:
        self.opening, self.over = opening, over
        self.commands = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.write(self.opening)

    def data_received(self, data: bytes) -> None:
        if data.endswith(b"\n"):
            self.commands += 1
            self.transport.write(b"200 result=0\n")

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.over.done():
            self.over.set_result(self.commands)


def itself(channel: Channel) -> Channel:
    """For loops that want to make the protocol themselves."""
    return channel


async def _calls(port: int, sessions: int) -> set[int]:
    loop, opening = asyncio.get_running_loop(), step_header("n1-1760000000.1")
    counts = set()
    for _ in range(sessions):
        over: asyncio.Future[int] = loop.create_future()
        channel = Channel(opening, over)
        await loop.create_connection(functools.partial(itself, channel), "127.0.0.1", port)
        counts.add(await over)
    return counts


async def _main(port: int, sessions: int, at_once: int, commands: int) -> int:
    done = await asyncio.gather(*(_calls(port, sessions // at_once) for _ in range(at_once)))
    return int(set().union(*done) != {commands})


if __name__ == "__main__":
    sys.exit(uvloop.run(_main(*(int(word) for word in sys.argv[1:5]))))
