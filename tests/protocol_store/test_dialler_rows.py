"""What a start of the dialler asks of the store: which call an attempt became, why all stands; and
names of attempts that never were."""

from __future__ import annotations

from dataclasses import replace

import pytest
from store_bed import AT
from stored_campaign_bed import NAME, TRUNK, load, ordered

from protocol_store import Store
from protocol_store.attempt_rows import OpenAttempt
from protocol_store.dialler_rows import MadeCall, Stopped
from protocol_store.errors import AttemptRefused
from terms.facts import Fact, Kind
from terms.names import AgentName, AttemptId, CallId


async def test_the_call_that_an_attempt_became(store: Store) -> None:
    """By its campaign and number, from the order on, or from the beginning of that second, as the
    switch tells it; a call of before is another attempt's."""
    await load(store, 2)
    first, second = await store.campaigns.due(NAME, AT, 2)
    opened = []
    for row in (first, second):
        wish = ordered(row, AT + 10.0)
        await store.campaigns.order(wish)
        opened.append(
            OpenAttempt(wish.attempt, row.contact, NAME, row.number, TRUNK, "ana", wish.at)
        )
    early = AT + 9.2
    for call, at, row in (
        ("n1-b-1.1", AT, first),
        ("n1-b-1.2", AT + 20.0, first),
        ("n1-b-1.3", early, second),
    ):
        entry = (CallId(call), "156", "campanha", row.number, at, False)
        await store.open_call(*entry, campaign=NAME)
    ended = {"outcome": "served", "blame": "nobody", "where": "after", "seconds": 30.0}
    store.append(Fact(AT + 50.0, Kind.CALL_ENDED, CallId("n1-b-1.2"), details=ended))
    assert await store.settled()
    assert await store.campaigns.calls_of(opened) == [
        MadeCall(opened[0].attempt, CallId("n1-b-1.2"), AT + 20.0, None, AT + 50.0),
        MadeCall(opened[1].attempt, CallId("n1-b-1.3"), early, None, None),
    ]
    assert await store.campaigns.calls_of([]) == []


async def test_a_call_whose_arrival_is_told_already(store: Store) -> None:
    call = CallId("n1-b-2.1")
    arrived = {"line": "156", "entry": "campanha", "caller": "11987654321", "test": False}
    details = {**arrived, "version": "v1", "relay": False, "campaign": NAME}
    store.append(Fact(AT, Kind.CALL_ARRIVED, call, details=details))
    answered = {"offer": "1-1", "waited": 0.0, "dialled": True}
    store.append(Fact(AT, Kind.ANSWERED, call, AgentName("ana"), details=answered))
    about = (call, "156", "campanha", "11987654321", AT, False, "v1")
    protocol = await store.open_call(*about, campaign=NAME, arrived=True)
    assert await store.open_call(*about, campaign=NAME, arrived=True) == protocol
    assert await store.settled()
    story = await store.story(call)
    assert story is not None
    assert [one.kind for one in story.facts] == ["call_arrived", "answered", "protocol_given"]
    assert (story.call.protocol, story.call.agent) == (protocol, "ana")


async def test_names_of_attempts_may_have_gaps(store: Store) -> None:
    """An attempt that never became durable has used up its name; one of before is refused."""
    await load(store, 1)
    (row,) = await store.campaigns.due(NAME, AT, 1)
    third = replace(ordered(row), attempt=AttemptId(f"{row.contact}-3"), count=3)
    await store.campaigns.order(third)
    kept = await store.campaigns.contact(row.contact)
    assert kept is not None
    assert (kept.ordered, kept.attempt) == (3, third.attempt)
    with pytest.raises(AttemptRefused):
        await store.campaigns.order(replace(third, attempt=AttemptId(f"{row.contact}-2"), count=2))


async def test_why_all_stands_outlives_the_process(store: Store) -> None:
    assert (await store.campaigns.stopped()).because == ""
    await store.campaigns.set_stopped("o relógio saltou 90 s", AT, "discador")
    assert await store.campaigns.stopped() == Stopped("o relógio saltou 90 s", AT, "discador")
    await store.campaigns.set_stopped("", AT + 60.0, "eva")
    assert (await store.campaigns.stopped()).because == ""
