"""P4: how long a caller waits for the next command of an IVR step, with 100 callers at once.

From the instant at which Asterisk answers one command (a key was pressed, a text is over) to the
instant at which the next one arrives. Ours: the real door, interpreter, the city's whole menus with
the services behind them, prompts, floor and store, in one process, as in control. The anchor:
panoramisk, with four commands a call and nothing behind them. The callers are in a process of their
own (ivr_callers.py); texts last 0.5 to 1.5 s.

`python -m bench.ivr_steps WHO SECONDS` is such a server.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any, cast

import uvloop
from panoramisk.fast_agi import Application

from acd.floor import Floor
from bench.figures import Figure, load, median_run
from bench.ivr_callers import BARE, HOST
from callflow.floor_keeper import FloorKeeper
from callflow.ports import Switch
from callflow.serving import Serving
from callflow.steps import step
from callflow.visit import Tools
from central156.clock import now
from central156.plans import read_plans
from central156.plugs import VoicePlug
from central156.settings import load_settings
from central156.sources import open_outside, public_subjects
from central156.state_folder import prepare_state
from pbx.agi_server import AgiServer
from pbx.agi_session import AgiSession
from pbx.recordings import Recordings
from protocol_store import Store
from terms.facts import Kind
from terms.names import CallId

AT_ONCE, SECONDS, RUNS = 100, 15.0, 3
GOAL = 3.0
TOLD = Counter[Kind]()
"""What the steps told, by kind: shows how deep the callers went."""


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
            f"the city's menus ({ours[Kind.NODE_ENTERED]} nodes, {ours[Kind.LOOKED_UP]} look-ups), "
            "store",
            f"panoramisk, bare: p50 {theirs['p50']:.2f} ms, p99 {theirs['p99']:.2f}",
            f"p50 {ours['p50']:.2f} ms, p99 {ours['p99']:.2f} "
            f"(first, with its durable number: p99 {ours['first']['p99']:.1f})",
            f"p99 ≤ {GOAL:g} ms",
            ours["p99"] <= GOAL,
            {"runs": found},
        )
    ]


def _serve_in_a_process(who: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.ivr_steps", who, str(SECONDS)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    return dict(json.loads(ran.stdout.splitlines()[-1]))


# --- the servers ---
async def _serve(who: str, seconds: str) -> None:
    with tempfile.TemporaryDirectory(prefix="c156-bench-") as folder:
        port, close = await (_panoramisk() if who == "panoramisk" else _ours(Path(folder)))
        words = ["-m", "bench.ivr_callers", str(port), seconds, str(AT_ONCE)]
        began = time.process_time()
        client = await asyncio.create_subprocess_exec(
            sys.executable, *words, stdout=asyncio.subprocess.PIPE
        )
        said, _ = await client.communicate()
        if client.returncode != 0:
            raise RuntimeError("the callers failed")
        cpu = time.process_time() - began
        await close()
    about = {
        "server_cpu_seconds": round(cpu, 2),
        "load": load(),
        **{k.value: TOLD[k] for k in TOLD},
    }
    print(json.dumps(json.loads(said) | about))


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
    prepare_state(settings)
    stack = contextlib.AsyncExitStack()
    voice = VoicePlug(settings.sounds_dir, settings.state_dir)
    await voice.start()
    stack.push_async_callback(voice.close)
    plans = read_plans(settings.dialplans_dir, voice, settings)
    store = Store(settings.store_url, "n1")
    await store.start()
    stack.push_async_callback(store.close)
    outside = await stack.enter_async_context(
        open_outside(
            settings,
            store,
            plans.services,
            lambda: public_subjects(plans.lines, settings.discreet_queues),
        )
    )
    switch = cast("Switch", None)  # no agent is there, so nothing is asked of it
    keeper = FloorKeeper(Floor(plans.queues, 1), store, switch, now, lambda: None)
    recordings = Recordings(settings.recordings_dir)
    tools = Tools(store, switch, voice, keeper, now, Serving(plans), outside, recordings)
    keeper.watch(tools.book.read)
    keeper.watch(lambda facts: TOLD.update(fact.kind for fact in facts))

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
        await stack.aclose()
        if server.failed:
            raise RuntimeError(f"{server.failed} steps failed")

    return server.port, close


if __name__ == "__main__":
    uvloop.run(_serve(*sys.argv[1:3]))
