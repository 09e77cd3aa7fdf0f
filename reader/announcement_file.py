"""announcements.yaml: what the city tells its callers for a while."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any, Final

from ivr.announcements import EMERGENCY, KINDS, Announcement
from ivr.hours import CITY
from ivr.menu import Part
from ivr.texts import PORTUGUESE, Text
from reader.forms import Form, Key, Reading, Sheet, list_of, read_form, record, shown
from reader.readings import matching, name, one_of, one_text
from reader.spoken import single
from reader.yaml_text import Tree
from terms.limits import ANNOUNCEMENT_DAYS_MAX, ANNOUNCEMENTS_MAX
from terms.names import LINES, Instant

_DAY: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}"
_INSTANT: Final = rf"(?:{_DAY})\s+[0-9]{{1,2}}:[0-9]{{2}}"


def instant(text: str) -> Instant | None:
    """`2026-11-25 08:00` or `25/11/2026 8:00` on the city's clock; None when there is no such."""
    if not re.fullmatch(_INSTANT, text):
        return None
    *days, hour, minute = [int(number) for number in re.findall("[0-9]+", text)]
    year, month, day = days if "-" in text else reversed(days)
    try:
        return datetime(year, month, day, hour, minute, tzinfo=CITY).timestamp()
    except (ValueError, OverflowError):
        return None


def _instant(sheet: Sheet, tree: Tree, part: Part) -> Instant | None:
    text = one_text(sheet, tree, part)
    if text is None:
        return None
    found = instant(text)
    if found is None:
        sheet.wrong_at(
            part, f"dia e hora inválidos '{shown(text)}'; escreva, por exemplo: 2026-11-25 08:00"
        )
    return found


WHEN: Final = Reading(_instant, matching(_INSTANT))

ANNOUNCEMENT: Form = {
    "nome": Key("name", name),
    "linha": Key("line", one_of(LINES)),
    "etapa": Key("node", name, says="Antes de que etapa; ou na_espera."),
    "tipo": Key("kind", one_of(KINDS), EMERGENCY),
    "fala": Key("text", single, neutral=()),
    "de": Key("since", WHEN, neutral=None, says="No relógio de São Paulo: 2026-11-25 08:00"),
    "ate": Key("until", WHEN, neutral=None, says="Acaba sozinho neste instante."),
}


def _announcement(sheet: Sheet, part: Part, values: dict[str, Any]) -> Announcement:
    since, until = values["since"], values["until"]
    if since is not None and until is not None:
        longest = timedelta(days=ANNOUNCEMENT_DAYS_MAX).total_seconds()
        if until <= since:
            sheet.wrong_at((*part, "until"), "'ate' precisa vir depois de 'de'")
        elif until - since > longest:
            sheet.wrong_at(
                (*part, "until"),
                f"um aviso dura no máximo {ANNOUNCEMENT_DAYS_MAX} dias; depois, renove-o",
            )
    spoken: tuple[Text, ...] = values["text"]
    text = spoken[0] if spoken else Text({PORTUGUESE: ()})
    return Announcement(**{**values, "text": text, "since": since or 0.0, "until": until or 0.0})


FILE: Final[Form] = {
    "avisos": Key(
        "announcements",
        list_of(record(ANNOUNCEMENT, "um aviso", _announcement), "avisos", ANNOUNCEMENTS_MAX, 0),
        (),
        (),
    )
}


def read_announcements(sheet: Sheet, tree: Tree, file: str) -> tuple[Announcement, ...]:
    """All announcements of the file in its order."""
    found: tuple[Announcement, ...] = read_form(sheet, tree, (), FILE, file)["announcements"]
    names = [one.name for one in found]
    for number, called in enumerate(names):
        if called and called in names[:number]:
            here = ("announcements", str(number), "name")
            sheet.wrong_at(here, f"já há um aviso com o nome '{called}'")
    return found
