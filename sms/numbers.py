"""Which numbers get a text: mobiles of Brazil, as 11 national digits. Pure."""

from __future__ import annotations

from typing import Final

import phonenumbers

COUNTRY: Final = "55"
_MOBILE: Final = frozenset(
    {phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE}
)


def mobile(written: str, area: str = "") -> str:
    """The national digits of a mobile, however it was written; '' for anything else. `area`: of
    numbers that come without theirs."""
    digits = "".join(one for one in written if one.isascii() and one.isdigit())
    if len(digits) == 9 and area:
        written = area + digits
    try:
        number = phonenumbers.parse(written, "BR")
    except phonenumbers.NumberParseException:
        return ""
    if str(number.country_code) != COUNTRY or phonenumbers.number_type(number) not in _MOBILE:
        return ""
    return phonenumbers.national_significant_number(number)
