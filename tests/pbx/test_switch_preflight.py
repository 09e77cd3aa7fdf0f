"""What `doctor` finds, on a whole installation and on broken ones."""

from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path

import pytest
from switchbed import LOOPBACK, find_installation, switch_bed

from central156 import doctor
from central156.settings import Settings, load_settings
from central156.state_folder import prepare_state
from pbx.preflight import (
    Finding,
    applications_wanted,
    check_switch,
    functions_wanted,
    modules_wanted,
)
from pbx.switch_install import Installation


@pytest.fixture
def centre(tmp_path: Path) -> Settings:
    """A state folder as it is before its first start."""
    settings = load_settings(tmp_path / "state", port_base=16340, rtp_first=31000, rtp_last=32999)
    prepare_state(settings)
    return settings


@pytest.fixture
def installation() -> Installation:
    found = find_installation()
    assert found is not None
    return found


def bad(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.what: finding for finding in findings if not finding.ok}


def named(findings: list[Finding], what: str) -> Finding:
    return next(finding for finding in findings if finding.what == what)


def test_what_the_dialplan_uses_is_read_from_it() -> None:
    assert {"Dial", "AGI", "MixMonitor", "Queue", "Record", "Playback", "MSet",
            "StopMusicOnHold"} <= applications_wanted()  # fmt: skip
    assert {"TIMEOUT", "GROUP", "GROUP_COUNT", "REGEX", "CUT", "POP", "LOCAL",
            "PJSIP_HEADER"} <= functions_wanted()  # fmt: skip
    assert "A" not in functions_wanted()  # an option of Dial's
    assert len(modules_wanted()) == len(set(modules_wanted()))


@pytest.mark.switch
def test_a_whole_installation_has_nothing_to_mend(centre: Settings) -> None:
    assert bad(doctor.check(centre)) == {}
    assert not centre.switch_dir.exists()  # it looked, and left nothing


@pytest.mark.switch
def test_before_the_first_run_asterisk_is_tried_too(tmp_path: Path) -> None:
    settings = load_settings(tmp_path / "state", port_base=16340)
    assert bad(doctor.check(settings)) == {}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.switch
def test_a_running_one_is_asked_and_goes_on(tmp_path: Path) -> None:
    with switch_bed(tmp_path, 16350, 31200) as bed:
        pid = bed.switch.pid
        assert bad(check_switch(bed.settings, bed.switch.installation)) == {}
        bed.ask("module unload func_timeout.so")
        bed.ask("module unload app_record.so")
        found = bad(check_switch(bed.settings, bed.switch.installation))
        assert "func_timeout.so" in found["módulos carregados"].detail
        assert found["funções do plano de discagem"].detail == "faltam: TIMEOUT"
        assert found["aplicações do plano de discagem"].detail == "faltam: Record"
        assert all(finding.advice for finding in found.values())
        assert bed.switch.pid == pid


@pytest.mark.switch
def test_missing_modules_are_named(
    centre: Settings, installation: Installation, tmp_path: Path
) -> None:
    modules = tmp_path / "modules"
    modules.mkdir()
    for file in installation.modules.glob("*.so"):
        if file.name != "app_mixmonitor.so":
            (modules / file.name).symlink_to(file)
    wanted = doctor.switch_settings(centre)
    found = bad(check_switch(wanted, replace(installation, modules=modules)))
    assert found["módulos do Asterisk em disco"].detail == "faltam: app_mixmonitor.so"
    assert "MixMonitor" in found["aplicações do plano de discagem"].detail
    assert "início do Asterisk" in found


@pytest.mark.switch
def test_one_that_does_not_start_is_a_finding(centre: Settings, installation: Installation) -> None:
    wanted = replace(doctor.switch_settings(centre), bind="192.0.2.1")  # not this machine's
    found = bad(check_switch(wanted, installation))
    assert "Asterisk responde" in found


def test_without_any_asterisk_it_says_what_to_do(
    centre: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "find_system", lambda: None)
    nowhere = centre.model_copy(update={"asterisk_dir": centre.state_dir / "nowhere"})
    found = bad(doctor.check(nowhere))
    assert "make run" in found["Asterisk instalado"].advice


def test_everything_else_that_can_be_wrong(
    centre: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(doctor, "check_switch", lambda *_: [])
    sounds, menus = tmp_path / "sounds", tmp_path / "menus"
    sounds.mkdir()
    menus.mkdir()
    (menus / "156.yaml").write_text("linha: [\n")
    broken = centre.model_copy(update={"sounds_dir": sounds, "dialplans_dir": menus})
    centre.settings_file.write_text("port_base = = 3\n")
    with (
        socket.create_server((LOOPBACK, centre.http_port)),
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as trunk,
    ):
        trunk.bind((LOOPBACK, centre.trunk_port))
        findings = doctor.check(broken)
    found = bad(findings)
    assert set(found) == {
        "configuração",
        "porta da API HTTP",
        "porta do tronco SIP",
        "mensagens gravadas",
        "menus",
    }
    assert all(finding.advice for finding in found.values())
    assert named(findings, "porta AGI").detail == f"{centre.agi_port}: livre"


def test_secrets_that_others_can_read_are_told(
    centre: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "check_switch", lambda *_: [])
    centre.secrets_dir.chmod(0o755)
    assert "chmod 700" in bad(doctor.check(centre))["configuração"].advice
