"""The mirror on a real Redis: what is written, and how soon it is right after every fault."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Iterator

import pytest
from mirror_bed import Board, became, published, read, right, shows, until
from redis_server import RedisServer, free_port

from floor_mirror import Address, MirrorReader, MirrorTrouble, Publisher, Trouble
from floor_mirror.guard import connected
from floor_mirror.keys import CHANGES, KEYS
from floor_mirror.publisher import MirrorState
from terms.limits import MIRROR_BUDGET, MIRROR_EVERY, MIRROR_KEPT

pytestmark = pytest.mark.redis


@pytest.fixture
def server() -> Iterator[RedisServer]:
    made = RedisServer()
    made.start()
    yield made
    made.close()


async def test_what_changes_is_read_at_once_and_told_of(server: RedisServer) -> None:
    board = Board()
    async with published(server, board) as publisher:
        await right(server, board)
        async with MirrorReader.opened(Address("127.0.0.1", server.port)) as reader:
            board.waiting, board.queues["fila1"] = 7, {"waiting": 7}
            del board.agents["agente4"]
            publisher.touch()
            began = time.monotonic()
            assert await reader.change(2.0)
            assert shows(board, await reader.read())
            assert time.monotonic() - began < 1.0
    assert all(0 < int(server.say("TTL", key)) <= MIRROR_KEPT for key in KEYS)


async def test_a_message_names_what_changed(server: RedisServer) -> None:
    board = Board()
    async with published(server, board) as publisher:
        await right(server, board)
        async with connected(Address("127.0.0.1", server.port)) as hears:
            await hears.subscribe(CHANGES)
            await asyncio.sleep(0.1)
            board.agents["agente1"] = {"state": "talking"}
            publisher.touch()
            messages = [json.loads(await hears.heard(2.0) or "{}") for _ in range(3)]
    named = [message for message in messages if message["agents"]]
    assert [(one["agents"], one["queues"], one["epoch"]) for one in named] == [(["agente1"], [], 1)]
    assert [one["sequence"] for one in messages] == sorted(one["sequence"] for one in messages)


async def test_many_changes_are_few_writes_and_each_writes_what_changed(
    server: RedisServer,
) -> None:
    board = Board(agents=1000)
    async with published(server, board) as publisher:
        await right(server, board)
        server.say("CONFIG", "RESETSTAT")
        for number in range(1000):
            board.waiting = number
            publisher.touch()
            await asyncio.sleep(0.001)
        await right(server, board)
        told = server.say("INFO", "stats")
    read_bytes = next(int(x.split(":")[1]) for x in told.splitlines() if "net_input_bytes" in x)
    counts = server.say("INFO", "commandstats")
    assert read_bytes < 20_000, "one floor of 1,000 agents is 30,000 bytes"
    writes = int(counts.split("cmdstat_evalsha:calls=")[1].split(",")[0])
    assert writes <= 3 / MIRROR_EVERY


async def test_redis_absent_at_the_start_and_killed_under_way(
    server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.kill()
    board = Board()
    with caplog.at_level(logging.INFO):
        async with published(server, board) as publisher:
            await became(publisher, MirrorState.ABSENT)
            server.start()
            assert await right(server, board) < 5.0
            server.kill()
            board.waiting = 3
            publisher.touch()
            await became(publisher, MirrorState.ABSENT)
            server.start()
            assert await right(server, board) < 5.0
            assert publisher.state is MirrorState.UP
    noise = [one for one in caplog.records if one.name in ("asyncio", "asyncio_redis")]
    assert not noise
    assert len(caplog.records) <= 4, "states are logged when they change, not at every try"


async def test_redis_frozen_costs_nobody_a_moment(server: RedisServer) -> None:
    board = Board()
    async with published(server, board) as publisher:
        await right(server, board)
        server.freeze()
        try:
            worst, began = 0.0, time.monotonic()
            while time.monotonic() - began < 2.5:
                at = time.monotonic()
                board.waiting += 1
                publisher.touch()
                await asyncio.sleep(0.01)
                worst = max(worst, time.monotonic() - at - 0.01)
            assert worst < 0.2
            assert publisher.state is MirrorState.SILENT
            assert publisher.age > 2.0
        finally:
            server.thaw()
        assert await right(server, board) < 5.0
        assert publisher.age < 2.0


async def test_redis_full_without_eviction(server: RedisServer) -> None:
    board = Board()
    async with published(server, board) as publisher:
        await right(server, board)
        server.say("CONFIG", "SET", "maxmemory-policy", "noeviction")
        server.say("CONFIG", "SET", "maxmemory", "1")
        board.waiting, board.agents = 9, {f"novo{n}": {"state": "idle"} for n in range(50)}
        publisher.touch()
        await became(publisher, MirrorState.FULL)
        server.say("CONFIG", "SET", "maxmemory", "0")
        assert await right(server, board) < 5.0


async def test_a_wrong_password_is_told_and_a_right_one_works() -> None:
    server = RedisServer(password="certa")
    server.start()
    try:
        board = Board()
        for wrong in ("errada", ""):
            async with published(server, board, password=wrong) as publisher:
                await became(publisher, MirrorState.REFUSED)
        async with published(server, board, password="certa"):
            assert await right(server, board) < 5.0
    finally:
        server.close()


async def test_a_password_that_is_set_right_later_is_taken(server: RedisServer) -> None:
    board = Board()
    async with published(server, board, password="nova") as publisher:
        await became(publisher, MirrorState.REFUSED)
        server.say("CONFIG", "SET", "requirepass", "nova")
        server.password = "nova"
        assert await right(server, board) < 5.0


@pytest.mark.parametrize(
    "loss", [("FLUSHALL",), *(("DEL", key) for key in KEYS), ("SCRIPT", "FLUSH")]
)
async def test_flushed_or_robbed_of_a_key(server: RedisServer, loss: tuple[str, ...]) -> None:
    board = Board()
    async with published(server, board):
        await right(server, board)
        server.say(*loss)
        board.waiting = 4  # nobody touches: the heart finds it
        assert await right(server, board) < 5.0


async def test_an_old_leader_never_writes_over_a_newer_floor(server: RedisServer) -> None:
    old, new = Board(), Board()
    old.waiting, new.waiting = 1, 2
    async with published(server, old, epoch=7) as older:
        await right(server, old, epoch=7)
        async with published(server, new, epoch=8) as newer:
            await right(server, new, epoch=8)
            for _ in range(10):
                older.touch()
                newer.touch()
                await asyncio.sleep(0.1)
                assert shows(new, await read(server), epoch=8)
            await became(older, MirrorState.NEWER)
            server.say("FLUSHALL")
            await right(server, new, epoch=8)
        for _ in range(10):  # the newer one stopped: what it left still stands
            older.touch()
            await asyncio.sleep(0.05)
            assert shows(new, await read(server), epoch=8)


async def test_a_frozen_one_s_late_write_changes_nothing(server: RedisServer) -> None:
    """A write that Redis finds in its buffers when it thaws is older than what stands there."""
    board = Board()
    async with published(server, board) as publisher:
        await right(server, board)
        for _ in range(2):
            server.freeze()
            board.waiting += 1
            publisher.touch()
            await asyncio.sleep(MIRROR_BUDGET * 1.3)
            board.waiting += 1
            server.thaw()
            await right(server, board)
        await asyncio.sleep(1.0)
        assert shows(board, await read(server))


async def test_every_call_ends_within_its_budget(server: RedisServer) -> None:
    address = Address("127.0.0.1", server.port)
    async with connected(address) as redis:
        server.freeze()
        try:
            began = time.monotonic()
            with pytest.raises(MirrorTrouble) as found:
                await redis.hash("x")
            assert found.value.trouble is Trouble.SILENT
            with pytest.raises(MirrorTrouble):
                async with connected(address):
                    pass
            assert time.monotonic() - began < 2 * MIRROR_BUDGET + 0.5
        finally:
            server.thaw()


async def test_nobody_listens_there() -> None:
    began = time.monotonic()
    with pytest.raises(MirrorTrouble) as found:
        async with connected(Address("127.0.0.1", free_port())):
            pass
    assert found.value.trouble is Trouble.ABSENT
    assert time.monotonic() - began < MIRROR_BUDGET + 0.5


async def test_a_picture_that_fails_is_no_end(server: RedisServer) -> None:
    board, broken = Board(), [True]

    def take() -> object:
        if broken[0]:
            raise KeyError("a mistake of ours")
        return board.content()

    publisher = Publisher(Address("127.0.0.1", server.port), 1, take)  # type: ignore[arg-type]
    running = asyncio.create_task(publisher.run())
    await until(lambda: publisher.state is MirrorState.BROKEN)
    broken[0] = False
    await right(server, board)
    running.cancel()


async def test_an_empty_redis_has_no_floor(server: RedisServer) -> None:
    assert await read(server) is None
