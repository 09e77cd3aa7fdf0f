"""What a citizen would notice of the queues: whom they need, how long who waits for what, where
whoever waits too long goes, and how the choice is made.

Queues are of another room (acd): they are known here only by what is looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from ivr.difference_hours import hours_clauses
from ivr.difference_words import place, quantity
from ivr.hours import Calendar, Hours
from terms.names import EMERGENCY_LINES, QueueName, Seconds, Skill


class OneRing(Protocol):
    """Who else is called after a while."""

    @property
    def after(self) -> Seconds:
        """Since the caller joined."""

    @property
    def skills(self) -> tuple[Skill, ...]:
        """Any of them serves."""

    @property
    def reserve(self) -> bool:
        """The reserve is called too from then on."""

    @property
    def lenient(self) -> bool:
        """What is needed beside the skill is needed no longer."""


class OneExit(Protocol):
    """Where callers go at a limit."""

    @property
    def limit(self) -> float:
        """Seconds, or callers."""

    @property
    def step(self) -> str:
        """A step of the line's tree."""


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

    @property
    def needs(self) -> object:
        """What is needed beside the skill, as text; false for nothing."""

    @property
    def ages(self) -> float:
        """Points of priority that a minute of waiting gives."""

    @property
    def longest(self) -> OneExit | None:
        """Who waits longer goes elsewhere."""

    @property
    def largest(self) -> OneExit | None:
        """Who finds more waiting goes elsewhere."""

    @property
    def recall_after(self) -> Seconds:
        """From when on agents in training are called back; 0 = never."""


class OneReserve(Protocol):
    """How many idle agents are kept back for emergencies."""

    @property
    def agents(self) -> int:
        """At most."""

    @property
    def calls(self) -> int:
        """From so many emergency calls on."""


class AllQueues(Protocol):
    """The queues of a dialplan."""

    @property
    def rules(self) -> Iterable[OneQueue]:
        """One each."""

    @property
    def rule(self) -> str:
        """By which rule the choice is made."""

    @property
    def reserve(self) -> OneReserve | None:
        """What is kept back for emergencies."""


RULE_WORDS = {
    "fifo": "quem chegou antes, e quem está livre há mais tempo",
    "index": "o índice",
    "qir": "a proporção entre filas e entre grupos",
}


def queue_differences(
    old: AllQueues, new: AllQueues, calendar: Calendar, new_calendar: Calendar
) -> Iterator[str]:
    """Sentences about all queues, and about each."""
    if old.rule != new.rule:
        before, after = (RULE_WORDS.get(str(one), str(one)) for one in (old.rule, new.rule))
        yield f"Entre chamadas iguais em prioridade, agora decide {after} (antes: {before})."
    if _kept(old.reserve) != _kept(new.reserve):
        before, after = _kept(old.reserve), _kept(new.reserve)
        yield f"Para as emergências, o 156 agora deixa livres {after} (antes: {before})."
    was = {rule.name: rule for rule in old.rules}
    now = {rule.name: rule for rule in new.rules}
    for name in dict.fromkeys((*was, *now)):
        if name not in was:
            yield f"A fila '{name}' é nova (linha {now[name].line})."
        elif name not in now:
            yield f"A fila '{name}' não existe mais."
        else:
            for clause in _queue(was[name], now[name]):
                yield f"A fila '{name}' agora {clause}."
            spans = hours_clauses(_of(calendar, was[name]), _of(new_calendar, now[name]))
            yield from (f"A fila '{name}' agora {clause}." for clause in spans)


def _queue(old: OneQueue, new: OneQueue) -> Iterator[str]:
    if old.line != new.line:
        yield f"é da linha {new.line} (antes: {old.line})"
    if old.priority != new.priority:
        yield f"tem a prioridade {new.priority} (antes: {old.priority})"
    if old.ages != new.ages:
        before = quantity(old.ages)
        yield f"dá {quantity(new.ages)} de prioridade por minuto de espera (antes: {before})"
    if _who(old) != _who(new):
        yield f"é atendida por quem tem {_who(new)} (antes: {_who(old)})"
    if old.out_of_hours != new.out_of_hours:
        where, before = place(new.out_of_hours), place(old.out_of_hours)
        yield f"fora do horário passa a {where} (antes: {before})"
    if _rings(old) != _rings(new):
        yield f"chama mais gente: {_rings(new)} (antes: {_rings(old)})"
    if _recalled(old) != _recalled(new):
        before = _recalled(old)
        yield f"chama de volta quem está em treinamento {_recalled(new)} (antes: {before})"
    for words, was, now in (
        (("s de espera", "pelo tempo de espera"), old.longest, new.longest),
        (("chamadas esperando", "pelo tamanho"), old.largest, new.largest),
    ):
        if _sent(was, words) != _sent(now, words):
            yield f"{_sent(now, words)} (antes: {_sent(was, words)})"


def _who(rule: OneQueue) -> str:
    level = f" até o nível {rule.min_level}" if rule.min_level else ""
    beside = f" e também {rule.needs}" if rule.needs else ""
    return f"a habilidade '{rule.skill}'{level}{beside}"


def _rings(rule: OneQueue) -> str:
    return "; ".join(map(_ring, rule.rings)) or "ninguém"


def _ring(ring: OneRing) -> str:
    who: list[str] = [*ring.skills]
    who += ["a reserva"] if ring.reserve else []
    who += ["quem não tem o que mais se precisa"] if ring.lenient else []
    return f"após {quantity(ring.after)} s, {', '.join(who)}"


def _recalled(rule: OneQueue) -> str:
    if rule.line not in EMERGENCY_LINES or not rule.recall_after:
        return "nunca"
    return f"após {quantity(rule.recall_after)} s"


def _sent(way: OneExit | None, words: tuple[str, str]) -> str:
    if way is None:
        return f"não manda ninguém embora {words[1]}"
    return f"com {quantity(way.limit)} {words[0]} manda a {place(way.step)}"


def _kept(reserve: OneReserve | None) -> str:
    if reserve is None:
        return "nenhum atendente"
    return f"até {reserve.agents} atendentes, a partir de {reserve.calls} chamadas de emergência"


def _of(calendar: Calendar, rule: OneQueue) -> Hours:
    """A queue's hours; those that nobody knows are always open, as everywhere."""
    return calendar.hours.get(rule.hours, Hours())
