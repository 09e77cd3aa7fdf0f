"""How much of the agents' time calls take: two running areas, agents × seconds.

An agent is *busy* while a call rings, talks or is wrapped up, whatever was chosen meanwhile, and
*free* when available and idle. A pause, and the time out, are neither.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from acd.agents import State, Status
from acd.figures import Window
from acd.minutes import MINUTE, Minutes, day_of
from terms.names import AgentName, Instant, Seconds

BUSY = frozenset({State.OFFERED, State.TALKING, State.WRAP_UP})


@dataclass(slots=True)
class Areas:
    """Agents × seconds."""

    busy: Seconds = 0.0
    free: Seconds = 0.0

    def add(self, other: Areas) -> None:
        """The other's counted in."""
        self.busy += other.busy
        self.free += other.free


@dataclass(slots=True)
class Staffing:
    """Who is busy and who is free, since when, and the areas of the past."""

    _statuses: dict[AgentName, str] = field(default_factory=dict)
    _states: dict[AgentName, str] = field(default_factory=dict)
    _busy: int = 0
    _free: int = 0
    _since: Instant = 0.0
    _areas: Minutes[Areas] = field(default_factory=lambda: Minutes(Areas))

    def status(self, agent: AgentName, status: str, at: Instant) -> None:
        """What an agent chose."""
        self._move(at)
        self._count(agent, -1)
        self._statuses[agent] = status
        self._count(agent, +1)

    def state(self, agent: AgentName, state: str, at: Instant) -> None:
        """What an agent does."""
        self._move(at)
        self._count(agent, -1)
        self._states[agent] = state
        self._count(agent, +1)

    def occupancy(self, now: Instant, window: Window) -> float | None:
        """Busy ÷ (busy + free) in a window that ends now."""
        self._move(now)
        areas = self._areas.of(window, now)
        there = areas.busy + areas.free
        return areas.busy / there if there else None

    def _count(self, agent: AgentName, by: int) -> None:
        if self._states.get(agent, State.IDLE) in BUSY:
            self._busy += by
        elif self._statuses.get(agent) == Status.AVAILABLE:
            self._free += by

    def _move(self, now: Instant) -> None:
        """The areas grow up to now, minute by minute; what is older than all windows does not
        matter any more."""
        at = max(self._since, min(day_of(now)[0], now - Window.HOUR.minutes * MINUTE))
        if self._busy or self._free:
            while at < now:
                until = min(now, (at // MINUTE + 1) * MINUTE)
                for one in self._areas.at(at):
                    one.busy += self._busy * (until - at)
                    one.free += self._free * (until - at)
                at = until
        self._since = max(self._since, now)
