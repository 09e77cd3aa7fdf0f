"""Ranges of a wait that may be spoken; how many people; who can be called back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.forecast import Range, number_of, people_of, range_of
from ivr.reachable import callable_number, is_callable
from terms.limits import SPOKEN_MINUTES, SPOKEN_PEOPLE
from voice.reading import spoken

SECONDS = st.floats(0, 20_000, allow_nan=False)


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.0, 0.0, "menos de um minuto"),
        (20.0, 60.0, "menos de um minuto"),
        (20.0, 61.0, "menos de dois minutos"),
        (59.9, 130.0, "menos de três minutos"),
        (60.0, 61.0, "entre um e dois minutos"),
        (190.0, 280.0, "entre três e cinco minutos"),
        (180.0, 300.0, "entre três e cinco minutos"),
        (179.0, 301.0, "entre dois e sete minutos"),
        (60.0, 60.0, "menos de um minuto"),
        (300.0, 300.0, "entre três e cinco minutos"),
        (400.0, 1_200.0, "entre cinco e vinte minutos"),
        (900.0, 1_201.0, "mais de quinze minutos"),
        (5_000.0, 9_000.0, "mais de vinte minutos"),
    ],
)
def test_the_words_of_a_range(low: float, high: float, words: str) -> None:
    found = range_of(low, high)
    assert found is not None
    assert spoken(found.value, "minutos").phrases == (words,)
    assert range_of(high, low) == found


def test_what_says_nothing_is_not_said() -> None:
    assert range_of(0.0, 1_201.0) is None
    assert range_of(59.0, 90_000.0) is None


@given(SECONDS, SECONDS)
def test_the_estimate_lies_in_the_range_that_is_told(one: float, other: float) -> None:
    low, high = min(one, other), max(one, other)
    found = range_of(low, high)
    if found is None:
        assert low < 60.0
        assert high > SPOKEN_MINUTES[-1] * 60.0
        return
    assert found.holds(low)
    assert found.holds(high)
    assert Range.from_value(found.value) == found
    for language in ("pt", "en", "es"):
        assert len(spoken(found.value, "minutos", language).phrases) == 1
        assert spoken(found.value, "minutos", language).language == language


@given(SECONDS, SECONDS)
def test_no_narrower_range_would_do(one: float, other: float) -> None:
    low, high = min(one, other), max(one, other)
    found = range_of(low, high)
    marks = (0, *SPOKEN_MINUTES)
    if found is not None and found.most is not None and low < high:
        narrower = [mark * 60.0 for mark in marks]
        assert not any(found.low < mark <= low for mark in narrower)
        assert high <= found.high if found.high is not None else True
        assert not any(high <= mark < (found.high or 0.0) for mark in narrower)


@pytest.mark.parametrize("text", ["", "x", "3", "-", "a-b", "3-b"])
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Range.from_value(text)


@pytest.mark.parametrize(
    ("ahead", "pt", "en"),
    [
        (0, "ninguém", "nobody"),
        (1, "uma pessoa", "one person"),
        (2, "duas pessoas", "two people"),
        (10, "dez pessoas", "ten people"),
        (11, "cerca de quinze pessoas", "about fifteen people"),
        (20, "cerca de vinte pessoas", "about twenty people"),
        (50, "cerca de cinquenta pessoas", "about fifty people"),
        (51, "mais de cinquenta pessoas", "more than fifty people"),
        (3_000, "mais de cinquenta pessoas", "more than fifty people"),
    ],
)
def test_the_words_of_people_ahead(ahead: int, pt: str, en: str) -> None:
    value = people_of(ahead)
    assert spoken(value, "pessoas", "pt").phrases == (pt,)
    assert spoken(value, "pessoas", "en").phrases == (en,)


@given(st.integers(0, 5_000), st.integers(0, 5_000))
def test_people_are_never_told_as_fewer_and_compare_as_they_are(one: int, other: int) -> None:
    told = number_of(people_of(one))
    assert told >= min(one, SPOKEN_PEOPLE[-1] + 1)
    if one <= other:
        assert told <= number_of(people_of(other))


@pytest.mark.parametrize(
    ("caller", "number"),
    [
        ("11987654321", "11987654321"),
        ("+5511987654321", "11987654321"),
        ("5511987654321", "11987654321"),
        ("011987654321", "11987654321"),
        ("2133334444", "2133334444"),
        ("987654321", "11987654321"),
        ("33334444", "1133334444"),
        ("", ""),
        ("anonymous", ""),
        ("142", ""),
        ("190", ""),
        ("08007701234", ""),
        ("+14155550100", ""),
        ("00987654321", "11987654321"),
        ("1187654321", ""),
        ("11187654321", ""),
        ("١١٩٨٧٦٥٤٣٢١", ""),
    ],
)
def test_who_can_be_called_back(caller: str, number: str) -> None:
    assert callable_number(caller) == number
    assert is_callable(caller) == bool(number)


@given(st.text(max_size=20) | st.text("0123456789+", max_size=20))
def test_no_caller_breaks_it(caller: str) -> None:
    number = callable_number(caller)
    assert number == "" or (number.isdecimal() and len(number) in (10, 11))
