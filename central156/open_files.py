"""How many files and sockets a process may hold: a caller who waits is a socket of control's, and
the usual 1,024 would turn callers away to the static path long before the trunk is full."""

from __future__ import annotations

import contextlib
import resource

from terms.limits import OPEN_FILES


def allow_open_files(wanted: int = OPEN_FILES) -> int:
    """Raise this process's limit to `wanted`, or as far as it may go; the limit then."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
