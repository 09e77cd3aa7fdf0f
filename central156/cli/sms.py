"""`central156 sms …`: text messages are ordered, followed and stopped."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, TypeVar

import click
from rich.console import Console
from rich.table import Table

from central156.cli.api import Api, open_api, route
from central156.cli.moments import Until
from central156.cli.narrow import keyed
from central156.cli.words import counted, moment
from central156.settings import load_settings
from central156.sms_file import decoded, read
from terms.limits import SMS_CHARACTERS
from terms.text_message import How

Command = TypeVar("Command", bound=Callable[..., Any])
KINDS = ("alerta", "protocolo", "lembrete", "aviso", "campanha")
PIECE = 700_000  # characters of one request
SECONDS = 60.0


def wanted(command: Command) -> Command:
    """The options of every order."""
    for option in (
        click.option("--tipo", "kind", type=click.Choice(KINDS), required=True, help="Para quê."),
        click.option("--orgao", "body", required=True, metavar="ÓRGÃO", help="Quem pede."),
        click.option("--assunto", "subject", required=True, help="Do que se trata."),
        click.option("--inicio", "scheduled", type=Until(), help="Não enviar antes."),
        click.option("--prazo", "deadline", type=Until(), help="Não enviar depois (24 h)."),
        click.option("--sem-acentos", "plain", is_flag=True, help="Cabe mais; custa menos."),
        click.option(
            "--salva-vidas", "life_safety", is_flag=True, help="Alerta: a qualquer hora, a todos."
        ),
        click.option(
            "--repetir", "repeats", is_flag=True, help="Alerta: na dúvida, enviar de novo."
        ),
    ):
        command = option(command)
    return command


HOW: Final = {
    How.ACCEPTED: "aceita pela operadora",
    How.THROTTLED: "depressa demais para a operadora, não conta",
    How.REFUSED: "recusada desta vez",
    How.IMPOSSIBLE: "recusada de vez",
    How.LOST: "sem resposta",
    How.NOT_SENT: "não chegou ao enlace",
}
"""What became of a part of a message, for people."""


@click.group("sms")
def sms() -> None:
    """Mensagens de texto: pedir, importar, acompanhar, parar."""


@sms.command("send")
@click.argument("number", metavar="CELULAR")
@click.argument("text", metavar="TEXTO")
@wanted
@click.option("--id", "ref", default="", help="O identificador de quem pede.")
@click.pass_obj
def send(state_dir: Path | None, /, number: str, text: str, ref: str, **about: Any) -> None:
    """Envia uma mensagem. Pedido: POST /v1/sms/orders"""
    body = {**about, "messages": [{"number": number, "text": text, "ref": ref}]}
    done = open_api(state_dir).post("/v1/sms/orders", body)
    click.echo(f"Pedida: {done['first_message']}.")
    _tell_barred(done["not_to_be_sent"])


@sms.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@wanted
@click.option(
    "--texto",
    "text",
    default="",
    help=f"Um texto para todos, com {{colunas}}; até {SMS_CHARACTERS} letras.",
)
@click.option("--pular-erros", "skip", is_flag=True, help="Importa as linhas certas.")
@click.option("--ensaio", "rehearsal", is_flag=True, help="Só confere o arquivo.")
@click.pass_obj
def import_file(
    state_dir: Path | None, /, file: Path, text: str, skip: bool, rehearsal: bool, **about: Any
) -> None:
    """Envia o que um arquivo de texto diz: numero;texto;id. Pedido: POST /v1/sms/file"""
    content = file.read_bytes()
    try:
        whole = decoded(content)
        found = read(whole, text, load_settings(state_dir).out_area, about["plain"])
    except ValueError as wrong:
        raise click.ClickException(str(wrong)) from None
    for mistake in found.mistakes[:20]:
        click.echo(f"linha {mistake.line}: {mistake.text}", err=True)
    good = counted(len(found.texts), "mensagem", "mensagens")
    bad = counted(len(found.mistakes), "linha com erro", "linhas com erro")
    if rehearsal or (found.mistakes and not skip):
        click.echo(f"{good}; {bad}. Nada foi pedido.")
        raise SystemExit(1 if found.mistakes else 0)
    told = json.dumps([about, text], sort_keys=True).encode()
    about["order"] = hashlib.sha256(content + told).hexdigest()[:16]
    done = _load(open_api(state_dir), whole, {**about, "file": file.name, "text": text})
    click.echo(f"Pedido {done['order']}: {good}, {done['new']} que ainda não havia; {bad}.")
    _tell_barred(done["not_to_be_sent"])


@sms.command("list")
@click.argument("order", metavar="[PEDIDO]", required=False, default="")
@click.option("--situacao", "status", default="", help="Só nesta situação, ex.: incerta.")
@click.pass_obj
def list_orders(state_dir: Path | None, order: str, status: str) -> None:
    """Os pedidos, ou as mensagens de um. Pedidos: GET /v1/sms/orders, /v1/sms/messages"""
    api = open_api(state_dir)
    if order:
        found = api.get("/v1/sms/messages", order=order, status=status)["messages"]
        table = keyed("Mensagem", "Celular", "Situação", "Desde", "Tentativas", "Por quê")
        for one in found:
            since, tries = moment(one["since"]), str(one["attempts"])
            table.add_row(
                one["message_id"], one["number"], one["status"], since, tries, one["because"]
            )
    else:
        table = keyed("Pedido", "Quando", "Tipo", "Órgão", "Assunto", "Mensagens")
        for one in api.get("/v1/sms/orders")["orders"]:
            counts = ", ".join(f"{name} {n}" for name, n in sorted(one["by_status"].items()))
            about = (one["kind"], one["body"], one["subject"])
            table.add_row(one["order_id"], moment(one["ordered_at"]), *about, counts)
    Console(highlight=False).print(table)
    _tell_carrier(api)


@sms.command("show")
@click.argument("name", metavar="MENSAGEM")
@click.pass_obj
def show(state_dir: Path | None, name: str) -> None:
    """O caminho de uma mensagem. Pedido: GET /v1/sms/messages/{name}"""
    one = open_api(state_dir).get(route("sms", "messages", name))
    for label, value in (
        ("Mensagem", one["message_id"]),
        ("Órgão", one["body"]),
        ("Assunto", f"{one['subject']} ({one['kind']})"),
        ("Celular", one["number"]),
        ("Texto", one["text"]),
        ("Programada", moment(one["scheduled_at"])),
        ("Prazo", moment(one["deadline"])),
        ("Enviada", moment(one["sent_at"]) if one["sent_at"] else "não"),
        ("Situação", f"{one['status']} desde {moment(one['since'])} {one['because']}".strip()),
        ("Tentativas", one["attempts"]),
    ):
        click.echo(f"{label + ':':<13}{value}")
    for part in one["parts"]:
        told = f"; recibo: {part['told']}" if part["told"] else ""
        which = f"tentativa {part['attempt']}, parte {part['part']} de {part['of']}"
        how = HOW.get(part["how"], part["how"])
        said = " ".join(filter(None, (how, part["carrier_id"], part["why"])))
        click.echo(f"  {moment(part['at'])} {which}: {said}{told}")


@sms.command("stop")
@click.argument("order", metavar="PEDIDO")
@click.pass_obj
def stop(state_dir: Path | None, order: str) -> None:
    """Não envia o que falta. Pedido: POST /v1/sms/orders/{order}/stop"""
    done = open_api(state_dir).post(route("sms", "orders", order, "stop"))
    click.echo(f"Parado: {counted(done['stopped'], 'mensagem', 'mensagens')} sem enviar.")


@sms.command("agreed")
@click.argument("agent", metavar="AGENTE")
@click.pass_obj
def agreed(state_dir: Path | None, agent: str) -> None:
    """O cidadão quer o protocolo por SMS: o da chamada em curso do agente, ou da última.

    Pedido: POST /v1/sms/agreed/{name}
    """
    open_api(state_dir).post(route("sms", "agreed", agent))
    click.echo("O protocolo vai por SMS depois da chamada, se o número for de celular.")


@sms.command("refuse")
@click.argument("number", metavar="CELULAR")
@click.option("--desfazer", "undo", is_flag=True, help="O cidadão quer mensagens de novo.")
@click.pass_obj
def refuse(state_dir: Path | None, number: str, undo: bool) -> None:
    """Este número não quer mensagens. Pedido: POST /v1/sms/refusals"""
    done = open_api(state_dir).post("/v1/sms/refusals", {"number": number, "on": not undo})
    click.echo(f"{done['number']}: {'recebe de novo' if undo else 'não recebe mais'}.")


@sms.command("received")
@click.pass_obj
def received(state_dir: Path | None) -> None:
    """O que os cidadãos enviaram. Pedido: GET /v1/sms/received"""
    table = Table("Quando", "Celular", "Texto", "Não quer mais")
    for one in open_api(state_dir).get("/v1/sms/received")["received"]:
        refuses = "sim" if one["refuses"] else ""
        table.add_row(moment(one["at"]), one["number"], one["text"], refuses)
    Console(highlight=False).print(table)


def _load(api: Api, whole: str, about: dict[str, Any]) -> Any:
    """In pieces, each with the head line; nothing is sent before the last is there."""
    done: dict[str, Any] = {}
    new = none = 0
    pieces = list(_pieces(whole))
    for count, (first, piece) in enumerate(pieces, 1):
        body = {**about, "csv": piece, "first": first, "more": count < len(pieces), "skip": True}
        done = api.post("/v1/sms/file", body, SECONDS)
        new, none = new + done["new"], none + done["not_to_be_sent"]
    return {**done, "new": new, "not_to_be_sent": none}


def _pieces(whole: str) -> Iterator[tuple[int, str]]:
    """Cut between lines outside of quotes; how many lines came before each."""
    lines = whole.splitlines(keepends=True)
    head, first, piece, size, quotes = lines[0] if lines else "", 0, [], 0, 0
    for place, line in enumerate(lines[1:], 1):
        piece.append(line)
        size, quotes = size + len(line), quotes + line.count('"')
        if size >= PIECE and quotes % 2 == 0:
            yield first, head + "".join(piece)
            first, piece, size = place, [], 0
    if piece or not first:
        yield first, head + "".join(piece)


def _tell_barred(count: int) -> None:
    if count:
        numbers = counted(count, "número não recebe", "números não recebem")
        click.echo(f"{numbers} mensagens: marcado, ou pediu para não receber.")


def _tell_carrier(api: Api) -> None:
    now = api.get("/v1/sms")
    if not now["carrier"]:
        click.echo("Nenhuma operadora de SMS nas configurações (sms_smpp ou sms_http).")
    elif not now["up"]:
        click.echo("Atenção: sem enlace com a operadora de SMS. O motivo está nos registros da "
                   "central (logs/control.jsonl).")  # fmt: skip
