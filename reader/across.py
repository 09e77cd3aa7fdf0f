"""Queues and the calendar side by side: names that one has and the other uses, and whoever comes
while a queue is closed."""

from __future__ import annotations

from collections.abc import Mapping

from acd.queues import QueueRule
from ivr.checker import nearest
from ivr.hours import DAY, Calendar, Hours, Span
from ivr.menu import LinePlan
from reader.forms import Sheet
from terms.names import QueueName

Rules = tuple[QueueRule, ...]


def skills_of(rules: Rules) -> frozenset[str]:
    """The skills that agents can have: the queues' own."""
    return frozenset(str(rule.skill) for rule in rules if rule.skill)


def closing_queues(
    sheet: Sheet, rules: Rules, calendar: Calendar | None
) -> dict[QueueName, QueueName]:
    """Queues name hours, queues and skills that are there, and whoever comes while a queue is
    closed ends at one that is never. Returns the queues that close, each with the one that takes
    its callers then; none when that is in doubt. `calendar` None: it could not be read."""
    before = len(sheet.mistakes)
    by_name = {str(rule.name): rule for rule in rules}
    skills = skills_of(rules)
    for rule in rules:
        part = ("queues", str(rule.name))
        _hours_exist(sheet, rule, calendar)
        if rule.out_of_hours:
            _taken_by(sheet, rule, by_name)
        for skill in dict.fromkeys(need.skill for every in rule.needs.either for need in every):
            if skill not in skills:
                said = f"nenhuma fila tem a habilidade '{skill}'{nearest(skill, skills)}"
                sheet.wrong_at((*part, "needs"), said)
        for number, ring in enumerate(rule.rings):
            _groups_exist(sheet, rule, number, by_name)
            for place, skill in enumerate(ring.skills):
                if skill and skill not in skills:
                    here = (*part, "rings", str(number), "skills", str(place))
                    hint = nearest(skill, skills)
                    sheet.wrong_at(here, f"nenhuma fila tem a habilidade '{skill}'{hint}")
    if calendar is None:
        return {}
    closing = _closing(rules, calendar)
    if len(sheet.mistakes) == before:
        _chains_end(sheet, closing)
    return closing if len(sheet.mistakes) == before else {}


def sent_to(
    sheet: Sheet, rules: Rules, lines: Mapping[str, LinePlan]
) -> Mapping[str, tuple[str, ...]]:
    """The steps that the limits of queues send callers to, by line; each is a step of the line's
    tree. `lines`: those that could be read."""
    found: dict[str, tuple[str, ...]] = {}
    for rule in rules:
        for key, way in (("longest", rule.longest), ("largest", rule.largest)):
            plan = lines.get(rule.line)
            if way is None or not way.step or plan is None:
                continue
            if way.step in plan.nodes:
                found[rule.line] = (*found.get(rule.line, ()), way.step)
                continue
            hint = nearest(way.step, plan.nodes)
            sheet.wrong_at(
                ("queues", str(rule.name), key, "step"),
                f"a etapa '{way.step}' não existe na linha {rule.line}{hint}",
            )
    return found


def _groups_exist(
    sheet: Sheet, rule: QueueRule, number: int, by_name: Mapping[str, QueueRule]
) -> None:
    """The queues that a ring names are there, and none is the ring's own."""
    for place, queue in enumerate(rule.rings[number].queues):
        here = ("queues", str(rule.name), "rings", str(number), "queues", str(place))
        if queue and queue not in by_name:
            sheet.wrong_at(here, f"a fila '{queue}' não existe{nearest(queue, by_name)}")
        elif queue == rule.name:
            sheet.wrong_at(here, "uma fila não chama a si mesma: quem a atende já é chamado")


def _hours_exist(sheet: Sheet, rule: QueueRule, calendar: Calendar | None) -> None:
    part = ("queues", str(rule.name))
    if rule.hours and calendar is not None and rule.hours not in calendar.hours:
        hint = nearest(rule.hours, calendar.hours)
        message = f"o horário '{rule.hours}' não existe em calendar.yaml{hint}"
        sheet.wrong_at((*part, "hours"), message)
    if rule.out_of_hours and not rule.hours and (*part, "hours") not in sheet.marks:
        sheet.wrong_at((*part, "out_of_hours"), "'fora_do_horario' não vale sem 'horario'")


def _taken_by(sheet: Sheet, rule: QueueRule, by_name: Mapping[str, QueueRule]) -> None:
    part = ("queues", str(rule.name), "out_of_hours")
    other = by_name.get(rule.out_of_hours)
    if other is None:
        hint = nearest(rule.out_of_hours, by_name)
        sheet.wrong_at(part, f"a fila '{rule.out_of_hours}' não existe{hint}")
    elif rule.line and other.line and rule.line != other.line:
        message = f"a fila '{other.name}' é da linha {other.line}, e esta é da linha {rule.line}"
        sheet.wrong_at(part, message)


def _closing(rules: Rules, calendar: Calendar) -> dict[QueueName, QueueName]:
    return {
        rule.name: rule.out_of_hours
        for rule in rules
        if (hours := calendar.hours.get(rule.hours)) is not None and not always_open(hours)
    }


def _chains_end(sheet: Sheet, closing: Mapping[QueueName, QueueName]) -> None:
    for queue, following in closing.items():
        part = ("queues", queue)
        way = [queue]
        while following and following not in way and way[-1] in closing:
            way.append(following)
            following = closing.get(following, QueueName(""))
        if way[-1] not in closing:
            continue
        if following:
            shown = " → ".join((*way, following))
            message = f"fora do horário, as filas andam em círculo: {shown}"
            sheet.wrong_at((*part, "out_of_hours"), message)
        elif way[-1] == queue:
            message = "esta fila fecha: diga em 'fora_do_horario' que fila atende então"
            sheet.wrong_at((*part, "hours"), message)


def always_open(hours: Hours) -> bool:
    """Whether there is no minute, holiday or date when these hours are closed."""
    days = [*hours.week, *hours.dates.values()]
    if hours.holidays is not None:
        days.append(hours.holidays)
    return all(map(_whole_day, days))


def _whole_day(spans: tuple[Span, ...]) -> bool:
    reached = DAY[0]
    for start, end in spans:
        if start > reached:
            return False
        reached = max(reached, end)
    return reached >= DAY[1]
