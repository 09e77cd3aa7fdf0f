"""A control that dies between the end of a call and the check of its recording owes that check: it
is made within five minutes (R55), and the recording is sealed, or what is wrong is told."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from centre_bed import Centre, centre_bed, until
from dialplan_copies import shorter_dialplans
from sipp_phones import sipp_call

pytestmark = [pytest.mark.switch, pytest.mark.soak, pytest.mark.timeout(900)]

FIVE_MINUTES = 300.0
KEY = "SELECT wrapped FROM recording_keys WHERE name = ?"


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    given = {
        "CENTRAL156_DIALPLANS_DIR": str(shorter_dialplans(tmp_path / "dialplans")),
        "CENTRAL156_SEAL_RECORDINGS": "true",
    }
    with centre_bed(tmp_path, 23280, 43200, **given) as running:
        yield running


def test_the_check_is_made_and_the_recording_sealed(centre: Centre) -> None:
    agent = centre.agent("ana", "e199_risco")
    with agent.listening(talk=3.0):
        for number in range(2):
            caller = f"119000000{number}"
            assert sipp_call(centre, "199", caller=caller, patience=40).code == 200
            call = _ended(centre, caller)
            os.kill(centre.control_pid(), signal.SIGKILL)
            died = time.monotonic()
            assert _recordings(centre, call) == []  # nobody had looked
            if number:
                (file,) = centre.settings.recordings_dir.rglob(f"{call}.wav")
                file.unlink()  # a disk that lost it
            until(centre.is_ready, 30, "serving again")
            until(lambda call=call: _recordings(centre, call), FIVE_MINUTES, "the check")
            assert time.monotonic() - died < FIVE_MINUTES
            assert [row["problem"] for row in _recordings(centre, call)] == (
                ["missing"] if number else [""]
            )
            if not number:
                until(lambda call=call: centre.rows(KEY, call), 30, "the seal")
                assert list(centre.settings.recordings_dir.rglob(f"{call}.wav")) == []


def _ended(centre: Centre, caller: str) -> str:
    question = "SELECT call_id FROM calls WHERE caller = ? AND ended_at IS NOT NULL"
    return str(until(lambda: centre.rows(question, caller), 20, "its end")[0]["call_id"])


def _recordings(centre: Centre, call: str) -> list[dict[str, Any]]:
    return centre.rows("SELECT * FROM recordings WHERE call_id = ?", call)
