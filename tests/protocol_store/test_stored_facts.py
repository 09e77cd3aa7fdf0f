"""Facts: each once, in order, never changed; the strange ones too, with what was wrong."""

from __future__ import annotations

import ast
import asyncio
import random
from typing import Any

import pytest
from house import files_under, shown
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import inspect
from store_bed import AT, NewStore, about, node, offer_ended, offered, open_call, rows

from protocol_store import Store
from protocol_store.engines import make_engine
from terms import limits
from terms.facts import Fact, Kind
from terms.names import AgentName, CallId


async def test_facts_stand_in_the_order_in_which_they_were_appended(
    store: Store, database_url: str
) -> None:
    for number in range(5_000):
        store.append(node("boot-1", number))
    assert await store.settled()
    found = rows(database_url, "SELECT details ->> 'node' FROM facts ORDER BY id")
    assert [int(number) for (number,) in found] == list(range(5_000))
    assert store.lag().count == 0


async def test_instants_come_back_to_the_microsecond(store: Store) -> None:
    await open_call(store, "boot-1")
    at = 1_790_000_000.123456
    store.append(Fact(at, Kind.NODE_ENTERED, CallId("boot-1"), details={"node": "menu"}))
    await store.settled()
    story = await store.story("boot-1")
    assert story is not None
    assert story.facts[-1].at == pytest.approx(at, abs=1e-6)
    assert story.call.arrived_at == AT


async def test_a_second_open_offer_of_an_agent_is_kept_and_says_so(store: Store) -> None:
    """The trip-wire: if the floor and the gate ever both fail, we know, and lose nothing."""
    for call in ("boot-1", "boot-2"):
        await open_call(store, call)
    store.append(
        offered("boot-1", "1-1", "ana"),
        node("boot-1", 1),
        offered("boot-2", "1-2", "ana", 1.0),
        offered("boot-2", "1-3", "rui", 1.0),
        offer_ended("boot-1", "1-1", "ana", "answered", 2.0),
        offered("boot-2", "1-4", "ana", 3.0),
    )
    await store.settled()
    first, second = await store.story("boot-1"), await store.story("boot-2")
    assert first is not None
    assert second is not None
    assert [fact.violation for fact in first.facts] == [None] * 5
    marks = [fact.violation for fact in second.facts if fact.kind == Kind.OFFER_MADE]
    assert marks == ["IntegrityError", None, None]
    assert [offer.offer for offer in second.offers] == ["1-3", "1-4"]
    assert store.violations == 1


RANDOM_LONG = "".join(random.Random(156).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=3_000))


class Unshowable:
    def __repr__(self) -> str:
        raise RuntimeError("nothing to see")


def _deep(levels: int) -> Any:
    found: Any = "bottom"
    for _ in range(levels):
        found = [found]
    return found


