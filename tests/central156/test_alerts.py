"""Mass alerts: what is said of them becomes a campaign, its numbers, and a voice."""

from __future__ import annotations

import importlib.util
import math
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from central156.alerts import (
    Alert,
    NotAnAlert,
    answers_for,
    chosen,
    file_of,
    keys_of,
    least_seconds,
    spoken_of,
    where_of,
)
from central156.campaign_voice import texts_of, values_of
from central156.cli import main
from dialer.campaign import KeyMeans
from dialer.trunks import Trunk
from protocol_store import people, schema
from protocol_store.engines import make_engine
from protocol_store.people import NewPerson, Person, Role
from reader.campaign_file import CampaignFile, read_campaign
from reader.contact_list import Mapped
from reader.contact_sheets import ListUnreadable
from terms.names import TrunkName
from terms.outcome import Tried
from voice.library import RECORDED_HERE
from voice.recording import make_missing

NO_VOICE = importlib.util.find_spec("onnxruntime") is None
LIST = """Nome;Celular;Zona;Risco
José;(11) 91234-5678;Leste;R4
Ana;11 3333-4444;SÃO  MATEUS;R3
Bia;91234;leste;R4
Caio;(11) 98888-7777;Norte;R4
Rui;(11) 98888-6666;leste;R1
"""
TEXT = "Defesa Civil. Saia agora e vá para a escola."


PERSONS = (
    Person("carla", Role.SUPERVISOR, 0.0),
    Person("ana", Role.AGENT, 0.0),
    Person("rita", Role.SUPERVISOR, 0.0, revoked_at=1.0),
)


def alert(**about: object) -> Alert:
    said = {
        "name": "alerta_leste",
        "text": TEXT,
        "subject": "Deslizamento",
        "supervisor": "carla",
        "caller_id": "1131560199",
        "trunks": ["principal"],
        "queue": "e199_risco",
    }
    return Alert(**{**said, **about})  # type: ignore[arg-type]


def read(one: Alert) -> CampaignFile:
    return read_campaign(file_of(one).encode(), f"{one.name}.yaml", proved=True)


# --- what is said ---
@pytest.mark.parametrize(
    ("about", "spoken"),
    [
        ({}, f"{TEXT} Tecle um se entendeu, dois para ouvir de novo, ou nove para falar com uma "
             "pessoa."),
        ({"text": "Saia  agora", "queue": "", "alone": "x", "keys": {"1": KeyMeans.CONFIRM}},
         "Defesa Civil. Saia agora. Tecle um se entendeu."),
        ({"text": "A DEFESA civil avisa: saia. Tecle um, dois para ouvir, 9 para ajuda."},
         "A DEFESA civil avisa: saia. Tecle um, dois para ouvir, 9 para ajuda."),
        ({"text": "Chove! Tecle um se entendeu.", "body": "Guarda", "queue": "", "alone": "x",
          "keys": {"1": KeyMeans.CONFIRM, "0": KeyMeans.DO_NOT_CALL}},
         "Guarda. Chove! Tecle um se entendeu. Tecle zero para não receber mais estas ligações."),
    ],
)  # fmt: skip
def test_what_a_text_does_not_say_is_said_for_it(about: dict[str, object], spoken: str) -> None:
    assert spoken_of(alert(**about)) == spoken
    assert read(alert(**about)).spoken == spoken


