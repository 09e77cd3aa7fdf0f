"""The settings: one file, the environment over it, and every mistake told at once."""

from __future__ import annotations

import os
import stat
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central156.settings import (
    DEFAULT_STATE_DIR,
    SECRETS,
    Settings,
    SettingsMistakes,
    load_settings,
)
from central156.state_folder import documented_file, prepare_state


@pytest.fixture(autouse=True)
def _nothing_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("CENTRAL156_"):
            monkeypatch.delenv(name)


def written(folder: Path, text: str) -> Path:
    (folder / "settings.toml").write_text(text, encoding="utf-8")
    return folder


def mistakes(folder: Path) -> list[str]:
    with pytest.raises(SettingsMistakes) as wrong:
        load_settings(folder)
    return wrong.value.mistakes


def test_without_a_file_the_defaults_are_in_force(tmp_path: Path) -> None:
    found = load_settings(tmp_path)
    assert (found.bind, found.port_base, found.http_port) == ("127.0.0.1", 15600, 15606)
    assert found.store_url == f"sqlite:///{tmp_path / 'store.sqlite'}"
    assert load_settings().state_dir == DEFAULT_STATE_DIR


def test_the_environment_beats_the_file_which_beats_the_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path, 'port_base = 16000\nnode = "n2"\nrecord = false\n')
    monkeypatch.setenv("CENTRAL156_PORT_BASE", "17000")
    found = load_settings(tmp_path)
    assert (found.port_base, found.node, found.record) == (17000, "n2", False)
    assert found.rtp_first == 20000
    assert load_settings(tmp_path, port_base=18000).port_base == 18000


def test_the_environment_can_move_the_folder_whose_file_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path, "port_base = 16000\n")
    monkeypatch.setenv("CENTRAL156_STATE_DIR", str(tmp_path))
    found = load_settings()
    assert (found.state_dir, found.port_base) == (tmp_path, 16000)


def test_folders_are_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = load_settings(Path("estado"), sounds_dir=Path("~/sons"))
    assert found.state_dir == tmp_path / "estado"
    assert found.sounds_dir == Path.home() / "sons"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("port_base = 80", "port_base: valor inválido 80; deve ser no mínimo 1024"),
        ("port_base = 70000", "port_base: valor inválido 70000; deve ser no máximo 65535"),
        ('port_base = "x"', "port_base: valor inválido 'x'; deve ser um número inteiro"),
        ("port_base = 65501", "port_base deve ser no máximo 65500"),
        ("rtp_first = 20000\nrtp_last = 20010", "rtp_last deve ser maior que rtp_first"),
        ('node = "Nó 1"', "node: valor inválido 'Nó 1'"),
        ('node = ""', "node: valor inválido ''"),
        ('log_level = "tudo"', "log_level: valor inválido 'tudo'; deve ser debug, info"),
        ("watchdog_seconds = 0", "watchdog_seconds: valor inválido 0"),
        ("drain_seconds = nan", "drain_seconds: valor inválido nan"),
        ('record = "talvez"', "record: valor inválido 'talvez'; deve ser true ou false"),
        ('cor = "azul"', "cor: configuração desconhecida"),
        ("port_bse = 16000", "configuração desconhecida; você quis dizer 'port_base'?"),
        ('bind = "minha-maquina"', "bind: valor inválido 'minha-maquina'; deve ser um endereço IP"),
        ('sip_bind = "10.0.0.999"', "sip_bind: valor inválido '10.0.0.999'; deve ser"),
        ('trunk_peers = "10.0.0.0/8, 200.1.2.300"', "'200.1.2.300' não é uma rede"),
        ("rescue_range = -1", "rescue_range: valor inválido -1; deve ser no mínimo 0"),
        ("port_base 16000", "não é um arquivo TOML válido: linha 1, coluna 11"),
        ('node = "n1', "não é um arquivo TOML válido: no fim"),
        ("port_base = 16000\nport_base = 17000", "esta configuração já estava escrita antes"),
        ("bind = 127.0.0.1", "não é um arquivo TOML válido: linha 1"),
    ],
)
def test_a_wrong_value_is_refused_by_name(tmp_path: Path, text: str, told: str) -> None:
    found = mistakes(written(tmp_path, text))
    assert len(found) == 1
    assert told in found[0]


def test_all_wrong_values_are_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, 'port_base = 80\nnode = "Nó"\ncor = "azul"\n')
    monkeypatch.setenv("CENTRAL156_DRAIN_SECONDS", "muito")
    found = "\n".join(mistakes(tmp_path))
    for name in ("port_base", "node", "cor", "drain_seconds"):
        assert f"{name}: " in found
    assert "valor inválido 'muito' (de CENTRAL156_DRAIN_SECONDS); deve ser um número" in found


def test_unknown_variables_are_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CENTRAL156_PORTBASE", "16000")
    monkeypatch.setenv("CENTRAL156_TOKEN", "x")
    found = mistakes(tmp_path)
    assert [mistake.split(";")[0] for mistake in found] == [
        "variável de ambiente desconhecida: CENTRAL156_PORTBASE",
        "variável de ambiente desconhecida: CENTRAL156_TOKEN",
    ]


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_bytes(b"node = \xff\xfe")
    assert "não é um arquivo TOML válido" in mistakes(tmp_path)[0]


def test_a_new_folder_has_secrets_and_a_documented_file(tmp_path: Path) -> None:
    folder = tmp_path / "novo"
    settings = load_settings(folder, port_base=16000)
    prepare_state(settings)
    secrets = [settings.secret(name) for name in SECRETS]
    assert len(set(secrets)) == len(SECRETS)
    assert min(map(len, secrets)) >= 40
    assert stat.S_IMODE(settings.secrets_dir.stat().st_mode) == 0o700
    for name in SECRETS:
        assert stat.S_IMODE((settings.secrets_dir / name).stat().st_mode) == 0o600
    # What was chosen is written down, and is in force next time; nothing is made twice.
    assert load_settings(folder).port_base == 16000
    prepare_state(load_settings(folder))
    assert [settings.secret(name) for name in SECRETS] == secrets


def test_the_file_documents_every_setting_but_the_folder(tmp_path: Path) -> None:
    text = documented_file(load_settings(tmp_path))
    assert tomllib.loads(text) == {}
    for name, field in Settings.model_fields.items():
        assert field.description
        if name != "state_dir":
            assert f"\n# {name} = " in text
            assert f"# {field.description}" in text


def test_the_documented_defaults_are_the_defaults(tmp_path: Path) -> None:
    text = documented_file(load_settings(tmp_path)).replace("\n# ", "\n")
    lines = [line for line in text.splitlines() if line.split(" = ")[0] in Settings.model_fields]
    written(tmp_path, "\n".join(lines))
    assert load_settings(tmp_path).model_dump() == load_settings(tmp_path / "nada").model_dump(
        exclude={"state_dir"}
    ) | {"state_dir": tmp_path}


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=40))
def test_any_text_survives_the_file(text: str) -> None:
    try:
        settings = Settings(collect_call_header=text)
    except ValueError:
        return
    assert tomllib.loads(documented_file(settings))["collect_call_header"] == text
