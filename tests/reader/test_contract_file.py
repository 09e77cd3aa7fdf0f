"""contrato.yaml: read whole, or every mistake with its place and what was expected."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml
from broken_files import plain
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

import reader
from contract.definitions import Contract, Gap, LikeDays, Overlap, Span
from reader.schema import json_schema
from reader.share_text import points_text, share_text, span_of
from reader.yaml_text import NotYaml, read_yaml
from terms.counted import Counted
from terms.outcome import CallOutcome

SHIPPED = Path(__file__).parents[2] / "dialplans"
SCHEMA = Draft7Validator(json_schema())
SOUND = """\
termos:
  - desde: 01/07/2026
    fonte: o contrato
    medido_desde: 01/07/2026
    fatores:
      - {pontos: 0 a 1, fator: 100 %}
      - {pontos: mais de 1, fator: 90 %}
    indicadores:
      ns_156:
        titulo: NS
        linhas: [156]
        conta: atendidas_no_prazo
        sobre: atendidas
        meta: 85 % ou mais
        faixas:
          - {de: 80 % a 84 %, pontos: 1}
          - de: menos de 80 %
            pontos: 0,5
            reincidente: 1,5
"""


def read(text: str) -> Contract:
    contents = reader.Contents("dialplans", {"contrato.yaml": text.encode()})
    return reader.read_contract_alone(contents)[0]


def mistakes(text: str) -> list[str]:
    try:
        read(text)
    except reader.DialplanMistakes as wrong:
        return [str(one) for one in wrong.mistakes]
    return []


def refused_by_schema(text: str) -> bool:
    try:
        tree, _ = read_yaml(text.encode())
    except NotYaml:
        return False
    return not SCHEMA.is_valid(plain(tree))


def test_what_is_written_is_what_is_read_and_the_rest_has_its_default() -> None:
    (terms,) = read(SOUND).terms
    assert (terms.since, terms.free_months, terms.recurs_in) == (date(2026, 7, 1), 3, 1)
    assert (terms.gap, terms.overlap) == (Gap.WORSE, Overlap.WORSE)
    assert terms.exceptional.alike is LikeDays.WEEKDAY
    assert terms.billing.outcomes == {CallOutcome.SERVED, CallOutcome.ENDED_IN_MENU}
    (one,) = terms.indicators
    assert (one.name, one.lines, one.within) == ("ns_156", ("156",), 15.0)
    assert (one.formula.count, one.formula.of) == (Counted.ANSWERED_WITHIN, Counted.ANSWERED)
    assert one.target == Span(low=Fraction(85, 100))
    assert [(band.points, band.again) for band in one.bands] == [
        (1, 1),
        (Fraction(1, 2), Fraction(3, 2)),
    ]
    assert not refused_by_schema(SOUND)


def test_the_shipped_contract_has_the_citys_figures() -> None:
    contract, calendar = reader.read_contract_alone(reader.contents_of(SHIPPED))
    terms = contract.terms[0]
    assert "Pregão 35/SMIT/2019" in terms.source
    named = terms.named()
    targets = {name: share_text(one.target) for name, one in named.items()}
    assert targets == {
        "ns_156": "85 % ou mais",
        "ns_199_153": "95 % ou mais",
        "ila_156": "5 % ou menos",
        "ila_199_153": "2 % ou menos",
        "inr": "3 % ou menos",
        "icb": "90 % ou mais",
        "iar": "100 % ou mais",
        "ips": "90 % ou mais",
        "ist": "99,7 % ou mais",
        "ns_chat": "90 % ou mais",
        "ila_chat": "2 % ou menos",
    }
    rows = [(points_text(row.points), row.factor) for row in terms.factors]
    assert rows[0] == ("0 a 1", 1)
    assert rows[13] == ("14", Fraction(87, 100))
    assert rows[14:] == [
        ("15 a 18", Fraction(86, 100)),
        ("19 a 24", Fraction(85, 100)),
        ("25 a 30", Fraction(80, 100)),
        ("mais de 30", Fraction(70, 100)),
    ]
    points = {band.points for one in terms.indicators for band in one.bands}
    again = {band.again for one in terms.indicators for band in one.bands}
    assert (min(points), max(again)) == (Fraction(1, 2), 4)
    assert calendar.holidays.name(date(2026, 1, 25))


@pytest.mark.parametrize(
    ("old", "new", "where", "says"),
    [
        ("- desde: 01/07/2026", "- desde: 31/06/2026", "2:12", "dia inválido '31/06/2026'"),
        ("- desde: 01/07/2026", "- dezde: 01/07/2026", "2:5", "você quis dizer 'desde'?"),
        ("fonte: o contrato", "fonte:", "3:5", "falta o valor"),
        ("100 %", "100", "6:32", "porcentagem inválida '100'"),
        ("100 %", "110 %", "6:32", "passa de 100 %"),
        ("mais de 1,", "1 ou outro,", "7:18", "faixa inválida '1 ou outro'"),
        ("0 a 1", "1 a 0", "6:18", "comece pelo menor valor"),
        ("conta: atendidas_no", "conta: atendidas_em", "12:16", "'atendidas_no_prazo'?"),
        ("sobre: atendidas", "sobre: [atendidas]", "13:9", "um só texto"),
        ("85 % ou mais", "85 %", "14:15", "faixa inválida '85 %'"),
        ("85 % ou mais", "80 % a 85 %", "14:15", "'X % ou mais' ou 'X % ou menos'"),
        ("80 % a 84 %", "84 % a 80 %", "16:18", "comece pelo menor valor"),
        ("80 % a 84 %", "80 a 84", "16:18", "faixa inválida '80 a 84'"),
        ("pontos: 0,5", "pontos: meio", "18:21", "número inválido 'meio'"),
        ("linhas: [156]", "linhas: [190]", "11:18", "valor desconhecido '190'"),
        ("        titulo: NS\n", "", "9:7", "falta a chave 'titulo' em indicador 'ns_156'"),
        ("ns_156:", "NS 156:", "9:7", "nome inválido 'NS 156'"),
    ],
)
def test_a_mistake_has_its_place_and_what_was_expected(
    old: str, new: str, where: str, says: str
) -> None:
    assert SOUND.count(old) == 1
    (told,) = mistakes(SOUND.replace(old, new, 1))
    assert told.startswith(f"dialplans/contrato.yaml:{where}: ")
    assert says in told


def test_all_mistakes_come_at_once() -> None:
    text = SOUND.replace("100 %", "100").replace("85 % ou mais", "muito").replace("0,5", "meio")
    assert len(mistakes(text)) == 3


def test_the_same_day_twice_and_a_window_that_ends_before_it_begins() -> None:
    twice = SOUND + SOUND.removeprefix("termos:\n")
    windows = "manutencoes:\n  - {de: 2026-11-25 08:00, ate: 2026-11-25 07:00, motivo: troca}\n"
    told = mistakes(twice + windows)
    assert [one.split(": ", 1)[1] for one in told] == [
        "já há termos que valem desde 01/07/2026",
        "'ate' precisa vir depois de 'de'",
    ]


def test_later_terms_stand_after_earlier_ones_however_they_are_written() -> None:
    later = SOUND.replace("desde: 01/07/2026", "desde: 01/01/2026", 1).removeprefix("termos:\n")
    contract = read(SOUND + later)
    assert [one.since.month for one in contract.terms] == [1, 7]


PERCENTS = st.integers(0, 1_000).map(lambda tenths: Fraction(tenths, 1_000))
SPANS = st.one_of(
    st.builds(lambda low, closed: Span(low=low, low_in=closed), PERCENTS, st.booleans()),
    st.builds(lambda high, closed: Span(high=high, high_in=closed), PERCENTS, st.booleans()),
    st.builds(
        lambda one, other, low_in, high_in: Span(min(one, other), max(one, other), low_in, high_in),
        PERCENTS,
        PERCENTS,
        st.booleans(),
        st.booleans(),
    ).filter(lambda span: span.low != span.high),
)


@given(SPANS)
def test_a_stretch_is_told_as_it_is_written(span: Span) -> None:
    written = share_text(span)
    read_back = span_of(written.replace(" %", ""))
    assert read_back is not None
    ends = [None if end is None else end / 100 for end in (read_back.low, read_back.high)]
    assert Span(ends[0], ends[1], read_back.low_in, read_back.high_in) == span
    band = SOUND.replace("{de: 80 % a 84 %, pontos: 1}", f"de: {written}\n            pontos: 1")
    assert not mistakes(band)
    assert not refused_by_schema(band)


PIECES = st.sampled_from(
    [*":-#{}[]\"'|>&*!%@`,? \n\t", "\n  ", ": ", "- ", "sim", "%", "0199", "é", "{a:b}", "1.5"]
)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_change_does_anything_else_and_the_schema_agrees(data: st.DataObject) -> None:
    lines = SOUND.splitlines(keepends=True)
    for _ in range(data.draw(st.integers(1, 3))):
        number = data.draw(st.integers(0, len(lines) - 1))
        line = lines[number]
        match data.draw(st.sampled_from(("out", "again", "put", "cut"))):
            case "out":
                lines[number] = ""
            case "again":
                lines[number] = line + line
            case "put":
                place = data.draw(st.integers(0, len(line)))
                lines[number] = line[:place] + data.draw(PIECES) + line[place:]
            case _:
                start = data.draw(st.integers(0, len(line)))
                lines[number] = line[:start] + line[data.draw(st.integers(start, len(line))) :]
    text = "".join(lines)
    if not mistakes(text):
        assert not refused_by_schema(text)


def test_editors_are_told_what_numbers_are() -> None:
    data: Any = yaml.safe_load(SOUND.replace("pontos: 0,5", "pontos: 0.5"))
    assert isinstance(data["termos"][0]["indicadores"]["ns_156"]["faixas"][1]["pontos"], float)
    data["termos"][0]["indicadores"]["ns_156"]["linhas"] = ["156"]
    assert SCHEMA.is_valid(data)


def test_a_folder_without_it_keeps_the_version_that_it_had() -> None:
    whole = Path(__file__).with_name("whole")
    files = dict(reader.contents_of(whole).files)
    before = reader.read_contents(reader.Contents("whole", files))
    assert before.version == reader.read_dialplans(whole).version
    assert before.contract == Contract()
    with_it = {**files, "contrato.yaml": SOUND.encode()}
    after = reader.read_contents(reader.Contents("whole", with_it))
    assert after.version != before.version
    assert len(after.contract.terms) == 1
