"""What is shown of the floor, to supervisors, wallboards and the mirror: one picture for all.

Beside what the floor itself says (acd/view.py) it has the figures of today and of the last hour, in
which state the mirror is, and how many recordings went wrong lately. No caller's number is in it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from acd.measures import COUNTED_KINDS, Measures, Window, day_of
from callflow.agent_desk import AgentDesk
from callflow.book import Book
from callflow.floor_keeper import FloorKeeper
from callflow.hear import Ear
from central156 import shown
from floor_mirror import Publisher
from protocol_store import Store, StoreError
from terms.facts import Fact, Kind
from terms.limits import EARLY_FACTS, PROBLEMS_KEPT, PROBLEMS_SHOWN
from terms.names import Instant

log = logging.getLogger(__name__)

WINDOWS = (Window.TODAY, Window.HOUR)


@dataclass(slots=True)
class FloorPicture:
    """See the top of this file. Reads facts from the moment it is made; if `remembers`, they are
    counted when `remember` has counted the day before them."""

    keeper: FloorKeeper
    book: Book
    desk: AgentDesk
    ear: Ear
    remembers: bool = False
    mirror: Publisher | None = None
    measures: Measures = field(init=False)
    _early: deque[Fact] | None = None  # heard while the day so far is being counted
    _bad_recordings: deque[Instant] = field(default_factory=lambda: deque(maxlen=PROBLEMS_KEPT))

    def __post_init__(self) -> None:
        self.measures = Measures(self.keeper.floor.queues)
        self._early = deque(maxlen=EARLY_FACTS) if self.remembers else None
        self.keeper.watch(self._read)

    def plain(self) -> dict[str, Any]:
        """The picture, ready to become JSON."""
        now = self.keeper.clock()
        view = self.keeper.floor.view(now)
        picture = shown.floor(view, self.book, self.desk.names(), self.ear.link_up)
        for caller in picture["callers"]:
            caller["dead_air"] = self.ear.sounds.silent(caller["call"]) if self.ear.sounds else ""
        for queue in picture["queues"]:
            queue["figures"] = {
                window: self.measures.of(queue["queue"], now, window).plain() for window in WINDOWS
            }
        picture["lines"] = {
            line: {window: self.measures.of_line(line, now, window).plain() for window in WINDOWS}
            for line in dict.fromkeys(queue["line"] for queue in picture["queues"])
        }
        picture["occupancy"] = self.measures.occupancy(now)
        picture["bad_recordings"] = sum(now - at <= PROBLEMS_SHOWN for at in self._bad_recordings)
        picture["mirror"] = self.mirror_state
        return picture

    @property
    def mirror_state(self) -> str:
        """How the mirror is (floor_mirror.publisher.MirrorState); `off` without one."""
        return "off" if self.mirror is None else str(self.mirror.state)

    async def remember(self, store: Store) -> None:
        """Count the day so far, from what earlier runs wrote down; then what was heard meanwhile,
        so that everything is counted once and in its order. A store that fails costs figures, no
        more: they then begin here."""
        try:
            midnight, _ = day_of(self.keeper.clock())
            async for facts in store.history.since(midnight, COUNTED_KINDS):
                self.measures.read(facts)
                await asyncio.sleep(0)
        except StoreError as trouble:
            log.warning("the day so far is not counted", extra={"why": type(trouble).__name__})
        finally:
            early, self._early = self._early, None
            self.measures.read(early or ())

    def _read(self, facts: Iterable[Fact]) -> None:
        facts = tuple(facts)
        self.measures.serve(self.keeper.floor.queues)
        if self._early is None:
            self.measures.read(facts)
        else:
            self._early.extend(facts)
        for fact in facts:
            if fact.kind is Kind.RECORDED and not fact.details.get("ok", True):
                self._bad_recordings.append(fact.at)
        if self.mirror is not None:
            self.mirror.touch()
