"""What /metrics needs of the journal."""

from __future__ import annotations

from dataclasses import dataclass

from terms.names import Seconds


@dataclass(frozen=True, slots=True)
class JournalGauges:
    """How the journal keeps up: what is durable before the database has it."""

    waiting: int  # facts that are not on the disk yet …
    seconds: Seconds  # … and how long the first of them has waited
    up: bool  # the disk took the last ones
    size: int  # bytes of all its files
    disk_free: int  # bytes, where they lie
    numbers: int  # protocol numbers at hand without the database
