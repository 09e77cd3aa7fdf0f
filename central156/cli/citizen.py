"""`central156 citizen …`: what is held about one citizen is found, handed over, erased."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.table import Column, Table

from central156.cli.api import Api, open_api
from central156.cli.asking import make_sure
from central156.cli.motives import motive
from central156.cli.narrow import CLOSE
from central156.cli.words import counted, moment, number

Command = TypeVar("Command", bound=Callable[..., Any])
PATIENCE = 3_600.0
"""Seconds: a search by what was typed, or an erasure, may look through much."""


def about(command: Command) -> Command:
    """The options that say whom it is about: exactly one."""
    for option in (
        click.option("--protocolo", "protocol", default="", help="Só este atendimento."),
        click.option("--documento", "document", default="", help="CPF ou CNPJ que foi digitado."),
        click.option("--telefone", "phone", default="", help="DDD e número de quem ligou."),
    ):
        command = option(command)
    return command


@click.group("citizen")
def citizen() -> None:
    """Dados de um cidadão: achar, entregar, apagar (LGPD, art. 18). Só com o token de um auditor.

    O comando fica no histórico do terminal: escreva um espaço antes dele, ou apague o histórico.
    """


@citizen.command("find")
@about
@motive("because", required=True)
@click.pass_obj
def find(state_dir: Path | None, /, because: str, **whom: str) -> None:
    """Mostra o que se guarda, mascarado. Pedido: POST /v1/citizens/find"""
    told = _ask(open_api(state_dir), "find", because, whom)
    found = told["calls"]
    if any(told[name] for name in ("contacts", "wishes", "texts", "received")):
        lists = counted(len(told["contacts"]), "lista de campanha", "listas de campanha")
        many = sum(len(one["attempts"]) for one in told["contacts"])
        tries = counted(many, "tentativa", "tentativas")
        wishes = counted(len(told["wishes"]), "pedido de não ligar", "pedidos de não ligar")
        click.echo(f"Está em {lists} ({tries}); fez {wishes}.")
        sent = counted(len(told["texts"]), "mensagem", "mensagens")
        came = counted(len(told["received"]), "mensagem", "mensagens")
        click.echo(f"SMS: {sent} para ele, {came} dele.")
    elif not found:
        click.echo("Não se guarda nada desta pessoa.")
    if not found:
        return
    table = Table(
        *("Quando", "Linha", Column("Protocolo", no_wrap=True)),
        *(Column("Número", no_wrap=True), "Digitou", "Gravações", "Situação"),
        **CLOSE,
    )
    for one in found:
        table.add_row(
            moment(one["arrived_at"]),
            one["line"],
            ", ".join(number(each) for each in one["protocols"]),
            one["caller"],
            str(len(one["typed"])),
            str(len(one["recordings"])),
            _standing(one),
        )
    Console(highlight=False).print(table)
    _tell_more(told)


@citizen.command("export")
@about
@motive("because", required=True)
@click.option(
    "--para",
    "into",
    required=True,
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    metavar="ARQUIVO",
    help="Onde gravar (JSON); só quem grava pode ler.",
)
@click.pass_obj
def export(state_dir: Path | None, /, because: str, into: Path, **whom: str) -> None:
    """Grava tudo o que se guarda, inteiro, para entregar. Pedido: POST /v1/citizens/export"""
    found = _ask(open_api(state_dir), "export", because, whom)
    text = json.dumps(found, ensure_ascii=False, indent=2)
    with open(into, "w", encoding="utf-8", opener=_private) as file:
        file.write(text + "\n")
    calls = counted(len(found["calls"]), "ligação", "ligações")
    click.echo(f"{calls} em {into}. As gravações se exportam com: central156 recording export")
    _tell_more(found)


@citizen.command("erase")
@about
@motive("because", required=True)
@click.option("--ensaio", "rehearsal", is_flag=True, help="Só diz o que faria.")
@click.option("--sim", "sure", is_flag=True, help="Não pergunta antes.")
@click.pass_obj
def erase(
    state_dir: Path | None, /, because: str, rehearsal: bool, sure: bool, **whom: str
) -> None:
    """Apaga os dados; contagens e protocolos ficam. Pedido: POST /v1/citizens/erasure"""
    api = open_api(state_dir)
    would = _ask(api, "rehearsal", because, whom)
    calls = counted(would["calls"], "ligação", "ligações")
    lists = counted(would["contacts"], "lista de campanha", "listas de campanha")
    texts = counted(would["texts"], "mensagem", "mensagens")
    if rehearsal or not (would["calls"] or would["contacts"] or would["texts"]):
        click.echo(f"Seriam apagados os dados de {calls}, de {lists} e {texts} de texto.")
        _tell_kept(would["kept"])
        return
    if not sure:
        make_sure(f"Apagar para sempre os dados de {calls}, de {lists} e {texts} de texto?")
    done = _ask(api, "erasure", because, whom)
    calls = counted(done["calls"], "ligação", "ligações")
    sounds = counted(done["recordings"], "gravação", "gravações")
    texts = counted(done["texts"], "mensagem", "mensagens")
    lists = counted(done["contacts"], "lista de campanha", "listas de campanha")
    click.echo(f"Apagados os dados de {calls}, {sounds}, {texts} de texto e {lists}.")
    _tell_kept(done["kept"])


@citizen.command("erase-again")
@click.pass_obj
def erase_again(state_dir: Path | None) -> None:
    """Depois de restaurar uma cópia: apaga de novo. Pedido: POST /v1/citizens/erasure-again"""
    done = open_api(state_dir).post("/v1/citizens/erasure-again", seconds=PATIENCE)
    calls = counted(done["calls"], "ligação", "ligações")
    click.echo(f"Apagados de novo os dados de {calls}.")


@citizen.command("register")
@click.pass_obj
def register(state_dir: Path | None) -> None:
    """Mostra os apagamentos: quando, por quem, por quê. Pedido: GET /v1/citizens/erasures"""
    found = open_api(state_dir).get("/v1/citizens/erasures")["erasures"]
    if not found:
        click.echo("Nada foi apagado até hoje.")
        return
    table = Table("Quando", "Quem", "Por quê", "Ligações", "Gravações", "Ficaram")
    for one in found:
        counts = (one["calls"], one["recordings"], one["kept"])
        table.add_row(moment(one["at"]), one["by"], one["because"], *map(str, counts))
    Console(highlight=False).print(table)


def _ask(api: Api, what: str, because: str, whom: dict[str, str]) -> Any:
    told = {kind: value for kind, value in whom.items() if value}
    if len(told) != 1:
        raise click.UsageError("diga um só: --telefone, --documento ou --protocolo")
    ((kind, value),) = told.items()
    body = {"kind": kind, "value": value, "because": because}
    return api.post(f"/v1/citizens/{what}", body, PATIENCE)


def _standing(call: dict[str, Any]) -> str:
    if call["held"]:
        return "retenção legal"
    if call["ended_at"] is None:
        return "em curso"
    return "a retornar" if call["waits_for_us"] else "encerrada"


def _tell_kept(kept: dict[str, str]) -> None:
    for call, because in kept.items():
        click.echo(f"Fica por ora {call}: {because}.")


def _tell_more(told: dict[str, Any]) -> None:
    if told["more"]:
        more = counted(told["more"], "ligação", "ligações")
        click.echo(f"E mais {more}, das mais novas: peça por protocolo.")


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
