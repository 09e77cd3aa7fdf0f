"""rotas.yaml: the shipped file is read, and every mistake is told with its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from house import CHECKOUT

from dialer.trunks import TRUNK_NAME
from reader import DialplanMistakes, read_dialplans
from reader.campaign_file import read_campaign
from reader.trunk_file import TrunkRow, read_trunks, trunks_in
from terms.limits import TRUNKS_MAX

CAMPAIGN = """campanha: x
tipo: aviso
orgao: A
assunto: B
modo: aviso
fala: Olá.
mostra: 1131560156
rotas: [principal, reserva]
"""


def told(text: str) -> list[str]:
    with pytest.raises(DialplanMistakes) as found:
        read_trunks(text.encode())
    return [str(one).removeprefix("dialplans/rotas.yaml:") for one in found.value.mistakes]


def test_the_shipped_one_has_the_trunk_of_the_shipped_campaigns_and_sends_nothing_anywhere() -> (
    None
):
    rows = trunks_in(CHECKOUT / "dialplans")
    assert rows is not None
    assert [(row.name, row.address) for row in rows] == [("principal", "")]
    names = [row.name for row in rows]
    for file in (CHECKOUT / "dialplans" / "campanhas").glob("*.yaml"):
        read_campaign(file.read_bytes(), file.name, trunks=names)


def test_all_that_may_be_said() -> None:
    text = """rotas:
  principal:
    operadora: Primeira
  de_reserva:
    porque: sem ela nada sai quando a outra cai
    operadora: Segunda
    destino: sip-2.exemplo.net:5062
    prefixo: +55021
    canais: 30
    por_segundo: 2
    por_mes: 400000
    autenticada: sim
    so_disca: [11, 12, 2199]
"""
    first, second = read_trunks(text.encode())
    assert first == TrunkRow("principal", "Primeira", "", "", 0, 0, 500_000, False, ())
    assert second == TrunkRow(
        *("de_reserva", "Segunda", "sip-2.exemplo.net:5062", "+55021", 30, 2, 400_000),
        authenticated=True,
        starts=("11", "12", "2199"),
    )
    assert all(TRUNK_NAME.fullmatch(row.name) for row in (first, second))


@pytest.mark.parametrize(
    ("line", "mistake"),
    [
        ("destino: 10.0.0.5", "4:14: destino inválido '10.0.0.5'"),
        ("destino: 10.0.0.5:70000", "4:14: destino inválido"),
        ("destino: 'sip:10.0.0.5:5060'", "4:14: destino inválido"),
        ("destino: '10.0.0.5:5060;x=y'", "4:14: destino inválido"),
        ('destino: "10.0.0.5:5060\\n[x]"', "4:14: destino inválido"),
        ("prefixo: 12a", "4:14: '12a' não é um prefixo"),
        ("prefixo: 021", "4:14: 'prefixo' não vale sem 'destino'; use out_prefix"),
        ("canais: 0", "4:13: número inválido '0'; use um número inteiro de 1 a 10000"),
        ("por_segundo: muitos", "4:18: número inválido 'muitos'"),
        ("por_mes: 600000", "4:14: número inválido '600000'"),
        ("autenticada: yes", "4:18: valor desconhecido 'yes'; use sim ou não"),
        ("so_disca: [11, 0800]", "4:20: '0800' não é um começo de número"),
        ("so_disca: [190]", "4:16: '190' não é um começo de número"),
        ("destno: 10.0.0.5:5060", "4:5: chave desconhecida 'destno' em rota 'aa'; você quis dizer"),
    ],
)
def test_each_mistake_has_its_place(line: str, mistake: str) -> None:
    found = told(f"rotas:\n  aa:\n    operadora: X\n    {line}\n")
    assert len(found) == 1
    assert found[0].startswith(mistake)


def test_what_only_shows_side_by_side() -> None:
    text = """rotas:
  aa: {operadora: X, destino: "h:1"}
  bb: {operadora: X, destino: "h:2", por_mes: 9}
  cc: {operadora: Y}
  dd: {operadora: Z}
  e: {operadora: Z, destino: "h:3"}
"""
    assert told(text) == [
        "3:47: 'por_mes' é da operadora, e outra rota dela diz 500000",
        "5:3: só uma rota fica sem 'destino', e já há 'cc'",
        "6:3: o nome da rota precisa de duas letras",
    ]
    many = "".join(
        f'  r{number}: {{operadora: X, destino: "h:1"}}\n' for number in range(TRUNKS_MAX + 1)
    )
    assert told(f"rotas:\n{many}") == [f"1:1: há {TRUNKS_MAX + 1} rotas; o máximo é {TRUNKS_MAX}"]
    assert told("") == ["1:1: esperavam-se chaves e valores em rotas.yaml; não há nada"]
    assert "operadora" in told("rotas: {aa: {destino: 'h:1'}}")[0]


def test_a_campaigns_routes_are_there() -> None:
    read_campaign(CAMPAIGN.encode(), "x.yaml", trunks=["reserva", "principal"])
    read_campaign(CAMPAIGN.encode(), "x.yaml")  # nobody knows which there are
    with pytest.raises(DialplanMistakes) as found:
        read_campaign(CAMPAIGN.encode(), "x.yaml", trunks=["principal", "reservas"])
    (mistake,) = found.value.mistakes
    assert (mistake.line, mistake.column) == (8, 20)
    assert "rota desconhecida 'reserva'; você quis dizer 'reservas'?" in mistake.message


def test_it_is_no_part_of_a_version(tmp_path: Path) -> None:
    for file in (CHECKOUT / "dialplans").glob("*.yaml"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    version = read_dialplans(tmp_path).version
    (tmp_path / "rotas.yaml").write_text("rotas: [\n")
    assert read_dialplans(tmp_path).version == version
    with pytest.raises(DialplanMistakes):
        trunks_in(tmp_path)
    (tmp_path / "rotas.yaml").unlink()
    assert trunks_in(tmp_path) is None
    assert read_dialplans(tmp_path).version == version
