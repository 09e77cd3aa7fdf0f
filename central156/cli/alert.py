"""`central156 alert …`: a mass alert of civil defence, from its text to its last call.

`make`, `check`, `hear` and `list` open the database themselves, with the centre up or down;
`start`, `stop` and `progress` are asked of the running centre.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console

from central156 import campaign_voice
from central156.campaign_lists import named, not_over, row_of, store_list
from central156.cli.alert_order import NAME, read_or_exit, tell, what_it_says
from central156.cli.api import open_api, route
from central156.cli.asking import make_sure
from central156.cli.campaign_run import follow, watch
from central156.cli.campaign_words import STANDS, by_whom, database, reread, stored
from central156.cli.motives import motive
from central156.cli.narrow import keyed
from central156.cli.words import counted, moment, program
from central156.settings import load_settings
from dialer.campaign import Kind
from protocol_store import campaign_rows
from protocol_store.campaign_rows import ListRow

SPEAKING: Final = 120.0
"""Seconds within which a text that has no recording yet gets one."""


@click.group("alert")
def alert() -> None:
    """Alertas de massa da Defesa Civil: um texto na nossa voz, a uma lista de números, já."""


@alert.command("make")
@NAME
@what_it_says
@by_whom
@click.pass_obj
def make(state_dir: Path | None, /, name: str, file: Path, by: str, **said: Any) -> None:
    """Guarda o alerta, em rascunho, com os números da LISTA, e grava a sua fala. Nada se liga.

    O texto que não diz quem liga ou para que servem as teclas ganha essas frases. O mesmo alerta,
    de novo, nada muda.
    """
    read, content, numbers = read_or_exit(state_dir, name, file, said)
    if not numbers.contacts:
        raise click.ClickException("nenhuma linha da lista serve: nada foi guardado")
    settings = load_settings(state_dir)
    click.echo("Gravando a fala…")
    why = asyncio.run(campaign_voice.record(settings, campaign_voice.texts_of(read)))
    if why:
        raise click.ClickException(f"nada foi guardado: {why}")
    with database(state_dir, reading=False) as engine:
        with engine.begin() as connection:
            campaign_rows.make(connection, row_of(read, content.encode(), time.time(), by))
            not_over(connection, read.campaign.name)
        row = ListRow.of(read.campaign.name, file.name, numbers.content, time.time(), by)
        found = store_list(engine, read, numbers.content, row, settings.out_area)
    click.echo(f"Alerta {read.campaign.name} guardado, "
               f"{counted(found.row.contacts, 'número', 'números')}.")  # fmt: skip
    tell(state_dir, read, found.row.contacts)
    click.echo(f"Para ouvir: {program()} alert hear {name}")
    click.echo(f"Para ligar: {program()} --token ARQUIVO alert start {name}")


@alert.command("check")
@NAME
@what_it_says
@click.pass_obj
def check(state_dir: Path | None, /, name: str, file: Path, **said: Any) -> None:
    """Confere o alerta e a LISTA, e diz quanto levaria. Nada é guardado."""
    read, _, numbers = read_or_exit(state_dir, name, file, said)
    if not numbers.contacts:
        raise click.ClickException("nenhuma linha da lista serve: ninguém seria chamado")
    tell(state_dir, read, numbers.contacts)


@alert.command("hear")
@NAME
@click.pass_obj
def hear(state_dir: Path | None, name: str) -> None:
    """Diz onde está a fala do alerta, para ouvi-la antes de ligar (WAV)."""
    with database(state_dir) as engine, engine.connect() as connection:
        read = reread(stored(campaign_rows.campaign(connection, named(name)), name))
    found = campaign_voice.files_of(load_settings(state_dir), campaign_voice.texts_of(read))
    for text, recorded in found.items():
        click.echo(f"«{text}»")
        click.echo(str(recorded) if recorded else "ainda sem gravação: o alerta não começa assim")
    if None in found.values():
        raise click.exceptions.Exit(1)


@alert.command("list")
@click.pass_obj
def show_all(state_dir: Path | None) -> None:
    """Lista os alertas guardados, o mais novo primeiro."""
    with database(state_dir) as engine, engine.connect() as connection:
        rows = campaign_rows.all_campaigns(connection)
        rows = [row for row in rows if row.kind == Kind.ALERT.value]
        counts = [campaign_rows.counts(connection, row.name).contacts for row in rows]
    if not rows:
        click.echo("Não há alertas guardados.")
        return
    table = keyed("Alerta", "Estado", "Assunto", "Responde", "Números", "Guardado")
    for row, count in zip(rows, counts, strict=True):
        words = (STANDS[row.state], row.subject, row.life_safety, str(count))
        table.add_row(row.name, *words, moment(row.made_at))
    Console(highlight=False).print(table)


@alert.command("start")
@NAME
@follow
@click.option("--sim", "sure", is_flag=True, help="Não pergunta antes.")
@click.pass_obj
def start(state_dir: Path | None, name: str, follow: bool, sure: bool) -> None:
    """Liga para todos, já; só um supervisor, com o seu --token.

    Pedido: POST /v1/alerts/{alert}/start
    """
    api = open_api(state_dir)
    if not sure:
        found = api.get(route("alerts", named(name)))
        to_go = counted(found["to_go"], "número", "números")
        make_sure(f"Ligar agora para {to_go}, com o texto «{found['text']}»?")
    found = api.post(route("alerts", named(name), "start"), seconds=SPEAKING)
    click.echo(f"{found['campaign']}: {STANDS[found['state']]}.")
    if follow:
        watch(api, named(name))
    else:
        click.echo(f"Para acompanhar: {program()} alert progress {name} --follow")
        click.echo(f"Para parar: {program()} alert stop {name} --motivo TEXTO")


@alert.command("stop")
@NAME
@motive("because", required=True)
@click.pass_obj
def stop(state_dir: Path | None, name: str, because: str) -> None:
    """Para: em um segundo nada mais toca; quem conversa vai até o fim. Não recomeça.

    Pedido: POST /v1/alerts/{alert}/stop
    """
    found = open_api(state_dir).post(route("alerts", named(name), "stop"), {"because": because})
    click.echo(_so_far(found))


@alert.command("progress")
@NAME
@follow
@click.pass_obj
def progress(state_dir: Path | None, name: str, follow: bool) -> None:
    """Mostra como vai: chamados, atendidos, confirmados, quem pediu uma pessoa, quantos faltam.

    Pedido: GET /v1/alerts/{alert}
    """
    api = open_api(state_dir)
    if follow:
        watch(api, named(name))
    click.echo(_so_far(api.get(route("alerts", named(name)))))


def _so_far(found: dict[str, Any]) -> str:
    ends = f" Fim esperado: {moment(found['ends_at'])}." if found.get("ends_at") else ""
    held = f" Retido: {found['held']}." if found.get("held") else ""
    return (
        f"{found['campaign']}: {STANDS[found['state']]}. "
        f"{counted(found['called'], 'chamado', 'chamados')}, "
        f"{counted(found['answered'], 'atendeu', 'atenderam')}, "
        f"{counted(found['confirmed'], 'confirmou', 'confirmaram')}, "
        f"{counted(found['asked_person'], 'pediu uma pessoa', 'pediram uma pessoa')}, "
        f"{counted(found['to_go'], 'falta', 'faltam')}.{ends}{held}"
    )
