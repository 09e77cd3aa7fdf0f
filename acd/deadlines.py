"""What must happen by when: a heap whose entries are asked, when due, whether they still hold."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field

from terms.names import Instant

StillDue = Callable[[Instant], bool]
"""Told the deadline's instant; whether it still stands (it may have been moved or met)."""


@dataclass(slots=True)
class Deadlines:
    """Instants in order. An entry that no longer stands costs one look and is forgotten."""

    _heap: list[tuple[Instant, int, StillDue, Callable[[Instant], None]]] = field(
        default_factory=list
    )
    _count: int = 0

    def add(self, at: Instant, still_due: StillDue, act: Callable[[Instant], None]) -> None:
        """At `at`, if it still stands then, `act(now)`."""
        self._count += 1
        heapq.heappush(self._heap, (at, self._count, still_due, act))

    def next(self) -> Instant | None:
        """The earliest instant that still stands."""
        while self._heap and not self._heap[0][2](self._heap[0][0]):
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def run(self, now: Instant) -> None:
        """Do what is due."""
        while self._heap and self._heap[0][0] <= now:
            at, _, still_due, act = heapq.heappop(self._heap)
            if still_due(at):
                act(now)
