"""Whatever a source finds becomes a text that can be spoken, or is refused."""

from __future__ import annotations

import unicodedata
import uuid
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outside import Trouble
from outside.values import clean, plain, promised
from terms.limits import DATA_CHARACTERS
from terms.services import ServiceSpec

SPEC = ServiceSpec("s", "fonte", sql="x", answers=("v",))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "sim"),
        (False, "nao"),
        (0, "0"),
        (-12, "-12"),
        (12.5, "12.5"),
        (3.0, "3"),
        (1e21, "1000000000000000000000"),
        (0.1, "0.1"),
        (Decimal("12.50"), "12.50"),
        (Decimal("12.00"), "12"),
        (Decimal("1E+3"), "1000"),
        (Decimal("100"), "100"),
        (date(2026, 11, 25), "2026-11-25"),
        (time(8, 30), "08:30"),
        (time(8, 30, 5), "08:30:05"),
        (datetime(2026, 11, 25, 8, 30), "2026-11-25T08:30"),
        (datetime(2026, 11, 25, 8, 30, tzinfo=UTC), "2026-11-25T08:30+00:00"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ("  olá\tmundo \r\n fim ", "olá mundo fim"),
        ("a\u202eb\u200bc\x00d\ud800e\x1b[31m", "abcde[31m"),
        ("a\u0301gua", "água"),
    ],
)
def test_values_become_texts(value: object, text: str) -> None:
    assert promised(SPEC, {"v": value, "outro": object()}) == {"v": text}


@pytest.mark.parametrize(
    "value",
    [b"x", memoryview(b"x"), [1], {"a": 1}, object(), float("nan"), float("-inf"), 1e300,
     Decimal("NaN"), Decimal("1E+999999"), Decimal("1E-999999"),
     pytest.param(10**5000, id="huge"), 10**120],
)  # fmt: skip
def test_what_is_no_text_and_no_number_is_refused(value: object) -> None:
    with pytest.raises(Trouble, match="não é um texto nem um número"):
        promised(SPEC, {"v": value})


def test_what_was_promised_must_be_there() -> None:
    with pytest.raises(Trouble, match="falta 'v'"):
        promised(SPEC, {"V": 1})


anything = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.decimals(), st.text(), st.binary(),
    st.dates(), st.times(), st.datetimes(), st.uuids(), st.lists(st.text()),
    st.text(st.characters(min_codepoint=0x2000, max_codepoint=0x206F)),
    st.text(st.characters(codec=None, categories=["Cs", "Cc", "Mn", "Zs"])),
)  # fmt: skip


@given(anything)
def test_any_value_is_a_short_clean_text_or_trouble(value: object) -> None:
    try:
        text = promised(SPEC, {"v": value})["v"]
    except Trouble:
        return
    assert len(text) <= DATA_CHARACTERS
    assert not any(unicodedata.category(letter)[0] == "C" for letter in text)
    assert text == text.strip()
    text.encode()


@given(st.text())
def test_cleaning_once_is_enough(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9
    )
)
def test_a_number_is_never_changed(value: Decimal) -> None:
    assert Decimal(plain(value) or "x") == value
