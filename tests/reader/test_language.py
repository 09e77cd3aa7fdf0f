"""What the files mean once they are read: shared pieces, languages, hours, holidays, places."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from broken_files import WHOLE

import reader
from acd.choice import ChoiceRule
from acd.queues import EmergencyReserve, Exit, Ring
from ivr.checker import Problem
from ivr.hours import CITY
from ivr.menu import (
    CollectNode,
    Condition,
    DecideNode,
    EndNode,
    LookUpNode,
    QueueNode,
    SayNode,
    SurveyNode,
)
from reader.across import always_open
from reader.hours_text import day_of, spans, weekdays
from terms.limits import HOLIDAYS_FROM, HOLIDAYS_TO, RECALL_AFTER
from terms.names import Instant, QueueName

SOUND = reader.contents_of(WHOLE)
WHOLE_READ = reader.read_contents(SOUND)
LINE = WHOLE_READ.lines["156"]


def read(name: str, old: str, new: str) -> reader.Dialplans:
    """The folder with one text of one file changed."""
    text = SOUND.files[f"{name}.yaml"].decode()
    assert old in text
    files = {**SOUND.files, f"{name}.yaml": text.replace(old, new, 1).encode()}
    return reader.read_contents(reader.Contents("whole", files))


def told(name: str, old: str, new: str) -> list[str]:
    with pytest.raises(reader.DialplanMistakes) as caught:
        read(name, old, new)
    return [str(one) for one in caught.value.mistakes]


def instant(text: str) -> Instant:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=CITY).timestamp()


# --- shared pieces ---
def test_shared_nodes_come_with_what_they_lead_to_and_no_others() -> None:
    assert {"encerra", "pergunta_final"} <= set(LINE.nodes)
    assert "nunca_usada" not in LINE.nodes
    assert not {"encerra", "pergunta_final"} & set(WHOLE_READ.lines["199"].nodes)


def test_a_lines_own_node_stands_for_the_shared_one() -> None:
    own = "  encerra:\n    tipo: fim\n    fala: Até logo.\n\nna_espera:\n"
    node = read("156", "na_espera:\n", own).lines["156"].nodes["encerra"]
    assert isinstance(node, EndNode)
    assert node.text[0].plain() == "Até logo."


def test_shared_texts_stand_where_they_are_named_in_their_order() -> None:
    node = LINE.nodes["abertura"]
    assert isinstance(node, SayNode)
    assert [one.plain() for one in node.text] == [
        *("Prefeitura de São Paulo.", "Bom dia.", "Esta ligação é gravada.", "SP156, bom dia."),
    ]
    assert LINE.waiting.repeat[1].plain() == "Esta ligação é gravada."


def test_a_line_hears_no_more_languages_than_it_speaks() -> None:
    assert set(LINE.defaults.wrong[0].words) == {"pt", "en"}
    assert set(WHOLE_READ.lines["199"].defaults.wrong[0].words) == {"pt"}
    survey = LINE.nodes["pergunta_final"]
    assert isinstance(survey, SurveyNode)
    assert set(survey.questions[1].text[0].words) == {"pt", "en"}


def test_a_lines_own_defaults_stand_above_the_shared_ones() -> None:
    assert (LINE.defaults.tries, WHOLE_READ.lines["199"].defaults.tries) == (3, 2)
    assert len(LINE.defaults.mistyped) == 2
    assert LINE.defaults.protocol_key == "#"


def test_findings_about_shared_pieces_are_told_in_their_file() -> None:
    here = WHOLE_READ.mistake("156", Problem(("nodes", "encerra", "text"), "x"))
    assert str(here) == "whole/comum.yaml:20:11: na linha 156: x"
    here = WHOLE_READ.mistake("156", Problem(("defaults", "wrong"), "x"))
    assert str(here) == "whole/comum.yaml:7:3: na linha 156: x"
    here = WHOLE_READ.mistake("156", Problem(("defaults", "mistyped", "1"), "x"))
    assert str(here) == "whole/156.yaml:17:7: x"
    here = WHOLE_READ.mistake("156", Problem(("nodes", "momento", "cases", "1", "when"), "x"))
    assert str(here) == "whole/156.yaml:31:9: x"


@pytest.mark.parametrize(("old", "new"), [("padroes:", "padroes: {"), ("etapas:\n", "etapax:\n")])
def test_a_broken_shared_file_blames_no_line(old: str, new: str) -> None:
    assert {one.split(":")[0] for one in told("comum", old, new)} == {"whole/comum.yaml"}


def test_a_hole_in_a_plan_blames_nothing_else() -> None:
    assert told("156", "    segue: momento", "    sege: momento") == [
        "whole/156.yaml:24:5: chave desconhecida 'sege' em etapa 'abertura' (aviso); você quis "
        "dizer 'segue'?"
    ]


# --- files that may be missing, and strangers ---
def test_the_lines_and_the_queues_are_all_that_must_be_there() -> None:
    menus = WHOLE.with_name("menus")
    assert {file.name for file in menus.iterdir()} == {
        *("156.yaml", "199.yaml", "153.yaml", "queues.yaml")
    }
    bare = reader.read_dialplans(menus)
    assert bare.announcements == ()
    assert not bare.services
    assert not bare.calendar.hours
    assert bare.lines["156"].defaults.tries == 2


def test_a_misspelt_file_does_not_pass_for_none() -> None:
    files = {**SOUND.files, "anouncements.yaml": SOUND.files["announcements.yaml"]}
    del files["announcements.yaml"]
    with pytest.raises(reader.DialplanMistakes) as caught:
        reader.read_contents(reader.Contents("whole", files))
    assert str(caught.value) == (
        "whole/anouncements.yaml:1:1: o arquivo 'anouncements.yaml' não é lido; você quis dizer "
        "'announcements.yaml'?"
    )


@pytest.mark.parametrize("name", sorted(SOUND.files))
def test_the_version_differs_when_any_byte_does(name: str) -> None:
    files = {**SOUND.files, name: SOUND.files[name] + b"#"}
    assert reader.read_contents(reader.Contents("whole", files)).version != WHOLE_READ.version


# --- nodes ---
def test_what_a_node_leaves_open() -> None:
    typed, asked = LINE.nodes["idade"], LINE.nodes["protocolo_numero"]
    assert isinstance(typed, CollectNode)
    assert isinstance(asked, CollectNode)
    assert (typed.least, typed.most, typed.failed, typed.tries) == (1, 3, "", None)
    assert (asked.kind, asked.least, asked.most) == ("protocolo", 9, 9)
    queue = LINE.nodes["impostos"]
    assert isinstance(queue, QueueNode)
    assert queue.priority == 35, "the queue's own"
    look_up = LINE.nodes["protocolo_ver"]
    assert isinstance(look_up, LookUpNode)
    assert look_up.given == {"protocolo": "protocolo"}


@pytest.mark.parametrize(
    ("name", "old", "new", "seconds"),
    [
        ("156", "    fala: Um momento.\n    tempo: 2 s\n", "    tempo: 3 s\n", 3.0),
        ("156", "    fala: Um momento.\n    tempo: 2 s\n", "", 2.0),
        ("servicos", "    tempo: 2 s\n", "    tempo: 4 s\n", 2.0),
    ],
)
def test_a_look_up_takes_its_services_time_unless_it_says_its_own(
    name: str, old: str, new: str, seconds: float
) -> None:
    look_up = read(name, old, new).lines["156"].nodes["protocolo_ver"]
    assert isinstance(look_up, LookUpNode)
    assert look_up.seconds == seconds


def test_a_services_time_reaches_the_look_up_that_says_none() -> None:
    files = {name: text.decode() for name, text in SOUND.files.items()}
    files["156.yaml"] = files["156.yaml"].replace("    tempo: 2 s\n    achou", "    achou", 1)
    files["servicos.yaml"] = files["servicos.yaml"].replace("tempo: 2 s", "tempo: 4 s", 1)
    contents = reader.Contents("whole", {name: text.encode() for name, text in files.items()})
    look_up = reader.read_contents(contents).lines["156"].nodes["protocolo_ver"]
    assert isinstance(look_up, LookUpNode)
    assert look_up.seconds == 4.0


def test_conditions_are_what_the_interpreter_asks() -> None:
    decide = LINE.nodes["momento"]
    assert isinstance(decide, DecideNode)
    assert decide.cases[1].when == (
        Condition("horario", ("comercial",)),
        Condition("feriado", ("nao",)),
        Condition("hora", ("18:00-22:00", "23:00-06:00")),
        Condition("dia", ("sabado", "domingo")),
    )
    assert decide.cases[3].when == (
        Condition("dado_igual", ("1", "2"), "idade"),
        Condition("dado_comeca_com", ("0",), "idade"),
        Condition("dado_existe", ("sim",), "idade"),
        Condition("resumido", ("nao",)),
    )


# --- queues ---
def test_queues_have_targets_levels_and_rings() -> None:
    risk, general = WHOLE_READ.queues.rules[0], WHOLE_READ.queues.rules[2]
    assert (risk.target_seconds, risk.target_share) == (10.0, 0.9)
    assert risk.rings[0] == Ring(8.0, ("e153_ocorrencia", "reserva"), "Risco à vida não espera.")
    assert (general.min_level, general.because) == (3, "Quem pede um atendente.")
    assert (WHOLE_READ.queues.rules[1].target_seconds, risk.min_level) == (15.0, 0)


def test_queues_have_needs_limits_and_a_reserve() -> None:
    table = WHOLE_READ.queues
    risk, general = table.rules[0], table.rules[2]
    assert (table.rule, table.reserve) == (
        ChoiceRule.INDEX,
        EmergencyReserve(4, 2, "Duas emergências costumam trazer outras."),
    )
    assert risk.rings[1] == Ring(
        *(20.0, ("p156_geral", "p156_docs"), "", True), queues=(QueueName("p156_docs"),)
    )
    assert str(general.needs) == "p156_animais até o nível 2 e p156_docs ou reserva"
    assert (general.ages, general.rings[0].lenient) == (1.0, True)
    assert (general.longest, general.largest) == (Exit(600.0, "recado"), Exit(200, "recado"))
    assert (risk.recall_after, general.recall_after) == (12.0, RECALL_AFTER)
    assert not risk.needs


def test_a_single_call_needs_more_than_its_queue() -> None:
    node = LINE.nodes["impostos"]
    assert isinstance(node, QueueNode)
    assert str(node.needs) == "p156_animais até o nível 3 e reserva ou p156_geral"
    assert not LINE.nodes["um_atendente"].needs


def test_a_queue_that_never_closes_needs_no_other() -> None:
    hours = WHOLE_READ.calendar.hours
    assert always_open(hours["sempre"])
    assert not always_open(hours["comercial"])
    halves = replace(hours["sempre"], week=(((0, 720), (720, 1440)),) * 7)
    assert always_open(halves)
    assert not always_open(replace(halves, holidays=((0, 1439),)))
    assert not always_open(replace(halves, dates={datetime(2026, 12, 24).date(): ()}))


# --- the calendar ---
@pytest.mark.parametrize(
    ("hours", "at", "expected"),
    [
        ("comercial", "2026-11-25 10:00", True),
        ("comercial", "2026-11-25 12:30", False),
        ("comercial", "2026-11-28 10:00", False),
        ("comercial", "2026-11-20 10:00", False),  # Consciência Negra, a Friday
        ("comercial", "2027-01-25 10:00", False),  # the city's own day
        ("comercial", "2026-06-04 10:00", False),  # Corpus Christi: kept by this city
        ("comercial", "2026-07-09 10:00", False),  # the state's
        ("comercial", "2026-10-28 10:00", True),  # public servants' day: not kept
        ("diurno", "2026-11-28 11:59", True),
        ("diurno", "2026-11-28 12:00", False),
        ("diurno", "2026-11-29 18:59", True),
        ("diurno", "2026-12-24 10:00", False),
        ("noite", "2026-11-24 23:59", True),
        ("noite", "2026-11-24 06:00", False),
    ],
)
def test_hours_are_those_that_were_written(hours: str, at: str, expected: bool) -> None:
    assert WHOLE_READ.calendar.is_open(hours, instant(at)) is expected


def test_holidays_are_counted_out_for_all_years_of_the_limit() -> None:
    calendar = WHOLE_READ.calendar
    for year in (HOLIDAYS_FROM, HOLIDAYS_TO):
        assert calendar.holiday(instant(f"{year}-09-07 12:00")) == "Independência do Brasil"
        assert calendar.holiday(instant(f"{year}-01-25 00:00")) == "Aniversário de São Paulo"
        assert calendar.holiday(instant(f"{year}-01-25 23:59")) == "Aniversário de São Paulo"
    assert calendar.holiday(instant("2026-12-24 12:00")) == "Véspera de Natal"
    assert calendar.holiday(instant("2027-12-24 12:00")) == ""


def test_all_optional_holidays_may_be_kept() -> None:
    kept = read("calendar", "[Corpus Christi, Carnaval]", "todos").calendar
    assert kept.holiday(instant("2026-10-28 12:00")) == "Dia do Servidor Público"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("8:00 a 18:00", ((480, 1080),)),
        ("0:00 a 24:00", ((0, 1440),)),
        ("8:00 às 12:00 e 13:00 às 18:00", ((480, 720), (780, 1080))),
        ("22:00 a 6:00", ((1320, 360),)),
        ("8:00 a 24:01", None),
        ("8:60 a 9:00", None),
        ("8:00", None),
        ("8:00 a", None),
    ],
)
def test_spans_of_a_day(text: str, expected: object) -> None:
    assert spans(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("segunda", (0,)),
        ("segunda-feira a sexta-feira", (0, 1, 2, 3, 4)),
        ("sabado a segunda", (5, 6, 0)),
        ("sábado", (5,)),
        ("domingo a domingo", (6,)),
        ("sabado-feira", None),
        ("seg", None),
    ],
)
def test_days_of_the_week(text: str, expected: object) -> None:
    assert weekdays(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("25/1", (1, 25)),
        ("29/02", (2, 29)),
        ("30/02", None),
        ("24/12/2026", datetime(2026, 12, 24).date()),
        ("29/02/2026", None),
        ("1/1/0000", None),
    ],
)
def test_days_of_the_year(text: str, expected: object) -> None:
    assert day_of(text) == expected


def test_announcements_begin_and_end_on_the_citys_clock() -> None:
    rain, vaccine = WHOLE_READ.announcements
    assert (rain.since, rain.until) == (instant("2026-11-25 08:00"), instant("2026-11-25 20:00"))
    assert (vaccine.since, vaccine.node) == (instant("2026-12-01 00:00"), "na_espera")


def test_missing_recordings_of_announcements_are_told_in_their_file() -> None:
    found = reader.check(WHOLE_READ, lambda _, words: None if words.startswith("Chove") else 1.0)
    assert [str(one) for one in found] == [
        "whole/announcements.yaml:6:11: não há gravação para o texto 'Chove forte na cidade.'"
    ]
