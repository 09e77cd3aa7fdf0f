"""Whose identity somebody sees whole: callers' numbers, and what they typed (R84).

A role decides whether they see any; a scope, which lines' and queues'. Who calls about what they
fear, or complains of somebody, is known to auditors, and to those whose scope names that very
queue (Lei 13.460/2017, art. 10, § 7).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sight:
    """True when anybody is seen whole; `of` says who. Empty `lines` and `queues`: no scope, all.
    `discreet`: queues whose callers only a scope with the queue's name shows."""

    whole: bool = False
    lines: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    discreet: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.whole

    @property
    def is_scoped(self) -> bool:
        """Whether it is of some lines and queues alone."""
        return bool(self.lines or self.queues)

    @property
    def hidden(self) -> frozenset[str]:
        """The queues whose callers are not seen, whatever else the call went through."""
        return frozenset(self.discreet) - frozenset(self.queues)

    @property
    def everybody(self) -> bool:
        """Whether there is nobody who is not seen whole."""
        return self.whole and not self.is_scoped and not self.hidden

    def of(self, lines: Iterable[str], queues: Iterable[str]) -> bool:
        """Whether whoever called on these lines, and stood in these queues, is seen whole."""
        stood = frozenset(queues)
        if not self.whole or stood & self.hidden:
            return False
        return not self.is_scoped or bool(set(lines) & set(self.lines) or stood & set(self.queues))


Reveal = bool | Sight
"""Everybody, nobody, or some."""


def sees(reveal: Reveal, lines: Iterable[str], queues: Iterable[str]) -> bool:
    """`Sight.of`, where it may be everybody or nobody."""
    return reveal.of(lines, queues) if isinstance(reveal, Sight) else reveal
