"""Keys in, turns out: every way through a plan, and that no way is a trap."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from talk import AT, GERAL, Talk, all_took, plan_of, words

from ivr import interpreter
from ivr.interpreter import Listen, Position
from ivr.known import Known
from ivr.menu import (
    Case,
    CollectNode,
    Condition,
    DecideNode,
    Defaults,
    EndNode,
    LinePlan,
    LookUpNode,
    MenuNode,
    QueueNode,
    SayNode,
)
from ivr.texts import Filled, Text
from ivr.turn import End, JoinQueue, LookUp, Say
from terms.facts import Kind
from terms.limits import (
    BETWEEN_CODE_DIGITS,
    MENU_LEVELS,
    NODES_PER_CALL,
    TYPING_TRIES,
)
from terms.names import QueueName

ZELADORIA = QueueName("p156_zeladoria")

TREE = plan_of(
    SayNode("abertura", words("Abertura."), "principal"),
    MenuNode(
        "principal",
        words("Cidade, um. Notícias, dois."),
        {"1": "cidade", "2": "noticia", "#": "idiomas"},
        words("De novo. Cidade, um. Notícias, dois."),
    ),
    MenuNode("cidade", words("Buraco, um."), {"1": "antes_da_fila", "9": "fila_cidade"}),
    SayNode("antes_da_fila", words("Somaremos o seu pedido."), "fila_cidade"),
    QueueNode("fila_cidade", ZELADORIA, 40, "Cidade"),
    SayNode("noticia", words("Notícia do dia."), "fim"),
    EndNode("fim"),
    SayNode("idiomas", words("English."), "principal"),
    defaults=Defaults(wrong=words("Tecla errada."), silent=words("Não ouvi nada.")),
    codes={"*11": "cidade"},
)


def queue_of(talk: Talk) -> tuple[str, int, str]:
    then = talk.turn.then
    assert isinstance(then, JoinQueue), talk.turn
    return then.queue, then.priority, then.note


def test_the_opening_is_a_turn_of_its_own_then_the_menu_listens() -> None:
    talk = Talk(TREE)
    assert talk.says == ["Abertura."]
    assert talk.turn.then == Listen(0.0)
    talk.types("")
    assert talk.turn.says == (Say(("Cidade, um. Notícias, dois.",), "pt", "0123456789*#"),)
    assert talk.turn.then == Listen(7.0)
    assert talk.entered == ["abertura", "principal"]


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
        (["", "*11", "1", ""], ZELADORIA, 40, "Cidade"),  # a direct code
        (["*11", "9"], ZELADORIA, 40, "Cidade"),
        (["", "*77", "*78"], GERAL, 30, "não escolheu no menu"),  # codes that nobody knows
    ],
)
def test_where_keys_lead(keys: list[str], queue: str, priority: int, note: str) -> None:
    assert queue_of(Talk(TREE).types(*keys)) == (queue, priority, note)


def test_a_key_in_the_opening_is_the_menus() -> None:
    talk = Talk(TREE).types("1")
    assert talk.turn.position == Position("cidade", 0, 3, ("principal",))
    assert talk.entered == ["abertura", "principal", "cidade"]
    assert all_took(talk.turns) == [("abertura", "segue"), ("principal", "1")]


def test_the_second_try_says_why_and_starts_at_its_beginning() -> None:
    again = "De novo. Cidade, um. Notícias, dois."
    assert Talk(TREE).types("", "7").says == ["Tecla errada.", again]
    assert Talk(TREE).types("", "").says == ["Não ouvi nada.", again]
    assert Talk(TREE).types("", "1", "").says == ["Não ouvi nada.", "Buraco, um."]


@pytest.mark.parametrize(
    ("keys", "node", "above"),
    [
        (["", "*"], "principal", ()),  # the first menu says itself again
        (["", "1", "*"], "principal", ()),
        (["", "1", "1", "*"], "cidade", ("principal",)),
        (["", "2", "*"], "principal", ()),
        (["", "#", ""], "principal", ()),  # a text that leads to a menu above it
        (["*"], "principal", ()),
        (["", "1", "*00"], "abertura", ()),  # the code that every line has
    ],
)
def test_star_goes_back_one_level(keys: list[str], node: str, above: tuple[str, ...]) -> None:
    talk = Talk(TREE).types(*keys)
    assert (talk.node, talk.turn.position.above) == (node, above)
    assert talk.turn.position.tries == 0
    assert isinstance(talk.turn.then, Listen)


def test_star_during_the_last_text_before_a_queue_without_a_menu_says_it_again() -> None:
    plan = plan_of(SayNode("oi", words("Olá."), "fila"), QueueNode("fila", GERAL))
    assert Talk(plan).types("*").says == ["Olá."]
    assert isinstance(Talk(plan).types("*", "").turn.then, JoinQueue)


def test_silence_after_the_last_words_ends_the_call_but_leaves_time_for_a_person() -> None:
    talk = Talk(TREE).types("", "2")
    assert talk.turn.then == Listen(7.0)
    assert talk.types("").turn.then == End()
    assert Talk(TREE, Known(AT, talked=True), at="noticia").turn.then == Listen(0.0)


def test_a_node_may_forbid_interruptions_and_wait_longer() -> None:
    menu = MenuNode("m", words("Um."), {"1": "m"}, tries=1, key_seconds=12.0, barge_in=False)
    talk = Talk(plan_of(menu))
    assert talk.turn.says == (Say(("Um.",), "pt", ""),)
    assert talk.turn.then == Listen(12.0)
    assert queue_of(talk.types("")) == (GERAL, 30, "não escolheu no menu")


def test_whoever_gives_up_goes_where_the_node_says() -> None:
    fila = QueueNode("fila", ZELADORIA, 70)
    talk = Talk(plan_of(MenuNode("m", words("Um."), {"1": "m"}, gives_up="fila"), fila))
    assert queue_of(talk.types("", ""))[0] == ZELADORIA
    assert all_took(talk.turns) == [("m", "desiste"), ("fila", "entra")]


# --- digits ---
CODE = CollectNode(
    "codigo",
    words("Digite o código."),
    "codigo",
    "fila",
    least=4,
    most=6,
    echo=words("Você digitou {codigo:digitos}. Certo, um."),
    failed="ajuda",
)
TYPING = plan_of(
    MenuNode("menu", words("Código, um."), {"1": "codigo"}),
    CODE,
    QueueNode("fila", ZELADORIA, 40),
    QueueNode("ajuda", GERAL, 60),
    defaults=Defaults(mistyped=words("Número errado."), silent=words("Nada.")),
)


def test_digits_are_echoed_and_confirmed_before_they_are_used() -> None:
    talk = Talk(TYPING).types("1")
    assert talk.turn.then == Listen(7.0, 3.0, 6, "#")
    talk.types("1234#")
    assert talk.turn.says[0].parts == ("Você digitou", Filled("1234", "digitos"), "Certo, um.")
    assert "#" not in talk.turn.says[0].keys
    assert talk.facts(Kind.DATA_TYPED) == []
    talk.types("#")  # typed although the number was complete
    assert talk.says == []
    talk.types("1")
    assert queue_of(talk)[0] == ZELADORIA
    assert talk.turn.data == {"codigo": "1234"}
    typed = {"node": "codigo", "variable": "codigo", "value": "1234"}
    assert talk.facts(Kind.DATA_TYPED) == [typed]
    assert talk.facts(Kind.KEY_PRESSED)[1:] == [{"node": "codigo", "key": "1", "valid": True}]


def test_the_end_of_a_number_that_was_wrong_already_is_no_failure_of_its_own() -> None:
    ask = CollectNode("n", words("Digite."), "n", "fila", "protocolo")
    talk = Talk(plan_of(ask, QueueNode("fila", ZELADORIA))).types("000000001", "#")
    assert talk.turn.position.tries == 1
    assert (talk.says, talk.turn.then) == ([], Listen(7.0, 3.0, 9, "#"))
    assert "#" not in talk.turns[1].says[0].keys
    assert queue_of(talk.types("000000000"))[0] == ZELADORIA


def test_a_number_that_is_not_confirmed_is_forgotten_and_asked_again() -> None:
    talk = Talk(TYPING).types("1", "1234#", "2")
    assert talk.says == ["Digite o código."]
    assert talk.turn.data == {}


@pytest.mark.parametrize(
    "keys",
    [
        ["12#", "", "1234567"],  # too short, nothing, too long
        ["", "", ""],
        ["1234#", "2", "1234#", "2", ""],
        ["1234#", "7", "7", "7"],
    ],
)
def test_three_failures_lead_out(keys: list[str]) -> None:
    talk = Talk(TYPING).types("1", *keys)
    assert queue_of(talk) == (GERAL, 60, "")
    assert all_took(talk.turns)[-2:] == [("codigo", "desiste"), ("ajuda", "entra")]
    assert len(keys) >= TYPING_TRIES


def test_while_digits_are_asked_a_nine_alone_is_a_person_and_star_goes_back() -> None:
    for keys in (["9"], ["9#"], ["1234", "9"]):
        assert queue_of(Talk(TYPING).types("1", *keys))[:2] == (GERAL, 60)
    ask = CollectNode("codigo", words("Digite."), "codigo", "codigo")  # with nothing of its own
    assert queue_of(Talk(plan_of(ask)).types("9")) == (GERAL, 30, "pediu atendente")
    assert Talk(TYPING).types("1", "*").node == "menu"
    assert Talk(TYPING).types("1", "12*").node == "menu"


def test_typed_digits_stand_in_no_other_fact() -> None:
    talk = Talk(TYPING).types("1", "987654", "2", "98#")
    told = [details for turn in talk.turns for _, details in turn.facts]
    assert not any("98" in str(value) for details in told for value in details.values())


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        ("cpf", "52998224725", "52998224724"),
        ("cpf", "52998224725", "11111111111"),
        ("cnpj", "11222333000181", "11222333000180"),
        ("protocolo", "000000000", "000000001"),
    ],
)
def test_check_digits_are_verified(kind: str, right: str, wrong: str) -> None:
    ask = CollectNode("n", words("Digite."), "n", "fila", kind)
    plan = plan_of(ask, QueueNode("fila", ZELADORIA))
    assert queue_of(Talk(plan).types(right))[0] == ZELADORIA
    assert isinstance(Talk(plan).types(wrong).turn.then, Listen)


@pytest.mark.parametrize(
    ("listen", "typed", "more"),
    [
        (Listen(7.0), "1", None),
        (Listen(7.0), "*", BETWEEN_CODE_DIGITS),
        (Listen(7.0), "*1", BETWEEN_CODE_DIGITS),
        (Listen(7.0), "*11", None),
        (Listen(7.0, codes=False), "*", None),
        (Listen(7.0, 3.0, 6, "#"), "1", 3.0),
        (Listen(7.0, 3.0, 6, "#"), "123456", None),
        (Listen(7.0, 3.0, 6, "#"), "12#", None),
        (Listen(7.0, 3.0, 6, "#"), "12*", None),
        (Listen(7.0, 3.0, 6, "#"), "*", BETWEEN_CODE_DIGITS),
    ],
)
def test_how_long_one_more_key_is_waited_for(
    listen: Listen, typed: str, more: float | None
) -> None:
    assert interpreter.goes_on(listen, typed) == more


# --- services, decisions, languages ---
LOOKING = plan_of(
    LookUpNode("ver", "pedido", {"numero": "pedido", "de": "telefone"}, "diz", "nada", "pane"),
    SayNode("diz", words("Pedido sobre {assunto}, de {quando:data}."), "fim"),
    EndNode("fim"),
    QueueNode("nada", ZELADORIA),
    QueueNode("pane", GERAL),
)


def test_a_service_is_asked_and_its_answer_is_spoken() -> None:
    talk = Talk(LOOKING, Known(AT, caller="+5511987654321", data={"pedido": "77"}))
    assert talk.turn.then == LookUp("pedido", {"numero": "77", "de": "+5511987654321"}, 2.0)
    talk.is_answered("achou", assunto="buraco", quando="2026-11-20")
    parts = ("Pedido sobre", Filled("buraco", "texto"), "de", Filled("2026-11-20", "data"))
    assert talk.turn.says[0].parts == parts
    assert queue_of(Talk(LOOKING).is_answered("nao_achou"))[0] == ZELADORIA
    assert queue_of(Talk(LOOKING).is_answered("falhou"))[0] == GERAL
    assert queue_of(Talk(LOOKING).types("9")) == (GERAL, 30, "pediu atendente")
    assert isinstance(Talk(LOOKING).types("5").turn.then, LookUp)


def test_a_decision_takes_the_first_case_that_holds() -> None:
    case = Case((Condition("entrada", ("0800",)), Condition("surdo", ("sim",))), "fila")
    plan = plan_of(
        DecideNode("d", (case, Case((Condition("entrada", ("0800",)),), "geral")), "fim"),
        QueueNode("fila", ZELADORIA),
        QueueNode("geral", GERAL),
        EndNode("fim"),
    )
    assert queue_of(Talk(plan, Known(AT, entry="0800", relay=True)))[0] == ZELADORIA
    assert queue_of(Talk(plan, Known(AT, entry="0800")))[0] == GERAL
    talk = Talk(plan, Known(AT, entry="156"))
    assert talk.turn.then == End()
    assert all_took(talk.turns) == [("d", "senao"), ("fim", "fim")]


def test_from_a_node_with_a_language_on_it_is_spoken() -> None:
    both = Text({"pt": ("Espere.",), "en": ("Please wait.",)})
    plan = plan_of(
        MenuNode("m", words("English, oito."), {"8": "en"}),
        SayNode("en", (both,), "so_pt", language="en"),
        SayNode("so_pt", words("Só português."), "fila"),
        QueueNode("fila", GERAL),
    )
    talk = Talk(plan).types("8")
    assert talk.turn.says == (Say(("Please wait.",), "en", "0123456789*#"),)
    assert talk.types("").turn.says[0].language == "pt"
    assert talk.turn.data == {"idioma": "en"}


# --- a step that finds the call in its menu ---
def test_resume_says_the_node_again_and_forgets_nothing() -> None:
    talk = Talk(TREE).types("", "7")
    again = talk.resumes()
    assert again.position == talk.turn.position
    assert [say.plain for say in again.says] == ["De novo. Cidade, um. Notícias, dois."]
    assert again.facts == ()
    echo = Talk(TYPING).types("1", "1234#")
    assert echo.resumes().says == echo.turn.says
    assert queue_of(echo.types("1"))[0] == ZELADORIA


@pytest.mark.parametrize("text", ["", "gone:1:7:x::", "principal", ":::::", "a:b:c:d", "x" * 5000])
def test_a_place_of_an_older_plan_starts_again(text: str) -> None:
    position = Position.from_text(text)
    for turn in (
        interpreter.resume(TREE, Known(AT), position),
        interpreter.heard(TREE, Known(AT), position, "1"),
    ):
        assert turn.position.node == "abertura"
        assert turn.position.above == ()


def test_a_plan_whose_start_is_gone_leads_to_a_person() -> None:
    broken = LinePlan("156", "nada", {}, GERAL, 30)
    assert isinstance(interpreter.enter(broken, Known(AT)).then, JoinQueue)
    assert isinstance(interpreter.resume(broken, Known(AT), Position("x")).then, JoinQueue)


def test_too_many_nodes_lead_to_a_person() -> None:
    talk = Talk(TREE).types("")
    for key in "1*" * NODES_PER_CALL:
        if not isinstance(talk.turn.then, Listen):
            break
        talk.types(key)
    assert queue_of(talk) == (GERAL, 30, "menu longo demais")


@pytest.mark.parametrize("key", ["", "1"])
def test_texts_and_decisions_that_lead_round_end_with_a_person(key: str) -> None:
    plan = plan_of(SayNode("a", words("A."), "b"), DecideNode("b", (), "a"))
    talk = Talk(plan)
    while isinstance(talk.turn.then, Listen):
        talk.types(key)
    assert queue_of(talk)[2] in ("menu longo demais", "não escolheu no menu")
    assert isinstance(Talk(plan_of(DecideNode("d", (), "d"))).turn.then, JoinQueue)


def test_a_deep_tree_remembers_only_so_many_levels() -> None:
    names = [f"m{n}" for n in range(20)]
    nodes = [
        MenuNode(name, words("Mais fundo, um."), {"1": following})
        for name, following in zip(names, [*names[1:], "fila"], strict=True)
    ]
    deep = Talk(plan_of(*nodes, QueueNode("fila", GERAL))).types(*["1"] * 15).turn.position
    assert deep.above == tuple(names[15 - MENU_LEVELS : 15])
    assert Position.from_text(deep.to_text()) == deep


@given(st.text())
def test_no_text_of_a_position_breaks_anything(text: str) -> None:
    interpreter.resume(TREE, Known(AT), Position.from_text(text))
