"""The journal: what happened is on this machine's disk before any database hears of it.

    append(facts)           nobody waits; within limits.JOURNAL_LINGER and one flush it is durable
    append(facts, told)     `told` is resolved as soon as they are: a number may be spoken then

One thread writes: all that has come together goes out with one flush to the disk. While the disk
refuses (full, gone), what comes waits in memory, up to limits.FACTS_PENDING, and is tried again in
a new file; meanwhile the database's writer takes it straight from there (`unwritten`), so that a
full disk alone loses nothing. Facts of one run are only ever in one order, that of their sequence.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path

from protocol_store.fact_log import StorableFact
from protocol_store.journal_entries import Entry, Figures, Told, resolve
from protocol_store.journal_frames import plain_body
from protocol_store.journal_segments import (
    Segment,
    free_bytes,
    new_segment,
    removable,
    write_all,
)
from terms import limits
from terms.names import CallId, Protocol

log = logging.getLogger(__name__)


class Journal:
    """See the file's top. `append`, `hurry`, `figures` for the loop; the rest for the writer."""

    def __init__(
        self, folder: Path, run: str, segments: list[Segment], holed: Callable[[], None]
    ) -> None:
        """`run`: whose facts these are; `segments`: what earlier runs left; `holed`: from now on
        the files do not hold all that happened (the database has it, or they were removed); told
        on the journal's thread, before anything else is written. It may raise OSError."""
        self._folder, self._run, self._tell_holed = folder, run, holed
        self._holed = False
        self.segments = segments  # oldest first, the last is being written; under `lock`
        self.lock = threading.Condition()
        self._queue: deque[Entry] = deque()
        self._notes = 0  # of the queue
        self._urgent = False
        self._stopping: float | None = None
        self._refused = 0
        self._failing = False
        self._disk_free = 0
        self._tidied = 0.0
        self._last = 0  # the sequence of the last fact that was taken in
        self._removable = 0  # segments of a smaller number are stored in the database
        self._file: int | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._durable: Callable[[], None] = lambda: None
        self._thread = threading.Thread(target=self._work, name="store-journal", daemon=True)

    def start(self, durable: Callable[[], None]) -> None:
        """Begin to write. `durable`: more facts are; or the disk refuses them, and somebody may
        take them from `unwritten`."""
        self._loop = asyncio.get_running_loop()
        self._durable = durable
        self._disk_free = free_bytes(self._folder)
        self._thread.start()

    def append(self, facts: Sequence[StorableFact], told: Told | None = None) -> int:
        """Write these down, in this order, behind all that came before; how many were refused.
        With `told`, at once, or not at all: `told` then fails."""
        now = time.monotonic()
        with self.lock:
            room = limits.FACTS_PENDING - len(self._queue) if self._stopping is None else 0
            refused = max(0, len(facts) - max(0, room))
            if refused and told is not None:
                refused = len(facts)
            taken = facts[: len(facts) - refused]
            idle = not self._queue
            self._queue.extend(
                Entry(one.sequence, one, b"", now, told if one is facts[-1] else None)
                for one in taken
            )
            self._last = taken[-1].sequence if taken else self._last
            self._refused += refused
            self._urgent = self._urgent or (told is not None and not refused)
            if idle or self._urgent:
                self.lock.notify_all()
        if refused:
            log.error(
                "facts lost: too many wait, or the store is closing", extra={"count": refused}
            )
        return refused

    def note(self, call: CallId, protocol: Protocol, after: int) -> None:
        """Write down that a call's number is this one; `after`: the last sequence that was given
        to a fact."""
        body = plain_body([call, protocol])
        with self.lock:
            self._queue.append(Entry(after, None, body, time.monotonic()))
            self._notes += 1
            self.lock.notify_all()

    def hurry(self) -> None:
        """Somebody waits for all that has been appended."""
        with self.lock:
            self._urgent = bool(self._queue)
            self.lock.notify_all()

    @property
    def failing(self) -> bool:
        """Whether the disk refused the last try."""
        return self._failing

    def figures(self) -> Figures:
        """How the journal is, now."""
        with self.lock:
            oldest = time.monotonic() - self._queue[0].since if self._queue else 0.0
            size = sum(one.length for one in self.segments)
            waiting = len(self._queue) - self._notes
            return Figures(waiting, oldest, self._refused, self._failing, size, self._disk_free)

    def stop(self) -> None:
        """Write what is left, for at most limits.STORE_CLOSE_BUDGET, then end. Blocking."""
        with self.lock:
            if self._stopping is None:
                self._stopping = time.monotonic() + limits.STORE_CLOSE_BUDGET
            self.lock.notify_all()
        if self._thread.is_alive():
            self._thread.join(limits.STORE_CLOSE_BUDGET * 2)

    # --- for the database's writer ---
    def unwritten(self, most: int) -> list[StorableFact]:
        """The first facts that the disk refuses; none while it does not."""
        with self.lock:
            if not self._failing:
                return []
            return [one.fact for one in islice(self._queue, most) if one.fact is not None]

    def stored(self, sequence: int) -> None:
        """The database has all facts up to this one: those need no disk any more."""
        with self.lock:
            told = self._drop(sequence)
            self._holed = True
        self._tell(told)

    def removable_before(self, number: int) -> None:
        """All facts of the segments before this one are stored."""
        self._removable = number

    # --- the thread ---
    def _work(self) -> None:
        entries: list[Entry] | None = []
        while entries is not None:
            try:
                if entries:
                    self._write(entries)
                elif self._file is None:  # at the start, and to see whether the disk is back
                    self._begin_segment(self._last + 1)
            except Exception as problem:
                self._failed(problem)
                if not self._rest():
                    break
            else:
                self._written(entries[-1].sequence if entries else 0)
            with contextlib.suppress(OSError):
                self._look_after()
            entries = self._next_group()
        self._close_file()

    def _next_group(self) -> list[Entry] | None:
        """What to write next; nothing when it is only time to look around; None: the end."""
        with self.lock:
            while not self._queue:
                if self._stopping is not None:
                    return None
                wait = limits.JOURNAL_RETRY if self._failing else limits.JOURNAL_LOOK_EVERY
                if not self.lock.wait(wait):
                    return []
            while not self._urgent and self._stopping is None:
                left = self._queue[0].since + limits.JOURNAL_LINGER - time.monotonic()
                if left <= 0.0 or not self._queue:
                    break
                self.lock.wait(left)
                if not self._queue:  # the database was faster
                    return []
            self._urgent = False
            return list(islice(self._queue, limits.JOURNAL_GROUP))

    def _write(self, entries: list[Entry]) -> None:
        current = self.segments[-1] if self._file is not None else None
        if current is None or current.length >= limits.JOURNAL_SEGMENT_BYTES:
            current = self._begin_segment(entries[0].sequence)
        assert self._file is not None
        at = time.time()
        data = b"".join([one.frame(at) for one in entries])
        write_all(self._file, data)
        os.fdatasync(self._file)
        if os.fstat(self._file).st_nlink == 0:
            self._holed = True
            raise OSError(errno.ENOENT, "the journal's files were removed")
        with self.lock:
            current.length += len(data)
            current.last, current.last_at = entries[-1].sequence, at

    def _begin_segment(self, first: int) -> Segment:
        self._close_file()
        if self._holed:
            self._tell_holed()
        self._holed = False
        number = self.segments[-1].number + 1 if self.segments else 1
        segment, self._file = new_segment(self._folder, number, self._run, first, time.time())
        with self.lock:
            self.segments.append(segment)
        return segment

    def _written(self, sequence: int) -> None:
        with self.lock:
            told = self._drop(sequence)
            self._urgent = self._urgent or any(one.told for one in self._queue)
            if self._failing:
                log.warning("the journal's disk is back")
            self._failing = False
        self._durable()
        self._tell(told)

    def _drop(self, sequence: int) -> list[Told]:
        """Take what is safe out of the queue; whom to tell. Under the lock."""
        told = []
        while self._queue and self._queue[0].sequence <= sequence:
            entry = self._queue.popleft()
            self._notes -= entry.fact is None
            if entry.told is not None:
                told.append(entry.told)
        return told

    def _failed(self, problem: Exception) -> None:
        """The disk may have taken all, a part, or nothing: what is beyond the last flush is cut
        off, and the next try begins a new file. What is then twice there counts once."""
        current = self.segments[-1] if self._file is not None else None
        if current is not None and self._file is not None:
            with contextlib.suppress(OSError):
                os.truncate(current.path, current.length)
        self._close_file()
        with self.lock:
            first = not self._failing
            self._failing = True
            if current is not None and not current.last:
                self.segments.remove(current)  # a file with a header alone
                current.path.unlink(missing_ok=True)
        if first:
            why = {"why": type(problem).__name__, "errno": getattr(problem, "errno", None)}
            log.critical("the journal cannot be written: facts wait in memory", extra=why)
        self._durable()

    def _rest(self) -> bool:
        with self.lock:
            self.lock.wait_for(lambda: self._stopping is not None, limits.JOURNAL_RETRY)
            if self._stopping is None:
                return True
        time.sleep(limits.WRITER_RETRY_FIRST)
        return time.monotonic() < self._stopping

    def _look_after(self) -> None:
        """Now and then: how full the disk is, and whether old segments can go."""
        now = time.monotonic()
        if now - self._tidied < limits.JOURNAL_LOOK_EVERY:
            return
        self._tidied = now
        self._disk_free = free_bytes(self._folder)
        with self.lock:
            gone = removable(self.segments, self._removable, time.time() - limits.JOURNAL_KEPT)
            self.segments = [one for one in self.segments if one not in gone]
        for one in gone:
            one.path.unlink(missing_ok=True)

    def _close_file(self) -> None:
        opened, self._file = self._file, None
        if opened is not None:
            with contextlib.suppress(OSError):
                os.close(opened)

    def _tell(self, told: Iterable[Told]) -> None:
        waiting = list(told)
        if waiting and self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits there
                self._loop.call_soon_threadsafe(resolve, waiting)
