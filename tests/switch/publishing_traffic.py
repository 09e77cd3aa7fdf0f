"""Citizens' calls, 20 a second, and whether any of them was disturbed.

with Traffic(centre) as traffic:           # until the block ends; then the last call is waited for
    …
traffic.check({version: lines, …}, least=200)
"""

from __future__ import annotations

import contextlib
import itertools
import json
import signal
import subprocess
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from centre_bed import Centre, until
from sipp_phones import SippRun, start_calls

from ivr.menu import LinePlan


@dataclass(frozen=True)
class Stream:
    """Citizens who all do the same, `rate` a second."""

    number: str
    rate: float
    key: str  # pressed AFTER s after the answer; '' = none
    stay: float  # s from then on, before they hang up
    outcomes: frozenset[str]


AFTER = 1.0
WHILE_WAITING = frozenset({"abandoned"})
STREAMS = (
    Stream("156", 14, "1", 2.5, frozenset({"left_in_menu"})),
    Stream("156", 3, "9", 7.0, frozenset({"served"})),
    Stream("199", 3, "", 3.0, WHILE_WAITING),
)
"""20 calls a second: in the menu, served by an agent and asked afterwards, waiting on 199."""

MOST = 4_000
_numbers = itertools.count(1)


@dataclass
class Traffic:
    """The streams, from the block's beginning to its end. Leaving it waits for the last call."""

    centre: Centre
    streams: tuple[Stream, ...] = STREAMS
    _runs: dict[str, tuple[Stream, SippRun]] = field(default_factory=dict)

    def __enter__(self) -> Traffic:
        for stream in self.streams:
            caller = f"1155{next(_numbers):06d}"
            run = start_calls(
                self.centre,  # type: ignore[arg-type]
                stream.number,
                caller=caller,
                keys={AFTER: stream.key} if stream.key else None,
                hang_up_after=stream.stay,
                times=MOST,
                rate=stream.rate,
                sound=False,
            )
            self._runs[caller] = stream, run
        return self

    def __exit__(self, *_: object) -> None:
        for _, run in self._runs.values():
            run.process.send_signal(signal.SIGUSR1)  # begin no more calls
        for _, run in self._runs.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                run.process.wait(30)
            run.kill()
        callers = ", ".join(f"'{caller}'" for caller in self._runs)
        question = (
            f"SELECT count(*) AS n FROM calls WHERE ended_at IS NULL AND caller IN ({callers})"
        )
        until(lambda: self.centre.rows(question)[0]["n"] == 0, 20, "all ends stored")

    def check(
        self, plans: Mapping[str, Mapping[str, LinePlan]], least: int
    ) -> list[dict[str, Any]]:
        """No call was refused, cut, served without control or left without its protocol and
        version; each passed nodes of that version alone. `least`: so many calls there were.
        The stored calls, oldest first, each with its `nodes`."""
        rows = []
        for caller, (stream, run) in self._runs.items():
            traces = run.calls()
            assert {call.code for call in traces} == {200}, run.trace
            disturbed = [call for call in traces if call.bye is None or not call.bye.sent]
            assert not disturbed, disturbed[0].messages
            stored = self.centre.rows("SELECT * FROM calls WHERE caller = ?", caller)
            assert len(stored) == len(traces)
            assert Counter(row["outcome"] for row in stored).keys() <= stream.outcomes
            rows += stored
        assert len(rows) >= least
        assert not any(row["static"] for row in rows)
        assert len({row["protocol"] for row in rows} - {None}) == len(rows)
        self._keep_to_their_versions(rows, plans)
        return sorted(rows, key=lambda row: str(row["arrived_at"]))

    def _keep_to_their_versions(
        self, rows: list[dict[str, Any]], plans: Mapping[str, Mapping[str, LinePlan]]
    ) -> None:
        callers = ", ".join(f"'{caller}'" for caller in self._runs)
        entered = self.centre.rows(
            "SELECT facts.call_id, facts.at, facts.details FROM facts JOIN calls USING (call_id) "
            f"WHERE kind = 'node_entered' AND caller IN ({callers}) ORDER BY facts.id"
        )
        nodes = defaultdict[str, list[tuple[str, str]]](list)
        for fact in entered:
            nodes[fact["call_id"]].append((json.loads(fact["details"])["node"], fact["at"]))
        for row in rows:
            version = row["dialplan_version"]
            assert version in plans, row
            there = plans[version][row["line"]].nodes
            row["nodes"] = nodes[row["call_id"]]
            strange = {node for node, _ in row["nodes"]} - set(there)
            assert not strange, (version, row["nodes"])
