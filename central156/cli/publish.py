"""`central156 dialplan publish, approve, reject, rollback, versions, short` and `announce`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.table import Table

from central156.cli.api import Api, open_api, route
from central156.cli.moments import EXAMPLES, Until
from central156.cli.words import moment, program
from central156.settings import load_settings
from central156.version_cache import NotDialplans, files_of
from terms.limits import PUBLISH_SECONDS
from terms.names import LINES

STATES: Final = {
    "proposed": "à espera de aprovação",
    "approved": "aprovada",
    "rejected": "rejeitada",
}
HOWS: Final = {
    "start": "na instalação",
    "publish": "publicada",
    "rollback": "volta",
    "alarm": "volta pelo alarme",
}
ON: Final = {"on": True, "off": False}
Plain = Mapping[str, Any]


@click.command("publish")
@click.argument(
    "folder",
    required=False,
    metavar="[PASTA]",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
)
@click.option("--note", default="", metavar="TEXTO", help="O que muda, e por quê.")
@click.pass_obj
def publish(state_dir: Path | None, folder: Path | None, note: str) -> None:
    """Prova a pasta de menus e põe-na no ar, sem parar nada.

    A próxima chamada já a ouve; as chamadas em curso terminam na versão delas. O que muda para
    quem liga ao 199 ou ao 153 espera que outra pessoa aprove. Pedido: POST /v1/dialplans
    """
    folder = folder or load_settings(state_dir).dialplans_dir
    try:
        files = files_of(folder)
    except NotDialplans as wrong:
        raise click.ClickException(str(wrong)) from None
    api = open_api(state_dir)
    click.echo("Provando os menus e gravando o que falta…", err=True)
    _tell(api.post("/v1/dialplans", {"files": files, "note": note}, PUBLISH_SECONDS))


@click.command("approve")
@click.argument("version", metavar="VERSÃO")
@click.pass_obj
def approve(state_dir: Path | None, version: str) -> None:
    """Aprova uma versão proposta, que passa a valer já. Quem publicou não aprova.

    Pedido: POST /v1/dialplans/{version}/approval
    """
    _tell(open_api(state_dir).post(route("dialplans", version, "approval")))


@click.command("reject")
@click.argument("version", metavar="VERSÃO")
@click.pass_obj
def reject(state_dir: Path | None, version: str) -> None:
    """Rejeita uma versão proposta. Pedido: POST /v1/dialplans/{version}/rejection"""
    given = open_api(state_dir).post(route("dialplans", version, "rejection"))
    click.echo(f"Versão {given['version']} rejeitada: não vai ao ar.")


@click.command("rollback")
@click.argument("version", required=False, default="", metavar="[VERSÃO]")
@click.pass_obj
def rollback(state_dir: Path | None, version: str) -> None:
    """Volta já a uma versão anterior; sem dizer qual, à que valia antes.

    Vale também para 199 e 153, sem segunda pessoa; fica registrado quem voltou.
    Pedido: POST /v1/dialplans/rollback
    """
    api = open_api(state_dir)
    left = api.get("/v1/dialplans")["serving"]
    _tell(api.post("/v1/dialplans/rollback", {"version": version}), undo=left)


@click.command("versions")
@click.option("--json", "as_json", is_flag=True, help="Em JSON.")
@click.pass_obj
def versions(state_dir: Path | None, as_json: bool) -> None:
    """Mostra as versões dos menus e a que está no ar. Pedido: GET /v1/dialplans"""
    found = open_api(state_dir).get("/v1/dialplans")
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    served = {one["version"]: one for one in reversed(found["served"])}
    table = Table("Versão", "Situação", "Autor", "De", "Nota")
    for one in found["versions"]:
        table.add_row(
            one["version"],
            _state(one, found["serving"], served),
            one["author"],
            moment(one["created_at"]),
            one["note"],
        )
    Console(highlight=False).print(table)
    if found["alarm"]:
        click.secho(f"Alarme: {found['alarm']['because']}.", fg="red")
        click.echo(f"Para voltar à anterior: {program()} dialplan rollback")


@click.command("short")
@click.argument("line", metavar="LINHA", type=click.Choice(LINES))
@click.argument("state", metavar="on|off", type=click.Choice(list(ON)))
@click.option("--until", type=Until(), metavar="QUANDO", help=f"Até quando (12 h); {EXAMPLES}.")
@click.pass_obj
def short(state_dir: Path | None, line: str, state: str, until: float | None) -> None:
    """Liga ou desliga o menu resumido de uma linha; acaba sozinho.

    Vale para a próxima chamada. Pedido: PUT /v1/lines/{line}/short
    """
    body = {"on": ON[state], "until": until}
    found = open_api(state_dir).put(f"/v1/lines/{line}/short", body)
    if found["until"] is not None:
        click.echo(f"Linha {line}: menu resumido até {moment(found['until'])}.")
    elif found["by_hours"]:
        click.echo(f"Linha {line}: sem ordem; o menu segue resumido pelo horário do calendário.")
    else:
        click.echo(f"Linha {line}: menu inteiro.")


@click.command("announce")
@click.argument("line", required=False, metavar="[LINHA]", type=click.Choice(LINES))
@click.argument("text", required=False, metavar="[TEXTO]")
@click.option("--until", type=Until(), metavar="QUANDO", help=f"Até quando; {EXAMPLES}.")
@click.option("--node", default="", metavar="ETAPA", help="Antes de que etapa, ou na_espera.")
@click.option("--name", default="", metavar="NOME", help="Nome do aviso (senão: aviso-1, …).")
@click.option("--institutional", is_flag=True, help="Aviso institucional, não de emergência.")
@click.option("--list", "listed", is_flag=True, help="Mostra os avisos e menus resumidos.")
@click.option("--end", "ended", default="", metavar="NOME", help="Tira do ar o aviso deste nome.")
@click.option("--json", "as_json", is_flag=True, help="A lista em JSON.")
@click.pass_obj
def announce(
    state_dir: Path | None,
    line: str | None,
    text: str | None,
    until: float | None,
    node: str,
    name: str,
    institutional: bool,
    listed: bool,
    ended: str,
    as_json: bool,
) -> None:
    """Põe um aviso no ar, já, com fim marcado: announce 199 "texto" --until 2h

    A próxima chamada o ouve; ele acaba sozinho, ou com --end. Pedidos: POST /v1/announcements,
    GET /v1/announcements e DELETE /v1/announcements/{name}
    """
    if listed:
        _list(open_api(state_dir), as_json)
        return
    if ended:
        open_api(state_dir).delete(route("announcements", ended))
        click.echo(f"O aviso {ended} saiu do ar.")
        return
    if line is None or text is None:
        raise click.UsageError('diga a linha e o texto: announce 199 "texto" --until 2h')
    if until is None:
        raise click.UsageError(f"diga até quando, com --until; {EXAMPLES}")
    body = {"line": line, "text": text, "until": until, "node": node, "name": name}
    body["kind"] = "institucional" if institutional else "emergencia"
    api = open_api(state_dir)
    click.echo("Gravando o aviso, se preciso…", err=True)
    made = api.post("/v1/announcements", body, PUBLISH_SECONDS)
    click.echo(
        f"O aviso {made['name']} está no ar na linha {line}, antes de {made['node']}, até "
        f"{moment(made['until'])}.\nPara tirá-lo: {program()} announce --end {made['name']}"
    )


def _list(api: Api, as_json: bool) -> None:
    found = api.get("/v1/announcements")["announcements"]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    table = Table("Nome", "Linha", "Antes de", "O que", "Até", "Por", "Situação")
    for one in found:
        what = "menu resumido" if one["kind"] == "short" else one["text"]
        table.add_row(
            one["name"],
            one["line"],
            one["node"],
            what,
            moment(one["until"]),
            one["by"],
            _ended(one),
        )
    Console(highlight=False).print(table)


def _ended(one: Plain) -> str:
    if one["on_air"]:
        return "no ar"
    by = f" por {one['ended_by']}" if one["ended_by"] else ""
    return f"encerrado {moment(one['ended_at'] or one['until'])}{by}"


def _state(one: Plain, serving: str, served: Mapping[str, Plain]) -> str:
    version = one["version"]
    if version == serving:
        since = served.get(version)
        how = f" ({HOWS.get(since['how'], since['how'])} {moment(since['since'])})" if since else ""
        return f"no ar{how}"
    lines = f" ({', '.join(one['needs_approval'])})" if one["state"] == "proposed" else ""
    return f"{STATES.get(one['state'], one['state'])}{lines}"


def _tell(given: Plain, undo: str = "") -> None:
    """`undo`: the version that a second rollback would not bring back."""
    click.echo("\n".join(_told(given, undo)))


def _told(given: Plain, undo: str) -> Iterator[str]:
    version = given["version"]
    yield from given["notes"]
    for line, what in given["touched"].items():
        yield f"Linha {line}: muda {', '.join(what)}."
    if given["state"] == "serving":
        yield f"Versão {version} no ar: a próxima chamada já a ouve."
        yield f"Para desfazer: {program()} dialplan rollback {undo}".rstrip()
    else:
        lines = " e o ".join(given["needs_approval"])
        yield f"Versão {version} proposta: muda o {lines}, e espera que outra pessoa aprove:"
        yield f"  {program()} --token ARQUIVO dialplan approve {version}"
