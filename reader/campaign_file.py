"""campanhas/<nome>.yaml: a campaign: who asks for it, who is called when, how often, and what each
column of its list is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from dialer.campaign import RETRIES, Campaign, KeyMeans, Kind, Mode, Retry
from dialer.hours import CLOSED, Windows
from ivr.checker import nearest
from ivr.hours import Hours
from ivr.menu import DIGITS, Part
from reader.announcement_file import WHEN
from reader.calendar_file import HOURS
from reader.contact_list import Mapped
from reader.folder import Contents, Folder
from reader.forms import (
    Form,
    Key,
    Reading,
    Sheet,
    entries_of,
    keyed,
    list_of,
    must_be,
    names_to,
    place,
    read_form,
    record,
    shown,
)
from reader.notice_proofs import notice_mistakes, texts_fit
from reader.readings import digits_like, duration, name, one_of, text_of_at_most, whole
from reader.yaml_text import START, Refused, Tree
from terms.limits import (
    CAMPAIGN_ATTEMPTS,
    CAMPAIGN_ATTEMPTS_A_DAY,
    CAMPAIGN_ATTEMPTS_MAX,
    CAMPAIGN_PRIORITIES,
    CAMPAIGN_RETRY_MAX,
    CAMPAIGN_RETRY_MIN,
    CAMPAIGN_SCRIPT_CHARACTERS,
    CAMPAIGN_TRUNKS,
    CONTACT_FIELDS,
    NAME_CHARACTERS,
    OUT_RING_SECONDS,
    RING_SECONDS_MAX,
    SPOKEN_CHARACTERS,
)
from terms.names import CampaignName, QueueName, TrunkName
from terms.outcome import Tried

CAMPAIGNS_FOLDER: Final = "campanhas"
KNOWN_BY: Final = ("campanha",)

RESULTS: Final[Mapping[str, Tried]] = {
    "ocupado": Tried.BUSY,
    "nao_atende": Tried.NO_ANSWER,
    "caixa_postal": Tried.MACHINE,
    "muda": Tried.SILENT,
    "operadora": Tried.UNREACHABLE,
    "sem_atendente": Tried.DROPPED,
    "interrompida": Tried.LOST,
}
"""The results after which a contact may be tried again, as the file calls them."""

_RING_LEAST: Final = 10.0
_COLUMN: Final = text_of_at_most(NAME_CHARACTERS)


@dataclass(frozen=True, slots=True)
class CampaignFile:
    """What a file says. `spoken`: the text of a notice without agents; '' for the others.
    `alone`: why nobody can be asked for in it; '' where somebody can."""

    campaign: Campaign
    mapped: Mapped
    spoken: str
    alone: str = ""


# --- what it is made of ---
def _hours(sheet: Sheet, tree: Tree, part: Part) -> Windows:
    found: Hours = HOURS(sheet, tree, part)
    return Windows(found.week, found.holidays or CLOSED, found.dates)


WINDOWS: Final = Reading(_hours, HOURS.schema)
"""A campaign's hours; days that are not named are closed, and so are holidays."""

RETRY: Form = {
    "apos": Key("after", duration(CAMPAIGN_RETRY_MIN, CAMPAIGN_RETRY_MAX), neutral=60.0),
    "vezes": Key("times", whole(0, CAMPAIGN_ATTEMPTS_MAX), neutral=0, says="0: nunca de novo."),
}
_RETRY: Final = record(RETRY, "novas_tentativas de '{}'", lambda sheet, part, values: values)


def _retries(sheet: Sheet, tree: Tree, part: Part) -> Mapping[Tried, Retry]:
    found = dict(RETRIES)
    for entry in entries_of(sheet, tree, part, "novas_tentativas") or ():
        here = (*part, entry.key)
        place(sheet, entry, here)
        result = RESULTS.get(entry.key)
        if result is None:
            hint = nearest(entry.key, RESULTS) or f"; há {', '.join(RESULTS)}"
            sheet.wrong(entry.mark, f"resultado desconhecido '{shown(entry.key)}'{hint}")
        elif not isinstance(entry.value, Refused):
            values = _RETRY(sheet, entry.value, here)
            found[result] = Retry(values["after"], values["times"])
    return {result: retry for result, retry in found.items() if retry.times}


