"""The whole centre over a PostgreSQL: by one setting, and with the database gone for a while."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from centre_bed import centre_bed, until
from postgres_server import PostgresServer
from sipp_phones import sipp_call

from protocol_store.engines import make_engine
from terms.protocol_number import DIGITS, RESCUE_FIRST

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
            # The call is served by control, with a number of ours, as if nothing were wrong.
            assert sipp_call(centre, "199", caller="1190000002", patience=40).code == 200
            assert len([call for call in rung.calls() if call.code == 200]) == 2
        server.start()
        until(centre.is_ready, 20, "the store")
        until(lambda: not centre.get("/v1/calls")["calls"], 30, "every end stored")
        engine = make_engine(url, reading=True)
        with engine.connect() as connection:
            found = connection.exec_driver_sql(
                "SELECT caller, static, outcome, protocol FROM calls ORDER BY arrived_at"
            ).all()
        engine.dispose()
        assert [tuple(row)[:3] for row in found] == [
            ("1190000001", False, "served"),
            ("1190000002", False, "served"),
        ]
        assert all(int(row.protocol[:DIGITS]) < RESCUE_FIRST for row in found)
        folder = centre.settings.journal_dir / centre.settings.node
        assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}
