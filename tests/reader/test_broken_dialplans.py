"""Broken files: every mistake at once, each with its file, line, column and what was expected."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

import reader
from terms.limits import DIALPLAN_BYTES, MISTAKES_SHOWN

MENUS = Path(__file__).with_name("menus")
"""A sound folder of the tests' own, so that the city may edit its dialplans freely."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the sound folder, to be broken."""
    copy = tmp_path / "menus"
    copy.mkdir()
    for file in MENUS.glob("*.yaml"):
        (copy / file.name).write_bytes(file.read_bytes())
    return copy


def mistakes(folder: Path) -> list[str]:
    with pytest.raises(reader.DialplanMistakes) as caught:
        reader.read_dialplans(folder)
    assert str(caught.value).splitlines() == [str(one) for one in caught.value.mistakes]
    return [str(one) for one in caught.value.mistakes]


def change(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text()
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1))


def test_the_sound_folder_has_no_mistakes() -> None:
    assert set(reader.read_dialplans(MENUS).lines) == {"156", "199", "153"}


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        (
            "156.yaml",
            "      2: transporte",
            "      1: transporte",
            "156.yaml:39:7: chave '1' repetida (a primeira está na linha 38)",
        ),
        (
            "156.yaml",
            "    segue: principal",
            "    sege: principal",
            "156.yaml:21:5: chave desconhecida 'sege' em etapa 'abertura' (aviso); você quis "
            "dizer 'segue'?",
        ),
        (
            "156.yaml",
            "espera_da_tecla: 7 s",
            "espera_da_tecla: sete",
            "156.yaml:14:20: duração inválida 'sete'; diga o número e a unidade: 7 s, 2 min",
        ),
        (
            "156.yaml",
            "espera_da_tecla: 7 s",
            "espera_da_tecla: 2 min",
            "156.yaml:14:20: duração fora do limite '2 min'; use de 7 s a 30 s",
        ),
        (
            "156.yaml",
            "segue: principal",
            "segue: pricipal",
            "156.yaml:21:12: a etapa 'pricipal' não existe; você quis dizer 'principal'?",
        ),
        (
            "156.yaml",
            "fila: p156_transporte",
            "fila: p156_trasporte",
            "156.yaml:50:11: a fila 'p156_trasporte' não existe em queues.yaml; você quis dizer "
            "'p156_transporte'?",
        ),
        (
            "156.yaml",
            "fila: p156_transporte",
            "fila: e199_risco",
            "156.yaml:50:11: a fila 'e199_risco' é da linha 199; uma ligação da linha 156 só "
            "vai para outra linha por uma etapa do tipo 'entrega'",
        ),
        (
            "156.yaml",
            "    tipo: menu",
            "    tipo: menus",
            "156.yaml:24:11: valor desconhecido 'menus'; você quis dizer 'menu'?",
        ),
        (
            "156.yaml",
            "    tipo: menu\n",
            "",
            "156.yaml:23:3: falta a chave 'tipo' em etapa 'principal'; os tipos são: aviso, "
            "menu, digitos, decisao, consulta, fila, entrega, transferencia, recado, pesquisa, "
            "fim",
        ),
        (
            "156.yaml",
            "      9: um_atendente",
            "      '*': cidade\n      12: cidade",
            "156.yaml:41:7: a tecla * já volta ao menu anterior; não a escreva\n"
            "156.yaml:42:7: tecla inválida '12'; use de 0 a 9, ou \"#\"",
        ),
        (
            "156.yaml",
            "    segue: principal",
            "    segue: # principal",
            "156.yaml:21:5: falta o valor (depois de # é comentário; se for texto, use aspas)",
        ),
        (
            "156.yaml",
            "  cidade:\n",
            "  Saúde da Cidade:\n",
            "156.yaml:38:10: a etapa 'cidade' não existe\n"
            "156.yaml:43:3: nome inválido 'Saúde da Cidade'; use letras minúsculas sem acento, "
            "números e _, começando por letra (até 40)",
        ),
        (
            "156.yaml",
            "linha: 156",
            "linha: 0156",
            "156.yaml:8:8: valor desconhecido '0156'; você quis dizer '156'?",
        ),
        (
            "156.yaml",
            "fala: SP156, Prefeitura de São Paulo.",
            "fala: Atenção: Prefeitura de São Paulo.",
            "156.yaml:20:18: há dois pontos (:) num texto sem aspas, ou recuo errado",
        ),
        (
            "156.yaml",
            "    segue: principal",
            "\tsegue: principal",
            "156.yaml:21:1: há uma tabulação no recuo; use espaços",
        ),
        (
            "156.yaml",
            "atendente: p156_geral",
            "atendente: *geral",
            "156.yaml:10:12: atalhos (*nome) não são aceitos; repita o texto ou use aspas",
        ),
        (
            "156.yaml",
            "atendente: p156_geral",
            "atendente: &geral p156_geral",
            "156.yaml:10:12: marcas (&nome) não são aceitas: tire-a ou use aspas",
        ),
        (
            "156.yaml",
            "linha: 156",
            "linha: !!int 156",
            "156.yaml:8:8: tipos (!nome) não são aceitos: tire-o ou use aspas",
        ),
        (
            "156.yaml",
            "etapas:\n",
            "etapas: []\nx:\n",
            "156.yaml:16:1: esperavam-se chaves e valores em etapas; há uma lista (tire os '-')\n"
            "156.yaml:17:1: chave desconhecida 'x' em 156.yaml; aqui podem estar: linha, "
            "comeca_em, atendente, menu_resumido, resumido_no_horario, depois_da_conversa, "
            "idiomas, codigos, padroes, etapas, na_espera",
        ),
        (
            "156.yaml",
            "Ônibus, Bilhete Único e trânsito, dois.",
            "Tecle dois para ônibus.",
            "156.yaml:26:11: a tecla 2 não é dita depois da sua opção; termine uma frase com "
            "ela, por exemplo: 'Nome do assunto, tecle dois.'",
        ),
        (
            "199.yaml",
            "    tipo: fila\n    fila: e199_risco\n    prioridade: 100\n"
            "    assunto: Defesa Civil\n",
            "    tipo: aviso\n    fala: Olá.\n    segue: risco\n",
            "199.yaml:12:12: estas etapas andam em círculo sem que ninguém aperte uma tecla: "
            "risco → risco",
        ),
        (
            "153.yaml",
            "  a_cada: 20 s",
            "  a_cada: 5 s",
            "153.yaml:19:11: duração fora do limite '5 s'; use de 10 s a 10 min",
        ),
        (
            "153.yaml",
            "  a_cada: 20 s",
            "  protocolo: Seu protocolo é\n  a_cada: 20 s",
            "153.yaml:19:14: na linha 153 o protocolo não é falado antes do atendente",
        ),
        (
            "queues.yaml",
            "    prioridade: 45",
            "    prioridade: 045x",
            "queues.yaml:50:17: número inválido '045x'; use um número inteiro de 0 a 100",
        ),
        (
            "queues.yaml",
            "    linha: 153",
            "    linha: 199",
            "queues.yaml:6:1: nenhuma fila atende a linha 153\n"
            "153.yaml:6:12: a fila 'e153_ocorrencia' é da linha 199; uma ligação da linha 153 só "
            "vai para outra linha por uma etapa do tipo 'entrega'\n"
            "153.yaml:11:11: a fila 'e153_ocorrencia' é da linha 199; uma ligação da linha 153 "
            "só vai para outra linha por uma etapa do tipo 'entrega'",
        ),
    ],
)
def test_one_change_and_what_is_said(
    folder: Path, file: str, old: str, new: str, expected: str
) -> None:
    change(folder, file, old, new)
    assert mistakes(folder) == [f"menus/{line}" for line in expected.split("\n")]


