"""The area code of a caller's number, by which calls may be told apart without the number."""

from __future__ import annotations

from typing import Final

COUNTRY: Final = "55"
NATIONAL_LENGTHS: Final = (10, 11)
"""Two digits of the area, then eight (fixed) or nine (mobile)."""


def area_of(caller: str) -> str:
    """The area code (`11` is Greater São Paulo); '' for what is no whole Brazilian number."""
    digits = "".join(one for one in caller if one.isascii() and one.isdigit()).lstrip("0")
    if len(digits) > max(NATIONAL_LENGTHS) or caller.startswith(f"+{COUNTRY}"):
        digits = digits.removeprefix(COUNTRY)
    return digits[:2] if len(digits) in NATIONAL_LENGTHS else ""
