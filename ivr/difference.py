"""What a citizen would notice between two dialplans, in Portuguese sentences.

    No menu 'principal' do 156, a tecla 3 agora leva a 'saude' (antes: 'cidade').

Comments, reasons (`porque`) and other names for the same nodes make no difference. Everything
else that differs is told, so that «nothing differs» can be trusted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from typing import Any, Final, Protocol

from ivr.difference_city import City, city_differences
from ivr.difference_words import CLAUSES, kind_of, shown_text
from ivr.menu import DecideNode, LinePlan, Node
from ivr.ways import said

IN_NODE: Final = {
    "menu": "No menu",
    "aviso": "No aviso",
    "digitos": "Na digitação",
    "decisao": "Na decisão",
    "consulta": "Na consulta",
    "fila": "Na ida à fila",
    "entrega": "Na entrega",
    "transferencia": "Na transferência",
    "recado": "No recado",
    "pesquisa": "Na pesquisa",
    "fim": "No fim",
}

TOLD_APART: Final = frozenset({"nodes", "defaults", "waiting", "forecast", "call_back"})
"""Fields of a line, and of its waiting, that are told by what is in them."""

HOURS: Final = "horario"
"""The condition that looks at hours of the calendar."""

NOTHING: Final = "Um cidadão não notaria diferença nenhuma."


class Whole(City, Protocol):
    """What is compared: reader.Dialplans has all of it."""

    @property
    def lines(self) -> Mapping[str, LinePlan]:
        """The plan of each line."""


def differences(old: Whole, new: Whole) -> tuple[str, ...]:
    """Everything that a citizen would notice, a sentence each; () when nothing."""
    found: list[str] = []
    for line in dict.fromkeys((*old.lines, *new.lines)):
        if line not in old.lines:
            found.append(f"A linha {line} é nova.")
        elif line not in new.lines:
            found.append(f"A linha {line} não é mais atendida.")
        else:
            found += line_differences(old.lines[line], new.lines[line])
    asked = {name for whole in (old, new) for plan in whole.lines.values() for name in _asked(plan)}
    return (*found, *city_differences(old, new, sorted(asked)))


def line_differences(old: LinePlan, new: LinePlan) -> Iterator[str]:
    """What differs in one line."""
    old = renamed(old, _other_names(old, new))
    for clause in _clauses(old, new, TOLD_APART):
        yield f"No {new.line}, {clause}."
    for clause in _clauses(old.defaults, new.defaults):
        yield f"No {new.line}, em toda etapa, {clause}."
    for was, now in (
        (old.waiting, new.waiting),
        (old.waiting.forecast, new.waiting.forecast),
        (old.waiting.call_back, new.waiting.call_back),
    ):
        for clause in _clauses(was, now, TOLD_APART):
            yield f"Na espera do {new.line}, {clause}."
    for name in dict.fromkeys((*old.nodes, *new.nodes)):
        yield from _node_differences(new.line, old.nodes.get(name), new.nodes.get(name))


def _clauses(old: Any, new: Any, but: frozenset[str] = frozenset()) -> Iterator[str]:
    """A clause for each field of two dataclasses that differs."""
    for field in fields(new):
        was, now = getattr(old, field.name), getattr(new, field.name)
        if was != now and field.name not in but:
            yield from CLAUSES[field.name](was, now)


def _node_differences(line: str, old: Node | None, new: Node | None) -> Iterator[str]:
    if old is None and new is not None:
        yield f"Etapa nova no {line}: '{new.name}' ({kind_of(new)}){_first_words(new)}."
    elif new is None and old is not None:
        yield f"A etapa '{old.name}' ({kind_of(old)}) não existe mais no {line}{_first_words(old)}."
    elif old is not None and new is not None and type(old) is not type(new):
        kinds = f"é do tipo {kind_of(new)} (antes: {kind_of(old)})"
        yield f"A etapa '{new.name}' do {line} agora {kinds}{_first_words(new)}."
    elif old is not None and new is not None:
        where = f"{IN_NODE[kind_of(new)]} '{new.name}' do {line}"
        yield from (f"{where}, {clause}." for clause in _clauses(old, new))


def _first_words(node: Node) -> str:
    for _, texts in said(node):
        return f": «{shown_text(texts)}»"
    return ""


def _asked(plan: LinePlan) -> Iterator[str]:
    """The hours that a line looks at."""
    if plan.short_when:
        yield plan.short_when
    for node in plan.nodes.values():
        for case in node.cases if isinstance(node, DecideNode) else ():
            for condition in case.when:
                if condition.what == HOURS:
                    yield from condition.values


# --- names that nobody hears ---
def _other_names(old: LinePlan, new: LinePlan) -> dict[str, str]:
    """Nodes that only changed their names: old → new. Those that lead on to other renamed nodes
    are found after these; a ring of renamed nodes is not, and is told as old and new ones."""
    names: dict[str, str] = {}
    found = True
    while found:
        found = False
        for name, node in old.nodes.items():
            if name in new.nodes or name in names:
                continue
            here = _with_names(node, names)
            for other, candidate in new.nodes.items():
                fresh = other not in old.nodes and other not in names.values()
                if fresh and replace(here, name=other) == candidate:
                    names[name], found = other, True
                    break
    return names


def renamed(plan: LinePlan, names: Mapping[str, str]) -> LinePlan:
    """The same plan with other names for some of its nodes."""
    if not names:
        return plan
    nodes = {
        names.get(name, name): replace(_with_names(node, names), name=names.get(name, name))
        for name, node in plan.nodes.items()
    }
    targets = {field: _renamed(getattr(plan, field), names) for field in ("start", "after")}
    short = _renamed(plan.short_start, names)
    codes = _renamed(plan.codes, names)
    return replace(plan, nodes=nodes, **targets, short_start=short, codes=codes)


TARGETS: Final = frozenset({"next", "gives_up", "failed", "found", "missing", "otherwise"})


def _with_names(node: Node, names: Mapping[str, str]) -> Node:
    """The node with other names for where it leads."""
    changes: dict[str, Any] = {
        field.name: _renamed(getattr(node, field.name), names)
        for field in fields(node)
        if field.name in TARGETS or field.name == "options"
    }
    if isinstance(node, DecideNode):
        changes["cases"] = tuple(
            replace(case, next=names.get(case.next, case.next)) for case in node.cases
        )
    return replace(node, **changes)


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {key: names.get(target, target) for key, target in value.items()}
    return names.get(value, value)
