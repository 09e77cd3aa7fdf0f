"""What the rescue script wrote down is taken in once, in any order, and cannot harm."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from store_bed import AT, CALLER, NewStore, open_call, rows

from protocol_store import RecordBroken, Store
from protocol_store.rescue import read_record
from terms.facts import Kind
from terms.protocol_number import RESCUE_FIRST, protocol_of

NUMBER: dict[str, Any] = {
    "kind": "number",
    "call": "boot-1",
    "line": "199",
    "entry": "199",
    "caller": CALLER,
    "test": False,
    "protocol": protocol_of(RESCUE_FIRST),
    "at": AT,
}
MESSAGE: dict[str, Any] = {
    "kind": "message",
    "call": "boot-1",
    "line": "199",
    "file": "boot-1.wav",
    "at": AT + 60,
}


async def test_a_number_of_the_switch_becomes_the_calls(store: Store) -> None:
    learnt = await store.take_in(NUMBER)
    assert (learnt.call, learnt.line, learnt.entry, learnt.caller) == (
        "boot-1",
        "199",
        "199",
        CALLER,
    )
    assert (learnt.protocol, learnt.at, learnt.test) == (NUMBER["protocol"], AT, False)
    story = await store.story(NUMBER["protocol"])
    assert story is not None
    assert story.call.static
    assert story.call.protocol == NUMBER["protocol"]
    assert story.call.arrived_at == AT
    assert [(one.protocol, one.ordinal, one.issuer) for one in story.protocols] == [
        (NUMBER["protocol"], 0, "rescue")
    ]
    assert [fact.kind for fact in story.facts] == [
        Kind.CALL_ARRIVED,
        Kind.PROTOCOL_GIVEN,
        Kind.STATIC_TAKEN_IN,
    ]
    assert [call.call for call in await store.open_calls()] == ["boot-1"]
    # Asked by a step meanwhile, the call keeps what the citizen was told.
    assert await open_call(store, "boot-1", "199") == NUMBER["protocol"]


async def test_who_was_gone_before_anybody_opened_is_a_call_that_was_not_served(
    store: Store,
) -> None:
    await store.take_in(NUMBER | {"gone": True})
    story = await store.story(NUMBER["protocol"])
    assert story is not None
    assert not story.call.static
    assert [fact.kind for fact in story.facts] == [Kind.CALL_ARRIVED, Kind.PROTOCOL_GIVEN]
    assert [(one.protocol, one.ordinal) for one in story.protocols] == [(NUMBER["protocol"], 0)]


async def test_a_talk_of_a_campaign_that_nobody_heard_is_the_campaigns(store: Store) -> None:
    await store.take_in(NUMBER | {"gone": True, "entry": "campanha:vacina"})
    story = await store.story("boot-1")
    assert story is not None
    arrived = story.facts[0]
    assert (arrived.details["entry"], arrived.details["campaign"]) == ("campanha", "vacina")
    assert story.call.protocol == NUMBER["protocol"]


async def test_who_was_gone_and_had_a_number_keeps_it(store: Store) -> None:
    """The hang-up and control's first step crossed."""
    told = await open_call(store, "boot-1", "199")
    await store.take_in(NUMBER | {"gone": True})
    story = await store.story("boot-1")
    assert story is not None
    assert [(one.protocol, one.ordinal) for one in story.protocols] == [(told, 0)]
    assert await open_call(store, "boot-1", "199") == told


async def test_a_message_is_kept_and_somebody_must_call_back(store: Store) -> None:
    learnt = await store.take_in(MESSAGE)
    assert (learnt.kind, learnt.file) == ("message", "boot-1.wav")
    await store.take_in(NUMBER)
    (task,) = await store.tasks()
    assert (task.call, task.kind, task.because) == ("boot-1", "call_back", "message_left")
    assert (task.protocol, task.line, task.due_at) == (NUMBER["protocol"], "199", AT + 60)
    story = await store.story("boot-1")
    assert story is not None
    assert [(one.file, one.kind) for one in story.recordings] == [("boot-1.wav", "message")]


@pytest.mark.parametrize("order", [(NUMBER, MESSAGE), (MESSAGE, NUMBER)])
async def test_taken_in_again_by_this_run_or_another_nothing_changes(
    new_store: NewStore, database_url: str, order: tuple[dict[str, Any], ...]
) -> None:
    tables = ("facts", "calls", "protocols", "recordings", "tasks")
    store = await new_store("a")
    for record in order:
        await store.take_in(record)
    before = {table: rows(database_url, f"SELECT * FROM {table}") for table in tables}
    assert len(before["facts"]) == 5
    await store.close()
    again = await new_store("b")
    for record in (*order, *reversed(order)):
        learnt = await again.take_in(record)
        assert learnt.call == "boot-1"
    assert {table: rows(database_url, f"SELECT * FROM {table}") for table in tables} == before


