"""The right to act: held only by a process that has not been asleep.

A process that was frozen longer than the lease may have been replaced, and its picture of the
floor is old. It acts on nothing any more: it leaves, and its parent starts a fresh one, which
takes every call from where the call's own channel says it stands.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import time
from collections.abc import Callable

from central156.supervisor import HEARTBEAT_VARIABLE
from terms.limits import HEARTBEAT_EVERY
from terms.names import Seconds

log = logging.getLogger(__name__)

EXIT_LEASE_LOST = 75


def leave_at_once() -> None:
    """End this process without another word to the switch."""
    os._exit(EXIT_LEASE_LOST)


class Lease:
    """Renewed by a beat every second; asked before anything is acted on."""

    def __init__(self, seconds: Seconds, lost: Callable[[], None] = leave_at_once) -> None:
        self._seconds = seconds
        self._lost = lost
        self._renewed = time.monotonic()

    def renew(self) -> None:
        """The process is alive. A beat that comes too late loses the lease."""
        self.check()
        self._renewed = time.monotonic()

    def check(self) -> None:
        """Return when the lease is held; otherwise the process ends here."""
        asleep = time.monotonic() - self._renewed
        if asleep > self._seconds:
            log.critical("lease lost", extra={"asleep_seconds": round(asleep, 1)})
            self._lost()


async def beat(lease: Lease) -> None:
    """Renew the lease, and tell the parent that this loop turns."""
    pipe = int(os.environ.get(HEARTBEAT_VARIABLE, "-1"))
    while True:
        lease.renew()
        if pipe >= 0:
            try:
                os.write(pipe, b".")
            except BrokenPipeError:
                # The parent is gone. Its successor starts a control of its own.
                log.critical("the parent process is gone")
                os.kill(os.getpid(), signal.SIGTERM)
                pipe = -1
        await asyncio.sleep(HEARTBEAT_EVERY)
