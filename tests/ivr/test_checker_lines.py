"""What each line owes its callers: emergency lines their seconds, 156 its menus and its survey,
all of them their languages."""

from __future__ import annotations

from dataclasses import replace

import pytest
from plan_parts import (
    AROUND,
    FILA,
    FIM,
    RISCO,
    collect,
    found,
    look_up,
    menu,
    plan_of,
    queue,
    say,
    text,
    texts,
)

from ivr.checker import check_prompts
from ivr.menu import (
    Case,
    Condition,
    DecideNode,
    Defaults,
    EndNode,
    HandOverNode,
    LinePlan,
    MenuNode,
    MessageNode,
    Node,
    Question,
    SurveyNode,
    WaitingPlan,
)
from ivr.texts import Texts

AGENT = queue(to=RISCO)
ONE_TRY = menu("m", {"1": "fila"}, tries=1)
SURVEY = SurveyNode("pesquisa", (Question("nota", text("Que nota dá?")),), "fim")


# --- 199 and 153 ---
@pytest.mark.parametrize(
    "nodes",
    [
        (AGENT,),
        (say("oi", "fila"), AGENT),
        (ONE_TRY, AGENT),
        (
            DecideNode("d", (Case((Condition("feriado", ("sim",)),), "oi"),), "fila"),
            say("oi", "fila"),
            AGENT,
        ),
        (queue(to=RISCO, text=text("Recado, um."), options={"1": "c"}), collect("c", "x", "fila")),
    ],
)
def test_silence_leads_to_the_queue_of_an_emergency_line(nodes: tuple[Node, ...]) -> None:
    assert found(plan_of(*nodes, line="199")) == []


def test_an_emergency_line_waits_for_keys_no_longer_than_one_menu_does() -> None:
    told = "na linha 199, quem fica em silêncio espera {} s por teclas antes da fila; "
    told += "o máximo é 7 s: "
    slow = replace(ONE_TRY, key_seconds=30.0)
    assert found(plan_of(slow, AGENT, line="199")) == [("start", f"{told.format(30)}m")]
    first = menu("um", {"1": "fila"}, tries=1, gives_up="m")
    way = f"{told.format(14)}um –desiste→ m"
    assert found(plan_of(first, ONE_TRY, AGENT, line="199")) == [("start", way)]


ONLY = "na linha 199, quem fica em silêncio vai para a fila só por avisos, decisões e menus; aqui "


@pytest.mark.parametrize(
    ("nodes", "expected"),
    [
        (
            (say("oi", "h"), HandOverNode("h", "153", "e153_ocorrencia")),
            [("nodes/h", f"{ONLY}há 'entrega': oi → h")],
        ),
        (
            (say("oi", "r"), MessageNode("r", text("Fale."), "fila"), AGENT),
            [("nodes/r", f"{ONLY}há 'recado': oi → r")],
        ),
        (
            (collect("c", "numero", "l"), look_up("l", "fila"), AGENT),
            [
                ("nodes/c", f"{ONLY}há 'digitos': c"),
                ("nodes/c", "na linha 199 não se pedem números antes da fila: c"),
            ],
        ),
        (
            (menu("m", {"1": "c"}, tries=1), collect("c", "x", "fila"), AGENT),
            [("nodes/c", "na linha 199 não se pedem números antes da fila: m –1→ c")],
        ),
        (
            (say("oi", "m"), replace(ONE_TRY, tries=None), AGENT),
            [
                (
                    "nodes/m/tries",
                    "na linha 199 um menu pergunta uma vez só; ponha 'tentativas: 1': oi → m",
                )
            ],
        ),
        (
            (say("oi", "fila", "Protocolo {protocolo_atual:protocolo}."), AGENT),
            [("nodes/oi/text", "na linha 199 o protocolo não é falado antes do atendente")],
        ),
    ],
)
def test_what_an_emergency_line_must_not_do(
    nodes: tuple[Node, ...], expected: list[tuple[str, str]]
) -> None:
    assert found(plan_of(*nodes, line="199")) == expected


def test_an_emergency_line_keeps_the_protocol_and_the_survey_to_itself() -> None:
    waiting = WaitingPlan(speak_protocol=True, protocol_text=text("Seu protocolo é"))
    plan = plan_of(AGENT, SURVEY, FIM, line="199", waiting=waiting, after="pesquisa")
    assert found(plan) == [
        (
            "waiting/protocol_text",
            "na linha 199 o protocolo não é falado antes do atendente",
        ),
        ("nodes/pesquisa", "não há pesquisa na linha 199: só na 156"),
    ]


