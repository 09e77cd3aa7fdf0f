"""`central156 campaign list`, `show`: which campaigns there are, what one says, how it goes.

Without a token of one's own these open the database themselves, with the centre up or down; with
one they ask the centre, which tells each person what is theirs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console

from central156.campaign_lists import named
from central156.campaign_shown import list_shown, results_shown, row_shown
from central156.cli import TOKEN_FILE
from central156.cli.api import open_api, route
from central156.cli.campaign_words import (
    ENDINGS,
    KINDS,
    SAID,
    STANDS,
    STATES,
    database,
    reread,
    stored,
    told_campaign,
)
from central156.cli.dialplan import exit_with
from central156.cli.narrow import keyed
from central156.cli.words import counted, moment
from protocol_store import campaign_rows
from protocol_store.attempt_counts import attempt_counts
from reader import DialplanMistakes
from reader.campaign_file import CampaignFile, read_campaign

Plain = Mapping[str, Any]
LEFT_OVER: Final = "a campanha acabou antes"
"""What is told of contacts who were still to be called when it ended."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A campaign to be told, wherever it was asked for."""

    about: Plain
    read: CampaignFile
    in_course: int


@click.command("list")
@click.pass_obj
def show_all(state_dir: Path | None) -> None:
    """Lista as campanhas guardadas, a mais nova primeiro.

    Com --token, o pedido é GET /v1/campaigns
    """
    rows = _all_asked(state_dir) if _has_token() else _all_stored(state_dir)
    if not rows:
        click.echo("Não há campanhas guardadas.")
        return
    table = keyed("Campanha", "Tipo", "Estado", "Assunto", "Contatos", "Guardada")
    for one in rows:
        words = (KINDS[one["kind"]], STANDS[one["state"]], one["subject"])
        table.add_row(one["campaign"], *words, str(one["contacts"]), moment(one["made_at"]))
    Console(highlight=False).print(table)


@click.command("show")
@click.argument("name", metavar="CAMPANHA")
@click.pass_obj
def show(state_dir: Path | None, name: str) -> None:
    """Mostra uma campanha: o que diz, as suas listas, contatos por estado, tentativas.

    Com --token, o pedido é GET /v1/campaigns/{campaign}
    """
    for sentence in _told(_asked(state_dir, name) if _has_token() else _stored(state_dir, name)):
        click.echo(sentence)


def _told(shown: Shown) -> Iterator[str]:
    one = shown.about
    because = "" if one["because"] == f"por {one['changed_by']}" else one["because"]
    yield (
        f"{one['campaign']}: {STANDS[one['state']]}, desde {moment(one['changed_at'])}, por "
        f"{one['changed_by']}{because and f': {because}'}"
    )
    yield from told_campaign(shown.read)
    for row in one["lists"]:
        whole = "" if row["loaded_at"] else " (incompleta: importe-a de novo)"
        yield (
            f"Lista {row['file']}, {moment(row['at'])}, por {row['by']}: "
            f"{counted(row['contacts'], 'contato', 'contatos')}, {row['wrong']} com erro, "
            f"{row['there_before']} já na campanha{whole}"
        )
    standing: Counter[str] = Counter()
    for state, count in one["states"].items():
        over = one["state"] == "done" and state != "done"
        standing[LEFT_OVER if over else STATES.get(state, state)] += count
    for word, count in standing.items():
        yield f"{word}: {count}"
    for ending, count in one["endings"].items():
        yield f"  {ENDINGS.get(ending, ending)}: {count}"
    ended = sum(one["results"].values())
    if ended or shown.in_course:
        yield f"Tentativas: {ended + shown.in_course}, das quais {shown.in_course} em curso"
    for result, count in one["results"].items():
        yield f"  {result}: {count}"
    for word, count in one["said"].items():
        yield f"  {SAID.get(word, word)}: {count}"


# --- of the database ---
def _all_stored(state_dir: Path | None) -> Sequence[Plain]:
    with database(state_dir) as engine, engine.connect() as connection:
        return [
            {
                **row_shown(row, None),
                "contacts": campaign_rows.counts(connection, row.name).contacts,
            }
            for row in campaign_rows.all_campaigns(connection)
        ]


def _stored(state_dir: Path | None, name: str) -> Shown:
    with database(state_dir) as engine, engine.connect() as connection:
        row = stored(campaign_rows.campaign(connection, named(name)), name)
        counts = campaign_rows.counts(connection, row.name)
        attempts = attempt_counts(connection, row.name)
        about = {
            **row_shown(row, None),
            "lists": [list_shown(one) for one in campaign_rows.lists_of(connection, row.name)],
            "states": counts.states,
            "endings": counts.endings,
            "results": results_shown(attempts),
            "said": attempts.said,
        }
    return Shown(about, reread(row), attempts.in_course)


# --- of the centre ---
def _has_token() -> bool:
    return click.get_current_context().meta.get(TOKEN_FILE) is not None


def _all_asked(state_dir: Path | None) -> Sequence[Plain]:
    found: Sequence[Plain] = open_api(state_dir).get("/v1/campaigns")["campaigns"]
    return found


def _asked(state_dir: Path | None, name: str) -> Shown:
    about: Plain = open_api(state_dir).get(route("campaigns", named(name)))
    try:
        read = read_campaign(about["yaml"].encode(), f"{about['campaign']}.yaml")
    except DialplanMistakes as wrong:
        exit_with([*map(str, wrong.mistakes)])
    return Shown(about, read, about["in_course"])


COMMANDS: Final = (show_all, show)
