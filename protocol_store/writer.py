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
import contextlib
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Engine

from protocol_store.errors import StoreFailing
from protocol_store.fact_log import FactLog, StorableFact, is_failing
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
from terms.facts import Fact
from terms.names import Seconds

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Lag:
    """How far the database is behind: facts not stored yet, and the age of the oldest."""

    count: int
    oldest_seconds: Seconds
    refused: int  # facts lost because too many were waiting; each time an error is logged
    failing: bool  # whether the last try failed


@dataclass(frozen=True, slots=True)
class _Batch:
    requests: list[Request]
    facts: list[StorableFact]


class Writer:
    """See the top of this file. `start`, `ask`, `append`, `settled`, `stop` are for the loop."""

    def __init__(
        self,
        engine: Engine,
        fact_log: FactLog,
        forget: Callable[[], None],
        committed: Callable[[int], None],
    ) -> None:
        """`forget` is called whenever what was done in a transaction may not have lasted, and
        `committed` whenever so many requests and facts have; both on the writer's thread."""
        self._engine = engine
        self._fact_log = fact_log
        self._forget = forget
        self._committed = committed
        self._wake = threading.Condition()
        self._requests: deque[Request] = deque()
        self._facts: deque[tuple[StorableFact, float]] = deque()
        self._settling: list[tuple[int, asyncio.Future[bool]]] = []
        self._refused = 0
        self._failing = False
        self._stopping: float | None = None  # when to stop trying, monotonic
        self._stopped = False
        self._unsure: StorableFact | None = None  # the last of those that are perhaps stored
        self._connection: Connection | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)

    def start(self) -> None:
        """Begin to write; answers are given on the loop that is running now."""
        self._loop = asyncio.get_running_loop()
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

    def append(self, facts: Sequence[Fact]) -> None:
        """Store these facts, in this order, after all that were appended before. Never waits."""
        storable = self._fact_log.number(facts)
        now = time.monotonic()
        with self._wake:
            room = limits.FACTS_PENDING - len(self._facts) if self._stopping is None else 0
            taken = storable[: max(0, room)]
            idle = not self._facts
            self._facts.extend((fact, now) for fact in taken)
            self._refused += len(storable) - len(taken)
            if idle:  # else the writer knows already, and looks at all there is when it is due
                self._wake.notify()
        if len(taken) < len(storable):
            lost = len(storable) - len(taken)
            log.error("facts lost: too many wait, or the store is closing", extra={"count": lost})

    async def settled(self) -> bool:
        """Wait until all facts appended so far are stored. False if the writer stops first."""
        with self._wake:
            if not self._facts or self._stopped:
                return not self._facts
            future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
            self._settling.append((self._facts[-1][0].sequence, future))
            self._wake.notify()
        return await future

    def lag(self) -> Lag:
        """How far the database is behind, now."""
        with self._wake:
            oldest = time.monotonic() - self._facts[0][1] if self._facts else 0.0
            return Lag(len(self._facts), oldest, self._refused, self._failing)

    async def stop(self) -> None:
        """Store what is left, for at most limits.STORE_CLOSE_BUDGET, then end the thread."""
        with self._wake:
            if self._stopping is None:
                self._stopping = time.monotonic() + limits.STORE_CLOSE_BUDGET
            self._wake.notify()
        if self._thread.is_alive():
            # A last statement may be under way when the budget is over; it has its own limit.
            await asyncio.to_thread(self._thread.join, limits.STORE_CLOSE_BUDGET * 2)
        if left := self.lag().count:
            log.critical("closed with facts not stored", extra={"count": left})

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
            facts = [fact for fact, _ in islice(self._facts, limits.WRITER_BATCH)]
        if self._unsure is not None:
            # Nothing may join facts that are perhaps stored: one key then answers for all.
            facts = [fact for fact in facts if fact.sequence <= self._unsure.sequence]
        return _Batch([one for one in requests if not one.abandoned], facts)

    def _linger(self) -> Seconds | None:
        """How long the facts at hand still wait for company; None if there are none."""
        if not self._facts:
            return None
        if self._stopping is not None or self._settling:
            return 0.0
        return self._facts[0][1] + limits.WRITER_LINGER - time.monotonic()

    def _do(self, batch: _Batch) -> bool:
        """Write a batch and tell whoever waits; False if the database fails."""
        if not (batch.requests or batch.facts or self._failing):
            return True
        try:
            answers = self._write(batch)
        except Exception as problem:
            self._failed(batch, problem)
            return False
        self._unsure = None
        with self._wake:
            for _ in batch.facts:
                self._facts.popleft()
            if self._failing:
                log.warning("the database is back", extra={"facts_waiting": len(self._facts)})
            self._failing = False
            last = batch.facts[-1].sequence if batch.facts else 0
            settled = [future for sequence, future in self._settling if sequence <= last]
            self._settling = [waiting for waiting in self._settling if waiting[0] > last]
        self._tell(answers, settled, True)
        self._committed(len(batch.requests) + len(batch.facts))
        return True

    def _write(self, batch: _Batch) -> Answers:
        try:
            return self._transaction(batch, do_together)
        except Exception as problem:
            if is_failing(problem):
                raise
            self._doubt(batch)
            return self._transaction(batch, self._one_by_one)

    def _one_by_one(self, connection: Connection, requests: Sequence[Request]) -> Answers:
        return do_one_by_one(connection, requests, self._forget)

    def _transaction(
        self, batch: _Batch, do_all: Callable[[Connection, Sequence[Request]], Answers]
    ) -> Answers:
        if self._connection is None:
            self._connection = self._engine.connect()  # and kept: opening costs more than writing
        with self._connection.begin():
            answers = do_all(self._connection, batch.requests)
            if self._unsure is None or not self._fact_log.holds(self._connection, self._unsure):
                self._fact_log.write(self._connection, batch.facts)
        return answers

    def _doubt(self, batch: _Batch) -> None:
        """The transaction may have lasted or not: look, before it is done again."""
        self._forget()
        if self._unsure is None and batch.facts:
            self._unsure = batch.facts[-1]

    def _failed(self, batch: _Batch, problem: Exception) -> None:
        self._doubt(batch)
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
