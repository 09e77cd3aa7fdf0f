"""IVR: how many turns the interpreter takes in a second of one core, over the shipped tree of 156.

Callers press random keys of the menu where they stand, fall silent, type numbers; services answer
at random. The anchor is the least that any menu must do: look the key up in a dictionary.
"""

from __future__ import annotations

import random
import time
from dataclasses import replace
from pathlib import Path

from bench.figures import Figure
from ivr import interpreter
from ivr.interpreter import Answer, Turn
from ivr.known import Known
from ivr.menu import LinePlan, MenuNode
from ivr.turn import End, JoinQueue, LookUp, TakeMessage, Transfer
from reader import read_dialplans

DIALPLANS = Path(__file__).resolve().parents[1] / "dialplans"
CALLS, RUNS = 5_000, 3
GOAL = 20_000.0
"""Turns per CPU-second: a storm of 7 calls a second with 10 turns each takes 1/300 of it."""


def measure() -> list[Figure]:
    """The figure of the interpreter."""
    plan = read_dialplans(DIALPLANS).lines["156"]
    ours = sorted(_turns_a_second(plan, seed) for seed in range(RUNS))[RUNS // 2]
    anchor = sorted(_look_ups_a_second(plan, seed) for seed in range(RUNS))[RUNS // 2]
    return [
        Figure(
            "IVR",
            f"interpreter, the whole tree of 156 ({len(plan.nodes)} nodes), turns per CPU-second",
            f"a dictionary alone: {anchor:,.0f}",
            f"{ours:,.0f}",
            f"≥ {GOAL:,.0f}",
            ours >= GOAL,
            {"turns_per_cpu_second": ours, "dictionary_per_cpu_second": anchor},
        )
    ]


def _turns_a_second(plan: LinePlan, seed: int) -> float:
    chance = random.Random(seed)
    turns, began = 0, time.process_time()
    for _ in range(CALLS):
        known = Known(1_764_079_200.0, "156", "+5511987654321", "123456784")
        turn = interpreter.enter(plan, known)
        while not isinstance(turn.then, JoinQueue | End):
            turn = _next(plan, replace(known, data=turn.data), turn, chance)
            turns += 1
    return turns / (time.process_time() - began)


def _next(plan: LinePlan, known: Known, turn: Turn, chance: random.Random) -> Turn:
    match turn.then:
        case LookUp():
            how = chance.choice(("achou", "nao_achou", "falhou"))
            return interpreter.looked_up(plan, known, turn.position, Answer(how))
        case TakeMessage():
            return interpreter.message_left(plan, known, turn.position)
        case Transfer():
            return interpreter.transferred(plan, known, turn.position, False)
        case _:
            node = plan.nodes.get(turn.position.node)
            keys = [*node.options, ""] if isinstance(node, MenuNode) else ["", "1", "12345678#"]
            return interpreter.heard(plan, known, turn.position, chance.choice(keys))


def _look_ups_a_second(plan: LinePlan, seed: int) -> float:
    chance = random.Random(seed)
    menus = {n: dict(m.options) for n, m in plan.nodes.items() if isinstance(m, MenuNode)}
    names = list(menus)
    done, began = 0, time.process_time()
    for _ in range(CALLS * 20):
        options = menus[chance.choice(names)]
        options.get(chance.choice(("0", "1", "2", "3")))
        done += 1
    return done / (time.process_time() - began)
