"""Control is killed with -9 again and again, at moments of chance, under continuous calls, over a
PostgreSQL. `make soak` does it two hundred times, over SQLite too (tests/soak/test_chaos.py)."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from kills_bed import killed_under_traffic
from postgres_server import server_of_its_own

pytestmark = [pytest.mark.switch, pytest.mark.postgres, pytest.mark.timeout(240)]

SEED = int(os.environ.get("C156_SOAK_SEED", str(int(time.time()))))
PORTS = 23_800, 46_000


def test_twenty_times(tmp_path: Path) -> None:
    with server_of_its_own() as server:
        database = server.new_database()
        killed_under_traffic(tmp_path, PORTS, 20, SEED, database, longest=3.0)
