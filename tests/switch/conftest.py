"""The centre that all tests of calls share: started once, with the shipped menus."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from centre_bed import Centre, centre_bed
from dialplan_copies import shorter_dialplans

PORTS = int(os.environ.get("C156_TEST_PORTS", "17000"))
"""Two runs on one machine need ports of their own."""


@pytest.fixture(scope="session")
def calls_centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    folder = tmp_path_factory.mktemp("calls")
    dialplans = shorter_dialplans(folder / "dialplans")
    with centre_bed(folder, PORTS, 37000, CENTRAL156_DIALPLANS_DIR=str(dialplans)) as centre:
        yield centre
