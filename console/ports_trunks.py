"""What the API and /metrics need of the ways out. `by` stands in the facts; texts are
Portuguese."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

Plain = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Month:
    """What an operator has carried, all its trunks and sites together. `limit`: calls of a month
    above which only authenticated trunks carry more; `authenticated`: it has such a one."""

    calls: int
    limit: int
    authenticated: bool
    today: int
    short_today: int


@dataclass(frozen=True, slots=True)
class TrunkGauges:
    """Figures of this moment, by names of the configuration alone."""

    calls: Mapping[str, int] = field(default_factory=dict)  # trunk → calls in course
    channels: Mapping[str, int] = field(default_factory=dict)  # trunk → at most so many
    operators: Mapping[str, Month] = field(default_factory=dict)


class TrunksPort(Protocol):
    """The ways out: how they stand, and taking in a new rotas.yaml."""

    def gauges(self) -> TrunkGauges:
        """As they were at the last look, limits.TRUNK_LOOK_EVERY ago at most."""
        ...

    async def standing(self) -> Plain:
        """Each trunk and each operator, now."""
        ...

    async def reload(self, by: str) -> Plain:
        """Take in rotas.yaml, beside the calls in course. Refusal 422 with all its mistakes, 503
        when the switch does not read it; what was in force stays then."""
        ...
