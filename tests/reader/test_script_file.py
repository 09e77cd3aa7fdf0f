"""Call scripts as files: what is read, and what is refused with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.queues import QueueRule, QueueTable
from ivr.menu import LinePlan, MenuNode, Question, QueueNode, SurveyNode
from ivr.script import (
    HangsUp,
    Hears,
    IsSilent,
    IsTransferred,
    LeavesMessage,
    LookUpGives,
    Talks,
    Types,
    Wanted,
)
from ivr.texts import text_of
from ivr.turn import Answer
from reader.mistakes import DialplanMistakes
from reader.script_file import read_scripts
from terms.names import QueueName, Skill

GERAL = QueueName("p156_geral")
MENU = MenuNode("principal", (text_of("Cidade, um."),), {"1": "cidade"})
SURVEY = SurveyNode("pesquisa", (Question("clareza", (text_of("Claro?"),)),), "cidade")
NODES = {node.name: node for node in (MENU, QueueNode("cidade", GERAL), SURVEY)}


@dataclass(frozen=True)
class Named:
    lines: dict[str, LinePlan]
    queues: QueueTable


NAMED = Named(
    {"156": LinePlan("156", "principal", NODES, GERAL)},
    QueueTable((QueueRule(GERAL, "156", Skill("geral")),)),
)

WHOLE = """
linha: 156
chamadas:
  - nome: Tudo
    porque: Mostra o que pode ser escrito.
    quando: 2026-12-25 22:30
    de: "+5511987654321"
    entrada: 08000110156
    resumido: sim
    surdo: não
    avisos: {principal: Só hoje.}
    passos:
      - ouve: SP156, Prefeitura
      - tecla: 9
      - interrompe: "#"
      - digita: 1234#
      - silencio: sim
      - consulta: {achou: {situacao: aberto}}
      - consulta: nao_achou
      - grava_recado: sim
      - transfere: nao_atendeu
      - conversa: sim
      - desliga: sim
    espera:
      etapas: [principal, cidade]
      fila: p156_geral
      prioridade: 30
      assunto: Pediu um atendente
      linha: 156
      fim: desligou
      dados: {codigo: "1234"}
      notas: {clareza: 5}
      idioma: en
  - nome: Pouco
    de: oculto
    espera: {etapas: principal}
