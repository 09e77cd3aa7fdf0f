"""The centre that all tests of calls share: started once, with the shipped menus."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from centre_bed import Centre, centre_bed
from dialplan_copies import shorter_dialplans
from redis_server import RedisServer, found
from talk_bed import talk_centre

__all__ = ["talk_centre"]

PORTS = int(os.environ.get("C156_TEST_PORTS", "17000"))
"""Two runs on one machine need ports of their own."""


@pytest.fixture(scope="session")
def mirror_server() -> Iterator[RedisServer]:
    """The Redis in which that centre's floor is mirrored."""
    server = RedisServer()
    if found():
        server.start()
    yield server
    server.close()


@pytest.fixture(scope="session")
def calls_centre(
    tmp_path_factory: pytest.TempPathFactory, mirror_server: RedisServer
) -> Iterator[Centre]:
    folder = tmp_path_factory.mktemp("calls")
    given = {
        "CENTRAL156_DIALPLANS_DIR": str(shorter_dialplans(folder / "dialplans")),
        "CENTRAL156_REDIS_HOST": "127.0.0.1",
        "CENTRAL156_REDIS_PORT": str(mirror_server.port),
    }
    with centre_bed(folder, PORTS, 37000, **given) as centre:
        yield centre
