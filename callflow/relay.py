"""Calls announced as relay: an interpreter types or signs for a deaf citizen (142, CIL; R85)."""

from __future__ import annotations

from collections.abc import Iterable

COUNTRY = "55"
NATIONAL_DIGITS = 11
"""The longest number without its country: region and a mobile's nine digits."""


def is_relay(caller: str, numbers: Iterable[str]) -> bool:
    """Whether the caller's number is one of these, however carriers write it."""
    found = national(caller)
    return bool(found) and any(found == national(number) for number in numbers)


def national(number: str) -> str:
    """Its digits without country code and leading zeros; '' for what is no number."""
    digits = "".join(one for one in number if one.isascii() and one.isdigit()).lstrip("0")
    if len(digits) > NATIONAL_DIGITS or number.startswith(f"+{COUNTRY}"):
        return digits.removeprefix(COUNTRY)
    return digits
