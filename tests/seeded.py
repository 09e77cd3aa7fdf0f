"""Whose data the tests use: every citizen's number and CPF that a test gives to the product.

leaks.py looks for these in all that a test run writes; test_leaks.py, that no test uses another
one. A test that needs a new citizen adds them here.
"""

from __future__ import annotations

import re
from typing import Final

CALLER: Final = "11987654321"
"""Who calls, unless a test says otherwise."""

OTHER_CALLER: Final = "11912345678"
CPF: Final = "52998224725"
OTHER_CPF: Final = "11144477735"

PHONES: Final = frozenset(
    {
        *(CALLER, OTHER_CALLER, "11987654322", "11987654325", "11987650001", "11999998888"),
        *("21987654321", "31912345678", "21912345678", "55991234567", "11900000001", "11911112222"),
        *("11955550000", "11955554444", "11911030000", "1122223333", "2133334444"),
        *("21911110002", "21911110006", "85911110000"),
        *("1133334444", "1133334445", "1133334446", "1133334447", "1134567890", "1150000000"),
        *(f"113944000{number}" for number in range(1, 5)),
        *(f"113000{thousand}000" for thousand in range(1, 4)),
        *(f"115000000{number}" for number in range(1, 4)),
        *(f"119111100{number:02}" for number in range(11)),
    }
)
"""Citizens' numbers, without the country's code."""

CPFS: Final = frozenset({CPF, OTHER_CPF, "12345678909", "98765432100"})

COUNTED: Final = re.compile(
    rb"(?<![\w.])(?:\+?55)?(?:1197\d{7}|1198\d{4,9}|1155\d{6}|11[48]0000\d{4}|119000\d{5}"
    rb"|[1-9]{2}9(?:87654321|12345678)|11912340\d{3}|1191111\d{4}|1191000\d{4}"
    rb"|11930\d{6}|11940\d{6})(?![\w.])"
)
"""The numbers that beds count up, one for each call. Between letters they may be a hash's."""

NO_CITIZENS: Final = {
    "08000110156": "the line 156 itself, as other cities dial it",
    "1131560000": "the number that the city shows when it calls",
    "1234567890": "how a number is read aloud",
    "11966660000": "a number in papers that are about how papers are written",
    "52998224724": "a CPF whose last figure is wrong",
}
"""What only looks like a citizen's, and why it is none."""


def told_apart(digits: str) -> bool:
    """Whether these digits, also with a country's code or a zero in front, are known here."""
    ways = {digits, digits.removeprefix("55"), digits.removeprefix("0")}
    listed = ways & (PHONES | CPFS | NO_CITIZENS.keys())
    return bool(listed) or COUNTED.fullmatch(digits.encode()) is not None