def lengths(language: str, words: str) -> float | None:
    """A recording of «4 s» lasts 4 s; there is none of «?»."""
    return None if words == "?" else float(words.split(" ")[0])


def heard(plan: LinePlan) -> list[tuple[str, str]]:
    return [("/".join(one.part), one.message) for one in check_prompts(plan, lengths)]


@pytest.mark.parametrize(("line", "problems"), [("199", 1), ("153", 1), ("156", 0)])
def test_an_emergency_greeting_is_short_in_all(line: str, problems: int) -> None:
    plan = plan_of(FILA, line=line, waiting=WaitingPlan(before=texts("1.6 s", "1.5 s")))
    message = f"a saudação da linha {line} dura 3,1 s; o máximo é 3 s"
    assert heard(plan) == [("waiting/before", message)] * problems
    plan = replace(plan, waiting=WaitingPlan(before=texts("1.5 s", "1.5 s")))
    assert heard(plan) == []


@pytest.mark.parametrize(("last", "problems"), [("1.5 s", 0), ("1.6 s", 1)])
def test_an_emergency_queue_is_reached_in_seven_seconds(last: str, problems: int) -> None:
    plan = plan_of(
        DecideNode("d", (Case((Condition("feriado", ("sim",)),), "longo"),), "curto"),
        say("longo", "m", "1 s"),
        say("curto", "m", "0.5 s"),
        MenuNode("m", text("2 s"), {"1": "x"}, gives_up="fila", tries=1),
        say("x", "fila", "6 s"),
        queue(to=RISCO, text=text(last)),
        line="199",
        waiting=WaitingPlan(before=text("2.5 s")),
    )
    message = (
        "na linha 199, quem fica em silêncio ouve 7,1 s antes do atendente; o máximo é 7 s: "
        "d –caso 1→ longo → m –desiste→ fila"
    )
    assert heard(plan) == [("start", message)] * problems
    assert heard(replace(plan, line="156")) == []


def test_the_short_menu_of_an_emergency_line_is_measured_as_well() -> None:
    plan = plan_of(AGENT, say("s", "fila", "8 s"), line="199", short_start="s")
    assert [part for part, _ in heard(plan)] == ["short_start"]


# --- recordings ---
@pytest.mark.parametrize(
    ("said", "part", "message"),
    [
        (text("25.1 s"), "text", "o texto dura 25,1 s; o máximo é 25 s"),
        (texts("13 s", "12.1 s"), "text", "o texto dura 25,1 s; o máximo é 25 s"),
        (text("20 s {x}", en="1 s"), None, ""),
        (text("23 s {x}", en="1 s"), "text", "o texto dura 26 s; o máximo é 25 s"),
        (text("1 s", en="26 s"), "text", "o texto dura 26 s em inglês; o máximo é 25 s"),
        (text("25 s"), None, ""),
        (text("?"), "text", "não há gravação para o texto '?'"),
        (texts("1 s", "?"), "text/1", "não há gravação para o texto '?'"),
        (text("1 s", es="?"), "text", "não há gravação em espanhol para o texto '?'"),
    ],
)
def test_recordings_that_are_missing_or_long(said: Texts, part: str | None, message: str) -> None:
    def length_of(language: str, words: str) -> float | None:
        return None if "?" in words else lengths(language, words)

    said = tuple(
        replace(one, words={name: _plain(pieces) for name, pieces in one.words.items()})
        for one in said
    )
    plan = plan_of(queue(text=said))
    told = [("/".join(one.part), one.message) for one in check_prompts(plan, length_of)]
    assert told == ([(f"nodes/fila/{part}", message)] if part else [])


def _plain(pieces: tuple[object, ...]) -> tuple[object, ...]:
    """`?` has no letter, so it is no words by itself; here it is."""
    return pieces or ("?",)


def test_texts_of_the_waiting_are_said_in_turn() -> None:
    plan = plan_of(FILA, waiting=WaitingPlan(repeat=texts("13 s", "13 s", "26 s")))
    assert heard(plan) == [("waiting/repeat/2", "o texto dura 26 s; o máximo é 25 s")]
    waiting = WaitingPlan(speak_protocol=True, protocol_text=texts("19 s"))
    told = [("waiting/protocol_text", "o texto dura 26 s; o máximo é 25 s")]
    assert heard(plan_of(FILA, waiting=waiting)) == told


