"""Why no campaign dials at a site, if so, in the tables: what stopped the dialler stops it still
after a restart, until a person lets it go on. And what a start must know of the hour before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, or_, select

from protocol_store.attempt_rows import OpenAttempt
from protocol_store.campaign_tables import attempts, dialler_state
from protocol_store.tables import calls
from protocol_store.upserts import upsert
from terms.limits import CALL_TOLD_EARLY, RING_SECONDS_MAX
from terms.names import AgentName, AttemptId, CallId, CampaignName, Instant
from terms.outcome import Tried


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


@dataclass(frozen=True, slots=True)
class MadeCall:
    """The call that an attempt became: when the citizen answered, who talked, when it ended."""

    attempt: AttemptId
    call: CallId
    arrived: Instant
    agent: AgentName | None
    ended: Instant | None


def calls_of(connection: Connection, attempts: Sequence[OpenAttempt]) -> list[MadeCall]:
    """The calls of these attempts, whose end nobody wrote down: a start that finds an attempt
    without an end may find that its call has had one."""
    found = []
    for one in attempts:
        row = connection.execute(
            select(calls.c.call_id, calls.c.arrived_at, calls.c.agent, calls.c.ended_at)
            .where(calls.c.campaign == one.campaign, calls.c.caller == one.number)
            .where(calls.c.arrived_at >= one.at - CALL_TOLD_EARLY)
            .order_by(calls.c.arrived_at)
            .limit(1)
        ).first()
        if row is not None:
            call = CallId(row.call_id)
            found.append(MadeCall(one.attempt, call, row.arrived_at, row.agent, row.ended_at))
    return found


def hours(connection: Connection, since: Instant) -> dict[CampaignName, tuple[int, int]]:
    """What campaigns' calls have brought since then: how many answers for which an agent was found
    or should have been, and how many of them found nobody."""
    dropped = attempts.c.result == Tried.DROPPED.value
    ordered_since = int((since - 2 * RING_SECONDS_MAX) // 60)  # the index is by the order
    found = connection.execute(
        select(attempts.c.campaign, func.count(), func.count().filter(dropped))
        .where(attempts.c.ordered_minute >= ordered_since, attempts.c.answered_at >= since)
        .where(or_(dropped, attempts.c.agent.is_not(None)))
        .group_by(attempts.c.campaign)
    )
    return {CampaignName(name): (answers, drops) for name, answers, drops in found}
