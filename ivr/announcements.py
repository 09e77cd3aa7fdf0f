"""Announcements: what the city has to tell its callers for a while, before a node of the menu or
in turn with the texts of the waiting (R10, clauses 4.2.5 and 4.2.6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from ivr.texts import Text
from terms.names import Instant

EMERGENCY: Final = "emergencia"
INSTITUTIONAL: Final = "institucional"
KINDS: Final = (EMERGENCY, INSTITUTIONAL)

WHILE_WAITING: Final = "na_espera"
"""Stands for a node: said in turn with the texts of the waiting."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What is said, and the name by which a call remembers that it has heard it."""

    name: str
    text: Text


@dataclass(frozen=True, slots=True)
class Announcement:
    """A text before `node` of a line, from `since` on and before `until`. `by`: who ordered it
    ('' = it stands in announcements.yaml)."""

    name: str
    line: str
    node: str
    text: Text
    since: Instant
    until: Instant
    kind: str = EMERGENCY
    by: str = ""


def in_force(
    announcements: Iterable[Announcement], line: str, at: Instant
) -> Mapping[str, tuple[Notice, ...]]:
    """What a line's callers hear at this instant, by node; emergencies first, then the older."""
    found: dict[str, tuple[Notice, ...]] = {}
    for one in sorted(announcements, key=lambda one: (one.kind != EMERGENCY, one.since, one.name)):
        if one.line == line and one.since <= at < one.until:
            found[one.node] = (*found.get(one.node, ()), Notice(one.name, one.text))
    return found
