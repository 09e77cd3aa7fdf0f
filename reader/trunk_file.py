"""rotas.yaml: the ways out, by which carrier calls leave, how many, to which numbers.

It stands in the folder of dialplans and is no part of their versions: it describes equipment, and
is read at a start and by `trunk reload` (docs/adr/0024).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ivr.menu import Part
from reader.folder import ROUTES, Contents, Folder
from reader.forms import Form, Key, Reading, Sheet, list_of, names_to, read_form, record, shown
from reader.mistakes import DialplanMistakes
from reader.readings import digits_like, matching, one_text, text_of_at_most, whole, yes_no
from reader.yaml_text import START, Tree
from terms.limits import (
    DIALPLAN_BYTES,
    NAME_CHARACTERS,
    TRUNK_CHANNELS,
    TRUNK_CHANNELS_MAX,
    TRUNK_MONTH,
    TRUNK_MONTH_MAX,
    TRUNK_PER_SECOND,
    TRUNK_PER_SECOND_MAX,
    TRUNK_STARTS,
    TRUNKS_MAX,
)

_LONGEST_NAME: Final = 32
_LABEL: Final = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
HOST: Final = rf"{_LABEL}(?:\.{_LABEL}){{0,9}}"
ADDRESS: Final = rf"{HOST}:[0-9]{{1,5}}"
START_OF_NUMBER: Final = "[1-9][1-9](?:[2-9][0-9]{0,8})?"


@dataclass(frozen=True, slots=True)
class TrunkRow:
    """One way out, as the file has it. `address`: host:port, '' for the settings' own (out_trunk
    and out_prefix); `channels`, `per_second`: 0 for the settings' own, where the address is theirs;
    `starts`: beginnings of national numbers that it may dial, () for all; `month`: from how many
    calls a month on only an authenticated one carries more (R65)."""

    name: str
    operator: str
    address: str
    prefix: str
    channels: int
    per_second: int
    month: int
    authenticated: bool
    starts: tuple[str, ...]


def _address(sheet: Sheet, tree: Tree, part: Part) -> str:
    text = one_text(sheet, tree, part)
    if text is None:
        return ""
    if not re.fullmatch(ADDRESS, text) or not 0 < int(text.rpartition(":")[2]) <= 65_535:
        said = f"destino inválido '{shown(text)}'; use máquina:porta, como 10.0.0.5:5060"
        sheet.wrong_at(part, said)
        return ""
    return text


_PREFIX: Final = r"\+?[0-9]{1,8}"
_STARTS: Final = list_of(
    digits_like(START_OF_NUMBER, "um começo de número: o DDD, e talvez mais algarismos"),
    "so_disca",
    TRUNK_STARTS,
)

TRUNK: Form = {
    "operadora": Key(
        "operator",
        text_of_at_most(NAME_CHARACTERS),
        says="A empresa. A Anatel conta por ela: rotas da mesma operadora somam.",
    ),
    "destino": Key(
        "address",
        Reading(_address, matching(ADDRESS)),
        "",
        says="máquina:porta. Sem ela: out_trunk e out_prefix da configuração; uma rota só.",
    ),
    "prefixo": Key(
        "prefix",
        digits_like(_PREFIX, "um prefixo: até 8 algarismos, talvez com + antes"),
        "",
        says="Algarismos antes de cada número, como a operadora os quer.",
    ),
    "canais": Key(
        "channels",
        whole(1, TRUNK_CHANNELS_MAX),
        0,
        1,
        f"Ligações ao mesmo tempo. Sem ela: {TRUNK_CHANNELS}, ou out_channels se não há destino.",
    ),
    "por_segundo": Key(
        "per_second",
        whole(1, TRUNK_PER_SECOND_MAX),
        0,
        1,
        f"As que começam por segundo. Sem ela: {TRUNK_PER_SECOND}, ou out_per_second sem destino.",
    ),
    "por_mes": Key(
        "month",
        whole(1, TRUNK_MONTH_MAX),
        TRUNK_MONTH,
        1,
        "Ligações da operadora no mês; daí em diante, só rota autenticada (R65).",
    ),
    "autenticada": Key(
        "authenticated", yes_no, False, False, "Se a origem vai assinada (STIR/SHAKEN)."
    ),
    "so_disca": Key(
        "starts", _STARTS, (), (), "Começos de número, com DDD. Sem ela: qualquer número do país."
    ),
}


def _trunk(sheet: Sheet, part: Part, values: dict[str, Any]) -> TrunkRow:
    name = part[-1]
    if len(name) > _LONGEST_NAME:
        sheet.wrong_at(part, f"o nome da rota passa de {_LONGEST_NAME} letras")
    elif len(name) < 2:
        sheet.wrong_at(part, "o nome da rota precisa de duas letras")
    if values["prefix"] and not values["address"] and (*part, "address") not in sheet.marks:
        sheet.wrong_at((*part, "prefix"), "'prefixo' não vale sem 'destino'; use out_prefix")
    if values["address"]:
        values["channels"] = values["channels"] or TRUNK_CHANNELS
        values["per_second"] = values["per_second"] or TRUNK_PER_SECOND
    return TrunkRow(name, **values)


FILE: Final[Form] = {
    "rotas": Key("trunks", names_to(record(TRUNK, "rota '{}'", _trunk), "rotas"), neutral={})
}


def read_trunks(content: bytes, called: str = ROUTES, above: str = "dialplans") -> list[TrunkRow]:
    """The ways out in the file's order; the first is that of call-backs and transfers.
    DialplanMistakes with all that is wrong in it."""
    files = Folder(Contents(above, {called: content}))
    sheet, tree = files.open(called)
    found: Mapping[str, TrunkRow] = {}
    if tree is not None:
        found = read_form(sheet, tree, (), FILE, called)["trunks"]
    if len(found) > TRUNKS_MAX:
        sheet.wrong_at(("trunks",), f"há {len(found)} rotas; o máximo é {TRUNKS_MAX}")
    _as_one(sheet, found)
    files.refuse()
    return list(found.values())


def _as_one(sheet: Sheet, found: Mapping[str, TrunkRow]) -> None:
    """What only shows when all are laid side by side: one alone has no address of its own, and
    one operator's limit of the month is the same on all its trunks."""
    unaddressed: list[str] = []
    months: dict[str, int] = {}
    for name, one in found.items():
        part = ("trunks", name)
        if (*part, "address") not in sheet.marks:
            unaddressed.append(name)
            if len(unaddressed) > 1:
                said = f"só uma rota fica sem 'destino', e já há '{unaddressed[0]}'"
                sheet.wrong_at(part, said)
        if one.operator and months.setdefault(one.operator, one.month) != one.month:
            said = f"'por_mes' é da operadora, e outra rota dela diz {months[one.operator]}"
            sheet.wrong_at((*part, "month"), said)


def trunks_in(folder: Path) -> list[TrunkRow] | None:
    """The ways out of a folder of dialplans; None when it has no such file. DialplanMistakes,
    a file that cannot be read among them."""
    try:
        with (folder / ROUTES).open("rb") as file:
            content = file.read(DIALPLAN_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as wrong:
        sheet = Sheet(f"{folder.absolute().name}/{ROUTES}")
        why = wrong.strerror or type(wrong).__name__
        sheet.wrong(START, f"o arquivo não pode ser lido ({why})")
        raise DialplanMistakes(tuple(sheet.mistakes)) from None
    return read_trunks(content, above=folder.absolute().name)
