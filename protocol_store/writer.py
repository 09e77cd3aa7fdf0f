"""The one thread that writes: many requests, one transaction, one flush to disk.

    ask(do, argument)   waits for its answer; requests for the same `do` are done together
    append(facts)       nobody waits; facts wait a moment for company, then are written in order

While the database fails, facts stay in memory (up to limits.FACTS_PENDING) and are tried again;
`lag` says so honestly. A request whose asker has given up is not begun any more. If a commit's
outcome is unknown, the facts are looked for by their keys first; requests are simply done again,
so every `do` must be harmless to repeat.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Engine

from protocol_store.fact_log import FactLog, StorableFact
from terms.names import Seconds

log = logging.getLogger(__name__)

Do = Callable[[Connection, Sequence[Any]], Sequence[Any]]
"""Does requests of one kind together; gives an answer for each, an exception if it is refused."""

COLLISIONS: Final = 3  # tries of a request that meets another node's in the same instant


@dataclass(frozen=True, slots=True)
class Lag:
    """How far the database is behind: facts not stored yet, and the age of the oldest."""

    count: int
    oldest_seconds: Seconds
    refused: int  # facts lost because too many were waiting; each time an error is logged
    failing: bool  # whether the last try failed


@dataclass(slots=True, eq=False)
class _Request:
    do: Do
    argument: Any
    answer: asyncio.Future[Any]
    abandoned: bool = False


@dataclass(frozen=True, slots=True)
class _Batch:
    requests: list[_Request]
    facts: list[StorableFact]


class Writer:
    """See the top of this file. `start`, `ask`, `append`, `settled`, `stop` are for the loop."""

    def __init__(self, engine: Engine, fact_log: FactLog, forget: Callable[[], None]) -> None:
        """`forget` is called whenever what was done in a transaction may not have lasted."""
        self._engine = engine
        self._fact_log = fact_log
        self._forget = forget
        self._wake = threading.Condition()
        self._requests: deque[_Request] = deque()
        self._facts: deque[tuple[StorableFact, float]] = deque()
        self._stored = 0  # sequence of the last fact that is known to be stored
        self._settling: list[tuple[int, asyncio.Future[None]]] = []
        self._refused = 0
        self._failing = False
        self._stopping: float | None = None  # when to stop trying, monotonic
        self._unsure: StorableFact | None = None
        self._connection: Connection | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)

    def start(self) -> None:
        """Begin to write; answers are given on the loop that is running now."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()
