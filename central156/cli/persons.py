"""`central156 person …`: who may use the centre."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from central156.cli.api import open_api, route
from central156.cli.words import ROLES, moment, program


@click.group("person")
def person() -> None:
    """Pessoas: quem pode usar a API, cada uma com o seu token e o seu papel."""


@person.command("add")
@click.argument("name", metavar="NOME")
@click.option("--role", required=True, type=click.Choice(list(ROLES)), help="O papel.")
@click.option("--linhas", "lines", default="", metavar="156,153", help="Só as destas linhas …")
@click.option("--filas", "queues", default="", metavar="FILA,…", help="… ou destas filas.")
@click.pass_obj
def add(state_dir: Path | None, name: str, role: str, lines: str, queues: str) -> None:
    """Dá um token a uma pessoa; mostra-o uma única vez.

    Com --linhas ou --filas ela só vê inteiro o número de quem ligou para estas, e só ouve gravações
    delas. Quem ligou para uma fila discreta, só auditores e quem tem o nome dela em --filas.

    O token de um agente vale para o agente de mesmo nome. Pedido: POST /v1/persons
    """
    given = open_api(state_dir).post("/v1/persons", _person(name, role, lines, queues))
    click.echo(f"Token de {given['name']} ({ROLES[given['role']]}):", err=True)
    click.echo(given["token"])  # alone on the standard output: `> lia.token` makes its file
    click.echo(
        "Anote-o: dele fica guardado apenas um resumo, e não será mostrado de novo.\n"
        "Para usá-lo aqui: guarde-o num arquivo, sozinho, e diga\n"
        f"{program()} --token ARQUIVO COMANDO.",
        err=True,
    )


@person.command("list")
@click.option("--json", "as_json", is_flag=True, help="Em JSON.")
@click.pass_obj
def list_persons(state_dir: Path | None, as_json: bool) -> None:
    """Mostra as pessoas, também as de token revogado.

    Pedido: GET /v1/persons
    """
    found = open_api(state_dir).get("/v1/persons")["persons"]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    if not found:
        click.echo(f"Ainda não há pessoas. Para dar um token: {program()} person add NOME --role …")
        return
    table = Table("Pessoa", "Papel", "Vê", "Desde", "Revogado em")
    for one in found:
        revoked = moment(one["revoked_at"]) if one["revoked_at"] else ""
        scope = ", ".join([*one["lines"], *one["queues"]]) or "todas"
        table.add_row(one["name"], ROLES[one["role"]], scope, moment(one["created_at"]), revoked)
    Console(highlight=False).print(table)


@person.command("revoke")
@click.argument("name", metavar="NOME")
@click.pass_obj
def revoke(state_dir: Path | None, name: str) -> None:
    """Tira o token de uma pessoa; vale já.

    Pedido: POST /v1/persons/{name}/revoke
    """
    open_api(state_dir).post(route("persons", name, "revoke"))
    click.echo(f"O token de {name} não vale mais.")


def _person(name: str, role: str, lines: str, queues: str) -> dict[str, object]:
    scope = {
        key: [one for one in map(str.strip, text.split(",")) if one]
        for key, text in (("lines", lines), ("queues", queues))
    }
    return {"name": name, "role": role, **{key: some for key, some in scope.items() if some}}
