"""P3: FastAGI sessions of six commands for each CPU-second of the server, on uvloop: panoramisk's
own application and ours, in turn, against the same client in a process of its own.

`python -m bench.agi_sessions WHO` is one such server; it prints one JSON line and ends.
"""

from __future__ import annotations

import asyncio
import json
import resource
import statistics
import subprocess
import sys
from typing import Any

import uvloop
from panoramisk.fast_agi import Application

from bench.figures import Figure, load
from pbx.agi_server import AgiServer
from pbx.agi_session import AgiSession

SESSIONS, AT_ONCE = 20_000, 100
COMMANDS = 6
RUNS = 3
GOAL = 12_000.0
HOST = "127.0.0.1"


def measure() -> list[Figure]:
    """The figure of P3."""
    found: dict[str, list[float]] = {"panoramisk": [], "ours": []}
    for _ in range(RUNS):
        for who, runs in found.items():
            runs.append(_serve_in_a_process(who))
    theirs, ours = statistics.median(found["panoramisk"]), statistics.median(found["ours"])
    return [
        Figure(
            "P3",
            f"FastAGI sessions per CPU-second, {COMMANDS} commands, {AT_ONCE} at once, uvloop",
            f"panoramisk {theirs:,.0f}",
            f"{ours:,.0f}, {ours / theirs:.1f}×",
            f"≥ {GOAL:,.0f}",
            ours >= GOAL,
            {"runs": found, "load": load()},
        )
    ]


def _serve_in_a_process(who: str) -> float:
    command = [sys.executable, "-m", "bench.agi_sessions", who]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    return float(json.loads(ran.stdout)["sessions_per_cpu_second"])


async def _serve(who: str) -> float:
    port, close = await (_panoramisk() if who == "panoramisk" else _ours())
    before = resource.getrusage(resource.RUSAGE_SELF)
    words = ["-m", "bench.agi_client", str(port), str(SESSIONS), str(AT_ONCE), str(COMMANDS)]
    client = await asyncio.create_subprocess_exec(sys.executable, *words)
    if await client.wait() != 0:
        raise RuntimeError("not every session went to its end")
    after = resource.getrusage(resource.RUSAGE_SELF)
    close()
    return SESSIONS / (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)


async def _panoramisk() -> tuple[int, Any]:
    async def handle(request: Any) -> None:
        for _ in range(COMMANDS):
            await request.send_command('SET VARIABLE A "1"')

    application = Application(loop=asyncio.get_running_loop())
    application.add_route("step", handle)
    server = await asyncio.start_server(application.handler, HOST, 0, backlog=1024)
    return server.sockets[0].getsockname()[1], server.close


async def _ours() -> tuple[int, Any]:
    async def handle(session: AgiSession) -> None:
        for _ in range(COMMANDS):
            await session.set(A="1")

    server = AgiServer(HOST, 0, handle)
    await server.start()
    return server.port, lambda: None


if __name__ == "__main__":
    print(json.dumps({"sessions_per_cpu_second": uvloop.run(_serve(sys.argv[1]))}))
