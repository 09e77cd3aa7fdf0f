"""The one thread that writes to the database: many requests, one transaction, one flush to disk.

    ask(do, argument)   waits for its answer; requests for the same `do` are done together
    facts               come from the journal (journal_reader.py), which has them on this machine's
                        disk; they wait a moment for company, then are written in order

While the database fails, facts stay in the journal and are tried again; `lag` says so honestly. A
request whose asker has given up is not begun any more. If a commit's outcome is unknown, the
database is asked for the last fact that it has; requests are simply done again, so every `do` must
be harmless to repeat. Facts are written before the requests that wait beside them.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine

from protocol_store.errors import StoreFailing
from protocol_store.fact_log import FactLog, StorableFact, is_failing, last_stored
from protocol_store.journal_reader import JournalReader
from protocol_store.requests import (
    Answers,
    Do,
    Request,
    deliver,
    do_one_by_one,
    do_together,
    resolve,
)
from terms import limits
from terms.names import Seconds

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Batch:
    requests: list[Request]
    facts: list[StorableFact]


class Writer:
    """See the top of this file. `start`, `ask`, `settled`, `stop` are for the loop."""

    def __init__(self, engine: Engine, fact_log: FactLog, committed: Callable[[int], None]) -> None:
        """`committed` is called, on the writer's thread, whenever so many requests and facts
        are durable."""
        self._engine = engine
        self._fact_log = fact_log
        self._committed = committed
        self._wake = threading.Condition()
        self._requests: deque[Request] = deque()
        self._reader: JournalReader | None = None
        self._appended = 0  # facts that there were, those of earlier runs too, …
        self._stored = 0  # … and so many of them are stored
        self._since: float | None = None  # when the first came that is not; monotonic
        self._hurry = False
        self._settling: list[tuple[int, asyncio.Future[bool]]] = []
        self._failing = False
        self._stopping: float | None = None  # when to stop trying, monotonic
        self._stopped = False
        self._unsure = False  # a commit's outcome is unknown
        self._connection: Connection | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)

    def start(self, reader: JournalReader, behind: int) -> None:
        """Begin to write what `reader` gives, `behind` facts for a start; answers are given on
        the loop that is running now."""
        self._loop = asyncio.get_running_loop()
        self._reader = reader
        self.more(behind)
        self._thread.start()

    async def ask(self, do: Do, argument: Any) -> Any:
        """The answer of `do` to `argument`, durable. Raises what `do` gave as its answer.

        Whoever stops waiting (a time-out, a cancelled task) has given up: see the file's top.
        Raises StoreFailing if the writer stops, or has stopped, before it was done.
        """
        request = Request(do, argument, asyncio.get_running_loop().create_future())
        with self._wake:
            if self._stopping is not None:
                raise StoreFailing("o registro está sendo fechado")
            self._requests.append(request)
            self._wake.notify()
        try:
            return await request.answer
        finally:
            request.abandoned = True

    def more(self, count: int, hurry: bool = False) -> None:
        """So many facts more were appended. `hurry`: nobody else makes them durable."""
        with self._wake:
            self._appended += count
            if self._since is None and self._appended > self._stored:
                self._since = time.monotonic()
            self._hurry = hurry
            if hurry:
                self._wake.notify()

    def look(self) -> None:
        """There is something to read. Any thread."""
        with self._wake:
            self._wake.notify()

    async def settled(self) -> bool:
        """Wait until all facts appended so far are stored. False if the writer stops first."""
        with self._wake:
            if self._appended <= self._stored or self._stopped:
                return self._appended <= self._stored
            future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
            self._settling.append((self._appended, future))
            self._wake.notify()
        return await future

    @property
    def failing(self) -> bool:
        """Whether the last try failed."""
        return self._failing

    def behind(self) -> tuple[int, Seconds]:
        """Facts that are not stored, and for how long the first of them has waited."""
        with self._wake:
            count = self._appended - self._stored
            waited = time.monotonic() - self._since if self._since is not None else 0.0
        oldest = self._reader.oldest() if self._reader is not None else 0.0
        return count, max(waited, oldest) if count else 0.0

    async def stop(self) -> None:
        """Store what is left, for at most limits.STORE_CLOSE_BUDGET, then end the thread."""
        with self._wake:
            if self._stopping is None:
                self._stopping = time.monotonic() + limits.STORE_CLOSE_BUDGET
            self._wake.notify()
        if self._thread.is_alive():
            # A last statement may be under way when the budget is over; it has its own limit.
            await asyncio.to_thread(self._thread.join, limits.STORE_CLOSE_BUDGET * 2)

    # --- the thread ---
    def _run(self) -> None:
        pause = 0.0
        while (batch := self._next_batch()) is not None:
            if self._do(batch):
                pause = 0.0
                continue
            pause = min(max(pause * 2, limits.WRITER_RETRY_FIRST), limits.WRITER_RETRY_LAST)
            if not self._rest(pause):
                break
        self._give_up()

    def _next_batch(self) -> _Batch | None:
        """What to do next; waits for it. None: everything is done and we are to stop."""
        with self._wake:
            while not self._requests:
                linger = self._linger()
                if linger is None and self._stopping is not None:
                    return None
                # While the database fails, an empty batch finds out whether it is back.
                if self._failing or (linger is not None and linger <= 0.0):
                    break
                self._wake.wait(linger)
            count = min(len(self._requests), limits.WRITER_BATCH)
            requests = [self._requests.popleft() for _ in range(count)]
            expected = self._appended > self._stored
        facts = self._facts_at_hand() if expected else []
        if not facts and not requests and not self._failing:
            with self._wake:  # they are on their way to the disk
                self._wake.wait(limits.JOURNAL_LINGER)
        return _Batch([one for one in requests if not one.abandoned], facts)

    def _facts_at_hand(self) -> list[StorableFact]:
        assert self._reader is not None
        try:
            return self._reader.peek(limits.WRITER_BATCH)
        except Exception as problem:  # whatever the disk does: requests are still done
            log.error("the journal cannot be read: %s", type(problem).__name__)
            time.sleep(limits.WRITER_RETRY_FIRST)
            return []

    def _linger(self) -> Seconds | None:
        """How long the facts at hand still wait for company; None if there are none."""
        if self._since is None:
            return None
        if self._stopping is not None or self._settling or self._hurry:
            return 0.0
        return self._since + limits.WRITER_LINGER - time.monotonic()

    def _do(self, batch: _Batch) -> bool:
        """Write a batch and tell whoever waits; False if the database fails."""
        if not (batch.requests or batch.facts or self._failing):
            return True
        assert self._reader is not None
        try:
            answers = self._write(batch)
        except Exception as problem:
            self._failed(batch, problem)
            return False
        self._unsure = False
        self._reader.drop(batch.facts)
        with self._wake:
            self._stored += len(batch.facts)
            left = self._appended - self._stored
            if batch.facts:
                self._since = time.monotonic() if left else None
            if self._failing:
                log.warning("the database is back", extra={"facts_waiting": left})
            self._failing = False
            settled = [future for count, future in self._settling if count <= self._stored]
            self._settling = [one for one in self._settling if one[0] > self._stored]
        self._tell(answers, settled, True)
        self._committed(len(batch.requests) + len(batch.facts))
        return True

    def _write(self, batch: _Batch) -> Answers:
        try:
            return self._transaction(batch, do_together)
        except Exception as problem:
            if is_failing(problem):
                raise
            self._unsure = True
            return self._transaction(batch, do_one_by_one)

    def _transaction(
        self, batch: _Batch, do_all: Callable[[Connection, Sequence[Request]], Answers]
    ) -> Answers:
        if self._connection is None:
            self._connection = self._engine.connect()  # and kept: opening costs more than writing
        with self._connection.begin():
            facts = batch.facts
            if self._unsure and facts:
                facts = self._not_stored(self._connection, facts)
            self._fact_log.write(self._connection, facts)
            return do_all(self._connection, batch.requests)

    def _not_stored(
        self, connection: Connection, facts: Sequence[StorableFact]
    ) -> list[StorableFact]:
        """Of these facts, what the database does not have: it has none, or the first ones."""
        stored = last_stored(connection, {one.writer for one in facts})
        return [one for one in facts if one.sequence > stored.get(one.writer, 0)]

    def _failed(self, batch: _Batch, problem: Exception) -> None:
        self._unsure = True
        self._disconnect()
        with self._wake:
            self._requests.extendleft(reversed(batch.requests))
            if not self._failing:
                # The database's own words may quote what it was given: their kind is enough.
                log.error("the database fails: %s", type(problem).__name__)
            self._failing = True

    def _rest(self, pause: Seconds) -> bool:
        """Wait before the next try; False if there is to be none."""
        with self._wake:
            self._wake.wait_for(lambda: self._stopping is not None, pause)
        if self._stopping is None:
            return True
        time.sleep(limits.WRITER_RETRY_FIRST)
        return time.monotonic() < self._stopping

    def _give_up(self) -> None:
        """Say to everyone who still waits that nothing more will be stored."""
        self._disconnect()
        if self._reader is not None:
            self._reader.close()
        with self._wake:
            self._stopped = True
            left = [(one, StoreFailing("o registro foi fechado")) for one in self._requests]
            self._requests.clear()
            settling = [future for _, future in self._settling]
            self._settling = []
        self._tell(left, settling, False)

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(Exception):
                connection.invalidate()
            with contextlib.suppress(Exception):
                connection.close()

    def _tell(self, answers: Answers, settled: list[asyncio.Future[bool]], value: bool) -> None:
        assert self._loop is not None
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits there
            self._loop.call_soon_threadsafe(_tell_all, answers, settled, value)


def _tell_all(answers: Answers, settled: list[asyncio.Future[bool]], value: bool) -> None:
    deliver(answers)
    resolve(settled, value)
