"""What must hold of a notice before anybody hears it."""

from __future__ import annotations

import pytest

from dialer.campaign import KeyMeans
from reader import DialplanMistakes
from reader.campaign_file import read_campaign
from reader.notice_proofs import named_keys, notice_mistakes
from terms.limits import NOTICE_CHARACTERS

CONFIRM = {"1": KeyMeans.CONFIRM}
BOTH = {**CONFIRM, "9": KeyMeans.PERSON}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Tecle um para confirmar, dois para ouvir de novo, ou nove para um atendente.", "129"),
        ("Para confirmar, tecle um. Para um atendente, tecle 9.", "19"),
        ("Tecle um se entendeu, dois para ouvir de novo, nove se precisa de ajuda.", "129"),
        ("Sua consulta é no dia um, às duas, ou três.", ""),
        ("Em um momento, aperte a tecla zero.", "0"),
        ("Tecle nove para falar com uma pessoa ou um atendente.", "9"),
        ("Confirme com um e espere.", ""),
    ],
)
def test_which_keys_a_text_asks_for(text: str, named: str) -> None:
    assert named_keys(text) == frozenset(named)


@pytest.mark.parametrize(
    ("text", "keys", "queue", "alone", "wrong"),
    [
        ("Tecle um para confirmar, nove para um atendente.", BOTH, "p156_geral", "", []),
        ("Tecle um para confirmar.", CONFIRM, "", "alerta de massa", []),
        ("Tecle um para confirmar, nove para um atendente.", CONFIRM, "p156_geral", "", []),
        ("Tecle um para confirmar.", CONFIRM, "", "", ["sem_atendente"]),
        ("Tecle um para confirmar.", CONFIRM, "p156_geral", "", ["sem_atendente"]),
        ("Olá.", BOTH, "p156_geral", "", ["a tecla 1", "a tecla 9"]),
        ("Tecle um ou dois.", CONFIRM, "", "é curto", ["oferece a tecla 2"]),
        ("Tecle nove para um atendente.", {}, "", "", ["oferece a tecla 9", "sem_atendente"]),
        ("Tecle nove para ouvir.", {"9": KeyMeans.REPEAT}, "p156_geral", "", ["a tecla 9 leva"]),
        ("Tecle um, nove para alguém.", BOTH, "p156_geral", "ninguém", ["tire 'sem_atendente'"]),
        (f"Tecle um. {'Chove. ' * 60}", CONFIRM, "", "não há", [str(NOTICE_CHARACTERS)]),
    ],
)
def test_what_is_wrong_with_a_notice(
    text: str, keys: dict[str, KeyMeans], queue: str, alone: str, wrong: list[str]
) -> None:
    found = [said for _, said in notice_mistakes(text, keys, queue, alone)]
    assert len(found) == len(wrong)
    assert all(part in said for part, said in zip(wrong, found, strict=True))


FILE = """campanha: x
tipo: aviso
modo: aviso
orgao: Saúde
assunto: Teste
mostra: 1131560156
rotas: [principal]
fala: Dia {dia:DATE}, tecle um.
teclas: {1: confirma}
lista:
  campos: {dia: Data}
"""


def test_mistakes_have_their_place_in_the_file() -> None:
    with pytest.raises(DialplanMistakes) as wrong:
        read_campaign(FILE.encode(), "x.yaml", proved=True)
    assert "8:7" in str(wrong.value)
    assert "'DATE'" in str(wrong.value)
    good = FILE.replace("DATE", "data").encode()
    assert read_campaign(good, "x.yaml").spoken == "Dia {dia:data}, tecle um."
    with pytest.raises(DialplanMistakes) as wrong:
        read_campaign(good, "x.yaml", proved=True)
    assert "sem_atendente" in str(wrong.value)
    reason = good + b"sem_atendente: alerta que todos ouvem\n"
    assert read_campaign(reason, "x.yaml", proved=True).alone == "alerta que todos ouvem"