@pytest.mark.parametrize(
    ("strange", "trouble"),
    [
        pytest.param(about(Kind.NODE_ENTERED, "boot-1", node="a\0b"), None, id="NUL"),
        pytest.param(about(Kind.NODE_ENTERED, "boot-1", node="\ud83d"), None, id="half a pair"),
        pytest.param(
            about(Kind.NODE_ENTERED, "boot-1", node=["x\0", {"\udc00": "y"}]), None, id="deeper"
        ),
        pytest.param(
            about(Kind.NODE_ENTERED, "boot-1", node="x" * (limits.FACT_DETAIL_BYTES + 1)),
            "details too long",
            id="too long",
        ),
        pytest.param(about(Kind.NODE_ENTERED, "boot-1", node={1, 2}), "not plain JSON", id="set"),
        pytest.param(
            about(Kind.NODE_ENTERED, "boot-1", node=Unshowable()), "not plain JSON", id="unshowable"
        ),
        pytest.param(
            about(Kind.NODE_ENTERED, "boot-1", node=float("nan")), "not plain JSON", id="nan"
        ),
        pytest.param(
            about(Kind.NODE_ENTERED, "boot-1", node=_deep(5_000)), "not plain JSON", id="bottomless"
        ),
        pytest.param(
            Fact(float("nan"), Kind.NODE_ENTERED, CallId("boot-1"), details={"node": "x"}),
            "impossible instant",
            id="no instant",
        ),
        pytest.param(
            Fact(1e15, Kind.NODE_ENTERED, CallId("boot-1"), details={"node": "x"}),
            "impossible instant",
            id="year 30 million",
        ),
        pytest.param(about(Kind.QUEUED, "boot-1"), "queued without 'queue'", id="says too little"),
        pytest.param(
            about(Kind.TALK_ENDED, "boot-1", talk_seconds="long"),
            "talk_ended: ValueError",
            id="says nonsense",
        ),
        pytest.param(
            about(Kind.TALK_ENDED, "boot-1", talk_seconds=10**400), "OverflowError", id="too big"
        ),
        pytest.param(
            about(Kind.TASK_OPENED, "boot-1", task="call_back", due=1e300),
            "StatementError",
            id="due too late",
        ),
    ],
)
async def test_no_strange_fact_blocks_its_neighbours(
    store: Store, strange: Fact, trouble: str | None
) -> None:
    await open_call(store, "boot-1")
    store.append(node("boot-1", 1), strange, node("boot-1", 2))
    assert await store.settled()
    story = await store.story("boot-1")
    assert story is not None
    assert [fact.kind for fact in story.facts[2:]] == [
        Kind.NODE_ENTERED,
        strange.kind,
        Kind.NODE_ENTERED,
    ]
    assert [fact.violation for fact in story.facts[2:]] == [None, trouble, None]
    assert store.violations == (1 if trouble else 0)


@pytest.mark.parametrize(
    "strange",
    [
        about(Kind.NODE_ENTERED, RANDOM_LONG, node="x"),
        about(Kind.CALL_ENDED, RANDOM_LONG, outcome="served"),
        about(Kind.AGENT_STATUS, "", agent=RANDOM_LONG, status="available"),
        about(Kind.RECORDED, "boot-1", file=RANDOM_LONG),
        offered("boot-1", RANDOM_LONG, "ana"),
    ],
    ids=["call", "call's end", "agent", "file", "offer"],
)
async def test_what_is_too_long_to_be_a_key_blocks_nothing(store: Store, strange: Fact) -> None:
    """PostgreSQL indexes no text as long as this, and says so as if it were itself broken."""
    await open_call(store, "boot-1")
    store.append(node("boot-1", 1), strange, node("boot-1", 2))
    assert await store.settled()
    assert not store.lag().failing
    assert await open_call(store, "boot-2")


async def test_what_is_cut_or_unreadable_still_hides_what_was_personal_in_it(store: Store) -> None:
    await open_call(store, "boot-1")
    long = about(Kind.DATA_TYPED, "boot-1", value="52998224725", more="x" * 9_000)
    store.append(long, about(Kind.DATA_TYPED, "boot-1", value="52998224725", more=object()))
    assert await store.settled()
    story = await store.story("boot-1")
    assert story is not None
    assert len(story.facts) == 4
    assert "52998224725" not in str(story.facts)


async def test_a_call_that_cannot_be_stored_does_not_harm_the_others(store: Store) -> None:
    """Asked in the same instant, so that they share a transaction."""
    asked = [
        open_call(store, call)
        for call in ("boot-1", "boot\0-2", RANDOM_LONG * 10, "boot-\ud83d", "boot-3")
    ]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert isinstance(answers[0], str)
    assert isinstance(answers[4], str)
    assert answers[0] != answers[4]
    assert await open_call(store, "boot-1") == answers[0]


async def test_offers_of_a_floor_that_is_gone_end_when_control_starts(store: Store) -> None:
    await open_call(store, "boot-1")
    store.append(offered("boot-1", "1-1", "ana"))
    store.append(Fact(AT + 9, Kind.CONTROL_STARTED, details={"epoch": 2, "version": "x"}))
    store.append(offered("boot-1", "2-1", "ana", 10))
    await store.settled()
    story = await store.story("boot-1")
    assert story is not None
    assert [(offer.outcome, offer.blame, offer.ended_at) for offer in story.offers] == [
        ("lost", "us", AT + 9),
        (None, None, None),
    ]


