"""Campaigns as files: the shipped examples are read, and every mistake is told with its place."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from broken_files import plain
from house import CHECKOUT
from jsonschema import Draft7Validator

from dialer.campaign import RETRIES, KeyMeans, Kind, Mode, Retry
from dialer.hours import Windows
from ivr.hours import Calendar, Holidays
from reader import DialplanMistakes
from reader.calling_days import calling_holidays
from reader.campaign_file import read_campaign
from reader.contact_list import Mapped
from reader.schema import json_schema
from reader.yaml_text import read_yaml
from terms.outcome import Tried

SHIPPED = sorted((CHECKOUT / "dialplans" / "campanhas").glob("*.yaml"))
QUEUES = ("p156_geral", "e199_risco")
SMALL = """campanha: x
tipo: pesquisa
orgao: Saúde
assunto: Vacina
fila: p156_geral
mostra: 1131560156
rotas: [principal]
"""
NOTICE = SMALL.replace("fila: p156_geral", "modo: aviso\nfala: Olá.")


def told(text: str) -> list[str]:
    with pytest.raises(DialplanMistakes) as found:
        read_campaign(text.encode(), "x.yaml", QUEUES)
    return [str(one).removeprefix("campanhas/x.yaml:") for one in found.value.mistakes]


def test_there_is_an_example_of_each_kind_and_each_is_read() -> None:
    found = [read_campaign(file.read_bytes(), file.name).campaign for file in SHIPPED]
    assert {one.kind for one in found} == set(Kind)
    assert {one.name for one in found} == {file.stem for file in SHIPPED}
    assert [one.name for one in found if one.life_safety] == ["alerta_de_chuva"]
    assert not [one for one in found if one.mode is Mode.PREDICTIVE]


def test_little_is_enough() -> None:
    read = read_campaign(SMALL.encode(), "x.yaml", QUEUES)
    one = read.campaign
    assert (one.mode, one.windows, one.retries) == (Mode.PROGRESSIVE, Windows(), RETRIES)
    assert (one.attempts, one.priority, one.life_safety) == (3, 5, "")
    assert read.mapped == Mapped()


def test_all_that_may_be_said() -> None:
    text = (
        NOTICE
        + """fila: e199_risco
horario:
  segunda a sexta: 8:00 a 12:00 e 13:00 a 20:00
  24/12/2026: 9:00 a 12:00
de: 01/12/2026 9:00
ate: 2026-12-20 18:00
tentativas: 4
tentativas_por_dia: 2
novas_tentativas:
  ocupado: {apos: 5 min, vezes: 2}
  caixa_postal: {apos: 1 h, vezes: 0}
prioridade: 2
toque: 25 s
teclas: {1: confirma, 9: atendente}
lista:
  telefone: Celular
  ddd_padrao: 11
  campos: {nome: Nome}
