"""What is shown of the floor, to supervisors, wallboards and the mirror: one picture for all.

Beside what the floor itself says (acd/view.py) it has the figures of today and of the last hour, in
which state the mirror is, and how many recordings went wrong lately. No caller's number is in it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from acd.measures import Measures, Window
from callflow.agent_desk import AgentDesk
from callflow.book import Book
from callflow.floor_keeper import FloorKeeper
from callflow.hear import Ear
from central156 import shown
from floor_mirror import Publisher
from terms.facts import Fact, Kind
from terms.limits import PROBLEMS_KEPT, PROBLEMS_SHOWN
from terms.names import Instant

WINDOWS = (Window.TODAY, Window.HOUR)


@dataclass(slots=True)
class FloorPicture:
    """See the top of this file. Reads facts from the moment it is made."""

    keeper: FloorKeeper
    book: Book
    desk: AgentDesk
    ear: Ear
    mirror: Publisher | None = None
    measures: Measures = field(init=False)
    _bad_recordings: deque[Instant] = field(default_factory=lambda: deque(maxlen=PROBLEMS_KEPT))

    def __post_init__(self) -> None:
        self.measures = Measures(self.keeper.floor.queues)
        self.keeper.watch(self._read)

    def plain(self) -> dict[str, Any]:
        """The picture, ready to become JSON."""
        now = self.keeper.clock()
        view = self.keeper.floor.view(now)
        picture = shown.floor(view, self.book, self.desk.names(), self.ear.link_up)
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

    def _read(self, facts: Iterable[Fact]) -> None:
        facts = tuple(facts)
        self.measures.serve(self.keeper.floor.queues)
        self.measures.read(facts)
        for fact in facts:
            if fact.kind is Kind.RECORDED and not fact.details.get("ok", True):
                self._bad_recordings.append(fact.at)
        if self.mirror is not None:
            self.mirror.touch()
