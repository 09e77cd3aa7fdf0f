"""The recordings that the switch leaves: a folder a day, a file a call."""

from __future__ import annotations

import contextlib
import wave
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from glob import escape
from pathlib import Path
from zoneinfo import ZoneInfo

from terms.names import CallId, Instant, Seconds


@dataclass(frozen=True, slots=True)
class Recordings:
    """Finds and measures recordings; blocking, reads the disk."""

    folder: Path
    time_zone: str = "America/Sao_Paulo"

    def find(self, call: CallId, at: Instant) -> Path | None:
        """The file of a call that began at `at`; None when there is none.

        The day in the path is the switch's own, so the neighbouring days are looked at too.
        """
        files = (folder / f"{call}.wav" for folder in self._days(at))
        return next((file for file in files if file.exists()), None)

    def messages(self, call: CallId, at: Instant) -> list[Path]:
        """The files of the messages that a call which began at `at` left: in its menu, then to the
        switch alone."""
        name = f"{escape(call)}-recado*.wav"
        return sorted(file for folder in self._days(at) for file in folder.glob(name))

    def consults(self, call: CallId, at: Instant) -> list[Path]:
        """The files of what was said while the citizen was on hold, one a consult."""
        name = f"{escape(call)}-consulta-*.wav"
        return sorted(file for folder in self._days(at) for file in folder.glob(name))

    def all(self) -> list[Path]:
        """Every file that the switch left and nobody has taken away, the oldest day first."""
        return sorted(self.folder.glob("*/*.wav"))

    def forget_empty_days(self) -> None:
        """Remove the folders of days gone by from which all has been taken away."""
        today = datetime.now(UTC)
        kept = {(today + timedelta(days=days)).strftime("%Y-%m-%d") for days in (-1, 0, 1)}
        for day in self.folder.glob("????-??-??"):
            if day.name not in kept:
                with contextlib.suppress(OSError):
                    day.rmdir()

    def of_call(self, call: CallId) -> list[Path]:
        """All files of a call: its talk, its consults, its messages."""
        name = escape(call)
        patterns = (f"*/{name}.wav", f"*/{name}-consulta-*.wav", f"*/{name}-recado*.wav")
        return sorted(file for pattern in patterns for file in self.folder.glob(pattern))

    def message_file(self, call: CallId, at: Instant, number: int) -> Path:
        """Where the call's message of this number is to be recorded at this instant. Reads
        nothing; the day in the path is the city's, as in those that the switch makes."""
        day = datetime.fromtimestamp(at, ZoneInfo(self.time_zone)).strftime("%Y-%m-%d")
        return self.folder.absolute() / day / f"{call}-recado-{number}.wav"

    def _days(self, at: Instant) -> list[Path]:
        day = datetime.fromtimestamp(at, UTC)
        names = ((day + timedelta(days=days)).strftime("%Y-%m-%d") for days in (0, -1, 1))
        return [self.folder / name for name in names]

    def seconds(self, file: Path) -> Seconds:
        """Its length; 0.0 when it holds no sound or cannot be read as one."""
        try:
            with wave.open(str(file), "rb") as sound:
                return sound.getnframes() / sound.getframerate()
        except (wave.Error, EOFError, OSError):
            return 0.0