"""
    )
    read = read_campaign(text.replace("Olá.", "Olá, {nome}.").encode(), "x.yaml", QUEUES)
    one = read.campaign
    assert one.windows.of(date(2026, 12, 1), holiday=False) == ((480, 720), (780, 1200))
    assert one.windows.of(date(2026, 12, 1), holiday=True) == ()
    assert one.windows.of(date(2026, 12, 24), holiday=False) == ((540, 720),)
    assert one.windows.of(date(2026, 12, 5), holiday=False) == ()
    assert one.retry(Tried.BUSY) == Retry(300.0, 2)
    assert one.retry(Tried.MACHINE) is None
    assert one.retry(Tried.NO_ANSWER) == RETRIES[Tried.NO_ANSWER]
    assert one.keys == {"1": KeyMeans.CONFIRM, "9": KeyMeans.PERSON}
    assert one.until == 1_797_800_400.0
    assert read.mapped == Mapped("Celular", "", "11", "", {"nome": "Nome"})
    assert read.spoken == "Olá, {nome}."


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        (SMALL.replace("x", "y", 1), "1:11", "está no arquivo x.yaml"),
        (SMALL.replace("pesquisa", "pesquiza"), "2:7", "você quis dizer 'pesquisa'"),
        (SMALL.replace("assunto: Vacina\n", ""), "1:1", "falta a chave 'assunto'"),
        (SMALL.replace("p156_geral", "p156_gera"), "5:7", "você quis dizer 'p156_geral'"),
        (SMALL.replace("fila: p156_geral\n", ""), "1:1", "falta a chave 'fila'"),
        (SMALL.replace("1131560156", "+55 11"), "6:9", "não é um número"),
        (SMALL.replace("[principal]", "[]"), "7:1", "use de 1 a 20"),
        (SMALL + "tentativas: 11\n", "8:13", "de 1 a 10"),
        (SMALL + "tentativas: 1\ntentativas_por_dia: 2\n", "9:21", "passa de 'tentativas'"),
        (SMALL + "prioridade: 0\n", "8:13", "de 1 a 9"),
        (SMALL + "fala: Olá.\n", "8:7", "só vale no modo aviso"),
        (SMALL + "teclas: {1: confirma}\n", "8:1", "só vale no modo aviso"),
        (SMALL + "risco_a_vida: Ana\n", "8:15", "é só de alertas"),
        (SMALL + "roteiro: Olá {nome}\n", "8:10", "campo desconhecido '{nome}'"),
        (SMALL + "de: 01/12/2026 9:00\nate: 01/12/2026 8:00\n", "9:6", "depois de 'de'"),
        (SMALL + "horario:\n  segunda: 18:00 a 8:00\n", "9:12", "fora de ordem"),
        (SMALL + "novas_tentativas: {ocupadu: {apos: 5 min, vezes: 1}}\n", "8:20", "'ocupado'"),
        (SMALL + "novas_tentativas: {ocupado: {apos: 5 s, vezes: 1}}\n", "8:36", "fora do limite"),
        (SMALL + "lista: {ddd_padrao: 011}\n", "8:21", "não é um DDD"),
        (SMALL + "lista: {campos: {Nome: Nome}}\n", "8:18", "nome inválido"),
        (NOTICE.replace("\nfala: Olá.", ""), "5:7", "precisa de 'fala'"),
        (NOTICE + "roteiro: Olá\n", "9:10", "ninguém lê um 'roteiro'"),
        (NOTICE + "teclas: {9: atendente}\n", "9:1", "precisa de 'fila'"),
        (NOTICE + "teclas: {10: confirma}\n", "9:10", "não é uma tecla"),
        (NOTICE + "teclas: {1: sim}\n", "9:13", "use confirma ou atendente"),
    ],
)
def test_every_mistake_has_its_place(text: str, place: str, message: str) -> None:
    found = told(text)
    assert any(one.startswith(f"{place}: ") and message in one for one in found), found


def test_all_mistakes_are_told_at_once() -> None:
    found = told("campanha: y\ntipo: z\nhora: 1\nrotas: []\n")
    assert len(found) == 8
    assert all(re.match(r"\d+:\d+: \S", one) for one in found)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (NOTICE.replace("modo: aviso", "modo: automatico"), "valor desconhecido 'automatico'"),
        (SMALL.replace("fila:", "\tfila:"), "há uma tabulação no recuo; use espaços"),
    ],
)
def test_one_mistake_brings_no_others(text: str, message: str) -> None:
    with pytest.raises(DialplanMistakes) as told:
        read_campaign(text.encode(), "x.yaml")
    (only,) = told.value.mistakes
    assert message in only.message


@pytest.mark.parametrize("content", [b"", b"- x\n", b"campanha: [\n", b"\xff\xfe", b"a: &b c\n"])
def test_what_is_no_campaign(content: bytes) -> None:
    with pytest.raises(DialplanMistakes):
        read_campaign(content, "x.yaml")


@pytest.mark.parametrize("text", [SMALL, NOTICE])
def test_editors_are_told_the_same(text: str) -> None:
    schema = Draft7Validator(json_schema())
    assert not list(schema.iter_errors(plain(read_yaml(text.encode())[0])))
    wrong = plain(read_yaml((text + "nada: 1\n").encode())[0])
    assert list(schema.iter_errors(wrong))


def test_holidays_are_those_of_whoever_is_called() -> None:
    own = Calendar(holidays=Holidays({(1, 25): "Aniversário"}, {date(2026, 6, 1): "Ponte"}))
    holidays = calling_holidays(own)
    assert holidays.name(date(2027, 1, 25), "11") == "Aniversário"
    assert holidays.name(date(2027, 1, 25), "21") == ""
    assert holidays.name(date(2026, 6, 1), "11") == "Ponte"
    assert holidays.name(date(2026, 9, 20), "51")  # Rio Grande do Sul alone
    assert not holidays.name(date(2026, 9, 20), "11")
    assert holidays.name(date(2026, 12, 25), "92")
    assert holidays.states.get("XX", {}) == {}


def test_the_guide_names_every_key() -> None:
    guide = (CHECKOUT / "docs" / "guia-de-campanhas.md").read_text(encoding="utf-8")
    definition = json_schema()["definitions"]["arquivo_campanha"]["properties"]
    missing = [key for key in definition if f"`{key}`" not in guide and key != "porque"]
    assert not missing
    for file in SHIPPED:
        assert Path(file).name in guide
