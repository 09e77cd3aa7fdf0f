"""Reads the journal behind its writer, in order, for the one who stores its facts in the database.

    peek(most)     the next facts that are not stored; the same ones again until they are dropped
    drop(count)    the first so many of them are stored now

A start begins where the database ends: `stored` says, for each run, the last of its facts that the
database has, and what is not beyond that is passed over. So is what has been read already: a fact
may stand twice in the files, because the disk refused it and had it after all.
"""

from __future__ import annotations

import logging
import os
import time
from collections import deque
from contextlib import suppress
from itertools import islice
from typing import Final, NamedTuple

from protocol_store.fact_log import StorableFact
from protocol_store.journal import Journal
from protocol_store.journal_frames import fact_of, frames, sequence_of
from protocol_store.journal_segments import Segment
from terms.names import Instant, Seconds

log = logging.getLogger(__name__)

CHUNK: Final = 1024 * 1024


class _Read(NamedTuple):
    at: Instant
    fact: StorableFact


class JournalReader:
    """See the file's top. For the thread that writes to the database; `oldest` for anybody."""

    def __init__(self, journal: Journal, stored: dict[str, int], first: int) -> None:
        """`stored`: run → last sequence in the database; `first`: the number of the segment to
        begin with."""
        self._journal = journal
        self._seen = dict(stored)  # run → the last of its facts that was read or stored
        self._number = first  # of the segment that is being read
        self._offset = 0
        self._file: int | None = None
        self._file_number = -1
        self._ahead: deque[_Read] = deque()
        self._from_memory = False  # what was given last had no file yet

    def peek(self, most: int) -> list[StorableFact]:
        """See the file's top; at most so many."""
        while len(self._ahead) < most and self._read_more():
            pass
        if self._ahead:
            self._from_memory = False
            return [one.fact for one in islice(self._ahead, most)]
        self._from_memory = True
        unwritten = self._journal.unwritten(most)
        return [one for one in unwritten if one.sequence > self._seen.get(one.writer, 0)]

    def drop(self, facts: list[StorableFact]) -> None:
        """These, which `peek` gave, are stored."""
        if not facts:
            return
        if self._from_memory:
            self._seen[facts[-1].writer] = facts[-1].sequence
            self._journal.stored(facts[-1].sequence)
            return
        for _ in facts:
            self._ahead.popleft()
        if not self._ahead:
            self._journal.removable_before(self._number)

    def oldest(self) -> Seconds:
        """How long ago the first fact that waits for the database was written down; 0: none is
        known to."""
        try:
            return max(0.0, time.time() - self._ahead[0].at)
        except IndexError:  # the writer's thread was faster
            return 0.0

    def close(self) -> None:
        """Let the file go."""
        opened, self._file = self._file, None
        if opened is not None:
            with suppress(OSError):
                os.close(opened)

    # --- how it works ---
    def _read_more(self) -> bool:
        """Read on; False when all that is durable has been read."""
        segment, is_last = self._segment()
        if segment is None:
            return False
        if self._offset >= segment.length:
            if is_last:
                return False
            self._number, self._offset = segment.number + 1, 0
            return True
        data = self._bytes(segment, segment.length - self._offset)
        end = 0
        for frame in frames(data):
            end = frame.end
            if not frame.is_fact:
                continue
            sequence = sequence_of(frame.body)
            if sequence > self._seen.get(segment.writer, 0):
                self._seen[segment.writer] = sequence
                self._ahead.append(_Read(frame.at, fact_of(segment.writer, frame.body)))
        if not end:
            self._damaged(segment)
            return True
        self._offset += end
        return True

    def _segment(self) -> tuple[Segment | None, bool]:
        """The segment to read, or the first after it that is there; and whether it is the last."""
        with self._journal.lock:
            there = self._journal.segments
            for segment in reversed(there):
                if segment.number <= self._number or segment is there[0]:
                    break
            else:
                return None, True
            if segment.number < self._number:
                later = [one for one in there if one.number > segment.number]
                if not later:
                    return None, True
                segment = later[0]
            if segment.number != self._number:
                self._number, self._offset = segment.number, 0
            return segment, segment is there[-1]

    def _bytes(self, segment: Segment, most: int) -> bytes:
        if self._file_number != segment.number or self._file is None:
            self.close()
            self._file = os.open(segment.path, os.O_RDONLY | os.O_CLOEXEC)
            self._file_number = segment.number
        return os.pread(self._file, min(most, CHUNK), self._offset)

    def _damaged(self, segment: Segment) -> None:
        """What follows cannot be read, and was whole once: nobody but the disk can have done it."""
        where = {"file": segment.path.name, "at": self._offset}
        log.critical("the journal is damaged: the rest of a file is lost", extra=where)
        self._offset = segment.length
