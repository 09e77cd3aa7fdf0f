"""The example database: what example.sql says, made once where it is missing."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

SCRIPT = Path(__file__).with_name("example.sql")


def create_example(path: Path) -> None:
    """Make the example database, whole or not at all; one that is there stays as it is.

    Raises OSError or sqlite3.Error if the disk refuses.
    """
    if path.exists():
        return
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with closing(sqlite3.connect(draft)) as made:
            made.executescript(SCRIPT.read_text(encoding="utf-8"))
        draft.rename(path)
    finally:
        draft.unlink(missing_ok=True)
