"""A caller's number as the city dials it, so that one citizen's calls over several carriers are one
citizen's: `+5511987654321`, `011987654321` and `11987654321` are the same telephone (R60, R74).

As callflow/relay.py's `national`, for the database to reckon with.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, func, or_

COUNTRY: Final = "55"
NATIONAL_DIGITS: Final = 11
"""The longest number without its country: region and a mobile's nine digits."""


def national(number: ColumnElement[Any]) -> ColumnElement[str]:
    """A number's digits without country code and leading zeros."""
    plain = and_(
        func.length(number) <= NATIONAL_DIGITS, func.substr(number, 1, 1).not_in(("+", "0"))
    )
    bare = func.ltrim(number, "+0")
    long = or_(
        func.length(bare) > NATIONAL_DIGITS,
        func.substr(number, 1, len(COUNTRY) + 1) == f"+{COUNTRY}",
    )
    abroad = and_(long, func.substr(bare, 1, len(COUNTRY)) == COUNTRY)
    # most numbers come as they are dialled, and of a month's calls each is looked at
    return case((plain, number), (abroad, func.substr(bare, len(COUNTRY) + 1)), else_=bare)
