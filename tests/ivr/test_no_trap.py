"""Whatever plan, whatever a caller and the services do: the interpreter never raises, never goes
round for ever, and always comes to an end or to a person."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_strategies import plans
from talk import AT

from ivr import interpreter
from ivr.announcements import Notice
from ivr.interpreter import Answer, Listen, Position, Turn
from ivr.known import Known
from ivr.menu import LinePlan
from ivr.texts import text_of
from ivr.turn import End, JoinQueue, LookUp, TakeMessage, Transfer
from terms.facts import Kind
from terms.limits import DATA_CHARACTERS, DATA_VALUES, NODES_PER_CALL

TYPED = st.sampled_from(
    ["", *"0123456789*#", "1234#", "52998224725", "*11", "*00", "A", "9#", "12*"]
)
HOWS = st.sampled_from(["achou", "nao_achou", "falhou"])
VALUES = st.dictionaries(st.sampled_from("abcdefg"), st.text(max_size=200), max_size=3)
STEPS = 4 * NODES_PER_CALL
"""More than any caller can make: each text, echo and question may be asked a few times."""

CALLERS = st.builds(
    Known,
    at=st.sampled_from([AT, AT + 12 * 3600, AT + 4 * 86_400]),
    entry=st.sampled_from(["156", "08000110156"]),
    caller=st.sampled_from(["anonymous", "+5511987654321", "153", "xyz"]),
    notices=st.just({"n0": (Notice("chuva", text_of("Chove.")),)}),
    short=st.booleans(),
    relay=st.just(False),
    talked=st.booleans(),
)


def answered(plan: LinePlan, known: Known, turn: Turn, draw: st.DataObject) -> Turn:
    """What the world does about one turn."""
    position = Position.from_text(turn.position.to_text())
    match turn.then:
        case LookUp():
            if draw.draw(st.booleans(), "a key cuts the words"):
                key = draw.draw(st.sampled_from("9*5"))
                return interpreter.heard(plan, known, position, key)
            answer = Answer(draw.draw(HOWS), draw.draw(VALUES))
            return interpreter.looked_up(plan, known, position, answer)
        case TakeMessage():
            return interpreter.message_left(plan, known, position)
        case Transfer():
            return interpreter.transferred(plan, known, position, draw.draw(st.booleans()))
        case _:
            return interpreter.heard(plan, known, position, draw.draw(TYPED))


@given(plans(), CALLERS, st.data())
def test_every_call_comes_to_an_end_or_to_a_person(
    plan: LinePlan, known: Known, data: st.DataObject
) -> None:
    turn = interpreter.enter(plan, known)
    pressed = 0
    while not isinstance(turn.then, JoinQueue | End):
        again = interpreter.resume(plan, replace(known, data=turn.data), turn.position)
        assert (again.position.node, again.facts) == (turn.position.node, ())
        assert len(turn.data) <= DATA_VALUES
        assert all(len(value) <= DATA_CHARACTERS for value in turn.data.values())
        turn = answered(plan, replace(known, data=turn.data), turn, data)
        pressed += 1
        if pressed > 25:  # … and then the caller falls silent
            break
    for _ in range(STEPS):
        if isinstance(turn.then, JoinQueue | End):
            return
        known = replace(known, data=turn.data)
        if isinstance(turn.then, Listen):
            turn = interpreter.heard(plan, known, turn.position, "")
        elif isinstance(turn.then, LookUp):
            turn = interpreter.looked_up(plan, known, turn.position, Answer("falhou"))
        elif isinstance(turn.then, TakeMessage):
            turn = interpreter.message_left(plan, known, turn.position)
        else:
            turn = interpreter.transferred(plan, known, turn.position, False)
    pytest.fail(f"still in the menu: {turn}")


@given(plans(), CALLERS, st.lists(TYPED, max_size=8))
def test_nine_is_a_person_wherever_keys_are_heard(
    plan: LinePlan, known: Known, keys: list[str]
) -> None:
    turn = interpreter.enter(plan, known)
    for key in keys:
        if not isinstance(turn.then, Listen):
            return
        turn = interpreter.heard(plan, replace(known, data=turn.data), turn.position, key)
    if isinstance(turn.then, Listen):
        after = interpreter.heard(plan, replace(known, data=turn.data), turn.position, "9")
        options = getattr(plan.nodes[turn.position.node], "options", {})
        assert isinstance(after.then, JoinQueue) or "9" in options or after.took


@given(plans(), CALLERS, st.lists(TYPED, max_size=20))
def test_no_typed_number_stands_in_a_fact_that_is_not_masked(
    plan: LinePlan, known: Known, keys: list[str]
) -> None:
    turn = interpreter.enter(plan, known)
    for key in keys:
        if not isinstance(turn.then, Listen):
            return
        turn = interpreter.heard(plan, replace(known, data=turn.data), turn.position, key)
        for kind, details in turn.facts:
            if kind is not Kind.DATA_TYPED:
                assert "52998224725" not in map(str, details.values())
