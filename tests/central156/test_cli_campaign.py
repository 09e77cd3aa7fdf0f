"""The campaign commands, on a store of their own; no centre is up."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from central156.cli import campaign_words as words
from central156.cli import main
from central156.settings import load_settings
from dialer.campaign import CampaignState, Kind, Mode
from dialer.contacts import ContactState, Ending
from dialer.eligible import Rule
from protocol_store import attempt_rows, campaign_rows, schema
from protocol_store.campaign_rows import Change
from protocol_store.engines import make_engine
from terms.names import CampaignName
from terms.outcome import Tried

LIST = """Nome;Celular;Protocolo
José;(11) 91234-5678;1
Ana;11 3333-4444;2
Bia;91234;3
Ana;1133334444;4
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A state folder whose database is of this release."""
    state = tmp_path / "state"
    engine = make_engine(f"sqlite:///{state / 'store.sqlite'}")
    schema.upgrade(engine)
    engine.dispose()
    return state


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    """A list in Windows-1252, as a person hands it over."""
    file = tmp_path / "handed-over" / "lista.csv"
    file.parent.mkdir()
    file.write_text(LIST, encoding="cp1252")
    return file


def campaign(folder: Path, *words: object) -> Result:
    told = ["--pasta", str(folder), "campaign", *map(str, words)]
    return CliRunner(env={"COLUMNS": "160"}).invoke(main, told)


def test_from_the_file_to_the_rehearsal(folder: Path, listed: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "erros.csv"
    checked = campaign(folder, "check", "pesquisa_zeladoria", listed, "--erros", wrong)
    assert checked.exit_code == 1
    assert "lista.csv: CSV, Windows-1252, separado por ponto e vírgula." in checked.output
    assert "lista.csv, linha 4, coluna 'Celular': faltam algarismos" in checked.output
    assert "lista.csv, linha 5: o mesmo número da linha 3" in checked.output
    assert "2 contatos." in checked.output
    with wrong.open(encoding="utf-8-sig", newline="") as file:
        assert [row["linha"] for row in csv.DictReader(file, delimiter=";")] == ["4", "5"]

    stored = campaign(folder, "import", "pesquisa_zeladoria", listed, "--quem", "ana")
    assert stored.exit_code == 0, stored.output
    assert "2 contatos guardados." in stored.output
    again = campaign(folder, "import", "pesquisa_zeladoria", listed, "--quem", "ana")
    assert "já está na campanha desde" in again.output
    assert "rascunho" in campaign(folder, "list").output
    shown = campaign(folder, "show", "pesquisa_zeladoria").output
    assert "2 contatos, 2 com erro" in shown
    assert "à espera: 2" in shown

    barred = campaign(folder, "block", "(11) 91234-5678", "--motivo", "pediu", "--quem", "bia")
    assert "*******5678 não será chamado" in barred.output
    who = tmp_path / "quem.csv"
    begins = ("--inicio", "30/11/2026 9:00")
    found = campaign(folder, "rehearse", "pesquisa_zeladoria", *begins, "--contatos", who)
    assert found.exit_code == 0, found.output
    assert "2 contatos; 1 se podem chamar, 1 ficam de fora." in found.output
    assert "não quer ser chamado: 1" in found.output
    assert "Supõe-se: 30% das tentativas atendidas, conversa de 180 s" in found.output
    with who.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    assert [(row["telefone"], row["quando"]) for row in rows] == [
        ("*******5678", ""),
        ("******4444", "30/11/2026 09:00"),
    ]
    everything = stored.output + shown + found.output + barred.output + who.read_text("utf-8")
    assert "912345678" not in everything


def test_another_list_brings_the_new_ones_alone(folder: Path, listed: Path) -> None:
    campaign(folder, "import", "retorno_de_abandono", listed)
    other = listed.with_name("outra.csv")
    other.write_text("telefone\n1133334444\n1133334446\n", encoding="utf-8")
    campaign(folder, "block", "1133334446", "--motivo", "pediu")
    told = campaign(folder, "import", "retorno_de_abandono", other).output
    assert "outra.csv, linha 2: o número já está na campanha, por outra lista" in told
    assert "1 contato guardado." in told
    assert "1 número não se pode chamar agora" in told


def test_a_campaign_that_is_over_takes_no_list(folder: Path, listed: Path) -> None:
    campaign(folder, "import", "retorno_de_abandono", listed)
    engine = make_engine(load_settings(folder).store_url)
    with engine.begin() as connection:
        name = CampaignName("retorno_de_abandono")
        wish = Change(name, frozenset({"draft"}), "done", 1_795_600_085.0, "ana", "sem vacina")
        campaign_rows.change(connection, wish)
    engine.dispose()
    other = listed.with_name("outra.csv")
    other.write_text("telefone\n1133334446\n", encoding="utf-8")
    refused = campaign(folder, "import", "retorno_de_abandono", other)
    assert refused.exit_code == 1
    assert "já terminou: guarde-a com outro nome" in refused.output
    assert "guardad" not in refused.output
    shown = campaign(folder, "show", "retorno_de_abandono").output
    assert "encerrada, desde 25/11/2026 06:48:05, por ana: sem vacina" in shown
    assert "a campanha acabou antes: 2" in shown
    assert "à espera" not in shown


def test_the_list_of_those_who_do_not_want_to_be_called(folder: Path) -> None:
    assert campaign(folder, "blocked").output == "Ninguém.\n"
    campaign(folder, "block", "11 91234-5678", "--motivo", "pediu", "--quem", "ana")
    listed = campaign(folder, "blocked").output
    assert "*******5678" in listed
    assert "pediu" in listed
    back = campaign(folder, "unblock", "11912345678", "--motivo", "quer de novo", "--quem", "bia")
    assert "pode ser chamado" in back.output
    assert campaign(folder, "blocked").output == "Ninguém.\n"
    assert "bia" in campaign(folder, "blocked", "11 91234-5678").output
    again = campaign(folder, "unblock", "11912345678", "--motivo", "x")
    assert again.exit_code == 1
    assert "não está na lista" in again.output


def test_a_rehearsal_of_a_list_that_is_nowhere_stored(folder: Path, listed: Path) -> None:
    found = campaign(folder, "rehearse", "alerta_de_chuva", listed,
                     "--inicio", "29/11/2026 3:00")  # fmt: skip
    assert "2 linhas com erro" in found.output
    assert "29/11/2026" in found.output
    assert "com 60 canais" in found.output
    assert campaign(folder, "list").output == "Não há campanhas guardadas.\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("check", "nada"), "não há o arquivo"),
        (("show", "nada"), "não há campanha guardada com o nome nada"),
        (("rehearse", "nada"), "não há campanha guardada com o nome nada"),
        (("rehearse", "nada", "--inicio", "ontem"), "não é uma hora nem um dia"),
        (("block", "190", "--motivo", "x"), "telefone: faltam algarismos"),
        (("block", "11 91234-5678", "--motivo", " "), "diga o motivo"),
        (("blocked", "11 91234-5678"), "nunca esteve na lista"),
    ],
)
def test_what_goes_wrong_is_told(folder: Path, words: tuple[str, ...], told: str) -> None:
    found = campaign(folder, *words)
    assert told in found.output
    assert "Traceback" not in found.output


def test_a_file_with_mistakes_and_one_that_is_no_list(
    folder: Path, listed: Path, tmp_path: Path
) -> None:
    wrong = tmp_path / "x.yaml"
    wrong.write_text("campanha: x\ntipo: avizo\nfila: p156_gera\n", encoding="utf-8")
    found = campaign(folder, "import", wrong, listed)
    assert found.exit_code == 1
    assert "campanhas/x.yaml:2:7: valor desconhecido 'avizo'" in found.output
    assert "campanhas/x.yaml:3:7: fila desconhecida 'p156_gera'" in found.output
    none = tmp_path / "nada.csv"
    none.write_text("nome;idade\n", encoding="utf-8")
    found = campaign(folder, "check", "retorno_de_abandono", none)
    assert "nada.csv: nenhuma coluna é o telefone (há nome, idade)" in found.output


def test_a_campaign_that_has_begun_is_not_written_over(folder: Path, tmp_path: Path) -> None:
    small = "tipo: retorno\norgao: A\nassunto: {}\nfila: p156_geral\nmostra: 156\n"
    small += "rotas: [principal]\n"
    file = tmp_path / "x.yaml"
    for subject in ("B", "C"):
        file.write_text("campanha: x\n" + small.format(subject), encoding="utf-8")
        assert campaign(folder, "import", file).exit_code == 0
    engine = make_engine(f"sqlite:///{folder / 'store.sqlite'}")
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE campaigns SET state = 'running'")
    engine.dispose()
    file.write_text("campanha: x\n" + small.format("D"), encoding="utf-8")
    found = campaign(folder, "import", file)
    assert found.exit_code == 1
    assert "já começou: dê outro nome" in found.output


def test_there_is_a_word_for_everything() -> None:
    assert set(words.KINDS) == set(Kind)
    assert set(words.MODES) == set(Mode)
    assert set(words.STATES) == {*CampaignState, *ContactState}
    assert set(words.ENDINGS) == set(Ending)
    never_for_good = {Rule.IN_CALL, Rule.PAUSE, Rule.A_DAY, Rule.NONE}
    assert set(words.RULES) == set(Rule) - never_for_good
    assert (campaign_rows.DRAFT, campaign_rows.PENDING) == (
        CampaignState.DRAFT,
        ContactState.PENDING,
    )
    assert attempt_rows.ORDERED == ContactState.ORDERED
    assert attempt_rows.ANSWERED == Tried.ANSWERED
