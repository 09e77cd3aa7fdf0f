"""Durable first: the store's side that needs the journal alone, and no database (ADR 0019).

    append(facts)         durable within some milliseconds; nobody waits
    remember(facts)       the same, and waits until they are
    open_call(opening)    the call's protocol number, told only when it is durable; the same one
                          whenever the call asks again
    further(call)         one more number for a call

Numbers come from blocks that the journal holds ahead (limits.NUMBERS_AHEAD), so that a database
that is away for an hour is felt by nobody. Only a call that this journal cannot know, because the
journal is younger than it, is looked for in the database, for limits.CALL_LOOK_UP at most.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from protocol_store import further, protocols
from protocol_store.errors import ProtocolOverdue, StoreError, StoreFailing, StoreOverdue
from protocol_store.fact_log import FactLog
from protocol_store.journal import Journal
from protocol_store.journal_numbers import Known
from protocol_store.journal_reader import JournalReader
from protocol_store.journal_start import Begun, begin, lock_folder
from protocol_store.journal_supply import Supply
from protocol_store.lag import Lag
from protocol_store.protocols import Opening
from protocol_store.writer import Writer
from terms import limits
from terms.facts import Fact
from terms.names import CallId, Instant, Protocol, Seconds
from terms.protocol_number import protocol_of

log = logging.getLogger(__name__)

Ask = Callable[..., Awaitable[Any]]
FactsOf = Callable[[Protocol], Sequence[Fact]]
FromCity = Callable[[Opening], Awaitable[str]]


class JournalBook:
    """See the file's top. For one event loop; `prepare` first, then `start`."""

    def __init__(
        self,
        folder: Path,
        node: str,
        run: str,
        facts: FactLog,
        writer: Writer,
        read: Ask,
        numbers: range,
        clock: Callable[[], Instant],
    ) -> None:
        """`folder`: where the journal's files are; `facts` numbers what this run appends."""
        self._folder, self._node, self._run = folder, node, run
        self._facts, self._writer, self._read = facts, writer, read
        self._site_numbers, self._clock = numbers, clock
        self._lock: int | None = None
        self._young_until = 0.0  # until then a call may be older than the journal
        self._tasks: set[asyncio.Task[None]] = set()
        self._begun: Begun
        self._journal: Journal
        self._supply: Supply
        self._last = 0  # the sequence of the last fact

    # --- from start to end ---
    def prepare(self, engine: Engine) -> None:
        """Have the folder for ourselves, and read what is in it. Blocking. Raises StoreFailing,
        and what the database raises."""
        self._lock = lock_folder(self._folder)
        try:
            where = (self._folder, engine, self._node, self._site_numbers, self._clock)
            self._begun = begin(*where)
        except OSError as problem:
            self.release()
            raise StoreFailing(f"o diário não pode ser usado: {problem.strerror}") from problem
        except BaseException:
            self.release()
            raise
        held, numbers = (self._begun.identity, self._begun.numbers), self._site_numbers
        self._supply = Supply(self._folder, self._node, held, self._writer, numbers, self._clock)
        if since := self._begun.identity.whole_since:
            self._young_until = since + limits.CALLS_REMEMBERED
        self._journal = Journal(self._folder, self._run, self._begun.segments, self._holed)

    async def start(self) -> None:
        """Begin to write; return when the database has all that earlier runs left, and numbers are
        at hand."""
        # Of the whole process: else a number waits for whichever thread computes just then.
        sys.setswitchinterval(min(sys.getswitchinterval(), limits.THREAD_TURN))
        begun = self._begun
        reader = JournalReader(self._journal, begun.stored, begun.first)
        self._journal.start(self._writer.look)
        self._writer.start(reader, begun.behind)
        log.info("facts of earlier runs are stored", extra={"count": begun.behind})
        await self._writer.settled()
        with contextlib.suppress(StoreError):
            await self._supply.fill()

    async def close(self) -> None:
        """Write down what is left, let the database's writer store it within its budget, end."""
        if self._lock is None:  # never begun, or closed before
            return await self._writer.stop()
        self._supply.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.to_thread(self._journal.stop)
        await self._writer.stop()
        count, _ = self._writer.behind()
        if self._journal.figures().waiting:
            log.critical("closed with facts not stored", extra={"count": count})
        elif count:
            log.warning("closed: the database lacks facts of the journal", extra={"count": count})
        with contextlib.suppress(OSError):
            self._supply.keep(clean=True)
        self.release()

    def release(self) -> None:
        """Leave the folder to others."""
        if self._lock is not None:
            os.close(self._lock)
        self._lock = None

    def lag(self) -> Lag:
        """How far the database is behind, and how the journal keeps up."""
        count, oldest = self._writer.behind()
        now = self._journal.figures()
        return Lag(
            *(count, oldest, now.refused, self._writer.failing),
            now.waiting,
            now.oldest_seconds,
            now.failing,
            now.bytes,
            now.disk_free,
            self._supply.left,
        )

    # --- facts ---
    def append(self, facts: Sequence[Fact], told: asyncio.Future[None] | None = None) -> bool:
        """See the file's top; `told` is resolved when they are durable. False: too many wait."""
        storable = self._facts.number(facts)
        if not storable:
            return True
        self._last = storable[-1].sequence
        refused = self._journal.append(storable, told)
        self._writer.more(len(storable) - refused, self._journal.failing)
        return not refused

    async def remember(self, facts: Sequence[Fact], budget: Seconds) -> None:
        """Append facts, and return when they are durable. StoreOverdue."""
        if not facts:
            return
        told: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if not self.append(facts, told):
            raise StoreOverdue("o diário não tem lugar para mais fatos")
        await self._durable(told, budget)

    async def caught_up(self) -> None:
        """Wait a moment for the database to have what was appended so far."""
        if self._writer.failing:
            return
        self._journal.hurry()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._writer.settled(), limits.READ_AFTER_WRITE)

    async def settled(self) -> bool:
        """Wait until the database has all that was appended so far."""
        self._journal.hurry()
        return await self._writer.settled()

    # --- calls ---
    async def open_call(self, opening: Opening, city: FromCity) -> Protocol:
        """See the file's top; the number may be the `city`'s, which is asked once a call. Raises
        ProtocolOverdue after limits.PROTOCOL_BUDGET."""
        number = "" if self._begun.calls.get(opening.call) else await city(opening)
        facts = partial(protocols.arrival_facts, opening, issuer="city" if number else "block")
        return await self._opened(opening.call, facts, number)

    async def resume_call(self, call: CallId, protocol: Protocol, facts: Sequence[Fact]) -> None:
        """Open a call that goes on with an earlier one's number. Raises ProtocolOverdue."""
        await self._opened(call, lambda _: facts, protocol)

    async def further(self, call: CallId, most: int) -> tuple[Protocol, int]:
        """One more number for a call, durable, and which one it is; ('', 0) when it has `most`."""
        known = self._begun.calls.get(call)
        if known is None:
            found = await self._read(further.next_ordinal, call)
            known = self._begun.calls.get(call) or Known(self._clock(), further=max(0, found - 1))
            self._begun.calls.add(call, known, self._clock())
        if known.further >= most:
            return Protocol(""), 0
        known.further += 1
        ordinal = known.further
        number = protocol_of(await self._supply.next())
        fact = further.further_fact(call, number, ordinal, self._clock())
        await self.remember([fact], limits.STORE_BUDGET)
        return number, ordinal

    def told_by_the_switch(self, call: CallId, protocol: Protocol) -> None:
        """The switch gave a call this number while nobody else could: it is the call's."""
        known = self._begun.calls.get(call)
        if known is not None and known.rescued:
            return
        self._begun.calls.add(call, Known(self._clock(), protocol, rescued=True), self._clock())
        self._journal.note(call, protocol, self._last)

    async def _opened(self, call: CallId, facts: FactsOf, number: str = "") -> Protocol:
        known = self._begun.calls.get(call)
        if known is None or (known.durable is None and not known.protocol):
            known = self._begin(call, facts, Protocol(number), known)
        if known.durable is not None:
            try:
                await self._durable(known.durable, limits.PROTOCOL_BUDGET)
            except StoreOverdue as overdue:
                raise ProtocolOverdue("nenhum protocolo dentro do prazo") from overdue
        return known.protocol

    def _begin(self, call: CallId, facts: FactsOf, number: Protocol, there: Known | None) -> Known:
        loop, now = asyncio.get_running_loop(), self._clock()
        further_ones = there.further if there is not None else 0
        known = Known(now, number, loop.create_future(), further_ones)
        self._begun.calls.add(call, known, now)
        if now < self._young_until:
            self._beside(self._begin_slowly(call, facts, known))
        elif number:
            self._give(call, facts, known)
        elif (taken := self._supply.at_hand()) is not None:
            known.protocol = protocol_of(taken)
            self._give(call, facts, known)
        else:
            self._beside(self._begin_slowly(call, facts, known))
        return known

    async def _begin_slowly(self, call: CallId, facts: FactsOf, known: Known) -> None:
        """A call that may have a number that this journal does not know, or there is none left."""
        assert known.durable is not None
        try:
            if found := await self._looked_up(call):
                known.protocol = found
                known.durable.set_result(None)
                return
            if not known.protocol:
                known.protocol = protocol_of(await self._supply.next())
            self._give(call, facts, known)
        except (Exception, asyncio.CancelledError) as trouble:
            self._fail(call, known, trouble)

    async def _looked_up(self, call: CallId) -> Protocol | None:
        if self._writer.failing:
            return None
        try:
            asked = self._read(protocols.protocols_of, [call])
            found: dict[CallId, Protocol] = await asyncio.wait_for(asked, limits.CALL_LOOK_UP)
        except (StoreError, TimeoutError):
            return None
        return found.get(call)

    def _give(self, call: CallId, facts: FactsOf, known: Known) -> None:
        if not self.append(facts(known.protocol), known.durable):
            self._fail(call, known, StoreOverdue("o diário não tem lugar para mais fatos"))

    def _fail(self, call: CallId, known: Known, trouble: BaseException) -> None:
        """Whoever asks for this call again begins anew."""
        self._begun.calls.drop(call)
        if known.durable is None or known.durable.done():
            return
        wrong = trouble if isinstance(trouble, StoreError) else StoreFailing("nenhum protocolo")
        known.durable.set_exception(wrong)
        known.durable.exception()  # nobody may be waiting any more

    async def _durable(self, told: asyncio.Future[None], budget: Seconds) -> None:
        if told.done():
            return told.result()
        try:
            await asyncio.wait_for(asyncio.shield(told), budget)
        except TimeoutError:
            raise StoreOverdue("o diário não gravou a tempo") from None

    def _holed(self) -> None:
        """On the journal's thread: its files do not hold all calls. The next run looks for those
        that it does not know in the database; which numbers are still to be given is written."""
        log.error("the journal has a hole: what is missing is in the database alone")
        self._supply.keep(whole_since=self._clock())

    def _beside(self, work: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