RETRIES_READ: Final = Reading(_retries, keyed(f"^(?:{'|'.join(RESULTS)})$", _RETRY.schema))

_MEANS: Final = one_of(KeyMeans)


def _keys(sheet: Sheet, tree: Tree, part: Part) -> Mapping[str, KeyMeans]:
    found = {}
    for entry in entries_of(sheet, tree, part, "teclas") or ():
        here = (*part, entry.key)
        place(sheet, entry, here)
        if len(entry.key) != 1 or entry.key not in DIGITS:
            sheet.wrong(entry.mark, f"'{shown(entry.key)}' não é uma tecla; use de 0 a 9")
        elif not isinstance(entry.value, Refused) and (means := _MEANS(sheet, entry.value, here)):
            found[entry.key] = KeyMeans(means)
    return found


KEYS: Final = Reading(_keys, keyed("^[0-9]$", _MEANS.schema))


_FIELDS: Final = names_to(_COLUMN, "campos")


def _fields(sheet: Sheet, tree: Tree, part: Part) -> Mapping[str, str]:
    found: Mapping[str, str] = _FIELDS(sheet, tree, part)
    if len(found) > CONTACT_FIELDS:
        sheet.wrong_at(part, f"há {len(found)} campos; o máximo é {CONTACT_FIELDS}")
    return found


LIST: Form = {
    "telefone": Key("phone", _COLUMN, "", says="A coluna do telefone; sem ela, pelo nome usual."),
    "ddd": Key("area", _COLUMN, "", says="A coluna do DDD, se ele está à parte."),
    "ddd_padrao": Key(
        "default_area",
        digits_like("[1-9][1-9]", "um DDD: dois algarismos, sem 0"),
        "",
        says="O DDD dos números que não têm; sem ele, são erros.",
    ),
    "planilha": Key("sheet", _COLUMN, "", says="Qual planilha do arquivo; sem ela, a primeira."),
    "campos": Key("fields", Reading(_fields, _FIELDS.schema), {}, {}, "nome_aqui: Nome da coluna."),
}

MAPPED: Final = record(LIST, "lista", lambda sheet, part, values: Mapped(**values))

FILE: Final[Form] = {
    "campanha": Key("name", name, says="O mesmo nome do arquivo."),
    "tipo": Key("kind", one_of(Kind), neutral=""),
    "modo": Key("mode", one_of(Mode), Mode.PROGRESSIVE.value, says="aviso: sem atendente."),
    "orgao": Key("body", text_of_at_most(NAME_CHARACTERS), says="Quem pediu."),
    "assunto": Key("subject", text_of_at_most(NAME_CHARACTERS)),
    "fila": Key("queue", name, "", says="Uma fila de queues.yaml: quem fala com o cidadão."),
    "mostra": Key(
        "caller_id",
        digits_like("[0-9]{3,11}", "um número: só algarismos, com DDD"),
        says="O número que o cidadão vê: sempre o mesmo (R67).",
    ),
    "rotas": Key("trunks", list_of(name, "rotas", CAMPAIGN_TRUNKS), neutral=()),
    "horario": Key(
        "windows",
        WINDOWS,
        Windows(),
        Windows(),
        "No relógio de quem é chamado. Sem ele: segunda a sexta de 9:00 a 21:00, sábado de "
        "10:00 a 16:00, nunca em feriado (R64).",
    ),
    "de": Key("since", WHEN, None, None, "Nada se liga antes: 01/12/2026 9:00"),
    "ate": Key("until", WHEN, None, None, "Nada se liga depois."),
    "tentativas": Key(
        "attempts", whole(1, CAMPAIGN_ATTEMPTS_MAX), CAMPAIGN_ATTEMPTS, 1, "Por contato, ao todo."
    ),
    "tentativas_por_dia": Key(
        "attempts_a_day",
        whole(1, CAMPAIGN_ATTEMPTS_MAX),
        CAMPAIGN_ATTEMPTS_A_DAY,
        1,
        "Por número, somadas as de todas as campanhas.",
    ),
    "novas_tentativas": Key("retries", RETRIES_READ, RETRIES, RETRIES),
    "prioridade": Key("priority", whole(1, CAMPAIGN_PRIORITIES), 5, 5, "1 vai na frente."),
    "toque": Key("ring_seconds", duration(_RING_LEAST, RING_SECONDS_MAX), OUT_RING_SECONDS),
    "roteiro": Key(
        "script",
        text_of_at_most(CAMPAIGN_SCRIPT_CHARACTERS),
        "",
        says="O que o atendente lê; {campo} é um dos campos da lista.",
    ),
    "fala": Key(
        "spoken",
        text_of_at_most(SPOKEN_CHARACTERS),
        "",
        says="O aviso, por extenso; {campo} ou {campo:data} é lido na hora.",
    ),
    "teclas": Key("keys", KEYS, {}, {}, "1: confirma; 9: atendente; 2: repete; 0: nao_ligar"),
    "sem_atendente": Key(
        "alone",
        text_of_at_most(NAME_CHARACTERS),
        "",
        says="De um aviso sem tecla para atendente: por que não.",
    ),
    "risco_a_vida": Key(
        "life_safety",
        text_of_at_most(NAME_CHARACTERS),
        "",
        says="Só de alertas: o supervisor que responde por ligar fora do horário e a quem não "
        "quer ser chamado.",
    ),
    "lista": Key("mapped", MAPPED, Mapped(), Mapped(), "O que é cada coluna da lista."),
}


