"""What notes about agents come to: a row for each spell in one state. Pure.

A spell ends with the next state, with the logout, or when control starts anew: who was not idle
then is idle until something else is told. What the agent chose meanwhile (a pause) is no state.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from protocol_store.visit_notes import Note
from protocol_store.visit_tables import minute_of
from terms.facts import Kind
from terms.names import Instant

Row = dict[str, Any]

IDLE: Final = "idle"


def fold_states(running: dict[str, Row], notes: Iterable[Note]) -> list[Row]:
    """The rows that these notes add to, or change, given each agent's spell that goes on (which
    `running` holds, and is brought up to date)."""
    rows: dict[tuple[str, Instant], Row] = {}

    def end(agent: str, at: Instant) -> Instant:
        spell = running.pop(agent, None)
        if spell is None:
            return at
        spell["ended_at"] = at = max(at, spell["began_at"])
        rows[agent, spell["began_at"]] = spell
        return at

    def begin(agent: str, at: Instant, state: str) -> None:
        spell = {"agent": agent, "state": state, "began_at": at}
        spell |= {"began_minute": minute_of(at), "ended_at": None}
        running[agent] = rows[agent, at] = spell

    for note in notes:
        if note.kind is Kind.CONTROL_STARTED:
            for agent, spell in tuple(running.items()):
                if spell["state"] != IDLE:
                    begin(agent, end(agent, note.at), IDLE)
        elif note.kind is Kind.AGENT_LOGOUT:
            end(note.agent, note.at)
        else:
            state = note.said.get("state", IDLE)  # a login begins idle
            before = running.get(note.agent)
            login = note.kind is Kind.AGENT_LOGIN
            if before is None or not (login or before["state"] == state):
                begin(note.agent, end(note.agent, note.at), state)
    return list(rows.values())
