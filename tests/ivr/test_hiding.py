"""Options whose services are not configured: key and sentence go, everything else stays."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from plan_parts import FILA, collect, look_up, menu, plan_of, queue, say, text, texts
from plan_strategies import AROUND, sound_plans

from ivr.checker import check_paths
from ivr.hiding import hide
from ivr.menu import DecideNode, LinePlan, LookUpNode, MenuNode, Node
from ivr.texts import Text, Texts

NONE, ALL = frozenset[str](), frozenset({"pedido"})
ASKS = collect("coleta", "numero", "consulta")
LOOKS_UP = look_up("consulta", "fila")
SAID = text(
    "Rua, tecle um. Protocolo, dois. Atendente, nove.",
    en="Street, one. Request, press two. Person, nine.",
)
OPTIONS = {"1": "fila", "2": "coleta", "9": "fila"}


def main_menu(said: Texts = SAID, again: Texts = (), to: str = "coleta") -> MenuNode:
    return MenuNode("m", said, {**OPTIONS, "2": to}, again)


def hidden(*nodes: Node, **others: object) -> tuple[LinePlan, list[tuple[str, str]]]:
    plan, told = hide(plan_of(*nodes, **others), NONE)
    assert all(problem.told_only for problem in told) == (plan != plan_of(*nodes, **others))
    return plan, [("/".join(problem.part), problem.message) for problem in told]


def written(texts: Texts, language: str = "pt") -> list[str]:
    return [one.plain(language) for one in texts]


def test_an_option_goes_with_its_sentence_in_every_language_and_when_it_is_said_again() -> None:
    again = text("Não ouvi. Protocolo, dois. Rua, um. Atendente, nove.")
    plan, told = hidden(main_menu(again=again), ASKS, LOOKS_UP, FILA)
    left = plan.nodes["m"]
    assert isinstance(left, MenuNode)
    assert left.options == {"1": "fila", "9": "fila"}
    assert written(left.text) == ["Rua, tecle um. Atendente, nove."]
    assert written(left.text, "en") == ["Street, one. Person, nine."]
    assert written(left.again) == ["Não ouvi. Rua, um. Atendente, nove."]
    assert set(plan.nodes) == {"m", "fila"}
    message = (
        "a opção da tecla 2 não é oferecida: o serviço 'pedido' não está configurado: "
        "m –2→ coleta → consulta"
    )
    assert told == [("nodes/m/options/2", message)]


def test_what_is_configured_is_offered() -> None:
    plan = plan_of(main_menu(), ASKS, LOOKS_UP, FILA)
    assert hide(plan, ALL) == (plan, ())


def test_a_code_and_a_key_of_the_waiting_go_as_well() -> None:
    waits = queue(options={"1": "coleta", "3": "x"}, text=text("Protocolo, um. Recado, três."))
    plan, told = hidden(waits, ASKS, LOOKS_UP, say("x", "fila"), codes={"*11": "coleta"})
    assert plan.codes == {}
    left = plan.nodes["fila"]
    assert written(left.text) == ["Recado, três."]  # type: ignore[attr-defined]
    assert [part for part, _ in told] == ["nodes/fila/options/1", "codes/*11"]
    assert told[1][1].startswith("o código *11 não é oferecido: o serviço 'pedido'")


@pytest.mark.parametrize(
    ("between", "gone"),
    [
        ((), True),
        ((say("coleta", "consulta"),), True),
        ((say("coleta", "y"), DecideNode("y", (), "consulta")), True),
        ((menu("coleta", {"1": "consulta"}),), True),
        ((menu("coleta", {"1": "consulta", "9": "fila"}),), False),
        ((menu("coleta", {"1": "consulta"}, gives_up="fila"),), False),
        ((menu("coleta", {"1": "consulta", "2": "fila"}),), False),
        ((replace(LOOKS_UP, name="coleta", service="outro", found="consulta"),), False),
    ],
)
def test_what_leads_to_a_service_and_nowhere_else(between: tuple[Node, ...], gone: bool) -> None:
    target = "coleta" if between else "consulta"
    plan, _ = hide(plan_of(main_menu(to=target), *between, LOOKS_UP, FILA), frozenset({"outro"}))
    left = plan.nodes["m"]
    assert isinstance(left, MenuNode)
    assert ("2" not in left.options) == gone


def test_a_look_up_that_is_reached_in_another_way_stays() -> None:
    start = LookUpNode("inicio", "pedido", {"numero": "telefone"}, "m", "m", "m")
    plan, _ = hidden(start, main_menu(), ASKS, LOOKS_UP, FILA)
    assert set(plan.nodes) == {"inicio", "m", "fila"}


def test_a_node_that_nobody_ever_got_to_is_left_for_the_checker() -> None:
    plan, _ = hidden(main_menu(), ASKS, LOOKS_UP, FILA, say("perdida", "fila"))
    assert set(plan.nodes) == {"m", "fila", "perdida"}


@pytest.mark.parametrize(
    ("said", "left"),
    [
        (
            texts("Rua, um.", "Protocolo, dois.", "Atendente, nove."),
            ["Rua, um.", "Atendente, nove."],
        ),
        (texts("Rua, um", "Protocolo, dois", "Atendente, nove"), ["Rua, um", "Atendente, nove"]),
        (
            texts("Rua, um. Protocolo,", "tecle dois. Atendente, nove."),
            ["Rua, um.", "Atendente, nove."],
        ),
        (
            text("Rua, um. Sobre {telefone}, dois. Para {entrada}, nove."),
            ["Rua, um. Para {entrada} nove."],
        ),
        (text("Rua, um; protocolo, dois; atendente, nove."), ["Rua, um; atendente, nove."]),
        (
            texts("Pedido {telefone}.", "Situação: {entrada}.", "Protocolo, dois.", "Outro, nove."),
            ["Pedido {telefone}", "Situação: {entrada}", "Outro, nove."],
        ),
        (
            text("Pedido de {telefone}. Protocolo, dois. Atendente, nove."),
            ["Pedido de {telefone} Atendente, nove."],
        ),
    ],
)
def test_sentences_over_several_texts_and_gaps(said: Texts, left: list[str]) -> None:
    plan, _ = hidden(main_menu(said), ASKS, LOOKS_UP, FILA)
    assert written(plan.nodes["m"].text) == left  # type: ignore[attr-defined]


def test_a_text_without_the_option_stays_as_it_is_written() -> None:
    kept = Text({"pt": ("Bom  dia.  Bem-vindo.",)})
    plan, _ = hidden(main_menu((kept, *SAID)), ASKS, LOOKS_UP, FILA)
    assert plan.nodes["m"].text[0] == kept  # type: ignore[attr-defined]


NOT_FOUND = (
    "a opção da tecla 2 devia ser escondida, e a frase que termina com essa tecla não foi "
    "encontrada"
)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (text("Rua, um. Tecle dois para protocolo. Atendente, nove."), f"{NOT_FOUND} em português"),
        (
            text("Rua, um. Protocolo, dois. Atendente, nove.", en="Street, one. Person, nine."),
            f"{NOT_FOUND} em inglês",
        ),
        ((), NOT_FOUND),
        (
            (*text("Rua, um. Atendente, nove."), *text("Protocolo, dois.", en="So. Request, two.")),
            "sem a opção escondida, um texto ficaria vazio numa língua e noutra não",
        ),
    ],
)
def test_a_sentence_that_cannot_be_taken_away_refuses_the_whole(said: Texts, message: str) -> None:
    plan = plan_of(main_menu(said), ASKS, LOOKS_UP, FILA)
    same, wrong = hide(plan, NONE)
    assert same is plan
    assert [(problem.part, problem.message, problem.told_only) for problem in wrong] == [
        (("nodes", "m", "text"), message, False)
    ]


def test_a_menu_that_keeps_its_nine_keeps_its_place() -> None:
    inner = menu("coleta", {"1": "consulta", "9": "fila"}, "Somar, um. Atendente, nove.")
    plan, _ = hidden(main_menu(), inner, LOOKS_UP, FILA)
    left = plan.nodes["coleta"]
    assert isinstance(left, MenuNode)
    assert left.options == {"9": "fila"}
    assert written(left.text) == ["Atendente, nove."]


@pytest.mark.parametrize("gives_up", ["", "fila"])
def test_a_menu_that_would_be_left_without_options_is_refused(gives_up: str) -> None:
    asks = menu("m", {"1": "consulta"}, "Olá. Protocolo, um.", gives_up=gives_up)
    plan = plan_of(say("oi", "m"), asks, LOOKS_UP, FILA)
    same, wrong = hide(plan, NONE)
    assert same is plan
    message = (
        "o menu 'm' ficaria sem opções: o serviço 'pedido' não está configurado; "
        "ponha outra opção nele"
    )
    assert [(problem.part, problem.message) for problem in wrong] == [
        (("nodes", "m", "options"), message)
    ]


@given(sound_plans())
def test_what_is_left_of_a_sound_plan_is_sound(plan: LinePlan) -> None:
    smaller, told = hide(plan, NONE)
    if smaller is plan:
        assert not any(problem.told_only for problem in told)
    else:
        assert check_paths(smaller, AROUND) == ()
