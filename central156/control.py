"""The control process: the doors, the floor, the store and the API in one event loop.

Its parent (supervisor.py) starts it again whenever it dies; nothing here needs to outlive it.

    AgiServer ─ steps ──┐                       ┌─ Store (its own writer thread)
    AmiLink ─ signals ──┴─► FloorKeeper ─ facts ┼─ Book, AgentDesk
                                                └─ RunningCentre ─ HTTP API
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import os
import signal
import sys
from pathlib import Path

import uvloop

from acd.floor import Floor
from callflow.agent_desk import AgentDesk
from callflow.floor_keeper import FloorKeeper
from callflow.hear import Ear
from callflow.mend import Mender
from callflow.record import RecordingCheck
from callflow.steps import step
from callflow.visit import Tools
from central156.centre import RunningCentre
from central156.clock import now
from central156.lease import Lease
from central156.log import write_logs_to
from central156.plans import plans_to_serve
from central156.plugs import StoreSpool, VoicePlug, open_calls_of
from central156.proof import enrol_proof_agent
from central156.settings import Settings, load_settings
from central156.supervisor import HEARTBEAT_VARIABLE
from central156.switch import ami_link, diary_of
from central156.web import serve_api
from pbx.agi_server import AgiServer
from pbx.recordings import Recordings
from protocol_store import SchemaUnknown, Store
from reader import DialplanMistakes
from terms.facts import Fact, Kind
from terms.limits import HEARTBEAT_EVERY, LINK_WAIT
from terms.signals import Signal
from voice.library import PromptsBroken

log = logging.getLogger(__name__)

EXIT_NOT_USABLE = 78
"""What it was told to serve cannot be served (sysexits.h calls it EX_CONFIG)."""


async def serve(settings: Settings) -> None:
    """Run until SIGTERM. The parts start in the order in which callers need them."""
    stopping = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stopping.set)
    async with contextlib.AsyncExitStack() as stack:
        lease = Lease(settings.lease_seconds)
        beat = asyncio.create_task(_beat(lease))
        stack.callback(beat.cancel)

        voice = VoicePlug(settings.sounds_dir)
        plans, queues = plans_to_serve(settings, voice)
        store = Store(settings.store_url, settings.node)
        await store.start()
        stack.push_async_callback(store.close)
        await enrol_proof_agent(store, settings)
        epoch = await store.take_epoch()

        link = ami_link(settings)
        keeper = FloorKeeper(Floor(queues, epoch), store, link, now, lease.check)
        stack.callback(keeper.close)
        desk = AgentDesk(keeper, {rule.skill: rule.line for rule in queues.rules})
        tools = Tools(store, link, voice, keeper, now, plans, whisper=settings.whisper)
        mender = Mender(
            keeper,
            tools.book,
            diary_of(settings),
            StoreSpool(store, settings.rescue_dir / "spool"),
            RecordingCheck(keeper, Recordings(settings.recordings_dir), settings.record),
            tools.present,
        )
        ear = Ear(keeper, desk, tools.book, mender, epoch)
        keeper.watch(tools.book.read)
        for call in await open_calls_of(store):
            tools.book.open(call)
        for agent in await store.agents():
            desk.enroll(agent.name, agent.skills)
        keeper.watch(desk.read)
        desk.restore((s.agent, s.status, s.reason) for s in await store.last_statuses())
        details = {"epoch": epoch, "version": plans.version}
        keeper.record(Fact(now(), Kind.CONTROL_STARTED, details=details))

        linked = asyncio.Event()

        def hear(heard: Signal) -> None:
            lease.check()
            ear.hear(heard)
            if ear.link_up:
                linked.set()

        listening = asyncio.create_task(link.run(hear))
        stack.callback(listening.cancel)
        # Steps wait in the listen queue until the floor has seen the switch, but not for long:
        # without the link, menus and queues still work.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(linked.wait(), LINK_WAIT)
        door = AgiServer(settings.bind, settings.agi_port, functools.partial(step, tools))
        await door.start()
        stack.push_async_callback(door.close, 1.0)
        centre = RunningCentre(settings, store, keeper, desk, tools.book, ear, door, plans)
        await centre.write_phone_accounts()
        api = await serve_api(settings, centre)
        stack.push_async_callback(api.close)
        log.info("serving", extra={"epoch": epoch, "dialplans": plans.version})
        await stopping.wait()
        tools.static_only = True
        await store.settled()


async def _beat(lease: Lease) -> None:
    """Renew the lease, and tell the parent that this loop turns."""
    pipe = int(os.environ.get(HEARTBEAT_VARIABLE, "-1"))
    while True:
        lease.renew()
        if pipe >= 0:
            try:
                os.write(pipe, b".")
            except BrokenPipeError:
                # The parent is gone. Its successor starts a control of its own.
                log.critical("the parent process is gone")
                os.kill(os.getpid(), signal.SIGTERM)
                pipe = -1
        await asyncio.sleep(HEARTBEAT_EVERY)


def main(state_dir: str) -> int:
    """The process's entry point: `python -m central156.control <state folder>`."""
    settings = load_settings(Path(state_dir))
    write_logs_to(settings.logs_dir / "control.jsonl", settings.log_level)
    try:
        uvloop.run(serve(settings))
    except (DialplanMistakes, PromptsBroken, SchemaUnknown) as wrong:
        log.critical("not starting: %s", wrong)
        return EXIT_NOT_USABLE
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
