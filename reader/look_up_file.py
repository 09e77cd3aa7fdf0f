"""servicos.yaml: what menus may ask of the city's systems. What each may be is for
terms/services.py to say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from ivr.menu import Part
from reader.forms import Form, Key, Reading, Sheet, list_of, names_to, read_form, record
from reader.readings import duration, name, one_of, text_of_at_most, yes_no
from reader.yaml_text import Tree
from terms.limits import (
    LOOK_UP_SECONDS,
    LOOK_UP_SECONDS_MAX,
    LOOK_UP_SECONDS_MIN,
    PATH_CHARACTERS,
    SERVICE_PARAMETERS,
    SERVICE_SQL_CHARACTERS,
)
from terms.services import METHODS, ServiceSpec, refusal

_NAMES: Final = list_of(name, "nomes", SERVICE_PARAMETERS)
_SAID: Final[Mapping[str, str]] = {
    "pergunta": "given",
    "responde": "answers",
    "sql": "sql",
    "caminho": "path",
    "metodo": "method",
    "grava": "writes",
    "tempo": "seconds",
}
"""How a refusal begins → the part that it is about."""

LOOK_UP: Form = {
    "origem": Key("source", name, says="central, ou o nome de uma fonte da configuração."),
    "sql": Key("sql", text_of_at_most(SERVICE_SQL_CHARACTERS), "", says="Com :nome nas perguntas."),
    "caminho": Key("path", text_of_at_most(PATH_CHARACTERS), "", says="Com {nome} nas perguntas."),
    "metodo": Key("method", one_of(METHODS), METHODS[0], METHODS[0]),
    "pergunta": Key("given", _NAMES, (), (), "O que o menu precisa dar."),
    "responde": Key("answers", _NAMES, (), (), "O que volta, e o menu pode dizer."),
    "tempo": Key("seconds", duration(LOOK_UP_SECONDS_MIN, LOOK_UP_SECONDS_MAX), LOOK_UP_SECONDS),
    "grava": Key("writes", yes_no, False, False, "Se muda alguma coisa na fonte."),
}


def _look_up(sheet: Sheet, part: Part, values: dict[str, Any]) -> ServiceSpec:
    return ServiceSpec(part[-1], **values)


def _refused(sheet: Sheet, spec: ServiceSpec, part: Part) -> None:
    if message := refusal(spec):
        word = re.match(r"\w+", message)
        about = _SAID.get(word[0], "") if word else ""
        sheet.wrong_at((*part, about) if about else part, message)


def _checked(sheet: Sheet, tree: Tree, part: Part) -> ServiceSpec:
    """A service; its sense is looked at only when every value of it could be read."""
    before = len(sheet.mistakes)
    spec: ServiceSpec = _RECORD(sheet, tree, part)
    if len(sheet.mistakes) == before:
        _refused(sheet, spec, part)
    return spec


_RECORD: Final = record(LOOK_UP, "serviço '{}'", _look_up)
FILE: Final[Form] = {
    "servicos": Key("services", names_to(Reading(_checked, _RECORD.schema), "servicos"), {}, {})
}


def read_look_ups(sheet: Sheet, tree: Tree, file: str) -> dict[str, ServiceSpec]:
    """All services by name."""
    found: dict[str, ServiceSpec] = read_form(sheet, tree, (), FILE, file)["services"]
    return found
