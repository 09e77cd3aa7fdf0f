"""What a folder must hold before it is published: recordings, call scripts, services."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest
from small_menus import menus, write
from tone_prompts import tones_for

import central156.plans
from callflow.serving import Plans
from central156.plans import Unfit, Words, Workshop
from central156.plugs import VoicePlug
from central156.settings import Settings, load_settings
from central156.state_folder import prepare_state
from ivr.menu import MenuNode
from reader import DialplanMistakes
from voice.order import NotRecorded

SCRIPT = """
linha: 156
chamadas:
  - nome: Um assunto
    passos:
      - tecla: 1
    espera: {fila: p156_geral, assunto: SUBJECT}
"""
ASKS = """
  situacao:
    tipo: consulta
    servico: situacao
    achou: geral
    nao_achou: geral
    falhou: geral
"""
SERVICE = """
servicos:
  situacao: {origem: outra, sql: select 1 as aberta, responde: [aberta]}
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = load_settings(tmp_path / "state")
    prepare_state(found)
    return found


def folder_of(tmp_path: Path, files: dict[str, str]) -> Path:
    return write(tmp_path / "dialplans", files)


def workshop_with_tones(settings: Settings, folder: Path) -> Workshop:
    """Every text of the folder is recorded."""
    tones_for(folder, settings.state_dir)
    return Workshop(settings, VoicePlug(settings.sounds_dir, settings.state_dir))


async def test_a_folder_that_may_be_published(tmp_path: Path, settings: Settings) -> None:
    script = SCRIPT.replace("SUBJECT", "Rua ou árvore")
    folder = folder_of(tmp_path, {**menus(), "tests/um.yaml": script})
    ready = await workshop_with_tones(settings, folder).prove(folder)
    assert set(ready.plans.lines) == {"156", "199", "153"}
    assert ready.notes[-1].startswith("roteiros de chamadas: 1 como esperado, cobertura de ")


async def test_call_scripts_must_pass(tmp_path: Path, settings: Settings) -> None:
    script = SCRIPT.replace("SUBJECT", "Ônibus")
    folder = folder_of(tmp_path, {**menus(), "tests/um.yaml": script})
    with pytest.raises(Unfit, match="Um assunto"):
        await workshop_with_tones(settings, folder).prove(folder)


async def test_texts_that_cannot_be_recorded_are_told_with_their_places(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = folder_of(tmp_path, menus())
    workshop = workshop_with_tones(settings, folder)
    write(folder, menus(greeting="Bom dia da Defesa Civil."))

    async def mute(wanted: Iterable[Words], *_: Path) -> None:
        raise NotRecorded("falta a voz", [one for one in wanted if "Bom dia" in one[1]])

    monkeypatch.setattr(central156.plans, "make", mute)
    with pytest.raises(Unfit) as unfit:
        await workshop.prove(folder)
    told = str(unfit.value)
    assert "dialplans/199.yaml:" in told
    assert told.endswith("falta a voz\nTextos sem gravação:\n  [pt] Bom dia da Defesa Civil.")
    with pytest.raises(DialplanMistakes, match="199"):
        workshop.read(folder)


async def test_options_of_services_that_nobody_answers_are_hidden(
    tmp_path: Path, settings: Settings
) -> None:
    files = {**menus(), "servicos.yaml": SERVICE}
    files["156.yaml"] = (
        files["156.yaml"]
        .replace("tecle um.", "tecle um. A situação do seu pedido, dois.")
        .replace("{1: cidade, ", "{1: cidade, 2: situacao, ")
        .replace("na_espera", ASKS.strip("\n") + "\nna_espera")
    )
    folder = folder_of(tmp_path, files)
    workshop = workshop_with_tones(settings, folder)
    whole = workshop.read(folder)  # the shorter text was never recorded: the option stays
    assert "2" in _options(whole)
    shorter = write(tmp_path / "shorter", menus())
    tones_for(shorter, settings.state_dir)  # now it is, and every other text stays the same
    workshop = Workshop(settings, VoicePlug(settings.sounds_dir, settings.state_dir))
    ready = await workshop.prove(folder)
    assert "2" not in _options(ready.plans)
    assert "o serviço 'situacao' não está configurado" in ready.notes[0]
    assert workshop.read(folder).lines == ready.plans.lines


def _options(plans: Plans) -> Mapping[str, str]:
    node = plans.lines["156"].nodes["principal"]
    assert isinstance(node, MenuNode)
    return node.options
