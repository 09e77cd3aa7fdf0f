"""What is known of the calls that are open now: a fold of their facts, and nothing else.

The book is memory, not truth: after a start it is filled from the store and from what the
switch shows on the channels.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dialer.campaign import KeyMeans
from terms.facts import Fact, Kind
from terms.names import AgentName, CallId, Instant, QueueName, Seconds
from terms.names import Protocol as ProtocolNumber
from terms.outcome import CallOutcome
from terms.stages import Stage

PATH_CHARACTERS = 200


@dataclass(slots=True)
class OpenCall:
    """One open call, as far as its facts have told."""

    call: CallId
    line: str  # it is on now: another than it came in on once it has been handed over
    arrived: Instant
    caller: str = ""
    protocol: ProtocolNumber = ProtocolNumber("")
    test: bool = False
    queue: QueueName = QueueName("")
    joined: Instant = 0.0
    note: str = ""  # the subject, as the menu gave it to the queue
    node: str = ""
    path: str = ""  # see `longer_path`; as on the channel (place.py)
    agent: AgentName | None = None
    answered: Instant | None = None  # of the first talk
    talking_since: Instant | None = None  # of the talk that goes on
    talk_seconds: Seconds = 0.0
    held_since: Instant = 0.0  # 0: not on hold
    held_seconds: Seconds = 0.0  # of the talks: nothing is recorded of them meanwhile
    consulted: bool = False
    decided: str = ""  # the outcome that we chose ourselves, before the channel ended
    data: Mapping[str, str] = field(default_factory=dict)  # typed and looked up: personal
    relay: bool = False  # an interpreter speaks for a deaf citizen
    suspect: int = 0  # how many marks the number had when the call came in (R36)
    static: bool = False  # the switch served it without us
    messages: int = 0  # that were begun to be recorded, in the menu
    message: str = ""  # the file of the message that was left
    of: str = ""  # the call that it goes on with, on another channel
    campaign: str = ""  # that made it
    said: tuple[str, ...] = ()  # by keys, in a call that a campaign made (dialer.campaign.KeyMeans)

    @property
    def dialled(self) -> bool:
        """Whether a campaign called, and the citizen has stood in no queue: the agent was there."""
        return bool(self.campaign) and not self.joined

    @property
    def only_called(self) -> bool:
        """Whether the citizen wants nothing of us: a campaign called, and nobody was asked for."""
        return bool(self.campaign) and not self.static and KeyMeans.PERSON not in self.said

    def began_with(self, agent: AgentName) -> Instant | None:
        """When the talk that goes on with this agent began: not the call's first answer, if that
        was another's. None: nothing was told of it."""
        return self.talking_since if self.agent == agent else None

    def ending(self, stage: str) -> tuple[CallOutcome, str]:
        """How the call ended, given the stage on its channel, and where it stood."""
        where = stage if stage != Stage.MENU else f"menu:{self.node}"
        if self.answered is not None:
            return CallOutcome.SERVED, where
        if self.message:
            return CallOutcome.MESSAGE_LEFT, where
        if stage == Stage.ENDED and self.decided:
            return CallOutcome(self.decided), where
        if stage in (Stage.ARRIVED, Stage.MENU, ""):
            # who has a place in a queue keeps it while the menu says what a key there asked for
            return CallOutcome.ABANDONED if self.queue else CallOutcome.LEFT_IN_MENU, where
        if stage in (Stage.WAITING, Stage.OFFERED, Stage.STATIC):
            return CallOutcome.ABANDONED, where
        if stage == Stage.AFTER:
            return CallOutcome.SERVED, where
        if stage == Stage.OUTSIDE:
            return CallOutcome.ENDED_IN_MENU, where  # the menu gave the way that was wanted
        return CallOutcome.INTERRUPTED, where


