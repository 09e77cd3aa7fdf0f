"""How often each number was tried, day by day, all campaigns together (R64).

Days are those of the one who is called. What a restart finds in the store is put in again, each
attempt under its own name: the same attempt told twice is one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from dialer.areas import area_of
from dialer.hours import local_day
from terms.names import AttemptId, Instant


@dataclass(slots=True)
class Tries:
    """Attempts by number and day."""

    _days: dict[date, dict[str, set[AttemptId]]] = field(default_factory=dict)

    def made(self, number: str, attempt: AttemptId, at: Instant) -> None:
        """An attempt at a number begins; nothing for a number that has no area."""
        if area := area_of(number):
            day = self._days.setdefault(local_day(at, area), {})
            day.setdefault(number, set()).add(attempt)

    def taken_back(self, number: str, attempt: AttemptId) -> None:
        """It never reached for the citizen."""
        for day in self._days.values():
            day.get(number, set()).discard(attempt)

    def on(self, number: str, day: date) -> int:
        """How many attempts this number had on a day."""
        return len(self._days.get(day, {}).get(number, ()))

    def forget(self, before: date) -> None:
        """Days that nobody asks about any more."""
        for day in [one for one in self._days if one < before]:
            del self._days[day]
