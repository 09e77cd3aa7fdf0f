"""Whether a machine has room for the calls that the settings allow: files, and ports for sound."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from central156.doctor import sound_ports
from central156.settings import load_settings
from terms.limits import OPEN_FILES

RAISED = "from central156.open_files import allow_open_files; print(allow_open_files())"


@pytest.mark.parametrize(
    ("limits", "then"),
    [
        ("ulimit -Sn 1024; ulimit -Hn 16000", 16_000),
        ("ulimit -Sn 1024", OPEN_FILES),
        ("ulimit -Sn 600; ulimit -Hn 700", 700),
    ],
)
def test_control_takes_as_many_files_as_it_may(limits: str, then: int) -> None:
    """The usual 1,024 would be used up by as many waiting callers."""
    done = subprocess.run(
        ["bash", "-c", f'{limits}; exec "$0" -c "$1"', sys.executable, RAISED],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).resolve().parents[2],
    )
    assert int(done.stdout) <= then
    assert int(done.stdout) == then or then == OPEN_FILES  # the machine's own limit may be lower
    assert int(done.stdout) > 690


@pytest.mark.parametrize(
    ("calls", "last", "fits"), [(800, 29_999, True), (800, 21_719, False), (800, 21_723, True)]
)
def test_156_alone_never_takes_every_port_for_sound(
    tmp_path: Path, calls: int, last: int, fits: bool
) -> None:
    settings = load_settings(
        tmp_path, rtp_first=20_000, rtp_last=last, calls_156=calls, out_channels=60
    )
    found = sound_ports(settings)
    assert found.ok is fits
    assert fits or "860" in found.advice