def test_it_is_a_campaign_that_saves_lives_with_the_name_of_who_answers() -> None:
    one = read(alert(again=180.0, attempts=4)).campaign
    assert (one.kind.value, one.mode.value, one.life_safety) == ("alerta", "aviso", "carla")
    assert (one.attempts, one.attempts_a_day, one.priority) == (4, 4, 1)
    assert one.retries[Tried.NO_ANSWER].after == one.retries[Tried.BUSY].after == 180.0
    assert one.windows.holidays == one.windows.week[6] == ((0, 1440),)
    assert dict(one.keys) == {
        "1": KeyMeans.CONFIRM,
        "2": KeyMeans.REPEAT,
        "9": KeyMeans.PERSON,
    }


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (lambda: spoken_of(alert(text="  ")), "diga o texto"),
        (lambda: file_of(alert(supervisor="")), "diga o supervisor"),
        (lambda: keys_of(["1=sim"]), "há confirma"),
        (lambda: keys_of(["x=confirma"]), "não é uma tecla"),
        (lambda: where_of(["zona"]), "coluna=valor"),
        (lambda: answers_for("ana", PERSONS), "não é supervisor"),
        (lambda: answers_for("rita", PERSONS), "não há pessoa"),
        (lambda: answers_for("nadia", PERSONS), "não há pessoa"),
    ],
)
def test_what_is_no_alert_is_told(wrong: object, why: str) -> None:
    with pytest.raises(NotAnAlert, match=why):
        wrong()  # type: ignore[operator]


def test_who_answers_and_what_keys_and_columns_say() -> None:
    assert answers_for("carla", PERSONS) == "carla"
    assert keys_of([" 5 = recusa"]) == {"5": KeyMeans.REFUSE}
    assert where_of(["zona=leste", "zona = sul", "risco=R4"]) == {
        "zona": {"leste", "sul"},
        "risco": {"R4"},
    }


# --- whom it is for ---
@pytest.mark.parametrize(
    ("where", "numbers"),
    [
        ({}, ["11912345678", "1133334444", "11988887777", "11988886666"]),
        ({"Zona": ["leste"]}, ["11912345678", "11988886666"]),
        ({"Zona": ["Léste", "são mateus"], "Risco": ["r4", "R3"]}, ["11912345678", "1133334444"]),
        ({"Zona": ["sul"]}, []),
    ],
)
def test_the_rows_of_a_list_that_it_is_for(where: dict[str, list[str]], numbers: list[str]) -> None:
    found = chosen(LIST.encode(), Mapped(default_area="11"), where)
    assert found.content.decode().splitlines() == ["telefone", *numbers]
    assert (found.contacts, found.read, found.wrong) == (len(numbers), 4, 1)
    assert [one.line for one in found.mistakes] == [4]


def test_a_column_that_is_not_there_is_told() -> None:
    with pytest.raises(ListUnreadable):
        chosen(LIST.encode(), Mapped(), {"Bairro": ["leste"]})


def test_how_long_it_takes_at_least() -> None:
    slow = Trunk(TrunkName("a"), "a", channels=45, per_second=5)
    assert least_seconds(1_000, [slow], 15.0) == pytest.approx(1_000.0)  # 45 channels of 45 s each
    quick = Trunk(TrunkName("b"), "b", channels=9_000, per_second=10)
    assert least_seconds(1_100, [slow, quick], 15.0) == pytest.approx(100.0)
    assert least_seconds(1, [], 15.0) == math.inf


# --- its voice ---
def test_what_must_be_recorded() -> None:
    one = read(alert())
    assert texts_of(one) == (("pt", one.spoken),)
    text = "Dia {dia:data}, na {onde}, tecle um."
    file = file_of(alert(queue="", alone="x", keys={"1": KeyMeans.CONFIRM}))
    file = file.replace(file[file.index("fala:") : file.index("teclas:")], f"fala: '{text}'\n")
    file = file.replace("lista:", "lista:\n  campos: {dia: Dia, onde: Onde}")
    many = read_campaign(file.encode(), "alerta_leste.yaml")
    assert texts_of(many) == (("pt", "Dia"), ("pt", "na"), ("pt", "tecle um."))
    places = [{"onde": f"Escola {n % 3}", "dia": "1"} for n in range(50)]
    assert values_of(many, places).few == tuple(
        ("pt", f"Escola {word}") for word in ("dois", "um", "zero")
    )
    streets = values_of(many, [{"onde": f"Rua {n}"} for n in range(500)])
    assert (streets.few, streets.many) == ((), ("onde",))
    assert "{onde} tem mais de 200 valores" in next(streets.told)