# --- menus ---
def test_a_menu_has_few_subjects() -> None:
    six = dict.fromkeys("012345", "fila")
    assert found(plan_of(menu("m", {**six, "8": "fila", "9": "fila", "#": "fila"}), FILA)) == []
    message = "o menu 'm' tem 7 assuntos; o máximo é 6 (fora as teclas 8, 9 e #)"
    told = found(plan_of(menu("m", {**six, "6": "fila"}), FILA))
    assert told == [("nodes/m/options", message)]


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("1", text("Rua e lixo, tecle um.")),
        ("1", text("Rua e lixo, um; outros, nove.")),
        ("1", text("Rua, 1.")),
        ("1", text("Rua: um.")),
        ("1", text("Sobre {telefone}, tecle a tecla um.")),
        ("3", text("Saúde: tecle TRÊS!")),
        ("#", text("Para terminar, aperte jogo da velha.")),
        ("8", text("For English or Spanish, press eight.")),
        ("1", texts("Rua e lixo,", "tecle um.")),
        ("1", texts("Rua e lixo, tecle um", "Atendente, nove")),
    ],
)
def test_a_key_said_after_its_option(key: str, said: Texts) -> None:
    assert found(plan_of(MenuNode("m", said, {key: "fila"}), FILA)) == []
    waits = queue(options={key: "x"}, text=said)
    assert found(plan_of(waits, say("x", "fila"))) == []


@pytest.mark.parametrize(
    "said",
    [
        text("Tecle um para rua e lixo."),
        text("Tecle um. Rua e lixo."),
        text("Rua e lixo, press one."),
        text("Para jejum."),
        text("Rua e lixo."),
        texts("Rua e lixo.", "Tecle um."),
        texts("Tecle um,", "rua e lixo."),
    ],
)
def test_a_key_said_before_its_option_or_not_at_all(said: Texts) -> None:
    message = (
        "a tecla 1 não é dita depois da sua opção; termine uma frase com ela, por exemplo: "
        "'Nome do assunto, tecle um.'"
    )
    right = text("De novo. Rua, um.")
    plan = plan_of(MenuNode("m", said, {"1": "fila"}, again=right), FILA)
    assert found(plan) == [("nodes/m/text", message)]
    plan = plan_of(MenuNode("m", right, {"1": "fila"}, again=said), FILA)
    assert found(plan) == [("nodes/m/again", message)]
    plan = plan_of(queue(options={"1": "x"}, text=said), say("x", "fila"))
    assert found(plan) == [("nodes/fila/text", message)]


NOT_THERE = (
    "o texto oferece a tecla {0} ('{1}'), e o menu não a tem: ponha-a em 'teclas', ou tire-a do "
    "texto"
)
TWICE = (
    "a tecla 1 é dita para duas opções; diga as duas numa frase só, ou dê outra tecla a uma delas"
)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("Rua, um. Ônibus, tecle dois.", NOT_THERE.format(2, "dois")),
        ("Rua, um. Ônibus, dois.", NOT_THERE.format(2, "dois")),
        ("Rua, um. Aperte a tecla sete para ônibus.", NOT_THERE.format(7, "sete")),
        ("Rua, um. Saúde, TRÊS!", NOT_THERE.format(3, "três")),
        ("Rua, um. Lixo, tecle um.", TWICE),
        ("Rua, um. Criança, idoso ou mulher, nove.", ""),
        ("Rua, um. Ligue 193, ou para cento e noventa e dois.", ""),
        ("Ligue para zero oitocentos, sete sete nove, zero um cinco seis. Rua, um.", ""),
        ("Disque zero, oito, zero, zero, três. Rua, um.", ""),
        ("Digite um número ou uma letra. Não vá ao prédio número dois. Rua, um.", ""),
        ("Temos escolhas duas. Para Rua, tecle um.", ""),
    ],
)
def test_a_menu_offers_the_keys_that_it_has_and_each_for_one_thing(written: str, told: str) -> None:
    plan = plan_of(MenuNode("m", text(written), {"1": "fila"}), FILA)
    assert found(plan) == ([("nodes/m/text", told)] if told else [])
    again = plan_of(MenuNode("m", text("Rua, um."), {"1": "fila"}, again=text(written)), FILA)
    assert found(again) == ([("nodes/m/again", told)] if told else [])


@pytest.mark.parametrize(
    ("english", "told"),
    [
        ("Street, press one.", False),
        ("Street, or press the number one.", False),
        ("Press one for the street.", True),
        ("Street, press um.", True),
    ],
)
def test_a_key_is_said_in_the_language_that_is_spoken(english: str, told: bool) -> None:
    said = text("Rua, um.", en=english)
    plan = plan_of(
        MenuNode("m", said, {"1": "fila"}, language="en"),
        queue(text=text("Aguarde.", en="Wait.")),
        languages=("pt", "en"),
    )
    message = (
        "a tecla 1 não é dita em inglês depois da sua opção; termine uma frase com ela, por "
        "exemplo: 'Name of the subject, press one.'"
    )
    assert found(plan) == ([("nodes/m/text", message)] if told else [])


