"""`central156 talk …`: what is done with a talk in course; `central156 supervise …`: beside one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from central156.cli.api import open_api, route
from central156.cli.motives import motive
from terms.protocol_number import shown

GOALS = ("fila", "agente", "etapa", "externo")
ASKED = ("agente", "fila", "externo")


@click.group("talk")
def talk() -> None:
    """Conversas em curso: espera, consulta, conferência, transferência."""


def _simple(verb: str, help_text: str, said: str) -> None:
    @talk.command(verb, help=f"{help_text}\n\nPedido: POST /v1/agents/{{name}}/talk/{{act}}")
    @click.argument("name", metavar="AGENTE")
    @click.pass_obj
    def command(state_dir: Path | None, name: str) -> None:
        open_api(state_dir).post(route("agents", name, "talk", verb))
        click.echo(said)


_simple("hold", "Põe o cidadão em espera, com música.", "Em espera.")
_simple("unhold", "Tira da espera: agente e cidadão juntos de novo.", "De volta à conversa.")
_simple("back", "Acaba a consulta e volta ao cidadão.", "De volta à conversa.")
_simple(
    "complete",
    "O cidadão fica com quem foi consultado; o agente sai.",
    "Completada: o cidadão está com quem foi consultado.",
)
_simple("conference", "Junta os três: cidadão, agente e quem foi consultado.", "Os três juntos.")


@talk.command("consult")
@click.argument("name", metavar="AGENTE")
@click.argument("kind", metavar="TIPO", type=click.Choice(ASKED))
@click.argument("to", metavar="NOME")
@click.pass_obj
def consult(state_dir: Path | None, name: str, kind: str, to: str) -> None:
    """Consulta um agente, o próximo de uma fila ou um número da lista, com o cidadão em espera.

    Pedido: POST /v1/agents/{name}/consult
    """
    found = open_api(state_dir).post(route("agents", name, "consult"), {"kind": kind, "to": to})
    click.echo(f"Chamando {found['to']}; o cidadão está em espera.")


@talk.command("transfer")
@click.argument("name", metavar="AGENTE")
@click.argument("kind", metavar="TIPO", type=click.Choice(GOALS))
@click.argument("to", metavar="NOME")
@click.option("--volta", "returns", is_flag=True, help="Do fim da etapa, de volta à fila.")
@click.pass_obj
def transfer(state_dir: Path | None, name: str, kind: str, to: str, returns: bool) -> None:
    """Transfere o cidadão para fila, agente, etapa do menu ou número da lista; o agente sai.

    Pedido: POST /v1/agents/{name}/transfer
    """
    body: dict[str, Any] = {"kind": kind, "to": to, "returns": returns}
    open_api(state_dir).post(route("agents", name, "transfer"), body)
    click.echo(f"Transferido: {kind} {to}.")


@talk.command("protocol")
@click.argument("name", metavar="AGENTE")
@click.option("--nota", "note", default="", help="Do que trata.")
@click.pass_obj
def protocol(state_dir: Path | None, name: str, note: str) -> None:
    """Mais um protocolo na mesma chamada, ligado a ela.

    Pedido: POST /v1/agents/{name}/protocol
    """
    found = open_api(state_dir).post(route("agents", name, "protocol"), {"note": note})
    click.echo(f"Protocolo {shown(found['protocol'])}")


@talk.command("destinations")
@click.pass_obj
def destinations(state_dir: Path | None) -> None:
    """Mostra para onde uma conversa pode ir.

    Pedido: GET /v1/destinations
    """
    found = open_api(state_dir).get("/v1/destinations")
    for one in found["queues"]:
        click.echo(f"fila     {one['queue']} (linha {one['line']})")
    for one in found["outside"]:
        only = "; só com consulta" if one["attended_only"] else ""
        click.echo(f"externo  {one['name']} ({one['number']}{only})")


@click.group("supervise")
def supervise() -> None:
    """Supervisores junto de uma conversa: ouvir, sussurrar ao agente, entrar."""


def _beside(verb: str, mode: str, help_text: str) -> None:
    @supervise.command(verb, help=f"{help_text}\n\nPedido: POST /v1/agents/{{name}}/supervise")
    @click.argument("name", metavar="AGENTE")
    @motive("reason", required=True)
    @click.option("--telefone", "phone", default="", help="Outro telefone que o seu.")
    @click.pass_obj
    def command(state_dir: Path | None, name: str, reason: str, phone: str) -> None:
        body = {"mode": mode, "reason": reason, "phone": phone}
        found = open_api(state_dir).post(route("agents", name, "supervise"), body)
        click.echo(f"Seu telefone vai tocar. Acompanhamento {found['supervision']}.")


_beside("listen", "ouvir", "Ouve a conversa; ninguém ouve você.")
_beside("whisper", "sussurrar", "Fala só com o agente; o cidadão não ouve.")
_beside("barge", "entrar", "Entra na conversa; todos ouvem.")


@supervise.command("list")
@click.pass_obj
def listing(state_dir: Path | None) -> None:
    """Mostra quem acompanha qual conversa.

    Pedido: GET /v1/supervisions
    """
    found = open_api(state_dir).get("/v1/supervisions")["supervisions"]
    for one in found:
        beside = f"{one['by']}, junto de {one['agent']} ({one['mode']})"
        click.echo(f"{one['supervision']}  {beside}: {one['because']}")
    if not found:
        click.echo("Ninguém acompanha nenhuma conversa.")


@supervise.command("end")
@click.argument("supervision", metavar="ACOMPANHAMENTO")
@click.pass_obj
def end(state_dir: Path | None, supervision: str) -> None:
    """Deixa a conversa.

    Pedido: POST /v1/supervisions/{supervision}/end
    """
    open_api(state_dir).post(route("supervisions", supervision, "end"))
    click.echo("Você saiu da conversa.")