@dataclass(slots=True)
class Book:
    """All open calls by id."""

    calls: dict[CallId, OpenCall] = field(default_factory=dict)

    def open(self, entry: OpenCall) -> OpenCall:
        """Note a call; what was known of it stays."""
        known = self.calls.setdefault(entry.call, entry)
        if entry.caller and not known.caller:
            # A look at the switch had shown the channel before the call told who it is: without
            # the number nobody would be owed a call, nor an emergency called back (R34, R60).
            known.caller, known.test, known.relay = entry.caller, entry.test, entry.relay
            known.arrived = entry.arrived
            known.protocol = known.protocol or entry.protocol
        return known

    def take_in(self, told: OpenCall) -> OpenCall:
        """Note a call that the switch served without us, as the rescue script tells of it; or
        one that was gone (not `static`) before anybody served it."""
        entry = self.open(told)
        entry.static = entry.static or told.static
        if told.static or not entry.protocol:
            entry.protocol = told.protocol or entry.protocol
        entry.message = told.message or entry.message
        return entry

    def close(self, call: CallId) -> OpenCall | None:
        """Forget a call; None when it is not open (ended already, or never known)."""
        return self.calls.pop(call, None)

    def know(self, call: CallId, data: Mapping[str, str]) -> None:
        """What a call has told us so far, for its agent's eyes."""
        if (entry := self.calls.get(call)) is not None:
            entry.data = dict(data)

    def decide(self, call: CallId, outcome: str) -> None:
        """We are about to end a call ourselves, as this."""
        if (entry := self.calls.get(call)) is not None:
            entry.decided = outcome

    def read(self, facts: Iterable[Fact]) -> None:
        """Fold new facts in."""
        for fact in facts:
            entry = self.calls.get(fact.call) if fact.call else None
            if entry is not None:
                _fold(entry, fact)


def longer_path(path: str, kind: Kind, details: Mapping[str, Any]) -> str:
    """A call's path with what this fact tells of it: `node:key/node:key`, `-` for silence, `#`
    for digits typed (never which), and a service's answer by its exit."""
    match kind:
        case Kind.KEY_PRESSED:
            how = details.get("key") or "-"
        case Kind.DIGITS_TYPED:
            how = "#" if details.get("digits") else "-"
        case Kind.LOOKED_UP:
            how = details.get("how", "")
        case _:
            return path
    step = f"{details.get('node', '')}:{how}"
    return "/".join(part for part in (path, step) if part)[-PATH_CHARACTERS:]


def _fold(entry: OpenCall, fact: Fact) -> None:
    details = fact.details
    match fact.kind:
        case Kind.NODE_ENTERED:
            entry.node = str(details.get("node", ""))
        case Kind.KEY_PRESSED | Kind.DIGITS_TYPED | Kind.LOOKED_UP:
            entry.path = longer_path(entry.path, fact.kind, details)
        case Kind.HANDED_OVER:
            entry.line = str(details.get("to_line") or entry.line)
        case Kind.QUEUED:
            entry.queue = QueueName(str(details.get("queue", "")))
            entry.joined = float(details.get("joined") or fact.at)
            entry.note = str(details.get("note", ""))
        case Kind.ANSWERED:
            entry.agent = fact.agent
            if entry.answered is None:
                entry.answered = fact.at
            entry.talking_since = fact.at
        case Kind.MESSAGE_LEFT:
            entry.messages += 1
        case Kind.TALK_ENDED:
            entry.talk_seconds += float(details.get("talk_seconds", 0.0))
            entry.talking_since = None
            _unhold(entry, fact.at)
        case Kind.TALK_HELD if details.get("on"):
            entry.held_since = entry.held_since or fact.at
        case Kind.TALK_HELD:
            _unhold(entry, fact.at)
        case Kind.CONSULT_ANSWERED:
            entry.consulted = True
        case Kind.TALK_MOVED:
            entry.agent = AgentName(str(details.get("to", ""))) or entry.agent
            entry.talking_since = fact.at
        case Kind.CAMPAIGN_ANSWER:
            entry.said += (str(details.get("said", "")),)
        case Kind.NUMBER_SUSPECT:
            entry.suspect = int(details.get("marks") or 0)
        case _:
            pass


def _unhold(entry: OpenCall, at: Instant) -> None:
    if entry.held_since:
        entry.held_seconds += max(0.0, at - entry.held_since)
        entry.held_since = 0.0
