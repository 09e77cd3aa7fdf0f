"""What came of a queue's callers in a stretch of time: counts and sums, and the ratios of them.

NS and ILA are computed by two formulas each (R70), side by side, because the two differ most when
the centre does worst: over those answered, a caller who gave up never counts against it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from terms.names import Seconds

FORMULAS: Mapping[str, str] = {
    "service_level_answered": "atendidas no prazo ÷ atendidas",
    "service_level_offered": "atendidas no prazo ÷ oferecidas à fila",
    "late_abandonment_received": "desistências após o prazo ÷ recebidas",
    "late_abandonment_offered": "desistências após o prazo ÷ oferecidas à fila",
}
"""How each ratio is named where it is shown."""


class Window(StrEnum):
    """The stretches that figures are kept for; minutes are whole ones, the present one included."""

    QUARTER = "15min"
    HOUR = "60min"
    TODAY = "hoje"  # since midnight in the city

    @property
    def minutes(self) -> int:
        """How long it is; 0 for the day."""
        return _MINUTES[self]


_MINUTES = {Window.QUARTER: 15, Window.HOUR: 60, Window.TODAY: 0}


@dataclass(slots=True)
class QueueFigures:
    """Counts and sums of one queue, or of all queues of a line.

    A caller counts when the wait ends, so that the ratios are of the same people: answered,
    abandoned, or gone elsewhere (another queue, the menu, a message, cut by us). The target of
    each queue is its own (`prazo` of queues.yaml). A wait runs from the first joining through
    returns and ringing to the joining with the agent (R71).
    """

    received: int = 0  # of a queue: who joined it; of a line: the calls that came in
    answered: int = 0
    answered_in_target: int = 0
    abandoned: int = 0
    abandoned_in_target: int = 0  # the short ones
    elsewhere: int = 0
    waited: Seconds = 0.0  # of all answered together
    longest_answered: Seconds = 0.0
    talks: int = 0  # that have ended
    talked: Seconds = 0.0
    wrap_ups: int = 0
    wrapped_up: Seconds = 0.0

    @property
    def offered(self) -> int:
        """Who was offered to the queue, and whose wait is over."""
        return self.answered + self.abandoned + self.elsewhere

    @property
    def abandoned_late(self) -> int:
        """Who gave up after more than the target."""
        return self.abandoned - self.abandoned_in_target

    @property
    def service_level_answered(self) -> float | None:
        """NS of the contract (R70): answered within the target ÷ answered. None of nobody."""
        return _share(self.answered_in_target, self.answered)

    @property
    def service_level_offered(self) -> float | None:
        """Answered within the target ÷ offered: who gave up counts against it."""
        return _share(self.answered_in_target, self.offered)

    @property
    def late_abandonment_received(self) -> float | None:
        """ILA of the contract (R70): abandoned after the target ÷ received."""
        return _share(self.abandoned_late, self.received)

    @property
    def late_abandonment_offered(self) -> float | None:
        """Abandoned after the target ÷ offered."""
        return _share(self.abandoned_late, self.offered)

    @property
    def mean_wait(self) -> Seconds | None:
        """ASA: of those who were answered."""
        return _share(self.waited, self.answered)

    @property
    def mean_talk(self) -> Seconds | None:
        """Of the talks that have ended."""
        return _share(self.talked, self.talks)

    @property
    def mean_wrap_up(self) -> Seconds | None:
        """Per talk, those without any included."""
        return _share(self.wrapped_up, self.talks)

    @property
    def mean_handling(self) -> Seconds | None:
        """AHT: talk and what follows it, per talk."""
        return _share(self.talked + self.wrapped_up, self.talks)

    def add(self, other: QueueFigures) -> None:
        """Those of another stretch, or of another queue, counted in."""
        longest = max(self.longest_answered, other.longest_answered)
        for name in NAMES:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.longest_answered = longest

    def plain(self) -> dict[str, Any]:
        """All of it, ratios and means included, ready to become JSON."""
        counts = {name: round(getattr(self, name), 3) for name in NAMES}
        return counts | {name: _short(getattr(self, name)) for name in DERIVED}


NAMES = tuple(one.name for one in fields(QueueFigures))
DERIVED = (
    "offered",
    "abandoned_late",
    *FORMULAS,
    "mean_wait",
    "mean_talk",
    "mean_wrap_up",
    "mean_handling",
)


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
