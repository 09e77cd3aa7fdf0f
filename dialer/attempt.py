"""An attempt at a citizen: what is happening to it, and its one end.

    ordered ─► ringing ─► answered ─► joined ─► ended
       └──────────┴───────────┴──────────┴───────┘

It is written down before it is ordered, and its name is its channel's. So whatever dies:

* before the writing: there is no attempt, the contact waits as before;
* between the writing and the order, or after it: the next process finds the attempt, does not
  order it again, and looks at the switch: if its channel lives, it goes on; if not, it is over
  (lost), and counts as a try, for nobody can say that the phone did not ring.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from terms.limits import ATTEMPT_SETTLES
from terms.names import (
    AgentName,
    AttemptId,
    CampaignName,
    ContactId,
    Instant,
    Seconds,
    TrunkName,
)

NO_AGENT: Final = AgentName("")


class AttemptState(StrEnum):
    """What is happening; see the file's top."""

    ORDERED = "ordered"
    RINGING = "ringing"
    ANSWERED = "answered"
    JOINED = "joined"
    ENDED = "ended"


ATTEMPT_SUCCESSORS: Final[Mapping[AttemptState, frozenset[AttemptState]]] = {
    AttemptState.ORDERED: frozenset(
        {AttemptState.RINGING, AttemptState.ANSWERED, AttemptState.JOINED, AttemptState.ENDED}
    ),
    AttemptState.RINGING: frozenset(
        {AttemptState.ANSWERED, AttemptState.JOINED, AttemptState.ENDED}
    ),
    AttemptState.ANSWERED: frozenset({AttemptState.JOINED, AttemptState.ENDED}),
    AttemptState.JOINED: frozenset({AttemptState.ENDED}),
    AttemptState.ENDED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Attempt:
    """`agent`: reserved for it, or found at the answer. Only a word of its end, or a look at the
    switch that does not show it, ends it: it holds its channel for as long as nobody knows."""

    attempt: AttemptId
    contact: ContactId
    campaign: CampaignName
    number: str
    trunk: TrunkName
    at: Instant
    ring_seconds: Seconds
    agent: AgentName = NO_AGENT
    state: AttemptState = AttemptState.ORDERED
    answered_at: Instant | None = None
    heard_at: Instant = 0.0

    @property
    def waits(self) -> bool:
        """Whether the citizen has not answered yet."""
        return self.state in (AttemptState.ORDERED, AttemptState.RINGING)


@dataclass(slots=True)
class Attempts:
    """All attempts in course, by name and by number. An end is told once."""

    live: dict[AttemptId, Attempt] = field(default_factory=dict)
    by_number: dict[str, AttemptId] = field(default_factory=dict)

    def begin(self, attempt: Attempt) -> None:
        """ValueError while this number is in an attempt, or this one is known."""
        if attempt.attempt in self.live or attempt.number in self.by_number:
            raise ValueError("uma tentativa está em curso")
        self.live[attempt.attempt] = attempt
        self.by_number[attempt.number] = attempt.attempt

    def told(
        self, name: AttemptId, state: AttemptState, now: Instant, agent: AgentName = NO_AGENT
    ) -> Attempt | None:
        """What the switch says of it; None for what is not in course, or not news: words come
        late, twice, and in the wrong order."""
        attempt = self.live.get(name)
        if attempt is None or state is AttemptState.ENDED:
            return None
        if state not in ATTEMPT_SUCCESSORS[attempt.state]:
            return None
        answered = attempt.answered_at
        if answered is None and state in (AttemptState.ANSWERED, AttemptState.JOINED):
            answered = now
        attempt = replace(
            attempt,
            state=state,
            heard_at=max(now, attempt.heard_at),
            answered_at=answered,
            agent=agent or attempt.agent,
        )
        self.live[name] = attempt
        return attempt

    def end(self, name: AttemptId) -> Attempt | None:
        """Its one end, for whoever says so first; None ever after."""
        attempt = self.live.pop(name, None)
        if attempt is not None:
            del self.by_number[attempt.number]
        return attempt

    def clock_was_wrong(self, now: Instant) -> None:
        """Nothing has happened later than now: what was said to have, has happened now."""
        for name, one in self.live.items():
            at, heard_at = min(one.at, now), min(one.heard_at, now)
            self.live[name] = replace(one, at=at, heard_at=heard_at)

    def unseen(self, seen: Container[AttemptId], looked_at: Instant) -> Iterator[Attempt]:
        """Those that a look at the switch, begun at this instant, should have shown."""
        for attempt in list(self.live.values()):
            older = max(attempt.at, attempt.heard_at) + ATTEMPT_SETTLES < looked_at
            if older and attempt.attempt not in seen:
                yield attempt
