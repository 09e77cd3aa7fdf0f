"""A citizen waits for something, or leaves."""

from __future__ import annotations

import asyncio

import pytest

from central156.citizen import _unless


async def test_what_comes_is_waited_for() -> None:
    await _unless(asyncio.Event(), asyncio.sleep(0.01))


async def test_leaving_ends_the_wait_at_once() -> None:
    # A call that nobody answers would hold the terminal until somebody logs in.
    leave = asyncio.Event()
    asyncio.get_running_loop().call_later(0.01, leave.set)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(_unless(leave, asyncio.sleep(60)), 5)


async def test_what_goes_wrong_is_told() -> None:
    async def refused() -> None:
        raise ConnectionError("404 Not Found")

    with pytest.raises(ConnectionError, match="404"):
        await _unless(asyncio.Event(), refused())
