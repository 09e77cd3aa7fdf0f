"""Whether a caller can be called back, and at which number.

The carrier shows numbers in several ways: `11987654321`, `+5511987654321`, `011987654321`, hidden.
What may be promised is a call within Brazil to a number that exists as such: a fixed line or a
mobile phone with its area code. A service number (142, 190, 0800 …), a foreign number or none at
all cannot be promised anything (R26).
"""

from __future__ import annotations

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

COUNTRY = "BR"
CITY_AREA = "11"
KINDS = (
    PhoneNumberType.MOBILE,
    PhoneNumberType.FIXED_LINE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE,
)


def callable_number(caller: str) -> str:
    """The caller's number with its area code, digits alone (`11987654321`); '' when nobody could
    be reached there. A local number without area code is São Paulo's."""
    digits = caller.strip()
    if not digits.removeprefix("+").isdecimal() or not digits.isascii():
        return ""
    if not digits.startswith("+"):
        digits = digits.lstrip("0")
        if len(digits) in (8, 9):
            digits = CITY_AREA + digits
    try:
        number = phonenumbers.parse(digits, COUNTRY)
    except NumberParseException:
        return ""
    known = number.country_code == 55 and phonenumbers.is_valid_number_for_region(number, COUNTRY)
    if not known or phonenumbers.number_type(number) not in KINDS:
        return ""
    return phonenumbers.format_number(number, PhoneNumberFormat.E164).removeprefix("+55")


def is_callable(caller: str) -> bool:
    """Whether a call back can be promised to this number."""
    return bool(callable_number(caller))
