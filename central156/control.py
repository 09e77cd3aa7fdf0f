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
import itertools
import logging
import signal
import sys
from collections.abc import Awaitable
from dataclasses import dataclass
from pathlib import Path

import uvloop

from acd.floor import Floor
from callflow.agent_desk import AgentDesk
from callflow.dead_air import DeadAir
from callflow.floor_keeper import FloorKeeper
from callflow.hear import Ear
from callflow.mend import Mender
from callflow.shift_desk import ShiftDesk
from callflow.steps import step
from callflow.talk import Talks
from callflow.talk_keys import TalkKeys
from callflow.visit import Tools
from callflow.word_keys import WordKeys
from central156.balance_watch import watch_balance
from central156.calls_out import open_calls_out, remember_calls_out
from central156.centre import RunningCentre
from central156.city_numbers import ask_the_city
from central156.clock import now
from central156.day_heads import DayHeads
from central156.floor_picture import FloorPicture
from central156.follow_ups import begin_follow_ups
from central156.lease import Lease, beat
from central156.log import write_logs_to
from central156.mirror import begin_showing
from central156.open_files import allow_open_files
from central156.orders import Orders
from central156.plans import Unfit, Workshop
from central156.plugs import StoreSpool, VoicePlug, open_calls_of
from central156.proof import enrol_proof_agent
from central156.publishing import ALARM, Publishing
from central156.recordings_open import RecordingRooms, open_recordings
from central156.settings import Settings, load_settings
from central156.sources import SourcesMistake, open_outside, public_subjects
from central156.supervisor import SWITCH_STOPS
from central156.switch import ami_link, diary_of
from central156.version_cache import NotDialplans, VersionCache
from central156.version_watch import VersionWatch
from central156.web import ServerFailed, serve_api
from central156.what_serves import differs, what_serves
from central156.work_left import open_shift_desk, remember_agents
from pbx.agi_server import AgiServer
from pbx.ami_link import AmiLink
from pbx.recordings import Recordings
from protocol_store import SchemaUnknown, Store, StoreError
from reader import DialplanMistakes
from terms.facts import Fact, Kind
from terms.limits import LINK_WAIT, LINK_WAIT_LAST, ORDER_LOOK_EVERY, PUBLISHING_LOOK_EVERY
from terms.signals import Signal
from voice.library import PromptsBroken

log = logging.getLogger(__name__)

EXIT_FAILED, EXIT_NOT_USABLE = 1, 78
NOT_USABLE = (DialplanMistakes, NotDialplans, PromptsBroken, SchemaUnknown, SourcesMistake, Unfit)
SPEAKS_PORTUGUESE = (StoreError, ServerFailed)
"""The failures whose message is for a person's eyes."""
"""What it was told to serve cannot be served (sysexits.h calls it EX_CONFIG)."""


@dataclass(frozen=True, slots=True)
class Rooms:
    """The parts of one control process, plugged into each other."""

    store: Store
    voice: VoicePlug
    link: AmiLink
    keeper: FloorKeeper
    desk: AgentDesk
    shifts: ShiftDesk
    tools: Tools
    ear: Ear
    publishing: Publishing
    orders: Orders
    watch: VersionWatch
    picture: FloorPicture
    keeping: RecordingRooms


