"""Other rules of a queue for a while, as a supervisor ordered them (R37): what they change of the
rules that the city published, and nothing else.

They never move a caller of one line before or behind the callers of another: emergencies go first
by their line (`QueueRule.emergency`), whatever the priority says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from acd.queues import QueueRule, QueueTable
from terms.names import QueueName, Seconds


@dataclass(frozen=True, slots=True)
class QueueOverride:
    """What is other than published; None (False) = as published.

    `priority`: of all who stand in the queue and who join it, whatever the menu gave them.
    `wide`: every wider ring of agents is called at once.
    """

    priority: int | None = None
    ring_seconds: Seconds | None = None
    wrap_up_seconds: Seconds | None = None
    wide: bool = False

    def applied(self, rule: QueueRule) -> QueueRule:
        """The rule with what is other in it."""
        rings = tuple(replace(ring, after=0.0) for ring in rule.rings) if self.wide else rule.rings
        return replace(
            rule,
            priority=rule.priority if self.priority is None else self.priority,
            ring_seconds=rule.ring_seconds if self.ring_seconds is None else self.ring_seconds,
            wrap_up_seconds=(
                rule.wrap_up_seconds if self.wrap_up_seconds is None else self.wrap_up_seconds
            ),
            rings=rings,
        )


def overridden(table: QueueTable, by: Mapping[QueueName, QueueOverride]) -> QueueTable:
    """The table in force while these hold."""
    if not by:
        return table
    rules = (by[rule.name].applied(rule) if rule.name in by else rule for rule in table.rules)
    return replace(table, rules=tuple(rules))