async def test_a_blocks_number_that_was_never_told_gives_way(store: Store) -> None:
    drawn = await open_call(store, "boot-1", "199")
    await store.take_in(NUMBER)
    story = await store.story("boot-1")
    assert story is not None
    assert {(one.protocol, one.ordinal, one.issuer) for one in story.protocols} == {
        (drawn, None, "block"),
        (NUMBER["protocol"], 0, "rescue"),
    }
    assert story.call.protocol == NUMBER["protocol"]
    assert sum(fact.kind == Kind.CALL_ARRIVED for fact in story.facts) == 1
    # Both still lead to the call; a number that was drawn is never given again.
    for number in (drawn, NUMBER["protocol"]):
        found = await store.story(number)
        assert found is not None
        assert found.call.call == "boot-1"
    assert await open_call(store, "boot-2") not in (drawn, NUMBER["protocol"])
    assert await open_call(store, "boot-1") == NUMBER["protocol"]


async def test_a_second_number_told_in_the_same_call_is_kept_too(store: Store) -> None:
    await store.take_in(NUMBER)
    await store.take_in(NUMBER | {"protocol": protocol_of(RESCUE_FIRST + 1), "at": AT + 5})
    story = await store.story("boot-1")
    assert story is not None
    assert [one.ordinal for one in story.protocols] == [0, 1]
    assert sum(fact.kind == Kind.CALL_ARRIVED for fact in story.facts) == 1


async def test_a_number_of_another_call_is_refused(store: Store) -> None:
    """The script's counter was lost and began again: nobody's story may be mixed with another's."""
    await store.take_in(NUMBER)
    with pytest.raises(RecordBroken, match="outra chamada"):
        await store.take_in(NUMBER | {"call": "boot-2"})
    story = await store.story(NUMBER["protocol"])
    assert story is not None
    assert story.call.call == "boot-1"
    assert await store.story("boot-2") is None


async def test_a_test_call_stays_one(store: Store) -> None:
    await store.take_in(NUMBER | {"test": True})
    summary = await store.service_summary(AT)
    assert summary.total.received == 0


BROKEN: list[tuple[Any, str]] = [
    ([], "objeto"),
    ({}, "tipo"),
    (NUMBER | {"kind": "recipe"}, "tipo"),
    (NUMBER | {"kind": ["number"]}, "tipo"),
    (NUMBER | {"at": "yesterday"}, "instante"),
    (NUMBER | {"at": True}, "instante"),
    (NUMBER | {"at": float("nan")}, "instante"),
    (NUMBER | {"at": 10**400}, "instante"),
    (NUMBER | {"at": -1.0}, "instante"),
    (NUMBER | {"call": ""}, "chamada"),
    (NUMBER | {"call": "a b"}, "chamada"),
    (NUMBER | {"call": 7}, "call"),
    (NUMBER | {"line": "190"}, "linha"),
    (NUMBER | {"caller": "Maria"}, "origem"),
    (NUMBER | {"entry": "1" * 300}, "entry"),
    (NUMBER | {"entry": "1\0"}, "entry"),
    (NUMBER | {"test": "yes"}, "test"),
    (NUMBER | {"protocol": "900000009"}, "protocolo"),
    (NUMBER | {"protocol": protocol_of(RESCUE_FIRST - 1)}, "protocolo"),
    (NUMBER | {"protocol": None}, "protocol"),
    (MESSAGE | {"file": ""}, "arquivo"),
    (MESSAGE | {"file": "\ud800"}, "file"),
]


@pytest.mark.parametrize(("record", "says"), BROKEN)
def test_a_record_that_the_script_cannot_have_written(record: Any, says: str) -> None:
    with pytest.raises(RecordBroken, match=says) as broken:
        read_record(record)
    assert CALLER not in str(broken.value)
    assert "Maria" not in str(broken.value)


async def test_a_broken_record_stores_nothing(store: Store, database_url: str) -> None:
    for record, _ in BROKEN:
        with pytest.raises(RecordBroken):
            await store.take_in(record)
    assert rows(database_url, "SELECT count(*) FROM facts") == [(0,)]


@given(
    st.dictionaries(
        st.sampled_from([*NUMBER, *MESSAGE]),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.just([]),
    )
)
def test_garbage_is_a_broken_record_and_nothing_else(garbage: dict[str, Any]) -> None:
    for record in (garbage, NUMBER | garbage, MESSAGE | garbage):
        with contextlib.suppress(RecordBroken):
            assert read_record(record).call