def test_mistakes_of_all_files_are_told_at_once(folder: Path) -> None:
    change(folder, "156.yaml", "      1: cidade", "      1: cidad")
    change(folder, "156.yaml", "comeca_em: abertura", "comeca_em: fim")
    change(folder, "199.yaml", "a_cada: 20 s", "a_cada: 20")
    change(folder, "queues.yaml", "toque: 10 s", "toques: 10 s")
    (folder / "153.yaml").unlink()
    assert mistakes(folder) == [
        "menus/queues.yaml:11:5: chave desconhecida 'toques' em fila 'e199_risco'; você quis "
        "dizer 'toque'?",
        "menus/156.yaml:9:12: a etapa 'fim' não existe",
        "menus/156.yaml:38:10: a etapa 'cidad' não existe; você quis dizer 'cidade'?",
        "menus/199.yaml:19:11: duração inválida '20'; diga o número e a unidade: 7 s, 2 min",
        "menus/153.yaml:1:1: falta o arquivo 153.yaml na pasta menus",
    ]


def test_a_broken_queues_file_does_not_blame_the_lines(folder: Path) -> None:
    (folder / "queues.yaml").write_text("filas: {")
    assert mistakes(folder) == ["menus/queues.yaml:2:1: falta um valor, ou o fim de [ ] ou { }"]


