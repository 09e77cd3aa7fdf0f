"""Which Asterisk is taken, and that an unpacked one is whole or absent. No download here."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from pbx import switch_install
from pbx.switch_install import (
    InstallationFailed,
    find_embedded,
    find_or_install,
    find_system,
    install_embedded,
    new_enough,
    version_of,
)


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def embedded(folder: Path, version: str) -> None:
    """What an unpacked Asterisk looks like; its loader says the version."""
    program(folder / "usr/lib64/ld-linux-x86-64.so.2", f"echo Asterisk {version}+dfsg built")
    program(folder / "usr/sbin/asterisk", "exit 1")
    (folder / "usr/lib/x86_64-linux-gnu/asterisk/modules").mkdir(parents=True)


@pytest.mark.parametrize(
    ("version", "good"),
    [("22.10.1", True), ("22.10.0", False), ("22.9.9", False), ("22.11", True), ("23.0.0", True),
     ("20.15.2", False), ("22.10", False)],
)  # fmt: skip
def test_only_one_new_enough_is_taken(tmp_path: Path, version: str, good: bool) -> None:
    assert new_enough(version) is good
    embedded(tmp_path, version)
    found = find_embedded(tmp_path)
    assert (found is not None) is good
    if found is not None:
        assert found.version == version
        assert found.modules == tmp_path / "usr/lib/x86_64-linux-gnu/asterisk/modules"
        assert found.music == tmp_path / "usr/share/asterisk/moh"
        assert found.binary[1] == "--library-path"


def test_a_folder_without_one_holds_none(tmp_path: Path) -> None:
    assert find_embedded(tmp_path) is None
    assert find_embedded(tmp_path / "gone") is None
    (tmp_path / "usr/sbin").mkdir(parents=True)
    assert find_embedded(tmp_path) is None


def test_the_systems_is_taken_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path / "sbin/asterisk", "echo Asterisk 22.10.1~dfsg+~cs6")
    (tmp_path / "lib/x86_64-linux-gnu/asterisk/modules").mkdir(parents=True)
    (tmp_path / "share/asterisk").mkdir(parents=True)
    monkeypatch.setenv("PATH", f"{tmp_path / 'sbin'}:{os.environ['PATH']}")
    found = find_or_install(tmp_path / "unused", print)
    assert found.kind == "system"
    assert found == find_system()
    program(tmp_path / "sbin/asterisk", "echo Asterisk 20.1.0")
    assert find_system() is None


def test_a_program_that_does_not_run_has_no_version(tmp_path: Path) -> None:
    assert version_of([str(tmp_path / "gone")]) is None
    assert version_of([str(program(tmp_path / "bad", "exit 3"))]) is None
    assert version_of([str(program(tmp_path / "odd", "echo Asterisk GIT-master"))]) is None


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of programs that stands before all others."""
    folder = tmp_path / "tools"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    here = {name: (name, Path("/bin/sh")) for name in switch_install.NEEDED}
    monkeypatch.setattr(switch_install, "NEEDED", here)
    return folder


def test_an_unpacked_one_is_put_in_place_at_the_end(tools: Path, tmp_path: Path) -> None:
    made = tmp_path / "made"
    embedded(made, "22.10.1")
    program(tools / "mmdebstrap", f'for last; do :; done; cp -a {made} "$last"; sleep 2.2')
    said: list[str] = []
    folder = tmp_path / "cache/asterisk-forky"
    found = install_embedded(folder, said.append)
    assert found.binary[0].startswith(str(folder))
    assert [path.name for path in folder.parent.iterdir()] == ["asterisk-forky"]
    assert "Baixando" in said[0]
    assert any(" MB" in line for line in said[1:])
    assert "pronto" in said[-1]


@pytest.mark.parametrize("fault", ["echo E: sem rede >&2; exit 100", 'mkdir -p "/dev/null/x"'])
def test_a_download_that_fails_leaves_nothing(tools: Path, tmp_path: Path, fault: str) -> None:
    program(tools / "mmdebstrap", fault)
    folder = tmp_path / "cache/asterisk-forky"
    with pytest.raises(InstallationFailed, match="Asterisk"):
        install_embedded(folder, lambda _: None)
    assert list(folder.parent.iterdir()) == []


def test_one_that_does_not_run_here_is_not_put_in_place(tools: Path, tmp_path: Path) -> None:
    program(tools / "mmdebstrap", 'for last; do :; done; mkdir -p "$last/usr"')
    folder = tmp_path / "cache/asterisk-forky"
    with pytest.raises(InstallationFailed, match="não funciona"):
        install_embedded(folder, lambda _: None)
    assert not folder.exists()


def test_missing_packages_are_named_with_the_line_to_type(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = {name: (None, tmp_path / name) for name in switch_install.NEEDED}
    monkeypatch.setattr(switch_install, "NEEDED", nowhere)
    with pytest.raises(InstallationFailed) as refused:
        install_embedded(tmp_path / "x", lambda _: None)
    assert "apt-get install -y mmdebstrap debian-archive-keyring" in str(refused.value)
