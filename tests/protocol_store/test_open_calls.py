"""Calls that are open when control starts: whose they are, and when the talk that goes on began."""

from __future__ import annotations

import pytest
from store_bed import NewStore
from visit_stories import START, Story

from terms.facts import Kind


def _answered(call: str) -> Story:
    return Story(call).arrives().queues("p156_geral").answers("ana", f"1-{call}", 2.0)


def _asks_bia(call: str) -> Story:
    story = _answered(call).then(Kind.CONSULT_ASKED, "bia", after=30.0, consult="q", offer="1")
    return story.then(Kind.CONSULT_ANSWERED, "bia", after=5.0, consult="q")


STORIES = {
    "first": (_answered("first"), "ana", 2.0),
    "asks": (_asks_bia("asks"), "ana", 2.0),
    "took": (
        _asks_bia("took")
        .talks("ana", "1-took", 98.0)
        .then(Kind.TALK_MOVED, "ana", offer="1-took", consult="q", to="bia"),
        "bia",
        135.0,
    ),
    "again": (
        _answered("again").talks("ana", "1", 50.0).queues("p156_social", 1.0)
        .answers("ana", "2-again", 9.0, after=9.0),
        "ana",
        62.0,
    ),
    "over": (_answered("over").talks("ana", "1-over", 50.0), "ana", None),
}  # fmt: skip


@pytest.mark.parametrize("how", STORIES)
async def test_a_talk_began_with_whoever_talks_now(
    database_url: str, store_at: NewStore, how: str
) -> None:
    store = await store_at(database_url)
    story, agent, began = STORIES[how]
    store.append(*story.facts)
    await store.settled()
    (found,) = await store.open_calls()
    assert (found.agent, found.answered_at) == (agent, START + 2.0)
    assert found.talking_since == (None if began is None else START + began)


async def test_a_call_that_was_handed_over_is_the_other_lines(
    database_url: str, store_at: NewStore
) -> None:
    store = await store_at(database_url)
    story = Story("c").arrives().then(Kind.HANDED_OVER, to_line="199")
    store.append(*story.queues("e199_risco").facts)
    await store.settled()
    (found,) = await store.open_calls()
    assert (found.line, found.last_line) == ("156", "199")
