"""Every call has one number, no number has two calls, whoever asks, however it ends."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from store_bed import AT, NewStore, execute, open_call, rows

from protocol_store import NumbersExhausted, Store, schema
from protocol_store.engines import make_engine
from protocol_store.protocols import FIRST_NUMBER, draw, leave_gap
from terms import limits
from terms.protocol_number import DIGITS, RESCUE_FIRST, is_protocol, protocol_of


async def test_a_number_is_durable_valid_and_the_first_of_its_block(
    store: Store, database_url: str
) -> None:
    protocol = await open_call(store, "boot-1")
    assert is_protocol(protocol)
    assert protocol == protocol_of(FIRST_NUMBER)
    assert await store.settled()
    found = rows(database_url, "SELECT protocol, call_id, ordinal, issuer FROM protocols")
    assert found == [(protocol, "boot-1", 0, "block")]


async def test_numbers_follow_one_another_in_the_order_of_the_calls(store: Store) -> None:
    given = [await open_call(store, f"boot-{number}") for number in range(20)]
    assert given == [protocol_of(FIRST_NUMBER + number) for number in range(20)]


async def test_a_call_that_asks_twice_gets_the_same_number(store: Store, database_url: str) -> None:
    first = await open_call(store, "boot-1")
    at_once = await asyncio.gather(*(open_call(store, "boot-1") for _ in range(10)))
    assert {first, *at_once} == {first}
    assert await store.settled()
    assert rows(database_url, "SELECT kind FROM facts ORDER BY id") == [
        ("call_arrived",),
        ("protocol_given",),
    ]


async def test_two_nodes_at_once_never_give_the_same_number(new_store: NewStore) -> None:
    nodes = [await new_store("a"), await new_store("b")]
    calls = [
        (node, f"boot-{number}-{index}")
        for number in range(100)
        for index, node in enumerate(nodes)
    ]
    given = await asyncio.gather(*(open_call(node, call) for node, call in calls))
    assert len(set(given)) == len(calls)
    assert all(is_protocol(protocol) for protocol in given)


async def test_the_same_call_on_two_nodes_leads_to_one_story(
    new_store: NewStore, database_url: str
) -> None:
    """Neither waits for the database, so at once each gives a number: none is lost."""
    nodes = [await new_store("a"), await new_store("b")]
    for number in range(20):
        given = await asyncio.gather(*(open_call(node, f"boot-{number}") for node in nodes))
        assert given[0] != given[1]
        for node in nodes:
            assert await node.settled()
        for protocol in given:
            story = await nodes[0].story(protocol)
            assert story is not None
            assert story.call.call == f"boot-{number}"
            assert sorted(one.ordinal or 0 for one in story.protocols) == [0, 1]
    assert rows(database_url, "SELECT count(*) FROM protocols") == [(40,)]
    assert rows(database_url, "SELECT count(*) FROM facts WHERE violation IS NOT NULL") == [(0,)]


async def test_a_node_that_begins_later_knows_the_calls_of_another(new_store: NewStore) -> None:
    """Its own journal cannot know them: they are looked for in the database."""
    first = await new_store("a")
    protocol = await open_call(first, "boot-1")
    assert await first.settled()
    later = await new_store("b")
    assert await open_call(later, "boot-1") == protocol
    assert await open_call(later, "boot-2") != protocol


async def test_what_is_left_of_a_block_is_used_by_the_nodes_next_run(new_store: NewStore) -> None:
    first = await new_store("a")
    await open_call(first, "boot-1")
    await first.close()
    second = await new_store("a")
    assert await open_call(second, "boot-2") == protocol_of(FIRST_NUMBER + 1)


async def test_a_block_is_not_left_to_another_node(new_store: NewStore) -> None:
    first = await new_store("a")
    await open_call(first, "boot-1")
    await first.close()
    other = await new_store("b")
    ahead = limits.NUMBERS_AHEAD + limits.PROTOCOL_BLOCK
    assert await open_call(other, "boot-2") == protocol_of(FIRST_NUMBER + ahead)


async def test_a_run_goes_from_block_to_block(
    new_store: NewStore, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "PROTOCOL_BLOCK", 3)
    monkeypatch.setattr(limits, "NUMBERS_AHEAD", 1)
    store = await new_store("a")
    given = await asyncio.gather(*(open_call(store, f"boot-{number}") for number in range(10)))
    assert sorted(given) == [protocol_of(FIRST_NUMBER + number) for number in range(10)]
    assert rows(database_url, "SELECT count(*) > 2 FROM protocol_blocks") == [(True,)]
    assert rows(database_url, "SELECT count(DISTINCT holder) FROM protocol_blocks") == [(1,)]


async def test_numbers_never_reach_the_rescue_range(new_store: NewStore, database_url: str) -> None:
    await (await new_store("z")).close()
    execute(
        database_url,
        f"UPDATE protocol_blocks SET size = {RESCUE_FIRST - 2 - FIRST_NUMBER}",
    )
    store = await new_store("a")
    given = [await open_call(store, f"boot-{number}") for number in range(2)]
    assert [int(protocol[:DIGITS]) for protocol in given] == [RESCUE_FIRST - 2, RESCUE_FIRST - 1]
    with pytest.raises(NumbersExhausted):
        await open_call(store, "boot-2")
    # The calls that have a number are none the worse for it.
    assert await open_call(store, "boot-0") == given[0]


async def test_every_epoch_is_greater_than_all_before(new_store: NewStore) -> None:
    nodes = [await new_store("a"), await new_store("b")]
    taken = [await node.take_epoch() for node in nodes for _ in range(3)]
    assert taken == sorted(set(taken))
    at_once = await asyncio.gather(*(node.take_epoch() for node in nodes * 5))
    assert len(set(at_once)) == 10
    assert min(at_once) > max(taken)


WRITES_FOR_EVER = """
import asyncio, itertools, sys
from pathlib import Path
from protocol_store import Store
from store_bed import node, open_call

