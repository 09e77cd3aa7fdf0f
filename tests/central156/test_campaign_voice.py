"""What campaigns say is recorded before they start, or they do not start."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from click.testing import CliRunner
from house import CHECKOUT

from central156.campaign_voice import CampaignVoice, texts_of, values_of
from central156.cli import main
from central156.plugs import VoicePlug
from central156.settings import Settings
from protocol_store import schema
from protocol_store.engines import make_engine
from reader.campaign_file import CampaignFile, read_campaign
from terms.notice_words import dropped_text
from voice.library import RECORDED_HERE
from voice.recording import make_missing

NO_VOICE = importlib.util.find_spec("onnxruntime") is None
without_voice = pytest.mark.skipif(not NO_VOICE, reason="the voice is installed here")
NOTICE = """campanha: x
tipo: aviso
modo: aviso
orgao: Saúde
assunto: Teste
fila: p156_geral
mostra: 1131560156
rotas: [principal]
fala: Chove na sua rua. Tecle um se ouviu, nove para falar com um atendente.
teclas: {1: confirma, 9: atendente}
"""


def read(text: str = NOTICE) -> CampaignFile:
    return read_campaign(text.encode(), "x.yaml")


def hum(*_: object) -> bytes:
    return b"\x00\x10\x00\xf0" * 8_000


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(state_dir=tmp_path, sounds_dir=CHECKOUT / "sounds" / "recorded")


async def test_what_a_command_has_recorded_is_played_from_the_start_on(settings: Settings) -> None:
    voice = VoicePlug(settings.sounds_dir, settings.state_dir)
    speaks, notice = CampaignVoice(settings, voice), read()
    ((language, text),) = texts_of(notice)
    assert voice.find(text) is None
    make_missing([(language, text)], settings.state_dir / RECORDED_HERE, hum)
    assert await speaks(notice) == ""
    assert voice.find(text) is not None


@without_voice
async def test_without_a_voice_it_says_which_text_and_what_to_type(settings: Settings) -> None:
    voice = VoicePlug(settings.sounds_dir, settings.state_dir)
    why = await CampaignVoice(settings, voice)(read())
    assert why.startswith("o texto da campanha não pode ser falado («Chove na sua rua.")
    assert "make voice" in why
    assert "\n" not in why


@pytest.mark.parametrize(
    ("was", "now", "why"),
    [
        ("Tecle um se ouviu, nove", "Tecle nove", "não diz a tecla 1"),
        (", nove para falar com um atendente", "", "não diz a tecla 9"),
        ("{1: confirma, 9: atendente}", "{1: confirma}\nsem_atendente: x", "tire 'sem_atendente'"),
    ],
)
async def test_a_notice_that_nobody_could_follow_does_not_start(
    settings: Settings, was: str, now: str, why: str
) -> None:
    voice = VoicePlug(settings.sounds_dir, settings.state_dir)
    assert why in await CampaignVoice(settings, voice)(read(NOTICE.replace(was, now)))


async def test_what_has_agents_says_nothing_but_the_sentence_of_a_drop(settings: Settings) -> None:
    survey = NOTICE.replace("modo: aviso", "modo: progressivo")
    survey = "\n".join(line for line in survey.splitlines() if line[:4] not in ("fala", "tecl"))
    voice = VoicePlug(settings.sounds_dir, settings.state_dir)
    assert await CampaignVoice(settings, voice)(read(survey)) == ""
    predictive = read(survey.replace("progressivo", "preditivo"))
    assert texts_of(predictive) == (("pt", dropped_text("Saúde")),)


def test_what_is_said_of_few_people_is_not_recorded() -> None:
    """A recording and its text stay: a citizen's name, or a day that is one family's, must not."""
    said = NOTICE.replace("Chove na sua rua", "Senhor {nome}, dia {dia}, em {bairro}")
    said += "lista:\n  campos: {nome: Nome, dia: Dia, bairro: Bairro}\n"
    rows = [{"nome": f"Zoé {n}", "dia": "doze", "bairro": "Sé"} for n in range(5)]
    rows[4]["bairro"] = "Brás"
    values = values_of(read(said), [*rows, {"dia": "doze"}])
    assert values.few == (("pt", "doze"),)
    assert values.many == ("bairro", "nome")
    (first, second) = values.told
    assert "{bairro}" in first
    assert "menos de 5 contatos" in second


@without_voice
def test_an_import_says_what_could_not_be_recorded(tmp_path: Path) -> None:
    state = tmp_path / "state"
    engine = make_engine(f"sqlite:///{state / 'store.sqlite'}")
    schema.upgrade(engine)
    engine.dispose()
    file = tmp_path / "handed-over" / "x.yaml"
    file.parent.mkdir()
    file.write_text(NOTICE, encoding="utf-8")
    told = ["--pasta", str(state), "campaign", "import", str(file)]
    done = CliRunner(env={"COLUMNS": "160"}).invoke(main, told)
    assert done.exit_code == 0, done.output
    assert "Atenção: o texto da campanha não pode ser falado" in done.output
    assert "Sem isso a campanha não começa." in done.output
    shipped = [*told[:-1], "aviso_de_obra"]
    done = CliRunner(env={"COLUMNS": "160"}).invoke(main, shipped)
    assert done.exit_code == 0, done.output
    assert "Atenção" not in done.output  # the examples are recorded
