"""`central156 alert …`: a mass alert of civil defence, from its text to its last call.

`make`, `check`, `hear` and `list` open the database themselves, with the centre up or down;
`start`, `stop` and `progress` are asked of the running centre.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import click
from rich.console import Console
from rich.table import Table

from central156 import campaign_voice, trunks
from central156.alerts import (
    CIVIL_DEFENCE,
    KEYS,
    Alert,
    Chosen,
    NotAnAlert,
    Where,
    answers_for,
    checked_attempts,
    chosen,
    file_of,
    keys_of,
    least_seconds,
    where_of,
)
from central156.campaign_lists import named, row_of, store_list
from central156.cli.api import open_api, route
from central156.cli.asking import make_sure
from central156.cli.campaign import tell_mistakes
from central156.cli.campaign_run import follow, watch
from central156.cli.campaign_words import (
    LIST,
    STATES,
    by_whom,
    bytes_of,
    database,
    known_queues,
    reread,
    stored,
    unreadable,
)
from central156.cli.dialplan import exit_with, folder_of
from central156.cli.motives import motive
from central156.cli.words import clock, counted, moment, program
from central156.settings import load_settings
from central156.settings_out import split_identities
from dialer.campaign import Kind
from protocol_store import campaign_rows, people
from protocol_store.campaign_rows import ListRow
from reader import DialplanMistakes
from reader.campaign_file import CampaignFile, read_campaign
from reader.contact_list import Mapped
from terms.limits import ALERT_AGAIN, ALERT_ATTEMPTS
from terms.names import CampaignName

Command = TypeVar("Command", bound=Callable[..., Any])
LINE: Final = "199"
"""Whose number is shown where nothing else is said."""

NAME = click.argument("name", metavar="ALERTA")


@click.group("alert")
def alert() -> None:
    """Alertas de massa da Defesa Civil: um texto na nossa voz, a uma lista de números, já."""


def what_it_says(command: Command) -> Command:
    """The options of `make` and `check`."""
    keys = ", ".join(f"{key}={means.value}" for key, means in KEYS.items())
    for option in reversed(
        (
            click.argument("file", metavar="LISTA", type=LIST),
            click.option("--texto", "text", required=True, help="O que se diz, por extenso."),
            click.option("--supervisor", required=True, metavar="NOME", help="Quem responde."),
            click.option("--assunto", "subject", required=True, metavar="TEXTO"),
            click.option("--orgao", "body", default=CIVIL_DEFENCE, show_default=True),
            click.option("--onde", "where", multiple=True, metavar="COLUNA=VALOR",
                         help="Só essas linhas da lista; a mesma coluna pode ter vários valores."),
            click.option("--tecla", "keys", multiple=True, metavar="TECLA=PALAVRA",
                         help=f"O que fazem as teclas (padrão: {keys})."),
            click.option("--fila", "queue", default="", metavar="FILA",
                         help="Quem fala com quem tecla 9."),
            click.option("--sem-atendente", "alone", default="", metavar="TEXTO",
                         help="Sem fila: por que ninguém pode ser chamado."),
            click.option("--rota", "ways", multiple=True, metavar="ROTA",
                         help="Por onde se liga (padrão: todas as rotas)."),
            click.option("--mostra", "caller_id", default="", metavar="NÚMERO",
                         help="O número que o cidadão vê (padrão: o do 199)."),
            click.option("--tentativas", "attempts", type=int, default=ALERT_ATTEMPTS,
                         show_default=True, help="Por número, ao todo."),
            click.option("--de-novo", "again", type=click.FloatRange(1, 1_440),
                         default=ALERT_AGAIN / 60, show_default=True, metavar="MINUTOS",
                         help="Quanto esperar por quem não atendeu."),
            click.option("--coluna", "phone", default="", metavar="COLUNA",
                         help="A coluna do telefone (padrão: pelo nome usual)."),
            click.option("--ddd", "area", default="", metavar="DDD",
                         help="O DDD dos números que não o têm (padrão: o da central)."),
        )
    ):  # fmt: skip
        command = option(command)
    return command


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
    read, content, numbers = _read(state_dir, name, file, said)
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
        row = ListRow.of(read.campaign.name, file.name, numbers.content, time.time(), by)
        found = store_list(engine, read, numbers.content, row, settings.out_area)
    click.echo(f"Alerta {read.campaign.name} guardado, "
               f"{counted(found.row.contacts, 'número', 'números')}.")  # fmt: skip
    _tell(state_dir, read, found.row.contacts)
    click.echo(f"Para ouvir: {program()} alert hear {name}")
    click.echo(f"Para ligar: {program()} --token ARQUIVO alert start {name}")


@alert.command("check")
@NAME
@what_it_says
@click.pass_obj
def check(state_dir: Path | None, /, name: str, file: Path, **said: Any) -> None:
    """Confere o alerta e a LISTA, e diz quanto levaria. Nada é guardado."""
    read, _, numbers = _read(state_dir, name, file, said)
    _tell(state_dir, read, numbers.contacts)
    if not numbers.contacts:
        raise click.exceptions.Exit(1)


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
    table = Table("Alerta", "Estado", "Assunto", "Responde", "Números", "Guardado")
    for row, count in zip(rows, counts, strict=True):
        words = (STATES[row.state], row.subject, row.life_safety, str(count))
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
    click.echo(f"{found['campaign']}: {STATES[found['state']]}.")
    if follow:
        watch(api, named(name))
    else:
        click.echo(f"Para acompanhar: {program()} alert progress {name} --follow")
        click.echo(f"Para parar: {program()} alert stop {name} --motivo TEXTO")


SPEAKING: Final = 120.0
"""Seconds within which a text that has no recording yet gets one."""


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
        f"{found['campaign']}: {STATES[found['state']]}. "
        f"{counted(found['called'], 'chamado', 'chamados')}, "
        f"{counted(found['answered'], 'atendeu', 'atenderam')}, "
        f"{counted(found['confirmed'], 'confirmou', 'confirmaram')}, "
        f"{counted(found['asked_person'], 'pediu uma pessoa', 'pediram uma pessoa')}, "
        f"{counted(found['to_go'], 'falta', 'faltam')}.{ends}{held}"
    )


# --- how it is read ---
def _read(
    state_dir: Path | None, name: str, file: Path, said: dict[str, Any]
) -> tuple[CampaignFile, str, Chosen]:
    """The alert, its file, and its numbers; else what is wrong is told and the command ends."""
    try:
        made, where = _alert(state_dir, name, said), where_of(said["where"])
        content = file_of(made)
    except NotAnAlert as wrong:
        raise click.ClickException(str(wrong)) from None
    folder = folder_of(state_dir, None)
    try:
        ways = trunks.named_in(folder)
        whole = (content.encode(), f"{name}.yaml", known_queues(folder), ways)
        read = read_campaign(*whole, proved=True)
    except DialplanMistakes as wrong:
        exit_with([*map(str, wrong.mistakes)])
    return read, content, _numbers(state_dir, file, said, where)


def _numbers(state_dir: Path | None, file: Path, said: dict[str, Any], where: Where) -> Chosen:
    area = said["area"] or load_settings(state_dir).out_area
    with unreadable(file):
        found = chosen(bytes_of(file), Mapped(phone=said["phone"], default_area=area), where)
    tell_mistakes(file.name, found.mistakes, found.wrong, None)
    click.echo(f"{counted(found.contacts, 'número', 'números')}, de {found.read} na lista.")
    return found


def _alert(state_dir: Path | None, name: str, said: dict[str, Any]) -> Alert:
    settings = load_settings(state_dir)
    with database(state_dir) as engine, engine.connect() as connection:
        supervisor = answers_for(said["supervisor"], people.all_persons(connection))
    shown = said["caller_id"] or split_identities(settings.out_identities).get(LINE, "")
    if not shown:
        raise NotAnAlert("diga o número que o cidadão vê: --mostra")
    return Alert(
        name=CampaignName(name),
        text=said["text"],
        subject=said["subject"],
        supervisor=supervisor,
        caller_id=shown,
        trunks=_ways(said["ways"], state_dir),
        queue=said["queue"],
        alone=said["alone"],
        body=said["body"],
        keys=keys_of(said["keys"]) or KEYS,
        attempts=checked_attempts(said["attempts"]),
        again=said["again"] * 60,
    )


def _ways(wanted: Sequence[str], state_dir: Path | None) -> Sequence[str]:
    return wanted or sorted(trunks.named_in(folder_of(state_dir, None)))


def _tell(state_dir: Path | None, read: CampaignFile, contacts: int) -> None:
    """What will be said, and how long it takes at least."""
    click.echo(f"Fala: «{read.spoken}»")
    settings, one = load_settings(state_dir), read.campaign
    known = [way for name, way in trunks.trunks_of(settings).items() if name in one.trunks]
    seconds = least_seconds(contacts, known, len(read.spoken) / LETTERS_A_SECOND)
    if known:
        click.echo(f"Uma ligação a cada número leva ao menos {clock(seconds)}.")
    else:
        click.echo("Atenção: esta central não tem rota de saída; assim o alerta não começa.")


LETTERS_A_SECOND: Final = 16.0
"""How fast our voice speaks, in the mean."""
