"""Calls while the mirror's Redis is frozen, killed and flushed: they notice nothing, and the mirror
is right again within five seconds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from calls_bed import OnTheLine, ended, on_the_line, soon, stored
from centre_bed import Centre
from redis_server import RedisServer, found

from floor_mirror import Address, MirrorReader, MirrorTrouble

pytestmark = [
    pytest.mark.switch,
    pytest.mark.skipif(not found(), reason="there is no redis-server: make setup"),
]

RUNG_WITHIN = 1.5
"""Seconds from the queue to the ringing phone of an agent who was free all the while."""
RIGHT_WITHIN = 5.0


async def _served(line: OnTheLine, agent: Any, count: int) -> float:
    """A call on 199 to this agent, and its end; how long the agent's phone took to ring."""
    citizen = await line.dial("199")
    queued = await stored(line.centre, citizen.caller, "queued")
    ringing = await line.rung(agent, count)
    await ringing.pick_up()
    await stored(line.centre, citizen.caller, "answered")
    await asyncio.sleep(0.5)
    await ringing.hang_up()
    await citizen.line.over(8)
    story = await ended(line.centre, citizen.caller)
    assert story.call["outcome"] == "served"
    await soon(lambda: line.of(agent.name)["state"] == "idle", 8, "the agent's rest")
    return float(story.of("offer_made")[0]["at"] - queued["at"])


async def _mirrored(server: RedisServer) -> dict[str, Any] | None:
    try:
        async with MirrorReader.opened(Address("127.0.0.1", server.port)) as reader:
            seen = await reader.read()
    except MirrorTrouble:
        return None
    return None if seen is None else dict(seen.content.agents)


async def _right(line: OnTheLine, server: RedisServer, agent: str, status: str) -> float:
    """How long until the mirror shows the agent's status."""
    began = time.monotonic()
    while time.monotonic() - began < RIGHT_WITHIN:
        seen = await _mirrored(server)
        if seen is not None and seen.get(agent, {}).get("status") == status:
            return time.monotonic() - began
        await asyncio.sleep(0.05)
    raise AssertionError(f"the mirror is not right within {RIGHT_WITHIN} s")


@asynccontextmanager
async def _frozen(server: RedisServer) -> AsyncIterator[None]:
    server.freeze()
    try:
        yield
    finally:
        server.thaw()


async def test_calls_go_on_whatever_becomes_of_the_mirror(
    calls_centre: Centre, mirror_server: RedisServer
) -> None:
    def epoch() -> int:
        return int(calls_centre.get("/v1/health")["epoch"])

    def mirror() -> str:
        return str(calls_centre.get("/v1/health")["mirror"])

    async with on_the_line(calls_centre) as line:
        agent = await line.agent("espelhada", "e199_risco")
        began = epoch()
        await _right(line, mirror_server, agent.name, "available")
        async with _frozen(mirror_server):
            assert await _served(line, agent, 1) < RUNG_WITHIN
            await soon(lambda: mirror() == "silent", 5, "the mirror's silence")
            await asyncio.to_thread(calls_centre.post, f"/v1/agents/{agent.name}/logout")
        await _right(line, mirror_server, agent.name, "logged_out")
        mirror_server.kill()
        await line.on_duty(agent.name)
        assert await _served(line, agent, 2) < RUNG_WITHIN
        mirror_server.start()
        await _right(line, mirror_server, agent.name, "available")
        mirror_server.say("FLUSHALL")
        await _right(line, mirror_server, agent.name, "available")
        assert mirror() == "up"
        assert epoch() == began
