"""Why no campaign dials at a site, if so, in the tables: what stopped the dialler stops it still
after a restart, until a person lets it go on.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from protocol_store.campaign_tables import dialler_state
from protocol_store.upserts import upsert
from terms.names import Instant


@dataclass(frozen=True, slots=True)
class Stopped:
    """What was said last of whether campaigns may dial. `because` empty: they may."""

    because: str = ""
    at: Instant = 0.0
    by: str = ""


def stopped(connection: Connection, site: str) -> Stopped:
    """What holds now; that they may, if nobody ever said anything."""
    row = connection.execute(select(dialler_state).where(dialler_state.c.site == site)).first()
    return Stopped() if row is None else Stopped(row.stopped, row.at, row.by_whom)


def set_stopped(connection: Connection, site: str, said: Stopped) -> None:
    """Write down what holds from now on; harmless to repeat."""
    statement = upsert(connection, dialler_state, ("site",), ("stopped", "at", "by_whom"))
    row = {"site": site, "stopped": said.because, "at": said.at, "by_whom": said.by}
    connection.execute(statement, row)
