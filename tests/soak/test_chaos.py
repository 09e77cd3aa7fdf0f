"""Control is killed at random moments, again and again, under traffic (`make soak`).

    C156_SOAK_KILLS=200 C156_SOAK_SEED=7 make soak       a failure prints its seed

The witnesses are the phones alone (tests/chaos_story.py): every call that was answered is stored
once, with one number and one end; journal, facts and tables tell the same, in their order; the
chain holds, the sums add up, and the tables are what the facts come to. `make test` does the same
with fewer kills (tests/survival/test_killed_often.py).
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from kills_bed import killed_under_traffic
from postgres_server import server_of_its_own

pytestmark = [pytest.mark.switch, pytest.mark.soak, pytest.mark.timeout(3_600)]

PORTS = 23_860, 52_000
KILLS = int(os.environ.get("C156_SOAK_KILLS", "200"))
SEED = int(os.environ.get("C156_SOAK_SEED", str(int(time.time()))))


def test_killed_at_random_moments_on_sqlite(tmp_path: Path) -> None:
    killed_under_traffic(tmp_path, PORTS, KILLS, SEED)


@pytest.mark.postgres
def test_killed_at_random_moments_on_postgresql(tmp_path: Path) -> None:
    with server_of_its_own() as server:
        killed_under_traffic(tmp_path, PORTS, KILLS, SEED + 1, server.new_database())