# --- any facts ---
words = st.text(max_size=12)
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
calls = st.sampled_from(["boot-1", "boot-2", "boot-3"]) | words
agents = st.sampled_from(["ana", "rui"]) | words
sensible = st.fixed_dictionaries(
    {},
    optional={
        "line": words,
        "entry": words,
        "caller": words,
        "protocol": words,
        "queue": words,
        "offer": st.sampled_from(["1-1", "1-2", "1-3"]),
        "outcome": words,
        "talk_seconds": st.floats(0, 9) | plain,
        "waited": st.floats(0, 9) | plain,
        "file": words,
        "task": st.sampled_from(["call_back"]) | plain,
        "due": st.floats(0, 1e11) | plain,
        "status": words,
    },
)
any_facts = st.lists(
    st.lists(
        st.builds(
            Fact,
            at=st.floats(0, 1e11) | st.floats(),
            kind=st.sampled_from(Kind),
            call=st.none() | calls.map(CallId),
            agent=st.none() | agents.map(AgentName),
            by=words,
            details=sensible | st.dictionaries(words, plain, max_size=4),
        ),
        max_size=8,
    ),
    max_size=5,
)


def test_any_sequence_of_facts_is_stored_once_in_order(database_url: str) -> None:
    with asyncio.Runner() as runner:
        store = runner.run(_started(database_url))
        engine = make_engine(database_url, reading=True)
        last = 0

        @settings(
            max_examples=60,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
            database=None,
        )
        @given(any_facts)
        def check(batches: list[list[Fact]]) -> None:
            nonlocal last
            for batch in batches:
                store.append(*batch)
            assert runner.run(store.settled())
            with engine.connect() as connection:
                found = connection.exec_driver_sql(
                    f"SELECT id, sequence, kind FROM facts WHERE id > {last} ORDER BY id"
                ).all()
            assert [row.kind for row in found] == [fact.kind for batch in batches for fact in batch]
            sequence = [row.sequence for row in found]
            assert sequence == sorted(set(sequence))
            last = found[-1].id if found else last

        check()
        engine.dispose()
        runner.run(store.close())


async def _started(url: str) -> Store:
    store = Store(url, "a")
    await store.start()
    return store


# --- append-only ---
def test_no_line_of_the_room_changes_or_removes_a_fact_but_an_erasures() -> None:
    """By the source: `update` and `delete` are never given the table of facts, but in the one place
    that takes personal details out (chain.replace_details)."""
    touched = []
    for file in files_under("protocol_store"):
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(call, ast.Call):
                continue
            name = (
                call.func.attr if isinstance(call.func, ast.Attribute) else ast.unparse(call.func)
            )
            names = {one.id for one in ast.walk(call) if isinstance(one, ast.Name)}
            facts = names & {"facts", "facts_table"}
            if name in ("update", "delete", "upsert") and facts:
                touched.append((shown(file), name, ast.unparse(call)))
    assert touched == [("protocol_store/chain.py", "update", "update(facts)")]


async def test_a_whole_life_leaves_the_first_facts_as_they_were(
    new_store: NewStore, database_url: str
) -> None:
    """By the database: see also conftest.py, which looks at every statement of every test."""
    store = await new_store("a")
    await open_call(store, "boot-1")
    store.append(offered("boot-1", "1-1", "ana"))
    await store.settled()
    before = rows(database_url, "SELECT * FROM facts ORDER BY id")
    await open_call(store, "boot-1")
    store.append(offer_ended("boot-1", "1-1", "ana", "answered"))
    await store.close()
    again = await new_store("a")
    await open_call(again, "boot-1")
    assert rows(database_url, "SELECT * FROM facts ORDER BY id")[: len(before)] == before


async def test_the_key_of_a_fact_is_its_run_and_count(store: Store, database_url: str) -> None:
    engine = make_engine(database_url)
    unique = inspect(engine).get_unique_constraints("facts")
    engine.dispose()
    assert [one["column_names"] for one in unique] == [["writer", "sequence"]]
