"""The last look before somebody is dialled is the store's own: who has said no, to whatever
process, after the dialler read its lists, is not written down, so is not dialled (R64)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from store_bed import AT, about
from stored_campaign_bed import LIST, NAME, ROW, ended, load, ordered

from protocol_store import Store
from protocol_store.do_not_call import Wish
from protocol_store.errors import AttemptRefused
from terms.facts import Fact, Kind
from terms.outcome import Tried

MARK = "retorno_nao_seguro"


def _marked(call: str, caller: str) -> list[Fact]:
    arrived: dict[str, Any] = {"line": "156", "entry": "156", "caller": caller, "test": False}
    return [
        about(Kind.CALL_ARRIVED, call, 0, **arrived),
        about(Kind.CALL_BACK_BARRED, call, 1, mark=MARK, on=True),
    ]


async def test_a_wish_of_another_process_holds_at_once(store: Store) -> None:
    await load(store, 2)
    first, second = await store.campaigns.due(NAME, AT, 2)
    wish = Wish("a1", first.number, AT, "ana", "pediu")
    await store.campaigns.bar(wish)
    with pytest.raises(AttemptRefused) as refused:
        await store.campaigns.order(ordered(first))
    assert first.number not in str(refused.value)
    assert await store.campaigns.open_attempts() == []
    await store.campaigns.order(ordered(second))
    await store.campaigns.unbar(replace(wish, act="a2", because="pediu de novo"))
    await store.campaigns.order(ordered(first))


@pytest.mark.parametrize("front", ["", "0", "+55", "0055"])
async def test_a_mark_holds_at_once_however_the_number_came_in(store: Store, front: str) -> None:
    await load(store, 1)
    (row,) = await store.campaigns.due(NAME, AT, 1)
    store.append(*_marked("um", front + row.number))
    assert await store.settled()
    with pytest.raises(AttemptRefused):
        await store.campaigns.order(ordered(row))
    store.append(about(Kind.CALL_BACK_BARRED, "um", 9, mark=MARK, on=False))
    assert await store.settled()
    await store.campaigns.order(ordered(row))


async def test_what_saves_lives_passes_a_wish_and_no_mark(store: Store) -> None:
    await store.campaigns.make(replace(ROW, life_safety="eva"))
    await store.campaigns.begin_list(LIST)
    await store.campaigns.load(LIST, [(2, "11910000002", {}), (3, "11910000003", {})], AT)
    await store.campaigns.finish_list(replace(LIST, contacts=2, loaded_at=AT))
    wished, marked = await store.campaigns.due(NAME, AT, 2)
    await store.campaigns.bar(Wish("a1", wished.number, AT, "ana", "pediu"))
    store.append(*_marked("um", marked.number))
    assert await store.settled()
    await store.campaigns.order(ordered(wished))
    with pytest.raises(AttemptRefused):
        await store.campaigns.order(ordered(marked))


async def test_an_attempt_that_is_written_down_stays_so(store: Store) -> None:
    """A repeat of it is told the same, and it ends as any other."""
    await load(store, 1)
    (row,) = await store.campaigns.due(NAME, AT, 1)
    await store.campaigns.order(ordered(row))
    await store.campaigns.bar(Wish("a1", row.number, AT, "ana", "pediu"))
    await store.campaigns.order(ordered(row))
    await store.campaigns.end(ended(row, ordered(row), Tried.BUSY, 20))
    assert await store.campaigns.open_attempts() == []
