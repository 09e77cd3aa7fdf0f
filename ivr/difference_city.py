"""What a citizen would notice of what is no menu: queues and their hours, holidays,
announcements, numbers outside, services.

Queues are of another room (acd), and a whole dialplan is the reader's: both are known here only
by what is looked at.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Protocol

from ivr.announcements import EMERGENCY, WHILE_WAITING, Announcement
from ivr.difference_hours import holiday_differences, hours_clauses
from ivr.difference_queues import AllQueues, queue_differences
from ivr.difference_words import IN_LANGUAGE, quantity, shown_text
from ivr.hours import CITY, Calendar, Hours
from ivr.texts import LANGUAGES
from terms.names import Instant
from terms.services import ServiceSpec


class City(Protocol):
    """All of a dialplan but its lines."""

    @property
    def queues(self) -> AllQueues:
        """The queues."""

    @property
    def calendar(self) -> Calendar:
        """Hours and holidays."""

    @property
    def announcements(self) -> Iterable[Announcement]:
        """What is told for a while."""

    @property
    def destinations(self) -> Mapping[str, str]:
        """Numbers outside, by name."""

    @property
    def services(self) -> Mapping[str, ServiceSpec]:
        """What look-ups ask."""

    @property
    def relay_numbers(self) -> Collection[str]:
        """Numbers from which deaf citizens' interpreters call."""


def city_differences(old: City, new: City, asked: Collection[str]) -> Iterator[str]:
    """Sentences. `asked`: the names of hours that menus look at."""
    yield from queue_differences(old.queues, new.queues, old.calendar, new.calendar)
    yield from _hours(old, new, asked)
    yield from holiday_differences(old.calendar, new.calendar)
    yield from _announcements(old.announcements, new.announcements)
    for name in dict.fromkeys((*old.destinations, *new.destinations)):
        was, number = old.destinations.get(name), new.destinations.get(name)
        if was != number:
            words = f"é o telefone {number}" if number else "não existe mais"
            before = f" (antes: {was})" if was else ""
            yield f"O destino '{name}' agora {words}{before}."
    for name in dict.fromkeys((*old.services, *new.services)):
        yield from _look_up(name, old.services.get(name), new.services.get(name))
    for number in sorted(set(new.relay_numbers) ^ set(old.relay_numbers)):
        words = "agora" if number in new.relay_numbers else "não"
        more = "" if words == "agora" else " mais"
        yield f"Quem liga de {number} {words} é atendido{more} sem limite de tempo (intermediação)."


# --- hours ---
def _hours(old: City, new: City, asked: Collection[str]) -> Iterator[str]:
    for name in asked:
        was, now = (one.calendar.hours.get(name, Hours()) for one in (old, new))
        for clause in hours_clauses(was, now, "vale"):
            yield f"O horário '{name}' agora {clause}."


# --- announcements ---
def _announcements(old: Iterable[Announcement], new: Iterable[Announcement]) -> Iterator[str]:
    was, now = ({one.name: one for one in each} for each in (old, new))
    for name in dict.fromkeys((*was, *now)):
        if name not in was:
            yield f"Aviso novo '{name}', {_announced(now[name])}."
        elif name not in now:
            yield f"O aviso '{name}' não é mais ouvido ({_announced(was[name])})."
        elif _heard(was[name]) != _heard(now[name]):
            before = _announced(was[name])
            yield f"O aviso '{name}' agora é ouvido {_announced(now[name])} (antes: {before})."


def _heard(one: Announcement) -> tuple[object, ...]:
    """All of an announcement but who ordered it."""
    return one.line, one.node, one.text, one.since, one.until, one.kind


def _announced(one: Announcement) -> str:
    where = "na espera" if one.node == WHILE_WAITING else f"antes de '{one.node}'"
    times = f"de {_moment(one.since)} até {_moment(one.until)}"
    first = " e antes de outros avisos" if one.kind == EMERGENCY else ""
    said = " / ".join(
        f"{IN_LANGUAGE[language]}«{shown_text((one.text,), language)}»"
        for language in LANGUAGES
        if one.text.words.get(language)
    )
    return f"no {one.line}, {where}{first}, {times}: {said}"


def _moment(at: Instant) -> str:
    return f"{datetime.fromtimestamp(at, CITY):%d/%m/%Y %H:%M}"


# --- services ---
def _look_up(name: str, old: ServiceSpec | None, new: ServiceSpec | None) -> Iterator[str]:
    if old is None or new is None:
        words = "é nova" if old is None else "não existe mais"
        yield f"A consulta '{name}' {words}."
        return
    if old.seconds != new.seconds:
        was, now = quantity(old.seconds), quantity(new.seconds)
        yield f"A consulta '{name}' agora é esperada por até {now} s (antes: {was} s)."

    def asks(one: ServiceSpec) -> tuple[object, ...]:
        return one.source, one.sql, one.path, one.method, one.given, one.answers

    if asks(old) != asks(new):
        yield f"A consulta '{name}' agora é feita de outro modo; as respostas podem ser outras."
