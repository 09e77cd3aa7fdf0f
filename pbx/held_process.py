"""A process held by a pidfd: its number may be given to another, what we hold may not."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import weakref

from terms.names import Seconds


class HeldProcess:
    """A process that we may end: ours by birth, or adopted. Never another with the same number."""

    def __init__(self, pid: int, child: subprocess.Popen[bytes] | None) -> None:
        self.pid = pid
        self._child = child
        self._descriptor = os.pidfd_open(pid)
        # Closed with the last reference: several threads ask, and none may find it closed.
        weakref.finalize(self, os.close, self._descriptor)

    def ended(self, seconds: Seconds) -> bool:
        """Whether it has ended, waiting for that at most so long; a child is reaped."""
        poll = select.poll()
        poll.register(self._descriptor, select.POLLIN)
        if not poll.poll(seconds * 1000):
            return False
        if self._child is not None:
            self._child.wait()
        return True

    def send(self, number: signal.Signals) -> None:
        """Send a signal; nothing happens when it has ended."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._descriptor, number)
