"""calendar.yaml: the city's holidays and hours.

The holidays of the country and the state are counted out by the `holidays` package, year by year
between two named limits: this room has no clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import pairwise
from typing import Any, Final

import holidays as holidays_of_the_world

from ivr.checker import nearest
from ivr.hours import Calendar, Holidays, Hours, Span
from ivr.menu import Part
from reader.forms import (
    BECAUSE,
    Form,
    Key,
    Reading,
    Sheet,
    entries_of,
    keyed,
    list_of,
    names_to,
    place,
    read_form,
    record,
    remark,
    shown,
)
from reader.hours_text import (
    CLOSED,
    DATE,
    DAYS_WRITTEN,
    EVERY_DAY,
    HOLIDAYS,
    SPANS,
    YEARLY,
    day_of,
    spans,
    weekdays,
)
from reader.readings import matching, one_of, one_text, text_of_at_most
from reader.yaml_text import Entry, Tree
from terms.limits import HOLIDAYS_FROM, HOLIDAYS_TO, LIST_ITEMS, NAME_CHARACTERS, SPANS_A_DAY

COUNTRY: Final = "BR"
ALL: Final = "todos"
STATES: Final = tuple(
    one for one in holidays_of_the_world.country_holidays(COUNTRY).subdivisions if len(one) == 2
)

Spans = tuple[Span, ...]


@cache
def official(state: str, category: str) -> Mapping[date, str]:
    """The holidays of a state ('' = of the country alone): category `public` or `optional`."""
    return dict(
        holidays_of_the_world.country_holidays(
            COUNTRY,
            subdiv=state or None,
            years=range(HOLIDAYS_FROM, HOLIDAYS_TO + 1),
            language="pt_BR",
            categories=(category,),
        )
    )


# --- holidays ---
def _day(sheet: Sheet, tree: Tree, part: Part) -> date | tuple[int, int] | None:
    text = one_text(sheet, tree, part)
    if text is None:
        return None
    day = day_of(text)
    if day is None:
        sheet.wrong_at(
            part, f"dia inválido '{shown(text)}'; escreva 25/01 (todo ano) ou 24/12/2026"
        )
    elif isinstance(day, date) and not HOLIDAYS_FROM <= day.year <= HOLIDAYS_TO:
        sheet.wrong_at(part, f"o ano deve ser de {HOLIDAYS_FROM} a {HOLIDAYS_TO}")
        return None
    return day


LOCAL: Form = {
    "dia": Key("day", Reading(_day, matching(f"{YEARLY}|{DATE}")), neutral=None),
    "nome": Key("name", text_of_at_most(NAME_CHARACTERS)),
}
_OPTIONAL: Final = text_of_at_most(NAME_CHARACTERS)
HOLIDAY: Form = {
    "estado": Key("state", one_of(STATES), "", says="SP: os feriados do estado, além dos do país."),
    "facultativos": Key(
        "optional",
        list_of(_OPTIONAL, "facultativos", LIST_ITEMS),
        (),
        (),
        f"Pontos facultativos que a cidade guarda, pelo nome; ou {ALL}.",
    ),
    "locais": Key(
        "local",
        list_of(
            record(LOCAL, "um feriado", lambda sheet, part, values: values), "locais", LIST_ITEMS
        ),
        (),
        (),
        "Feriados da cidade.",
    ),
}


def _holidays(sheet: Sheet, part: Part, values: dict[str, Any]) -> Holidays:
    single = dict(official(values["state"], "public"))
    optional = official(values["state"], "optional")
    known = sorted(set(optional.values()))
    for number, wanted in enumerate(values["optional"]):
        if wanted and wanted != ALL and wanted not in known:
            hint = nearest(wanted, known) or f"; há {', '.join(known)}, ou {ALL}"
            here = (*part, "optional", str(number))
            sheet.wrong_at(here, f"ponto facultativo desconhecido '{shown(wanted)}'{hint}")
    kept = known if ALL in values["optional"] else values["optional"]
    single |= {day: called for day, called in optional.items() if called in kept}
    yearly = {}
    for one in values["local"]:
        if isinstance(one["day"], date):
            single[one["day"]] = one["name"]
        elif one["day"] is not None:
            yearly[one["day"]] = one["name"]
    return Holidays(yearly, single)


# --- hours ---
@dataclass(slots=True)
class _Week:
    """Hours being read: which days were named, and what is open then."""

    every: Spans | None = None
    days: dict[int, Spans] = field(default_factory=dict)
    holidays: Spans | None = None
    dates: dict[date, Spans] = field(default_factory=dict)


def _hours(sheet: Sheet, tree: Tree, part: Part) -> Hours:
    week = _Week()
    for entry in entries_of(sheet, tree, part, f"horario '{shown(part[-1])}'") or ():
        here = (*part, entry.key)
        place(sheet, entry, here)
        if entry.key == BECAUSE:
            remark(sheet, entry.value, here)
        else:
            _open_on(sheet, entry, week, _spans(sheet, entry.value, here))
    every = week.every or ()
    return Hours(tuple(week.days.get(day, every) for day in range(7)), week.holidays, week.dates)


def _open_on(sheet: Sheet, entry: Entry, week: _Week, found: Spans) -> None:
    day = day_of(entry.key)
    days = weekdays(entry.key)
    if entry.key == EVERY_DAY:
        week.every = found
    elif entry.key == HOLIDAYS:
        week.holidays = found
    elif isinstance(day, date):
        week.dates[day] = found
    elif days is None:
        sheet.wrong(
            entry.mark,
            f"dia desconhecido '{shown(entry.key)}'; use segunda, segunda a sexta, sábado, "
            "domingo, todos os dias, feriados ou uma data como 24/12/2026",
        )
    elif already := week.days.keys() & set(days):
        sheet.wrong(entry.mark, f"há um dia em '{entry.key}' que já tem horário acima")
        week.days |= {one: found for one in days if one not in already}
    else:
        week.days |= dict.fromkeys(days, found)


def _spans(sheet: Sheet, tree: Tree, part: Part) -> Spans:
    text = one_text(sheet, tree, part)
    if text is None or text == CLOSED:
        return ()
    found = spans(text)
    if found is None:
        sheet.wrong_at(
            part,
            f"horário inválido '{shown(text)}'; escreva 8:00 a 18:00, "
            f"8:00 a 12:00 e 13:00 a 18:00, ou {CLOSED}",
        )
        return ()
    overlap = any(after[0] < before[1] for before, after in pairwise(found))
    if overlap or any(end <= start for start, end in found):
        sheet.wrong_at(
            part,
            f"horário fora de ordem '{shown(text)}'; o que passa da meia-noite são dois: "
            "0:00 a 6:00 e 22:00 a 24:00",
        )
        return ()
    if len(found) > SPANS_A_DAY:
        sheet.wrong_at(part, f"há {len(found)} períodos num dia; o máximo é {SPANS_A_DAY}")
    return found


_DAY_KEYS: Final = f"^(?:{EVERY_DAY}|{HOLIDAYS}|{DATE}|{DAYS_WRITTEN}|{BECAUSE})$"
_OPEN: Final = matching(f"{CLOSED}|{SPANS}")
HOURS: Final = Reading(_hours, {**keyed(_DAY_KEYS, _OPEN), "properties": {BECAUSE: remark.schema}})

FILE: Final[Form] = {
    "feriados": Key("holidays", record(HOLIDAY, "feriados", _holidays), Holidays(), Holidays()),
    "horarios": Key(
        "hours", names_to(HOURS, "horarios"), {}, {}, "Horários, cada um com seu nome."
    ),
}


def read_calendar(sheet: Sheet, tree: Tree, file: str) -> Calendar:
    """The city's calendar."""
    return Calendar(**read_form(sheet, tree, (), FILE, file))
