"""Who a journal is: the numbers that it holds, and how a copy of it is told from itself.

`identity.json` in the journal's folder, written anew (durable, then renamed) at each change:

    token, next_token   who holds the journal's blocks in the database. Each start draws another,
                        so a copy from before the last start has one that the database has no more
    clean               the last run ended in good order. Otherwise it was killed, or this is a copy
                        that was made while it ran
    boot                of the machine, when the last run began
    blocks, highest     the numbers that are held, and the end of the highest ever known
    whole_since         from this instant on, the journal knows every call that was opened

protocols.py decides with the database what may go on (ADR 0019 says why this is enough).
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from protocol_store.journal_segments import sync_folder, write_all
from terms.names import Instant

FILE: Final = "identity.json"
BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Identity:
    """See the file's top. A block is (next number, first number that is not ours any more)."""

    token: str
    next_token: str = ""
    clean: bool = True
    boot: str = ""
    blocks: tuple[tuple[int, int], ...] = ()
    highest: int = 0
    whole_since: Instant = 0.0

    def holders(self) -> frozenset[str]:
        """The tokens by which the database may know it: a crash can come between the two writes
        of a start."""
        return frozenset(filter(None, (self.token, self.next_token)))


def new_token(node: str) -> str:
    """A name that nobody else has."""
    return f"{node}/{secrets.token_hex(8)}"


def boot_id() -> str:
    """Which start of the machine this is; '' where the system does not say."""
    try:
        return BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""


def read_identity(folder: Path) -> Identity | None:
    """Who the journal in this folder is; None if it is new, or nothing that can be believed."""
    try:
        said: Any = json.loads((folder / FILE).read_text(encoding="utf-8"))
        blocks = tuple((int(start), int(end)) for start, end in said["blocks"])
        return Identity(
            token=str(said["token"]),
            next_token=str(said["next_token"]),
            clean=bool(said["clean"]),
            boot=str(said["boot"]),
            blocks=blocks,
            highest=int(said["highest"]),
            whole_since=float(said["whole_since"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_identity(folder: Path, identity: Identity) -> None:
    """Keep it, durable. OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = folder / f"{FILE}.new"
    opened = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        write_all(opened, json.dumps(asdict(identity), indent=1).encode("ascii"))
        os.fsync(opened)
    finally:
        os.close(opened)
    fresh.rename(folder / FILE)
    sync_folder(folder)
