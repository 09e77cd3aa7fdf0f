"""Every name in a plan is the name of something: nodes, queues, hours, services, destinations,
languages. And the queue that everybody falls to is there and open."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.menu import (
    START_CODE,
    Condition,
    DecideNode,
    HandOverNode,
    LinePlan,
    LookUpNode,
    Part,
    QueueNode,
    TransferNode,
)
from ivr.proofs.findings import LANGUAGE_NAMES, Around, Problem, nearest
from ivr.ways import exits
from terms.names import PROOF_QUEUE, QueueName
from terms.services import ServiceSpec


def targets_exist(plan: LinePlan) -> Iterator[Problem]:
    """Every node that is named exists."""
    if not plan.nodes:
        return
    for part, target in _targets(plan):
        if target and target not in plan.nodes:
            hint = nearest(target, plan.nodes)
            yield Problem(part, f"a etapa '{target}' não existe{hint}")


def _targets(plan: LinePlan) -> Iterator[tuple[Part, str]]:
    yield ("start",), plan.start
    yield ("short_start",), plan.short_start
    yield ("after",), plan.after
    for code, target in plan.codes.items():
        yield ("codes", code), target
    for name, node in plan.nodes.items():
        for part, target in exits(node):
            yield ("nodes", name, *part), target


# --- queues ---
def queues_exist(plan: LinePlan, around: Around) -> Iterator[Problem]:
    """Every queue exists, is of this line (or of the line that the call is handed over to), and
    takes calls at every hour."""
    for part, queue, line in _queues(plan):
        if isinstance(node := plan.nodes.get(part[1] if len(part) > 1 else ""), HandOverNode):
            yield from _other_line(plan, node, around)
        if around.queues is None or not queue:
            continue
        if queue not in around.queues:
            hint = nearest(queue, around.queues)
            yield Problem(part, f"a fila '{queue}' não existe em queues.yaml{hint}")
            continue
        if queue == PROOF_QUEUE:
            yield Problem(
                part,
                f"a fila '{queue}' é só da ligação com que a central prova a si mesma: ninguém "
                "atenderia aqui; use outra",
            )
            continue
        owner = around.queues[queue]
        if line and owner and owner != line:
            yield Problem(part, _wrong_line(plan, queue, owner, line))
        yield from _open(part, queue, around)


def _queues(plan: LinePlan) -> Iterator[tuple[Part, QueueName, str]]:
    """Each queue that is named, with the line that it should belong to."""
    yield ("person",), plan.person, plan.line
    for name, node in plan.nodes.items():
        if isinstance(node, QueueNode):
            yield ("nodes", name, "queue"), node.queue, plan.line
        elif isinstance(node, HandOverNode):
            yield ("nodes", name, "queue"), node.queue, node.line


def _wrong_line(plan: LinePlan, queue: str, owner: str, line: str) -> str:
    if line != plan.line:
        return f"a fila '{queue}' é da linha {owner}, e a ligação é entregue à linha {line}"
    return (
        f"a fila '{queue}' é da linha {owner}; uma ligação da linha {plan.line} só vai para "
        "outra linha por uma etapa do tipo 'entrega'"
    )


def _other_line(plan: LinePlan, node: HandOverNode, around: Around) -> Iterator[Problem]:
    part = ("nodes", node.name, "line")
    if node.line and node.line == plan.line:
        yield Problem(
            part, f"'entrega' é para outra linha; dentro da linha {plan.line} use o tipo 'fila'"
        )
    elif node.line and around.all_lines and node.line not in around.all_lines:
        known = ", ".join(around.all_lines)
        yield Problem(part, f"a linha '{node.line}' não existe; as linhas são {known}")


def _open(part: Part, queue: QueueName, around: Around) -> Iterator[Problem]:
    """Whoever comes while the queue is closed is taken by another, in the end by an open one."""
    way = [queue]
    while (closed := way[-1]) in around.closing:
        following = around.closing[closed]
        if not following:
            yield Problem(
                part,
                f"a fila '{closed}' fecha, e ninguém atende fora do horário: ponha "
                "'fora_do_horario' na fila, em queues.yaml",
            )
            return
        if following in way:
            shown = " → ".join((*way, following))
            yield Problem(part, f"fora do horário, as filas andam em círculo: {shown}")
            return
        way.append(following)


# --- what stands in other files ---
def names_exist(plan: LinePlan, around: Around) -> Iterator[Problem]:
    """Hours, services, destinations and languages exist."""
    yield from _hours(plan, around)
    for name, node in plan.nodes.items():
        if isinstance(node, LookUpNode) and around.services is not None and node.service:
            yield from _look_up(node, around.services.get(node.service), around)
        if isinstance(node, TransferNode) and around.destinations is not None:
            target = node.destination
            if target and target not in around.destinations:
                hint = nearest(target, around.destinations)
                yield Problem(
                    ("nodes", name, "destination"),
                    f"o destino '{target}' não existe em comum.yaml{hint}",
                )
        if node.language and node.language not in plan.languages:
            yield Problem(
                ("nodes", name, "language"),
                f"a linha não fala {LANGUAGE_NAMES.get(node.language, node.language)}: ponha "
                f"'{node.language}' em 'idiomas'",
            )


def _hours(plan: LinePlan, around: Around) -> Iterator[Problem]:
    if around.hours is None:
        return
    for part, hours in _named_hours(plan):
        if hours and hours not in around.hours:
            hint = nearest(hours, around.hours)
            yield Problem(part, f"o horário '{hours}' não existe em calendar.yaml{hint}")


def _named_hours(plan: LinePlan) -> Iterator[tuple[Part, str]]:
    yield ("short_when",), plan.short_when
    for part, condition in conditions(plan):
        if condition.what == "horario":
            yield from ((part, hours) for hours in condition.values)


def conditions(plan: LinePlan) -> Iterator[tuple[Part, Condition]]:
    """All conditions of the plan, each with the part where it stands."""
    for name, node in plan.nodes.items():
        if isinstance(node, DecideNode):
            for number, case in enumerate(node.cases):
                for condition in case.when:
                    yield ("nodes", name, "cases", str(number), "when", condition.what), condition


def _look_up(node: LookUpNode, spec: ServiceSpec | None, around: Around) -> Iterator[Problem]:
    part = ("nodes", node.name)
    if spec is None:
        hint = nearest(node.service, around.services or ())
        message = f"o serviço '{node.service}' não existe em servicos.yaml{hint}"
        yield Problem((*part, "service"), message)
        return
    for name in spec.given:
        if name not in node.given:
            yield Problem(
                (*part, "given"), f"o serviço '{spec.name}' pergunta por '{name}'; falta em 'com'"
            )
    for name in node.given:
        if name not in spec.given:
            hint = nearest(name, spec.given)
            yield Problem(
                (*part, "given", name), f"o serviço '{spec.name}' não pergunta por '{name}'{hint}"
            )


def codes_are_codes(plan: LinePlan) -> Iterator[Problem]:
    """A direct code is `*` and two digits, and `*00` is taken."""
    for code in plan.codes:
        digits = code.removeprefix("*")
        if not (
            code.startswith("*") and len(digits) == 2 and digits.isascii() and digits.isdigit()
        ):
            yield Problem(
                ("codes", code),
                f"'{code}' não é um código direto: esperava-se * e dois dígitos, como *11",
            )
        elif code == START_CODE:
            yield Problem(("codes", code), f"o código {code} já existe: volta ao começo da linha")
