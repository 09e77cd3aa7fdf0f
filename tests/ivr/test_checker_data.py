"""Data are known where they are needed: each way on which they are not is named."""

from __future__ import annotations

import pytest
from plan_parts import FILA, FIM, collect, found, look_up, menu, plan_of, say, text

from ivr.menu import Case, Condition, DecideNode, LookUpNode, Node, WaitingPlan
from terms.limits import DATA_VALUES

SAYS_SUBJECT = say("resposta", "fila", "Seu pedido é sobre {assunto}.")
ASKS = collect("coleta", "numero", "consulta")
LOOKS_UP = look_up("consulta", "resposta")
ECHO = text("Você digitou {numero:digitos}. Se está certo, tecle um.")


def decide(*cases: tuple[str, tuple[str, ...], str], otherwise: str) -> DecideNode:
    """Cases about `numero`: what, values, where to."""
    return DecideNode(
        "decide",
        tuple(Case((Condition(what, values, "numero"),), to) for what, values, to in cases),
        otherwise,
    )


@pytest.mark.parametrize(
    "nodes",
    [
        (ASKS, LOOKS_UP, SAYS_SUBJECT, FILA),
        (collect("coleta", "numero", "consulta", echo=ECHO), LOOKS_UP, SAYS_SUBJECT, FILA),
        (say("oi", "fila", "Você liga de {telefone:telefone}, para {entrada}."), FILA),
        (
            collect("coleta", "numero", "decide"),
            decide(("dado_comeca_com", ("1",), "x"), otherwise="fila"),
            say("x", "fila", "Número {numero}."),
            FILA,
        ),
    ],
)
def test_known_by_whichever_way(nodes: tuple[Node, ...]) -> None:
    assert found(plan_of(*nodes)) == []


def test_a_gap_that_one_way_leaves_empty() -> None:
    nodes = (
        menu("principal", {"1": "coleta", "2": "atalho"}),
        ASKS,
        LOOKS_UP,
        say("atalho", "resposta"),
        SAYS_SUBJECT,
        FILA,
    )
    message = "o texto diz o dado 'assunto' sem ser conhecido: principal –2→ atalho → resposta"
    assert found(plan_of(*nodes)) == [("nodes/resposta/text", message)]


@pytest.mark.parametrize(
    ("nodes", "part", "message"),
    [
        (
            (ASKS, look_up("consulta", "fila", missing="resposta"), SAYS_SUBJECT, FILA),
            "nodes/resposta/text",
            "o texto diz o dado 'assunto' sem ser conhecido: "
            "coleta –certo→ consulta –nao_achou→ resposta",
        ),
        (
            (collect("coleta", "numero", "fila", failed="x"), say("x", "fila", "{numero}?"), FILA),
            "nodes/x/text",
            "o texto diz o dado 'numero' sem ser conhecido: coleta –desiste→ x",
        ),
        (
            (
                collect("coleta", "numero", "outra"),
                collect("outra", "numero", "fila", echo=ECHO, failed="x"),
                say("x", "fila", "{numero}?"),
                FILA,
            ),
            "nodes/x/text",
            "o texto diz o dado 'numero' sem ser conhecido: "
            "(número não confirmado) outra –desiste→ x",
        ),
        (
            (
                menu("m", {"1": "coleta", "2": "consulta"}),
                ASKS,
                look_up("consulta", "fila"),
                FILA,
            ),
            "nodes/consulta/given/numero",
            "a consulta usa o dado 'numero' sem ser conhecido: m –2→ consulta",
        ),
        (
            (collect("coleta", "numero", "x"), say("x", "fila", "Número {nunero}."), FILA),
            "nodes/x/text",
            "nenhuma etapa guarda o dado 'nunero'; você quis dizer 'numero'?",
        ),
        (
            (
                collect("coleta", "numero", "decide"),
                DecideNode(
                    "decide", (Case((Condition("dado_igual", ("1",), "xyz"),), "fila"),), "fila"
                ),
                FILA,
            ),
            "nodes/decide/cases/0/when/dado_igual",
            "nenhuma etapa guarda o dado 'xyz'",
        ),
    ],
)
def test_the_way_on_which_it_is_not_known(nodes: tuple[Node, ...], part: str, message: str) -> None:
    assert found(plan_of(*nodes)) == [(part, message)]


@pytest.mark.parametrize(
    ("node", "known"),
    [
        (decide(("dado_existe", ("sim",), "x"), otherwise="fila"), True),
        (decide(("dado_igual", ("1", "2"), "x"), otherwise="fila"), True),
        (decide(("dado_existe", ("nao",), "fila"), otherwise="x"), True),
        (decide(("dado_existe", ("nao",), "fila"), ("dia", ("sabado",), "x"), otherwise="x"), True),
        (decide(("dado_existe", ("nao",), "x"), otherwise="fila"), False),
        (decide(("dado_igual", ("",), "x"), otherwise="fila"), False),
        (decide(("dado_igual", ("1",), "fila"), otherwise="x"), False),
    ],
)
def test_a_decision_may_know_that_it_is_there(node: DecideNode, known: bool) -> None:
    nodes = (
        menu("m", {"1": "coleta", "2": "decide"}),
        collect("coleta", "numero", "decide"),
        node,
        say("x", "fila", "Número {numero}."),
        FILA,
    )
    problems = found(plan_of(*nodes))
    assert [part for part, _ in problems] == ([] if known else ["nodes/x/text"])
    assert known or "m –2→ decide" in problems[0][1]


def test_codes_and_the_time_after_the_talk_come_with_nothing() -> None:
    nodes = (ASKS, LOOKS_UP, SAYS_SUBJECT, FILA)
    told = found(plan_of(*nodes, codes={"*11": "resposta"}))
    message = "o texto diz o dado 'assunto' sem ser conhecido: (*11) resposta"
    assert told == [("nodes/resposta/text", message)]
    bye = say("tchau", "fim", "Pedido sobre {assunto}.")
    told = found(plan_of(*nodes, bye, FIM, after="tchau"))
    message = "o texto diz o dado 'assunto' sem ser conhecido: (depois da conversa) tchau"
    assert told == [("nodes/tchau/text", message)]


def test_what_is_said_at_any_point_knows_only_what_every_call_knows() -> None:
    nodes = (ASKS, LOOKS_UP, SAYS_SUBJECT, FILA)
    message = "este texto é dito em qualquer ponto da ligação, e o dado 'assunto' pode não ser "
    waiting = WaitingPlan(repeat=text("Sobre {assunto}."))
    told = found(plan_of(*nodes, waiting=waiting))
    assert told == [("waiting/repeat", f"{message}conhecido ainda")]
    waiting = WaitingPlan(repeat=text("Você liga de {telefone:telefone}."))
    assert found(plan_of(*nodes, waiting=waiting)) == []


def test_a_service_that_nobody_knows_may_answer_anything() -> None:
    node = LookUpNode("consulta", "outro", {"numero": "numero"}, "resposta", "fila", "fila")
    told = found(plan_of(ASKS, node, SAYS_SUBJECT, FILA))
    assert [part for part, _ in told] == ["nodes/consulta/service"]


@pytest.mark.parametrize(("count", "problems"), [(DATA_VALUES, 0), (DATA_VALUES + 1, 1)])
def test_a_call_carries_no_more_data_than_it_can(count: int, problems: int) -> None:
    asked = [collect(f"c{one}", f"v{one}", f"c{one + 1}") for one in range(count)]
    told = found(plan_of(*asked, say(f"c{count}", "fila"), FILA))
    assert len(told) == problems
    assert all("no máximo 20" in message for _, message in told)
