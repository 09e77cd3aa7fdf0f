"""Control is killed with -9 again and again, at moments of chance, under continuous calls."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from kills_bed import killed_under_traffic
from postgres_server import server_of_its_own

pytestmark = [pytest.mark.switch, pytest.mark.timeout(150)]

SEED = int(os.environ.get("C156_SOAK_SEED", str(int(time.time()))))


def test_ten_times_on_sqlite(tmp_path: Path) -> None:
    killed_under_traffic(tmp_path, kills=10, seed=SEED)


@pytest.mark.postgres
def test_ten_times_on_postgresql(tmp_path: Path) -> None:
    with server_of_its_own() as server:
        killed_under_traffic(tmp_path, kills=10, seed=SEED + 1, database=server.new_database())
