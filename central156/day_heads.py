"""Signs where the chain of facts stands, every few minutes and at the end of each day, and follows
the new facts of its site as it goes (`store verify` looks at all of them).

A signed head is also written to a file beside the database (`heads/` in the state folder): whoever
has the database alone can then neither cut off its end nor make the chain anew without being
found out: what contradicts those files is not signed, and an alarm. Better still is a copy
elsewhere: `central156 store head`.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Final

from central156.settings import Settings
from protocol_store import Store, StoreError
from protocol_store.heads import Head, read_head
from terms.limits import CHAIN_ROWS, HEAD_SIGNED_EVERY
from vault.signing import SecretUnfit, Signer, holds

log = logging.getLogger(__name__)

SECRET: Final = "chain_key"
KNOWN: Final = "chain_keys"
"""Public keys that this installation vouches for beside its own, a line each: its earlier ones,
and those of other sites that a person trusts."""
ASIDE: Final = "antes-da-restauracao"
"""The folder, beside the heads, of those that were left behind by a restored copy."""
LOOKS: Final = 40  # questions of one turn: the next turn goes on


def signer_of(settings: Settings) -> Signer | None:
    """The key of this installation; None when there is none, or none that serves."""
    try:
        return Signer(settings.secret(SECRET))
    except (OSError, SecretUnfit) as trouble:
        log.error("no key to sign with: %s", type(trouble).__name__)
        return None


def known_keys(settings: Settings) -> set[str]:
    """The public keys whose signatures count here."""
    signer, file = signer_of(settings), settings.secrets_dir / KNOWN
    listed = file.read_text(encoding="utf-8").split() if file.exists() else []
    return {*listed, *([signer.key] if signer else [])}


def vouch_for(settings: Settings, keys: Iterable[str]) -> None:
    """Add to the keys that count here. OSError."""
    new = sorted(set(keys) - known_keys(settings))
    with (settings.secrets_dir / KNOWN).open("a", encoding="utf-8") as file:
        file.writelines(f"{key}\n" for key in new)


def kept_heads(folder: Path) -> list[Head]:
    """The heads that were written to this folder, in the order of their names.

    A file that is no head is left out: what it would have told is then not known.
    """
    return [head for _, head in _read(folder)]


def _read(folder: Path) -> Iterator[tuple[Path, Head]]:
    for file in sorted(folder.glob("*.json")):
        try:
            yield file, read_head(json.loads(file.read_text(encoding="utf-8")))
        except (OSError, ValueError) as trouble:
            log.error("not a head: %s", type(trouble).__name__, extra={"file": file.name})


def keep_heads(folder: Path, heads: Iterable[Head]) -> None:
    """Write each day's newest head to its own file, whole or not at all. OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    for head in heads:
        file = folder / f"{head.site}-{head.day}.json"
        fresh = file.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as opened:
            json.dump(head.exported(), opened, indent=2)
            opened.write("\n")
            opened.flush()
            os.fsync(opened.fileno())
        fresh.replace(file)


def set_aside(folder: Path, heads: Collection[Head]) -> None:
    """Heads of facts that a restored copy does not have: they stay, and count no more. OSError."""
    for file, head in _read(folder):
        if head in heads:
            (folder / ASIDE).mkdir(mode=0o700, exist_ok=True)
            file.replace(folder / ASIDE / file.name)


class DayHeads:
    """The task of the control process. `run` it until it is cancelled."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store, self._folder = store, settings.heads_dir
        self._signer = signer_of(settings)
        self._keys = known_keys(settings)

    async def run(self) -> None:
        """Look and sign, now and every HEAD_SIGNED_EVERY."""
        while True:
            try:
                await self.turn()
            except (StoreError, OSError) as trouble:
                log.warning("the chain was not signed", extra={"why": type(trouble).__name__})
            await asyncio.sleep(HEAD_SIGNED_EVERY)

    async def turn(self) -> None:
        """Follow what is new, then sign where the chain stands. StoreError, OSError."""
        before = self._store.heads.broken
        agrees = await self._store.heads.agree_with(await asyncio.to_thread(self._kept))
        for _ in range(LOOKS):
            if await self._store.heads.look() < CHAIN_ROWS:
                break
        if self._store.heads.broken > before:
            log.critical("stored facts were changed", extra={"count": self._store.heads.broken})
        if self._signer is not None and agrees:
            signed = await self._store.heads.sign(self._signer.sign)
            await asyncio.to_thread(keep_heads, self._folder, signed)

    def _kept(self) -> list[Head]:
        """The heads in the folder that somebody we know has signed. Blocking."""
        heads = kept_heads(self._folder)
        return [
            one
            for one in heads
            if one.key in self._keys and holds(one.key, one.signature, one.said())
        ]
