"""What earlier runs wrote, page by page, and the day's figures counted again from it."""

from __future__ import annotations

from typing import Any

import pytest
from store_bed import CALLER, NewStore, about

from acd.measures import COUNTED_KINDS, Measures, day_of
from acd.queues import QueueRule, QueueTable
from protocol_store import Store
from terms.facts import Fact, Kind
from terms.names import QueueName, Skill

GERAL = QueueName("geral")


def visit(call: str, after: float, wait: float) -> list[Fact]:
    """A call that waits so long and is served."""
    return [
        about(Kind.CALL_ARRIVED, call, after, line="156", entry="156", caller=CALLER, test=False),
        about(Kind.NODE_ENTERED, call, after, node="menu"),
        about(Kind.QUEUED, call, after, queue=GERAL, priority=0, note="", joined=None),
        about(Kind.ANSWERED, call, after + wait, "ana", offer="1-1", waited=wait),
        about(Kind.TALK_ENDED, call, after + wait, "ana", offer="1-1", talk_seconds=5.0),
        about(Kind.CALL_ENDED, call, after + wait, outcome="served", blame="nobody"),
    ]


async def read(store: Store, since: float) -> list[Fact]:
    return [fact async for page in store.history.since(since, COUNTED_KINDS) for fact in page]


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("protocol_store.history.HISTORY_PAGE", 7)
    monkeypatch.setattr("protocol_store.fact_ids.HISTORY_SLACK", 10)


@pytest.mark.usefixtures("small_pages")
async def test_a_new_run_counts_the_day_again(new_store: NewStore) -> None:
    at = visit("x", 0, 0)[0].at
    midnight, _ = day_of(at)
    first = await new_store()
    for number in range(12):
        first.append(*visit(f"old{number}", midnight - at - 500.0 + number, 1.0))
    for number in range(12):
        first.append(*visit(f"c{number}", number * 10.0, 3.0 + number))
    assert await first.settled()
    assert await read(first, midnight) == [], "its own facts are heard, not read"
    second = await new_store("b")
    found = await read(second, midnight)
    assert len(found) == 12 * 5
    assert {fact.kind for fact in found} <= set(COUNTED_KINDS)
    assert CALLER not in repr(found)
    measures = Measures(QueueTable((QueueRule(GERAL, "156", Skill("geral")),)))
    measures.read(found)
    figures: Any = measures.of_line("156", at + 300)
    assert (figures.received, figures.answered, figures.answered_in_target) == (12, 12, 12)
    assert await read(second, midnight + 86_400.0) == []


async def test_an_empty_store_has_no_history(new_store: NewStore) -> None:
    assert await read(await new_store(), 0.0) == []
