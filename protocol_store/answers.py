"""What the store answers, as plain values: `dataclasses.asdict` makes JSON of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from terms.names import AgentName, CallId, Instant, Protocol, Seconds


@dataclass(frozen=True, slots=True)
class CallRow:
    """One call as the facts so far tell it. None: not known, or not happened."""

    call: CallId
    line: str
    entry: str
    caller: str
    test: bool
    static: bool
    protocol: Protocol | None
    arrived_at: Instant
    queue: str | None
    queued_at: Instant | None
    answered_at: Instant | None
    ended_at: Instant | None
    outcome: str | None
    blame: str | None
    ended_where: str | None
    seconds: Seconds | None
    wait_seconds: Seconds | None
    talk_seconds: Seconds | None
    agent: AgentName | None
    dialplan_version: str | None  # that it began on
    of_call: CallId | None = None  # that it goes on with, on another channel


@dataclass(frozen=True, slots=True)
class OpenRow(CallRow):
    """A call whose end is not stored. `talking_since`: when the talk that goes on began; one after
    a transfer, or taken over by whoever had been asked, began after `answered_at`."""

    last_line: str = ""  # whose it is, after hand-overs
    campaign: str = ""  # that made it
    talking_since: Instant | None = None


@dataclass(frozen=True, slots=True)
class StoredFact:
    """A fact as it was stored; `violation` says what was wrong with it, if anything."""

    at: Instant
    kind: str
    agent: str | None
    by: str
    details: Mapping[str, Any]
    violation: str | None


@dataclass(frozen=True, slots=True)
class StoredProtocol:
    """A number of the call. ordinal 0: told to the citizen; None: drawn, but never told."""

    protocol: Protocol
    ordinal: int | None
    issuer: str
    given_at: Instant


@dataclass(frozen=True, slots=True)
class Offer:
    """One ringing of one agent, and why."""

    offer: str
    agent: str
    queue: str | None
    because: str | None
    ring_seconds: Seconds | None
    offered_at: Instant
    ended_at: Instant | None
    outcome: str | None
    blame: str | None
    ended_because: str | None


@dataclass(frozen=True, slots=True)
class Recording:
    """A sound file of the call: `kind` is talk or message; `problem` if it is not whole."""

    file: str
    kind: str
    seconds: Seconds | None
    talk_seconds: Seconds | None
    ok: bool | None
    problem: str | None
    recorded_at: Instant


@dataclass(frozen=True, slots=True)
class Task:
    """Something that somebody must still do, such as calling a citizen back."""

    task: int
    call: CallId
    protocol: Protocol | None
    line: str
    caller: str
    kind: str
    because: str
    opened_at: Instant
    due_at: Instant | None
    done_at: Instant | None
    done_by: str | None
    result: str | None = None


@dataclass(frozen=True, slots=True)
class CallStory:
    """Everything that is stored of a call; facts in the order in which they were learnt."""

    call: CallRow
    protocols: tuple[StoredProtocol, ...]
    facts: tuple[StoredFact, ...]
    offers: tuple[Offer, ...]
    recordings: tuple[Recording, ...]
    tasks: tuple[Task, ...]
    goes_on: tuple[CallRow, ...] = ()  # the same case on other channels: called back, or returned


@dataclass(frozen=True, slots=True)
class AgentStatus:
    """What an agent chose last."""

    agent: AgentName
    status: str
    reason: str
    by: str
    since: Instant


@dataclass(frozen=True, slots=True)
class Counts:
    """Calls by what became of them, test calls left out."""

    received: int = 0
    answered: int = 0
    abandoned: int = 0
    waiting: int = 0  # in a queue now


@dataclass(frozen=True, slots=True)
class ServiceSummary:
    """Counts of the calls that arrived since an instant, in all and for each dialled line."""

    since: Instant
    total: Counts
    lines: Mapping[str, Counts]
