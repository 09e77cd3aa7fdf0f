"""A fuse for one source: after some failures in a row nobody waits for it any more for a while.

    state    | ask                     | succeeded | failed
    closed   | let through             | closed, 0 | closed, +1; the last of them: open, rest
    open     | refused; after its rest | closed    | open
             | one let through: probing|           |
    probing  | refused; after a rest   | closed    | open, rest
             | without a word: one more|           |

Pure: the instant is an argument.
"""

from __future__ import annotations

from enum import StrEnum

from terms.limits import OUTSIDE_FAILURES, OUTSIDE_REST
from terms.names import Instant


class State(StrEnum):
    """See the table at the top of this file."""

    CLOSED = "closed"
    OPEN = "open"
    PROBING = "probing"


class Breaker:
    """The state of one source. Any instant will do as long as it never goes back."""

    def __init__(self) -> None:
        self.state = State.CLOSED
        self._failures = 0
        self._until: Instant = 0.0

    def resting(self, now: Instant) -> bool:
        """Whether a question would be refused. Changes nothing."""
        return self.state is not State.CLOSED and now < self._until

    def admits(self, now: Instant) -> bool:
        """Whether to put a question to the source now; True may make it the probe."""
        if self.state is State.CLOSED:
            return True
        if now < self._until:
            return False
        self.state, self._until = State.PROBING, now + OUTSIDE_REST
        return True

    def succeeded(self) -> None:
        """The source answered, be it that there is no such thing."""
        self.state, self._failures = State.CLOSED, 0

    def failed(self, now: Instant) -> bool:
        """The source did not answer; whether that made it rest."""
        self._failures += 1
        if self.state is State.OPEN:
            return False  # asked before it began to rest
        if self.state is State.CLOSED and self._failures < OUTSIDE_FAILURES:
            return False
        self.state, self._until = State.OPEN, now + OUTSIDE_REST
        return True
