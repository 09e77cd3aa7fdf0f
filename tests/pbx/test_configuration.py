"""Asterisk's configuration as text: complete, private, and closed to values that bring lines."""

from __future__ import annotations

import contextlib
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pbx.configuration import (
    AGENTS_FILE,
    PROMPT_NAMES,
    RESCUE_SCRIPT,
    TEMPLATES,
    AgentAccount,
    ConfigurationRefused,
    secret_digest,
    write_agents,
    write_configuration,
)
from pbx.out_trunks import TRUNKS_DIALPLAN, TRUNKS_PJSIP
from pbx.switch_install import Installation
from pbx.switch_settings import SwitchSettings

ANA = AgentAccount("ana", secret_digest("ana", "segredo"))
INSTALLATION = Installation(
    ("asterisk",), Path("/m"), Path("/d"), Path("/d/moh"), "22.10.1", "system"
)


def make(folder: Path, **more: Any) -> SwitchSettings:
    given: dict[str, Any] = {
        "folder": folder / "asterisk",
        "recordings_dir": folder / "recordings",
        "rescue_dir": folder / "rescue",
        "events_secret": "events-secret",
        "actions_secret": "actions-secret",
        "test_mark": "test-mark-1",
        "proof_mark": "proof-mark-1",
    }
    return SwitchSettings(**{**given, **more})


def lines_of(file: Path) -> list[str]:
    """A configuration file without comments and blank lines."""
    kept = (line.strip() for line in file.read_text().splitlines())
    return [line for line in kept if line and not line.startswith(";")]


def test_every_file_is_written_whole_and_private(tmp_path: Path) -> None:
    wanted = make(tmp_path)
    write_configuration(wanted, INSTALLATION, "boot1", [ANA])
    written = {file.name for file in wanted.etc.iterdir()}
    templates = {file.name for file in TEMPLATES.glob("*.conf")} - {"pjsip_agent.conf"}
    assert written == templates | {AGENTS_FILE, TRUNKS_DIALPLAN, TRUNKS_PJSIP}
    for file in wanted.etc.iterdir():
        assert re.search(r"@[A-Z][A-Z0-9_]*@", "\n".join(lines_of(file))) is None, file
        assert file.stat().st_mode & 0o077 == 0, file
    assert wanted.etc.stat().st_mode & 0o077 == 0
    assert "systemname = n1-boot1" in lines_of(wanted.etc / "asterisk.conf")


def test_secrets_stand_only_where_they_must(tmp_path: Path) -> None:
    wanted = make(tmp_path)
    write_configuration(wanted, INSTALLATION, "boot1", [ANA])
    for secret, places in {
        "events-secret": {"manager.conf"},
        "actions-secret": {"manager.conf"},
        "test-mark-1": {"extensions.conf"},
        "segredo": set(),
    }.items():
        found = {file.name for file in wanted.etc.iterdir() if secret in file.read_text()}
        assert found == places, secret
    assert re.search(r"-secret\b|-mark-", repr(wanted)) is None
    assert ANA.secret_digest not in repr(ANA)


def test_the_digest_is_the_one_of_http_digest() -> None:
    # printf ana:central156:segredo | md5sum (RFC 2617, 3.2.2.2: user:realm:password)
    assert secret_digest("ana", "segredo") == "668b6ba75ab825c6adaed9256cccf3fa"


def test_a_start_keeps_the_agents_unless_told_otherwise(tmp_path: Path) -> None:
    wanted = make(tmp_path)
    write_configuration(wanted, INSTALLATION, "boot1", [ANA])
    before = (wanted.etc / AGENTS_FILE).read_text()
    write_configuration(wanted, INSTALLATION, "boot2")
    assert (wanted.etc / AGENTS_FILE).read_text() == before
    write_configuration(wanted, INSTALLATION, "boot3", [])
    assert "[ana]" not in (wanted.etc / AGENTS_FILE).read_text()


def test_agents_are_written_once_whatever_their_order(tmp_path: Path) -> None:
    wanted = make(tmp_path)
    bia = AgentAccount("bia", secret_digest("bia", "outro"))
    assert write_agents(wanted, [bia, ANA])
    assert not write_agents(wanted, [ANA, bia])
    assert write_agents(wanted, [ANA])


@pytest.mark.parametrize("name", ["", "Ana", "ana]\n[x", "c156 x", "a", "ana;", "C156-trunk", "é"])
def test_a_name_that_is_none_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigurationRefused):
        write_agents(make(tmp_path), [replace(ANA, name=name)])


@pytest.mark.parametrize("digest", ["", "segredo", "0" * 31, "G" * 32, "0" * 32 + "\npassword=x"])
def test_what_is_no_digest_is_refused(tmp_path: Path, digest: str) -> None:
    with pytest.raises(ConfigurationRefused):
        write_agents(make(tmp_path), [replace(ANA, secret_digest=digest)])


