"""Call scripts through the production interpreter: what they find, and that nothing stops them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr import menu
from ivr.announcements import Announcement, Notice
from ivr.hours import ALWAYS, Calendar
from ivr.menu import Case, Condition, Defaults, LinePlan, Node, Question, WaitingPlan
from ivr.rehearsal import EXAMPLE_PROTOCOL, Rehearsal, compared
from ivr.rehearsed import Rehearsed, coverage, part_of, reachable, rehearse
from ivr.script import (
    HangsUp,
    Hears,
    IsSilent,
    IsTransferred,
    LeavesMessage,
    LookUpGives,
    Script,
    Step,
    Talks,
    Types,
    Wanted,
)
from ivr.texts import Text, pieces_of, text_of
from ivr.turn import Answer
from ivr.ways import branches
from terms.names import QueueName

GERAL, RISCO = QueueName("p156_geral"), QueueName("e199_risco")
NOON = 1_764_082_800.0


def said(*texts: str) -> tuple[Text, ...]:
    return tuple(map(text_of, texts))


BOTH = Text({"pt": pieces_of("Aguarde."), "en": pieces_of("Please hold.")})
NODES: tuple[Node, ...] = (
    menu.SayNode("abertura", said("SP156, Prefeitura."), "principal"),
    menu.MenuNode(
        "principal",
        said("Cidade, um. Pedido, dois."),
        {"1": "cidade", "2": "numero", "3": "risco", "4": "recado", "5": "samu", "8": "english"},
        said("De novo."),
    ),
    menu.QueueNode("cidade", GERAL, 40, "Cidade", said("Somaremos."), {"1": "recado"}),
    menu.CollectNode(
        "numero", said("Digite."), "numero", "consulta", least=4, most=6, echo=said("É {numero}?")
    ),
    menu.LookUpNode("consulta", "pedido", {"n": "numero"}, "pedido", "principal", "cidade"),
    menu.SayNode("pedido", said("Sobre {assunto}, aberto."), "fim"),
    menu.HandOverNode("risco", "199", RISCO, 100, "Enchente"),
    menu.MessageNode("recado", said("Fale."), "fim"),
    menu.TransferNode("samu", "samu", "fim", "cidade"),
    menu.DecideNode("english", (Case((Condition("resumido", ("sim",)),), "fim"),), "hold"),
    menu.QueueNode("hold", GERAL, 45, "English", language="en"),
    menu.SurveyNode("pesquisa", tuple(Question(n, said(f"{n}?")) for n in ("a", "b")), "fim"),
    menu.EndNode("fim", said("Obrigado.")),
    menu.EndNode("sozinha"),
)
PLAN = LinePlan(
    "156",
    "abertura",
    {node.name: node for node in NODES},
    GERAL,
    30,
    Defaults(protocol_key="7", silent=said("Não ouvi.")),
    WaitingPlan((BOTH,), True, said("Seu protocolo é"), 60.0, said("Continua na fila.")),
    after="pesquisa",
)
DEFESA = LinePlan("199", "fila", {"fila": menu.QueueNode("fila", RISCO, 100, "Risco")}, RISCO, 100)


@dataclass(frozen=True)
class City:
    lines: Mapping[str, LinePlan] = field(default_factory=lambda: {"156": PLAN, "199": DEFESA})
    calendar: Calendar = ALWAYS
    announcements: tuple[Announcement, ...] = ()
    relay_numbers: tuple[str, ...] = ("142",)


def run(*steps: Step, wanted: Wanted | None = None, **more: Any) -> Rehearsed:
    script = Script("uma", more.pop("line", "156"), NOON, steps, wanted or Wanted(), **more)
    return rehearse(City(), script)


FOUND = LookUpGives(Answer("achou", {"assunto": "Buraco"}))
NUMBER = (Types("2"), Types("1234#"), Hears("É 1234?"), Types("1"))


@pytest.mark.parametrize(
    ("steps", "wanted"),
    [
        ((Hears("SP156"), Hears("Cidade, um"), Types("9")), Wanted(queue=GERAL, priority=30)),
        ((Types("1"), Hears("Somaremos"), Hears("fila.")), Wanted(("principal",), "p156_geral")),
        ((Types("1"), Hears(EXAMPLE_PROTOCOL), Types("7"), Hears(EXAMPLE_PROTOCOL)), Wanted()),
        ((Types("1"), Types("1"), LeavesMessage()), Wanted(ended="recado")),
        ((*NUMBER, FOUND, Hears("Sobre Buraco, aberto. Obrigado.")), Wanted(ended="sim")),
        ((*NUMBER, LookUpGives(Answer("falhou"))), Wanted(note="Cidade", data={"numero": "1234"})),
        ((Types("3"),), Wanted(line="199", queue="e199_risco", nodes=("abertura", "risco"))),
        ((Types("5"), IsTransferred(False)), Wanted(queue=GERAL)),
        ((Types("8"), Hears("Please hold.")), Wanted(language="en")),
        (
            (Hears("Cidade"), IsSilent(), Hears("Não ouvi. De novo."), IsSilent()),
            Wanted(queue=GERAL),
        ),
        ((Types("1"), Talks(), Types("5"), IsSilent(), IsSilent()), Wanted(marks={"a": "5"})),
        ((Types("1", at_once=True), Hears("Somaremos")), Wanted(("principal", "cidade"))),
        ((HangsUp(),), Wanted(ended="desligou")),
    ],
)
def test_calls_that_go_as_wanted(steps: tuple[Step, ...], wanted: Wanted) -> None:
    assert run(*steps, wanted=wanted).failures == ()


def test_what_is_not_answered_in_a_survey_is_kept_apart() -> None:
    marks = {"a": "2", "b": "sem_resposta"}
    steps = (Types("1"), Talks(), Types("2"), IsSilent(), IsSilent())
    assert run(*steps, wanted=Wanted(marks=marks, ended="sim")).failures == ()


@pytest.mark.parametrize(
    ("steps", "wanted", "part", "told"),
    [
        ((Hears("Tchau"),), Wanted(), ("steps", "0"), "esperava-se ouvir «Tchau»; ouviu-se «SP156"),
        (
            (Hears("Cidade"), Hears("SP156")),
            Wanted(),
            ("steps", "1"),
            "esperava-se ouvir «SP156»; ouviu-se",
        ),
        (
            (Types("1"), FOUND),
            Wanted(),
            ("steps", "1"),
            "não há consulta aqui: a ligação espera na",
        ),
        ((Types("2"), LeavesMessage()), Wanted(), ("steps", "1"), "em 'numero', a ligação espera"),
        ((HangsUp(), Types("1")), Wanted(), ("steps", "1"), "a ligação já acabou"),
        ((Types("9"),), Wanted(queue="x"), ("wanted", "queue"), "a fila 'x'; foi 'p156_geral'"),
        ((), Wanted(queue="x"), ("wanted", "queue"), "não houve (em 'principal', a ligação espera"),
        ((), Wanted(data={"cpf": "1"}), ("wanted", "data", "cpf"), "o dado cpf '1'; não houve"),
        ((), Wanted(("principal", "abertura")), ("wanted", "nodes", "1"), "depois de 'principal'"),
    ],
)
def test_what_goes_otherwise_is_told_with_its_place(
    steps: tuple[Step, ...], wanted: Wanted, part: tuple[str, ...], told: str
) -> None:
    (failure,) = run(*steps, wanted=wanted).failures
    assert failure.part == part
    assert told in failure.message


def test_announcements_and_relay_calls() -> None:
    rain = Announcement("chuva", "156", "principal", text_of("Chove."), NOON - 1, NOON + 1)
    waiting = Announcement("fila", "156", "na_espera", text_of("Paciência."), NOON - 1, NOON + 1)
    city = City(announcements=(rain, waiting))
    own = {"principal": (Notice("meu", text_of("Só hoje.")),)}
    steps = (Hears("Só hoje. Chove. Cidade"), Types("1"), Hears("Paciência."))
    script = Script("uma", "156", NOON, steps, notices=own)
    assert rehearse(city, script).failures == ()
    late = replace(script, at=NOON + 5, notices={}, steps=(Hears("Prefeitura. Cidade"),))
    assert rehearse(city, late).failures == ()
    assert Rehearsal(city, replace(script, caller="142")).known.relay
    assert not Rehearsal(city, replace(script, caller="142", relay=False)).known.relay


def test_texts_are_compared_by_their_words() -> None:
    assert compared("  Sobre  Buraco , aberto\n em. ") == " Sobre Buraco aberto em "


# --- coverage ---
def test_coverage_counts_what_calls_took() -> None:
    every = coverage(City().lines, ())
    assert every.taken == frozenset()
    assert every.share == 0.0
    assert every.unreachable == (("156", "sozinha"),)
    assert "sozinha" not in reachable(PLAN)
    one = run(Types("1"), HangsUp())
    some = coverage(City().lines, (one,))
    took = {("156", "abertura", "segue"), ("156", "principal", "1"), ("156", "cidade", "entra")}
    assert some.taken == took
    assert set(some.untaken) == set(some.all) - took
    assert 0 < some.share < 1


def test_every_branch_has_a_part_of_the_plan() -> None:
    for node in NODES:
        for branch in branches(node):
            part = part_of(node, branch)
            assert part[:2] == ("nodes", node.name)
            assert len(part) == 2 or hasattr(node, part[2])


# --- whatever the script and the plan ---
NAMES = tuple(f"n{number}" for number in range(6))
a_name = st.sampled_from((*NAMES, "", "nenhures"))
a_text = st.sampled_from(((), said("Olá {numero}."), (BOTH,)))
some_keys = st.dictionaries(st.sampled_from("0123456789#"), a_name, max_size=3)
whose_turn = st.one_of(
    st.builds(menu.SayNode, st.just(""), a_text, a_name),
    st.builds(menu.MenuNode, st.just(""), a_text, some_keys, a_text, a_name),
    st.builds(menu.CollectNode, st.just(""), a_text, st.just("numero"), a_name, echo=a_text),
    st.builds(
        menu.DecideNode,
        st.just(""),
        st.just((Case((Condition("dado_existe", ("sim",), "numero"),), "n1"),)),
        a_name,
    ),
    st.builds(menu.LookUpNode, st.just(""), st.just("s"), st.just({}), a_name, a_name, a_name),
    st.builds(menu.QueueNode, st.just(""), st.just(GERAL), options=some_keys),
    st.builds(menu.HandOverNode, st.just(""), st.sampled_from(("199", "999")), st.just(RISCO)),
    st.builds(menu.TransferNode, st.just(""), st.just("samu"), a_name, a_name),
    st.builds(menu.MessageNode, st.just(""), a_text, a_name),
    st.builds(menu.SurveyNode, st.just(""), st.just((Question("a", said("A?")),)), a_name),
    st.builds(menu.EndNode, st.just(""), a_text),
)
plans = st.builds(
    lambda made, after: LinePlan(
        "156",
        "n0",
        {name: replace(node, name=name) for name, node in zip(NAMES, made, strict=True)},
        GERAL,
        after=after,
    ),
    st.lists(whose_turn, min_size=len(NAMES), max_size=len(NAMES)),
    st.sampled_from(("", *NAMES)),
)
a_step = st.one_of(
    st.builds(Hears, st.sampled_from(("Olá", "nada"))),
    st.builds(Types, st.text("0123456789*#", min_size=1, max_size=6), st.booleans()),
    st.sampled_from((IsSilent(), HangsUp(), LeavesMessage(), Talks(), FOUND)),
    st.builds(IsTransferred, st.booleans()),
    st.just(LookUpGives(Answer("nao_achou"))),
)


@given(plans, st.lists(a_step, max_size=8))
def test_no_script_and_no_plan_stops_a_rehearsal(plan: LinePlan, steps: list[Step]) -> None:
    script = Script("qualquer", "156", NOON, tuple(steps), Wanted(("n1",), "x"))
    done = rehearse(City({"156": plan, "199": DEFESA}), script)
    lines = {"156": plan, "199": DEFESA}
    assert done.took <= {
        (line, name, branch)
        for line, each in lines.items()
        for name, node in each.nodes.items()
        for branch in branches(node)
    }
    assert done.failures


@given(plans)
def test_what_calls_take_can_be_reached(plan: LinePlan) -> None:
    done = rehearse(City({"156": plan}), Script("silêncio", "156", NOON, (IsSilent(),) * 9))
    assert {node for _, node, _ in done.took} <= reachable(plan)
