"""What a proof finds, in the words of who wrote the plan: which part, what is wrong, and by which
way a caller gets there.

    abertura → principal –1→ cidade –3→ coleta
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final

from ivr.menu import LinePlan, Part
from terms.limits import HINT_NAMES
from terms.names import QueueName, Seconds
from terms.services import ServiceSpec

LANGUAGE_NAMES: Final[Mapping[str, str]] = {"pt": "português", "en": "inglês", "es": "espanhol"}


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding: the part of the plan, and what is wrong with it, in Portuguese.

    `told_only`: nothing is wrong; whoever wrote the plan should know it.
    """

    part: Part
    message: str
    told_only: bool = False


@dataclass(frozen=True, slots=True)
class Around:
    """What a plan may name outside of itself. None: could not be read, so it is not judged.

    `queues`: each queue's line. `skills`: those that agents can have: the queues' own. `closing`:
    the queues that close at some hours, and the queue that takes their callers then ('' = none
    does). `hours`: the names of calendar.yaml. `all_lines`: the plans of all lines by number, as
    far as they could be read. `sent`: by line, the nodes that callers are sent to who would wait
    too long in a queue, or find too many there.
    """

    queues: Mapping[QueueName, str] | None = None
    skills: frozenset[str] | None = None
    hours: frozenset[str] | None = None
    services: Mapping[str, ServiceSpec] | None = None
    destinations: frozenset[str] | None = None
    all_lines: Mapping[str, LinePlan] = field(default_factory=dict)
    closing: Mapping[QueueName, QueueName] = field(default_factory=dict)
    sent: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def closest(name: str, names: Iterable[str]) -> str:
    """The name that was probably meant, or ''. Among very many names nothing is guessed."""
    known = list(names)
    if len(known) > HINT_NAMES:
        return ""
    return next(iter(get_close_matches(name, known, n=1, cutoff=0.6)), "")


def nearest(name: str, names: Iterable[str]) -> str:
    """A hint at the name that was probably meant, or ''."""
    found = closest(name, names)
    return f"; você quis dizer '{found}'?" if found else ""


def comma(seconds: Seconds) -> str:
    """A length as it is written in Portuguese."""
    return f"{seconds:.1f}".removesuffix(".0").replace(".", ",")


def short(text: str) -> str:
    """The beginning of a text, enough to know it by."""
    return text if len(text) <= 60 else f"{text[:57]}..."
