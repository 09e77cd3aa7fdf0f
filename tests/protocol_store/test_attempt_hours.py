"""What an hour has brought so far: answers that have had an agent, and those that found nobody."""

from __future__ import annotations

from dataclasses import replace

from store_bed import AT
from stored_campaign_bed import NAME, ended, load, ordered

from protocol_store import Store
from terms.outcome import Tried


async def test_answers_and_drops_of_an_hour(store: Store) -> None:
    await load(store, 6)
    book = store.campaigns
    rows = await book.due(NAME, AT, 6)
    ends = (
        (Tried.ANSWERED, "ana", 20.0),
        (Tried.MACHINE, "ana", 20.0),  # an agent's word: somebody was found for it
        (Tried.DROPPED, None, 2.0),
        (Tried.MACHINE, None, 2.0),  # nobody was needed
        (Tried.NO_ANSWER, None, 0.0),
    )
    for row, (result, agent, talk) in zip(rows, ends, strict=False):
        wish = ordered(row, AT + 10.0)
        await book.order(wish)
        await book.end(replace(ended(row, wish, result, 60.0, talk), agent=agent))
    assert await book.hours(AT) == {NAME: (3, 1)}
    assert await book.hours(AT + 59.0) == {}
    late = ordered(rows[5], AT - 30.0)  # dialled in the hour before, and answered in this one
    await book.order(late)
    await book.end(ended(rows[5], late, Tried.DROPPED, 32.0, 2.0))
    assert await book.hours(AT + 25.0) == {NAME: (4, 2)}
