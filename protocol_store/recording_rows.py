"""What the store says of sealed recordings, as plain values."""

from __future__ import annotations

from dataclasses import dataclass

from terms.facts import Fact
from terms.names import CallId, Instant, Seconds


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A sealed recording. `wrapped` None: its key was destroyed."""

    name: str
    call_id: CallId
    retention_class: str
    place: str
    master: str
    wrapped: str | None
    bytes: int
    seconds: Seconds | None
    digest: str
    recorded_at: Instant
    sealed_at: Instant
    archived_at: Instant | None = None
    erased_at: Instant | None = None
    erased_by: str | None = None
    erased_how: str | None = None
    erased_because: str | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """A call whose recordings must not be deleted, whatever the policy says."""

    hold: int
    call: CallId
    reason: str
    since: Instant
    by: str
    ended_at: Instant | None = None
    ended_by: str | None = None
    ended_because: str | None = None


@dataclass(frozen=True, slots=True)
class CallState:
    """What must be known of a call before its files are sealed."""

    ended_at: Instant | None
    answered: bool
    line: str
    test: bool


@dataclass(frozen=True, slots=True)
class Erasure:
    """A recording to erase, how it is told, and what its row says if there is none yet."""

    row: KeyRow
    fact: Fact
