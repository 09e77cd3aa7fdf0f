"""When a campaign is expected to end: by what it has lately done, when it may call.

An estimate from the last quarter of an hour, told as such; nobody decides anything by it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Final

from dialer.hours import Holidays, Windows, is_open, opens
from dialer.trunks import CITY_AREA
from terms.limits import CAMPAIGN_PACE_DAYS, CAMPAIGN_PACE_LEAST, CAMPAIGN_PACE_SECONDS
from terms.names import Instant, Seconds

_STEP: Final[Seconds] = 900.0


@dataclass(slots=True)
class Pace:
    """How many contacts were done, seen from time to time."""

    _seen: deque[tuple[Instant, int]] = field(default_factory=deque)

    def saw(self, at: Instant, done: int) -> None:
        """So many contacts are done at this instant."""
        while self._seen and self._seen[0][0] < at - CAMPAIGN_PACE_SECONDS:
            self._seen.popleft()
        if self._seen and (done < self._seen[-1][1] or at < self._seen[-1][0]):
            self._seen.clear()  # another list, or another clock: what was seen says nothing
        self._seen.append((at, done))

    @property
    def a_second(self) -> float:
        """Contacts done in a second, lately; 0 when nobody knows yet."""
        if len(self._seen) < 2:
            return 0.0
        (first, before), (last, after) = self._seen[0], self._seen[-1]
        return (after - before) / (last - first) if last - first >= CAMPAIGN_PACE_LEAST else 0.0

    def ends(
        self, now: Instant, to_go: int, windows: Windows, holidays: Holidays
    ) -> Instant | None:
        """When so many more will be done, on the city's own clock; None when nobody can say."""
        if not to_go:
            return now
        if (rate := self.a_second) <= 0.0:
            return None
        left, at, last = to_go / rate, now, now + CAMPAIGN_PACE_DAYS * 86_400.0
        while at < last:
            opening = opens(windows, holidays, CITY_AREA, at)
            if opening is None:
                return None
            at = opening
            while left > 0 and is_open(windows, holidays, CITY_AREA, at):
                step = min(left, _STEP - at % _STEP)
                left, at = left - step, at + step
            if left <= 0:
                return at
        return None
