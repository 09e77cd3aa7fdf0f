"""How a journal begins: what earlier runs left is read, and it is made sure whose it is.

Blocking; the database must be there. In this order, so that a crash anywhere does no harm: the
folder is locked for this process alone; its files are read and torn tails cut; the next token is
written down; the database hands the blocks over to it, or to nobody; it is written down as the
present one.

A journal is not trusted, and gives none of its old numbers, when

* the database knows another holder of its blocks: it was begun again since, elsewhere or from a
  copy;
* the database has facts of its last run that it has not: it is an old copy;
* its last run was killed, and its last file was touched by something other than that run, or is
  gone, or the machine has been started since: it may be a copy that was made while it ran.
"""

from __future__ import annotations

import fcntl
import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from protocol_store import protocols
from protocol_store.errors import StoreFailing
from protocol_store.fact_log import last_stored
from protocol_store.journal_frames import Frame, FrameKind, fact_of, plain_of, sequence_of
from protocol_store.journal_identity import (
    Identity,
    boot_id,
    new_token,
    read_identity,
    write_identity,
)
from protocol_store.journal_numbers import HeldNumbers, Known, KnownCalls
from protocol_store.journal_segments import Segment, found_segments, read_whole
from terms import limits
from terms.names import CallId, Instant, Protocol

log = logging.getLogger(__name__)

LOCK: Final = "lock"
TOUCHED_AFTER: Final = 2.0  # seconds; a file system's clock and ours are not quite the same


@dataclass(slots=True)
class Begun:
    """A journal that may be written to."""

    identity: Identity
    segments: list[Segment]
    stored: dict[str, int]  # run → its last fact in the database
    behind: int  # facts that the database does not have
    first: int  # the segment that the first of them is in
    numbers: HeldNumbers = field(default_factory=HeldNumbers)
    calls: KnownCalls = field(default_factory=KnownCalls)
    given: list[Protocol] = field(default_factory=list)


def lock_folder(folder: Path) -> int:
    """Have the folder for this process alone, until the descriptor is closed, or it dies.

    Raises StoreFailing when another process has it, for JOURNAL_LOCK_WAIT.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    opened = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    until = time.monotonic() + limits.JOURNAL_LOCK_WAIT
    while True:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return opened
        except OSError:
            if time.monotonic() >= until:
                os.close(opened)
                raise StoreFailing("o diário está em uso por outro processo") from None
        time.sleep(limits.WRITER_RETRY_FIRST)


def begin(
    folder: Path, engine: Engine, node: str, numbers: range, clock: Callable[[], Instant]
) -> Begun:
    """See the file's top. `folder` is locked. Raises what the database and the disk raise."""
    before = read_identity(folder)
    segments = found_segments(folder)
    touched = _touched(segments)
    with engine.connect() as connection:
        stored = last_stored(connection, {one.writer for one in segments})
        any_call = protocols.any_call(connection)
    begun = _read(segments, stored, clock())
    now = clock()
    identity = before or Identity(new_token(node))
    following = new_token(node)
    trusted = before is not None and _trusted(before, segments, stored, touched)
    marked = replace(identity, next_token=following, clean=False, boot=boot_id())
    write_identity(folder, marked)
    with engine.begin() as connection:
        where = (connection, node, marked, trusted, following, numbers, now)
        kept = protocols.take_over(*where)
    if kept is None and before is not None:
        log.error("the journal is an old copy, or was touched: its numbers are given no more")
    whole_since = identity.whole_since if kept is not None else (now if any_call else 0.0)
    begun.numbers.add(kept or ())
    begun.numbers.pass_over(begun.given)
    begun.numbers.highest = max(begun.numbers.highest, identity.highest)
    begun.identity = replace(
        marked,
        token=following,
        next_token="",
        blocks=begun.numbers.blocks(),
        highest=begun.numbers.highest,
        whole_since=whole_since,
    )
    write_identity(folder, begun.identity)
    return begun


def _trusted(
    before: Identity, segments: list[Segment], stored: dict[str, int], touched: bool
) -> bool:
    """Whether nothing here says that this is a copy."""
    last = {one.writer: one.last for one in segments if one.last}
    if any(sequence > last.get(writer, 0) for writer, sequence in stored.items()):
        return False
    return before.clean or (bool(segments) and before.boot == boot_id() and not touched)


def _touched(segments: list[Segment]) -> bool:
    """Whether the newest file is another than its run made, or was changed by something other than
    the writing of its last frame.

    Neither the number that a file system gives a file nor the instant of its last change can be
    set by hand: a copy bears another number, and the instant at which it was copied.
    """
    if not segments:
        return False
    newest = segments[-1]
    if newest.copied:
        return True
    changed = newest.path.stat().st_ctime
    for _ in read_whole(newest):
        pass
    return abs(changed - newest.last_at) > TOUCHED_AFTER


def _read(segments: list[Segment], stored: dict[str, int], now: Instant) -> Begun:
    """Calls of the last hours, and facts that the database does not have."""
    begun = Begun(Identity(""), segments, stored, 0, 0)
    seen = dict(stored)
    for number, segment in enumerate(segments):
        following = segments[number + 1] if number + 1 < len(segments) else None
        if _is_done_with(segment, following, stored, now):
            segment.last = (following.first - 1) if following is not None else 0
            continue
        all_stored = _is_stored(segment, following, stored)
        for frame in read_whole(segment):
            if frame.kind is not FrameKind.FACT:
                _know(begun, segment.writer, frame, now)
            if all_stored or not frame.is_fact:
                continue
            sequence = sequence_of(frame.body)
            if sequence > seen.get(segment.writer, 0):
                seen[segment.writer] = sequence
                begun.first = begun.first or segment.number
                begun.behind += 1
    begun.first = begun.first or (segments[-1].number + 1 if segments else 1)
    return begun


def _is_stored(segment: Segment, following: Segment | None, stored: dict[str, int]) -> bool:
    if following is None or following.writer != segment.writer:
        return False
    return following.first - 1 <= stored.get(segment.writer, 0)


def _is_done_with(
    segment: Segment, following: Segment | None, stored: dict[str, int], now: Instant
) -> bool:
    """Whether it is stored as a whole, and too old to hold a call that may ask again."""
    if not _is_stored(segment, following, stored):
        return False
    changed = segment.path.stat().st_mtime
    segment.last_at = changed
    return changed < now - limits.CALLS_REMEMBERED


def _know(begun: Begun, writer: str, frame: Frame, now: Instant) -> None:
    if frame.kind is FrameKind.TOLD:
        call, protocol = plain_of(frame.body)
        known = Known(frame.at, Protocol(protocol), rescued=True)
        begun.calls.add(CallId(call), known, now)
    elif frame.kind is FrameKind.NUMBER:
        fact = fact_of(writer, frame.body).fact
        protocol, call = Protocol(str(fact.details.get("protocol", ""))), fact.call
        if not protocol or call is None:
            return
        if fact.details.get("issuer") == "block":
            begun.given.append(protocol)
        there = begun.calls.get(call)
        if ordinal := int(fact.details.get("ordinal") or 0):
            if there is not None:
                there.further = max(there.further, ordinal)
        elif there is None or not there.rescued:
            further = there.further if there is not None else 0
            begun.calls.add(call, Known(frame.at, protocol, further=further), now)