"""


def written(tmp_path: Path, text: str, name: str = "156.yaml") -> Path:
    folder = tmp_path / "dialplans"
    (folder / "tests").mkdir(parents=True, exist_ok=True)
    (folder / "tests" / name).write_text(text, encoding="utf-8")
    return folder


def test_all_that_can_be_written_is_read(tmp_path: Path) -> None:
    whole, little = read_scripts(written(tmp_path, WHOLE), NAMED)
    script = whole.script
    assert script.steps == (
        Hears("SP156, Prefeitura"),
        Types("9"),
        Types("#", at_once=True),
        Types("1234#"),
        IsSilent(),
        LookUpGives(Answer("achou", {"situacao": "aberto"})),
        LookUpGives(Answer("nao_achou")),
        LeavesMessage(),
        IsTransferred(False),
        Talks(),
        HangsUp(),
    )
    assert script.wanted == Wanted(
        ("principal", "cidade"),
        "p156_geral",
        30,
        "Pediu um atendente",
        "156",
        "desligou",
        {"codigo": "1234"},
        {"clareza": "5"},
        "en",
    )
    assert (script.entry, script.caller, script.short) == ("08000110156", "+5511987654321", True)
    assert script.relay is False
    assert script.at == 1_798_248_600.0  # 01:30 UTC of the 26th
    assert script.notices["principal"][0].text.plain() == "Só hoje."
    assert (little.script.name, little.script.caller) == ("Pouco", "anonymous")
    assert little.script.relay is None


def test_a_part_of_a_script_has_a_place(tmp_path: Path) -> None:
    whole, little = read_scripts(written(tmp_path, WHOLE), NAMED)
    assert whole.place() == "dialplans/tests/156.yaml:4:5"
    assert whole.place(("steps", "1")) == "dialplans/tests/156.yaml:14:9"
    assert whole.place(("wanted", "queue")) == "dialplans/tests/156.yaml:26:13"
    assert little.place(("wanted", "nodes", "0")).startswith("dialplans/tests/156.yaml:36:")


def test_a_folder_without_scripts_has_none(tmp_path: Path) -> None:
    assert read_scripts(tmp_path, NAMED) == ()


CALL = "linha: 156\nchamadas:\n  - nome: Uma\n    {}\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("linha: 156\n", r"1:1: falta a chave 'chamadas'"),
        ("linha: 157\nchamadas: []\n", r"1:8: valor desconhecido '157'"),
        ("linha: 156\nchamadas: {a: b}\n", r"2:1: esperava-se uma lista em chamadas"),
        (
            CALL.format("espera: {etapas: [prinsipal]}"),
            r"4:\d+: a etapa 'prinsipal' não existe.*'pr",
        ),
        (CALL.format("espera: {fila: p156}"), r"4:\d+: a fila 'p156' não existe"),
        (CALL.format("espera: {notas: {claro: 5}}"), r"4:\d+: a pergunta 'claro' não existe"),
        (CALL.format("espera: {notas: {clareza: 7}}"), r"4:\d+: valor desconhecido '7'"),
        (CALL.format("espera: {filla: x}"), r"4:\d+: chave desconhecida 'filla' em espera.*fila"),
        (CALL.format("espera: {fim: talvez}"), r"valor desconhecido 'talvez'; use sim ou desligou"),
        (CALL.format("passos: []"), r"3:5: falta a chave 'espera'"),
        (CALL.format("passos: [{tecla: 12}]"), r"4:\d+: uma só tecla aqui, não '12'"),
        (CALL.format("passos: [{tecla: x}]"), r"4:\d+: teclas inválidas 'x'"),
        (CALL.format("passos: [{tecla: 1, ouve: a}]"), r"4:\d+: há mais de um passo neste item"),
        (CALL.format("passos: [{teclar: 1}]"), r"4:\d+: chave desconhecida 'teclar' em um passo"),
        (CALL.format("passos: [{silencio: não}]"), r"4:\d+: esperava-se sim, e não 'não'"),
        (CALL.format("passos: [{consulta: talvez}]"), r"valor desconhecido 'talvez'; use achou"),
        (CALL.format("passos: [{consulta: {axou: {}}}]"), r"chave desconhecida 'axou' em consulta"),
        (CALL.format("passos: [{transfere: sim}]"), r"valor desconhecido 'sim'; use atendeu"),
        (CALL.format("quando: amanhã"), r"4:\d+: momento inválido 'amanhã'; escreva"),
        (CALL.format("quando: 2026-02-30 10:00"), r"momento inválido '2026-02-30 10:00'"),
        (CALL.format("de: ninguém"), r"'ninguém' não é um número de telefone, nem 'oculto'"),
        (CALL.format("avisos: {nada: Olá.}"), r"4:\d+: a etapa 'nada' não existe"),
        (CALL.format("nome: Outra"), r"chave 'nome' repetida"),
        (
            "linha: 156\nchamadas:\n" + "- {nome: A, espera: {fim: sim}}\n" * 2,
            r"4:\d+: já há uma chamada com o nome 'A'",
        ),
        ("linha: [\n", r"156\.yaml:\d+:\d+: "),
        ("\ttab", r"156\.yaml:1:1: "),
        ("", r"1:1: esperavam-se chaves e valores em 156\.yaml"),
    ],
)
def test_mistakes_are_told_with_their_places(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(DialplanMistakes) as wrong:
        read_scripts(written(tmp_path, text), NAMED)
    found = str(wrong.value)
    assert found.startswith("dialplans/tests/156.yaml:")
    assert re.search(told, found), found


def test_all_files_are_looked_at_before_anything_is_said(tmp_path: Path) -> None:
    written(tmp_path, "linha: 157\nchamadas: []\n", "a.yaml")
    folder = written(tmp_path, CALL.format("quando: já"), "b.yaml")
    with pytest.raises(DialplanMistakes) as wrong:
        read_scripts(folder, NAMED)
    assert {mistake.file for mistake in wrong.value.mistakes} == {
        "dialplans/tests/a.yaml",
        "dialplans/tests/b.yaml",
    }


@given(st.data())
def test_whatever_is_broken_is_told_and_nothing_else_is_raised(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    lines = WHOLE.splitlines()
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(lines) - 1))
        piece = data.draw(st.sampled_from(("", "  - ", "x: y", "[", "sim", "é: {", "\t", "*a")))
        how = data.draw(st.integers(0, 2))
        lines[at : at + (how > 0)] = [piece] if how < 2 else [lines[at][: len(lines[at]) // 2]]
    folder = written(tmp_path_factory.getbasetemp() / "broken", "\n".join(lines))
    try:
        read_scripts(folder, NAMED)
    except DialplanMistakes as wrong:
        for mistake in wrong.mistakes:
            assert mistake.file == "dialplans/tests/156.yaml"
            assert mistake.line >= 1
            assert mistake.message
