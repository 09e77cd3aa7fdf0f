"""What stands in a journal's files: frames, each with its length and checksum, one after the other.

    length (4) checksum (4) | instant (8) kind (1) body …      little-endian; the checksum (CRC-32)
                                                               covers all that follows it

A crash in the middle of writing leaves a tail that is no whole frame: reading ends before it. The
first frame of a file is its header. `instant` is the machine's own wall clock when it was written.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from enum import IntEnum
from typing import Any, Final, NamedTuple
from zlib import crc32

from protocol_store.fact_log import StorableFact
from terms.facts import Fact, Kind
from terms.limits import JOURNAL_FRAME_BYTES
from terms.names import AgentName, CallId, Instant

_OUTER: Final = struct.Struct("<II")
_INNER: Final = struct.Struct("<dB")
_WHOLE: Final = struct.Struct("<IIdB")  # both of them
_write = json.JSONEncoder(separators=(",", ":")).encode
_read = json.JSONDecoder().decode


class FrameKind(IntEnum):
    """What a frame holds. NUMBER: a fact too, one that gives a call its number; it is told apart
    so that a start finds these without reading the others. TOLD: what the call's number is now."""

    HEADER = 0
    FACT = 1
    NUMBER = 2
    TOLD = 3


_KINDS: Final = tuple(FrameKind)
_FACTS: Final = (FrameKind.FACT, FrameKind.NUMBER)


class Frame(NamedTuple):
    """A whole frame; `end` is where the next one begins."""

    at: Instant
    kind: FrameKind
    body: bytes
    end: int

    @property
    def is_fact(self) -> bool:
        """Whether it becomes a row of the database."""
        return self.kind in _FACTS


def framed(at: Instant, kind: FrameKind, body: bytes) -> bytes:
    """The bytes of a frame."""
    inner = _INNER.pack(at, kind) + body
    return _OUTER.pack(len(inner), crc32(inner)) + inner


def frames(data: bytes, start: int = 0) -> Iterator[Frame]:
    """The whole frames of some bytes, from `start` on; ends before the first that is not whole.

    A start reads half a day of them, a million on a busy day, before anybody is served."""
    end, size, unpack = start, len(data), _WHOLE.unpack_from
    while end + _WHOLE.size <= size:
        length, checksum, at, kind = unpack(data, end)
        inner_at = end + _OUTER.size
        after = inner_at + length
        if not _INNER.size <= length <= JOURNAL_FRAME_BYTES or after > size:
            return
        inner = data[inner_at:after]
        if crc32(inner) != checksum:
            return
        end = after
        yield Frame(at, _KINDS[kind], inner[_INNER.size :], end)


def after_broken(data: bytes, at: int) -> int | None:
    """Where the frame would end that begins here and is not whole; None when even that is gone."""
    if at + _OUTER.size > len(data):
        return None
    length, _ = _OUTER.unpack_from(data, at)
    after: int = at + _OUTER.size + length
    return after if after < len(data) else None


def fact_body(one: StorableFact) -> bytes:
    """A fact with its key, as a frame's body. The sequence comes first: see `sequence_of`."""
    fact = one.fact
    said = [one.sequence, fact.at, fact.kind, fact.call, fact.agent, fact.by, fact.details]
    return _write([*said, one.trouble]).encode("ascii")


def fact_of(writer: str, body: bytes) -> StorableFact:
    """The fact of a body, as its run wrote it."""
    sequence, at, kind, call, agent, by, details, trouble = _read(body.decode("ascii"))
    fact = Fact(
        at,
        _kind_of(kind),
        CallId(call) if call else None,
        AgentName(agent) if agent else None,
        by,
        details,
    )
    return StorableFact(sequence, fact, trouble, writer)


def sequence_of(body: bytes) -> int:
    """A fact's own count, without reading the rest of it."""
    return int(body[1 : body.index(b",")])


def plain_body(said: Any) -> bytes:
    """A header's or a TOLD frame's body."""
    return _write(said).encode("ascii")


def plain_of(body: bytes) -> Any:
    """And back."""
    return _read(body.decode("ascii"))


def _kind_of(word: str) -> Kind:
    try:
        return Kind(word)
    except ValueError:  # a newer release wrote it: it is stored as it stands, and projected to
        return word  # type: ignore[return-value]  # nothing
