"""Publishing over a real store and a real floor, with menus on paper.

bed = await PublishBed.start(settings)
await bed.publishing.publish(menus(note="outro"), "por quê", by="adao")
bed = await bed.again()      # as after a kill: nothing was closed, a new process starts
"""

from __future__ import annotations

import functools
import itertools
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from small_menus import PaperWorkshop, menus, write

from acd.floor import Floor
from callflow.agent_desk import AgentDesk
from callflow.floor_keeper import FloorKeeper
from callflow.serving import Serving
from central156.orders import Orders
from central156.publishing import Publishing
from central156.settings import Settings, load_settings
from central156.state_folder import prepare_state
from central156.version_cache import VersionCache
from central156.version_watch import VersionWatch
from central156.what_serves import what_serves
from protocol_store import Store, schema
from protocol_store.engines import make_engine
from terms.facts import Fact, Kind
from terms.names import AgentName, CallId, Instant
from terms.signals import SwitchSeen


@functools.cache
def _tables() -> bytes:
    """A store's file with its tables: made once, for migrations take most of a start."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "store.sqlite"
        engine = make_engine(f"sqlite:///{file}")
        schema.upgrade(engine)
        engine.dispose()
        return file.read_bytes()


def fresh_settings(folder: Path, **chosen: Any) -> Settings:
    """A new state folder that serves the small menus, its tables made."""
    dialplans = write(folder / "dialplans", menus())
    settings = load_settings(folder / "state", dialplans_dir=dialplans, **chosen)
    prepare_state(settings)
    (settings.state_dir / "store.sqlite").write_bytes(_tables())
    return settings


_COUNT = itertools.count(1)


class NoSwitch:
    """A switch with contingency queues that nobody is in."""

    async def set_global(self, name: str, value: str) -> None: ...
    async def hang_up(self, channel: str) -> None: ...
    async def stop_playback(self, channel: str) -> None: ...
    async def contingency_add(self, queue: str, agent: AgentName) -> None: ...
    async def contingency_remove(self, queue: str, agent: AgentName) -> None: ...
    async def contingency_pause(self, agent: AgentName, paused: bool, reason: str) -> None: ...

    async def contingency_list(self) -> dict[tuple[str, AgentName], bool]:
        return {}

    async def contingency_reasons(self) -> dict[AgentName, str]:
        return {}

    async def hear_all(self, call: CallId) -> None: ...

    async def look(self) -> SwitchSeen:
        return SwitchSeen(0.0, "boot", ())


@dataclass
class Clock:
    """Stands still until a test moves it."""

    at: Instant = 1_790_000_000.0

    def __call__(self) -> Instant:
        return self.at


@dataclass
class PublishBed:
    """One control process's publishing, and all that it writes."""

    settings: Settings
    store: Store
    clock: Clock
    workshop: PaperWorkshop
    serving: Serving
    keeper: FloorKeeper
    desk: AgentDesk
    publishing: Publishing
    orders: Orders
    watch: VersionWatch
    heard: list[Fact] = field(default_factory=list)

    @staticmethod
    async def start(
        settings: Settings,
        clock: Clock | None = None,
        workshop: PaperWorkshop | None = None,
    ) -> PublishBed:
        """A control process starts on this state folder."""
        clock, workshop = clock or Clock(), workshop or PaperWorkshop()
        # One that was «killed» in this process still has its own journal.
        journal = settings.state_dir / "journal" / str(next(_COUNT))
        store = Store(settings.store_url, "n1", clock, journal=journal)
        await store.start()
        epoch = await store.take_epoch()
        cache = VersionCache(settings)
        serving = await what_serves(store, cache, workshop, settings, clock)
        queues = serving.every_queue()
        keeper = FloorKeeper(Floor(queues, epoch), store, NoSwitch(), clock, lambda: None)
        desk = AgentDesk(keeper, {rule.skill: rule.line for rule in queues.rules})
        publishing = Publishing(store, serving, keeper, desk, cache, workshop)
        orders = Orders(store, serving, keeper, workshop)
        await orders.obey()

        async def goes_back(version: str) -> None:
            await publishing.rollback(version, "alarme", "alarm")

        watch = VersionWatch(settings, keeper, goes_back if settings.rollback_on_alarm else None)
        watch.start(await store.published.served())
        keeper.watch(watch.read)
        publishing.alarm = watch
        bed = PublishBed(
            settings,
            store,
            clock,
            workshop,
            serving,
            keeper,
            desk,
            publishing,
            orders,
            watch,
        )
        keeper.watch(bed.heard.extend)
        return bed

    async def again(self, **changed: Any) -> PublishBed:
        """Another process starts, as after a kill of this one."""
        settings = self.settings.model_copy(update=changed) if changed else self.settings
        return await PublishBed.start(settings, self.clock, self.workshop)

    async def close(self) -> None:
        self.keeper.close()
        await self.store.close()

    @property
    def version(self) -> str:
        """What serves."""
        return self.serving.current.version

    def told(self, *kinds: Kind) -> list[Fact]:
        """The facts of these kinds that watchers have heard."""
        return [fact for fact in self.heard if fact.kind in kinds]

    def tell(self, facts: Iterable[Fact]) -> None:
        """As if steps had told them."""
        self.keeper.publish(*facts)
