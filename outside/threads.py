"""Work that may block, on a thread that nobody has to wait for.

Not an executor: its threads are waited for when the process ends, and the loop's own executor is
shared with everybody else. A thread here is a daemon, one for each question; how many there may
be is the asker's business (asking.py holds a place for each until it is really over).
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


def in_thread(work: Callable[[], Result]) -> asyncio.Future[Result]:
    """Begin `work`; its result or exception comes on the loop that is running now."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Result] = loop.create_future()

    def deliver(settle: Callable[[], None]) -> None:
        if not future.done():
            settle()

    def run() -> None:
        settle: Callable[[], None]
        try:
            result = work()
        except BaseException as problem:
            kept = problem  # the name `problem` is gone after this block
            settle = lambda: future.set_exception(kept)  # noqa: E731
        else:
            settle = lambda: future.set_result(result)  # noqa: E731
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits there
            loop.call_soon_threadsafe(deliver, settle)

    threading.Thread(target=run, name="outside", daemon=True).start()
    return future