@pytest.mark.parametrize(
    ("seconds", "line", "told"), [(6.9, "156", 1), (7, "156", 0), (5, "153", 0)]
)
def test_keys_are_waited_for_on_156(seconds: float, line: str, told: int) -> None:
    asks = menu("m", {"1": "fila"}, key_seconds=seconds, tries=1)
    plan = plan_of(asks, queue(to=found_queue(line)), line=line)
    message = "6,9 s é pouco para achar a tecla; na linha 156 o mínimo é 7 s"
    assert found(plan) == [("nodes/m/key_seconds", message)] * told
    plan = replace(plan, defaults=Defaults(key_seconds=seconds), nodes={"m": ONE_TRY, "fila": FILA})
    assert [part for part, _ in found(plan) if "key" in part] == ["defaults/key_seconds"] * told


def found_queue(line: str) -> str:
    return next(name for name, owner in (AROUND.queues or {}).items() if owner == line)


# --- surveys and codes ---
def test_a_survey_comes_after_the_talk() -> None:
    assert found(plan_of(FILA, SURVEY, FIM, after="pesquisa")) == []
    before = plan_of(menu("m", {"1": "pesquisa", "2": "fila"}), FILA, SURVEY, FIM)
    message = (
        "a pesquisa é só para quem falou com um atendente; aqui se chega sem isso: m –1→ pesquisa"
    )
    assert found(before) == [("nodes/pesquisa", message)]
    waiting = queue(options={"1": "pesquisa"}, text=text("Pesquisa, um."))
    told = found(plan_of(waiting, SURVEY, FIM, after="pesquisa"))
    assert [part for part, _ in told] == ["nodes/pesquisa"]


def test_a_survey_is_short() -> None:
    long = replace(SURVEY, questions=SURVEY.questions * 5)
    message = "a pesquisa tem 5 perguntas; o máximo é 4"
    told = found(plan_of(FILA, long, FIM, after="pesquisa"))
    assert told == [("nodes/pesquisa/questions", message)]


def test_a_code_leads_into_the_menu() -> None:
    bye = say("tchau", "fim", "Obrigado.")
    plan = plan_of(menu("m", {"1": "fila"}), FILA, bye, FIM, after="tchau")
    assert found(replace(plan, codes={"*11": "fila"})) == []
    message = (
        "o código *11 não pode levar ao que vem depois da conversa: (depois da conversa) tchau"
    )
    assert ("codes/*11", message) in found(replace(plan, codes={"*11": "tchau"}))
    shared = replace(plan, nodes={**plan.nodes, "m": menu("m", {"1": "fila", "2": "tchau"})})
    assert found(replace(shared, codes={"*11": "tchau"})) == []


# --- languages ---
BOTH = text("Olá.", en="Hello.")
OPENING = say("oi", "principal", language="pt")
PRINCIPAL = MenuNode(
    "principal", text("Rua, um. Inglês, oito."), {"1": "fila", "8": "english"}, language="pt"
)
ENGLISH = MenuNode("english", text("Rua, um.", en="Street, one."), {"1": "fila"}, language="en")
WAIT = WaitingPlan(before=BOTH, repeat=BOTH)
IN_BOTH = queue(text=BOTH)


def bilingual(*nodes: Node, waiting: WaitingPlan = WAIT) -> LinePlan:
    return plan_of(*nodes, waiting=waiting, languages=("pt", "en"))


def test_every_text_is_there_in_the_languages_that_come() -> None:
    assert found(bilingual(OPENING, PRINCIPAL, ENGLISH, IN_BOTH)) == []


HERE = "o texto não existe em inglês; uma ligação chega aqui em inglês: "


@pytest.mark.parametrize(
    ("changed", "part", "way"),
    [
        ({"english": replace(ENGLISH, text=text("Street, one. Rua, um."))}, "english", ""),
        ({"fila": replace(FILA, text=text("Aguarde."))}, "fila", " –1→ fila"),
    ],
)
def test_a_text_lacks_the_language_that_comes(
    changed: dict[str, Node], part: str, way: str
) -> None:
    plan = bilingual(OPENING, PRINCIPAL, ENGLISH, IN_BOTH)
    told = found(replace(plan, nodes={**plan.nodes, **changed}))
    message = f"{HERE}oi → principal –8→ english{way}"
    assert (f"nodes/{part}/text", message) in told


