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
from collections.abc import Iterable
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

log = logging.getLogger(__name__)

START = "start"
INSTALLATION = "instalação"
"""Who answers for a version that a start found in the folder."""

Unreadable = (DialplanMistakes, Unfit, NotDialplans, LookupError, OSError)


class Workshop(Protocol):
    """What reads and proves folders of dialplans (central156/plans.py)."""

    def read(self, folder: Path) -> Plans:
        """What the folder says. Blocking. DialplanMistakes, Unfit."""
        ...

    async def prove(self, folder: Path) -> Ready:
        """The same, after everything that must hold before callers hear it."""
        ...


async def what_serves(
    store: Store, cache: VersionCache, workshop: Workshop, settings: Settings
) -> Serving:
    """What this process serves, with the versions that open calls stand on.

    DialplanMistakes, Unfit or NotDialplans when not even the folder can be served.
    """
    served = await store.published.served()
    current = None
    if settings.serve_folder:
        current = await _folder(store, cache, workshop, settings, served)
    if current is None:
        current = await _published(store, cache, workshop, served)
    if current is None and not served:
        current = await _last(store, cache, workshop)
    if current is None:
        current = await _folder(store, cache, workshop, settings, served, must=True)
    assert current is not None
    cache.mark(current.version)
    older = await _older(store, cache, workshop, current.version)
    return Serving(current, older)


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


async def _published(
    store: Store, cache: VersionCache, workshop: Workshop, served: Iterable[Served]
) -> Plans | None:
    """The newest version that can still be read."""
    tried = dict.fromkeys(one.version for one in served)
    for version in tried:
        try:
            return await plans_of_version(version, store, cache, workshop)
        except Unreadable as wrong:
            log.error("version %s cannot be served any more: %s", version, wrong)
    return None


async def _last(store: Store, cache: VersionCache, workshop: Workshop) -> Plans | None:
    """The store is new, but this machine served before: that goes on."""
    folder = cache.find(cache.marked())
    if folder is None:
        return None
    try:
        return await _install(store, cache, workshop, folder, "")
    except Unreadable as wrong:
        log.error("what served last cannot be served any more: %s", wrong)
        return None


async def _folder(
    store: Store,
    cache: VersionCache,
    workshop: Workshop,
    settings: Settings,
    served: list[Served],
    must: bool = False,
) -> Plans | None:
    before = served[0].version if served else ""
    try:
        return await _install(store, cache, workshop, settings.dialplans_dir, before)
    except Unreadable as wrong:
        if must:
            raise
        log.error("the folder cannot be served: %s", wrong)
        return None


async def _install(
    store: Store, cache: VersionCache, workshop: Workshop, folder: Path, before: str
) -> Plans:
    """Serve a folder, approved by the installation itself, and keep it as a version."""
    plans = await asyncio.to_thread(workshop.read, folder)
    if plans.version == before:
        return plans
    files, at = files_of(folder), now()
    await asyncio.to_thread(cache.keep, plans.version, files)
    made = Version(plans.version, INSTALLATION, "", at, before, VersionState.APPROVED)
    serve = Served(secrets.token_hex(8), plans.version, before, at, START, INSTALLATION)
    details = {"version": plans.version, "before": before, "approved_by": "", "how": START}
    fact = Fact(at, Kind.DIALPLAN_PUBLISHED, by=INSTALLATION, details=details)
    try:
        await store.published.hand_in(made, files, serve, fact)
    except VersionDecided:
        await store.published.serve(serve, fact)  # it served before, or was approved
    return plans


async def _older(
    store: Store, cache: VersionCache, workshop: Workshop, current: str
) -> tuple[Plans, ...]:
    """The versions that calls of an earlier process still stand on."""
    rows = await store.open_calls()
    wanted = dict.fromkeys(row.dialplan_version for row in reversed(rows) if row.dialplan_version)
    found = []
    for version in [one for one in wanted if one != current][:VERSIONS_KEPT]:
        try:
            found.append(await plans_of_version(version, store, cache, workshop))
        except Unreadable:
            log.warning("calls stand on a version that is gone", extra={"version": version})
    return tuple(reversed(found))
