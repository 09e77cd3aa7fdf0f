"""`central156 recording …`: recordings found, heard, exported, held, kept by the policy, erased.

All of it is asked of the running centre. Who hears a recording does so by name (`--token`), with a
reason; the centre keeps both before it gives the first byte.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import click

from central156.cli.api import Api, open_api, route
from central156.cli.motives import motive
from central156.cli.recordings_kept import KEPT, PATIENCE
from central156.cli.words import CITY, RECORDING_PROBLEMS, clock, counted, moment, number
from central156.reports_asked import PERIODS, span_of
from papers.sheet import Form, save
from terms.limits import RECORDINGS_PAGE, RECORDINGS_PAGE_MAX
from terms.sheet import Column, Shape, Sheet

FORMATS: Final = click.Choice(("wav", "ogg", "mp3"))
PLAYERS: Final = (
    ("ffplay", "-autoexit", "-nodisp", "-loglevel", "error", "-"),
    ("paplay", "/dev/stdin"),
    ("aplay", "-q", "-"),
)
KINDS: Final = {"talk": "conversa", "consult": "consulta", "message": "recado"}
INDEX: Final = "indice.csv"
COLUMNS: Final = (
    Column("name", "Gravação"),
    Column("protocol", "Protocolo"),
    Column("line", "Linha"),
    Column("queue", "Fila"),
    Column("agent", "Agente"),
    Column("campaign", "Campanha"),
    Column("kind", "Tipo"),
    Column("recorded_at", "Gravada em", Shape.INSTANT),
    Column("seconds", "Duração", Shape.SECONDS),
    Column("problem", "Problema"),
    Column("file", "Arquivo"),
)
OPTIONS: Final = (
    ("since", "--de", "PERÍODO", f"Desde quando; {PERIODS}."),
    ("until", "--ate", "PERÍODO", "Até quando; o próprio dia está incluído."),
    ("line", "--linha", "LINHA", "156, 199 ou 153."),
    ("queue", "--fila", "FILA", "Só desta fila (serviço)."),
    ("agent", "--agente", "NOME", "Só as que este agente atendeu."),
    ("campaign", "--campanha", "NOME", "Só desta campanha."),
    ("phone", "--telefone", "NÚMERO", "Parte do telefone do cidadão."),
    ("protocol", "--protocolo", "NÚMERO", "Deste protocolo."),
    ("keyword", "--palavra", "PALAVRA", "No assunto, nas notas, marcas e resultados."),
)


def searching(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options by which recordings are found."""
    for name, option, metavar, text in reversed(OPTIONS):
        command = click.option(option, name, default="", metavar=metavar, help=text)(command)
    problem = click.option(
        "--problema", "problem", is_flag=True, help="Só as que faltam, estão vazias ou curtas."
    )
    return problem(command)


@click.group("recording")
def recording() -> None:
    """Gravações: procurar, ouvir, exportar, reter, guardar e apagar.

    Ouvir pede um token pessoal (central156 --token ARQUIVO recording …) e um motivo.
    """


@recording.command("list")
@searching
@click.option("--mais", "after", default="", metavar="LUGAR", help="A página seguinte à anterior.")
@click.option(
    "--quantas", "limit", type=click.IntRange(1, RECORDINGS_PAGE_MAX), metavar="N", help="Quantas."
)
@click.option("--json", "as_json", is_flag=True, help="Em JSON.")
@click.pass_obj
def list_them(
    state_dir: Path | None, /, after: str, limit: int | None, as_json: bool, **wanted: Any
) -> None:
    """Procura gravações, da mais nova à mais antiga.

    Pedido: GET /v1/recordings
    """
    asked = {**_asked(wanted), "after": after, "limit": limit or RECORDINGS_PAGE}
    found = open_api(state_dir).get("/v1/recordings", **asked)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    if not found["recordings"]:
        click.echo("Nenhuma gravação.")
        return
    for one in found["recordings"]:
        click.echo(_told(one))
    if found["after"]:
        click.echo(f"Há mais: --mais {found['after']}")


@recording.command("play")
@click.argument("name", metavar="GRAVAÇÃO")
@motive("reason", required=True, said="Por que se ouve; fica gravado antes do som.")
@click.option(
    "--formato", "form", type=FORMATS, help="Padrão: o que o nome do arquivo diz, ou wav."
)
@click.option(
    "--saida",
    "target",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="ARQUIVO",
    help="Onde a pôr; sem isto, toca.",
)
@click.pass_obj
def play(
    state_dir: Path | None, name: str, reason: str, form: str | None, target: Path | None
) -> None:
    """Toca uma gravação, ou a põe num arquivo (--saida) ou na saída padrão.

    Pedido: GET /v1/recordings/{name}/sound
    """
    ending = target.suffix.removeprefix(".").lower() if target else ""
    form = form or (ending if ending in FORMATS.choices else "wav")
    sound = _sound(open_api(state_dir), name, reason, form)
    if target is not None:
        _write(target, sound)
        click.echo(f"{target}: {len(sound)} bytes. O arquivo não está cifrado: apague-o depois.")
    elif not sys.stdout.isatty():
        sys.stdout.buffer.write(sound)
    else:
        _play(sound)


