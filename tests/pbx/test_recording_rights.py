"""Nothing on an agent's place can stop a recording (3.5.2, R54), and every road to one is recorded.

Read from what Asterisk is given: the dialplan's applications, the keys of a talk, what a phone may
dial or send, and what our two AMI users may ask; then from what our own code asks at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
CONF = CHECKOUT / "asterisk-conf"
DIALPLANS = ("extensions.conf", "extensions_out.conf", "extensions_talk.conf")

STOPS = re.compile(
    r"\b(StopMixMonitor|StopMonitor|PauseMonitor|UnpauseMonitor|MuteAudio|MUTEAUDIO"
    r"|MixMonitorMute|ChangeMonitor|AUDIOHOOK_INHERIT|System|TrySystem|DumpChan|Exec)\("
)
"""Applications and functions that end or thin out a recording, or could do anything at all."""


def _lines(name: str) -> Iterator[tuple[str, str]]:
    """(section, line) of a configuration file, comments left out."""
    section = ""
    for line in (CONF / name).read_text(encoding="utf-8").splitlines():
        line = line.strip()
        if line.startswith("[") and not line.startswith("[@"):
            section = line[1:].partition("]")[0]
        elif line and not line.startswith(";"):
            yield section, line


def _sections(name: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for section, line in _lines(name):
        found.setdefault(section, []).append(line)
    return found


def _values(name: str, section: str, key: str) -> list[str]:
    pattern = re.compile(rf"{re.escape(key)}\s*=>?\s*(.*)")
    return [found[1] for line in _sections(name)[section] if (found := pattern.fullmatch(line))]


def test_the_dialplan_ends_no_recording_but_a_consults_own() -> None:
    found = [
        (section, line)
        for name in DIALPLANS
        for section, line in _lines(name)
        if STOPS.search(line)
    ]
    # the consult's own, by its own id, on its own leg, when it comes to the citizen's room: what
    # is said there is in the citizen's recording
    assert found == [
        (
            "c156-room",
            'same => n,ExecIf($["${C156_MIX}" != ""]?StopMixMonitor(${C156_MIX}))',
        )
    ]


def test_the_id_by_which_it_is_ended_is_only_ever_a_consults() -> None:
    told = [line for name in DIALPLANS for _, line in _lines(name) if "C156_MIX" in line]
    assert [line for line in told if "MixMonitor(" in line and "Stop" not in line] == [
        'same => n,ExecIf($["@RECORD@" != "no"]?MixMonitor(${C156_CONSULT_FILE},bi(C156_MIX)))'
    ]
    # never inherited, never global: the citizen's channel has none
    assert not [line for line in told if "_C156_MIX" in line or "GLOBAL(C156_MIX" in line]
    assert all(
        section in ("c156-room", "c156-consulted")
        for name in DIALPLANS
        for section, line in _lines(name)
        if "C156_MIX" in line
    )


def test_a_recording_is_begun_before_every_way_in_which_a_citizen_is_joined() -> None:
    """Agent, contingency queue, number outside, call-back; and each consult on the asked leg."""
    begins = "Gosub(c156-record,s,1)"
    for name, section, joins in (
        ("extensions.conf", "c156-dial", "Dial("),
        ("extensions.conf", "c156-static", "Queue("),
        ("extensions_talk.conf", "c156-outside", "Dial("),
        ("extensions_out.conf", "c156-out-citizen", "Bridge("),
    ):
        lines = _sections(name)[section]
        began = [number for number, line in enumerate(lines) if begins in line]
        joined = [number for number, line in enumerate(lines) if joins in line]
        assert began
        assert joined
        assert began[0] < joined[0], section
    dials = [line for line in _sections("extensions_talk.conf")["c156-desk"] if "Dial(" in line]
    assert len(dials) == 2
    assert all("U(c156-consulted^" in line for line in dials)
    # who is in a room came there from one of these ways: nobody dials into it
    assert "ConfBridge(" not in "\n".join(_sections("extensions.conf").get("c156-agents", []))


def test_it_is_begun_once_and_goes_on_to_the_channels_end() -> None:
    lines = _sections("extensions.conf")["c156-record"]
    assert any('"${C156_RECORDING}" != ""]?done' in line for line in lines)
    assert [line for line in lines if "MixMonitor(" in line] == [
        "same => n,MixMonitor(${C156_RECORD},b)"
    ]
    written = [
        (name, section)
        for name in DIALPLANS
        for section, line in _lines(name)
        if re.search(r"Set\(.*C156_RECORDING=", line)
    ]
    assert written == [("extensions.conf", "c156-record")]


def test_no_key_of_a_talk_does_anything_in_the_switch() -> None:
    for key in ("blindxfer", "disconnect", "atxfer", "parkcall", "automixmon"):
        assert _values("features.conf", "featuremap", key) in ([""], [])
        assert re.search(rf"^{key} =\s*$", (CONF / "features.conf").read_text(), re.MULTILINE)
    for line in _sections("features.conf")["applicationmap"]:
        assert line.endswith(",self,NoOp"), line


def test_a_phone_may_dial_codes_and_nothing_that_touches_a_call() -> None:
    for line in _sections("extensions.conf")["c156-agents"]:
        assert re.fullmatch(r"exten => \*\d+,1,Gosub\(c156-code,s,1\([a-z]+(,\d)?\)\)", line), line
    code = "\n".join(_sections("extensions.conf")["c156-code"])
    assert "Monitor" not in code
    assert "ChanSpy" not in code


def test_a_phone_may_not_ask_for_it_by_sip_either() -> None:
    """One-touch recording answers a SIP INFO `Record: off`; REFER and pick-up leave the gate."""
    text = "\n".join(
        (CONF / name).read_text(encoding="utf-8") for name in ("pjsip.conf", "pjsip_agent.conf")
    )
    for option in ("one_touch_recording", "record_off_feature", "record_on_feature"):
        assert option not in text  # off unless said
    assert "allow_transfer = no" in text
    modules = (CONF / "modules.conf").read_text(encoding="utf-8")
    for module in (
        *("res_pjsip_one_touch_record_info", "res_pjsip_refer", "res_monitor", "res_mutestream"),
        *("app_system", "func_shell", "app_directed_pickup", "app_chanisavail"),
        *("res_ari", "res_http_websocket", "app_originate"),
    ):
        assert not re.search(rf"^load = {module}", modules, re.MULTILINE), module
    # the media go through the switch, or there would be nothing to record
    assert "direct_media = no" in text


def test_the_switchs_users_may_not_command_it() -> None:
    rights = {
        section: (
            _values("manager.conf", section, "read"),
            _values("manager.conf", section, "write"),
        )
        for section in ("c156-events", "c156-actions")
    }
    assert set(_sections("manager.conf")) == {"general", *rights}
    assert rights["c156-events"][1] == [""]
    (write,) = rights["c156-actions"][1]
    assert set(write.split(",")) == {"call", "agent", "reporting", "originate"}
    for section in rights:
        assert _values("manager.conf", section, "deny") == ["0.0.0.0/0"]
    assert _values("manager.conf", "general", "bindaddr") == ["@BIND@"]


@pytest.mark.parametrize("room", ["pbx", "callflow", "central156", "console"])
def test_our_own_code_never_asks_for_it(room: str) -> None:
    """`call` would let control stop a recording: no line of ours does, so no API can."""
    asks = re.compile(r"StopMixMonitor|MixMonitorMute|PauseMonitor|StopMonitor|MUTEAUDIO|MuteAudio")
    found = [
        file
        for file in (CHECKOUT / room).rglob("*.py")
        if asks.search(file.read_text(encoding="utf-8"))
    ]
    assert found == []
