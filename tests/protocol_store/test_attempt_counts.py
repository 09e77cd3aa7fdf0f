"""How a campaign's attempts went, while it runs: by result, by what was said, what is in course."""

from __future__ import annotations

from dataclasses import replace

from stored_campaign_bed import NAME, ended, load, ordered

from protocol_store import Store
from protocol_store.attempt_counts import AttemptCounts
from terms.names import CampaignName
from terms.outcome import Tried


async def test_attempts_are_counted_by_result_and_by_what_was_said(store: Store) -> None:
    await load(store, 5)
    book = store.campaigns
    assert await book.attempt_counts(NAME) == AttemptCounts()
    due = await book.due(NAME, 2e9, 5)
    results = (Tried.ANSWERED, Tried.ANSWERED, Tried.BUSY, Tried.MACHINE)
    said = ("confirma", "", "", "confirma")
    for row, result, word in zip(due, results, said, strict=False):
        wish = ordered(row)
        await book.order(wish)
        await book.end(replace(ended(row, wish, result, 5.0), said=word))
    await book.order(ordered(due[4]))
    found = await book.attempt_counts(NAME)
    assert found.results == {"answered": 2, "busy": 1, "machine": 1}
    assert found.said == {"confirma": 2}
    assert (found.in_course, found.made) == (1, 5)
    assert await book.attempt_counts(CampaignName("outra")) == AttemptCounts()
