"""The switch's own diary: its CEL file, for what happened while nobody was listening.

One line an event (asterisk-conf/cel_custom.conf): type, instant, the channel's id, the id of the
channel that began it all, the channel's name, and more as JSON. A citizen's channel id is the
call id, so a call's last words can be read off without any state of ours.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from terms.limits import DIARY_BYTES
from terms.names import AgentName, CallId, Instant, Seconds, is_agent_name
from terms.signals import LastWords

COLUMNS = 5
BRIDGE_ENTER, BRIDGE_EXIT, HANGUP = "BRIDGE_ENTER", "BRIDGE_EXIT", "HANGUP"


@dataclass(slots=True)
class _Reading:
    ended: Instant | None = None
    answered: Instant | None = None
    joined: Instant | None = None
    talk: Seconds = 0.0
    agent: AgentName | None = None


@dataclass(frozen=True, slots=True)
class Diary:
    """Reads the CEL file. Lines that cannot be read are passed over: a crash cuts lines."""

    file: Path

    def last_words(self, calls: Iterable[CallId]) -> dict[CallId, LastWords]:
        """The last words of those of `calls` whose end is written; blocking, reads the disk."""
        wanted = {call: _Reading() for call in calls}
        if not wanted:
            return {}
        for event, at, channel, linked, name in self._events():
            reading = wanted.get(CallId(channel))
            if reading is not None:
                _citizen(reading, event, at)
            elif event == BRIDGE_ENTER and (call := wanted.get(CallId(linked))) is not None:
                call.agent = _agent_of(name) or call.agent
        return {
            call: LastWords(reading.ended, reading.answered, reading.agent, reading.talk)
            for call, reading in wanted.items()
            if reading.ended is not None
        }

    def _events(self) -> Iterator[tuple[str, Instant, str, str, str]]:
        for file in (self.file.with_name(self.file.name + ".1"), self.file):
            if not file.exists():
                continue
            with file.open("rb") as raw:
                raw.seek(max(0, file.stat().st_size - DIARY_BYTES))
                text = raw.read().decode("utf-8", errors="replace")
            for row in csv.reader(text.splitlines()):
                if len(row) < COLUMNS:
                    continue
                try:
                    at = float(row[1])
                except ValueError:
                    continue
                yield row[0], at, row[2], row[3], row[4]


def _citizen(reading: _Reading, event: str, at: Instant) -> None:
    if event == BRIDGE_ENTER:
        reading.joined = at
        reading.answered = reading.answered or at
    elif event == BRIDGE_EXIT and reading.joined is not None:
        reading.talk += at - reading.joined
        reading.joined = None
    elif event == HANGUP:
        if reading.joined is not None:
            reading.talk += at - reading.joined
            reading.joined = None
        reading.ended = at


def _agent_of(channel: str) -> AgentName | None:
    """`PJSIP/ana-0000002a` → ana; None for anything that is no agent's phone."""
    technology, _, rest = channel.partition("/")
    name = rest.rpartition("-")[0]
    return AgentName(name) if technology == "PJSIP" and is_agent_name(name) else None
