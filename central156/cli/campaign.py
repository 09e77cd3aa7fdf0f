"""`central156 campaign …`: campaigns' files and contact lists, checked, stored, rehearsed; and who
is not to be called. These commands open the database themselves, with the centre up or down.
"""

from __future__ import annotations

import asyncio
import csv
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import click
from rich.console import Console
from rich.progress import Progress

from central156.campaign_lists import Loaded, not_over, row_of, store_list
from central156.campaign_voice import record, texts_of, values_of
from central156.cli import campaign_run, campaign_told
from central156.cli.campaign_blocked import block, blocked, unblock
from central156.cli.campaign_rehearse import rehearse
from central156.cli.campaign_words import (
    LIST,
    by_whom,
    bytes_of,
    read_or_exit,
    told_campaign,
    unreadable,
)
from central156.cli.store_verify import telling
from central156.cli.words import counted, moment, program
from central156.settings import Settings, load_settings
from protocol_store import campaign_rows
from protocol_store.campaign_rows import ListRow
from protocol_store.offline import Engine, opened
from reader.campaign_file import CampaignFile
from reader.contact_list import ContactList, ListMistake

SHOWN: Final = 20
"""Rows of a list that are told on the screen, unless all are wanted in a file."""

errors_into = click.option(
    "--erros",
    "into",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    metavar="ARQUIVO",
    help="Grava em CSV as linhas da lista que ficam de fora, e por quê.",
)


@click.group("campaign")
def campaign() -> None:
    """Campanhas: ligações que a cidade faz. Guia: docs/guia-de-campanhas.md"""


@campaign.command("check")
@click.argument("name", metavar="CAMPANHA")
@click.argument("file", metavar="[LISTA]", required=False, type=LIST)
@errors_into
@click.pass_obj
def check(state_dir: Path | None, name: str, file: Path | None, into: Path | None) -> None:
    """Confere a campanha e, se houver, a lista de contatos. Nada é guardado.

    CAMPANHA é o nome de um arquivo de dialplans/campanhas, ou um caminho.
    """
    read, _ = read_or_exit(state_dir, name)
    for sentence in told_campaign(read):
        click.echo(sentence)
    if file is None:
        click.echo("Nenhum erro.")
        return
    with unreadable(file):
        listed = ContactList(bytes_of(file, read.mapped.sheet), read.mapped)
        count = sum(1 for _ in listed)
    click.echo(f"{file.name}: {listed.kind}.")
    columns = (f"{column} → {what}" for column, what in listed.columns.items())
    click.echo(f"Colunas: {', '.join(columns)}.")
    tell_mistakes(file.name, listed.mistakes, listed.wrong, into)
    click.echo(f"{counted(count, 'contato', 'contatos')}.")
    for sentence in values_of(read, _fields(read, [file])).told:
        click.echo(sentence)
    if listed.wrong:
        raise click.exceptions.Exit(1)


@campaign.command("import")
@click.argument("name", metavar="CAMPANHA")
@click.argument("files", metavar="[LISTA…]", nargs=-1, type=LIST)
@by_whom
@errors_into
@click.pass_obj
def import_lists(
    state_dir: Path | None, name: str, files: Sequence[Path], by: str, into: Path | None
) -> None:
    """Guarda a campanha, em rascunho, e os contatos das suas listas. Nada se liga ainda.

    A mesma lista, de novo, nada muda; uma que se interrompeu continua de onde parou. As linhas com
    erro ficam de fora, e são ditas. O que um aviso diz é gravado já, se a voz está instalada.
    """
    read, content = read_or_exit(state_dir, name)
    settings = load_settings(state_dir)
    with telling(), opened(settings.store_url, reading=False) as engine:
        now = time.time()
        with engine.begin() as connection:
            campaign_rows.make(connection, row_of(read, content, now, by))
            not_over(connection, read.campaign.name)
        click.echo(f"Campanha {read.campaign.name} guardada.")
        for file in files:
            with unreadable(file):
                listed = bytes_of(file, read.mapped.sheet)
                row = ListRow.of(read.campaign.name, file.name, listed, time.time(), by)
                tell_loaded(load(engine, read, listed, row, settings.out_area), into)
    speak(settings, read, files)
    click.echo(f"Para ensaiar: {program()} campaign rehearse {read.campaign.name}")


def speak(settings: Settings, read: CampaignFile, files: Sequence[Path]) -> None:
    """Record what a campaign says, and those values of its lists that are few."""
    values = values_of(read, _fields(read, files))
    for sentence in values.told:
        click.echo(sentence)
    if why := asyncio.run(record(settings, texts_of(read))):
        click.echo(f"Atenção: {why}. Sem isso a campanha não começa.")
    else:
        asyncio.run(record(settings, values.few))  # what is missing is read during the call


def _fields(read: CampaignFile, files: Sequence[Path]) -> Iterator[Mapping[str, str]]:
    """What the lists say of their contacts; nothing is read before somebody asks."""
    for file in files:
        yield from (
            one.fields for one in ContactList(bytes_of(file, read.mapped.sheet), read.mapped)
        )


def load(engine: Engine, read: CampaignFile, content: bytes, row: ListRow, area: str) -> Loaded:
    """Store a list, with a bar where somebody watches."""
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(row.file, total=max(1, content.count(b"\n")))
        return store_list(
            engine, read, content, row, area, lambda done: bar.update(task, completed=done)
        )


def tell_loaded(found: Loaded, into: Path | None) -> None:
    """What came of a list."""
    row = found.row
    if found.already:
        click.echo(f"{row.file}: esta lista já está na campanha desde {moment(row.at)}.")
        return
    click.echo(f"{row.file}: {found.kind}.")
    tell_mistakes(row.file, found.mistakes, row.wrong + row.there_before, into)
    click.echo(f"{counted(row.contacts, 'contato guardado', 'contatos guardados')}.")
    if found.refused:
        refused = counted(found.refused, "número", "números")
        click.echo(f"Deles, {refused} não se pode chamar agora: marcados, ou a pedido da pessoa.")


def tell_mistakes(
    called: str, mistakes: Sequence[ListMistake], count: int, into: Path | None
) -> None:
    """The rows that are left out: the first ones here, all that are known in a file."""
    if into is not None:
        with into.open("w", encoding="utf-8-sig", newline="") as file:
            rows = csv.writer(file, delimiter=";")
            rows.writerow(["linha", "coluna", "erro"])
            rows.writerows((one.line, one.column, one.message) for one in mistakes)
    for one in mistakes[:SHOWN]:
        click.echo(f"{called}, {one}")
    if count > SHOWN:
        more = "" if into else "; veja-as com --erros ARQUIVO"
        click.echo(f"… e mais {count - SHOWN}{more}.")
    if count:
        click.echo(f"{counted(count, 'linha', 'linhas')} com erro, fora da campanha.")


for command in (rehearse, block, unblock, blocked, *campaign_told.COMMANDS, *campaign_run.COMMANDS):
    campaign.add_command(command)
