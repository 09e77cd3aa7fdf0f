"""What a plan must hold: names, ends, persons. Each rule broken once, with the words its author
reads, beside the nearest plan that holds it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from plan_parts import (
    AROUND,
    FILA,
    FIM,
    GERAL,
    RISCO,
    collect,
    found,
    look_up,
    menu,
    plan_of,
    queue,
    say,
    text,
)

from ivr.checker import Around
from ivr.menu import (
    Case,
    Condition,
    DecideNode,
    EndNode,
    HandOverNode,
    LinePlan,
    LookUpNode,
    MessageNode,
    Node,
    TransferNode,
)
from terms.names import PROOF_QUEUE, QueueName, Skill
from terms.needs import all_of

MENU = menu("menu", {"1": "fila", "9": "fila"})
NUMBER = (collect("n", "numero", "c"),)
MESSAGE = MessageNode("r", text("Fale."), "x")
CLOSED = Condition("horario", ("comercial",))


def decide(name: str, case: str, otherwise: str, what: Condition = CLOSED) -> DecideNode:
    return DecideNode(name, (Case((what,), case),), otherwise)


def transfer(name: str, following: str, failed: str, to: str = "disque_luz") -> TransferNode:
    return TransferNode(name, to, following, failed, text("Vou transferir."))


def test_a_sound_plan_has_no_problems() -> None:
    assert found(plan_of(say("oi", "menu"), MENU, FILA)) == []


# --- names ---
@pytest.mark.parametrize(
    ("broken", "part", "message"),
    [
        (
            plan_of(say("oi", "fla"), FILA, codes={"*11": "fila"}),
            "nodes/oi/next",
            "a etapa 'fla' não existe; você quis dizer 'fila'?",
        ),
        (
            plan_of(menu("m", {"1": "zzz", "2": "fila"}), FILA),
            "nodes/m/options/1",
            "a etapa 'zzz' não existe",
        ),
        (
            plan_of(FILA, after="filo"),
            "after",
            "a etapa 'filo' não existe; você quis dizer 'fila'?",
        ),
        (plan_of(FILA, short_start="zzz"), "short_start", "a etapa 'zzz' não existe"),
        (plan_of(MENU, FILA, codes={"*11": "zzz"}), "codes/*11", "a etapa 'zzz' não existe"),
        (
            plan_of(decide("d", "zzz", "fila"), FILA),
            "nodes/d/cases/0/next",
            "a etapa 'zzz' não existe",
        ),
        (
            plan_of(queue(to="p156_gera")),
            "nodes/fila/queue",
            "a fila 'p156_gera' não existe em queues.yaml; você quis dizer 'p156_geral'?",
        ),
        (
            plan_of(queue(to=RISCO)),
            "nodes/fila/queue",
            "a fila 'e199_risco' é da linha 199; uma ligação da linha 156 só vai para outra linha "
            "por uma etapa do tipo 'entrega'",
        ),
        (
            plan_of(replace(FILA, needs=all_of(Skill("p156_gerau")))),
            "nodes/fila/needs",
            "nenhuma fila tem a habilidade 'p156_gerau'; você quis dizer 'p156_geral'?",
        ),
        (
            plan_of(HandOverNode("chuva", "199", RISCO, needs=all_of(Skill("p156_geral")))),
            "nodes/chuva/needs",
            "'precisa' não vale numa chamada da linha 199: ali ninguém espera por uma habilidade a "
            "mais; use outra fila, com seus 'aneis'",
        ),
        (
            plan_of(HandOverNode("chuva", "199", GERAL)),
            "nodes/chuva/queue",
            "a fila 'p156_geral' é da linha 156, e a ligação é entregue à linha 199",
        ),
        (
            plan_of(HandOverNode("chuva", "156", GERAL)),
            "nodes/chuva/line",
            "'entrega' é para outra linha; dentro da linha 156 use o tipo 'fila'",
        ),
        (
            plan_of(FILA, short_when="comersial"),
            "short_when",
            "o horário 'comersial' não existe em calendar.yaml; você quis dizer 'comercial'?",
        ),
        (
            plan_of(decide("d", "fila", "fila", Condition("horario", ("noite",))), FILA),
            "nodes/d/cases/0/when/horario",
            "o horário 'noite' não existe em calendar.yaml",
        ),
        (
            plan_of(LookUpNode("c", "pedidos", {}, "fila", "fila", "fila"), FILA),
            "nodes/c/service",
            "o serviço 'pedidos' não existe em servicos.yaml; você quis dizer 'pedido'?",
        ),
        (
            plan_of(LookUpNode("c", "pedido", {}, "fila", "fila", "fila"), FILA),
            "nodes/c/given",
            "o serviço 'pedido' pergunta por 'numero'; falta em 'com'",
        ),
        (
            plan_of(
                collect("n", "x", "c"),
                LookUpNode("c", "pedido", {"numero": "x", "num": "x"}, "fila", "fila", "fila"),
                FILA,
            ),
            "nodes/c/given/num",
            "o serviço 'pedido' não pergunta por 'num'; você quis dizer 'numero'?",
        ),
        (
            plan_of(transfer("t", "fim", "fila", "disque_lus"), FILA, FIM),
            "nodes/t/destination",
            "o destino 'disque_lus' não existe em comum.yaml; você quis dizer 'disque_luz'?",
        ),
        (
            plan_of(queue(language="en")),
            "nodes/fila/language",
            "a linha não fala inglês: ponha 'en' em 'idiomas'",
        ),
        (
            plan_of(MENU, FILA, codes={"*1": "fila"}),
            "codes/*1",
            "'*1' não é um código direto: esperava-se * e dois dígitos, como *11",
        ),
        (
            plan_of(MENU, FILA, codes={"*00": "fila"}),
            "codes/*00",
            "o código *00 já existe: volta ao começo da linha",
        ),
    ],
)
def test_each_name_is_the_name_of_something(broken: LinePlan, part: str, message: str) -> None:
    assert found(broken) == [(part, message)]


@pytest.mark.parametrize(
    "nodes",
    [
        (HandOverNode("chuva", "199", RISCO),),
        (decide("d", "fila", "fila"), FILA),
        (collect("n", "numero", "c"), look_up("c", "fila"), FILA),
        (transfer("t", "fim", "fila"), FILA, FIM),
    ],
)
def test_names_that_are_right(nodes: tuple[Node, ...]) -> None:
    assert found(plan_of(*nodes, codes={"*11": nodes[0].name}, short_when="comercial")) == []


def test_a_hand_over_names_a_line_that_is_there() -> None:
    plan = plan_of(HandOverNode("chuva", "198", QueueName("x")))
    around = replace(AROUND, queues=None, all_lines={"156": plan, "199": plan_of(FILA, line="199")})
    message = "a linha '198' não existe; as linhas são 156, 199"
    assert found(plan, around) == [("nodes/chuva/line", message)]


def test_what_could_not_be_read_is_not_judged() -> None:
    nodes = (
        decide("d", "c", "t", Condition("horario", ("x",))),
        LookUpNode("c", "y", {"z": "z"}, "fila", "fila", "fila"),
        transfer("t", "fim", "fila", "w"),
        queue(to="any"),
        FIM,
    )
    assert found(plan_of(*nodes), Around()) == []


@pytest.mark.parametrize(
    ("closing", "message"),
    [
        (
            {GERAL: ""},
            "a fila 'p156_geral' fecha, e ninguém atende fora do horário: ponha 'fora_do_horario' "
            "na fila, em queues.yaml",
        ),
        (
            {GERAL: "a", "a": "b", "b": "a"},
            "fora do horário, as filas andam em círculo: p156_geral → a → b → a",
        ),
        ({GERAL: "a"}, None),
    ],
)
def test_the_queue_for_everybody_is_open(
    closing: dict[QueueName, QueueName], message: str | None
) -> None:
    around = replace(AROUND, closing=closing)
    told = found(plan_of(HandOverNode("chuva", "199", RISCO)), around)
    assert told == ([("person", message)] if message else [])


# --- ends ---
CIRCLE = "estas etapas andam em círculo sem que ninguém aperte uma tecla: "


@pytest.mark.parametrize(
    ("nodes", "part", "circle"),
    [
        ((say("a", "b"), say("b", "c"), say("c", "b")), "nodes/b/next", "b → c → b"),
        ((menu("m", {"1": "fila"}, gives_up="m"), FILA), "nodes/m/gives_up", "m –desiste→ m"),
        (
            (decide("d", "x", "fila"), say("x", "d"), FILA),
            "nodes/d/cases/0/next",
            "d –caso 1→ x → d",
        ),
        (
            (collect("n", "numero", "c"), look_up("c", "fila", failed="c"), FILA),
            "nodes/c/failed",
            "c –falhou→ c",
        ),
        (
            (MessageNode("r", text("Fale."), "x"), say("x", "r")),
            "nodes/r/next",
            "r → x → r",
        ),
        (
            (transfer("t", "fila", "x"), say("x", "t"), FILA),
            "nodes/t/failed",
            "t –nao_atendeu→ x → t",
        ),
        (
            (collect("n", "numero", "fila", failed="n"), FILA),
            "nodes/n/failed",
            "n –desiste→ n",
        ),
    ],
)
def test_a_circle_without_a_key(nodes: tuple[Node, ...], part: str, circle: str) -> None:
    assert (part, CIRCLE + circle) in found(plan_of(*nodes))


def test_a_circle_of_talks_that_nobody_asked_for() -> None:
    plan = plan_of(FILA, say("x", "fila"), after="x")
    assert found(plan) == [("nodes/fila", CIRCLE + "fila –depois da conversa→ x → fila")]
    back = menu("x", {"1": "fila"})
    again = "x –desiste, atendente, depois da conversa→ x"
    assert found(plan_of(FILA, back, after="x")) == [("nodes/x/gives_up", CIRCLE + again)]
    assert found(plan_of(FILA, replace(back, gives_up="fim"), FIM, after="x")) == []


@pytest.mark.parametrize(
    "nodes",
    [
        (say("a", "m"), menu("m", {"1": "a"})),
        (collect("n", "numero", "c"), look_up("c", "fila", missing="n"), FILA),
        (queue(options={"1": "x"}, text=text("Recado, um.")), say("x", "fila")),
    ],
)
def test_a_circle_with_a_key_is_none(nodes: tuple[Node, ...]) -> None:
    assert found(plan_of(*nodes)) == []


SENT_AWAY = " é desligado, em vez de ir para um atendente: "


@pytest.mark.parametrize(
    ("nodes", "part", "message"),
    [
        (
            (menu("m", {"1": "fila"}, gives_up="x"), say("x", "fim"), FILA, FIM),
            "nodes/m/gives_up",
            f"quem não responde{SENT_AWAY}m –desiste→ x → fim",
        ),
        (
            (collect("n", "numero", "fila", failed="x"), say("x", "fim"), FILA, FIM),
            "nodes/n/failed",
            f"quem não responde{SENT_AWAY}n –desiste→ x → fim",
        ),
        (
            (*NUMBER, look_up("c", "fila", failed="x"), say("x", "fim"), FILA, FIM),
            "nodes/c/failed",
            f"quem a consulta não pôde servir{SENT_AWAY}n –certo→ c –falhou→ x → fim",
        ),
        (
            (menu("m", {"1": "t"}), transfer("t", "fila", "x"), say("x", "fim"), FILA, FIM),
            "nodes/t/failed",
            f"quem não foi atendido na transferência{SENT_AWAY}m –1→ t –nao_atendeu→ x → fim",
        ),
        (
            (say("a", "fim"), FIM),
            "start",
            "quem não aperta nenhuma tecla é desligado: a → fim",
        ),
        ((FIM,), "start", "a linha não pode começar pelo fim: ninguém seria atendido"),
    ],
)
def test_nobody_is_sent_away(nodes: tuple[Node, ...], part: str, message: str) -> None:
    assert found(plan_of(*nodes)) == [(part, message)]


@pytest.mark.parametrize(
    "nodes",
    [
        (menu("m", {"1": "x"}), say("x", "fim"), FIM),
        (menu("m", {"1": "fila"}, gives_up="r"), MESSAGE, say("x", "fim"), FILA, FIM),
        (transfer("t", "x", "fila"), say("x", "fim"), FILA, FIM),
    ],
)
def test_whoever_chose_or_was_served_may_be_let_go(nodes: tuple[Node, ...]) -> None:
    assert found(plan_of(*nodes)) == []


def test_the_short_menu_is_a_start_as_well() -> None:
    plan = plan_of(FILA, say("a", "fim"), FIM, short_start="a")
    message = "quem não aperta nenhuma tecla é desligado: (menu resumido) a → fim"
    assert found(plan) == [("short_start", message)]


def test_a_node_that_nobody_gets_to() -> None:
    lost = say("x", "fila")
    assert found(plan_of(FILA, lost)) == [
        ("nodes/x", "nenhuma ligação chega à etapa 'x': nada leva a ela")
    ]
    for entry in ({"after": "fim"}, {"short_start": "x"}, {"codes": {"*11": "x"}}):
        nodes = (FIM,) if "after" in entry else (lost,)
        assert found(plan_of(FILA, *nodes, **entry)) == []


# --- persons ---
NINE = (
    "a tecla 9 é sempre um atendente: ela só pode levar a uma fila (depois de avisos e decisões, "
    "se for preciso): "
)


@pytest.mark.parametrize(
    ("nodes", "way"),
    [
        ((menu("m", {"9": "fim"}), FIM), "m –9→ fim"),
        ((menu("m", {"9": "x"}), say("x", "y"), menu("y", {"1": "fila"}), FILA), "m –9→ x → y"),
        (
            (menu("m", {"9": "d"}), decide("d", "fila", "n"), collect("n", "x", "fila"), FILA),
            "m –9→ d –senao→ n",
        ),
    ],
)
def test_nine_leads_to_a_person_only(nodes: tuple[Node, ...], way: str) -> None:
    assert found(plan_of(*nodes)) == [("nodes/m/options/9", NINE + way)]


@pytest.mark.parametrize(
    "nodes",
    [
        (menu("m", {"9": "fila"}), FILA),
        (menu("m", {"9": "d"}), decide("d", "x", "fila"), say("x", "fila"), FILA),
        (menu("m", {"9": "h"}), HandOverNode("h", "199", RISCO)),
    ],
)
def test_nine_may_say_and_decide_before(nodes: tuple[Node, ...]) -> None:
    assert found(plan_of(*nodes)) == []


FAR = "daqui a ligação termina sem que se possa chamar um atendente com até 2 teclas: "


@pytest.mark.parametrize(
    ("nodes", "part", "way"),
    [
        (
            (menu("m", {"1": "d"}), decide("d", "fim", "fila"), FILA, FIM),
            "nodes/d/cases/0/next",
            "m –1→ d –caso 1→ fim",
        ),
        (
            (collect("n", "numero", "c"), look_up("c", "fim"), FILA, FIM),
            "nodes/c/found",
            "n –certo→ c –achou→ fim",
        ),
        (
            (menu("m", {"1": "r"}), MessageNode("r", text("Fale."), "fim"), FIM),
            "nodes/r/next",
            "m –1→ r → fim",
        ),
    ],
)
def test_a_person_is_two_keys_away(nodes: tuple[Node, ...], part: str, way: str) -> None:
    assert found(plan_of(*nodes)) == [(part, f"{FAR}{way}; ponha um aviso antes do fim")]


def test_a_text_before_the_end_leaves_time_for_nine() -> None:
    last = (say("x", "fim", barge_in=False), EndNode("fim"))
    nodes = (collect("n", "numero", "c"), look_up("c", "x"), *last, FILA)
    assert found(plan_of(*nodes)) == []


def test_other_lines_are_held_to_their_own_rules() -> None:
    nodes = (queue(to=RISCO, options={"1": "d"}, text=text("Recado, um.")), decide("d", "fim", "x"))
    assert found(plan_of(*nodes, say("x", "fila"), FIM, line="199")) == []


def test_nobody_is_led_to_the_queue_of_the_proof_call() -> None:
    around = replace(AROUND, queues={**(AROUND.queues or {}), PROOF_QUEUE: "156"})
    told = found(plan_of(queue(to=PROOF_QUEUE)), around)
    assert [part for part, _ in told] == ["nodes/fila/queue"]
    assert "é só da ligação com que a central prova a si mesma" in told[0][1]
