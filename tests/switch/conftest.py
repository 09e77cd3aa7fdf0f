"""The centre that all tests of calls share: started once, with the shipped menus."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from centre_bed import Centre, centre_bed
from dialplan_copies import shorter_dialplans


@pytest.fixture(scope="session")
def calls_centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    folder = tmp_path_factory.mktemp("calls")
    dialplans = shorter_dialplans(folder / "dialplans")
    with centre_bed(folder, 17000, 37000, CENTRAL156_DIALPLANS_DIR=str(dialplans)) as centre:
        yield centre