def test_a_folder_or_files_that_are_not_there(folder: Path) -> None:
    (folder / "156.yaml").rename(folder / "156.yml")
    (folder / "199.yaml").unlink()
    (folder / "199.yaml").mkdir()
    assert mistakes(folder) == [
        "menus/156.yaml:1:1: falta o arquivo 156.yaml na pasta menus; você quis dizer '156.yml'?",
        "menus/199.yaml:1:1: o arquivo não pode ser lido (não é um arquivo)",
    ]
    assert len(mistakes(folder / "nowhere")) == 4


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "1:1: esperavam-se chaves e valores em 153.yaml; não há nada"),
        (
            b"- a\n- b\n",
            "1:1: esperavam-se chaves e valores em 153.yaml; há uma lista (tire os '-')",
        ),
        (
            b"linha: 153\nfala: ol\xe1\n",
            "2:9: o arquivo não está em UTF-8; grave-o com essa codificação",
        ),
        (b"a: b\n---\nc: d\n", "2:1: só pode haver um documento por arquivo; tire o '---'"),
        (b"a: " + b"[" * 2000, "1:1: há mais de 32 níveis, um dentro do outro"),
        (b"a: " + b"[" * 40 + b"]" * 40, "1:35: há mais de 32 níveis, um dentro do outro"),
        (b"#" * (DIALPLAN_BYTES + 1), "1:1: o arquivo passa de 256 KiB"),
        (b"a: \x00", "1:4: há um caractere de controle invisível"),
        (
            b"a: 'b\n",
            "1:4: o arquivo acaba no meio de um texto: faltam aspas no fim do que começa aqui",
        ),
    ],
)
def test_files_that_cannot_be_read_to_their_end(
    folder: Path, content: bytes, expected: str
) -> None:
    (folder / "153.yaml").write_bytes(content)
    found = mistakes(folder)
    if b"[" * 2000 in content:
        found = [f"{found[0].split(':')[0]}:1:1:{found[0].split(':', 3)[3]}"]
    assert found[0] == f"menus/153.yaml:{expected}"
    assert len(found) == 1


def test_a_number_of_5000_digits_is_a_mistake_like_another(folder: Path) -> None:
    change(folder, "199.yaml", "prioridade: 100", f"prioridade: {'9' * 5000}")
    assert mistakes(folder) == [
        f"menus/199.yaml:12:17: número inválido '{'9' * 37}...'; use um número inteiro de 0 a 100"
    ]


def test_hundreds_of_mistakes_are_counted_not_shown(folder: Path) -> None:
    with (folder / "153.yaml").open("a") as file:
        file.writelines(f"x{n}: 1\n" for n in range(MISTAKES_SHOWN + 50))
    found = mistakes(folder)
    assert len(found) == MISTAKES_SHOWN + 1
    assert found[-1].endswith(": há mais 50 erros daqui em diante")


def test_missing_recordings_are_found_where_their_texts_stand() -> None:
    dialplans = reader.read_dialplans(MENUS)
    assert reader.check(dialplans, lambda *_: 2.5) == ()
    lengths = {"Seu protocolo é": None, "Guarda Civil Metropolitana. Ligação gravada.": 3.2}
    found = reader.check(dialplans, lambda language, text: lengths.get(text, 2.5))
    assert [str(one) for one in found] == [
        "menus/156.yaml:70:14: não há gravação para o texto 'Seu protocolo é'",
        "menus/153.yaml:18:10: a saudação da linha 153 dura 3,2 s; o máximo é 3 s",
    ]


def test_a_big_tangle_of_menus_is_judged_in_a_moment(folder: Path) -> None:
    """As many nodes as a file can hold, every one of them wrong."""
    nodes = "".join(f"  n{n}: {{tipo: aviso, fala: a, segue: n{n + 1}}}\n" for n in range(4_000))
    wrong = "".join(f"  m{n}: {{tipo: menu, fala: a, teclas: {{1: z{n}}}}}\n" for n in range(900))
    change(folder, "199.yaml", "etapas:\n", f"etapas:\n{nodes}{wrong}")
    began = time.process_time()
    assert len(mistakes(folder)) == MISTAKES_SHOWN + 1
    assert time.process_time() - began < 5.0
