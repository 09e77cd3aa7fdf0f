"""Who calls when, on which line, about what, and what the menu makes of it, until a queue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from bench.simulator.profiles import HOUR, LINE_SHARES, hour_rates, themes

Numbers = np.ndarray[Any, np.dtype[Any]]

LINES: Final = tuple(LINE_SHARES)
THEMES: Final = tuple(themes())
QUEUES: Final = (
    *(f"p156_{theme}" for theme in THEMES),
    *("p156_geral", "p156_protocolo", "e199_risco", "e199_arvore", "e153_ocorrencia"),
    "e153_apoio",
)
GENERAL, PROTOCOL = QUEUES.index("p156_geral"), QUEUES.index("p156_protocolo")
NODES: Final = ("abertura", "principal", "informacao", "consulta", "fila", *THEMES)
OPENING, MAIN, INFORMATION, LOOK_UP, QUEUE_NODE, FIRST_THEME = range(6)

TO_QUEUE, LEFT_MAIN, LEFT_THEME, TOLD, LOOKED_UP, LOOKED_UP_IN_VAIN = range(6)
COURSES: Final = (0.74, 0.06, 0.04, 0.08, 0.05, 0.03)
"""The shares of 156's callers by what the menu makes of them; assumed."""

REPEATS, MOBILE_SHARE, AREA_11 = 0.15, 0.8, 0.95  # assumed
SILENT, WRONG = 0.06, 0.03


@dataclass(frozen=True)
class Calls:
    """Columns, one entry a call, by arrival. `node` and `left` have a row for each of the stays in
    the menu (-1: no such stay; the instant at which it was left)."""

    at: Numbers
    line: Numbers
    course: Numbers
    queue: Numbers  # wanted; -1: none
    joins: Numbers  # when it comes to the queue; nan: never
    patience: Numbers
    node: tuple[Numbers, ...]
    left: tuple[Numbers, ...]
    silences: Numbers
    invalids: Numbers
    caller: Numbers
    dice: np.random.Generator


def make_calls(count: int, days: int, begins: float, weekday: int, seed: int) -> Calls:
    """So many calls in so many days from `begins`, a midnight of this weekday (0 is Monday)."""
    dice = np.random.default_rng(seed)
    at = _arrivals(count, days, begins, weekday, seed, dice)
    line = dice.choice(len(LINES), count, p=list(LINE_SHARES.values()))
    on_156 = line == LINES.index("156")
    course = np.where(on_156, dice.choice(len(COURSES), count, p=COURSES), TO_QUEUE)
    theme = dice.choice(len(THEMES), count, p=list(themes().values()))
    queue = np.where(on_156, theme, _emergency_queue(line, dice, count))
    queue = np.where(course == LOOKED_UP_IN_VAIN, PROTOCOL, queue)
    queue = np.where((course == TO_QUEUE) | (course == LOOKED_UP_IN_VAIN), queue, -1)
    node, left, joins = _ways(at, on_156, course, theme, dice)
    joins = np.where(queue >= 0, joins, np.nan)
    impatient = np.where(on_156, 300.0, 90.0)
    mains = on_156 & (course != LEFT_MAIN)
    return Calls(
        at=at,
        line=line,
        course=course,
        queue=queue,
        joins=joins,
        patience=np.round(dice.exponential(impatient), 3),
        node=node,
        left=left,
        silences=np.where(mains, dice.random(count) < SILENT, False).astype(int),
        invalids=np.where(mains, dice.random(count) < WRONG, False).astype(int),
        caller=_callers(count, dice),
        dice=dice,
    )


def _arrivals(
    count: int, days: int, begins: float, weekday: int, seed: int, dice: np.random.Generator
) -> Numbers:
    rates = np.array(hour_rates(count, days, seed, weekday))
    hours = dice.multinomial(count, rates / rates.sum())
    offsets = np.repeat(np.arange(len(rates)) * HOUR, hours) + dice.random(count) * HOUR
    found: Numbers = np.round(begins + np.sort(offsets), 3)
    return found


def _emergency_queue(line: Numbers, dice: np.random.Generator, count: int) -> Numbers:
    minor = dice.random(count) < 0.4
    risk, tree = QUEUES.index("e199_risco"), QUEUES.index("e199_arvore")
    crime, aid = QUEUES.index("e153_ocorrencia"), QUEUES.index("e153_apoio")
    of_199, of_153 = np.where(minor, tree, risk), np.where(minor, aid, crime)
    return np.where(line == LINES.index("199"), of_199, of_153)


def _ways(
    at: Numbers, on_156: Numbers, course: Numbers, theme: Numbers, dice: np.random.Generator
) -> tuple[tuple[Numbers, ...], tuple[Numbers, ...], Numbers]:
    """The stays in the menu, when each was left, and when the last was."""
    count = len(at)
    opening = np.where(on_156, dice.uniform(3, 5, count), dice.uniform(0.5, 3, count))
    main, third = dice.lognormal(2.0, 0.5, count), dice.lognormal(2.2, 0.5, count)
    in_look_up = (course == LOOKED_UP) | (course == LOOKED_UP_IN_VAIN)
    further = np.where(in_look_up, LOOK_UP, np.where(course == TOLD, INFORMATION, 0))
    second = np.where(on_156, MAIN, -1)
    deep = on_156 & (course != LEFT_MAIN)
    nodes_third = np.where(deep, np.where(further > 0, further, FIRST_THEME + theme), -1)
    last = np.where(on_156 & (course == TO_QUEUE), QUEUE_NODE, -1)
    first_left = np.round(at + opening, 3)
    second_left = np.where(second >= 0, np.round(first_left + main, 3), first_left)
    third_left = np.where(nodes_third >= 0, np.round(second_left + third, 3), second_left)
    node = (np.full(count, OPENING), second, nodes_third, last)
    return node, (first_left, second_left, third_left, third_left), third_left


def _callers(count: int, dice: np.random.Generator) -> Numbers:
    people = max(1, int(count * (1 - REPEATS)))
    who = dice.integers(0, people, count)
    area = np.where(dice.random(people) < AREA_11, 11, dice.integers(12, 99, people))
    mobile = dice.random(people) < MOBILE_SHARE
    number = np.where(
        mobile,
        area * 10**9 + 9 * 10**8 + dice.integers(0, 10**8, people),
        area * 10**8 + 3 * 10**7 + dice.integers(0, 10**7, people),
    )
    found: Numbers = number[who]
    return found
