"""What the API needs of agents at work: shifts, pauses, hours, results, a supervisor's acts.

Instants are seconds since 1970; a day is written `2026-11-25` and is the city's. `by` stands in
the facts. What may not be done is a Refusal that says why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from terms.names import AgentName, Instant

Plain = Mapping[str, Any]


class Work(Protocol):
    """See the file's top."""

    def reasons(self) -> Sequence[Plain]:
        """The pauses that there are: how long each lasts, who may begin and end it."""
        ...

    def results(self) -> Sequence[str]:
        """What may be said to have come of a call, in the order of the codes."""
        ...

    def log_in(self, agent: AgentName, seat: str, by: str) -> None: ...
    def more_time(self, agent: AgentName, by: str) -> None: ...
    def abusive(self, agent: AgentName, by: str) -> None: ...
    def result(self, agent: AgentName, code: str, by: str) -> Plain: ...
    def postpone(self, agent: AgentName, reason: str, at: Instant, by: str) -> None: ...
    def day_of(self, agent: AgentName) -> Plain:
        """An agent's shift, pauses and hours now."""
        ...

    def plan(self, agent: AgentName, shift: Plain, by: str) -> Plain:
        """Keep a shift and its pauses: {begins, ends, pauses: [{reason, at}]}; without pauses,
        those that are proposed."""
        ...

    def propose(self, shifts: Sequence[Plain], keep: bool, by: str) -> Sequence[Plain]:
        """Staggered plans for shifts {agent, begins, ends}; with `keep` they are in force."""
        ...

    async def move(self, agent: AgentName, wanted: Plain, because: str, by: str) -> Plain:
        """Other skills, subjects or reserve; what is not named stays."""
        ...

    def except_hours(self, agent: AgentName, until: Instant, because: str, by: str) -> None: ...
    def block(self, agent: AgentName, because: str, by: str) -> None: ...
    def release(self, agent: AgentName, by: str) -> None: ...
    async def seats(self) -> Sequence[Plain]: ...
    def set_seat(self, seat: str, opens: str, closes: str, days: str, by: str) -> Plain: ...

    async def pauses(self, day: str) -> Sequence[Plain]:
        """All pauses of a day with planned and real times, those that were missed too (R47)."""
        ...

    async def hours(self, day: str) -> Sequence[Plain]:
        """Each agent's logins, logged time and exceptions of a day (R46)."""
        ...

    async def subjects(self, day: str) -> Plain:
        """The share of calls that agents answered in the first of their subjects (R22)."""
        ...
