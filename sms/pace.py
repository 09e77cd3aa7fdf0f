"""How fast messages go: our own rate, less when the carrier says it is too much. Pure.

A carrier that throttles is left alone for a while, which doubles up to SMS_HELD_MOST; afterwards
the rate is half of what it was, and climbs back by a tenth a second.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from terms.limits import SMS_HELD_FIRST, SMS_HELD_MOST, SMS_RATE_LEAST
from terms.names import Instant, Seconds

BURST: Final = 0.2
"""Of a second's messages at once; the others one by one over that second: together no more."""


@dataclass(slots=True)
class Pace:
    """No second has more than `most` (or one); a clock that goes back gives nothing."""

    most: float  # messages a second that the carrier sold us
    at: Instant = 0.0
    rate: float = field(init=False)
    held_until: Instant = field(init=False, default=0.0)
    _held: Seconds = field(init=False, default=0.0)
    _room: float = field(init=False, default=1.0)

    def __post_init__(self) -> None:
        self.rate = self.most

    def take(self, now: Instant) -> Seconds:
        """0: send one now, and it is counted. Else: ask again after so many seconds."""
        self._let_pass(now)
        if now < self.held_until:
            return self.held_until - now
        if self._room >= 1.0:
            self._room -= 1.0
            return 0.0
        return (1.0 - self._room) / (self.rate * (1 - BURST))

    def spend(self, more: int) -> None:
        """What was counted as one was several: those after it wait the longer."""
        self._room -= more

    def throttled(self, now: Instant) -> None:
        """The carrier took one not, because it was too fast."""
        if now < self.held_until:
            return  # several answers about one burst
        self._held = min(self._held * 2 or SMS_HELD_FIRST, SMS_HELD_MOST)
        self.held_until = now + self._held
        self.rate = max(self.rate / 2, min(SMS_RATE_LEAST, self.most))
        self._room = 0.0

    def taken(self) -> None:
        """The carrier took one."""
        self._held = 0.0

    def _let_pass(self, now: Instant) -> None:
        passed = max(0.0, min(now - self.at, 1.0))
        self.at = now
        if now >= self.held_until:
            self._room = min(
                self._room + passed * self.rate * (1 - BURST), max(1.0, self.rate * BURST)
            )
            self.rate = min(self.most, self.rate + passed * self.most / 10)
