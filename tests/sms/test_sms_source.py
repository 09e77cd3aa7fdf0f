"""A menu orders a protocol by text as it asks any other service (R53)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from house import CHECKOUT
from seeded import CALLER

from central156.settings import load_settings
from central156.sources import open_outside, unanswered, unconfigured
from ivr.turn import FOUND, MISSING
from outside import Outside
from protocol_store import Store
from reader.dialplans import read_dialplans
from terms.protocol_number import shown
from terms.services import ServiceSpec

NUMBER = "123456782"


@pytest.fixture(scope="module")
def specs() -> dict[str, ServiceSpec]:
    return dict(read_dialplans(CHECKOUT / "dialplans").services)


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = Store(f"sqlite:///{tmp_path / 'store.sqlite'}", "a", journal=tmp_path / "journal")
    await store.start()
    yield store
    await store.close()


async def ask(outside: Outside, phone: str, protocol: str = NUMBER, call: str = "c1") -> str:
    given = {"telefone": phone, "protocolo": protocol}
    return (await outside.ask("sms_protocolo", given, 3.0, call)).how


async def test_the_menu_orders_one_text(
    store: Store, tmp_path: Path, specs: dict[str, ServiceSpec]
) -> None:
    settings = load_settings(tmp_path, sms_smpp="10.0.0.9:2775")
    async with open_outside(settings, store, specs) as outside:
        assert await ask(outside, CALLER) == FOUND
        assert await ask(outside, f"+55{CALLER}") == FOUND  # the key was pressed again
        assert await ask(outside, "1133334444") == MISSING
        assert await ask(outside, "anonymous") == MISSING
        assert await ask(outside, CALLER, "12") == MISSING
    (order,) = await store.sms.orders()
    (text,) = await store.sms.messages(order["order_id"])
    assert (order["kind"], order["by_whom"]) == ("protocolo", "menu")
    assert (text["number"], text["call_id"], text["ref"]) == (CALLER, "c1", NUMBER)
    assert shown(NUMBER) in text["text"]


def test_it_is_offered_where_there_is_a_carrier(
    tmp_path: Path, specs: dict[str, ServiceSpec]
) -> None:
    with_one = load_settings(tmp_path, sms_smpp="10.0.0.9:2775")
    assert "sms_protocolo" not in unconfigured(with_one, specs)
    assert not [one for one in unanswered(with_one, specs) if "sms" in one]
    assert "sms_protocolo" in unconfigured(load_settings(tmp_path), specs)


async def test_a_source_of_that_name_in_the_settings_goes_before_it(
    store: Store, tmp_path: Path, specs: dict[str, ServiceSpec]
) -> None:
    own = {"sms": "http://127.0.0.1:24298/sms"}
    settings = load_settings(tmp_path, sms_smpp="10.0.0.9:2775", sources=own)
    async with open_outside(settings, store, specs) as outside:
        assert await ask(outside, CALLER) not in (FOUND, MISSING)
    assert await store.sms.orders() == []
