"""`central156 campaign block`, `unblock`, `blocked`: who is not to be called, by any campaign."""

from __future__ import annotations

import secrets
import time
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from central156.cli.campaign_words import by_whom, database
from central156.cli.words import moment
from central156.settings import load_settings
from protocol_store import do_not_call
from protocol_store.do_not_call import Wish
from protocol_store.errors import NameUnknown
from protocol_store.masking import masked_number
from reader.phone_numbers import Phones


@click.command("block")
@click.argument("number", metavar="TELEFONE")
@click.option("--motivo", "because", required=True, metavar="TEXTO", help="Por que não se liga.")
@by_whom
@click.pass_obj
def block(state_dir: Path | None, number: str, because: str, by: str) -> None:
    """Põe um número na lista de quem não quer ser chamado, para todas as campanhas."""
    wish = wish_of(state_dir, number, because, by)
    with database(state_dir, reading=False) as engine, engine.begin() as connection:
        do_not_call.bar(connection, [wish])
    click.echo(f"{masked_number(wish.number)} não será chamado por campanha nenhuma.")


@click.command("unblock")
@click.argument("number", metavar="TELEFONE")
@click.option("--motivo", "because", required=True, metavar="TEXTO", help="Por que se liga.")
@by_whom
@click.pass_obj
def unblock(state_dir: Path | None, number: str, because: str, by: str) -> None:
    """Tira um número da lista de quem não quer ser chamado; quem o pôs e por quê fica guardado."""
    wish = wish_of(state_dir, number, because, by)
    with database(state_dir, reading=False) as engine, engine.begin() as connection:
        (refused,) = do_not_call.unbar(connection, [wish])
    if isinstance(refused, NameUnknown):
        raise click.ClickException(str(refused))
    click.echo(f"{masked_number(wish.number)} pode ser chamado.")


@click.command("blocked")
@click.argument("number", metavar="[TELEFONE]", required=False, default="")
@click.pass_obj
def blocked(state_dir: Path | None, number: str) -> None:
    """Mostra quem não quer ser chamado, desde quando e por quê; de um TELEFONE, toda a história."""
    wanted = understood(state_dir, number) if number else ""
    with database(state_dir) as engine, engine.connect() as connection:
        wishes = do_not_call.history(connection, wanted)
    if not wishes:
        click.echo("Ninguém." if not wanted else "Este número nunca esteve na lista.")
        return
    table = Table("Telefone", "Desde", "Quem", "Por quê", "Até")
    for one in wishes:
        until = "" if one.ended_at is None else f"{moment(one.ended_at)}, {one.ended_by}"
        shown = masked_number(one.number)
        table.add_row(shown, moment(one.at), one.by, one.because, until)
    Console(highlight=False).print(table)


def wish_of(state_dir: Path | None, number: str, because: str, by: str) -> Wish:
    """A wish, from what a person wrote."""
    told = because.strip()
    if not told:
        raise click.UsageError("diga o motivo")
    found = understood(state_dir, number)
    return Wish(secrets.token_hex(8), found, time.time(), by, told)


def understood(state_dir: Path | None, number: str) -> str:
    """A number as it is stored."""
    found, why = Phones(load_settings(state_dir).out_area).national(number)
    if why:
        raise click.ClickException(f"telefone: {why}")
    return found
