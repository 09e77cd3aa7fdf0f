"""contrato.yaml: what the city's contract counts and pays, and from when on (R72).

The contract's own tables have holes and overlaps. They are no mistakes of whoever writes the file:
contract/oddities.py tells of them, and the rules for both are written in it.
"""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction
from typing import Any, Final

from contract.definitions import (
    Billing,
    Contract,
    ExceptionalRule,
    FactorRow,
    Gap,
    Indicator,
    LikeDays,
    Overlap,
    Satisfaction,
    Span,
    Terms,
    Window,
)
from ivr.menu import Part
from reader.announcement_file import WHEN
from reader.contract_indicators import INDICATORS_ENTRY, TEXT, meaning
from reader.forms import Form, Key, Reading, Sheet, list_of, names_to, read_form, record, shown
from reader.hours_text import DATE, day_of
from reader.readings import duration, matching, one_text, whole
from reader.share_text import amount, percent, points
from reader.yaml_text import Tree
from terms.limits import (
    CONTRACT_BANDS_MAX,
    CONTRACT_INDICATORS_MAX,
    CONTRACT_MONTHS_MAX,
    CONTRACT_TERMS_MAX,
    CONTRACT_WINDOWS_MAX,
)
from terms.outcome import CallOutcome

GAPS: Final = {"pior": Gap.WORSE, "melhor": Gap.BETTER, "arredonda": Gap.ROUNDED}
OVERLAPS: Final = {"pior": Overlap.WORSE, "melhor": Overlap.BETTER}
ALIKE: Final = {"dia_da_semana": LikeDays.WEEKDAY, "tipo_de_dia": LikeDays.KIND}
PAID: Final = {
    "atendida": CallOutcome.SERVED,
    "resolvida_no_menu": CallOutcome.ENDED_IN_MENU,
    "desligou_no_menu": CallOutcome.LEFT_IN_MENU,
    "abandonada": CallOutcome.ABANDONED,
    "deixou_recado": CallOutcome.MESSAGE_LEFT,
    "retorno_prometido": CallOutcome.PROMISED,
}
"""Endings of calls that came in, as far as any of them may be paid."""

_PARTS: Final = r"([1-9])\s+de\s+([1-9])"
_MARK_LEAST, _MARK_MOST = 1, 5
_APART_MOST: Final = 86_400.0


def _day(sheet: Sheet, tree: Tree, part: Part) -> date | None:
    text = one_text(sheet, tree, part)
    day = day_of(text) if text is not None else None
    if text is not None and not isinstance(day, date):
        sheet.wrong_at(part, f"dia inválido '{shown(text)}'; escreva, por exemplo: 01/11/2026")
    return day if isinstance(day, date) else None


DAY: Final = Reading(_day, matching(DATE))


def _parts(sheet: Sheet, tree: Tree, part: Part) -> Fraction:
    text = one_text(sheet, tree, part)
    found = re.fullmatch(_PARTS, text) if text is not None else None
    if text is not None and (found is None or int(found[1]) > int(found[2])):
        sheet.wrong_at(part, f"'{shown(text)}' não serve; escreva, por exemplo: 2 de 3")
        return Fraction(1)
    return Fraction(int(found[1]), int(found[2])) if found else Fraction(1)


PARTS: Final = Reading(_parts, matching(_PARTS))


FACTOR: Form = {
    "pontos": Key("points", points, neutral=Span(), says="2; 15 a 18; mais de 30"),
    "fator": Key("factor", percent, neutral=Fraction(1)),
}
EXCEPTIONAL: Form = {
    "acima": Key("above", percent, Fraction(15, 100), Fraction(15, 100)),
    "meses": Key("months", whole(1, CONTRACT_MONTHS_MAX), 12, 12),
    "iguais": Key(
        "alike",
        meaning(ALIKE),
        LikeDays.WEEKDAY,
        LikeDays.WEEKDAY,
        "dia_da_semana: terça com terças, feriado com feriados; tipo_de_dia: útil, sábado, "
        "domingo ou feriado.",
    ),
    "minimo": Key("least", whole(1, 366), 4, 4, "Com menos dias iguais, ninguém pode dizer."),
}
SURVEY: Form = {
    "nota": Key("mark", whole(_MARK_LEAST, _MARK_MOST), 4, 4, "A menor nota que é boa."),
    "perguntas": Key("share", PARTS, Fraction(2, 3), Fraction(2, 3), "Em quantas das respondidas."),
}
PAYMENT: Form = {
    "pagas": Key(
        "outcomes",
        list_of(meaning(PAID), "pagas", len(PAID)),
        (CallOutcome.SERVED, CallOutcome.ENDED_IN_MENU),
        (),
        "Como terminam as chamadas recebidas que se pagam.",
    ),
    "repetida_em": Key("apart", duration(0.0, _APART_MOST), 900.0, 900.0),
    "chat": Key("chat", percent, Fraction(30, 100), Fraction(0), "Quanto um chat vale."),
    "preco": Key("price", amount, None, None, "Reais por chamada. Sem ele, não há valores."),
}