@recording.command("export")
@searching
@motive("reason", required=True, said="Por que se exporta; fica gravado em cada gravação.")
@click.option("--formato", "form", type=FORMATS, default="wav", help="wav, ogg ou mp3.")
@click.option(
    "--saida",
    "folder",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    metavar="PASTA",
    help="Pasta, que recebe as gravações e um índice.",
)
@click.pass_obj
def export(state_dir: Path | None, /, reason: str, form: str, folder: Path, **wanted: Any) -> None:
    """Põe numa pasta todas as gravações que servem, com um índice em CSV.

    Pedidos: GET /v1/recordings, GET /v1/recordings/{name}/sound
    """
    api = open_api(state_dir)
    folder.mkdir(parents=True, exist_ok=True)
    rows, failed = [], 0
    for one in _pages(api, _asked(wanted)):
        row = {column.name: one.get(column.name) for column in COLUMNS}
        row |= {"kind": KINDS.get(one["kind"], one["kind"]), "file": ""}
        if one["url"]:
            try:
                sound = _sound(api, one["name"], reason, form)
                _write(folder / f"{one['name']}.{form}", sound)
                row["file"] = f"{one['name']}.{form}"
            except click.ClickException as wrong:
                failed += 1
                click.echo(f"{one['name']}: {wrong.message}", err=True)
        rows.append(row)
    sheet = Sheet("gravacoes", "Gravações exportadas", COLUMNS, rows)
    save(sheet, Form.CSV, folder / INDEX)
    written = sum(1 for row in rows if row["file"])
    many = counted(written, "gravação", "gravações")
    click.echo(f"{many} em {folder}, com {INDEX}. O som não está cifrado.")
    if failed:
        raise click.ClickException(f"{failed} não puderam ser ouvidas")


for command in KEPT:
    recording.add_command(command)


def _asked(wanted: dict[str, Any]) -> dict[str, Any]:
    """What the options ask, as the API is asked; nothing that was not said."""
    now = datetime.now(CITY)
    asked = {name: text for name, text in wanted.items() if text and name != "problem"}
    try:
        if "since" in asked:
            asked["since"] = span_of(asked["since"], now)[0]
        if "until" in asked:
            asked["until"] = span_of(asked["until"], now)[1]
    except ValueError as wrong:
        raise click.ClickException(str(wrong)) from None
    for name in ("since", "until"):
        if name in asked:
            asked[name] = asked[name].timestamp()
    return {**asked, "problem": "any"} if wanted.get("problem") else asked


def _pages(api: Api, asked: dict[str, Any]) -> Iterator[dict[str, Any]]:
    after = ""
    while True:
        page = api.get("/v1/recordings", **asked, after=after, limit=RECORDINGS_PAGE_MAX)
        yield from page["recordings"]
        if not (after := page["after"]):
            return


def _sound(api: Api, name: str, reason: str, form: str) -> bytes:
    path = route("recordings", name, "sound")
    return api.fetch(path, PATIENCE, reason=reason, format=form)


def _write(path: Path, sound: bytes) -> None:
    """Sound in the clear: only its owner may read it."""
    with open(path, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        if path.is_file():
            os.fchmod(file.fileno(), 0o600)  # of one that was there before
        file.write(sound)


def _told(one: dict[str, Any]) -> str:
    """Two lines, for whoever copies the recording's name out of them."""
    marks = [
        word
        for word, there in (
            (KINDS.get(one["kind"], ""), one["kind"] != "talk"),
            (f"campanha {one.get('campaign')}", one.get("campaign")),
            ("arquivada", one["archived"]),
            ("retida", one["held"]),
            ("apagada", one["erased_at"]),
            (RECORDING_PROBLEMS.get(one["problem"], one["problem"]), one["problem"]),
        )
        if there
    ]
    return (
        f"{moment(one['recorded_at'])}  {number(one['protocol'])}  {clock(one['seconds'] or 0.0)}"
        f"  linha {one['line']}, fila {one['queue'] or '-'}, {one['agent'] or 'sem agente'}\n"
        f"    {one['name'] or 'sem arquivo'}{' (' + ', '.join(marks) + ')' if marks else ''}"
    )


def _play(sound: bytes) -> None:
    for command in PLAYERS:
        if shutil.which(command[0]):
            subprocess.run(command, input=sound, check=False)
            return
    raise click.ClickException("não há com que tocar (ffplay, paplay, aplay); use --saida ARQUIVO")