async def write() -> None:
    store = Store(sys.argv[1], "a", journal=Path(sys.argv[3]))
    await store.start()
    for number in itertools.count(int(sys.argv[2])):
        protocol = await open_call(store, f"boot-{number}")
        print(number, protocol, flush=True)
        store.append(node("boot-x", number), node("boot-x", -number))

asyncio.run(write())
"""


async def test_killed_in_the_middle_of_writing(
    new_store: NewStore, database_url: str, journal: Path
) -> None:
    """Three times over: what was told stays, nothing is told twice, facts have no gap."""
    told: dict[str, str] = {}
    for round_number in range(3):
        lines = await asyncio.to_thread(_write_until_killed, database_url, round_number, journal)
        for line in lines:
            number, protocol = line.split()
            assert protocol not in told.values()
            told[f"boot-{number}"] = protocol
    store = await new_store("a")
    for call, protocol in told.items():
        assert await open_call(store, call) == protocol
    assert await open_call(store, "boot-new") not in told.values()
    stored = rows(database_url, "SELECT call_id, protocol FROM protocols")
    assert told.items() <= dict(stored).items()
    assert len({protocol for _, protocol in stored}) == len(stored)

    found = rows(
        database_url, "SELECT details ->> 'node' FROM facts WHERE call_id = 'boot-x' ORDER BY id"
    )
    nodes = [int(node) for (node,) in found]
    for round_number in range(3):
        start = _first_of_round(round_number)
        mine = [number for number in nodes if start <= abs(number) < start + 100_000]
        written = [sign * number for number in range(start, start + len(mine)) for sign in (1, -1)]
        assert mine == written[: len(mine)]
    assert len(nodes) > 100


def _first_of_round(round_number: int) -> int:
    return 100_000 * (round_number + 1)


def _write_until_killed(url: str, round_number: int, journal: Path) -> list[str]:
    here = Path(__file__).parent
    first = str(_first_of_round(round_number))
    process = subprocess.Popen(
        [sys.executable, "-c", WRITES_FOR_EVER, url, first, str(journal)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": f"{here.parents[1]}:{here.parent}:{here}"},
    )
    assert process.stdout is not None
    try:
        lines = [process.stdout.readline() for _ in range(150)]
    finally:
        process.send_signal(signal.SIGKILL)
    lines += process.stdout.read().splitlines()
    process.wait(10)
    assert all(lines), "it died by itself"
    return [line for line in lines if len(line.split()) == 2]


async def test_the_city_gives_a_number_of_another_run_once_more(
    new_store: NewStore, database_url: str
) -> None:
    async def always_the_same(*_: object) -> str:
        return "700123456"

    for run in ("a", "b"):
        store = await new_store("a")
        store.numbers.issue = always_the_same
        for call in ("1", "2"):
            await open_call(store, f"boot-{run}{call}")
        await store.close()
    found = rows(database_url, "SELECT protocol, call_id FROM protocols ORDER BY issuer, protocol")
    assert found == [
        (protocol_of(FIRST_NUMBER), "boot-a2"),
        (protocol_of(FIRST_NUMBER + 1), "boot-b1"),
        (protocol_of(FIRST_NUMBER + 2), "boot-b2"),
        ("700123456", "boot-a1"),
    ]


@pytest.mark.parametrize(("count", "left_out"), [(1_000, 500), (1, 0), (3_000_000, 1_000_000)])
def test_a_database_set_back_leaves_numbers_out_but_never_all(
    database_url: str, count: int, left_out: int
) -> None:
    engine = make_engine(database_url)
    schema.upgrade(engine)
    numbers = range(FIRST_NUMBER, FIRST_NUMBER + count)
    with engine.begin() as connection:
        leave_gap(connection, "a", numbers, AT)
        first, _ = draw(connection, "a", "holder", numbers, 0, AT, 1)
    engine.dispose()
    assert first == FIRST_NUMBER + left_out
