"""queues.yaml: which queues there are, whom each needs, their hours, targets, rings and limits; by
which rule the choice is made, and what is kept back for emergencies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final

from acd.choice import ChoiceRule
from acd.queues import EmergencyReserve, QueueRule, Ring
from ivr.menu import Part
from reader.forms import (
    Form,
    Key,
    Sheet,
    names_to,
    read_form,
    record,
    remark,
)
from reader.queue_forms import ages, alternatives, largest, longest, rings, target
from reader.readings import (
    duration,
    name,
    one_of,
    whole,
)
from reader.yaml_text import Tree
from terms.limits import (
    QUEUE_PRIORITY_MAX,
    RECALL_AFTER,
    RECALL_AFTER_MAX,
    RESERVE_AGENTS_MAX,
    RING_SECONDS,
    RING_SECONDS_MAX,
    SKILL_LEVELS,
    TARGET_SECONDS,
    TARGET_SHARE,
    WRAP_UP_SECONDS,
    WRAP_UP_SECONDS_MAX,
)
from terms.names import EMERGENCY_LINES, LINES, QueueName, Skill
from terms.needs import Needs

RULES: Final = {"fifo": ChoiceRule.FIFO, "indice": ChoiceRule.INDEX, "qir": ChoiceRule.QIR}
"""How the file calls each rule of choice."""


@dataclass(frozen=True, slots=True)
class QueueFile:
    """What the file says; values that were wrong are ''."""

    rules: tuple[QueueRule, ...]
    rule: ChoiceRule
    reserve: EmergencyReserve | None


QUEUE: Form = {
    "linha": Key("line", one_of(LINES)),
    "habilidade": Key("skill", name, says="Quem a tem atende esta fila."),
    "nivel_minimo": Key("min_level", whole(1, SKILL_LEVELS), 0, 0, "O pior nível; 1 é o melhor."),
    "precisa": Key(
        "needs",
        alternatives,
        (),
        (),
        "O que é preciso além da habilidade: uma destas alternativas, inteira.",
    ),
    "prioridade": Key("priority", whole(0, QUEUE_PRIORITY_MAX), neutral=0),
    "envelhece": Key(
        "ages",
        ages,
        0.0,
        0.0,
        "Pontos de prioridade que a espera dá, por exemplo: 1 por minuto. Só no 156.",
    ),
    "meta": Key(
        "target",
        target,
        (TARGET_SECONDS, TARGET_SHARE),
        (TARGET_SECONDS, TARGET_SHARE),
        "Por exemplo: 85 % em 15 s",
    ),
    "horario": Key("hours", name, "", says="Um horário de calendar.yaml; sem ele, sempre."),
    "fora_do_horario": Key("out_of_hours", name, "", says="A fila que atende quando esta fecha."),
    "toque": Key("ring_seconds", duration(1.0, RING_SECONDS_MAX), RING_SECONDS),
    "depois_da_conversa": Key(
        "wrap_up_seconds", duration(0.0, WRAP_UP_SECONDS_MAX), WRAP_UP_SECONDS
    ),
    "aneis": Key("rings", rings, (), ()),
    "espera_maxima": Key("longest", longest, None, None, "Só no 156."),
    "tamanho_maximo": Key("largest", largest, None, None, "Só no 156."),
    "rechama": Key(
        "recall_after",
        duration(0.0, RECALL_AFTER_MAX),
        RECALL_AFTER,
        RECALL_AFTER,
        "A espera a partir da qual quem está em treinamento ou feedback é chamado de volta; "
        "0 s: nunca. Só no 199 e no 153.",
    ),
    "porque": Key("because", remark, ""),
}

ONLY_156: Final = {
    "ages": "envelhece",
    "longest": "espera_maxima",
    "largest": "tamanho_maximo",
}
"""What no emergency queue may have: nobody there is made to wait by a rule, or sent away."""


def _queue(sheet: Sheet, part: Part, values: dict[str, Any]) -> QueueRule:
    seconds, share = values.pop("target")
    values["skill"] = Skill(values["skill"])
    values["out_of_hours"] = QueueName(values["out_of_hours"])
    afters = [ring.after for ring in values["rings"]]
    for number, (before, after) in enumerate(pairwise(afters), 1):
        if 0 < after <= before:
            here = (*part, "rings", str(number), "after")
            sheet.wrong_at(here, "cada anel vem depois do anterior: use um tempo maior")
    values["needs"] = Needs(tuple(every for every in values["needs"] if every))
    _fits_the_line(sheet, part, values["line"])
    return QueueRule(QueueName(part[-1]), **values, target_seconds=seconds, target_share=share)


def _fits_the_line(sheet: Sheet, part: Part, line: str) -> None:
    if line in EMERGENCY_LINES:
        for key, word in ONLY_156.items():
            if (*part, key) in sheet.marks:
                said = f"'{word}' não vale na linha {line}: ali ninguém é mandado embora nem espera"
                sheet.wrong_at(
                    (*part, key), f"{said} por regra; use 'aneis' para chamar mais gente"
                )
    elif line and (*part, "recall_after") in sheet.marks:
        said = "'rechama' só vale nas linhas 199 e 153: o treinamento é interrompido só por elas"
        sheet.wrong_at((*part, "recall_after"), said)


RESERVE: Form = {
    "agentes": Key("agents", whole(1, RESERVE_AGENTS_MAX), neutral=0, says="No máximo tantos."),
    "chamadas": Key(
        "calls",
        whole(1, RESERVE_AGENTS_MAX),
        ...,
        1,
        "A partir de quantas chamadas do 199 e do 153 na central (esperando, tocando ou em "
        "conversa) a reserva vale.",
    ),
    "porque": Key("because", remark, ""),
}


def _reserve(sheet: Sheet, part: Part, values: dict[str, Any]) -> EmergencyReserve:
    return EmergencyReserve(**values)


FILE: Final[Form] = {
    "regra": Key("rule", one_of(RULES), "indice", "indice", "Quem é escolhido entre iguais."),
    "reserva_de_emergencia": Key(
        "reserve",
        record(RESERVE, "reserva_de_emergencia", _reserve),
        None,
        None,
        "Quantos atendentes livres das emergências o 156 deixa livres.",
    ),
    "filas": Key("queues", names_to(record(QUEUE, "fila '{}'", _queue), "filas"), neutral={}),
}


def read_queues(sheet: Sheet, tree: Tree, file: str) -> QueueFile:
    """The whole file, its queues in their order."""
    values = read_form(sheet, tree, (), FILE, file)
    queues = values["queues"]
    rules = tuple(_with_groups(rule, queues) for rule in queues.values())
    served = {rule.line for rule in rules}
    if rules and "" not in served:
        for line in (line for line in LINES if line not in served):
            sheet.wrong_at(("queues",), f"nenhuma fila atende a linha {line}")
    return QueueFile(rules, RULES.get(values["rule"], ChoiceRule.INDEX), values["reserve"])


def _with_groups(rule: QueueRule, queues: Mapping[str, QueueRule]) -> QueueRule:
    """The rule, with the skills of the queues that its rings name among their own."""

    def skills(ring: Ring) -> tuple[Skill, ...]:
        named = (queues[queue].skill for queue in ring.queues if queue in queues)
        return tuple(dict.fromkeys((*ring.skills, *named)))

    rings = tuple(replace(ring, skills=skills(ring)) for ring in rule.rings)
    return replace(rule, rings=rings)
