"""`central156 trunk list, check, reload`: the ways out, and rotas.yaml."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console

from central156.cli.api import open_api
from central156.cli.dialplan import exit_with
from central156.cli.narrow import keyed
from central156.cli.portuguese import COMMANDS, OPTIONS
from central156.cli.words import counted, program
from central156.settings import load_settings
from central156.trunks import completed, waits
from reader import DialplanMistakes
from reader.folder import ROUTES
from reader.trunk_file import TrunkRow, trunks_in

Plain = Mapping[str, Any]
SECONDS: Final = 60.0
STARTS_SHOWN: Final = 6


@click.group("trunk", options_metavar=OPTIONS, subcommand_metavar=COMMANDS)
def trunk() -> None:
    """As rotas de saída (dialplans/rotas.yaml): por que operadora as ligações saem.

    Para mudar: edite o arquivo, e então check e reload.
    """


@trunk.command("list")
@click.option("--json", "as_json", is_flag=True, help="Em JSON.")
@click.pass_obj
def show(state_dir: Path | None, as_json: bool) -> None:
    """Mostra cada rota e o que ela leva, agora, no dia e no mês. Pedido: GET /v1/trunks"""
    found = open_api(state_dir).get("/v1/trunks")
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    if not found["trunks"]:
        click.echo(f"Nenhuma rota tem destino: nada sai. Diga-o em {ROUTES} ou em out_trunk.")
        return
    table = keyed("Rota", "Operadora", "Destino", "Em curso", "Por s", "Hoje", "Mês", "Disca")
    for one in found["trunks"]:
        in_use = "?" if one["calls"] is None else str(one["calls"])
        table.add_row(
            one["name"],
            one["operator"] + (" (autenticada)" if one["authenticated"] else ""),
            one["address"],
            f"{in_use} de {one['channels']}",
            str(one["per_second"]),
            str(one["today"]["attempts"]),
            str(one["month"]["attempts"]),
            _starts(one["starts"]),
        )
    Console(highlight=False).print(table)
    for one in found["operators"]:
        click.echo(_operator(one))
    for warning in found["warnings"]:
        click.secho(f"Atenção: {warning}.", fg="yellow")


def _operator(one: Plain) -> str:
    share = one["month"] / one["limit"]
    told = f"{one['name']}: {one['month']} de {one['limit']} ligações no mês ({share:.1%})"
    if one["today"]:
        told += f"; {one['short_today'] / one['today']:.0%} das de hoje duraram até 6 s"
    return told.replace(".", ",") + "."


def _starts(starts: list[str]) -> str:
    if not starts:
        return "o país"
    more = len(starts) - STARTS_SHOWN
    return ", ".join(starts[:STARTS_SHOWN]) + (f" e mais {more}" if more > 0 else "")


@trunk.command("check")
@click.argument(
    "folder",
    required=False,
    metavar="[PASTA]",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
)
@click.pass_obj
def check(state_dir: Path | None, folder: Path | None) -> None:
    """Confere rotas.yaml: todos os erros, com linha e coluna. Nada muda."""
    settings = load_settings(state_dir)
    rows = read_or_exit(folder or settings.dialplans_dir)
    if rows is None:
        click.echo(f"Não há {ROUTES}: vale a rota única da configuração (out_trunk).")
    else:
        for one in rows:
            click.echo(told(completed(one, settings), settings.out_trunk))
        click.echo(f"{counted(len(rows), 'rota', 'rotas')}: nenhum erro.")
    if folder is None and waits(settings):
        click.echo(f"Ainda não está em vigor: {program()} trunk reload")


def read_or_exit(folder: Path) -> list[TrunkRow] | None:
    """The folder's ways out; else the mistakes are told and the command ends with 1."""
    try:
        return trunks_in(folder)
    except DialplanMistakes as wrong:
        exit_with([*map(str, wrong.mistakes)])


def told(one: TrunkRow, out_trunk: str) -> str:
    """A sentence about a way out."""
    address = one.address or out_trunk
    where = address or "sem destino (nem aqui nem em out_trunk): nada sai por ela"
    signed = ", autenticada" if one.authenticated else ""
    return (
        f"{one.name}: {one.operator}{signed}, {where}; "
        f"{counted(one.channels, 'canal', 'canais')}, {one.per_second} por segundo; "
        f"disca {_starts(list(one.starts))}."
    )


@trunk.command("reload")
@click.pass_obj
def reload(state_dir: Path | None) -> None:
    """Põe rotas.yaml em vigor, sem tocar nas ligações em curso. Pedido: POST /v1/trunks/reload"""
    done = open_api(state_dir).post("/v1/trunks/reload", None, SECONDS)
    if not done["changed"]:
        click.echo("As rotas já eram estas: nada mudou.")
        return
    click.echo(f"Em vigor: {', '.join(done['trunks']) or 'nenhuma rota'}.")
    if done["trunks"] and not done["campaigns"]:
        click.echo("A central começou sem rota nenhuma: as campanhas saem depois de reiniciá-la.")
    for word, names in (("Novas", done["added"]), ("Retiradas", done["removed"])):
        if names:
            click.echo(f"{word}: {', '.join(names)}.")
    for name in done["counted"]:
        click.secho(
            f"Atenção: {name} já levou ligações neste mês, e a conta da operadora é pelo nome da "
            f"rota: mantenha-o até o mês acabar. Confira: {program()} trunk list",
            fg="yellow",
        )
