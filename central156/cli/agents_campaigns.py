"""`central156 agents preview|heard`: what an agent does about calls that the city makes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import click

from central156.cli.api import open_api, route
from central156.cli.words import hour

WORDS: Final = {
    "pessoa": "uma pessoa",
    "caixa_postal": "caixa postal",
    "fax": "fax",
    "muda": "ninguém falou",
    "numero_errado": "número errado",
    "nao_ligar": "não quer mais ligações",
}
NAME = click.argument("name", metavar="NOME")


@click.command("preview")
@NAME
@click.option("--dial", "dial", is_flag=True, help="Liga para este contato.")
@click.option("--skip", "skip", is_flag=True, help="Deixa este contato para depois.")
@click.pass_obj
def preview(state_dir: Path | None, name: str, dial: bool, skip: bool) -> None:
    """Mostra o contato que o agente olha antes da ligação: roteiro e dados.

    No telefone: *191 liga, *192 deixa para depois.

    Pedidos: GET /v1/agents/{name}/preview e POST /v1/agents/{name}/preview
    """
    if dial and skip:
        raise click.UsageError("diga --dial ou --skip, não os dois")
    api, path = open_api(state_dir), route("agents", name, "preview")
    if dial or skip:
        api.post(path, {"dial": dial})
        click.echo("O telefone vai tocar." if dial else "Fica para depois.")
        return
    found = api.get(path)
    if not found:
        click.echo(f"{name} não tem contato a olhar.")
        return
    for line in told(found):
        click.echo(line)


@click.command("heard")
@NAME
@click.argument("word", metavar="O_QUE", type=click.Choice(list(WORDS)))
@click.pass_obj
def heard(state_dir: Path | None, name: str, word: str) -> None:
    """O que atendeu a ligação de campanha: caixa_postal, fax, muda, numero_errado, nao_ligar.

    Vale durante a conversa e logo depois dela. No telefone: *193 a *197.

    Pedido: POST /v1/agents/{name}/answered-by
    """
    open_api(state_dir).post(route("agents", name, "answered-by"), {"word": word})
    click.echo(f"{name}: {WORDS[word]}.")


def told(found: Mapping[str, Any]) -> Iterator[str]:
    """A contact as its agent sees it."""
    yield f"campanha   {found['campaign']}: {found['subject']}"
    yield f"pedida por {found['body']}"
    yield f"telefone   {found['number']}"
    for name, value in found["fields"].items():
        yield f"{name:<10} {value}"
    if found["script"]:
        yield f"roteiro    {found['script']}"
    if until := found.get("until"):
        yield f"decida     até {hour(until)}: *191 liga, *192 deixa para depois"
