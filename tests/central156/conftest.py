from __future__ import annotations

from collections.abc import Iterator

import pytest
from api_bed import Bed, api_bed


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bed]:
    """One running API for a whole module."""
    with api_bed(tmp_path_factory.mktemp("cli"), port_base=16540) as running:
        yield running
