"""What single calls need beside their queue's skill can be had by somebody, and is asked for on 156
alone: on 199 and 153 nobody waits beside an idle agent for a wish of the menu."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.menu import HandOverNode, LinePlan, QueueNode
from ivr.proofs.findings import Around, Problem, nearest
from terms.names import EMERGENCY_LINES


def needs_can_be_met(plan: LinePlan, around: Around) -> Iterator[Problem]:
    """Each skill that a node's `precisa` names is one that agents can have."""
    for name, node in plan.nodes.items():
        if not isinstance(node, QueueNode | HandOverNode) or not node.needs:
            continue
        part = ("nodes", name, "needs")
        line = node.line if isinstance(node, HandOverNode) else plan.line
        if line in EMERGENCY_LINES:
            said = f"'precisa' não vale numa chamada da linha {line}: ali ninguém espera por uma"
            yield Problem(part, f"{said} habilidade a mais; use outra fila, com seus 'aneis'")
            continue
        if around.skills is None:
            continue
        named = dict.fromkeys(need.skill for every in node.needs.either for need in every)
        for skill in named:
            if skill not in around.skills:
                hint = nearest(skill, around.skills)
                yield Problem(part, f"nenhuma fila tem a habilidade '{skill}'{hint}")
