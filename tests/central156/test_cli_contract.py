"""`central156 contract …` as a person in a terminal meets it."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
from click.testing import CliRunner
from house import CHECKOUT

import reader
from central156.cli import main
from central156.contract_diff import OF_AN_INDICATOR, OF_TERMS, contract_differences
from central156.contract_words import COUNTED, FLAGS, GAPS, ODD, OVERLAPS, kind_of_day
from contract.bands import Flag
from contract.definitions import Contract, Gap, Indicator, Overlap, Terms
from contract.oddities import Oddity
from reader.contract_indicators import COUNTS
from terms.counted import Counted


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["--pasta", "/nonexistent", "contract", *words])
    return done.exit_code, done.output


def test_the_shipped_contract_has_no_mistakes_and_its_holes_are_told() -> None:
    code, told = run("check", str(CHECKOUT / "dialplans"))
    assert code == 0
    assert "ns_156: entre 84 % e 85 %, nenhuma faixa" in told
    assert "ns_chat: entre 85 % e 90 %, mais de uma faixa" in told
    assert told.endswith("contrato.yaml: nenhum erro.\n")


def test_every_mistake_is_told_with_its_place(tmp_path: Path) -> None:
    text = (CHECKOUT / "dialplans/contrato.yaml").read_text(encoding="utf-8")
    text = text.replace("meta: 85 % ou mais", "meta: 85", 1).replace("acima: 15 %", "acima: 15", 1)
    (tmp_path / "contrato.yaml").write_text(text, encoding="utf-8")
    code, told = run("check", str(tmp_path))
    assert code == 1
    assert told.count("contrato.yaml:") == 2
    assert "há 2 erros" in told
    assert run("check", str(tmp_path / "none"))[0] != 0


@pytest.mark.parametrize("name", ["", "ns_156", "ist", "ila_chat"])
def test_the_contract_is_shown_whole_or_an_indicator(name: str) -> None:
    more = ["--indicador", name] if name else []
    code, told = run("show", str(CHECKOUT / "dialplans"), *more)
    assert code == 0
    assert "99,7 %" in told if name in ("", "ist") else "Faixa" in told
    code, told = run("show", str(CHECKOUT / "dialplans"), "--indicador", "tma")
    assert code == 1
    assert "não há o indicador tma; há: ns_156" in told


def test_a_carriers_file_can_be_looked_over_without_a_centre(tmp_path: Path) -> None:
    file = tmp_path / "nov.csv"
    file.write_text(
        "dia;numero;ofertadas;entregues;ocupado;nao_atende;falha\n01/11/2026;156;10;9;1;0;0\n"
    )
    assert run("import-operadora", str(file), "--conferir") == (
        0,
        "nov.csv: 1 linha, nenhum erro.\n",
    )
    file.write_text(file.read_text() + "1/11;156;10;9;1;0;0\n")
    code, told = run("import-operadora", str(file))
    assert code == 1
    assert "nov.csv, linha 3: dia inválido '1/11'" in told


SHIPPED = (CHECKOUT / "dialplans/contrato.yaml").read_text(encoding="utf-8")


def contract(*edits: tuple[str, str]) -> Contract:
    text = SHIPPED
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    contents = reader.Contents("dialplans", {"contrato.yaml": text.encode()})
    return reader.read_contract_alone(contents)[0]


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (
            ("meta: 85 % ou mais", "meta: 90 % ou mais"),
            "em ns_156, a meta é 90 % ou mais (antes: 85",
        ),
        (("pontos: 0,5", "pontos: 1"), "em ns_156, mudam as faixas ou os pontos"),
        (("      ns_156:", "      ns:"), "o indicador ns_156 não há mais"),
        (("na_lacuna: pior", "na_lacuna: melhor"), "muda a regra de lacunas"),
        (("fator: 99 %", "fator: 98 %"), "mudam os fatores de pagamento"),
        (("repetida_em: 15 min", "repetida_em: 10 min"), "muda o pagamento"),
        (("desde: 01/01/2020", "desde: 01/01/2021"), "meses julgados por eles mudam"),
        (
            (
                "manutencoes: []",
                "manutencoes: [{de: 2026-11-25 01:00, ate: 2026-11-25 02:00, motivo: x}]",
            ),
            "manutenção combinada de 25/11/2026 01:00 a 25/11/2026 02:00",
        ),
        (("porque: Item 4.5.6.8.", "porque: Cláusula 9."), ""),
    ],
)
def test_whatever_changes_in_the_contract_is_told_but_reasons(
    edit: tuple[str, str], says: str
) -> None:
    told = contract_differences(contract(), contract(edit))
    assert any(says in one for one in told) if says else told == ()


def test_every_field_of_the_terms_is_compared() -> None:
    beside = {"since", "indicators"}
    assert {field.name for field in fields(Terms)} == {*OF_TERMS, *beside}
    beside = {"name", "target", "because"}
    assert {field.name for field in fields(Indicator)} == {*OF_AN_INDICATOR, *beside}


def test_every_word_has_its_portuguese() -> None:
    assert set(COUNTED) == set(Counted) == set(COUNTS.values())
    assert (set(FLAGS), set(GAPS), set(OVERLAPS)) == (set(Flag), set(Gap), set(Overlap))
    assert set(ODD) == set(Oddity)
    assert [kind_of_day(kind) for kind in ("0", "6", "working", "holiday")] == [
        "segunda",
        "domingo",
        "dia útil",
        "feriado",
    ]
