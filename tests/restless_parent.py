"""`central156 …`, whose parent starts a dead control again soon, however often it dies:

    python -m restless_parent --pasta FOLDER run

A real one waits longer each time, up to 10 s, and so most kills of a series would find nobody
there. Everything else is as it is.
"""

from __future__ import annotations

from terms import limits

SOON = 0.5

if __name__ == "__main__":
    limits.RESTART_WAIT_LAST = SOON  # type: ignore[misc]
    from central156.cli import main

    main()
