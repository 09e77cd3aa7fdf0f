"""`central156 floor`: who waits, who talks, who is there, live."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table

from central156.cli.api import Api, open_api
from central156.cli.words import PHONES, PLACES, STATES, STATUSES, clock, hour, number

CALLS_SHOWN = 40


@click.command("floor")
@click.option("--once", is_flag=True, help="Mostrar uma vez e sair.")
@click.option("--json", "as_json", is_flag=True, help="Uma vez, em JSON.")
@click.pass_obj
def floor(state_dir: Path | None, once: bool, as_json: bool) -> None:
    """Mostra quem espera, quem fala e quem está disponível, ao vivo.

    Pedidos: GET /v1/floor e GET /v1/floor/events
    """
    api = open_api(state_dir)
    if as_json:
        click.echo(json.dumps(api.get("/v1/floor"), ensure_ascii=False, indent=2))
    elif once or not sys.stdout.isatty():
        Console(highlight=False).print(drawn(api.get("/v1/floor")))
    else:
        _live(api)


def _live(api: Api) -> None:
    with Live(screen=True, auto_refresh=False) as screen:
        for event, value in api.events("/v1/floor/events"):
            if event == "floor":
                screen.update(drawn(value), refresh=True)
            elif event == "away":
                screen.update("A central saiu do ar; esperando que volte…", refresh=True)


def drawn(picture: Mapping[str, Any]) -> Group:
    """The floor as tables."""
    link = "" if picture["link"] else "  (sem ligação com o Asterisk)"
    title = f"Central 156 · {hour(picture['at'])}{link}"
    return Group(title, _queues(picture), _calls(picture), _agents(picture))


def _queues(picture: Mapping[str, Any]) -> Table:
    table = Table("Linha", "Fila", "Esperam", "Entraram", "Atendidas", "Desistiram", title="Filas")
    for one in picture["queues"]:
        counts = (one["waiting"], one["joined"], one["answered"], one["abandoned"])
        table.add_row(one["line"], one["queue"], *map(str, counts))
    return table


def _calls(picture: Mapping[str, Any]) -> Table:
    table = Table("Linha", "Protocolo", "Onde", "Há", "Fila ou etapa", "Agente", title="Chamadas")
    now = picture["at"]
    rows = [
        (
            one["line"],
            number(one["protocol"]),
            PLACES.get(one["where"], one["where"]),
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
    for row in rows[:CALLS_SHOWN]:
        table.add_row(*row)
    if len(rows) > CALLS_SHOWN:
        table.caption = f"e mais {len(rows) - CALLS_SHOWN}"
    return table


def _agents(picture: Mapping[str, Any]) -> Table:
    table = Table("Agente", "Situação", "Estado", "Há", "Telefone", title="Agentes")
    for one in picture["agents"]:
        status = STATUSES.get(one["status"], one["status"])
        if one["reason"]:
            status += f" ({one['reason']})"
        since = clock(picture["at"] - one["since"]) if one["since"] else ""
        table.add_row(
            one["agent"],
            status,
            STATES.get(one["state"], one["state"]),
            since,
            PHONES.get(one["phone"], one["phone"]),
        )
    return table
