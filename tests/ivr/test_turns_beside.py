"""What a turn says while waiting, to another line, after the talk; announcements, relay."""

from __future__ import annotations

from dataclasses import replace

import pytest
from talk import AT, GERAL, Talk, plan_of, words
from test_interpreter import TREE, TYPING, queue_of

from ivr import interpreter
from ivr.announcements import Notice
from ivr.interpreter import Listen, Position
from ivr.known import Known
from ivr.menu import (
    Defaults,
    EndNode,
    HandOverNode,
    MessageNode,
    Question,
    QueueNode,
    SurveyNode,
    TransferNode,
    WaitingPlan,
)
from ivr.texts import Filled, text_of
from ivr.turn import End, JoinQueue, TakeMessage, Transfer
from terms.facts import Kind
from terms.limits import RELAY_LISTEN
from terms.names import QueueName

# --- waiting, other lines, messages, outside ---
RISK = plan_of(
    QueueNode(
        "risco", QueueName("e199_risco"), 100, "Risco", words("Árvore, um."), {"1": "arvore"}
    ),
    QueueNode("arvore", QueueName("e199_arvore"), 95, "Árvore"),
    line="199",
)


def test_a_line_without_a_menu_is_in_its_queue_at_once_and_keys_lead_on_from_there() -> None:
    talk = Talk(RISK)
    then = talk.turn.then
    assert isinstance(then, JoinQueue)
    assert (then.queue, then.line, then.keys) == ("e199_risco", "199", "1")
    assert [say.plain for say in then.says] == ["Árvore, um."]
    position = talk.turn.position
    assert interpreter.keys_while_waiting(RISK, position, then.queue) == "1"
    assert interpreter.keys_while_waiting(RISK, position, GERAL) == ""
    talk.types("7")  # changes nothing, and says nothing again
    assert talk.turn.then == replace(then, says=())
    assert queue_of(talk.types("1"))[0] == "e199_arvore"


def test_a_hand_over_names_the_other_line_and_is_remembered() -> None:
    over = HandOverNode(
        "para_199", "199", QueueName("e199_risco"), 100, "Do 156", words("Vou passar.")
    )
    talk = Talk(plan_of(over))
    assert talk.says == ["Vou passar."]
    assert talk.turn.then == JoinQueue(QueueName("e199_risco"), 100, "Do 156", "199")
    assert talk.facts(Kind.HANDED_OVER) == [
        {"from_line": "156", "to_line": "199", "queue": "e199_risco", "priority": 100}
    ]


def test_a_message_and_a_number_outside() -> None:
    plan = plan_of(
        MessageNode("recado", words("Depois do sinal."), "fora", 60.0),
        TransferNode("fora", "ilume", "fim", "fila"),
        EndNode("fim", words("Tchau.")),
        QueueNode("fila", GERAL),
    )
    talk = Talk(plan)
    assert talk.turn.then == TakeMessage(60.0)
    known, position = talk.known, talk.turn.position
    outside = interpreter.message_left(plan, known, position)
    assert outside.then == Transfer("ilume")
    reached = interpreter.transferred(plan, known, outside.position, True)
    assert (reached.then, reached.says[0].plain) == (End(), "Tchau.")
    missed = interpreter.transferred(plan, known, outside.position, False)
    assert isinstance(missed.then, JoinQueue)
    for late in (interpreter.message_left, interpreter.resume):
        assert late(plan, known, Position("fim")).then == End()


# --- the survey ---
SURVEY = plan_of(
    QueueNode("fila", GERAL),
    SurveyNode(
        "pesquisa",
        (Question("clareza", words("Foi claro?")), Question("nota", words("Que nota?"))),
        "obrigado",
        words("Responda de um a cinco."),
    ),
    EndNode("obrigado", words("Obrigado.")),
    defaults=Defaults(protocol_key="7"),
    waiting=WaitingPlan(protocol_text=words("Seu protocolo é")),
    after="pesquisa",
)


@pytest.mark.parametrize(
    ("keys", "marks"),
    [
        (["5", "1"], ["5", "1"]),
        (["", "", "3"], ["", "3"]),
        (["8", "6", "", "2"], ["", "2"]),
        (["", "4", "", "#"], ["4", ""]),
    ],
)
def test_marks_are_kept_and_unanswered_questions_are_kept_apart(
    keys: list[str], marks: list[str]
) -> None:
    talk = Talk(SURVEY, Known(AT, talked=True), at="pesquisa")
    assert (talk.says, talk.turn.then) == (["Responda de um a cinco."], Listen(0.0))
    talk.types("4")  # before any question was heard: no mark
    assert talk.says == ["Foi claro?"]
    talk.types(*keys)
    assert [fact["mark"] for fact in talk.facts(Kind.SURVEY_ANSWERED)] == marks
    assert (talk.turn.then, talk.says) == (End(), ["Obrigado."])


def test_in_the_survey_the_protocol_can_be_heard_again_and_a_person_asked_for() -> None:
    talk = Talk(SURVEY, Known(AT, protocol="123456784", talked=True), at="pesquisa")
    talk.types("7")
    assert talk.turn.says[1].parts == (Filled("123456784", "protocolo"),)
    assert [say.plain for say in talk.turn.says[::2]] == ["Seu protocolo é", "Foi claro?"]
    assert queue_of(talk.types("9")) == (GERAL, 30, "pediu atendente")


# --- announcements, the short menu, relay ---
def test_an_announcement_is_said_before_its_node_once_a_call() -> None:
    notices = {"principal": (Notice("chuva", text_of("Chove.")),)}
    talk = Talk(TREE, Known(AT, notices=notices)).types("")
    assert talk.says == ["Chove.", "Cidade, um. Notícias, dois."]
    assert talk.types("1", "*").says == ["Cidade, um. Notícias, dois."]
    while_waiting = {"risco": (Notice("chuva", text_of("Já sabemos.")),)}
    then = Talk(RISK, Known(AT, notices=while_waiting)).turn.then
    assert isinstance(then, JoinQueue)
    assert [say.plain for say in then.says] == ["Já sabemos.", "Árvore, um."]


def test_the_short_menu_is_another_start() -> None:
    plan = replace(TREE, short_start="cidade")
    assert Talk(plan, Known(AT, short=True)).node == "cidade"
    assert Talk(plan, Known(AT)).node == "abertura"
    assert Talk(TREE, Known(AT, short=True)).node == "abertura"  # a line that has none
    always = replace(plan, short_when="sempre")
    assert Talk(always, Known(AT)).node == "cidade"  # hours that nobody knows are open


def test_an_interpreter_for_a_deaf_citizen_is_not_hurried() -> None:
    relay = Known(AT, relay=True)
    assert Talk(TREE, relay).types("").turn.then == Listen(RELAY_LISTEN)
    assert isinstance(Talk(TREE, relay).types("", "", "", "").turn.then, Listen)
    assert Talk(TYPING, relay).types("1").turn.then == Listen(RELAY_LISTEN, RELAY_LISTEN, 6, "#")
    assert isinstance(Talk(TREE, relay).types(*[""] * 30).turn.then, JoinQueue)
