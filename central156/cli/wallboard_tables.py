"""Under the figures of the wallboard: queues, callers and agents, as many as there is room for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.table import Table

from central156.cli.words import PHONES, PLACES, STATES, STATUSES, clock, number
from terms.names import Instant

Picture = Mapping[str, Any]
Row = tuple[str, ...]
SIDE_BY_SIDE = 160
FRAME = 5  # title, frame and heading of a table
LEAST = FRAME + 2
CALLS_SHOWN = 40
"""With no height to keep to."""

QUEUES = ("Linha", "Fila", "Esperam", "Maior", "NS hoje", "NS 60 min", "Logados", "Livres")
CALLS = ("Linha", "Protocolo", "Onde", "Há", "Fila ou etapa", "Agente")
AGENTS = ("Agente", "Situação", "Estado", "Há", "Telefone")


def tables(picture: Picture, now: Instant, width: int, height: int | None) -> list[RenderableType]:
    """What fits into so many rows (None: everything), the queues first."""
    queues, calls, agents = _queues(picture, now), _calls(picture, now), _agents(picture, now)
    if height is None:
        return [
            _table("Filas", QUEUES, queues, len(queues), False),
            _table("Chamadas", CALLS, calls, CALLS_SHOWN, False),
            _table("Agentes", AGENTS, agents, len(agents), False),
        ]
    if width >= SIDE_BY_SIDE and height >= LEAST:
        grid = Table.grid(expand=True, padding=(0, 1))
        grid.add_column(ratio=1)
        grid.add_column(ratio=1)
        grid.add_row(
            _table("Filas", QUEUES, queues, height - FRAME),
            _table("Agentes", AGENTS, agents, height - FRAME),
        )
        return [grid]
    found: list[RenderableType] = []
    parts = (("Filas", QUEUES, queues), ("Agentes", AGENTS, agents), ("Chamadas", CALLS, calls))
    for title, heading, rows in parts:
        if height < LEAST:
            break
        room = height - FRAME
        found.append(_table(title, heading, rows, room))
        height -= FRAME + min(room, len(rows))
    return found


def _table(
    title: str, heading: Row, rows: Sequence[Row], room: int, keeps_to_rows: bool = True
) -> Table:
    """The first rows of a table; the last one tells how many are not shown."""
    table = Table(title=title, expand=True)
    for name in heading:
        table.add_column(name, no_wrap=keeps_to_rows, overflow="ellipsis")
    shown = rows if len(rows) <= room else rows[: max(0, room - 1)]
    for row in shown:
        table.add_row(*row)
    if len(shown) < len(rows):
        table.add_row(f"e mais {len(rows) - len(shown)}", *("" for _ in heading[1:]))
    return table


def _queues(picture: Picture, now: Instant) -> list[Row]:
    return [
        (
            one["line"],
            one["queue"] + (" (tempestade)" if one["storm"] else ""),
            str(one["unserved"]) + (f" +{one['absent']} a retornar" if one["absent"] else ""),
            clock(now - one["oldest"]) if one["oldest"] is not None else "",
            _level(one, "hoje"),
            _level(one, "60min"),
            str(one["crew"]),
            str(one["free"]),
        )
        for one in sorted(
            picture["queues"], key=lambda one: (not one["emergency"], -one["unserved"])
        )
    ]


def _level(queue: Picture, window: str) -> str:
    share = queue.get("figures", {}).get(window, {}).get("service_level_answered")
    return "" if share is None else f"{int(share * 100)}%"


def _place(one: Picture) -> str:
    if one["absent"]:
        return "a retornar"
    if one.get("dialled") and one["where"] == "offered":
        return "sendo chamado"  # by a campaign: the agent is there, or about to be
    return PLACES.get(one["where"], str(one["where"]))


def _calls(picture: Picture, now: Instant) -> list[Row]:
    return [
        (
            one["line"],
            number(one["protocol"]) if one["protocol"] else "",
            _place(one),
            clock(now - one["joined"]),
            one["queue"],
            one["agent"] or "",
        )
        for one in picture["callers"]
    ] + [
        (
            one["line"],
            number(one["protocol"]),
            "com o Asterisk" if one["static"] else "no menu",
            clock(now - one["arrived"]),
            one["node"],
            "",
        )
        for one in picture["elsewhere"]
    ]


def _agents(picture: Picture, now: Instant) -> list[Row]:
    rank = {"offered": 0, "talking": 1, "wrap_up": 2, "idle": 3}
    there = sorted(
        picture["agents"],
        key=lambda one: (one["status"] == "logged_out", rank.get(one["state"], 4), one["agent"]),
    )
    return [
        (
            one["agent"],
            _status(one, now),
            STATES.get(one["state"], one["state"]) if one["status"] != "logged_out" else "",
            clock(now - one["since"]) if one["since"] else "",
            PHONES.get(one["phone"], one["phone"]),
        )
        for one in there
    ]


def _status(agent: Picture, now: Instant) -> str:
    status = str(STATUSES.get(agent["status"], agent["status"]))
    if agent["reason"]:
        status += f" ({agent['reason']})"
    if (since := agent.get("pause_since")) is not None:
        status += f" há {clock(now - since)}"
    return status
