"""The whole centre over a PostgreSQL: by one setting, and with the database gone for a while."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from centre_bed import centre_bed, until
from postgres_server import PostgresServer
from sipp_phones import sipp_call

pytestmark = [pytest.mark.switch, pytest.mark.postgres]


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    made = PostgresServer()
    made.create()
    made.start()
    try:
        yield made
    finally:
        made.remove()


def test_a_call_and_a_database_that_goes_away(tmp_path: Path, server: PostgresServer) -> None:
    url = server.new_database()
    with centre_bed(
        tmp_path, port_base=18300, rtp_first=45000, CENTRAL156_DATABASE_URL=url
    ) as centre:
        assert not (centre.settings.state_dir / "store.sqlite").exists()
        agent = centre.agent("ana", "e199_risco")
        with agent.listening(talk=2.5) as rung:
            assert sipp_call(centre, "199", caller="1190000001").code == 200
            centre.post("/v1/agents/ana/ready")
            server.stop()
            # No number within its budget: the switch serves the call alone.
            assert sipp_call(centre, "199", caller="1190000002", patience=40).code == 200
            assert len([call for call in rung.calls() if call.code == 200]) == 2
        server.start()
        until(centre.is_ready, 20, "the store")
        until(lambda: not centre.get("/v1/calls")["calls"], 30, "every end stored")
