"""Whatever the plan: the checker never raises, and ends soon."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_parts import menu, say
from plan_strategies import AROUND, FIXED, plans, sound_plans, text

from ivr.checker import Around, check_paths, check_prompts
from ivr.hiding import hide
from ivr.menu import (
    CollectNode,
    DecideNode,
    LinePlan,
    LookUpNode,
    MenuNode,
    Node,
    SayNode,
    WaitingPlan,
)
from ivr.proofs.dominators import dominators_of
from ivr.proofs.graph import Graph, Root, Way, walk
from terms.names import QueueName

NOTHING = LinePlan("156", "", {}, QueueName(""))


@given(sound_plans())
def test_plans_that_are_made_with_care_are_sound(plan: LinePlan) -> None:
    assert check_paths(plan, AROUND) == ()
    assert check_prompts(plan, lambda language, words: 0.1) == ()


@given(plans(), st.sampled_from(("156", "199", "153")), st.booleans())
def test_no_plan_makes_it_raise(plan: LinePlan, line: str, known: bool) -> None:
    plan = replace(plan, line=line)
    lines = {"156": plan, "199": replace(plan, line="199"), "153": NOTHING}
    around = replace(AROUND if known else Around(), all_lines=lines)
    problems = check_paths(plan, around)
    assert all(problem.part and problem.message for problem in problems)
    check_prompts(plan, lambda language, words: None)
    check_prompts(plan, lambda language, words: len(words) / 3)
    for configured in (frozenset[str](), frozenset({"pedido"})):
        smaller, _ = hide(plan, configured)
        assert set(smaller.nodes) <= set(plan.nodes)


def test_nothing_at_all_is_checked_without_a_word() -> None:
    assert check_paths(NOTHING, AROUND) == ()
    assert check_prompts(NOTHING, lambda language, words: 1.0) == ()


# --- dominators ---
@given(st.data(), st.integers(1, 9))
def test_dominators_are_what_nobody_can_avoid(data: st.DataObject, count: int) -> None:
    names = [f"n{number}" for number in range(count)]
    ways = {
        name: tuple(
            Way((), "", target)
            for target in data.draw(st.lists(st.sampled_from(names), max_size=3), name)
        )
        for name in names
    }
    roots = tuple(map(Root, data.draw(st.lists(st.sampled_from(names), max_size=2, unique=True))))
    dominators = dominators_of(Graph(NOTHING, ways, roots, ()))
    for name in names:
        others = [root for root in roots if root.node != name]
        without = walk(others, lambda at, name=name: [w for w in ways[at] if w.target != name])
        for at in walk(roots, ways.__getitem__).came:
            assert dominators.passed(name, at) == (at not in without)


# --- large plans ---
COUNT = 2_000
NAMES = [f"n{number}" for number in range(COUNT)]


def chain() -> dict[str, Node]:
    """Texts one after the other."""
    return {
        name: say(name, following, "Olá, {v}.")
        for name, following in zip(NAMES, (*NAMES[1:], "fila"), strict=True)
    }


def nested() -> dict[str, Node]:
    """Menus within menus, in two languages, each with a way back by itself."""
    nodes: dict[str, Node] = {}
    for number, name in enumerate(NAMES):
        options = {"1": NAMES[(number + 1) % COUNT], "2": NAMES[number // 2], "9": "fila"}
        language = "en" if number % 100 == 50 else ""
        nodes[name] = menu(name, options, gives_up=NAMES[number - 1], language=language)
    return nodes


def tangle() -> dict[str, Node]:
    """All kinds, leading anywhere."""
    chance = Random(156)
    nodes: dict[str, Node] = {}
    for number, name in enumerate(NAMES):
        a, b, c = (chance.choice(NAMES) for _ in range(3))
        kind = number % 5
        language = chance.choice(("", "", "pt", "en"))
        if kind == 0:
            said = text(f"Olá, {{v{number % 50}}}.")
            nodes[name] = SayNode(name, said, a, language=language)
        elif kind == 1:
            options = {"1": a, "2": b, "3": c}
            nodes[name] = MenuNode(name, text("Um."), options, gives_up=b, language=language)
        elif kind == 2:
            echo = text("Certo?")
            nodes[name] = CollectNode(name, text("Digite."), f"v{number % 50}", a, echo=echo)
        elif kind == 3:
            nodes[name] = LookUpNode(name, "pedido", {"numero": f"v{number % 50}"}, a, b, c)
        else:
            nodes[name] = DecideNode(name, (), a)
    return nodes


@pytest.mark.parametrize("made", [chain, nested, tangle])
@pytest.mark.parametrize("line", ["156", "199"])
def test_large_plans_are_checked_within_a_second(
    made: Callable[[], dict[str, Node]], line: str
) -> None:
    nodes = {**made(), **{node.name: node for node in FIXED}}
    codes = {f"*{number:02}": NAMES[number * 7] for number in range(1, 100)}
    waiting = WaitingPlan(before=text("Olá."))
    plan = LinePlan(
        line, "n0", nodes, QueueName("p156_geral"), after="pesquisa", codes=codes, waiting=waiting
    )
    began = perf_counter()
    check_paths(plan, AROUND)
    check_prompts(plan, lambda language, words: 1.0)
    hide(plan, frozenset())
    assert perf_counter() - began < 2.0  # alone it takes less than one; the machine may be busy
