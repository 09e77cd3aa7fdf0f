"""What a line's plan must hold before any caller walks through it. Every finding is in the
words of who wrote the plan, and says which part of it is meant.

    check_paths     targets and queues exist, every way ends, a person is always within reach
    check_prompts   every text is recorded, and none is too long

A part whose value is '' was already refused by who read it, and is passed over here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from ivr.menu import (
    PERSON_KEY,
    EndNode,
    LinePlan,
    MenuNode,
    Node,
    QueueNode,
    SayNode,
    exits,
    spoken,
)
from terms.limits import (
    EMERGENCY_GREETING_SECONDS_MAX,
    HINT_NAMES,
    PROMPT_SECONDS_MAX,
    SUBJECTS_MAX,
)
from terms.names import EMERGENCY_LINES, QueueName, Seconds

Part = tuple[str, ...]
"""A part of a plan: field names, node names and keys from the outside in, as in `LinePlan`."""

FIXED_KEYS = frozenset({"8", PERSON_KEY})
"""Keys that are no subjects: other languages and a person."""

KEY_WORDS: Mapping[str, tuple[str, ...]] = {
    "0": ("zero",),
    "1": ("um", "uma"),
    "2": ("dois", "duas"),
    "3": ("três",),
    "4": ("quatro",),
    "5": ("cinco",),
    "6": ("seis", "meia"),
    "7": ("sete",),
    "8": ("oito", "eight", "ocho"),
    "9": ("nove",),
    "#": ("jogo da velha", "quadrado"),
}
"""How a key is said."""

_SENTENCE = re.compile(r"[.;!?]+")
_PRESS = re.compile(r"(?:^|[\s,])(?:tecle|digite|aperte|disque|press|pulse|marque|ou)$")


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding: the part of the plan, and what is wrong with it, in Portuguese."""

    part: Part
    message: str


def check_paths(plan: LinePlan, queues: Mapping[QueueName, str] | None) -> tuple[Problem, ...]:
    """Everything that can be told without the recordings. `queues`: each queue's line; None when
    they could not be read."""
    return (
        *_targets(plan),
        *(_queues(plan, queues) if queues is not None else ()),
        *_menus(plan),
        *_loops(plan),
        *_emergency(plan),
    )


def check_prompts(
    plan: LinePlan, seconds_of: Callable[[str], Seconds | None]
) -> tuple[Problem, ...]:
    """Every text is recorded and short enough. `seconds_of` knows each recording's length."""
    return (*_recorded(plan, seconds_of), *_greeting(plan, seconds_of))


def closest(name: str, names: Iterable[str]) -> str:
    """The name that was probably meant, or ''. Among very many names nothing is guessed."""
    known = list(names)
    if len(known) > HINT_NAMES:
        return ""
    return next(iter(get_close_matches(name, known, n=1, cutoff=0.6)), "")


def nearest(name: str, names: Iterable[str]) -> str:
    """A hint at the name that was probably meant, or ''."""
    found = closest(name, names)
    return f"; você quis dizer '{found}'?" if found else ""


def _targets(plan: LinePlan) -> Iterator[Problem]:
    if not plan.nodes:
        return
    for part, target in (
        (("start",), plan.start),
        *(
            (("nodes", name, *part), target)
            for name, node in plan.nodes.items()
            for part, target in exits(node)
        ),
    ):
        if target and target not in plan.nodes:
            hint = nearest(target, plan.nodes)
            yield Problem(part, f"a etapa '{target}' não existe{hint}")


def _queues(plan: LinePlan, queues: Mapping[QueueName, str]) -> Iterator[Problem]:
    for part, queue in (
        (("person",), plan.person),
        *(
            (("nodes", name, "queue"), node.queue)
            for name, node in plan.nodes.items()
            if isinstance(node, QueueNode)
        ),
    ):
        if not queue:
            continue
        if queue not in queues:
            hint = nearest(queue, queues)
            yield Problem(part, f"a fila '{queue}' não existe em queues.yaml{hint}")
        elif plan.line and queues[queue] and queues[queue] != plan.line:
            yield Problem(
                part,
                f"a fila '{queue}' é da linha {queues[queue]}; uma ligação da linha "
                f"{plan.line} não pode ir para outra linha",
            )


def _menus(plan: LinePlan) -> Iterator[Problem]:
    for name, node in plan.nodes.items():
        if not isinstance(node, MenuNode):
            continue
        subjects = [key for key in node.options if key not in FIXED_KEYS]
        if len(subjects) > SUBJECTS_MAX:
            yield Problem(
                ("nodes", name, "options"),
                f"o menu '{name}' tem {len(subjects)} assuntos; o máximo é {SUBJECTS_MAX} "
                "(fora as teclas 8 e 9)",
            )
        target = plan.nodes.get(node.options.get(PERSON_KEY, ""))
        if target is not None and not isinstance(_first_that_acts(plan, target), QueueNode):
            yield Problem(
                ("nodes", name, "options", PERSON_KEY),
                "a tecla 9 é sempre um atendente: ela só pode levar a uma fila",
            )
        for part, text in (("text", node.text), ("again", node.again)):
            if text:
                yield from _keys_said_last(("nodes", name, part), text, node.options)


