"""What the fast voice said, kept for the next caller who is to hear the same.

A file's name is a digest of the words, keyed with a secret of this installation: whoever sees the
folder cannot try out whose street it is. Files are for their owner's eyes, few, and short-lived.
"""

from __future__ import annotations

import contextlib
import hmac
import os
import secrets
import time
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from terms.limits import LIVE_KEPT, LIVE_KEPT_AT_LEAST, LIVE_KEPT_SECONDS, PROMPT_RATE
from terms.names import Seconds
from voice.telephone import wav

SECRET = ".segredo"
SECRET_BYTES = 32
OWNER_ONLY = 0o600


@dataclass(slots=True)
class _Kept:
    seconds: Seconds
    made: float
    used: float


class Cache:
    """One folder. All methods block shortly; only `find` is for the event loop: it touches no disk.

    `most` values are kept, each for `seconds`; but none is removed that was asked for within
    LIVE_KEPT_AT_LEAST, for a call may be playing it.
    """

    def __init__(
        self, folder: Path, most: int = LIVE_KEPT, seconds: Seconds = LIVE_KEPT_SECONDS
    ) -> None:
        self._folder, self._most, self._seconds = folder, most, seconds
        self._kept: dict[str, _Kept] = {}
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._secret = _secret(folder / SECRET)
        self._take_in()

    def find(self, language: str, words: str) -> tuple[str, Seconds] | None:
        """The path without extension and the length of what says these words; None: not kept."""
        name = self._name(language, words)
        kept = self._kept.get(name)
        if kept is None or time.time() - kept.made > self._seconds:
            return None
        kept.used = time.time()
        return str(self._folder / name), kept.seconds

    def keep(self, language: str, words: str, samples: bytes) -> tuple[str, Seconds]:
        """Write what says these words; as `find`. OSError when the disk refuses."""
        name = self._name(language, words)
        fresh = self._folder / f"{name}.{secrets.token_hex(4)}.new"
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
        try:
            with open(descriptor, "wb") as opened:
                opened.write(wav(samples))
            fresh.replace(self._folder / f"{name}.wav")
        except OSError:
            fresh.unlink(missing_ok=True)
            raise
        now = time.time()
        kept = self._kept[name] = _Kept(len(samples) / 2 / PROMPT_RATE, now, now)
        self.tidy()
        return str(self._folder / name), kept.seconds

    def tidy(self) -> None:
        """Remove what is too old or too much, the longest unused first."""
        now = time.time()
        idle = [
            (kept.used, name)
            for name, kept in tuple(self._kept.items())
            if now - kept.used > LIVE_KEPT_AT_LEAST
        ]
        too_many = len(self._kept) - self._most
        for place, (_, name) in enumerate(sorted(idle)):
            if place < too_many or now - self._kept[name].made > self._seconds:
                self._kept.pop(name, None)
                (self._folder / f"{name}.wav").unlink(missing_ok=True)

    def _name(self, language: str, words: str) -> str:
        return hmac.new(self._secret, f"{language}:{words}".encode(), sha256).hexdigest()

    def _take_in(self) -> None:
        """What an earlier run left; half-written files go."""
        for file in self._folder.iterdir():
            if file.suffix == ".new":
                file.unlink(missing_ok=True)
            elif file.suffix == ".wav":
                with contextlib.suppress(OSError):
                    found = file.stat()
                    seconds = max(found.st_size - len(wav(b"")), 0) / 2 / PROMPT_RATE
                    self._kept[file.stem] = _Kept(seconds, found.st_mtime, found.st_mtime)
        self.tidy()


def _secret(file: Path) -> bytes:
    """This installation's secret, made the first time."""
    with contextlib.suppress(FileExistsError):
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
        with open(descriptor, "wb") as opened:
            opened.write(secrets.token_bytes(SECRET_BYTES))
    return file.read_bytes()
