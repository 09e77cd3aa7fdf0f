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
from ivr.difference_words import IN_LANGUAGE, place, quantity, shown_text
from ivr.hours import CITY, Calendar, Hours
from ivr.texts import LANGUAGES
from terms.names import Instant, QueueName, Seconds, Skill
from terms.services import ServiceSpec


class OneRing(Protocol):
    """Who else is called after a while."""

    @property
    def after(self) -> Seconds:
        """Since the caller joined."""

    @property
    def skills(self) -> tuple[Skill, ...]:
        """Any of them serves."""


class OneQueue(Protocol):
    """What a citizen feels of a queue."""

    @property
    def name(self) -> QueueName:
        """Its name."""

    @property
    def line(self) -> str:
        """The line that it belongs to."""

    @property
    def skill(self) -> Skill:
        """What an agent must know."""

    @property
    def min_level(self) -> int:
        """How well."""

    @property
    def priority(self) -> int:
        """Higher is served first."""

    @property
    def hours(self) -> str:
        """The calendar's name of its hours; '' = always."""

    @property
    def out_of_hours(self) -> QueueName:
        """Where its callers go then."""

    @property
    def rings(self) -> Iterable[OneRing]:
        """Who else is called."""


class AllQueues(Protocol):
    """The queues of a dialplan."""

    @property
    def rules(self) -> Iterable[OneQueue]:
        """One each."""


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
    yield from _queues(old, new)
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


# --- queues ---
def _queues(old: City, new: City) -> Iterator[str]:
    was = {rule.name: rule for rule in old.queues.rules}
    now = {rule.name: rule for rule in new.queues.rules}
    for name in dict.fromkeys((*was, *now)):
        if name not in was:
            yield f"A fila '{name}' é nova (linha {now[name].line})."
        elif name not in now:
            yield f"A fila '{name}' não existe mais."
        else:
            for clause in _queue(was[name], now[name]):
                yield f"A fila '{name}' agora {clause}."
            spans = hours_clauses(_of(old.calendar, was[name]), _of(new.calendar, now[name]))
            yield from (f"A fila '{name}' agora {clause}." for clause in spans)


def _queue(old: OneQueue, new: OneQueue) -> Iterator[str]:
    if old.line != new.line:
        yield f"é da linha {new.line} (antes: {old.line})"
    if old.priority != new.priority:
        yield f"tem a prioridade {new.priority} (antes: {old.priority})"
    if (old.skill, old.min_level) != (new.skill, new.min_level):
        before = _who(old)
        yield f"é atendida por quem tem {_who(new)} (antes: {before})"
    if old.out_of_hours != new.out_of_hours:
        where, before = place(new.out_of_hours), place(old.out_of_hours)
        yield f"fora do horário passa a {where} (antes: {before})"
    if _rings(old) != _rings(new):
        yield f"chama mais gente: {_rings(new)} (antes: {_rings(old)})"


def _who(rule: OneQueue) -> str:
    level = f" até o nível {rule.min_level}" if rule.min_level else ""
    return f"a habilidade '{rule.skill}'{level}"


def _rings(rule: OneQueue) -> str:
    rings = [f"após {quantity(ring.after)} s, {', '.join(ring.skills)}" for ring in rule.rings]
    return "; ".join(rings) or "ninguém"


def _of(calendar: Calendar, rule: OneQueue) -> Hours:
    """A queue's hours; those that nobody knows are always open, as everywhere."""
    return calendar.hours.get(rule.hours, Hours())


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
