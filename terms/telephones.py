"""One telephone, one number: what a caller's number is as it is dialled today."""

from __future__ import annotations

from typing import Final

MOBILES: Final = "6789"
"""How mobiles' numbers began before they had their ninth digit (2012 to 2016, area by area)."""

LOCAL, OLD_MOBILE, WITH_CARRIER = (8, 9), 10, (12, 13)


def as_dialled(digits: str, area: str) -> str:
    """From national digits without zeros in front: with the area of ours if they have none, without
    the two digits of a carrier, and with a mobile's ninth digit. Of what is no number, itself."""
    if len(digits) in WITH_CARRIER:
        digits = digits[2:]
    if len(digits) in LOCAL:
        digits = area + digits
    if len(digits) == OLD_MOBILE and digits[2] in MOBILES:
        digits = f"{digits[:2]}9{digits[2:]}"
    return digits
