"""What a person says of an alert on the command line: the options, the alert that they make, and
the numbers of its list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from central156 import trunks
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
from central156.cli.campaign import tell_mistakes
from central156.cli.campaign_words import LIST, bytes_of, database, known_queues, unreadable
from central156.cli.dialplan import exit_with, folder_of
from central156.cli.words import clock, counted
from central156.settings import load_settings
from central156.settings_out import split_identities
from protocol_store import people
from reader import DialplanMistakes
from reader.campaign_file import CampaignFile, read_campaign
from reader.contact_list import Mapped
from terms.limits import ALERT_AGAIN, ALERT_ATTEMPTS
from terms.names import CampaignName

Command = TypeVar("Command", bound=Callable[..., Any])
LINE: Final = "199"
"""Whose number is shown where nothing else is said."""

LETTERS_A_SECOND: Final = 16.0
"""How fast our voice speaks, in the mean."""

NAME = click.argument("name", metavar="ALERTA")


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


def read_or_exit(
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
        exit_with([_as_options(one.message) for one in wrong.mistakes])
    return read, content, _numbers(state_dir, file, said, where)


OPTIONS_OF: Final = {
    "'fila'": "--fila",
    "'sem_atendente'": "--sem-atendente",
    "'fala'": "--texto",
    "'mostra'": "--mostra",
    "'rotas'": "--rota",
}
"""What the keys of a campaign's file are among the options."""


def _as_options(message: str) -> str:
    """A mistake of the file that is made of the options, in the words of whoever wrote these."""
    for key, option in OPTIONS_OF.items():
        message = message.replace(key, option)
    return message


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


def tell(state_dir: Path | None, read: CampaignFile, contacts: int) -> None:
    """What will be said, and how long it takes at least."""
    click.echo(f"Fala: «{read.spoken}»")
    settings, one = load_settings(state_dir), read.campaign
    known = [way for name, way in trunks.trunks_of(settings).items() if name in one.trunks]
    seconds = least_seconds(contacts, known, len(read.spoken) / LETTERS_A_SECOND)
    if known:
        click.echo(f"Uma ligação a cada número leva ao menos {clock(seconds)}.")
    else:
        click.echo("Atenção: esta central não tem rota de saída; assim o alerta não começa.")