def test_waiting_and_asking_again_speak_the_language_as_well() -> None:
    plan = bilingual(OPENING, PRINCIPAL, ENGLISH, IN_BOTH, waiting=WaitingPlan(before=text("Oi.")))
    plan = replace(plan, defaults=Defaults(silent=text("Não ouvi.")))
    assert found(plan) == [
        ("defaults/silent", f"{HERE}oi → principal –8→ english"),
        ("waiting/before", f"{HERE}oi → principal –8→ english –1→ fila"),
    ]


def test_one_node_that_lets_callers_into_a_whole_tree_is_told_once() -> None:
    rooms = [menu(f"sala{number}", {"1": f"sala{number + 1}"}) for number in range(6)]
    last = menu("sala6", {"1": "fila"})
    into = replace(ENGLISH, options={"1": "sala0"})
    told = found(bilingual(OPENING, PRINCIPAL, into, *rooms, last, IN_BOTH))
    assert [part for part, _ in told if part.startswith("nodes/sala")] == ["nodes/sala0/text"]
    assert (
        "mais 6 textos: escreva todos nesse idioma, ou ponha 'idioma: pt'"
        in dict(told)["nodes/sala0/text"]
    )


def test_a_menu_is_come_back_to_in_the_new_language() -> None:
    plan = bilingual(OPENING, replace(PRINCIPAL, language=""), ENGLISH, IN_BOTH)
    told = dict(found(plan))
    assert told["nodes/principal/text"] == f"{HERE}oi → principal –8 … *→ principal"
    plan = bilingual(replace(OPENING, language=""), PRINCIPAL, ENGLISH, IN_BOTH)
    assert dict(found(plan)) == {
        "nodes/oi/text": f"{HERE}oi → principal –8→ english –*00→ oi",
    }


def test_a_submenu_that_was_never_above_stays_in_portuguese() -> None:
    submenu = menu("cidade", {"1": "fila", "0": "principal"})
    principal = replace(PRINCIPAL, options={"1": "cidade", "8": "english"})
    assert found(bilingual(OPENING, principal, submenu, ENGLISH, IN_BOTH)) == []
    into = replace(ENGLISH, text=text("Rua, um.", en="Street, one."), options={"1": "cidade"})
    told = dict(found(bilingual(OPENING, principal, submenu, into, IN_BOTH)))
    assert told["nodes/cidade/text"] == f"{HERE}oi → principal –8→ english –1→ cidade"


def test_a_menu_with_its_own_language_keeps_those_above_it_from_others() -> None:
    outer = menu("outro", {"1": "principal", "2": "fila"})
    start = replace(OPENING, next="outro")
    assert found(bilingual(start, outer, PRINCIPAL, ENGLISH, IN_BOTH)) == []
    open_menu = replace(PRINCIPAL, language="")
    told = dict(found(bilingual(start, outer, open_menu, ENGLISH, IN_BOTH)))
    assert told["nodes/outro/text"] == f"{HERE}oi → outro –1 … *→ outro"


def test_the_end_speaks_the_language_after_the_talk() -> None:
    bye = EndNode("tchau", text("Tchau."))
    plan = replace(bilingual(OPENING, PRINCIPAL, ENGLISH, IN_BOTH, bye), after="tchau")
    way = "oi → principal –8→ english –depois da conversa→ tchau"
    assert found(plan) == [("nodes/tchau/text", HERE + way)]


def test_another_line_hands_over_who_speaks_english() -> None:
    over = HandOverNode("chuva", "199", RISCO, text=BOTH)
    giving = bilingual(OPENING, PRINCIPAL, replace(ENGLISH, options={"1": "chuva"}), over, IN_BOTH)
    taking = plan_of(AGENT, line="199", waiting=WaitingPlan(before=text("Defesa Civil.")))
    around = replace(AROUND, all_lines={"156": giving, "199": taking})
    assert found(giving, around) == []
    way = "linha 156: oi → principal –8→ english –1→ chuva"
    assert found(taking, around) == [("waiting/before", HERE + way)]


def test_a_text_in_several_languages_has_portuguese_and_one_in_a_single_language_is_for_all() -> (
    None
):
    some = replace(text("x")[0], words={"en": ("Hello.",), "es": ("Hola.",)})
    told = found(plan_of(queue(text=(some,))))
    assert told == [("nodes/fila/text", "o texto não existe em português")]
    alone = replace(some, words={"en": ("Hello.",)})
    assert found(plan_of(queue(text=(alone,)))) == []
