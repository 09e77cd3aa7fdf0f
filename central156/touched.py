"""Whose callers a new version touches: what read values differ, line by line.

Two versions are compared as they were read, not as they were written: comments, the order of
keys, and what one line's file says of another change nothing for a caller.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from acd.queues import QueueRule
from callflow.serving import Plans
from ivr.menu import (
    Condition,
    DecideNode,
    HandOverNode,
    LinePlan,
    LookUpNode,
    QueueNode,
    TransferNode,
)
from terms.names import EMERGENCY_LINES, QueueName

HOURS, HOLIDAY = "horario", "feriado"
"""The conditions that look at the calendar (ivr/decide.py)."""


def touched(new: Plans, before: Plans) -> dict[str, tuple[str, ...]]:
    """The lines whose callers get something else, and what, in Portuguese."""
    found = {line: tuple(_differences(line, new, before)) for line in {*new.lines, *before.lines}}
    return {line: what for line, what in sorted(found.items()) if what}


def needs_second_person(new: Plans, before: Plans) -> tuple[str, ...]:
    """The emergency lines among them: a second person has to agree."""
    return tuple(line for line in touched(new, before) if line in EMERGENCY_LINES)


def _differences(line: str, new: Plans, before: Plans) -> Iterator[str]:
    plan, old = new.lines.get(line), before.lines.get(line)
    if plan is None or old is None:
        yield "a linha"
        return
    if plan != old:
        yield "o menu"
    if _rules(line, new) != _rules(line, before):
        yield "as filas"
    if new.queues.rule != before.queues.rule:
        yield "a regra que escolhe entre chamadas e atendentes"
    if _kept(new) != _kept(before):
        yield "o que se guarda para as emergências"
    if _calendar(line, new) != _calendar(line, before):
        yield "o calendário"
    if _look_ups(plan, new) != _look_ups(old, before):
        yield "as consultas"
    if _destinations(plan, new) != _destinations(old, before):
        yield "os destinos de transferência"
    if sorted(new.relay_numbers) != sorted(before.relay_numbers):
        yield "os números de intermediação para surdos"
    if _announcements(line, new) != _announcements(line, before):
        yield "os avisos"
    if _handed_in(line, new) != _handed_in(line, before):
        yield "o que outras linhas lhe entregam"


def _rules(line: str, plans: Plans) -> dict[QueueName, QueueRule]:
    """The rules of the line's queues, of those it sends callers to, and of where they overflow."""
    named = {QueueName(plans.lines[line].person)}
    for node in plans.lines[line].nodes.values():
        if isinstance(node, QueueNode | HandOverNode):
            named.add(node.queue)
    rules = {rule.name: rule for rule in plans.queues.rules}
    wanted = [rule for rule in rules.values() if rule.line == line or rule.name in named]
    overflow = [rules[rule.out_of_hours] for rule in wanted if rule.out_of_hours in rules]
    return {rule.name: _without_words(rule) for rule in (*wanted, *overflow)}


def _without_words(rule: QueueRule) -> QueueRule:
    rings = tuple(replace(ring, because="") for ring in rule.rings)
    return replace(rule, because="", rings=rings)


def _kept(plans: Plans) -> tuple[int, int]:
    reserve = plans.queues.reserve
    return (reserve.agents, reserve.calls) if reserve is not None else (0, 0)


def _calendar(line: str, plans: Plans) -> object:
    """The hours that the line looks at; the holidays too, if one of them is kept otherwise then."""
    plan = plans.lines[line]
    conditions = tuple(_conditions(plan))
    names = {value for one in conditions if one.what == HOURS for value in one.values}
    names |= {plan.short_when, *(rule.hours for rule in _rules(line, plans).values())}
    hours = {name: plans.calendar.hours.get(name) for name in names if name}
    kept = any(found is not None and found.holidays is not None for found in hours.values())
    looks = kept or any(one.what == HOLIDAY for one in conditions)
    return hours, plans.calendar.holidays if looks else None


def _conditions(plan: LinePlan) -> Iterator[Condition]:
    for node in plan.nodes.values():
        if isinstance(node, DecideNode):
            for case in node.cases:
                yield from case.when


def _look_ups(plan: LinePlan, plans: Plans) -> object:
    asked = {node.service for node in plan.nodes.values() if isinstance(node, LookUpNode)}
    return {name: plans.services.get(name) for name in asked}


def _destinations(plan: LinePlan, plans: Plans) -> object:
    called = {node.destination for node in plan.nodes.values() if isinstance(node, TransferNode)}
    return {name: plans.destinations.get(name) for name in called}


def _announcements(line: str, plans: Plans) -> object:
    return sorted(
        (one for one in plans.announcements if one.line == line), key=lambda one: one.name
    )


def _handed_in(line: str, plans: Plans) -> object:
    return sorted(
        (other, node.name, node.queue, node.priority)
        for other, plan in plans.lines.items()
        for node in plan.nodes.values()
        if isinstance(node, HandOverNode) and node.line == line
    )
