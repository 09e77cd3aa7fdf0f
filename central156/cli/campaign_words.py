"""What the campaign commands share: words, and sentences about a campaign."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar

import click

from central156 import trunks
from central156.campaign_lists import campaign_of, file_of, read_file
from central156.cli.dialplan import exit_with, folder_of
from central156.cli.store_verify import telling
from central156.cli.words import counted
from central156.settings import load_settings
from central156.sheet_trial import proved
from dialer.campaign import Campaign
from dialer.hours import Windows
from protocol_store.campaign_rows import CampaignRow
from protocol_store.offline import Engine, opened
from reader import DialplanMistakes, contents_of
from reader.campaign_file import CampaignFile
from reader.contact_sheets import ListUnreadable
from reader.folder import QUEUES, Folder
from reader.queue_file import read_queues
from terms.limits import CONTACT_LIST_BYTES

by_whom = click.option(
    "--quem", "by", default=getpass.getuser, metavar="NOME", help="Quem faz (padrão: o usuário)."
)
LIST: Final = click.Path(exists=True, dir_okay=False, path_type=Path)

KINDS: Final = {
    "aviso": "aviso",
    "pesquisa": "pesquisa",
    "retorno": "retorno",
    "complemento": "complemento de pedido",
    "lembrete": "lembrete",
    "alerta": "alerta",
}
MODES: Final = {
    "progressivo": "um atendente reservado para cada ligação",
    "previa": "o atendente olha o caso antes",
    "preditivo": "mais ligações que atendentes",
    "aviso": "sem atendente",
}
STATES: Final = {
    "draft": "rascunho",
    "running": "em curso",
    "paused": "em pausa",
    "draining": "terminando",
    "done": "encerrados",
    "pending": "à espera",
    "due": "com o atendente",
    "ordered": "em ligação",
    "again": "à espera de nova tentativa",
}
STANDS: Final = {**STATES, "done": "encerrada"}
"""The states again, of a campaign."""

ENDINGS: Final = {
    "reached": "atenderam",
    "exhausted": "tentativas esgotadas",
    "wrong_number": "número errado",
    "left_out": "fora, por uma regra",
    "expired": "fora do prazo",
    "cancelled": "cancelados",
}
SAID: Final = {
    "confirma": "confirmaram",
    "recusa": "recusaram",
    "nao_ligar": "não querem mais ligações",
    "atendente": "pediram um atendente",
}
RULES: Final = {
    "number": "número que não se liga",
    "done": "encerrado, ou em ligação",
    "barred": "número marcado",
    "campaign": "prazo da campanha",
    "attempts": "tentativas feitas",
    "do_not_call": "não quer ser chamado",
    "hours": "sem horário",
}
_USUAL: Final = Windows()

Kept = TypeVar("Kept")


def usual_hours(campaign: Campaign) -> str:
    """What of its hours lies outside of R64's; '' when nothing does."""
    for number, (spans, usual) in enumerate(zip(campaign.windows.week, _USUAL.week, strict=True)):
        if any(not any(a <= start and end <= b for a, b in usual) for start, end in spans):
            return (
                f"liga {_DAYS[number]} fora do horário usual (segunda a sexta de 9:00 a 21:00, "
                "sábado de 10:00 a 16:00)"
            )
    return "liga em feriados" if campaign.windows.holidays else ""


_DAYS: Final = (
    *("na segunda-feira", "na terça-feira", "na quarta-feira", "na quinta-feira"),
    *("na sexta-feira", "no sábado", "no domingo"),
)


def told_campaign(read: CampaignFile) -> Iterator[str]:
    """What a campaign says, in a few sentences."""
    one = read.campaign
    yield (
        f"{one.name}: {KINDS[one.kind.value]}, {MODES[one.mode.value]}; pedida por {one.body}; "
        f"{one.subject}."
    )
    yield (
        f"Até {counted(one.attempts, 'tentativa', 'tentativas')} por contato, "
        f"{one.attempts_a_day} por número e dia; mostra {one.caller_id}; "
        f"rotas: {', '.join(one.trunks)}; fila: {one.queue or 'nenhuma'}."
    )
    if one.life_safety:
        yield f"Risco à vida: liga a qualquer hora; responde {one.life_safety}."
    elif unusual := usual_hours(one):
        yield f"Atenção: {unusual}."


def known_queues(folder: Path) -> frozenset[str] | None:
    """The queues of a folder of dialplans; None where they cannot be read: that is for `dialplan
    check` to say."""
    files = Folder(contents_of(folder))
    sheet, tree = files.open(QUEUES)
    if tree is None or sheet.mistakes:
        return None
    return frozenset(str(rule.name) for rule in read_queues(sheet, tree, QUEUES).rules)


def read_or_exit(state_dir: Path | None, name: str) -> tuple[CampaignFile, bytes]:
    """A campaign's file and its bytes; else its mistakes are told and the command ends with 1."""
    folder = folder_of(state_dir, None)
    file = file_of(folder, name)
    if not file.is_file():
        raise click.ClickException(f"não há o arquivo {file}")
    try:
        return read_file(file, known_queues(folder), trunks.named_in(folder))
    except DialplanMistakes as wrong:
        exit_with([*map(str, wrong.mistakes)])


def reread(row: CampaignRow) -> CampaignFile:
    """A stored campaign."""
    try:
        return campaign_of(row)
    except DialplanMistakes as wrong:
        exit_with([*map(str, wrong.mistakes)])


def stored(row: Kept | None, name: str) -> Kept:
    """The campaign, or the command's end."""
    if row is None:
        raise click.ClickException(f"não há campanha guardada com o nome {name}")
    return row


@contextmanager
def database(state_dir: Path | None, *, reading: bool = True) -> Iterator[Engine]:
    """The store's database."""
    with telling(), opened(load_settings(state_dir).store_url, reading=reading) as engine:
        yield engine


@contextmanager
def unreadable(file: Path) -> Iterator[None]:
    """A list that is none is told as the command's mistake."""
    try:
        yield
    except ListUnreadable as wrong:
        raise click.ClickException(f"{file.name}: {wrong}") from None


def bytes_of(file: Path, sheet: str = "") -> bytes:
    """A list's bytes, no more of them than may be. ListUnreadable for a spreadsheet that would be
    the end of whoever opens it."""
    with file.open("rb") as opened_file:
        return proved(opened_file.read(CONTACT_LIST_BYTES + 1), sheet)
