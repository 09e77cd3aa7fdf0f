"""Processes of the centre for tests that stand between the switch and control.

    python -m behind_a_relay parent …        `central156 …`, whose switch knocks at C156_TEST_DOOR
    python -m behind_a_relay control FOLDER  one more control process, with doors of its own

Everything else is as it is. The second control stands for a second node: the same switch and the
same store, and whichever of the two started later leads.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace

from central156 import control, switch
from central156.cli import main
from central156.settings import Settings

DOOR = "C156_TEST_DOOR"
"""The environment's name of the port at which the switch knocks."""
OWN = "C156_TEST_OWN_PORTS"
"""… and of the first port of a second control: its AGI door; +2: its API."""


def _knock_elsewhere(port: int) -> None:
    made = switch.switch_settings
    switch.switch_settings = lambda settings: replace(made(settings), agi_port=port)


def _own_doors(first: int) -> None:
    Settings.agi_port = property(lambda _: first)  # type: ignore[assignment]
    Settings.http_port = property(lambda _: first + 2)  # type: ignore[assignment]


if __name__ == "__main__":
    role = sys.argv.pop(1)
    if role == "parent":
        _knock_elsewhere(int(os.environ[DOOR]))
        main()
    else:
        _own_doors(int(os.environ[OWN]))
        sys.exit(control.main(sys.argv[1]))
