"""A day in miniature: 500 calls of known endings on the three lines, and every report's numbers
beside an independent count made from what the SIP phones saw of it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from centre_bed import until
from day_bed import Day, day_bed
from day_compare import differences
from day_count import Count
from day_scenario import CALL_BACKS, GROUPS, GUARDS_BACK, PEOPLE

from protocol_store.reports.asked import DAY
from protocol_store.reports.balance_sheet import BALANCE
from protocol_store.reports.making import make
from terms.limits import RECORDING_SHORTER_THAN_TALK
from terms.sheet import Asked

pytestmark = [pytest.mark.switch, pytest.mark.timeout(300)]

WAV_HEADER = 44
"""Bytes of a file without sound."""
BUSY = 1.0
"""Seconds by which a phone may be late to write down what happened."""
UNSPOKEN = 1.5
"""Seconds by which a recording may be shorter than its talk: between two captures of speech a SIPp
sends nothing, and nothing is recorded."""


@dataclass
class Senders:
    """Agents who send every caller on, some time after the talk began."""

    day: Day
    after: float = 0.7
    every: float = 0.4
    _since: dict[str, tuple[str, float]] = field(default_factory=dict)
    _looked: float = 0.0

    def look(self) -> None:
        """Send on whoever has talked long enough, each call once."""
        now = time.time()
        if now - self._looked < self.every:
            return
        self._looked = now
        there = {one["agent"]: one for one in self.day.centre.floor()["agents"]}
        for agent in PEOPLE:
            here = there[agent.name]
            if not agent.sends[0] or here["state"] != "talking" or not here["call"]:
                continue
            call, since = self._since.get(agent.name, ("", 0.0))
            if call != here["call"]:
                self._since[agent.name] = (here["call"], now)
            elif since and now - since > self.after:
                self.day.transfer(agent.name, *agent.sends)
                self._since[agent.name] = (call, 0.0)


@dataclass(frozen=True)
class Done:
    """The day when all is over: the bed, the count, and the instant since when it is asked for."""

    day: Day
    count: Count
    since: float

    @property
    def url(self) -> str:
        return str(self.day.centre.settings.store_url)

    @cached_property
    def differences(self) -> list[str]:
        """What reports say otherwise than the phones; a call that did not go as planned, too."""
        try:
            return differences(self.url, self.count, self.since)
        except AssertionError as broken:
            return [str(broken)]


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Done]:
    """The day is lived once, for all tests; once more if its numbers do not agree. A machine that
    stalls for a second loses keys and moves instants, but a fault of ours is there on both days."""
    for last in (False, True):
        with _lived(tmp_path_factory.mktemp("day")) as day:
            if last or not day.differences:
                yield day
                return


@contextmanager
def _lived(folder: Path) -> Iterator[Done]:
    since = time.time() // 60 * 60.0
    with day_bed(folder, PEOPLE) as day:
        acts = [
            (GUARDS_BACK, lambda: day.resume("e153_ocorrencia")),
            (CALL_BACKS, lambda: day.resume("p156_mulher")),
        ]
        day.run(GROUPS, acts, Senders(day).look)
        _settled(day)
        yield Done(day, Count(day.seen(), day.began, time.time()), since)


def _settled(day: Day) -> None:
    """Until every call's end is stored and its recording sealed, and no agent is busy."""
    centre = day.centre
    open_calls = "SELECT count(*) AS n FROM calls WHERE ended_at IS NULL"
    talked = "SELECT count(*) AS n FROM calls WHERE answered_at IS NOT NULL"
    sealed = "SELECT count(*) AS n FROM facts WHERE kind = 'recording_sealed'"
    until(lambda: centre.rows(open_calls)[0]["n"] == 0, 20, "all ends stored")
    until(lambda: centre.rows(sealed)[0]["n"] >= centre.rows(talked)[0]["n"], 20, "all sealed")
    until(lambda: all(one["state"] == "idle" for one in centre.floor()["agents"]), 10, "idle")


def test_the_phones_saw_the_day_that_was_planned(done: Done) -> None:
    """Or the count would be one of something else."""
    seen = done.count.seen
    assert sum(group.calls for group in GROUPS) == 500 == len(seen.calls) + seen.refused
    assert len(PEOPLE) >= 20
    answered = Counter(one.group.name for one in seen.calls if one.talks)
    for group in GROUPS:
        many = group.calls if group.outcome == "served" else 0
        assert answered[group.name] == many, group.name
        leaves = group.outcome in ("abandoned", "left_in_menu", "message_left")
        ends = {one.hung_up for one in seen.calls if one.group is group}
        assert not leaves or ends == {True}, f"{group.name}: who hung up"
    assert len(seen.called_back) == 10


def test_every_report_tells_what_the_phones_saw(done: Done) -> None:
    assert done.differences == []


def test_the_totals_add_up(done: Done) -> None:
    """R77, and nothing that contradicts itself."""
    asked = Asked(done.since, time.time() + 1.0, interval=DAY)
    sheet = make(done.url, BALANCE, asked, asked.until)
    assert sheet.totals is not None
    assert (sheet.totals["holds"], sheet.totals["received"]) == ("sim", len(done.count.calls))
    assert not [note for note in sheet.notes if note.startswith("ERRADO")]


def test_each_talk_has_its_recording_as_long_as_the_talk(done: Done) -> None:
    """Sealed, and over all transfers; of talks in which nobody sent a sound, an empty one."""
    rows = _rows(
        done,
        "SELECT caller, recordings.* FROM recordings JOIN calls USING (call_id) "
        "WHERE kind = 'talk' AND direction = 'in'",
    )
    talks = {one.caller: one for one in done.count.answered}
    assert Counter(row["caller"] for row in rows) == dict.fromkeys(talks, 1)
    for row in rows:
        call = talks[row["caller"]]
        talked = sum(ring.talked for ring in call.talks)
        unspoken = talked - row["seconds"]
        if call.group.silent:  # or a key came late, and its sound into the talk
            assert (row["ok"], row["problem"]) in ((0, "empty"), (0, "short")), call.group.name
        else:
            assert row["ok"] == (row["problem"] == ""), row
            assert row["problem"] == "" or unspoken > RECORDING_SHORTER_THAN_TALK - 0.3
            assert row["problem"] != "" or -BUSY < unspoken < UNSPOKEN, call.group.name
    assert len(_rows(done, "SELECT 1 FROM recordings WHERE kind = 'talk'")) == len(rows) + 10
    plain = done.day.centre.settings.recordings_dir.glob("*/*.wav")
    left = {file for file in plain if "recado" not in file.name}  # messages are sealed later
    assert {file.stat().st_size for file in left} <= {WAV_HEADER}  # it rang, and nobody talked
    sealed = _rows(done, "SELECT DISTINCT call_id FROM facts WHERE kind = 'recording_sealed'")
    assert len(sealed) >= len(done.count.talked)


def test_who_was_refused_is_in_no_table(done: Done) -> None:
    (group,) = (one for one in GROUPS if one.refused)
    assert done.count.seen.refused == group.calls
    for number in group.numbers():
        assert _rows(done, "SELECT * FROM calls WHERE caller = ?", number) == []


def _rows(done: Done, question: str, *values: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = done.day.centre.rows(question, *values)
    return found
