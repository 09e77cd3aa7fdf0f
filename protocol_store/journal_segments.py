"""The files of a journal: numbered segments in one folder, read at a start.

A segment belongs to one run (`writer`); its header says so, and which fact is its first. What a
crash left half written at its end is cut off, which a log says. What is damaged otherwise (a disk
forgets) is not what a crash leaves: it is kept beside (`.damaged`), for a person, and a log says it
loudly. Nobody but the owner may read one: they hold callers' numbers.
"""

from __future__ import annotations

import atexit
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import make_url

from protocol_store.engines import SQLITE
from protocol_store.journal_frames import (
    Frame,
    FrameKind,
    after_broken,
    framed,
    frames,
    plain_body,
    plain_of,
    sequence_of,
)
from terms.names import Instant

log = logging.getLogger(__name__)

SUFFIX: Final = ".journal"
DAMAGED: Final = ".damaged"
LONGEST_HEADER: Final = 4_096  # bytes
NUMBER_DIGITS: Final = 12  # of a file's name: names then stand in the order of numbers


@dataclass(slots=True)
class Segment:
    """One file. `length`: so many of its bytes are on the disk for good."""

    number: int
    path: Path
    writer: str
    first: int  # the sequence of the first fact that it may hold
    length: int
    last_at: Instant  # when its last whole frame was written
    last: int = 0  # the sequence of its last fact, as far as it is known; 0 = none
    copied: bool = False  # not the file that its run made, but one with the same contents


def journal_beside(database_url: str) -> Path:
    """The folder of journals of a store that was given none: beside an SQLite file, and a temporary
    one otherwise."""
    url = make_url(database_url)
    if url.get_backend_name() == SQLITE and url.database:
        return Path(f"{url.database}.journal")
    folder = Path(tempfile.mkdtemp(prefix="c156-journal-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    log.warning("the journal has a temporary folder: this is for tests", extra={"at": str(folder)})
    return folder


def found_segments(folder: Path) -> list[Segment]:
    """The segments of a folder, oldest first. One without a whole header holds nothing: a crash
    came as it was made, and it is removed."""
    segments = []
    for path in sorted(folder.glob(f"{'[0-9]' * NUMBER_DIGITS}{SUFFIX}")):
        header = next(frames(_beginning(path)), None)
        if header is None or header.kind is not FrameKind.HEADER:
            if path.stat().st_size > LONGEST_HEADER:
                _keep_beside(path, path.read_bytes())
            log.warning("a journal file without a beginning is removed", extra={"file": path.name})
            path.unlink()
            continue
        said = plain_of(header.body)
        is_now = path.stat()
        number = int(path.name.removesuffix(SUFFIX))
        about = (said["writer"], int(said["first"]), is_now.st_size, header.at)
        copied = said.get("inode", is_now.st_ino) != is_now.st_ino
        segments.append(Segment(number, path, *about, copied=copied))
    return segments


def read_whole(segment: Segment) -> Iterator[Frame]:
    """All whole frames of a segment that nobody writes to any more; a torn tail is cut off."""
    data = segment.path.read_bytes()
    end, last = 0, None
    for frame in frames(data):
        end, segment.last_at = frame.end, frame.at
        if frame.is_fact:
            last = frame
        yield frame
    segment.last = sequence_of(last.body) if last is not None else segment.last
    segment.length = end
    if end < len(data):
        if _goes_on(data, end):
            _keep_beside(segment.path, data[end:])
        torn = {"file": segment.path.name, "kept": end, "bytes_cut": len(data) - end}
        log.warning("the journal's torn tail is cut off", extra=torn)
        os.truncate(segment.path, end)


def _goes_on(data: bytes, end: int) -> bool:
    """Whether a whole frame follows the one that is not: then no crash tore it."""
    following = after_broken(data, end)
    return following is not None and next(frames(data, following), None) is not None


def _keep_beside(path: Path, data: bytes) -> None:
    beside = path.with_suffix(DAMAGED)
    log.critical("the journal was damaged: what cannot be read is kept", extra={"at": beside.name})
    opened = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        write_all(opened, data)
        os.fsync(opened)
    finally:
        os.close(opened)


def new_segment(
    folder: Path, number: int, writer: str, first: int, at: Instant
) -> tuple[Segment, int]:
    """A new file with its header, on the disk for good, and its open descriptor. OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{number:0{NUMBER_DIGITS}d}{SUFFIX}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
    opened = os.open(path, flags, 0o600)
    try:
        header = framed(at, FrameKind.HEADER, plain_body(_header(writer, first, opened)))
        write_all(opened, header)
        os.fsync(opened)
        sync_folder(folder)
    except OSError:
        os.close(opened)
        path.unlink(missing_ok=True)
        raise
    return Segment(number, path, writer, first, len(header), at), opened


def removable(segments: list[Segment], before: int, older: Instant) -> list[Segment]:
    """Of the segments, those below this number that were last written earlier than so; never the
    newest."""
    return [one for one in segments[:-1] if one.number < before and one.last_at < older]


def write_all(opened: int, data: bytes) -> None:
    """Write all of it. OSError, perhaps with a part of it written."""
    view = memoryview(data)
    while view:
        view = view[os.write(opened, view) :]


def sync_folder(folder: Path) -> None:
    """What was made, renamed or removed in a folder is so for good."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def free_bytes(folder: Path) -> int:
    """How much room is left where a folder lies; 0 when that cannot be told."""
    try:
        found = os.statvfs(folder)
    except OSError:
        return 0
    return found.f_bavail * found.f_frsize


def _header(writer: str, first: int, opened: int) -> dict[str, Any]:
    return {"writer": writer, "first": first, "inode": os.fstat(opened).st_ino}


def _beginning(path: Path) -> bytes:
    with path.open("rb") as opened:
        return opened.read(LONGEST_HEADER)
