"""A promise to call a citizen back: what came of its attempts, and what follows. Pure.

    promised ─► attempt begun ─► ended: tried again later │ over (reached, no contact, …)
                     ▲                     │
                     └─────────────────────┘

One attempt at a time, each of them ends once, and an attempt that never reached for the citizen
(the agent's phone was not there, a cap stopped it) costs the citizen none of the tries.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from terms.limits import (
    CALL_BACK_APART,
    CALL_BACK_HELD,
    CALL_BACK_LIVES,
    CALL_BACK_TRIES,
    URGENT_APART,
    URGENT_LIVES,
    URGENT_TRIES,
)
from terms.names import CallId, Instant, OfferId, QueueName, Seconds
from terms.names import Protocol as ProtocolNumber
from terms.outcome import Kept, Tried

NO_ATTEMPT = OfferId("")


class How(StrEnum):
    """Why somebody is called back."""

    KEY = "key"  # the citizen asked for it, by a key (R26)
    EMERGENCY = "emergency"  # a call of 199 or 153 dropped (R34)


@dataclass(frozen=True, slots=True)
class Policy:
    """So many tries at the citizen, so far apart (s), for so long (s) from the promise on."""

    tries: int
    apart: Seconds
    lives: Seconds


POLICIES: Mapping[How, Policy] = {
    How.KEY: Policy(CALL_BACK_TRIES, CALL_BACK_APART, CALL_BACK_LIVES),
    How.EMERGENCY: Policy(URGENT_TRIES, URGENT_APART, URGENT_LIVES),
}


@dataclass(frozen=True, slots=True)
class Promise:
    """A place in a queue without a channel, and all that the citizen's next channel must know."""

    call: CallId  # that hung up
    how: How
    line: str
    queue: QueueName
    priority: int
    joined: Instant
    expires: Instant
    caller: str  # the number, as it came in
    protocol: ProtocolNumber
    place: str = ""  # callflow's own text
    data: str = ""
    test: bool = False
    tries: int = 0
    attempt: OfferId = NO_ATTEMPT  # in course
    not_before: Instant = 0.0

    @property
    def urgent(self) -> bool:
        """Whether it goes out although emergencies wait (R34)."""
        return self.how is How.EMERGENCY


def begin(promise: Promise, attempt: OfferId) -> Promise:
    """An attempt begins. ValueError while another is in course: nobody is rung twice."""
    if promise.attempt != NO_ATTEMPT:
        raise ValueError("an attempt is in course")
    return replace(promise, attempt=attempt)


def end(
    promise: Promise,
    attempt: OfferId,
    result: Tried,
    now: Instant,
    policy: Policy,
    again: Seconds = CALL_BACK_HELD,
) -> tuple[Promise, Kept | None]:
    """The attempt's end, and the promise's, if that is one. `again`: when what was held is tried
    again (s). Told of any other attempt than the one in course, nothing changes."""
    if promise.attempt != attempt or attempt == NO_ATTEMPT:
        return promise, None
    tries = promise.tries + result.reached_for
    pause = 0.0 if result is Tried.AGENT else policy.apart if result.reached_for else again
    after = replace(promise, attempt=NO_ATTEMPT, tries=tries, not_before=now + pause)
    if result is Tried.ANSWERED:
        return after, Kept.REACHED
    if result is Tried.INVALID or tries >= policy.tries:
        return after, Kept.NO_CONTACT
    return after, Kept.EXPIRED if now >= promise.expires else None