@pytest.mark.parametrize(
    "wrong",
    [
        {"events_secret": "curto"},
        {"events_secret": "com espaço aqui"},
        {"actions_secret": "linha\nwrite = all"},
        {"test_mark": "a.*b-.*-c"},
        {"proof_mark": "x]\ny"},
        {"collect_call_header": "X-A, x): y"},
        {"collect_call_header": "X-A: ${SHELL(id)}"},
        {"trunk_peers": "nada"},
        {"trunk_peers": "10.0.0.0/8\nmatch=0.0.0.0/0"},
        {"bind": "127.0.0.1\nx=y"},
        {"node": "n1\n[x]"},
        {"time_zone": "America/Sao_Paulo\nexten => x,1,System(id)"},
        {"prompts": {"wait": "/tmp/a;b"}},
        {"prompts": {"message": "/tmp/a)&System(id"}},
        {"recordings_dir": Path("/tmp/${SHELL(id)}")},
        {"recordings_dir": Path("/tmp/a,b")},
    ],
)
def test_a_setting_that_could_add_a_line_is_refused(tmp_path: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises((ConfigurationRefused, ValueError)):
        write_configuration(make(tmp_path, **wrong), INSTALLATION, "boot1")


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=40))
def test_no_prompt_name_adds_a_line(tmp_path: Path, text: str) -> None:
    def rows(prompt: str) -> int:
        write_configuration(make(tmp_path, prompts={"wait": prompt}), INSTALLATION, "boot1")
        return len((tmp_path / "asterisk/etc/queues.conf").read_text().split("\n"))

    usual = rows("/sounds/wait")
    with contextlib.suppress(ConfigurationRefused):
        assert rows(text) == usual


def test_no_collect_header_means_that_none_is_refused(tmp_path: Path) -> None:
    wanted = make(tmp_path, collect_call_header="")
    write_configuration(wanted, INSTALLATION, "boot1")
    assert 'REGEX(".^"' in (wanted.etc / "extensions.conf").read_text()


def test_the_socket_of_a_deep_folder_is_short_enough(tmp_path: Path) -> None:
    deep = make(tmp_path / ("d" * 100))
    assert len(str(deep.run / "asterisk.ctl")) < 108
    assert deep.run != make(tmp_path / ("e" * 100)).run


def test_the_rescue_script_is_ours_alone(tmp_path: Path) -> None:
    wanted = make(tmp_path / "com espaço e 'aspas'", recordings_dir=tmp_path / "gravações")
    write_configuration(wanted, INSTALLATION, "boot1")
    script = wanted.agi / RESCUE_SCRIPT
    assert script.stat().st_mode & 0o777 == 0o700


# --- the closures of what a caller can write ---------------------------------------------------


def test_what_must_not_be_loaded_is_not() -> None:
    loaded = set(re.findall(r"^load = (\S+)\.so", (TEMPLATES / "modules.conf").read_text(), re.M))
    assert loaded.isdisjoint(
        {"res_pjsip_diversion", "res_pjsip_endpoint_identifier_anonymous", "res_pjsip_refer",
         "res_ari", "res_http_websocket", "func_shell", "func_env", "func_curl", "app_system",
         "pbx_spool", "res_pjsip_messaging", "app_originate"}
    )  # fmt: skip
    assert "autoload = no" in lines_of(TEMPLATES / "modules.conf")


def test_no_event_that_is_wanted_is_left_unmade() -> None:
    text = (TEMPLATES / "manager.conf").read_text()
    heard = set(re.findall(r"^eventfilter\(action\(include\),name\((\w+)\)\)", text, re.M))
    unmade = re.search(r"^disabledevents = (.*)$", text, re.M)
    assert heard
    assert unmade
    assert heard.isdisjoint(unmade[1].split(","))


def test_only_one_pattern_is_in_the_dialplan() -> None:
    patterns = [
        line for line in lines_of(TEMPLATES / "extensions.conf") if re.match(r"exten => _", line)
    ]
    # Names that were added to a queue by us; c156-trunk has exact numbers alone.
    assert len(patterns) == 1
    assert patterns[0].startswith("exten => _[a-z].,1,Gosub(c156-gate")


def test_a_callers_text_is_never_where_an_application_could_be_named() -> None:
    for line in lines_of(TEMPLATES / "extensions.conf"):
        if "C156_HEADER" in line and re.search(r"\b(GotoIf|ExecIf|IF)\(", line):
            assert re.search(r'GotoIf\(\$\{REGEX\("[^"]*" \$\{[^?]*\)\}\?', line), line


def test_prompts_have_the_names_that_the_dialplan_asks_for() -> None:
    asked = set()
    for name in ("extensions.conf", "queues.conf"):
        asked |= set(re.findall(r"@PROMPT_([A-Z]+)@", (TEMPLATES / name).read_text()))
    assert asked == {name.upper() for name in PROMPT_NAMES}