def _keys_said_last(part: Part, text: str, options: Iterable[str]) -> Iterator[Problem]:
    """Each key is said at the end of a sentence that first said what it is for (R86)."""
    sentences = [sentence.strip().casefold() for sentence in _SENTENCE.split(text)]
    for key in options:
        words = (*KEY_WORDS.get(key, ()), key)
        if not any(_says_last(sentence, word) for sentence in sentences for word in words):
            word = words[0]
            yield Problem(
                part,
                f"a tecla {key} não é dita depois da sua opção; termine uma frase com ela, "
                f"por exemplo: 'Nome do assunto, tecle {word}.'",
            )


def _says_last(sentence: str, word: str) -> bool:
    if not re.search(rf"(?:^|[\s,]){re.escape(word)}$", sentence):
        return False
    option = sentence.removesuffix(word).rstrip(" ,")
    while (shorter := _PRESS.sub("", option).rstrip(" ,")) != option:
        option = shorter
    return bool(option)


def _first_that_acts(plan: LinePlan, node: Node | None) -> Node | None:
    """What follows after texts alone; None when that is nothing, or the texts go round."""
    passed: set[str] = set()
    while isinstance(node, SayNode):
        if node.name in passed:
            return None
        passed.add(node.name)
        node = plan.nodes.get(node.next)
    return node


def _loops(plan: LinePlan) -> Iterator[Problem]:
    """Menus hand over to a person by themselves and queues are persons, so the only ways that
    never end, or end without one, are texts that lead round or a start that hangs up."""
    settled: set[str] = set()
    for first in plan.nodes.values():
        way: dict[str, None] = {}
        node: Node | None = first
        while isinstance(node, SayNode) and node.name not in settled and node.name not in way:
            way[node.name] = None
            node = plan.nodes.get(node.next)
        settled.update(way)
        if node is not None and node.name in way:
            round_trip = [*way][[*way].index(node.name) :]
            shown = " → ".join((*_few(round_trip), node.name))
            yield Problem(
                ("nodes", node.name, "next"),
                f"estas etapas andam em círculo sem que ninguém aperte uma tecla: {shown}",
            )
    if isinstance(plan.nodes.get(plan.start), EndNode):
        yield Problem(("start",), "a linha não pode começar pelo fim: ninguém seria atendido")


def _few(names: list[str]) -> list[str]:
    return names if len(names) <= 8 else [*names[:4], "…", *names[-3:]]


def _emergency(plan: LinePlan) -> Iterator[Problem]:
    if plan.line not in EMERGENCY_LINES:
        return
    start = plan.nodes.get(plan.start)
    if start is not None and not isinstance(start, QueueNode):
        yield Problem(
            ("start",),
            f"na linha {plan.line} a ligação entra na fila assim que é atendida: comece por uma "
            "etapa do tipo 'fila' e ponha a saudação em 'na_espera: antes'",
        )
    if plan.waiting.speak_protocol:
        yield Problem(
            ("waiting", "protocol_text"),
            f"na linha {plan.line} o protocolo não é falado antes do atendente",
        )


def _recorded(plan: LinePlan, seconds_of: Callable[[str], Seconds | None]) -> Iterator[Problem]:
    for part, text in spoken(plan):
        seconds = seconds_of(text) if text else 0.0
        if seconds is None:
            yield Problem(part, f"não há gravação para o texto '{_short(text)}'")
        elif seconds > PROMPT_SECONDS_MAX:
            yield Problem(
                part,
                f"o texto dura {_comma(seconds)} s; o máximo é {_comma(PROMPT_SECONDS_MAX)} s",
            )


def _greeting(plan: LinePlan, seconds_of: Callable[[str], Seconds | None]) -> Iterator[Problem]:
    if plan.line not in EMERGENCY_LINES:
        return
    seconds = sum(seconds_of(text) or 0.0 for text in plan.waiting.before)
    if seconds > EMERGENCY_GREETING_SECONDS_MAX:
        yield Problem(
            ("waiting", "before"),
            f"a saudação da linha {plan.line} dura {_comma(seconds)} s; o máximo é "
            f"{_comma(EMERGENCY_GREETING_SECONDS_MAX)} s",
        )


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."


def _comma(seconds: Seconds) -> str:
    return f"{seconds:.1f}".removesuffix(".0").replace(".", ",")
