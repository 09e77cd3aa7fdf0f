"""What a citizen would notice: nothing when nothing differs, and every single edit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr import menu
from ivr.announcements import Announcement
from ivr.difference import TOLD_APART, differences, line_differences, renamed
from ivr.difference_hours import hours_clauses
from ivr.difference_words import CLAUSES
from ivr.hours import Calendar, Holidays, Hours
from ivr.menu import KIND_WORDS, Case, Condition, LinePlan, MenuNode, Node, Question, SayNode
from ivr.texts import Text, pieces_of, text_of
from ivr.waiting import CallBackPlan, ForecastPlan
from terms.names import QueueName, Skill
from terms.needs import NOTHING, Need, Needs
from terms.services import ServiceSpec

GERAL = QueueName("p156_geral")


def said(*texts: str) -> tuple[Text, ...]:
    return tuple(map(text_of, texts))


NODES: tuple[Node, ...] = (
    SayNode("abertura", said("SP156, Prefeitura."), "principal"),
    MenuNode("principal", said("Cidade, um."), {"1": "cidade", "3": "codigo"}, said("De novo.")),
    menu.CollectNode("codigo", said("Digite."), "codigo", "consulta", echo=said("É {codigo}?")),
    menu.DecideNode("agora", (Case((Condition("horario", ("dia",)),), "cidade"),), "fim"),
    menu.LookUpNode("consulta", "pedido", {"numero": "codigo"}, "fim", "cidade", "cidade"),
    menu.QueueNode("cidade", GERAL, 40, "Cidade", said("Vai para a fila."), {"1": "fim"}),
    menu.HandOverNode("defesa", "199", QueueName("e199_risco"), 100, "Enchente"),
    menu.TransferNode("fora", "samu", "fim", "cidade"),
    menu.MessageNode("recado", said("Fale após o sinal."), "fim"),
    menu.SurveyNode("pesquisa", (Question("clareza", said("Foi claro?")),), "fim"),
    menu.EndNode("fim", said("Obrigado.")),
)

PLAN = LinePlan(
    "156",
    "abertura",
    {node.name: node for node in NODES},
    GERAL,
    30,
    waiting=menu.WaitingPlan(said("Aguarde."), True, said("Seu protocolo é"), 60.0, said("Ainda.")),
    after="pesquisa",
    codes={"*11": "cidade"},
)


@dataclass(frozen=True)
class Queue:
    name: QueueName = GERAL
    line: str = "156"
    skill: Skill = Skill("geral")
    min_level: int = 0
    priority: int = 30
    hours: str = "dia"
    out_of_hours: QueueName = QueueName("")
    rings: tuple[Any, ...] = ()
    needs: str = ""
    ages: float = 0.0
    longest: Any = None
    largest: Any = None
    recall_after: float = 10.0


@dataclass(frozen=True)
class Ring:
    after: float
    skills: tuple[Skill, ...]
    reserve: bool = False
    lenient: bool = False


@dataclass(frozen=True)
class Exit:
    limit: float
    step: str


@dataclass(frozen=True)
class Reserve:
    agents: int
    calls: int


@dataclass(frozen=True)
class Queues:
    rules: tuple[Queue, ...] = (Queue(),)
    rule: str = "index"
    reserve: Reserve | None = None


WEEKDAYS = Hours((((480, 1080),),) * 5 + ((),) * 2, holidays=())
SERVICE = ServiceSpec("pedido", "central", sql="select 1")


@dataclass(frozen=True)
class City:
    lines: Mapping[str, LinePlan] = field(default_factory=lambda: {"156": PLAN})
    queues: Queues = field(default_factory=Queues)
    calendar: Calendar = field(default_factory=lambda: Calendar({"dia": WEEKDAYS}))
    announcements: tuple[Announcement, ...] = ()
    destinations: Mapping[str, str] = field(default_factory=lambda: {"samu": "192"})
    services: Mapping[str, ServiceSpec] = field(default_factory=lambda: {"pedido": SERVICE})
    relay_numbers: tuple[str, ...] = ("142",)


def with_node(node: Node) -> LinePlan:
    return replace(PLAN, nodes={**PLAN.nodes, node.name: node})


def told(new: LinePlan) -> list[str]:
    return list(line_differences(PLAN, new))


# --- the words ---
def test_a_key_that_leads_elsewhere() -> None:
    node = PLAN.nodes["principal"]
    assert isinstance(node, MenuNode)
    new = with_node(replace(node, options={"1": "cidade", "3": "recado", "5": "fim"}))
    assert told(new) == [
        "No menu 'principal' do 156, a tecla 3 agora leva a 'recado' (antes: 'codigo').",
        "No menu 'principal' do 156, a tecla 5 é nova e leva a 'fim'.",
    ]
    assert list(line_differences(new, PLAN))[1] == (
        "No menu 'principal' do 156, a tecla 5 não vale mais (levava a 'fim')."
    )


def test_texts_are_told_old_and_new_in_each_language() -> None:
    both = Text({"pt": pieces_of("Tchau, {nome:texto}."), "en": pieces_of("Bye.")})
    assert told(with_node(replace(PLAN.nodes["fim"], text=(both,)))) == [  # type: ignore[call-arg]
        "No fim 'fim' do 156, agora se ouve «Tchau, {nome}» (antes: «Obrigado.»).",
        "No fim 'fim' do 156, em inglês agora se ouve «Bye.».",
    ]


def test_nodes_that_come_and_go() -> None:
    new = replace(PLAN, nodes={**PLAN.nodes, "nova": SayNode("nova", said("Olá."), "fim")})
    assert told(new) == ["Etapa nova no 156: 'nova' (aviso): «Olá.»."]
    assert list(line_differences(new, PLAN)) == [
        "A etapa 'nova' (aviso) não existe mais no 156: «Olá.»."
    ]
    other = with_node(SayNode("fim", said("Tchau."), "abertura"))
    assert told(other) == ["A etapa 'fim' do 156 agora é do tipo aviso (antes: fim): «Tchau.»."]


def test_hours_of_a_queue() -> None:
    saturday = replace(WEEKDAYS, week=(*WEEKDAYS.week[:5], ((480, 720),), ()))
    new = City(calendar=Calendar({"dia": saturday}))
    assert differences(City(), new) == (
        "A fila 'p156_geral' agora atende aos sábados de 8:00 a 12:00 (antes: fechado).",
        "O horário 'dia' agora vale aos sábados de 8:00 a 12:00 (antes: fechado).",
    )
    assert list(hours_clauses(WEEKDAYS, Hours())) == [
        "atende de segunda a sexta o dia todo (antes: de 8:00 a 18:00)",
        "atende aos sábados e aos domingos o dia todo (antes: fechado)",
        "atende nos feriados como em outro dia (antes: fechado)",
    ]
    closed = replace(WEEKDAYS, dates={date(2026, 12, 24): ()})
    assert list(hours_clauses(WEEKDAYS, closed)) == [
        "não atende em 24/12/2026 (antes: como em outro dia)"
    ]


def test_what_single_calls_need_is_told() -> None:
    needs = Needs(((Need(Skill("libras"), 2),), (Need(Skill("ingles")),)))
    words = "agora precisa também de libras até o nível 2 ou ingles (antes: nada)"
    assert list(CLAUSES["needs"](NOTHING, needs)) == [f"a chamada {words}"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"priority": 50}, "tem a prioridade 50 (antes: 30)"),
        ({"skill": "saude"}, "é atendida por quem tem a habilidade 'saude'"),
        ({"out_of_hours": "resto"}, "fora do horário passa a 'resto' (antes: um atendente)"),
        ({"rings": (Ring(45.0, (Skill("a"),)),)}, "chama mais gente: após 45 s, a (antes: ninguém"),
        (
            {"rings": (Ring(45.0, (), True, True),)},
            "após 45 s, a reserva, quem não tem o que mais se precisa (antes: ninguém)",
        ),
        ({"needs": "libras"}, "tem a habilidade 'geral' e também libras (antes: a habilidade"),
        ({"ages": 1.5}, "dá 1,5 de prioridade por minuto de espera (antes: 0)"),
        (
            {"longest": Exit(600.0, "recado")},
            "com 600 s de espera manda a 'recado' (antes: não manda ninguém embora pelo tempo",
        ),
        (
            {"largest": Exit(200, "recado")},
            "com 200 chamadas esperando manda a 'recado' (antes: não manda ninguém embora pelo t",
        ),
        ({"line": "199"}, "chama de volta quem está em treinamento após 10 s (antes: nunca)"),
        ({"hours": ""}, "atende de segunda a sexta o dia todo"),
    ],
)
def test_queues(change: dict[str, Any], sentence: str) -> None:
    new = City(queues=Queues((replace(Queue(), **change),)))
    assert any(sentence in one for one in differences(City(), new))


def test_how_the_choice_is_made() -> None:
    new = City(queues=Queues(rule="fifo", reserve=Reserve(6, 2)))
    assert differences(City(), new) == (
        "Entre chamadas iguais em prioridade, agora decide quem chegou antes, e quem está livre "
        "há mais tempo (antes: o índice).",
        "Para as emergências, o 156 agora deixa livres até 6 atendentes, a partir de 2 chamadas "
        "de emergência (antes: nenhum atendente).",
    )


def test_announcements_holidays_and_the_rest() -> None:
    rain = Announcement("chuva", "199", "abertura", text_of("Chove."), 1764072000.0, 1764090000.0)
    assert differences(City(), City(announcements=(rain,))) == (
        "Aviso novo 'chuva', no 199, antes de 'abertura' e antes de outros avisos, "
        "de 25/11/2025 09:00 até 25/11/2025 14:00: «Chove.».",
    )
    days = Holidays(
        {(1, 25): "Aniversário"}, {date(2026, 6, 4): "Corpus", date(2027, 5, 27): "Corpus"}
    )
    new = City(calendar=Calendar({"dia": WEEKDAYS}, days))
    assert differences(City(), new) == (
        "«Aniversário» (25/01) agora é feriado.",
        "«Corpus» (04/06/2026, 27/05/2027) agora é feriado.",
    )
    assert differences(City(), City(destinations={"samu": "193"})) == (
        "O destino 'samu' agora é o telefone 193 (antes: 192).",
    )
    assert (
        "de outro modo"
        in differences(City(), City(services={"pedido": replace(SERVICE, sql="select 2")}))[0]
    )
    assert differences(City(), City(relay_numbers=())) == (
        "Quem liga de 142 não é atendido mais sem limite de tempo (intermediação).",
    )


# --- every edit is noticed ---
def test_every_field_has_its_words() -> None:
    owners = [*KIND_WORDS, menu.Defaults, menu.WaitingPlan, ForecastPlan, CallBackPlan, LinePlan]
    named = {one.name for owner in owners for one in fields(owner)}
    assert named - {"name", *TOLD_APART} == set(CLAUSES)
    assert {type(node) for node in NODES} == set(KIND_WORDS)


def edits(value: Any) -> Iterator[Any]:
    """Other values of the same kind."""
    match value:
        case bool() | None:
            yield not value
        case int() | float():
            yield value + 1
        case str():
            yield f"{value}x"
        case Mapping():
            yield {**value, "7": "outra"}
            for key in value:
                yield {name: target for name, target in value.items() if name != key}
                yield {**value, key: "outra"}
        case tuple() if value and is_dataclass(value[0]) and not isinstance(value[0], Text):
            yield value[:-1]
            yield (*value, replace_first_text(value[0]))
        case tuple() if not value or isinstance(value[0], Text):
            yield (*value, text_of("Mais um texto."))
            if value:
                yield ()
        case tuple():
            yield (*value, "en")


def replace_first_text(one: Any) -> Any:
    if isinstance(one, Question):
        return replace(one, name="outra")
    return replace(one, next="outra", when=(Condition("feriado", ("sim",)),))


def edited(owner: Any, but: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    for one in fields(owner):
        if one.name not in but:
            for value in edits(getattr(owner, one.name)):
                yield f"{type(owner).__name__}.{one.name}", replace(owner, **{one.name: value})


def waiting(changed: menu.WaitingPlan) -> LinePlan:
    return replace(PLAN, waiting=changed)


SINGLE_EDITS: list[tuple[str, LinePlan]] = [
    *((name, with_node(node)) for old in NODES for name, node in edited(old, ("name",))),
    *edited(PLAN, ("nodes", "defaults", "waiting")),
    *((name, replace(PLAN, defaults=one)) for name, one in edited(PLAN.defaults)),
    *((name, waiting(one)) for name, one in edited(PLAN.waiting, ("forecast", "call_back"))),
    *(
        (name, waiting(replace(PLAN.waiting, forecast=one)))
        for name, one in edited(PLAN.waiting.forecast)
    ),
    *(
        (name, waiting(replace(PLAN.waiting, call_back=one)))
        for name, one in edited(PLAN.waiting.call_back)
    ),
]


@pytest.mark.parametrize(("what", "new"), SINGLE_EDITS, ids=[name for name, _ in SINGLE_EDITS])
def test_a_single_edit_is_told_once_and_both_ways(what: str, new: LinePlan) -> None:
    for found in (told(new), list(line_differences(new, PLAN))):
        assert len(found) == 1, what
        assert found[0].endswith((".", "».")), found


@given(st.lists(st.sampled_from(SINGLE_EDITS), max_size=4), st.sampled_from(NODES))
def test_nothing_is_told_of_a_plan_and_itself(
    chosen: list[tuple[str, LinePlan]], gone: Node
) -> None:
    for _, plan in chosen:
        assert list(line_differences(plan, plan)) == []
    rest = {name: node for name, node in PLAN.nodes.items() if name != gone.name}
    assert len(told(replace(PLAN, nodes=rest))) == 1


@given(st.lists(st.sampled_from(range(len(NODES))), max_size=3, unique=True))
def test_another_name_for_a_node_is_not_heard(numbers: list[int]) -> None:
    chosen = [NODES[number] for number in numbers]
    new = renamed(PLAN, {node.name: f"{node.name}_x" for node in chosen})
    again = list(line_differences(PLAN, new))
    looping = {"abertura", "principal", "codigo", "consulta", "cidade", "fim"}
    assert not again or {node.name for node in chosen} & looping
    assert list(line_differences(PLAN, renamed(PLAN, {"recado": "outro"}))) == []


def test_nothing_is_told_of_a_city_and_itself() -> None:
    assert differences(City(), City()) == ()
