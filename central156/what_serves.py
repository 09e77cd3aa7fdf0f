"""Which version serves when a control process starts, and how a version is read again.

    the store's newest word ─► the version's folder, or its files in the store
      not readable ─► the version before it, and so on ─► the folder of the settings
    a store that never published ─► what served last (the state folder), else the folder

After the first start the folder alone changes nothing: `dialplan publish` does. With the setting
`serve_folder` (for who develops menus on their own machine) every start publishes the folder.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from callflow.serving import Plans, Serving
from central156.clock import now
from central156.plans import Ready, Unfit
from central156.settings import Settings
from central156.version_cache import NotDialplans, VersionCache, files_of
from protocol_store import Served, Store, Version, VersionDecided, VersionState
from reader import DialplanMistakes
from terms.facts import Fact, Kind
from terms.limits import VERSIONS_KEPT
from terms.names import Instant

log = logging.getLogger(__name__)

START, PUBLISH = "start", "publish"
"""How a new version comes to serve; anything else brings an earlier one back."""

INSTALLATION = "instalação"
"""Who answers for a version that a start found in the folder."""

UNREADABLE = (DialplanMistakes, Unfit, NotDialplans, LookupError, OSError)


class Workshop(Protocol):
    """What reads and proves folders of dialplans (central156/plans.py)."""

    def read(self, folder: Path) -> Plans:
        """What the folder says. Blocking. DialplanMistakes, Unfit."""
        ...

    async def prove(self, folder: Path) -> Ready:
        """The same, after everything that must hold before callers hear it."""
        ...


async def what_serves(
    store: Store,
    cache: VersionCache,
    workshop: Workshop,
    settings: Settings,
    clock: Callable[[], Instant] = now,
) -> Serving:
    """What this process serves, with the versions that open calls stand on.

    DialplanMistakes, Unfit or NotDialplans when not even the folder can be served.
    """
    await asyncio.to_thread(cache.tidy)
    start = _Start(store, cache, workshop, clock)
    served = await store.published.served()
    before = served[0].version if served else ""
    current = None
    if settings.serve_folder:
        current = await start.install_if_sound(settings.dialplans_dir, before)
    if current is None:
        current = await start.published(served)
    if current is None and not served and (last := cache.find(cache.marked())):
        current = await start.install_if_sound(last, before)
    if current is None:
        current = await start.install(settings.dialplans_dir, before)
    cache.mark(current.version)
    return Serving(current, await start.older(current.version))


async def plans_of_version(
    version: str, store: Store, cache: VersionCache, workshop: Workshop
) -> Plans:
    """A version read again. LookupError when neither the disk nor the store has it;
    DialplanMistakes or Unfit when it cannot be served (any more)."""
    folder = cache.find(version)
    if folder is not None:
        plans = await asyncio.to_thread(workshop.read, folder)
        if plans.version == version:
            return plans
        log.error("a version's folder was changed", extra={"version": version})
        cache.drop(version)
    files = await store.published.files(version)
    if files is None:
        raise LookupError(f"não há a versão {version}")
    folder = await asyncio.to_thread(cache.keep, version, files)
    return await asyncio.to_thread(workshop.read, folder)


def served_before(served: list[Served]) -> str:
    """What served before the version that serves now was published; '' when nothing did. Going
    back twice goes back two versions."""
    if not served:
        return ""
    current = served[0].version
    came = next((one for one in served if one.version == current and _is_new(one)), served[0])
    return came.before


def _is_new(one: Served) -> bool:
    return one.how in (START, PUBLISH)


def serves_without_folder(settings: Settings) -> bool:
    """Whether a version was published here, so that the folder may be broken or half edited."""
    cache = VersionCache(settings)
    return cache.find(cache.marked()) is not None and not settings.serve_folder


def differs(settings: Settings) -> str:
    """What to tell whoever edited the folder: '' when the folder is what serves. Blocking."""
    cache = VersionCache(settings)
    kept = cache.find(cache.marked())
    if kept is None or settings.serve_folder:
        return ""
    try:
        same = files_of(settings.dialplans_dir) == files_of(kept)
    except (NotDialplans, OSError) as wrong:
        return f"a pasta {settings.dialplans_dir} não pode ser publicada: {wrong}"
    return (
        ""
        if same
        else f"a pasta {settings.dialplans_dir} difere da versão no ar ({kept.name}); "
        "para que valha: central156 dialplan publish"
    )


@dataclass(frozen=True, slots=True)
class _Start:
    """What the search for what serves works with."""

    store: Store
    cache: VersionCache
    workshop: Workshop
    clock: Callable[[], Instant]

    async def published(self, served: Iterable[Served]) -> Plans | None:
        """The newest version that can still be read."""
        for version in dict.fromkeys(one.version for one in served):
            try:
                return await plans_of_version(version, self.store, self.cache, self.workshop)
            except UNREADABLE as wrong:
                log.error("version %s cannot be served any more: %s", version, wrong)
        return None

    async def install_if_sound(self, folder: Path, before: str) -> Plans | None:
        """The same as `install`; None, and a word in the log, when it cannot be served."""
        try:
            return await self.install(folder, before)
        except UNREADABLE as wrong:
            log.error("the folder %s cannot be served: %s", folder, wrong)
            return None

    async def install(self, folder: Path, before: str) -> Plans:
        """Serve a folder, approved by the installation itself, and keep it as a version."""
        plans = await asyncio.to_thread(self.workshop.read, folder)
        if plans.version == before:
            return plans
        files, at, version = files_of(folder), self.clock(), plans.version
        await asyncio.to_thread(self.cache.keep, version, files)
        made = Version(version, INSTALLATION, "", at, before, VersionState.APPROVED)
        serve = Served(secrets.token_hex(8), version, before, at, START, INSTALLATION)
        details = {"version": version, "before": before, "approved_by": "", "how": START}
        fact = Fact(at, Kind.DIALPLAN_PUBLISHED, by=INSTALLATION, details=details)
        try:
            await self.store.published.hand_in(made, files, serve, fact)
        except VersionDecided:
            await self.store.published.serve(serve, fact)  # it was approved once
        return plans

    async def older(self, current: str) -> tuple[Plans, ...]:
        """The versions that calls of an earlier process still stand on, the oldest first."""
        rows = await self.store.open_calls()
        named = dict.fromkeys(row.dialplan_version for row in reversed(rows))
        found = []
        for version in [one for one in named if one and one != current][:VERSIONS_KEPT]:
            try:
                plans = await plans_of_version(version, self.store, self.cache, self.workshop)
            except UNREADABLE:
                log.warning("calls stand on a version that is gone", extra={"version": version})
            else:
                found.append(plans)
        return tuple(reversed(found))
