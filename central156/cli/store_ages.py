"""`central156 store retention`: what citizens typed, their numbers, whom campaigns called and texts
do not stay for ever.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import click

from central156.cli.api import open_api
from central156.cli.store_verify import telling
from central156.cli.words import counted
from central156.data_retention import ages_of, out_ages_of
from central156.settings import load_settings
from protocol_store.data_ages import rehearse
from protocol_store.offline import opened
from protocol_store.outgoing_ages import rehearse as rehearse_out

PATIENCE: Final = 3_600.0  # seconds: the first walk through years of calls


@click.command("retention")
@click.option("--ensaio", "rehearsal", is_flag=True, help="Só diz o que sairia; nada muda.")
@click.option("--json", "as_json", is_flag=True, help="Em JSON.")
@click.pass_obj
def retention(state_dir: Path | None, rehearsal: bool, as_json: bool) -> None:
    """Apaga números e dados digitados que passaram do prazo (number_days, typed_days,
    contact_days, text_days).

    A central no ar o faz sozinha, de madrugada, aos poucos. Com --ensaio, funciona com ela no ar ou
    parada; sem, é um pedido à central no ar, com o token de um auditor:
    POST /v1/citizens/retention
    """
    if rehearsal:
        settings = load_settings(state_dir)
        with telling(), opened(settings.store_url) as engine, engine.connect() as connection:
            now = time.time()
            found = asdict(rehearse(connection, ages_of(settings, now)))
            out = rehearse_out(connection, out_ages_of(settings, now))
            found |= {"contacts": out.contacts, "attempts": out.attempts, "texts": out.texts}
    else:
        found = open_api(state_dir).post("/v1/citizens/retention", None, PATIENCE)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    _tell(found, "sairiam" if rehearsal else "saíram")


def _tell(found: dict[str, Any], verb: str) -> None:
    numbers = counted(found["numbers"], "ligação", "ligações")
    typed = counted(found["typed"], "ligação", "ligações")
    click.echo(f"Números: {verb} os de {numbers}. Dados digitados: {verb} os de {typed}.")
    contacts = counted(found["contacts"], "contato", "contatos")
    texts = counted(found["texts"], "mensagem", "mensagens")
    click.echo(f"Campanhas: {verb} os números de {contacts}. SMS: {verb} os de {texts}.")
    if found["kept"]:
        kept = counted(found["kept"], "ficou", "ficaram")
        click.echo(f"{kept} por ora: retenção legal, ou algo por fazer.")
