"""How a caller's number is shown to those who need not see it. The one place that knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from terms.facts import PERSONAL
from terms.names import ANONYMOUS, ERASED

SHOWN_DIGITS: Final = 4
SHORTEST_SHOWN: Final = 8
"""A number with fewer digits is hidden whole: its last four would be most of it."""


def masked_number(number: str) -> str:
    """`11987654321` → `*******4321`; short numbers become stars; `anonymous` stays readable,
    and so does that a number was erased."""
    if number in ("", ANONYMOUS):
        return number
    if number.startswith(ERASED):
        return ERASED
    if len(number) < SHORTEST_SHOWN:
        return "*" * len(number)
    return "*" * (len(number) - SHOWN_DIGITS) + number[-SHOWN_DIGITS:]


def masked_details(details: Mapping[str, Any]) -> dict[str, Any]:
    """A fact's details with every value masked that terms.facts.PERSONAL names."""
    return {
        key: masked_number(str(value)) if key in PERSONAL else value
        for key, value in details.items()
    }
