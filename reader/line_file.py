"""156.yaml, 199.yaml, 153.yaml: what a line says, asks, and lets its callers hear while waiting."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Final

from ivr.menu import (
    OPTION_KEYS,
    PERSON_KEY,
    Defaults,
    LinePlan,
    Part,
    WaitingPlan,
)
from ivr.texts import LANGUAGES, PORTUGUESE
from ivr.waiting import CallBackPlan, ForecastPlan
from reader.common_file import Common, defaults, shared_nodes
from reader.forms import (
    Form,
    Given,
    Key,
    Reading,
    Sheet,
    entries_of,
    keyed,
    list_of,
    place,
    read_form,
    record,
    shown,
)
from reader.nodes import nodes
from reader.readings import duration, name, one_of
from reader.spoken import in_languages, texts
from reader.yaml_text import Entries, Entry, Tree
from terms.limits import (
    CALL_BACK_LONGER_MAX,
    CALL_BACK_LONGER_MIN,
    CALL_BACK_LONGER_THAN,
    CALL_BACK_OFFER_EVERY,
    FORECAST_EVERY,
    FORECAST_EVERY_MIN,
    WAITING_TEXT_EVERY_MAX,
    WAITING_TEXT_EVERY_MIN,
)
from terms.names import LINES, QueueName

_CODE: Final = r"\*[0-9]{2}"


FORECAST: Form = {
    "na_frente": Key(
        "ahead_text", texts, (), (), "Quantas pessoas há na frente: {na_frente:pessoas}."
    ),
    "espera": Key("wait_text", texts, neutral=(), says="O tempo previsto: {espera:minutos}."),
    "a_cada": Key(
        "forecast_seconds",
        duration(FORECAST_EVERY_MIN, WAITING_TEXT_EVERY_MAX),
        FORECAST_EVERY,
        says="De quanto em quanto tempo, se mudou.",
    ),
}
CALL_BACK: Form = {
    "espera_maior_que": Key(
        "longer_than",
        duration(CALL_BACK_LONGER_MIN, CALL_BACK_LONGER_MAX),
        CALL_BACK_LONGER_THAN,
        says="Só se oferece quando a espera pode passar disto.",
    ),
    "tecla": Key(
        "call_back_key",
        one_of(digit for digit in OPTION_KEYS if digit != PERSON_KEY),
        says="A tecla que pede o retorno.",
    ),
    "a_cada": Key(
        "offer_seconds",
        duration(FORECAST_EVERY_MIN, WAITING_TEXT_EVERY_MAX),
        CALL_BACK_OFFER_EVERY,
        says="De quanto em quanto tempo se oferece de novo.",
    ),
    "fala": Key("offer_text", texts, neutral=(), says="Oferece o retorno e diz a tecla."),
    "confirmacao": Key(
        "confirm_text", texts, neutral=(), says="Diz o número, {telefone:telefone}; 1 confirma."
    ),
    "feito": Key(
        "promised_text", texts, neutral=(), says="Dito com o retorno marcado, antes do protocolo."
    ),
    "falhou": Key(
        "unpromised_text", texts, neutral=(), says="Dito a quem fica na fila porque não deu certo."
    ),
}


def _forecast(sheet: Sheet, part: Part, values: dict[str, Any]) -> ForecastPlan:
    return ForecastPlan(**values)


def _call_back(sheet: Sheet, part: Part, values: dict[str, Any]) -> CallBackPlan:
    return CallBackPlan(**values)


WAITING: Form = {
    "antes": Key("before", texts, (), (), "Dito uma vez, ao entrar na fila."),
    "protocolo": Key("protocol_text", texts, (), (), "Dito antes do número do protocolo."),
    "a_cada": Key("every_seconds", duration(WAITING_TEXT_EVERY_MIN, WAITING_TEXT_EVERY_MAX), 60.0),
    "repete": Key("repeat", texts, (), (), "Dito durante a espera, um texto de cada vez."),
    "previsao": Key(
        "forecast",
        record(FORECAST, "previsao", _forecast),
        ForecastPlan(),
        says="Só no 156: quantas pessoas há na frente e quanto se vai esperar.",
    ),
    "retorno": Key(
        "call_back",
        record(CALL_BACK, "retorno", _call_back),
        CallBackPlan(),
        says="Só no 156: uma tecla para receber a ligação sem perder a vez.",
    ),
}


def _waiting(sheet: Sheet, part: Part, values: dict[str, Any]) -> WaitingPlan:
    return WaitingPlan(speak_protocol=bool(values["protocol_text"]), **values)


def _codes(sheet: Sheet, tree: Tree, part: Part) -> dict[str, str]:
    codes = {}
    for entry in entries_of(sheet, tree, part, "codigos") or ():
        here = (*part, entry.key)
        place(sheet, entry, here)
        if re.fullmatch(_CODE, entry.key):
            codes[entry.key] = name(sheet, entry.value, here)
        else:
            sheet.wrong(
                entry.mark,
                f"'{shown(entry.key)}' não é um código direto: esperava-se * e dois dígitos, "
                'entre aspas: "*11"',
            )
    return codes


# --- a line's file ---
_LANGUAGE: Final = one_of(LANGUAGES)


def _line_form(line: tuple[str, ...]) -> Form:
    return {
        "linha": Key("line", one_of(line), says="O número que o cidadão disca."),
        "comeca_em": Key("start", name, says="A primeira etapa."),
        "atendente": Key("person", name, says="A fila de quem o menu não pode ajudar."),
        "menu_resumido": Key("short_start", name, "", says="Onde se começa com o menu resumido."),
        "resumido_no_horario": Key("short_when", name, "", says="Um horário de calendar.yaml."),
        "depois_da_conversa": Key("after", name, "", says="A etapa depois do atendente."),
        "idiomas": Key(
            "languages", list_of(_LANGUAGE, "idiomas", len(LANGUAGES)), (PORTUGUESE,), (PORTUGUESE,)
        ),
        "codigos": Key(
            "codes",
            Reading(_codes, keyed(f"^{_CODE}$", name.schema)),
            {},
            {},
            'Códigos diretos, como "*11", e suas etapas.',
        ),
        "padroes": Key("defaults", defaults, {}, {}, "O que esta linha muda dos padrões comuns."),
        "etapas": Key("nodes", nodes, neutral={}, says="As etapas, cada uma com seu nome."),
        "na_espera": Key("waiting", record(WAITING, "na_espera", _waiting), WaitingPlan()),
    }


LINE: Final = _line_form(LINES)
FORMS: Final = {line: _line_form((line,)) for line in LINES}


def read_line(sheet: Sheet, tree: Tree, line: str, common: Common) -> LinePlan:
    """A line's plan, with the shared nodes that it names, directly or by way of others."""
    languages = _languages(sheet, tree)
    sheet.given = Given(common.texts, languages, sheet.given.priorities, common.whole)
    values = read_form(sheet, tree, (), FORMS[line], f"{line}.yaml")
    shared = {
        key: in_languages(value, languages) if isinstance(value, tuple) else value
        for key, value in common.defaults.items()
    }
    values["defaults"] = Defaults(**{**shared, **values["defaults"]})
    values["languages"] = languages
    values["line"] = line
    values["person"] = QueueName(values["person"])
    priority = sheet.given.priorities.get(values["person"], 0)
    plan = LinePlan(**values, person_priority=priority)
    return replace(plan, nodes={**plan.nodes, **shared_nodes(common, plan)})


def _languages(sheet: Sheet, tree: Tree) -> tuple[str, ...]:
    """The line's languages, known before its texts are read; Portuguese always is one."""
    for entry in tree.entries if isinstance(tree, Entries) else ():
        if entry.key == "idiomas":
            return _spoken(sheet, entry)
    return (PORTUGUESE,)


def _spoken(sheet: Sheet, entry: Entry) -> tuple[str, ...]:
    aside = Sheet(sheet.file)  # its mistakes are noted when the form is read
    found = list_of(_LANGUAGE, "idiomas", len(LANGUAGES))(aside, entry.value, ("languages",))
    known = tuple(dict.fromkeys(one for one in found if one))
    if aside.mistakes:
        return LANGUAGES
    if PORTUGUESE not in known:
        sheet.wrong(entry.mark, "falta 'pt' em idiomas: toda linha fala português")
    elif len(known) != len(found):
        sheet.wrong(entry.mark, "há um idioma repetido em idiomas")
    return known
