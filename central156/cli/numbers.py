"""`central156 numbers`: numbers under suspicion, and those kept from 156."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.table import Table

from central156.cli.api import open_api
from central156.cli.moments import EXAMPLES, Until
from central156.cli.motives import motive
from central156.cli.words import counted, moment, program

Plain = Mapping[str, Any]

MARKS: Final = {"suspect": "suspeita", "block": "bloqueio"}


@click.group("numbers")
def numbers() -> None:
    """Números sob suspeita de trote. Nenhum é bloqueado sozinho; 199 e 153 atendem sempre."""


@numbers.command("flag")
@click.argument("number", required=False, default="", metavar="[NÚMERO]")
@click.option("--call", default="", metavar="ID", help="O número desta chamada, sem vê-lo.")
@motive("reason", required=True)
@click.option("--until", type=Until(), metavar="QUANDO", help=f"Até quando (30 dias); {EXAMPLES}.")
@click.pass_obj
def flag(state_dir: Path | None, number: str, call: str, reason: str, until: float | None) -> None:
    """Marca um número como suspeito: o agente que o atender verá «TROTE?».

    Pedidos: POST /v1/numbers e POST /v1/calls/{call}/suspicion
    """
    if bool(number) == bool(call):
        raise click.UsageError("diga o número, ou a chamada com --call")
    api = open_api(state_dir)
    if call:
        made = api.post(f"/v1/calls/{call}/suspicion", {"reason": reason})
    else:
        body = {"phone": number, "mark": "suspect", "reason": reason, "until": until}
        made = api.post("/v1/numbers", body)
    count = counted(made["suspicions"], "suspeita", "suspeitas")
    click.echo(f"Número {made['number']} (id {made['id']}): {count}. O agente será avisado.")


@numbers.command("unflag")
@click.argument("which", metavar="NÚMERO|ID")
@click.pass_obj
def unflag(state_dir: Path | None, which: str) -> None:
    """Tira as suspeitas de um número. Pedido: POST /v1/numbers/removal"""
    _remove(state_dir, which, "suspect")


@numbers.command("block")
@click.argument("number", metavar="NÚMERO")
@motive("reason", required=True)
@click.option("--until", type=Until(), required=True, metavar="QUANDO", help=f"Fim; {EXAMPLES}.")
@click.pass_obj
def block(state_dir: Path | None, number: str, reason: str, until: float) -> None:
    """Bloqueia um número na linha 156, com motivo e fim; 199 e 153 o atendem sempre.

    Só com o token de uma pessoa: quem bloqueia fica registrado. Pedido: POST /v1/numbers
    """
    body = {"phone": number, "mark": "block", "reason": reason, "until": until}
    made = open_api(state_dir).post("/v1/numbers", body)
    click.echo(
        f"Número {made['number']} (id {made['id']}) bloqueado na linha 156 até {moment(until)}.\n"
        f"Para desbloquear: {program()} numbers unblock {made['id']}"
    )


@numbers.command("unblock")
@click.argument("which", metavar="NÚMERO|ID")
@click.pass_obj
def unblock(state_dir: Path | None, which: str) -> None:
    """Tira o bloqueio de um número. Pedido: POST /v1/numbers/removal"""
    _remove(state_dir, which, "block")


@numbers.command("list")
@click.option("--json", "as_json", is_flag=True, help="Em JSON.")
@click.pass_obj
def listed(state_dir: Path | None, as_json: bool) -> None:
    """Mostra os números marcados, pelos últimos algarismos. Pedido: GET /v1/numbers"""
    found = open_api(state_dir).get("/v1/numbers")["numbers"]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    table = Table("Id", "Número", "Marca", "Por quê", "Por", "Até")
    for one in found:
        for mark in one["marks"]:
            table.add_row(
                one["id"],
                one["number"],
                MARKS.get(mark["mark"], mark["mark"]),
                mark["reason"],
                mark["by"],
                moment(mark["until"]),
            )
    Console(highlight=False).print(table)


def _remove(state_dir: Path | None, which: str, mark: str) -> None:
    done = open_api(state_dir).post("/v1/numbers/removal", {"which": which, "mark": mark})
    what = "sem suspeitas" if mark == "suspect" else "desbloqueado na linha 156"
    click.echo(f"Número {done['id']}: {what}.")
