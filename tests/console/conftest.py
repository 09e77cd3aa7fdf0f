from __future__ import annotations

from collections.abc import Iterator

import pytest
from api_bed import Bed, api_bed


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bed]:
    """One running API for a whole module; its tests use agents and calls of their own."""
    with api_bed(tmp_path_factory.mktemp("api"), port_base=16500) as running:
        yield running