def read_campaign(
    content: bytes,
    called: str,
    queues: Collection[str] | None = None,
    trunks: Collection[str] | None = None,
    *,
    proved: bool = False,
) -> CampaignFile:
    """A campaign's file. `called`: the file's name, and the campaign's; `queues`, `trunks`: those
    that there are, None if nobody knows; `proved`: with the proofs of what is spoken
    (notice_proofs.py). DialplanMistakes with all that is wrong in it."""
    files = Folder(Contents(CAMPAIGNS_FOLDER, {called: content}))
    sheet, tree = files.open(called)
    if isinstance(tree, Refused):  # what it seems to lack may stand below the mistake
        files.refuse()
    values = read_form(sheet, tree or Refused(START), (), FILE, called)
    found = dict(values)
    mapped, spoken, alone = (found.pop(name) for name in ("mapped", "spoken", "alone"))
    _belongs_together(sheet, values, called, queues)
    if proved and spoken and not sheet.mistakes:
        for part, said in notice_mistakes(spoken, values["keys"], values["queue"], alone):
            sheet.wrong_at(part, said)
    for number, trunk in enumerate(values["trunks"]):
        must_be(sheet, ("trunks", str(number)), trunk, trunks, "rota desconhecida")
    files.refuse()
    try:
        campaign = Campaign(
            **{
                **found,
                "name": CampaignName(values["name"]),
                "kind": Kind(values["kind"]),
                "mode": Mode(values["mode"]),
                "queue": QueueName(values["queue"]),
                "trunks": tuple(map(TrunkName, values["trunks"])),
                "since": values["since"] or 0.0,
            }
        )
    except ValueError as wrong:  # a rule of the dialler that no key above knows
        sheet.wrong(START, str(wrong))
        files.refuse()
        raise
    return CampaignFile(campaign, mapped, spoken, alone)


def _belongs_together(
    sheet: Sheet, values: Mapping[str, Any], called: str, queues: Collection[str] | None
) -> None:
    stem = called.removesuffix(".yaml")
    if values["name"] and values["name"] != stem:
        said = f"a campanha '{values['name']}' está no arquivo {called}: use o mesmo nome nos dois"
        sheet.wrong_at(("name",), said)
    since, until = values["since"], values["until"]
    if since is not None and until is not None and until <= since:
        sheet.wrong_at(("until",), "'ate' precisa vir depois de 'de'")
    if values["life_safety"] and values["kind"] not in (Kind.ALERT, ""):
        said = "'risco_a_vida' é só de alertas: as outras campanhas respeitam horário e lista"
        sheet.wrong_at(("life_safety",), said)
    must_be(sheet, ("queue",), values["queue"], queues, "fila desconhecida")
    if values["attempts_a_day"] > values["attempts"] and ("attempts_a_day",) in sheet.marks:
        said = "'tentativas_por_dia' passa de 'tentativas': quem só se tenta"
        sheet.wrong_at(("attempts_a_day",), f"{said} {values['attempts']} vezes ao todo")
    texts_fit(sheet, values)
