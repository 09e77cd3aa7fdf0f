"""Work that must keep its order where it is about the same thing, and waits for nothing else."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass, field
from typing import Any

log = logging.getLogger(__name__)

Work = Coroutine[Any, Any, None]


@dataclass(eq=False, repr=False, slots=True)
class Lanes:
    """One row of work for each key; rows run side by side. `failure`: what the log says when a
    piece of it fails; the row goes on with the next."""

    failure: str
    done: Callable[[Hashable], None] = lambda key: None  # hears of each row that is empty again
    _rows: dict[Hashable, deque[Work]] = field(default_factory=dict)
    _tasks: dict[Hashable, asyncio.Task[None]] = field(default_factory=dict)

    def __contains__(self, key: Hashable) -> bool:
        """Whether work about this is not done yet."""
        return key in self._rows

    def do(self, key: Hashable, work: Work) -> None:
        """After all that was given for this key before."""
        row = self._rows.setdefault(key, deque())
        row.append(work)
        if key not in self._tasks:
            self._tasks[key] = asyncio.get_running_loop().create_task(self._run(key, row))

    async def settled(self) -> None:
        """Return when nothing runs any more."""
        while self._tasks:
            await asyncio.wait(set(self._tasks.values()))

    def cancel(self) -> None:
        """Stop all of it."""
        for task in self._tasks.values():
            task.cancel()
        for row in self._rows.values():
            for work in row:
                work.close()

    async def _run(self, key: Hashable, row: deque[Work]) -> None:
        try:
            while row:
                try:
                    await row.popleft()
                except Exception:
                    log.exception(self.failure)
        finally:
            del self._rows[key], self._tasks[key]
            self.done(key)
