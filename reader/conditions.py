"""`quando`: what must hold for a case of a decision. One row of WHEN for each thing that can be
asked; ivr/decide.py says what each means."""

from __future__ import annotations

from typing import Any, Final

from ivr.decide import DAYS, NO, PHONES, YES
from ivr.menu import Condition, Part
from reader.forms import Form, Key, Reading, Sheet, list_of, record, shown
from reader.hours_text import DAY, SPANS, spans, weekdays
from reader.readings import (
    digits_like,
    matching,
    name,
    one_of,
    one_text,
    text_of_at_most,
    yes_no,
)
from reader.yaml_text import Tree
from terms.limits import CONDITION_VALUES, DATA_CHARACTERS

Conditions = tuple[Condition, ...]


def _values(what: str, value: Reading, called: str) -> Key:
    """A condition with one value or a list of them."""
    listed = list_of(value, called, CONDITION_VALUES)

    def read(sheet: Sheet, tree: Tree, part: Part) -> Conditions:
        found = tuple(one for one in listed(sheet, tree, part) if one)
        return (Condition(what, found),) if found else ()

    return Key(what, Reading(read, listed.schema), (), ())


def _truth(what: str, of: str = "") -> Reading:
    def read(sheet: Sheet, tree: Tree, part: Part) -> Conditions:
        return (Condition(what, (YES if yes_no(sheet, tree, part) else NO,), of),)

    return Reading(read, yes_no.schema)


def _clock(sheet: Sheet, tree: Tree, part: Part) -> Conditions:
    text = one_text(sheet, tree, part)
    if text is None:
        return ()
    found = spans(text)
    if found is None or any(start == end for start, end in found):
        sheet.wrong_at(part, f"hora inválida '{shown(text)}'; escreva, por exemplo: 18:00 a 22:00")
        return ()
    return (Condition("hora", tuple(f"{_hhmm(start)}-{_hhmm(end)}" for start, end in found)),)


def _hhmm(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _day(sheet: Sheet, tree: Tree, part: Part) -> str:
    text = one_text(sheet, tree, part)
    if text is None:
        return ""
    days = weekdays(text)
    if days is None or len(days) != 1:
        sheet.wrong_at(part, f"dia desconhecido '{shown(text)}'; use {', '.join(DAYS)}")
        return ""
    return DAYS[days[0]]


_DATUM_VALUE: Final = text_of_at_most(DATA_CHARACTERS)
DATUM: Final[Form] = {
    "nome": Key("name", name, says="O dado da ligação: o que foi digitado ou consultado."),
    "igual": _values("dado_igual", _DATUM_VALUE, "igual"),
    "comeca_com": _values("dado_comeca_com", _DATUM_VALUE, "comeca_com"),
    "existe": Key("dado_existe", _truth("dado_existe"), (), ()),
}


def _datum(sheet: Sheet, part: Part, values: dict[str, Any]) -> Conditions:
    asked = [Condition(one.what, one.values, values["name"]) for one in _flat(values)]
    written = any((*part, key.name) in sheet.marks for key in DATUM.values() if key.default == ())
    if not written and part in sheet.marks:
        sheet.wrong_at(part, "falta dizer o que se quer do dado: igual, comeca_com ou existe")
    return tuple(asked)


def _flat(values: dict[str, Any]) -> Conditions:
    return tuple(one for found in values.values() if isinstance(found, tuple) for one in found)


WHEN: Final[Form] = {
    "horario": _values("horario", name, "horario"),
    "feriado": Key("feriado", _truth("feriado"), (), ()),
    "hora": Key("hora", Reading(_clock, matching(SPANS)), (), (), "Por exemplo: 18:00 a 22:00"),
    "dia": _values("dia", Reading(_day, matching(DAY)), "dia"),
    "entrada": _values(
        "entrada", digits_like(r"[0-9]{3,15}", "um número discado, só com algarismos"), "entrada"
    ),
    "ddd": _values("ddd", digits_like(r"[1-9][0-9]", "um DDD de dois algarismos"), "ddd"),
    "chamador": _values(
        "chamador",
        digits_like(r"\+?[0-9]{1,15}", "o começo de um número, como +5511"),
        "chamador",
    ),
    "telefone": _values("telefone", one_of(PHONES), "telefone"),
    "dado": Key("dado", record(DATUM, "dado", _datum), (), ()),
    "resumido": Key("resumido", _truth("resumido"), (), (), "Se o menu resumido está ligado."),
    "surdo": Key("surdo", _truth("surdo"), (), (), "Se a ligação veio por intermediação."),
}


def _when(sheet: Sheet, part: Part, values: dict[str, Any]) -> Conditions:
    return _flat(values)


when: Final = record(WHEN, "quando", _when)
"""All the conditions of one case: every one must hold."""
