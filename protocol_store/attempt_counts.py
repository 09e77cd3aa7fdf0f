"""What came of a campaign's attempts so far: how many by result, by what the citizens said, and how
many are in course. What people watch while it runs (R66)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, func, select

from protocol_store.campaign_tables import attempts
from terms.names import CampaignName


@dataclass(frozen=True, slots=True)
class AttemptCounts:
    """`results`: words of terms.outcome.Tried; `said`: confirma, recusa, nao_ligar, atendente, of
    those who said anything."""

    results: Mapping[str, int] = field(default_factory=dict)
    said: Mapping[str, int] = field(default_factory=dict)
    in_course: int = 0

    @property
    def made(self) -> int:
        """All attempts, ended or not."""
        return sum(self.results.values()) + self.in_course


def attempt_counts(connection: Connection, name: CampaignName) -> AttemptCounts:
    """How a campaign's attempts went."""
    found = connection.execute(
        select(attempts.c.result, attempts.c.said, func.count())
        .where(attempts.c.campaign == name)
        .group_by(attempts.c.result, attempts.c.said)
    )
    results: dict[str, int] = {}
    said: dict[str, int] = {}
    in_course = 0
    for result, word, count in found:
        if result is None:
            in_course += count
        else:
            results[result] = results.get(result, 0) + count
        if word:
            said[word] = said.get(word, 0) + count
    return AttemptCounts(results, said, in_course)
