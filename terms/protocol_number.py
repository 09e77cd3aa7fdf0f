"""The number given to the citizen: eight digits and one check digit.

The check digit is Damm's (H. M. Damm, "Total anti-symmetrische Quasigruppen", 2004): it finds
every single wrong digit and every swap of neighbours, which are the mistakes that people make
when they copy a number they have heard.
"""

from __future__ import annotations

import re
from typing import Final

from terms.names import Protocol

DIGITS: Final = 8
LAST_SEQUENCE: Final = 10**DIGITS - 1

RESCUE_FIRST: Final = 90_000_000
"""From here up, numbers belong to the switch's own rescue script; blocks never reach it."""

RESCUE_RANGES: Final = 20
RESCUE_RANGE_SIZE: Final = (10**DIGITS - RESCUE_FIRST) // RESCUE_RANGES
"""Nodes that share a store have a range of these each, so their switches never give one twice."""

# The totally anti-symmetric quasigroup of order 10 from Damm's thesis, p. 111.
_QUASIGROUP: Final = (
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
)


def check_digit(digits: str) -> str:
    """The digit that makes `digits` + it pass `is_protocol` (for any length of `digits`)."""
    interim = 0
    for digit in digits:
        interim = int(_QUASIGROUP[interim][int(digit)])
    return str(interim)


def protocol_of(sequence: int) -> Protocol:
    """The protocol number with this sequence number. ValueError outside 0 … 99,999,999."""
    if not 0 <= sequence <= LAST_SEQUENCE:
        raise ValueError(f"sequence {sequence} outside 0..{LAST_SEQUENCE}")
    digits = f"{sequence:0{DIGITS}d}"
    return Protocol(digits + check_digit(digits))


def is_protocol(text: str) -> bool:
    """Whether `text` is nine ASCII digits whose last is the right check digit."""
    return (
        len(text) == DIGITS + 1 and text.isascii() and text.isdigit() and check_digit(text) == "0"
    )


CITY_NUMBER: Final = re.compile(r"[0-9]{6,14}")
"""What a number of the city's own system may look like: what can be typed, and read aloud."""


def is_citys(text: str) -> bool:
    """Whether `text` may be a number of the city's own system. One that has the form of ours is
    none: two numbers must never be mistaken for each other."""
    return CITY_NUMBER.fullmatch(text) is not None and not is_protocol(text)


def may_be_told(text: str) -> bool:
    """Whether a citizen may hold this number, whoever gave it."""
    return is_protocol(text) or is_citys(text)


def shown(protocol: Protocol) -> str:
    """As people read it: `1234 5678-9`."""
    return f"{protocol[:4]} {protocol[4:DIGITS]}-{protocol[DIGITS:]}"
