"""Starting, stopping, starting twice, and two side by side."""

from __future__ import annotations

import signal
import socket
import subprocess
from pathlib import Path

import pytest
from centre_bed import Centre, centre_bed, until
from sipp_phones import sipp_call, start_calls

pytestmark = pytest.mark.switch

READY_GOAL = 8.0


def _ended_with(centre: Centre, signal_number: signal.Signals) -> int:
    assert centre.process is not None
    centre.process.send_signal(signal_number)
    return centre.process.wait(20)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_leaves_no_process_behind(tmp_path: Path, how: signal.Signals) -> None:
    with centre_bed(tmp_path, port_base=18300, rtp_first=45000) as centre:
        assert len(centre.pids()) >= 3
        assert _ended_with(centre, how) == 0
        assert centre.pids() == []
        assert centre.start() < READY_GOAL * 2  # a loaded machine may take twice the goal


def test_calls_that_our_own_stop_cuts_are_ours(tmp_path: Path) -> None:
    with centre_bed(tmp_path, port_base=18300, rtp_first=45000) as centre:
        agent = centre.agent("ana", "e199_risco")
        with agent.listening(talk=None):
            start_calls(centre, "199", caller="1195000001", patience=60)
            until(lambda: centre.state_of("ana") == "talking", 10, "a talk")
            start_calls(centre, "199", caller="1195000002", patience=60)
            until(lambda: centre.waiting() == 1, 10, "one waiting")
            assert centre.stop() == 0
        for caller in ("1195000001", "1195000002"):
            row = centre.ended(caller)
            assert (row["outcome"], row["blame"]) == ("interrupted", "us"), row
        assert len(centre.rows("SELECT * FROM tasks WHERE done_at IS NULL")) == 2


def test_a_second_one_in_the_same_folder_says_so(tmp_path: Path) -> None:
    with centre_bed(tmp_path, port_base=18300, rtp_first=45000) as centre:
        second = subprocess.run(
            [*centre.command(), "run"],
            env=centre.environment,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert second.returncode == 3
        assert "Já há uma central no ar" in second.stdout
        assert centre.process is not None
        assert str(centre.process.pid) in second.stdout
        assert centre.is_ready()


def test_telephony_may_have_an_address_of_its_own(tmp_path: Path) -> None:
    with centre_bed(
        tmp_path, port_base=18300, rtp_first=45000, CENTRAL156_SIP_BIND="127.0.0.2"
    ) as centre:
        told = subprocess.run(
            [*centre.command(), "prove"], env=centre.environment, timeout=90, check=False
        )
        assert told.returncode == 0
        for port in (centre.settings.agi_port, centre.settings.ami_port, centre.settings.http_port):
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.2", port), timeout=2)


def test_two_side_by_side(tmp_path: Path) -> None:
    with (
        centre_bed(tmp_path / "a", port_base=18300, rtp_first=45000) as one,
        centre_bed(tmp_path / "b", port_base=18700, rtp_first=47000) as two,
    ):
        for centre, agent in ((one, "ana"), (two, "bia")):
            phone = centre.agent(agent, "e199_risco")
            with phone.listening(talk=2.0):
                assert sipp_call(centre, "199").code == 200
            assert centre.ended()["agent"] == agent


def test_the_parent_dies_and_the_next_one_adopts_the_switch(tmp_path: Path) -> None:
    with centre_bed(tmp_path, port_base=18300, rtp_first=45000) as centre:
        switch = centre.switch_pid()
        centre.kill_parent()
        until(lambda: not centre._pids("central156.control"), 10, "control leaving")
        centre.start()
        assert centre.switch_pid() == switch


def test_the_proof_call_is_real_and_left_out_of_figures(tmp_path: Path) -> None:
    with centre_bed(tmp_path, port_base=18300, rtp_first=45000) as centre:
        told = subprocess.run(
            [*centre.command(), "prove"],
            env=centre.environment,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
        assert told.returncode == 0, told.stdout + told.stderr
        (row,) = centre.rows("SELECT * FROM calls")
        assert (row["agent"], row["outcome"], row["test"]) == ("prova", "served", 1)
        assert row["protocol"] in told.stdout.replace(" ", "").replace("-", "")
        assert "Esta ligação é gravada" in told.stdout
