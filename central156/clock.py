"""The one clock: wall time at the start of the process, carried on by the monotonic clock."""

from __future__ import annotations

import time

_ANCHOR = time.time() - time.monotonic()


def now() -> float:
    """Seconds since 1970 (UTC) that never go back while this process lives."""
    return _ANCHOR + time.monotonic()
