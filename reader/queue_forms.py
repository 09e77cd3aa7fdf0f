"""What a queue of queues.yaml is made of: targets, needs, ageing, rings and limits."""

from __future__ import annotations

import re
from typing import Any, Final

from acd.queues import Exit, Ring
from ivr.menu import Part
from reader.forms import NAME, Form, Key, Reading, Sheet, list_of, record, remark, shown
from reader.readings import (
    DURATION,
    duration,
    matching,
    name,
    one_text,
    seconds_in,
    whole,
    yes_no,
)
from reader.yaml_text import Tree
from terms.limits import (
    AGES_MAX,
    LONGEST_WAIT_MAX,
    LONGEST_WAIT_MIN,
    NEEDS_OF_A_QUEUE,
    QUEUE_SIZE_MAX,
    RING_AFTER_MAX,
    RINGS_MAX,
    SKILL_LEVELS,
    SKILLS_OF_A_RING,
    TARGET_SECONDS,
    TARGET_SECONDS_MAX,
    TARGET_SHARE,
)
from terms.names import QueueName, Skill
from terms.needs import Need

_TARGET: Final = rf"([0-9]{{1,3}})\s*%\s+em\s+({DURATION})"
_NEED: Final = rf"({NAME.pattern})(?:\s+at[eé]\s+([1-{SKILL_LEVELS}]))?"
_AGES: Final = r"([0-9]{1,2}(?:[.,][0-9])?)\s+por\s+minuto"


# --- single values ---
def _read_target(sheet: Sheet, tree: Tree, part: Part) -> tuple[float, float]:
    text = one_text(sheet, tree, part)
    found = re.fullmatch(_TARGET, text) if text is not None else None
    if found is not None:
        share, seconds = int(found[1]), seconds_in(found[2]) or 0.0
        if 1 <= share <= 100 and 0 < seconds <= TARGET_SECONDS_MAX:
            return seconds, share / 100
    if text is not None:
        sheet.wrong_at(part, f"meta inválida '{shown(text)}'; escreva, por exemplo: 85 % em 15 s")
    return TARGET_SECONDS, TARGET_SHARE


def _read_need(sheet: Sheet, tree: Tree, part: Part) -> Need:
    text = one_text(sheet, tree, part)
    found = re.fullmatch(_NEED, text) if text is not None else None
    if found is not None:
        return Need(Skill(found[1]), int(found[2] or 0))
    if text is not None:
        said = f"habilidade inválida '{shown(text)}'; escreva, por exemplo: libras até 2"
        sheet.wrong_at(part, said)
    return Need(Skill(""))


def _read_ages(sheet: Sheet, tree: Tree, part: Part) -> float:
    text = one_text(sheet, tree, part)
    found = re.fullmatch(_AGES, text) if text is not None else None
    points = float(found[1].replace(",", ".")) if found is not None else 0.0
    if text is not None and not 0 < points <= AGES_MAX:
        sheet.wrong_at(part, f"ganho inválido '{shown(text)}'; escreva, por exemplo: 1 por minuto")
        return 0.0
    return points


target: Final = Reading(_read_target, matching(_TARGET))
"""`85 % em 15 s`: seconds and share."""

need: Final = Reading(_read_need, matching(_NEED))
"""`libras até 2`."""

ages: Final = Reading(_read_ages, matching(_AGES))
"""`1 por minuto`."""


# --- what queues are made of ---
RING: Form = {
    "apos": Key("after", duration(1.0, RING_AFTER_MAX), neutral=0.0, says="Por exemplo: 45 s"),
    "habilidades": Key(
        "skills", list_of(name, "habilidades", SKILLS_OF_A_RING), (), (), "Quem mais toca."
    ),
    "filas": Key(
        "queues",
        list_of(name, "filas", SKILLS_OF_A_RING),
        (),
        (),
        "Quem atende estas filas também toca: a habilidade delas.",
    ),
    "reserva": Key("reserve", yes_no, False, False, "Daqui em diante, a reserva também toca."),
    "dispensa": Key(
        "lenient", yes_no, False, False, "Daqui em diante, 'precisa' não é mais exigido."
    ),
    "porque": Key("because", remark, ""),
}


def _ring(sheet: Sheet, part: Part, values: dict[str, Any]) -> Ring:
    values["skills"] = tuple(map(Skill, values["skills"]))
    values["queues"] = tuple(map(QueueName, values["queues"]))
    ring = Ring(**values)
    tried = any((*part, key) in sheet.marks for key in ("skills", "queues"))
    if not (tried or ring.reserve or ring.lenient):
        sheet.wrong_at(
            part, "este anel não chama ninguém a mais: ponha habilidades, filas ou reserva: sim"
        )
    return ring


ALTERNATIVE: Form = {
    "todas": Key(
        "every",
        list_of(need, "todas", NEEDS_OF_A_QUEUE),
        neutral=(),
        says="Todas estas habilidades, cada uma até o nível que se disser.",
    ),
}


def _alternative(sheet: Sheet, part: Part, values: dict[str, Any]) -> tuple[Need, ...]:
    return tuple(need for need in values["every"] if need.skill)


LONGEST: Form = {
    "apos": Key("limit", duration(LONGEST_WAIT_MIN, LONGEST_WAIT_MAX), neutral=0.0),
    "vai": Key("step", name, says="Uma etapa da linha."),
}

LARGEST: Form = {
    "chamadas": Key("limit", whole(1, QUEUE_SIZE_MAX), neutral=0),
    "vai": Key("step", name, says="Uma etapa da linha."),
}


def _exit(sheet: Sheet, part: Part, values: dict[str, Any]) -> Exit:
    return Exit(**values)


alternatives: Final = list_of(
    record(ALTERNATIVE, "uma alternativa", _alternative), "precisa", NEEDS_OF_A_QUEUE
)
"""What `precisa` holds: one of them, whole."""

rings: Final = list_of(record(RING, "um anel", _ring), "aneis", RINGS_MAX)
longest: Final = record(LONGEST, "espera_maxima", _exit)
largest: Final = record(LARGEST, "tamanho_maximo", _exit)
