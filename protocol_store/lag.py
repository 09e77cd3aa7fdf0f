"""How far the database is behind what happened, and how the journal keeps up."""

from __future__ import annotations

from dataclasses import dataclass

from terms.names import Seconds


@dataclass(frozen=True, slots=True)
class Lag:
    """`count` facts are not in the database yet, the oldest of them since `oldest_seconds`; all
    but `journal_waiting` of them are safe on this machine's disk."""

    count: int
    oldest_seconds: Seconds
    refused: int  # facts lost because too many were waiting; each time an error is logged
    failing: bool  # whether the database refused the last try
    journal_waiting: int
    journal_seconds: Seconds  # how long the first of those has waited
    journal_failing: bool  # whether the disk refused the last try
    journal_bytes: int
    disk_free: int  # bytes, where the journal lies
    numbers_left: int  # protocol numbers at hand without the database
