"""The two containers' processes beside each other, as their images start them, without containers.

The control half is given no Asterisk, as in its image, so what it needs of the switch it must get
over the shared address and the shared folder.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from centre_bed import Centre, settings_for, until
from house import CHECKOUT

PORT_BASE, RTP_FIRST = 18600, 34000
HALF = CHECKOUT / "docker/half.py"


class Halves:
    """A centre in two processes that know of each other only what containers would."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        settings, environment = settings_for(folder, PORT_BASE, RTP_FIRST)
        self.environment = environment | {
            "CENTRAL156_STATE_DIR": str(settings.state_dir),
            "PYTHONPATH": str(CHECKOUT),
        }
        self.centre = Centre(settings, folder, self.environment)
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, half: str, **environment: str) -> None:
        """As the image's CMD does."""
        with (self.centre.folder / f"{half}.log").open("ab") as out:
            self.running[half] = subprocess.Popen(
                [sys.executable, str(HALF), half],
                env=self.environment | environment,
                stdout=out,
                stderr=subprocess.STDOUT,
                cwd=CHECKOUT,
                start_new_session=True,
            )

    def stop(self, half: str) -> int:
        """As `docker stop` does; the exit code."""
        self.running[half].terminate()
        return self.running[half].wait(30.0)


@pytest.fixture(scope="module")
def halves(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Halves]:
    made = Halves(tmp_path_factory.mktemp("halves"))
    try:
        made.start("switch")
        agents = made.centre.settings.switch_dir / "etc/pjsip_agents.conf"
        until(agents.exists, 30.0, "the configuration")
        made.start("control", CENTRAL156_ASTERISK_DIR=str(made.centre.folder / "none"))
        until(made.centre.is_ready, 40.0, "serving")
        yield made
    finally:
        for half in made.running.values():
            half.kill()
        for pid in made.centre.pids():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


pytestmark = pytest.mark.switch


def test_a_call_goes_through_both(halves: Halves) -> None:
    """Control has written the scripted agent's account; the other half has had it read."""
    words = [*halves.centre.command(), "prove"]
    proof = subprocess.run(words, env=halves.environment, capture_output=True, timeout=60.0)
    assert proof.returncode == 0, (proof.stdout + proof.stderr).decode()
    (call,) = halves.centre.rows("SELECT * FROM calls")
    assert (call["outcome"], call["agent"]) == ("served", "prova")
    assert call["protocol"]


def test_each_half_starts_its_process_again(halves: Halves) -> None:
    centre = halves.centre
    switch, control = centre.switch_pid(), centre.control_pid()
    os.kill(switch, signal.SIGKILL)
    until(lambda: not Path(f"/proc/{switch}").exists(), 5.0, "the end of Asterisk")
    until(lambda: centre.switch_pid() != switch and centre.is_ready(), 20.0, "a new Asterisk")
    os.kill(control, signal.SIGKILL)
    until(lambda: not centre.is_ready(), 5.0, "the end of control")
    until(centre.is_ready, 20.0, "a new control")
    assert centre.control_pid() != control
    assert sorted(halves.running) == ["control", "switch"]
    assert all(half.poll() is None for half in halves.running.values())


def test_stopped_they_leave_nothing_behind(halves: Halves) -> None:
    assert halves.stop("control") == 0
    assert halves.stop("switch") == 0
    assert not halves.centre.pids()
