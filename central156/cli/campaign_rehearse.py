"""`central156 campaign rehearse`: who would be called when, who is left out and by which rule."""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click
from rich.console import Console
from rich.table import Table

from central156.campaign_lists import named
from central156.campaign_rehearsal import Rehearsed, Supposed, drops, spoken_seconds
from central156.campaign_rehearsal import rehearse as rehearse_all
from central156.campaign_store import contact_of
from central156.cli.campaign_words import (
    LIST,
    RULES,
    bytes_of,
    database,
    read_or_exit,
    reread,
    stored,
    unreadable,
)
from central156.cli.dialplan import folder_of
from central156.cli.moments import instant_of
from central156.cli.words import CITY, counted
from central156.settings import load_settings
from dialer.campaign import Mode
from dialer.contacts import Contact
from dialer.eligible import World
from dialer.tries import Tries
from protocol_store import attempt_rows, campaign_rows, contact_rows, do_not_call
from protocol_store.masking import masked_number
from protocol_store.offline import Connection
from reader import DialplanMistakes, contents_of, read_contract_alone
from reader.announcement_file import instant
from reader.calling_days import calling_holidays
from reader.campaign_file import CampaignFile
from reader.contact_list import ContactList
from terms.limits import (
    ANSWERS_FIRST,
    CONTACT_PAGE,
    REHEARSAL_DAYS,
    REHEARSAL_SHORT,
    REHEARSAL_TALK,
)
from terms.names import ContactId, Instant

TRIES_LOOK_BACK: Final = 2 * 86_400.0
"""Attempts that count for somebody's day, on any clock of the country."""


@click.command("rehearse")
@click.argument("name", metavar="CAMPANHA")
@click.argument("file", metavar="[LISTA]", required=False, type=LIST)
@click.option("--inicio", "begins", default="", metavar="QUANDO", help="Padrão: agora.")
@click.option(
    "--atendentes", "agents", type=click.IntRange(1, 10_000), default=10, help="Quantos ligam."
)
@click.option(
    "--atendem",
    "answers",
    type=click.FloatRange(1, 100),
    default=ANSWERS_FIRST * 100,
    metavar="%",
    help="De cada cem tentativas, quantas alguém atende.",
)
@click.option(
    "--conversa",
    "talk",
    type=click.FloatRange(1, 3_600),
    default=None,
    metavar="SEGUNDOS",
    help=f"Conversa média (padrão: {REHEARSAL_TALK:g}; de um aviso, o tempo da fala).",
)
@click.option(
    "--contatos",
    "into",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    metavar="ARQUIVO",
    help="Grava em CSV cada contato: quando seria chamado, ou por que não.",
)
@click.pass_obj
def rehearse(
    state_dir: Path | None,
    name: str,
    file: Path | None,
    begins: str,
    agents: int,
    answers: float,
    talk: float | None,
    into: Path | None,
) -> None:
    """Ensaia uma campanha: quem seria chamado e quando, quem fica de fora e por qual regra.

    Com LISTA, a campanha do arquivo e os contatos da lista; sem ela, o que está guardado. As regras
    são as mesmas da hora de ligar; o ritmo é uma conta com médias. Nada se liga, nada se grava.
    """
    now = _beginning(begins)
    with database(state_dir) as engine, engine.connect() as connection:
        if file is None:
            row = stored(campaign_rows.campaign(connection, named(name)), name)
            read = reread(row)
            contacts = list(_stored(connection, read))
        else:
            read, _ = read_or_exit(state_dir, name)
            contacts = _listed(read, file)
        world = _world(state_dir, connection, now)
    supposed = _supposed(read, agents, answers / 100, talk)
    found = rehearse_all(read.campaign, contacts, now, world, supposed)
    _tell(read, found, supposed)
    if into is not None:
        _write(into, contacts, found)


def _beginning(written: str) -> Instant:
    if not written:
        return time.time()
    try:
        return instant(written) or instant_of(written, datetime.now(CITY))
    except ValueError as wrong:
        raise click.UsageError(str(wrong)) from None


def _supposed(read: CampaignFile, agents: int, answers: float, talk: float | None) -> Supposed:
    spoken = spoken_seconds(read.spoken)
    return Supposed(agents, answers, talk or spoken or REHEARSAL_TALK, short=REHEARSAL_SHORT)


