"""A control process that the switch does not let in must not keep callers to itself."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
from centre_bed import centre_bed, until
from sipp_phones import start_calls

pytestmark = pytest.mark.switch


def test_without_any_link_callers_still_reach_an_agent(tmp_path: Path) -> None:
    with centre_bed(tmp_path, port_base=21000, rtp_first=53000) as centre:
        agent = centre.agent("ana", "e199_risco")
        secret = centre.settings.state_dir / "secrets" / "ami_events"
        right = secret.read_text()
        secret.write_text("the-wrong-one\n")
        control = centre.control_pid()
        os.kill(control, signal.SIGKILL)
        until(lambda: centre._pids("central156.control") not in ([], [control]), 10, "another")
        with agent.listening(talk=1.0) as rung:
            dialled = time.time()
            call = start_calls(centre, "199", caller="1170000001", patience=60)
            until(lambda: [c for c in rung.calls() if c.code == 200], 20, "the agent's answer")
            assert rung.calls()[0].answered_at - dialled < 10.0
            assert (served := call.wait(30)[0].bye) is not None
            assert not served.sent
        secret.write_text(right)
        os.kill(centre.control_pid(), signal.SIGKILL)
        until(centre.is_ready, 20, "serving again")
        row = centre.ended("1170000001", seconds=20)
        assert (row["outcome"], row["agent"]) == ("served", "ana")