async def serve(settings: Settings) -> None:
    """Run until SIGTERM. The parts start in the order in which callers need them."""
    stopping = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stopping.set)
    async with contextlib.AsyncExitStack() as stack:
        lease = Lease(settings.lease_seconds)
        beating = asyncio.create_task(beat(lease))
        stack.callback(beating.cancel)
        rooms = await _open_rooms(settings, lease, stack)
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(SWITCH_STOPS, setattr, rooms.ear.mender, "switch_stops", True)
        await _remember(rooms)
        await _listen(rooms, lease, stack)
        store, desk, tools, ear = rooms.store, rooms.desk, rooms.tools, rooms.ear
        door = AgiServer(settings.bind, settings.agi_port, functools.partial(step, tools))
        await door.start()
        stack.push_async_callback(door.close, 1.0)
        plugs = (desk, tools.book, ear, door, rooms.publishing, rooms.orders, rooms.voice)
        centre = RunningCentre(settings, store, rooms.keeper, *plugs, rooms.keeping, rooms.picture)
        begin_showing(settings, ear.epoch, rooms.picture, store, stack)
        rooms.keeping.begin(stack)
        await centre.write_phone_accounts()
        api = await serve_api(settings, centre)
        stack.push_async_callback(api.close)
        begin_follow_ups(settings, store, tools, centre.sms, stack)
        centre.trunks.begin(stack, rooms.link.calls_by, tools)
        watches = _look(rooms), watch_balance(store, rooms.keeper), DayHeads(store, settings).run()
        for watch in (*watches, centre.citizens.retention.run_for_ever()):
            stack.callback(asyncio.create_task(watch).cancel)
        log.info("serving", extra={"epoch": ear.epoch, "dialplans": tools.plans.current.version})
        if words := await asyncio.to_thread(differs, settings):
            log.warning(words, extra={"told": f"Atenção: {words}"})
        await stopping.wait()
        tools.static_only = True
        await store.settled()


async def _open_rooms(settings: Settings, lease: Lease, stack: contextlib.AsyncExitStack) -> Rooms:
    """Make every part and tell it of the others; nothing is heard yet."""
    voice = VoicePlug(settings.sounds_dir, settings.state_dir)
    await voice.start()
    stack.push_async_callback(voice.close)
    chain = (settings.site, settings.numbers)
    store = Store(settings.store_url, settings.node, now, *chain, settings.journal_dir)
    await store.start()
    stack.push_async_callback(store.close)
    await enrol_proof_agent(store, settings)
    epoch = await store.take_epoch()
    cache, workshop = VersionCache(settings), Workshop(settings, voice)
    serving = await what_serves(store, cache, workshop, settings)
    queues, specs = serving.every_queue(), serving.current.services

    def told() -> frozenset[str]:
        return public_subjects(serving.current.lines, settings.discreet_queues)

    outside = await stack.enter_async_context(open_outside(settings, store, specs, told))
    stack.enter_context(ask_the_city(outside, store, serving, settings.protocol_pattern))
    link = ami_link(settings)
    keeper = FloorKeeper(Floor(queues, epoch), store, link, now, lease.check)
    stack.callback(keeper.close)
    desk = AgentDesk(keeper, {rule.skill: rule.line for rule in queues.rules})
    shifts = open_shift_desk(desk, settings)
    recordings = Recordings(settings.recordings_dir)
    keeping = await asyncio.to_thread(open_recordings, settings, store, keeper, recordings)
    tools = Tools(
        store, link, voice, keeper, now, serving, outside, recordings, whisper=settings.whisper
    )
    publishing = Publishing(store, serving, keeper, desk, cache, workshop, outside.serve)
    watch = await _watch_versions(settings, store, keeper, publishing)
    orders = Orders(store, serving, keeper, workshop, settings.secret("number_key"))
    await orders.obey()
    tools.numbers = orders.numbers
    mender = Mender(
        keeper,
        tools.book,
        diary_of(settings),
        StoreSpool(store, settings.rescue_dir / "spool"),
        keeping.check,
        tools.present,
    )
    last_boot = await store.last_boot()
    tools.talks = Talks(keeper, tools.book, serving, store, tools.present)
    tools.talks.on_key = WordKeys(shifts, TalkKeys(tools.talks).pressed).pressed
    ear = Ear(keeper, desk, tools.book, mender, epoch, tools.talks, shifts, agreed=last_boot)
    ear.sounds = DeadAir(keeper, link)
    picture = FloorPicture(keeper, tools.book, desk, ear, remembers=True)
    stack.push_async_callback(open_calls_out(settings, store, link, tools, ear))
    return Rooms(
        *(store, voice, link, keeper, desk, shifts, tools, ear, publishing, orders, watch, picture),
        keeping,
    )