def _exceptional(sheet: Sheet, part: Part, values: dict[str, Any]) -> ExceptionalRule:
    return ExceptionalRule(**values)


def _survey(sheet: Sheet, part: Part, values: dict[str, Any]) -> Satisfaction:
    return Satisfaction(**values)


def _payment(sheet: Sheet, part: Part, values: dict[str, Any]) -> Billing:
    return Billing(**{**values, "outcomes": frozenset(values["outcomes"])})


def _factor(sheet: Sheet, part: Part, values: dict[str, Any]) -> FactorRow:
    return FactorRow(**values)


TERMS: Form = {
    "desde": Key("since", DAY, neutral=None, says="Vale deste dia em diante."),
    "fonte": Key("source", TEXT, says="De onde vêm os números: o contrato, a cláusula."),
    "medido_desde": Key("measured_from", DAY, neutral=None, says="O primeiro mês medido."),
    "meses_sem_cobranca": Key("free_months", whole(0, CONTRACT_MONTHS_MAX), 3, 3),
    "reincidencia_em": Key(
        "recurs_in",
        whole(0, CONTRACT_MONTHS_MAX),
        1,
        1,
        "Em quantos meses anteriores uma meta perdida faz desta uma reincidência; 0: nunca.",
    ),
    "na_lacuna": Key("gap", meaning(GAPS), Gap.WORSE, Gap.WORSE),
    "na_sobreposicao": Key("overlap", meaning(OVERLAPS), Overlap.WORSE, Overlap.WORSE),
    "dias_excepcionais": Key(
        "exceptional",
        record(EXCEPTIONAL, "dias_excepcionais", _exceptional),
        ExceptionalRule(),
        ExceptionalRule(),
    ),
    "pesquisa": Key(
        "satisfaction", record(SURVEY, "pesquisa", _survey), Satisfaction(), Satisfaction()
    ),
    "pagamento": Key("billing", record(PAYMENT, "pagamento", _payment), Billing(), Billing()),
    "fatores": Key(
        "factors",
        list_of(record(FACTOR, "um fator", _factor), "fatores", CONTRACT_BANDS_MAX),
        (),
        (),
    ),
    "indicadores": Key(
        "indicators",
        names_to(INDICATORS_ENTRY, "indicadores"),
        neutral={},
        says="Cada indicador com seu nome.",
    ),
}
_NEVER: Final = date(1, 1, 1)


def _terms(sheet: Sheet, part: Part, values: dict[str, Any]) -> Terms:
    found: dict[str, Indicator] = values.pop("indicators")
    if len(found) > CONTRACT_INDICATORS_MAX:
        text = f"são {len(found)} indicadores; no máximo {CONTRACT_INDICATORS_MAX}"
        sheet.wrong_at((*part, "indicators"), text)
    for name in ("since", "measured_from"):
        values[name] = values[name] or _NEVER
    return Terms(indicators=tuple(found.values()), **values)


WINDOW: Form = {
    "de": Key("since", WHEN, neutral=None, says="No relógio de São Paulo: 2026-11-25 02:00"),
    "ate": Key("until", WHEN, neutral=None),
    "motivo": Key("because", TEXT),
}


def _window(sheet: Sheet, part: Part, values: dict[str, Any]) -> Window:
    since, until = values["since"], values["until"]
    if since is not None and until is not None and until <= since:
        sheet.wrong_at((*part, "until"), "'ate' precisa vir depois de 'de'")
    return Window(since or 0.0, until or 0.0, values["because"])


FILE: Final[Form] = {
    "termos": Key(
        "terms",
        list_of(record(TERMS, "termos", _terms), "termos", CONTRACT_TERMS_MAX),
        neutral=(),
        says="O que vale, e desde quando; o mais novo que já começou é o que vale.",
    ),
    "manutencoes": Key(
        "windows",
        list_of(record(WINDOW, "uma manutenção", _window), "manutencoes", CONTRACT_WINDOWS_MAX, 0),
        (),
        (),
        "Paradas combinadas: não contam como indisponibilidade.",
    ),
}
KNOWN_BY: Final = ("termos",)


def read_contract(sheet: Sheet, tree: Tree, file: str) -> Contract:
    """The contract, its terms in the order of their days."""
    values = read_form(sheet, tree, (), FILE, file)
    terms: tuple[Terms, ...] = values["terms"]
    days = [one.since for one in terms]
    for number, day in enumerate(days):
        if day != _NEVER and day in days[:number]:
            here = ("terms", str(number), "since")
            sheet.wrong_at(here, f"já há termos que valem desde {day:%d/%m/%Y}")
    return Contract(tuple(sorted(terms, key=lambda one: one.since)), values["windows"])
