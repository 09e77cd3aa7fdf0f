"""Keys in, turns out: every way through a plan, and that no way is a trap."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr import interpreter
from ivr.interpreter import End, JoinQueue, Listen, Position, Say, Turn
from ivr.menu import (
    EndNode,
    LinePlan,
    MenuNode,
    Node,
    QueueNode,
    SayNode,
    WaitingPlan,
    texts,
)
from terms.facts import Kind
from terms.limits import MENU_LEVELS, NODES_PER_CALL
from terms.names import QueueName

GERAL, ZELADORIA = QueueName("p156_geral"), QueueName("p156_zeladoria")
KEYS = "0123456789*"


def plan_of(*nodes: Node, start: str = "", line: str = "156") -> LinePlan:
    return LinePlan(line, start or nodes[0].name, {n.name: n for n in nodes}, GERAL, 30)


TREE = plan_of(
    SayNode("abertura", "Abertura.", "principal"),
    MenuNode(
        "principal",
        "Cidade, um. Notícias, dois.",
        {"1": "cidade", "2": "noticia", "#": "idiomas"},
        "De novo. Cidade, um. Notícias, dois.",
    ),
    MenuNode("cidade", "Buraco, um.", {"1": "antes_da_fila", "9": "fila_cidade"}),
    SayNode("antes_da_fila", "Somaremos o seu pedido.", "fila_cidade"),
    QueueNode("fila_cidade", ZELADORIA, 40, "Cidade"),
    SayNode("noticia", "Notícia do dia.", "fim"),
    EndNode("fim"),
    SayNode("idiomas", "English.", "principal"),
)


def walk(plan: LinePlan, keys: list[str]) -> list[Turn]:
    turns = [interpreter.enter(plan)]
    for key in keys:
        last = turns[-1]
        if not isinstance(last.then, Listen):
            break
        turns.append(interpreter.heard(plan, last.position, key))
    return turns


def said(turn: Turn) -> list[str]:
    return [say.text for say in turn.says]


def entered(*turns: Turn) -> list[str]:
    return [
        details["node"]
        for turn in turns
        for kind, details in turn.facts
        if kind is Kind.NODE_ENTERED
    ]


def test_the_opening_is_a_turn_of_its_own_then_the_menu_listens() -> None:
    opening, menu = walk(TREE, [""])
    assert opening.says == (Say("Abertura.", KEYS + "#"),)
    assert opening.then == Listen(0.0)
    assert opening.facts == ((Kind.NODE_ENTERED, {"node": "abertura"}),)
    assert menu.says == (Say("Cidade, um. Notícias, dois.", KEYS + "#"),)
    assert menu.then == Listen(7.0)
    assert menu.facts == ((Kind.NODE_ENTERED, {"node": "principal"}),)


@pytest.mark.parametrize(
    ("keys", "queue", "priority", "note"),
    [
        (["", "1", "1", ""], ZELADORIA, 40, "Cidade"),
        (["", "1", "1", "7"], ZELADORIA, 40, "Cidade"),  # any key cuts the text before a queue
        (["", "1", "9"], ZELADORIA, 40, "Cidade"),  # this menu's own person
        (["", "9"], GERAL, 30, "pediu atendente"),
        (["9"], GERAL, 30, "pediu atendente"),  # already in the opening
        (["", "", ""], GERAL, 30, "não escolheu no menu"),
        (["", "7", "8"], GERAL, 30, "não escolheu no menu"),
        (["", "", "7"], GERAL, 30, "não escolheu no menu"),
        (["4", ""], GERAL, 30, "não escolheu no menu"),  # a wrong key in the opening counts
        (["", "1", "", ""], GERAL, 30, "não escolheu no menu"),
        (["", "2", "9"], GERAL, 30, "pediu atendente"),  # during the last words
        (["", "2", "5", "5"], GERAL, 30, "não escolheu no menu"),  # never a hang-up
        (["", "1", "*", "", ""], GERAL, 30, "não escolheu no menu"),
    ],
)
def test_where_keys_lead(keys: list[str], queue: str, priority: int, note: str) -> None:
    turns = walk(TREE, keys)
    assert len(turns) == len(keys) + 1
    assert turns[-1].then == JoinQueue(QueueName(queue), priority, note)


def test_a_key_in_the_opening_is_the_menus() -> None:
    turn = walk(TREE, ["1"])[-1]
    assert turn.position == Position("cidade", 0, 3, ("principal",))
    assert turn.facts == (
        (Kind.NODE_ENTERED, {"node": "principal"}),
        (Kind.KEY_PRESSED, {"node": "principal", "key": "1", "valid": True}),
        (Kind.NODE_ENTERED, {"node": "cidade"}),
    )


def test_the_second_try_may_say_something_else_and_starts_at_its_beginning() -> None:
    second = walk(TREE, ["", "7"])[-1]
    assert said(second) == ["De novo. Cidade, um. Notícias, dois."]
    assert second.facts == ((Kind.KEY_PRESSED, {"node": "principal", "key": "7", "valid": False}),)
    assert said(walk(TREE, ["", "1", ""])[-1]) == ["Buraco, um."]  # no text of its own


@pytest.mark.parametrize(
    ("keys", "node", "above"),
    [
        (["", "*"], "principal", ()),  # the first menu says itself again
        (["", "1", "*"], "principal", ()),
        (["", "1", "1", "*"], "cidade", ("principal",)),
        (["", "2", "*"], "principal", ()),
        (["", "#", ""], "principal", ()),  # a text that leads to a menu above it
        (["*"], "principal", ()),
    ],
)
def test_star_goes_back_one_level(keys: list[str], node: str, above: tuple[str, ...]) -> None:
    turn = walk(TREE, keys)[-1]
    assert (turn.position.node, turn.position.above) == (node, above)
    assert turn.position.tries == 0
    assert isinstance(turn.then, Listen)


def test_star_during_the_last_text_before_a_queue_without_a_menu_says_it_again() -> None:
    plan = plan_of(SayNode("oi", "Olá.", "fila"), QueueNode("fila", GERAL))
    assert said(walk(plan, ["*"])[-1]) == ["Olá."]
    assert isinstance(walk(plan, ["*", ""])[-1].then, JoinQueue)


def test_silence_after_the_last_words_ends_the_call_but_leaves_time_for_a_person() -> None:
    *_, words, end = walk(TREE, ["", "2", ""])
    assert words.then == Listen(7.0)
    assert end.then == End()
    assert entered(end) == ["fim"]


def test_a_line_without_a_menu_is_in_its_queue_at_once() -> None:
    plan = plan_of(QueueNode("risco", QueueName("e199_risco"), 100, "Defesa Civil"), line="199")
    turn = interpreter.enter(plan)
    assert turn.says == ()
    assert turn.then == JoinQueue(QueueName("e199_risco"), 100, "Defesa Civil")
    assert turn.facts == ((Kind.NODE_ENTERED, {"node": "risco"}),)


# --- a step that finds the call in its menu ---
def test_resume_says_the_node_again_and_forgets_nothing() -> None:
    here = walk(TREE, ["", "7"])[-1].position
    again = interpreter.resume(TREE, Position.from_text(here.to_text()))
    assert again.position == here
    assert said(again) == ["De novo. Cidade, um. Notícias, dois."]
    assert again.facts == ()
    assert isinstance(interpreter.heard(TREE, again.position, "").then, JoinQueue)


@pytest.mark.parametrize("text", ["", "gone:1:7:x", "principal", ":::", "a:b:c:d", "x" * 5000])
def test_a_place_of_an_older_plan_starts_again(text: str) -> None:
    position = Position.from_text(text)
    for turn in (
        interpreter.resume(TREE, position),
        interpreter.heard(TREE, position, "1"),
    ):
        assert turn.position.node == "abertura"
        assert turn.position.above == ()


def test_a_plan_whose_start_is_gone_leads_to_a_person() -> None:
    broken = LinePlan("156", "nada", {}, GERAL, 30)
    assert isinstance(interpreter.enter(broken).then, JoinQueue)
    assert isinstance(interpreter.resume(broken, Position("x")).then, JoinQueue)


def test_too_many_nodes_lead_to_a_person() -> None:
    turns = walk(TREE, ["", *"1*" * 500])
    assert len(turns) <= NODES_PER_CALL + 2
    assert turns[-1].then == JoinQueue(GERAL, 30, "menu longo demais")


def test_texts_that_lead_round_end_with_a_person_although_the_checker_refuses_them() -> None:
    plan = plan_of(SayNode("a", "A.", "b"), SayNode("b", "B.", "a"))
    assert isinstance(walk(plan, [""] * 500)[-1].then, JoinQueue)
    assert isinstance(walk(plan, ["1"] * 500)[-1].then, JoinQueue)


def test_a_deep_tree_remembers_only_so_many_levels() -> None:
    names = [f"m{n}" for n in range(20)]
    nodes = [
        MenuNode(name, "Mais fundo, um.", {"1": following})
        for name, following in zip(names, [*names[1:], "fila"], strict=True)
    ]
    plan = plan_of(*nodes, QueueNode("fila", GERAL))
    deep = walk(plan, ["1"] * 15)[-1].position
    assert deep.above == tuple(names[15 - MENU_LEVELS : 15])
    assert Position.from_text(deep.to_text()) == deep


@given(st.text())
def test_no_text_of_a_position_breaks_anything(text: str) -> None:
    assert isinstance(interpreter.resume(TREE, Position.from_text(text)), Turn)


# --- no trap ---
NAMES = [f"n{n}" for n in range(6)]
TARGETS = st.sampled_from([*NAMES, "nowhere"])
NODES = st.one_of(
    st.builds(lambda to: SayNode("", "Fala.", to), TARGETS),
    st.builds(
        lambda options: MenuNode("", "Menu.", options),
        st.dictionaries(st.sampled_from("012345678#"), TARGETS, max_size=4),
    ),
    st.just(QueueNode("", ZELADORIA, 40, "")),
    st.just(EndNode("")),
)


def renamed(node: Node, name: str) -> Node:
    match node:
        case SayNode():
            return SayNode(name, node.text, node.next)
        case MenuNode():
            return MenuNode(name, node.text, node.options)
        case QueueNode():
            return QueueNode(name, node.queue, node.priority)
        case EndNode():
            return EndNode(name)


PLANS = st.lists(NODES, min_size=len(NAMES), max_size=len(NAMES)).map(
    lambda nodes: plan_of(*(renamed(node, name) for node, name in zip(nodes, NAMES, strict=True)))
)


@given(PLANS, st.lists(st.sampled_from(["", *KEYS, "#", "A", "11"]), min_size=1, max_size=40))
def test_any_keys_end_in_a_queue_or_an_end_in_bounded_steps(
    plan: LinePlan, pressed: list[str]
) -> None:
    turn = interpreter.enter(plan)
    for step in range(2 * NODES_PER_CALL + 5):
        # Each turn may be told by another process, from the channel's text alone.
        position = Position.from_text(turn.position.to_text())
        if not isinstance(turn.then, Listen):
            return
        assert interpreter.resume(plan, position).says == turn.says
        assert not set(turn.says[0].keys) - set(KEYS + "#")
        turn = interpreter.heard(plan, position, pressed[step % len(pressed)])
    pytest.fail(f"still in the menu: {turn}")


@given(PLANS, st.lists(st.sampled_from(KEYS), max_size=12))
def test_nine_reaches_a_person_from_wherever_a_caller_is(
    plan: LinePlan, pressed: list[str]
) -> None:
    turn = walk(plan, pressed)[-1]
    if isinstance(turn.then, Listen):
        after = interpreter.heard(plan, turn.position, "9")
        assert isinstance(after.then, JoinQueue)


@given(PLANS, st.lists(st.sampled_from(["", *KEYS]), max_size=12))
def test_wrong_or_no_input_twice_is_a_person_never_an_end(
    plan: LinePlan, pressed: list[str]
) -> None:
    turn = walk(plan, pressed)[-1]
    node = plan.nodes.get(turn.position.node)
    if isinstance(turn.then, Listen) and isinstance(node, MenuNode) and turn.position.tries == 0:
        once = interpreter.heard(plan, turn.position, "")
        assert isinstance(once.then, Listen)
        assert isinstance(interpreter.heard(plan, once.position, "D").then, JoinQueue)


def test_every_text_is_listed_once_in_order() -> None:
    plan = LinePlan(
        "156",
        "a",
        {"a": SayNode("a", "Um.", "m"), "m": MenuNode("m", "Dois.", {"1": "a"}, "Um.")},
        GERAL,
        waiting=WaitingPlan(("Três.",), True, ("Quatro.",), 20.0, ("Cinco.", "Três.")),
        after=("Seis.",),
    )
    assert texts(plan) == ("Um.", "Dois.", "Três.", "Quatro.", "Cinco.", "Seis.")
