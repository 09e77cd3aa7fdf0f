"""P4: how long a caller waits for the next command of an IVR step, with 100 callers at once.

From the instant at which Asterisk answers one command (a key was pressed, a text is over) to the
instant at which the next one arrives. Ours: the real door, interpreter, menus, prompts, floor and
store, in one process, as in control. The anchor: panoramisk, with as many commands and nothing
behind them. The callers are in a process of their own; texts last 0.5 to 1.5 s.

`python -m bench.ivr_steps serve WHO SECONDS` is such a server, `… call PORT SECONDS` its callers.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, cast

import uvloop
from panoramisk.fast_agi import Application

from acd.floor import Floor
from bench.agi_client import Channel, itself, step_header
from bench.figures import Figure, load, median_run, summary
from callflow.floor_keeper import FloorKeeper
from callflow.ports import Switch
from callflow.serving import Serving
from callflow.steps import step
from callflow.visit import Tools
from central156.clock import now
from central156.plans import read_plans
from central156.plugs import VoicePlug
from central156.settings import load_settings
from outside import Outside
from pbx.agi_server import AgiServer
from pbx.agi_session import AgiSession
from pbx.recordings import Recordings
from protocol_store import Store
from terms.names import CallId

AT_ONCE, SECONDS, RUNS = 100, 10.0, 3
TEXT_SECONDS = (0.5, 1.5)
HOST = "127.0.0.1"
GOAL = 3.0
BARE = ("SET VARIABLE A 1", 'STREAM FILE a ""', 'STREAM FILE b "1239"', "SET VARIABLE B 2")


def measure() -> list[Figure]:
    """The figure of P4."""
    found: dict[str, list[dict[str, Any]]] = {"panoramisk": [], "ours": []}
    for _ in range(RUNS):
        for who, runs in found.items():
            runs.append(_serve_in_a_process(who))
    theirs, ours = (median_run(found[who], "p99") for who in ("panoramisk", "ours"))
    return [
        Figure(
            "P4",
            f"IVR step at {AT_ONCE} sessions, {ours['per_second']:.0f} commands/s, "
            "real menus and store",
            f"panoramisk, bare: p50 {theirs['p50']:.2f} ms, p99 {theirs['p99']:.2f}",
            f"p50 {ours['p50']:.2f} ms, p99 {ours['p99']:.2f} "
            f"(first, with its durable number: p99 {ours['first']['p99']:.1f})",
            f"p99 ≤ {GOAL:g} ms",
            ours["p99"] <= GOAL,
            {"runs": found},
        )
    ]


def _serve_in_a_process(who: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.ivr_steps", "serve", who, str(SECONDS)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    return dict(json.loads(ran.stdout.splitlines()[-1]))


# --- the servers ---
async def _serve(who: str, seconds: str) -> None:
    with tempfile.TemporaryDirectory(prefix="c156-bench-") as folder:
        port, close = await (_panoramisk() if who == "panoramisk" else _ours(Path(folder)))
        words = ["-m", "bench.ivr_steps", "call", str(port), seconds]
        began = time.process_time()
        client = await asyncio.create_subprocess_exec(
            sys.executable, *words, stdout=asyncio.subprocess.PIPE
        )
        said, _ = await client.communicate()
        if client.returncode != 0:
            raise RuntimeError("the callers failed")
        cpu = time.process_time() - began
        await close()
    print(json.dumps(json.loads(said) | {"server_cpu_seconds": round(cpu, 2), "load": load()}))


async def _panoramisk() -> tuple[int, Any]:
    async def handle(request: Any) -> None:
        for command in BARE:
            await request.send_command(command)
        with contextlib.suppress(ValueError):  # what panoramisk says when the caller hangs up
            await request.send_command('CONTROL STREAM FILE c ""')

    application = Application(loop=asyncio.get_running_loop())
    application.add_route("step", handle)
    server = await asyncio.start_server(application.handler, HOST, 0, backlog=1024)

    async def close() -> None:
        server.close()

    return server.sockets[0].getsockname()[1], close


async def _ours(folder: Path) -> tuple[int, Any]:
    settings = load_settings(folder)
    voice = VoicePlug(settings.sounds_dir)
    plans = read_plans(settings.dialplans_dir, voice, settings)
    store = Store(settings.store_url, "n1")
    await store.start()
    switch = cast("Switch", None)  # no agent is there, so nothing is asked of it
    keeper = FloorKeeper(Floor(plans.queues, 1), store, switch, now, lambda: None)
    outside, recordings = Outside({}, {}), Recordings(settings.recordings_dir)
    tools = Tools(store, switch, voice, keeper, now, Serving(plans), outside, recordings)
    keeper.watch(tools.book.read)

    async def handle(session: AgiSession) -> None:
        call = CallId(session.request["call"])
        try:
            await functools.partial(step, tools)(session)
        finally:  # the caller has hung up: as the switch would have told
            keeper.gone(call)
            tools.book.close(call)

    server = AgiServer(HOST, 0, handle)
    await server.start()

    async def close() -> None:
        await server.close(1.0)
        await store.close()
        if server.failed:
            raise RuntimeError(f"{server.failed} steps failed")

    return server.port, close


# --- the callers ---
class Caller(Channel):
    """Listens to each text for a while, presses 1 where a key is asked, leaves in the queue."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.loop = asyncio.get_running_loop()
        self.waits: list[float] = []
        super().connection_made(transport)
        self.answered_at = time.perf_counter()

    def data_received(self, data: bytes) -> None:
        self.commands += 1
        self.waits.append((time.perf_counter() - self.answered_at) * 1000)
        if data.startswith(b"CONTROL"):
            self.transport.close()
        elif data.startswith((b"STREAM", b"WAIT")):
            asked = not data.rstrip().endswith(b'""')
            reply = b"200 result=49 endpos=800\n" if asked else b"200 result=0 endpos=800\n"
            self.loop.call_later(random.uniform(*TEXT_SECONDS), self._answer, reply)
        else:
            self._answer(b"200 result=0\n")

    def _answer(self, reply: bytes) -> None:
        self.answered_at = time.perf_counter()
        self.transport.write(reply)


async def _call(port: int, seconds: float) -> None:
    loop, until, started = asyncio.get_running_loop(), time.monotonic() + seconds, time.monotonic()
    first: list[float] = []
    steps: list[float] = []

    async def one_after_the_other(number: int) -> None:
        await asyncio.sleep(random.uniform(0, TEXT_SECONDS[1]))
        count = 0
        while time.monotonic() < until:
            count += 1
            over: asyncio.Future[int] = loop.create_future()
            caller = Caller(step_header(f"n1-{number}.{count}"), over)
            await loop.create_connection(functools.partial(itself, caller), HOST, port)
            if await over < len(BARE):
                raise RuntimeError("a call was cut short")
            first.append(caller.waits[0])
            steps.extend(caller.waits[1:])

    await asyncio.gather(*(one_after_the_other(number) for number in range(AT_ONCE)))
    spent = time.monotonic() - started
    print(
        json.dumps(
            summary(steps)
            | {"first": summary(first), "per_second": round((len(first) + len(steps)) / spent, 1)}
        )
    )


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        uvloop.run(_serve(*sys.argv[2:4]))
    else:
        uvloop.run(_call(int(sys.argv[2]), float(sys.argv[3])))
