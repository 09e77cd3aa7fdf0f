"""The recordings that the switch leaves: a folder a day, a file a call."""

from __future__ import annotations

import wave
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from terms.names import CallId, Instant, Seconds


@dataclass(frozen=True, slots=True)
class Recordings:
    """Finds and measures recordings; blocking, reads the disk."""

    folder: Path

    def find(self, call: CallId, at: Instant) -> Path | None:
        """The file of a call that began at `at`; None when there is none.

        The day in the path is the switch's own, so the neighbouring days are looked at too.
        """
        day = datetime.fromtimestamp(at, UTC)
        for days in (0, -1, 1):
            name = (day + timedelta(days=days)).strftime("%Y-%m-%d")
            file = self.folder / name / f"{call}.wav"
            if file.exists():
                return file
        return None

    def seconds(self, file: Path) -> Seconds:
        """Its length; 0.0 when it holds no sound or cannot be read as one."""
        try:
            with wave.open(str(file), "rb") as sound:
                return sound.getnframes() / sound.getframerate()
        except (wave.Error, EOFError, OSError):
            return 0.0