def _stored(connection: Connection, read: CampaignFile) -> Iterator[Contact]:
    for page in contact_rows.rows_of(connection, read.campaign.name, CONTACT_PAGE):
        yield from map(contact_of, page)


def _listed(read: CampaignFile, file: Path) -> list[Contact]:
    with unreadable(file):
        listed = ContactList(bytes_of(file, read.mapped.sheet), read.mapped)
        found = [
            Contact(ContactId(str(one.line)), read.campaign.name, one.number) for one in listed
        ]
    if listed.wrong:
        wrong = counted(listed.wrong, "linha", "linhas")
        click.echo(f"{file.name}: {wrong} com erro (central156 campaign check as mostra).")
    return found


def _world(state_dir: Path | None, connection: Connection, now: Instant) -> World:
    settings = load_settings(state_dir)
    try:
        calendar = read_contract_alone(contents_of(folder_of(state_dir, None)))[1]
    except DialplanMistakes as wrong:
        raise click.ClickException(
            f"o calendário da pasta não pode ser lido: {wrong.mistakes[0]}"
        ) from None
    tries = Tries()
    for number, attempt, at in attempt_rows.tried_since(connection, now - TRIES_LOOK_BACK):
        tries.made(number, attempt, at)
    return World(
        holidays=calling_holidays(calendar),
        do_not_call=do_not_call.numbers(connection),
        barred=do_not_call.marked(connection, settings.out_area),
        tries=tries,
    )


# --- what came of it ---
def _tell(read: CampaignFile, found: Rehearsed, supposed: Supposed) -> None:
    click.echo(
        f"{counted(found.contacts, 'contato', 'contatos')}; "
        f"{found.callable} se podem chamar, {found.contacts - found.callable} ficam de fora."
    )
    for rule, count in found.left_out.items():
        click.echo(f"  {RULES.get(rule.value, rule.value)}: {count} ({found.why[rule]})")
    if not found.callable:
        return
    table = Table("Dia", "De", "Até", "Tentativas", "Atendidas", "Encerrados")
    for day, one in found.days().items():
        hours = [at for at in found.hours if _local(at).date() == day]
        ends = f"{_local(max(hours)).hour + 1}:00"
        figures = (round(one.attempts), round(one.answered), round(one.done))
        table.add_row(f"{day:%d/%m/%Y}", f"{_local(min(hours)):%H:%M}", ends, *map(str, figures))
    Console(highlight=False).print(table)
    for sentence in _sums(read, found, supposed):
        click.echo(sentence)


def _sums(read: CampaignFile, found: Rehearsed, supposed: Supposed) -> Iterator[str]:
    notice = read.campaign.mode is Mode.AGENTLESS
    who = counted(supposed.agents, "atendente", "atendentes")
    who = f"{supposed.channels} canais" if notice else who
    attempts = counted(round(found.attempts), "tentativa", "tentativas")
    answered = counted(round(found.answered), "atendida", "atendidas")
    yield f"Ao todo, {attempts} e {answered}, com {who}."
    dropped = round(drops(read.campaign, found.answered))
    short = round(found.answered * supposed.short)
    yield f"Atendidas sem ninguém para falar: {dropped}. Curtas (até 6 s): cerca de {short}."
    if found.waiting >= 1:
        end = "no fim do prazo" if read.campaign.until else f"depois de {REHEARSAL_DAYS} dias"
        yield f"Faltariam {round(found.waiting)} contatos {end}."
    if found.agents_needed is not None:
        what = ("canal", "canais") if notice else ("atendente", "atendentes")
        yield f"Para o prazo: {counted(found.agents_needed, *what)}."
    yield (
        f"Supõe-se: {supposed.answers:.0%} das tentativas atendidas, conversa de "
        f"{supposed.talk:.0f} s, {supposed.short:.0%} das atendidas curtas."
    )


def _write(into: Path, contacts: list[Contact], found: Rehearsed) -> None:
    with into.open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file, delimiter=";")
        rows.writerow(["contato", "telefone", "quando", "fora_por"])
        for place, one in enumerate(contacts):
            first = found.first.get(place)
            when = "" if first is None else f"{_local(first):%d/%m/%Y %H:%M}"
            because = found.because.get(place, "" if first is not None else "não há tempo")
            rows.writerow([one.contact, masked_number(one.number), when, because])


def _local(at: Instant) -> datetime:
    return datetime.fromtimestamp(at, UTC).astimezone(CITY)
