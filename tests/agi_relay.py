"""Stands between the switch and control's AGI door, and times each answer.

    with AgiRelay(listens, [door]) as relay:     # or two doors, of two control processes
        …
    relay.answers                                # (opened at, s until control's first word)

A session goes to the next door in turn; to another, if that one refuses. All of it runs in a
process of its own, so that a test's own work delays nobody.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

CHUNK = 64 * 1024
GATED = b"dialstatus=GATE"
LOOPBACK = "127.0.0.1"


class AgiRelay:
    """See the file's top."""

    def __init__(self, listens: int, doors: list[int], file: Path) -> None:
        self.file = file
        words = [str(listens), str(file), *map(str, doors)]
        self._process = subprocess.Popen([sys.executable, __file__, *words])

    def __enter__(self) -> AgiRelay:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.wait()

    @property
    def answers(self) -> list[tuple[float, float]]:
        """Each session that was answered: when it was opened (s since 1970), and how long control
        took to its first word."""
        return [(opened, took) for opened, took, _, _ in self._lines() if took is not None]

    @property
    def unanswered(self) -> int:
        """How many sessions ended, or were refused, without a word of control's."""
        return sum(took is None for _, took, _, _ in self._lines())

    @property
    def gated(self) -> int:
        """How many came from a dial that the dialplan's gate had refused."""
        return sum(gated for *_, gated in self._lines())

    def _lines(self) -> list[tuple[float, float | None, int, bool]]:
        lines = self.file.read_text().splitlines() if self.file.exists() else []
        return [tuple(json.loads(line)) for line in lines]


class _Relay:
    def __init__(self, doors: list[int], file: Path) -> None:
        self.doors, self.turn = doors, 0
        self.out = file.open("a", buffering=1)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        opened, began, door, gated = time.time(), time.monotonic(), 0, False
        took: float | None = None
        try:
            door, there, back = await self._open()
            asked = await reader.readuntil(b"\n\n")
            gated = GATED in asked
            back.write(asked)
            sending = asyncio.create_task(_pass(reader, back))
            try:
                first = await there.read(CHUNK)
                if first:
                    took = time.monotonic() - began
                writer.write(first)
                await _pass(there, writer)
            finally:
                sending.cancel()
                back.close()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            self.out.write(json.dumps([opened, took, door, gated]) + "\n")

    async def _open(self) -> tuple[int, asyncio.StreamReader, asyncio.StreamWriter]:
        for _ in self.doors:
            door = self.doors[self.turn % len(self.doors)]
            self.turn += 1
            with contextlib.suppress(OSError):
                return door, *await asyncio.open_connection(LOOPBACK, door)
        raise ConnectionRefusedError


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hand on until the one side ends; then the other side is ended."""
    with contextlib.suppress(OSError):
        while part := await reader.read(CHUNK):
            writer.write(part)
            await writer.drain()
    writer.close()


async def _main(listens: int, file: Path, doors: list[int]) -> None:
    relay = _Relay(doors, file)
    server = await asyncio.start_server(relay.serve, LOOPBACK, listens, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    import uvloop

    uvloop.run(_main(int(sys.argv[1]), Path(sys.argv[2]), list(map(int, sys.argv[3:]))))
