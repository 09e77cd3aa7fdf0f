"""Asterisk dies, or only the link to it does."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from centre_bed import Centre, ask, centre_bed, until
from sipp_phones import sipp_call, start_calls

pytestmark = pytest.mark.switch


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    with centre_bed(tmp_path, port_base=18000, rtp_first=43000) as running:
        yield running


def _cut_the_link(centre: Centre) -> int:
    """Throw every AMI session out; how many there were."""
    shown = ask(centre, "manager show connected")
    sessions = re.findall(r"^ *c156-\S+ +\S+ +\d+ +\d+ +(\d+)", shown, re.M)
    for descriptor in sessions:
        ask(centre, f"manager kick session {descriptor}")
    return len(sessions)


def test_the_link_lost_and_back(centre: Centre) -> None:
    agent = centre.agent("ana", "e199_risco")
    with agent.listening(talk=None):
        talker = start_calls(centre, "199", caller="1170000001", patience=60)
        until(lambda: centre.state_of("ana") == "talking", 10, "a talk")
        leaver = start_calls(centre, "199", caller="1170000002", patience=60)
        until(lambda: centre.waiting() == 1, 10, "one waiting")
        before = centre.floor()
        assert _cut_the_link(centre) == 2
        leaver.kill()  # unseen: its channel ends by itself later, not by a word of its own
        stayer = start_calls(centre, "199", caller="1170000003", patience=60)
        until(centre.is_ready, 2.5, "the link")
        time.sleep(0.5)
        now = centre.floor()
        assert [a["state"] for a in now["agents"] if a["agent"] == "ana"] == ["talking"]
        assert {c["call"] for c in before["callers"]} <= {c["call"] for c in now["callers"]}
        assert len(now["callers"]) == 3
        talker.kill()
        stayer.kill()
    arrived = centre.rows("SELECT call_id, count(*) AS n FROM facts WHERE kind = 'call_arrived' "
                          "GROUP BY call_id")  # fmt: skip
    assert [row["n"] for row in arrived] == [1, 1, 1]
    joined = next(q["joined"] for q in centre.floor()["queues"] if q["queue"] == "e199_risco")
    assert joined == 3


def test_a_talk_that_ends_while_nobody_listens_is_told_later(centre: Centre) -> None:
    agent = centre.agent("ana", "e199_risco")
    with agent.listening(talk=2.0):
        call = start_calls(centre, "199", caller="1170000009", patience=30)
        until(lambda: centre.state_of("ana") == "talking", 10, "a talk")
        _cut_the_link(centre)
        call.wait(30)
    row = centre.ended("1170000009", seconds=20)
    assert row["outcome"] == "served"
    assert row["talk_seconds"] == pytest.approx(1.2, abs=1.0)


def test_killed_and_back_with_every_call_accounted_for(centre: Centre) -> None:
    agent = centre.agent("ana", "p156_geral")
    with agent.listening(talk=None):
        start_calls(centre, "156", caller="1180000001", keys={1.5: "9"}, patience=60)
        until(lambda: centre.state_of("ana") == "talking", 15, "a talk")
        start_calls(centre, "156", caller="1180000002", keys={1.5: "9"}, patience=60)
        start_calls(centre, "199", caller="1180000003", patience=60)
        start_calls(centre, "153", caller="1180000004", patience=60)
        until(lambda: centre.waiting() == 3, 15, "three waiting")
        old = centre.switch_pid()
        os.kill(old, signal.SIGKILL)
        died = time.monotonic()
        until(lambda: _back(centre, old), 10, "asterisk")
        assert time.monotonic() - died < 10
        for number in range(1, 5):
            row = centre.ended(f"118000000{number}", seconds=15)
            assert (row["outcome"], row["blame"]) == ("interrupted", "us"), row
    tasks = until(
        lambda: len(found := centre.get("/v1/tasks")["tasks"]) == 4 and found, 10, "tasks"
    )
    lines = [task["line"] for task in tasks]
    assert lines == sorted(lines, key=lambda line: line == "156"), lines
    assert {task["kind"] for task in tasks} == {"call_back"}
    agent.register()
    with agent.listening(talk=2.0):
        assert sipp_call(centre, "156", caller="1180000005", keys={1.5: "9"}).code == 200


def _back(centre: Centre, old: int) -> bool:
    try:
        return centre.switch_pid() != old and centre.is_ready()
    except (OSError, ValueError):
        return False