# --- the commands, without a centre ---
@pytest.fixture
def folder(tmp_path: Path) -> Path:
    state = tmp_path / "state"
    engine = make_engine(f"sqlite:///{state / 'store.sqlite'}")
    schema.upgrade(engine)
    with engine.begin() as connection:
        new = [NewPerson(one.name, one.role, one.name, time.time()) for one in PERSONS[:2]]
        people.add_persons(connection, new)
    engine.dispose()
    return state


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    file = tmp_path / "handed-over" / "lista.csv"
    file.parent.mkdir()
    file.write_text(LIST, encoding="utf-8")
    return file


def command(folder: Path, *words: object) -> Result:
    told = ["--pasta", str(folder), "alert", *map(str, words)]
    return CliRunner(env={"COLUMNS": "160"}).invoke(main, told)


def order(what: str, listed: Path, *more: str) -> tuple[object, ...]:
    said = ("--texto", TEXT, "--supervisor", "carla", "--assunto", "Deslizamento")
    where = ("--fila", "e199_risco", "--mostra", "1131560199", "--onde", "Zona=leste")
    return (what, "alerta_leste", listed, *said, *where, *more)


def test_from_the_text_to_the_draft(folder: Path, listed: Path) -> None:
    checked = command(folder, *order("check", listed))
    assert checked.exit_code == 0, checked.output
    assert "lista.csv, linha 4" in checked.output
    assert "2 números, de 4 na lista." in checked.output
    assert "não tem rota de saída" in checked.output
    assert command(folder, "list").output.startswith("Não há alertas")

    def hum(*_: object) -> bytes:
        return b"\x00\x10\x00\xf0" * 8_000

    spoken = spoken_of(alert())
    make_missing([("pt", spoken)], folder / RECORDED_HERE, hum)
    made = command(folder, *order("make", listed))
    assert made.exit_code == 0, made.output
    assert "Alerta alerta_leste guardado, 2 números." in made.output
    assert f"Fala: «{spoken}»" in made.output
    again = command(folder, *order("make", listed))
    assert again.exit_code == 0, again.output
    shown = command(folder, "list").output
    for word in ("alerta_leste", "rascunho", "Deslizamento", "carla", " 2 "):
        assert word in shown
    heard = command(folder, "hear", "alerta_leste")
    assert heard.exit_code == 0
    (wav,) = [line for line in heard.output.splitlines() if line.endswith(".wav")]
    assert Path(wav).stat().st_size > 8_000


@pytest.mark.skipif(not NO_VOICE, reason="the voice is installed here")
def test_a_text_that_nobody_can_speak_is_refused_in_one_sentence(
    folder: Path, listed: Path
) -> None:
    refused = command(folder, *order("make", listed))
    assert refused.exit_code == 1
    assert "nada foi guardado: o texto da campanha não pode ser falado" in refused.output
    assert "make voice" in refused.output
    assert command(folder, "list").output.startswith("Não há alertas")


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (("--supervisor", "ana"), "não é supervisor"),
        (("--onde", "Bairro=centro"), "Bairro"),
        (("--fila", "nenhuma"), "fila desconhecida"),
        (("--fila", ""), "--fila, ou diga por que não em --sem-atendente"),
        (("--rota", "nenhuma"), "rota desconhecida"),
        (("--tentativas", "50"), "de 1 a 10"),
        (("--onde", "Zona=sul", "--onde", "Zona=oeste", "--onde", "Risco=R9"), "nenhuma linha"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_kept(
    folder: Path, listed: Path, more: tuple[str, ...], why: str
) -> None:
    refused = command(folder, *order("make", listed, *more))
    assert refused.exit_code == 1
    assert why in refused.output
    assert command(folder, "list").output.startswith("Não há alertas")
