"""Announcements: each stands before a node that speaks, is recorded, and is short; emergency lines
tell their callers of emergencies only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ivr.announcements import INSTITUTIONAL, WHILE_WAITING, Announcement
from ivr.menu import BUILT_IN, DecideNode, LinePlan, Part, QueueNode
from ivr.proofs.findings import Problem, nearest
from ivr.proofs.lengths import LengthOf
from ivr.proofs.recordings import not_recorded, too_long
from ivr.texts import gaps
from terms.limits import ANNOUNCEMENT_SECONDS_MAX
from terms.names import EMERGENCY_LINES


def announcements_can_be_heard(
    announcements: Iterable[Announcement], lines: Mapping[str, LinePlan], length_of: LengthOf
) -> Iterator[Problem]:
    """All that must hold of each; parts are (announcement's name, field)."""
    for one in announcements:
        part: Part = (one.name,)
        yield from _place(one, lines)
        if one.kind == INSTITUTIONAL and one.line in EMERGENCY_LINES:
            yield Problem(
                (*part, "kind"), f"na linha {one.line} só há avisos de emergência, nada mais"
            )
        for gap in gaps(one.text):
            if gap.name not in BUILT_IN:
                yield Problem(
                    (*part, "text"),
                    f"o aviso é dito a qualquer um, e o dado '{gap.name}' pode não ser conhecido",
                )
        yield from not_recorded((*part, "text"), (one.text,), length_of)
        yield from too_long((*part, "text"), (one.text,), length_of, ANNOUNCEMENT_SECONDS_MAX)


def _place(one: Announcement, lines: Mapping[str, LinePlan]) -> Iterator[Problem]:
    plan = lines.get(one.line)
    if plan is None:
        known = ", ".join(lines)
        if known:
            yield Problem(
                (one.name, "line"), f"a linha '{one.line}' não existe; as linhas são {known}"
            )
    elif one.node != WHILE_WAITING and one.node not in plan.nodes:
        hint = nearest(one.node, (*plan.nodes, WHILE_WAITING))
        yield Problem((one.name, "node"), f"a linha {one.line} não tem a etapa '{one.node}'{hint}")
    elif isinstance(plan.nodes.get(one.node), DecideNode):
        yield Problem(
            (one.name, "node"),
            f"a etapa '{one.node}' é uma decisão e não fala; ponha o aviso numa que fale",
        )
    elif one.line in EMERGENCY_LINES and not isinstance(plan.nodes.get(one.node), QueueNode | None):
        yield Problem(
            (one.name, "node"),
            f"na linha {one.line} um aviso é dito na fila, para não atrasar ninguém; a etapa "
            f"'{one.node}' vem antes dela: ponha-o numa etapa 'fila' ou em {WHILE_WAITING}",
        )
