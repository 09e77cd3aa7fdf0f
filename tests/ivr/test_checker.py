"""What a plan must hold: each rule broken once, with the words its author reads."""

from __future__ import annotations

import pytest

from ivr.checker import Problem, check_paths, check_prompts
from ivr.menu import EndNode, LinePlan, MenuNode, Node, QueueNode, SayNode, WaitingPlan
from terms.names import QueueName

GERAL = QueueName("p156_geral")
QUEUES = {GERAL: "156", QueueName("e199_risco"): "199"}
FILA = QueueNode("fila", GERAL)


def plan_of(*nodes: Node, line: str = "156", waiting: WaitingPlan | None = None) -> LinePlan:
    named = {node.name: node for node in nodes}
    return LinePlan(line, nodes[0].name, named, GERAL, waiting=waiting or WaitingPlan())


def found(plan: LinePlan) -> list[tuple[tuple[str, ...], str]]:
    return [(problem.part, problem.message) for problem in check_paths(plan, QUEUES)]


def test_a_sound_plan_has_no_problems() -> None:
    menu = MenuNode("menu", "Cidade, tecle um. Atendente, nove.", {"1": "fila", "9": "fila"})
    assert found(plan_of(SayNode("oi", "Olá.", "menu"), menu, FILA)) == []


@pytest.mark.parametrize(
    ("nodes", "part", "message"),
    [
        (
            (SayNode("oi", "Olá.", "fla"), FILA),
            ("nodes", "oi", "next"),
            "a etapa 'fla' não existe; você quis dizer 'fila'?",
        ),
        (
            (MenuNode("m", "Cidade, um.", {"1": "zzz"}), FILA),
            ("nodes", "m", "options", "1"),
            "a etapa 'zzz' não existe",
        ),
        (
            (QueueNode("fila", QueueName("p156_gera")),),
            ("nodes", "fila", "queue"),
            "a fila 'p156_gera' não existe em queues.yaml; você quis dizer 'p156_geral'?",
        ),
        (
            (QueueNode("fila", QueueName("e199_risco")),),
            ("nodes", "fila", "queue"),
            "a fila 'e199_risco' é da linha 199; uma ligação da linha 156 não pode ir para "
            "outra linha",
        ),
        (
            (
                MenuNode(
                    "m",
                    "A, zero. A, um. A, dois. A, três. A, quatro. A, cinco. A, seis. A, oito.",
                    dict.fromkeys("01234568", "fila"),
                ),
                FILA,
            ),
            ("nodes", "m", "options"),
            "o menu 'm' tem 7 assuntos; o máximo é 6 (fora as teclas 8 e 9)",
        ),
        (
            (MenuNode("m", "Sair, nove.", {"9": "tchau"}), EndNode("tchau")),
            ("nodes", "m", "options", "9"),
            "a tecla 9 é sempre um atendente: ela só pode levar a uma fila",
        ),
        (
            (SayNode("a", "A.", "b"), SayNode("b", "B.", "c"), SayNode("c", "C.", "b")),
            ("nodes", "b", "next"),
            "estas etapas andam em círculo sem que ninguém aperte uma tecla: b → c → b",
        ),
        (
            (EndNode("fim"),),
            ("start",),
            "a linha não pode começar pelo fim: ninguém seria atendido",
        ),
    ],
)
def test_each_rule_of_the_paths(nodes: tuple[Node, ...], part: tuple[str], message: str) -> None:
    assert found(plan_of(*nodes)) == [(part, message)]


def test_queues_that_could_not_be_read_are_not_judged() -> None:
    assert check_paths(plan_of(QueueNode("fila", QueueName("any"))), None) == ()


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("1", "Rua e lixo, tecle um."),
        ("1", "Rua e lixo, um; outros, dois."),
        ("1", "Rua, 1."),
        ("3", "Saúde: tecle TRÊS!"),
        ("#", "Para terminar, aperte jogo da velha."),
        ("8", "For English or Spanish, press eight."),
    ],
)
def test_a_key_said_after_its_option(key: str, text: str) -> None:
    assert found(plan_of(MenuNode("m", text, {key: "fila"}), FILA)) == []


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("1", "Tecle um para rua e lixo."),
        ("1", "Tecle um. Rua e lixo."),
        ("1", "Rua e lixo, tecle dois."),
        ("1", "Para jejum."),
        ("1", "Rua e lixo."),
    ],
)
def test_a_key_said_before_its_option_or_not_at_all(key: str, text: str) -> None:
    message = (
        f"a tecla {key} não é dita depois da sua opção; termine uma frase com ela, por exemplo: "
        "'Nome do assunto, tecle um.'"
    )
    plan = plan_of(MenuNode("m", text, {key: "fila"}, again="De novo. Rua, um."), FILA)
    assert found(plan) == [(("nodes", "m", "text"), message)]


def test_an_emergency_line_starts_in_its_queue_and_keeps_the_protocol_to_itself() -> None:
    line = LinePlan(
        "199",
        "oi",
        {"oi": SayNode("oi", "Olá.", "fila"), "fila": QueueNode("fila", QueueName("e199_risco"))},
        QueueName("e199_risco"),
        waiting=WaitingPlan(speak_protocol=True, protocol_text=("Seu protocolo é",)),
    )
    assert [part for part, _ in found(line)] == [("start",), ("waiting", "protocol_text")]


# --- recordings ---
def test_recordings_that_are_missing_or_long() -> None:
    plan = plan_of(SayNode("oi", "Olá.", "fila"), FILA, waiting=WaitingPlan(repeat=("A.", "B.")))
    lengths = {"Olá.": 25.1, "A.": 25.0}
    assert check_prompts(plan, lengths.get) == (
        Problem(("nodes", "oi", "text"), "o texto dura 25,1 s; o máximo é 25 s"),
        Problem(("waiting", "repeat", "1"), "não há gravação para o texto 'B.'"),
    )


@pytest.mark.parametrize(("line", "problems"), [("199", 1), ("153", 1), ("156", 0)])
def test_an_emergency_greeting_is_short_in_all(line: str, problems: int) -> None:
    plan = plan_of(FILA, line=line, waiting=WaitingPlan(before=("Olá.", "Gravada.")))
    seen = check_prompts(plan, {"Olá.": 1.6, "Gravada.": 1.5}.get)
    assert len(seen) == problems
    assert not check_prompts(plan, {"Olá.": 1.5, "Gravada.": 1.5}.get)
    assert all(
        problem.message == f"a saudação da linha {line} dura 3,1 s; o máximo é 3 s"
        for problem in seen
    )