async def _watch_versions(
    settings: Settings, store: Store, keeper: FloorKeeper, publishing: Publishing
) -> VersionWatch:
    """The watch over what callers meet on a new version, told of all facts from now on."""

    def go_back(version: str) -> Awaitable[object]:
        return publishing.rollback(version, by="alarme", how=ALARM)

    watch = VersionWatch(settings, keeper, go_back if settings.rollback_on_alarm else None)
    watch.start(await store.published.served())
    keeper.watch(watch.read)
    publishing.alarm = watch
    return watch


async def _look(rooms: Rooms) -> None:
    """What time brings to versions and orders."""
    looks = round(PUBLISHING_LOOK_EVERY / ORDER_LOOK_EVERY)
    for turn in itertools.count():
        try:
            await rooms.orders.look()
            await rooms.watch.look()
            if turn % looks == 0:
                await rooms.publishing.look()
                await rooms.orders.obey()
        except StoreError as trouble:
            log.warning("the store does not answer", extra={"why": type(trouble).__name__})
        except Exception:
            log.exception("a look at versions and orders failed")
        await asyncio.sleep(ORDER_LOOK_EVERY)


async def _remember(rooms: Rooms) -> None:
    """What the store knows of calls that are open and of agents who are on duty."""
    rooms.keeper.watch(rooms.tools.book.read)
    for call in await open_calls_of(rooms.store):
        rooms.tools.book.open(call)
    rooms.keeper.watch(rooms.desk.read)
    await remember_agents(rooms.store, rooms.desk, rooms.shifts, now())
    await remember_calls_out(rooms.store, rooms.tools, now())
    details = {"epoch": rooms.ear.epoch, "version": rooms.tools.plans.current.version}
    rooms.keeper.record(Fact(now(), Kind.CONTROL_STARTED, details=details))


async def _listen(rooms: Rooms, lease: Lease, stack: contextlib.AsyncExitStack) -> None:
    """Hear the switch from now on; return once the floor has seen it, or after LINK_WAIT: callers
    knock meanwhile, and without the link, menus and queues still work."""
    linked = asyncio.Event()

    def hear(heard: Signal) -> None:
        lease.check()
        rooms.ear.hear(heard)
        if rooms.ear.link_up:
            linked.set()

    listening = asyncio.create_task(rooms.link.run(hear))
    stack.callback(listening.cancel)
    assert rooms.ear.sounds is not None
    stack.callback(asyncio.create_task(rooms.ear.sounds.run()).cancel)
    deaf = asyncio.create_task(_leave_callers_to_the_switch(rooms.tools, linked))
    stack.callback(deaf.cancel)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(linked.wait(), LINK_WAIT)


async def _leave_callers_to_the_switch(tools: Tools, linked: asyncio.Event) -> None:
    """A process that the switch never lets in knows of no phone and may put nobody through: after
    LINK_WAIT_LAST the static path serves, until the link is there."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(linked.wait(), LINK_WAIT_LAST)
        return
    log.error("no link to the switch: it serves alone")
    tools.static_only = True
    for visit in tuple(tools.present.values()):
        visit.quit()
    await linked.wait()
    tools.static_only = False


def main(state_dir: str) -> int:
    """The process's entry point: `python -m central156.control <state folder>`."""
    settings = load_settings(Path(state_dir))
    write_logs_to(settings.logs_dir / "control.jsonl", settings.log_level)
    allow_open_files()
    try:
        uvloop.run(serve(settings))
    except NOT_USABLE as wrong:
        log.critical("not starting: %s", wrong, extra={"told": f"O controle não começa: {wrong}"})
        return EXIT_NOT_USABLE
    except Exception as wrong:
        # The parent starts another; the trace belongs into the log, a line to whoever is watching.
        why = str(wrong) if isinstance(wrong, SPEAKS_PORTUGUESE) else type(wrong).__name__
        if isinstance(wrong, StoreError):
            why += " (confira database_url, e se o banco está no ar)"
        log.critical("control fails", exc_info=True, extra={"told": f"O controle falhou: {why}"})
        return EXIT_FAILED
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
