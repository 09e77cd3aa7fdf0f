"""Control gives a citizen a number and dies for good: the number stays the call's, whoever serves
it then, and is the one that the agent's phone shows."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from ami_witness import witness_of
from centre_bed import CentreAgent, centre_bed, until
from chaos_traffic import talks_of
from dialplan_copies import shorter_dialplans
from sipp_phones import start_calls

from terms.protocol_number import RESCUE_FIRST

pytestmark = pytest.mark.switch

CALLERS = {"199": "1170000001", "156": "1170000002"}


def test_served_by_the_switch_alone_with_the_number_that_was_given(tmp_path: Path) -> None:
    given = {"CENTRAL156_DIALPLANS_DIR": str(shorter_dialplans(tmp_path / "dialplans"))}
    with centre_bed(tmp_path, 23_800, 46_000, **given) as centre:
        password = centre.add_agent("ana", "e199_risco", "p156_geral")
        ana = CentreAgent(centre, "ana", password=password)  # type: ignore[arg-type]
        ana.register()
        with witness_of(centre) as witness, ana.listening(talk=1.5) as rung:
            keys = {"199": {}, "156": {1.5: "9"}}
            calls = [
                start_calls(centre, line, caller=caller, keys=keys[line], patience=90)
                for line, caller in CALLERS.items()
            ]
            until(lambda: centre.waiting() == 2, 15, "both in their queues")
            control = centre.control_pid()
            centre.kill_parent()
            os.kill(control, signal.SIGKILL)
            assert ana.dial("*11").code == 200  # a login by phone code, without control
            until(lambda: all(run.process.poll() is not None for run in calls), 60, "both served")
            talks = talks_of({"ana": rung})
        centre.start()
        for caller in CALLERS.values():
            row = centre.ended(caller, seconds=20)
            (number,) = centre.rows("SELECT * FROM protocols WHERE call_id = ?", row["call_id"])
            assert (number["protocol"], number["issuer"]) == (row["protocol"], "block")
            assert int(row["protocol"][:8]) < RESCUE_FIRST
            assert [one.protocol for one in talks[caller]] == [row["protocol"]]
            assert witness.told[caller] == {row["protocol"]}
            assert (row["outcome"], row["agent"]) == ("served", "ana")
            assert row["talk_seconds"] == pytest.approx(1.5, abs=1.0)
