"""A mark protects its citizen however the number came in: with a carrier's code, without its area,
from before the ninth digit; and whoever is on the line is found by any of these."""

from __future__ import annotations

from typing import Any

import pytest
from store_bed import about

from protocol_store import Store
from terms.facts import Kind
from terms.telephones import as_dialled

NUMBER = "11987650002"
FORMS = (
    *(NUMBER, f"+55{NUMBER}", f"0{NUMBER}", f"0055{NUMBER}", f"55{NUMBER}"),
    *(f"015{NUMBER}", "987650002", "87650002", "1187650002", "01187650002"),
)


@pytest.mark.parametrize("written", FORMS)
async def test_a_mark_holds_for_each_form(store: Store, written: str) -> None:
    arrived: dict[str, Any] = {"line": "156", "entry": "156", "caller": written, "test": False}
    store.append(
        about(Kind.CALL_ARRIVED, "um", 0, **arrived),
        about(Kind.CALL_BACK_BARRED, "um", 1, mark="nao_pode_falar", on=True),
    )
    assert await store.settled()
    assert await store.campaigns.marked("11") == {NUMBER: "não pode falar"}


@pytest.mark.parametrize(
    ("digits", "number"),
    [
        ("1511987651234", "11987651234"),
        ("151134567890", "1134567890"),
        ("1187651234", "11987651234"),
        ("34567890", "1134567890"),
        ("987651234", "11987651234"),
        ("5534567890", "5534567890"),  # an area, and no country
        ("156", "156"),
        ("", ""),
    ],
)
def test_one_telephone_is_one_number(digits: str, number: str) -> None:
    assert as_dialled(digits, "11") == number
