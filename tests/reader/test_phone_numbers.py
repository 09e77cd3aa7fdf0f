"""Numbers as people write them; the fast road by shapes says what the package says."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.areas import DIALLED
from reader import phone_numbers as words
from reader.phone_numbers import Phones, refused


@pytest.mark.parametrize(
    "written",
    [
        "11912345678",
        "(11) 91234-5678",
        "11 9 1234 5678",
        "11-9-1234-5678",
        "11 91234.5678",
        " 11\u00a091234\u20115678 ",
        "011 91234-5678",
        "0 15 11 91234-5678",
        "+55 11 91234-5678",
        "+55 (011) 91234-5678",
        "55 (11) 91234 5678",
        "0055 11 912345678",
        "055 11 912345678",
        "11912345678.0",
        "11912345678,00",
        "Cel: 11 91234-5678",
        "tel.: (11) 91234-5678",
        "'11912345678",
    ],
)
def test_all_usual_ways_are_one_number(written: str) -> None:
    assert Phones().national(written) == ("11912345678", "")


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("91234-5678", "11912345678"),
        ("3333-4444", "1133334444"),
        ("(21) 3333-4444", "2133334444"),
        ("55991234567", "55991234567"),  # area 55, not the country
        ("5555991234567", "55991234567"),
        ("0 41 55 99123-4567", "55991234567"),
        ("3333444455.0", "3333444455"),  # never 33334444550
    ],
)
def test_areas(written: str, number: str) -> None:
    assert Phones("11").national(written) == (number, "")


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("", words.EMPTY),
        (" - ", words.EMPTY),
        ("91234-5678", words.NO_AREA),
        ("091234-5678", words.NO_AREA),
        ("11 8123-4567", words.NO_NINTH),
        ("1,19123E+10", words.ROUNDED),
        ("1.1912345678E10", words.ROUNDED),
        ("11 91234-5678 / 11 3333-4444", words.SEVERAL),
        ("11912345678/1133334444", words.SEVERAL),
        ("11912345678 ou 1133334444", words.SEVERAL),
        ("11 3333-4444 ramal 12", words.EXTENSION),
        ("onze", words.LETTERS),
        ("11912345678*", words.STRANGE),
        ("１１９１２３４５６７８", words.STRANGE),
        ("190", words.TOO_SHORT),
        ("119123456789", words.TOO_LONG),
        ("20 91234-5678", words.NO_SUCH_AREA),
        ("11 01234-5678", words.NO_SUCH),
        ("0800 123 4567", words.NO_PERSON),
        ("0900 123 456", words.NO_PERSON),
        ("+1 212 555 1234", words.NOT_HERE),
        ("0012125551234", words.NOT_HERE),
    ],
)
def test_what_is_doubtful_is_refused_and_why(written: str, why: str) -> None:
    assert Phones().national(written) == ("", why)


PHONES = Phones()
DIGITS = st.text("0123456789", min_size=8, max_size=8)


@given(st.text("123456789", min_size=2, max_size=2), st.integers(0, 99), DIGITS, st.booleans())
def test_the_first_digits_and_the_length_decide(
    area: str, start: int, rest: str, mobile: bool
) -> None:
    """The road by shapes against the package itself, number by number."""
    number = (f"{area}{start:02}{rest}")[: 11 if mobile else 10]
    whole = phonenumbers.parse(f"+55{number}")
    kinds = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE)
    valid = phonenumbers.is_valid_number_for_region(whole, "BR")
    called = valid and phonenumbers.number_type(whole) in kinds
    called = called and DIALLED.fullmatch(number) is not None
    assert (PHONES._shape(number) == "") == called == (refused(number) == "")


@given(st.text(max_size=30))
def test_nothing_that_is_written_breaks_it(written: str) -> None:
    number, why = PHONES.national(written)
    assert bool(number) != bool(why)
    assert not number or DIALLED.fullmatch(number)
