"""`central156 store balance` and `store rebuild`: whether the tables add up, and making them anew.

Both open the database themselves, like the rest of `store`.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Final

import click

from central156.cli.asking import make_sure
from central156.cli.report_shown import console_for, show
from central156.cli.store_copies import ours_alone
from central156.cli.store_verify import telling
from central156.reports_asked import PERIODS, Mistaken, asked_of
from central156.settings import load_settings
from papers.as_json import write_to
from protocol_store import schema
from protocol_store.balance import balance as balance_of
from protocol_store.offline import opened, others_in
from protocol_store.rebuild import rebuild as rebuild_all
from protocol_store.reports.asked import buckets
from protocol_store.reports.balance_sheet import BALANCE, sheet

EVERY: Final = 1.0  # seconds between two words of how far it is


@click.command("balance")
@click.option("--de", "since", default="", metavar="PERÍODO", help=f"Padrão: hoje; {PERIODS}.")
@click.option("--ate", "until", default="", metavar="PERÍODO", help="Até quando, inclusive.")
@click.option("--intervalo", "interval", default="dia", metavar="TEMPO", help="15min, 1h, dia…")
@click.option("--json", "as_json", is_flag=True, help="Em JSON.")
@click.pass_obj
def balance(state_dir: Path | None, since: str, until: str, interval: str, as_json: bool) -> None:
    """Confere os totais de um período (R77): nenhuma chamada falta, nenhuma conta duas vezes.

    Sai com 1 se não fecharem, e diz onde. A central no ar confere sozinha, de hora em hora.
    """
    given = {"since": since, "until": until, "interval": interval}
    try:
        asked = asked_of(BALANCE, given, time.time(), False)
    except Mistaken as wrong:
        raise click.ClickException(str(wrong)) from None
    settings = load_settings(state_dir)
    with telling(), opened(settings.store_url) as engine, engine.connect() as connection:
        found = balance_of(connection, buckets(asked))
    told = sheet(found, asked)
    if as_json:
        write_to(told, sys.stdout)
    else:
        show(told, console_for(sys.stdout))
    sys.exit(0 if found.holds else 1)


@click.command("rebuild")
@click.option("--sim", "sure", is_flag=True, help="Não pergunta.")
@click.pass_obj
def rebuild(state_dir: Path | None, sure: bool) -> None:
    """Refaz, a partir dos fatos, todas as tabelas que deles são feitas (docs/tabelas.md).

    Para encher colunas novas com o passado, ou se uma tabela estiver errada. Os fatos não mudam. Só
    com a central parada; em caso de erro, nada muda.
    """
    settings = load_settings(state_dir)
    with (
        telling(),
        ours_alone(settings),
        opened(settings.store_url, reading=False) as engine,
    ):
        if count := others_in(engine):
            raise click.ClickException(
                f"o banco está em uso ({count} conexões): pare tudo o que o lê"
            )
        if not sure:
            make_sure("Refazer as tabelas a partir dos fatos?")
        schema.upgrade(engine)
        began, last = time.monotonic(), [0.0]

        def told(done: int, of: int) -> None:
            if time.monotonic() - last[0] >= EVERY:
                last[0] = time.monotonic()
                click.echo(f"\r{done:,} de {of:,} fatos".replace(",", "."), err=True, nl=False)

        done = rebuild_all(engine, told)
    took = time.monotonic() - began
    click.echo(err=True)
    click.echo(f"{done.facts:,} fatos relidos em {took:.0f} s; tabelas refeitas.".replace(",", "."))
    if done.left_out:
        click.echo(f"{done.left_out} fatos nada dizem a elas, como quando chegaram: store verify")
