"""What `central156 run` refuses to start with, and what a person at the terminal is told."""

from __future__ import annotations

import logging
import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from small_menus import menus, write

from central156.cli import main
from central156.cli.run import _warn_of_prompts
from central156.doctor import ports, running
from central156.log import OneLine
from central156.settings import Settings, load_settings
from central156.version_cache import VersionCache

HIGHEST_PORT_BASE = 65500


@pytest.fixture(autouse=True)
def _nothing_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("CENTRAL156_"):
            monkeypatch.delenv(name)


@pytest.fixture
def taken(tmp_path: Path) -> Iterator[Settings]:
    """Settings whose trunk port is another program's."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        if other.getsockname()[1] > HIGHEST_PORT_BASE:
            pytest.skip("the system gave a port too high to be the first of several")
        yield load_settings(tmp_path / "state", port_base=other.getsockname()[1])


def test_a_port_of_another_program_is_told_before_anything_starts(taken: Settings) -> None:
    # Asterisk starts without its trunk's port, and says nothing.
    environment = {"CENTRAL156_PORT_BASE": str(taken.port_base)}
    words = ["--pasta", str(taken.state_dir), "run", "--no-proof"]
    result = CliRunner().invoke(main, words, env=environment)
    assert result.exit_code == 1
    assert f"porta do tronco SIP: 127.0.0.1:{taken.port_base}: em uso" in result.output
    assert "mude port_base" in result.output
    assert not (taken.state_dir / "asterisk").exists()


def test_a_broken_folder_stops_only_the_first_start(taken: Settings, tmp_path: Path) -> None:
    """Later, what was published serves; what somebody is editing is told of."""
    folder = write(tmp_path / "menus", {**menus(), "199.yaml": "linha: 199\n"})
    environment = {
        "CENTRAL156_PORT_BASE": str(taken.port_base),
        "CENTRAL156_DIALPLANS_DIR": str(folder),
    }
    words = ["--pasta", str(taken.state_dir), "run", "--no-proof"]
    first = CliRunner().invoke(main, words, env=environment)
    assert "a central não foi ligada:\nmenus/199.yaml:" in first.output
    cache = VersionCache(taken)
    cache.keep("0123456789ab", menus())
    cache.mark("0123456789ab")
    later = CliRunner().invoke(main, words, env=environment)
    assert "esta pasta não vale, segue a versão publicada:\nmenus/199.yaml:" in later.output
    assert "porta do tronco SIP" in later.output  # it went on, to what stops it here


def test_an_address_of_another_machine(tmp_path: Path) -> None:
    found = ports(load_settings(tmp_path, bind="192.0.2.1"))
    assert {one.ok for one in found} == {False}
    assert "este endereço não é desta máquina" in found[0].detail
    assert "Mude bind" in found[0].advice


def test_the_doctor_says_whether_the_centre_is_up(tmp_path: Path) -> None:
    told = running(load_settings(tmp_path))
    assert told.ok
    assert "parada" in told.detail


def test_a_prompt_that_is_missing_is_told_and_stops_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = load_settings(tmp_path)
    sounds = tmp_path / "sons"
    shutil.copytree(settings.sounds_dir, sounds)
    _warn_of_prompts(load_settings(tmp_path, sounds_dir=sounds))
    assert capsys.readouterr().err == ""
    next(sounds.glob("seu-protocolo*.wav")).unlink()
    _warn_of_prompts(load_settings(tmp_path, sounds_dir=sounds))
    assert "o cidadão não ouvirá" in capsys.readouterr().err


def test_the_terminal_gets_one_line_and_no_trace() -> None:
    try:
        raise ValueError("x")
    except ValueError as wrong:
        trace = (ValueError, wrong, wrong.__traceback__)
    record = logging.LogRecord("room", logging.ERROR, "f.py", 1, "it fails: %s", ("x",), trace)
    assert OneLine().format(record) == "room: it fails: x"
    record.told = "Falhou."
    assert OneLine().format(record) == "Falhou."
