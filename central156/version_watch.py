"""Watches what callers meet on a new version, and rings when it is worse than the one before.

Facts in, counts by version and line (ivr/comparison.py); at the looks that the sum allows, the
version that was published last is compared with the one before it. An alarm is a fact, stands in
the API and in `doctor`, and goes when another version serves. With `rollback_on_alarm` the centre
goes back by itself, once: only a version that was published is watched, one that was gone back
to is not, so that two versions can never chase each other.

The counts lie in the state folder, written every WATCH_SAVE_EVERY at most: a restart goes on
counting where it was, and loses no more than that.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from callflow.floor_keeper import FloorKeeper
from central156.settings import Settings
from central156.version_cache import FOLDER
from central156.what_serves import PUBLISH
from console.ports import Plain, Refusal
from ivr.comparison import FAILURES, Counts, Trials, is_look, worse
from protocol_store import Served
from terms.facts import Fact, Kind
from terms.limits import VERSIONS_COUNTED, WATCH_SAVE_EVERY

log = logging.getLogger(__name__)

COUNTS_FILE = "contagem.json"
GoBack = Callable[[str], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Rung:
    """An alarm: this version is worse than that one, on this line."""

    version: str
    before: str
    line: str
    because: str
    at: float


class VersionWatch:
    """See the file's top. `go_back(version)`: serve that one again, for this alarm; None = only
    ring."""

    def __init__(
        self, settings: Settings, keeper: FloorKeeper, go_back: GoBack | None = None
    ) -> None:
        self._file = settings.state_dir / FOLDER / COUNTS_FILE
        self._keeper = keeper
        self._go_back = go_back
        self._trials = Trials()
        self._version, self._before = "", ""  # what is watched, against what
        self._serves = ""
        self._rung: Rung | None = None
        self._to_go_back: Rung | None = None
        self._saved_at = 0.0
        self._changed = False

    def start(self, served: Iterable[Served]) -> None:
        """At a start: what serves since when (the newest first), and the counts so far."""
        newest = next(iter(served), None)
        if newest is not None:
            self._serves_now(newest.version, newest.before, newest.how)
        kept = read_counts(self._file)
        self._trials.counts = _counts(kept.get("counts"))
        rung = kept.get("alarm")
        if isinstance(rung, dict) and rung.get("version") == self._version != "":
            told = {name: rung.get(name, "") for name in ("version", "before", "line", "because")}
            self._rung = self._to_go_back = Rung(**told, at=float(rung.get("at") or 0.0))

    def told(self) -> Plain | None:
        """The alarm about the version that serves; None when there is none."""
        return None if self._rung is None else asdict(self._rung)

    def read(self, facts: Iterable[Fact]) -> None:
        """Count what new facts tell. Never raises."""
        facts = tuple(facts)
        for fact in facts:
            if fact.kind is Kind.DIALPLAN_PUBLISHED:
                told = fact.details
                self._serves_now(str(told["version"]), str(told["before"]), str(told["how"]))
                self._changed = True
        for version, line in self._trials.read(facts):
            self._changed = True
            if version == self._version and self._rung is None:
                self._compare(line)

    async def look(self) -> None:
        """Go back if an alarm asks for it; write the counts down."""
        rung, self._to_go_back = self._to_go_back, None
        if rung is not None and self._go_back is not None and rung.version == self._serves:
            try:
                await self._go_back(rung.before)
            except Refusal as trouble:
                log.error("the alarm could not go back to the version before: %s", trouble.text)
                if trouble.status == 503 and self._rung is rung:
                    self._to_go_back = rung  # at the next look
        now = self._keeper.clock()
        if self._changed and now >= self._saved_at + WATCH_SAVE_EVERY:
            self._changed, self._saved_at = False, now
            self._trials.keep(self._latest())
            await asyncio.to_thread(_write, self._file, self._kept())

    # --- how it works ---
    def _serves_now(self, version: str, before: str, how: str) -> None:
        self._serves = version
        watched = how == PUBLISH and before and before != version
        self._version, self._before = (version, before) if watched else ("", "")
        self._rung = self._to_go_back = None

    def _compare(self, line: str) -> None:
        new = self._trials.of(self._version, line)
        if not is_look(new):
            return
        found = worse(new, self._trials.of(self._before, line))
        if found is None:
            return
        because = f"linha {line}: {found.because}"
        now = self._keeper.clock()
        rung = Rung(self._version, self._before, line, because, now)
        self._rung = self._to_go_back = rung
        details = {
            "version": rung.version,
            "before": rung.before,
            "line": line,
            "because": because,
        }
        log.error("a version makes more callers fail", extra=details)
        self._keeper.record(Fact(now, Kind.DIALPLAN_ALARM, details=details))

    def _latest(self) -> set[str]:
        """The versions whose counts may be needed again."""
        versions = dict.fromkeys(version for version, _ in self._trials.counts)
        return {self._serves, self._before, *list(versions)[-VERSIONS_COUNTED:]}

    def _kept(self) -> Mapping[str, Any]:
        counts = [
            {"version": version, "line": line, "calls": one.calls, "ever": one.ever, **one.failed}
            for (version, line), one in self._trials.counts.items()
        ]
        return {"counts": counts, "alarm": self.told()}


def alarm_in(settings: Settings) -> str:
    """Why the version that serves is worse than the one before; '' when nothing rings. For
    whoever looks while the centre is down."""
    alarm = read_counts(settings.state_dir / FOLDER / COUNTS_FILE).get("alarm")
    return str(alarm.get("because", "")) if isinstance(alarm, dict) else ""


def read_counts(file: Path) -> Mapping[str, Any]:
    """What was written down; nothing when that cannot be read: counting begins anew."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _counts(kept: Any) -> dict[tuple[str, str], Counts]:
    try:
        return {
            (str(one["version"]), str(one["line"])): Counts(
                int(one["calls"]),
                {what: int(one[what]) for what in FAILURES},
                int(one.get("ever", one["calls"])),
            )
            for one in kept or ()
        }
    except (KeyError, TypeError, ValueError):
        log.warning("the counts of versions cannot be read: counting begins anew")
        return {}


def _write(file: Path, kept: Mapping[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps(kept, ensure_ascii=False, indent=1), encoding="utf-8")
    os.replace(fresh, file)
