"""The ways out in Asterisk's files: nothing but names, addresses and digits ever gets there."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from switchbed import ACTIONS_SECRET, EVENTS_SECRET, PROOF_MARK, TEST_MARK

from pbx.configuration import ConfigurationRefused, write_trunks
from pbx.out_trunks import (
    TRUNKS_DIALPLAN,
    TRUNKS_PJSIP,
    OutTrunk,
    WayOutRefused,
    checked,
    dialplan_text,
    pjsip_text,
)
from pbx.switch_settings import SwitchSettings
from reader import DialplanMistakes
from reader.trunk_file import read_trunks

SAFE = {
    "name": "[a-z][a-z0-9_-]{1,31}",
    "address": "[A-Za-z0-9.-]{1,253}:[0-9]{1,5}",
    "prefix": r"\+?[0-9]{0,8}",
    "start": "[1-9][0-9]{0,10}",
}
PLAIN = OutTrunk("aa", "10.0.0.5:5060", "021", 7, 3, ("11", "2199"))
TRICKY = st.one_of(
    st.text(alphabet="ab1.:-_@;,]\n\r[\\$\"'{}()|&=? \t\0é/", max_size=20),
    st.text(max_size=12),
    st.from_regex(SAFE["address"], fullmatch=True).flatmap(
        lambda good: st.sampled_from([good + "\n", good + ";x", "a]" + good, f"{good},{good}"])
    ),
)


def trunk_with(part: str, value: str) -> OutTrunk:
    """A good trunk, one of its texts put in another's place."""
    if part == "start":
        return replace(PLAIN, allowed=("11", value))
    more: dict[str, Any] = {part: value}
    return replace(PLAIN, **more)


@given(st.sampled_from(sorted(SAFE)), TRICKY)
@example("address", "10.0.0.1:5060\ncontext=c156-trunk")
@example("address", "10.0.0.1:5060;transport=tcp")
@example("address", "sip:10.0.0.1:5060@10.0.0.2:5060")
@example("name", "aa]\n[C156-trunk")
@example("name", "aa,1,System(x)")
@example("prefix", "0,30)\nexten => _X.,1,System(x")
@example("start", '11" ${SHELL(x)})')
@example("start", "1.*|")
@example("name", "aa\n")
def test_a_tricky_value_never_reaches_asterisks_files(part: str, value: str) -> None:
    trunk = trunk_with(part, value)
    good = re.fullmatch(SAFE[part], value) is not None
    try:
        texts = pjsip_text([trunk]), dialplan_text([trunk])
    except WayOutRefused:
        return
    assert good
    assert [shape(text) for text in texts] == [shape(pjsip_text([PLAIN])),
                                               shape(dialplan_text([PLAIN]))]  # fmt: skip


def shape(text: str) -> list[str]:
    """The lines without what a trunk says: sections, options, extensions, applications."""
    return [re.split(r"[=(?]", line)[0].split("-")[0] for line in text.splitlines()]


@given(st.sampled_from(("name", "destino", "prefixo", "so_disca")), TRICKY)
def test_what_the_file_may_say_the_switch_takes(part: str, value: str) -> None:
    quoted = '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    keys = {"destino": '"10.0.0.5:5060"', "prefixo": "021", "so_disca": "11"}
    name = quoted if part == "name" else "aa"
    said = ", ".join(f"{key}: {quoted if key == part else keys[key]}" for key in keys)
    try:
        rows = read_trunks(f"rotas:\n  {name}: {{operadora: X, {said}}}\n".encode())
    except (DialplanMistakes, UnicodeEncodeError):
        return
    (row,) = rows
    checked([OutTrunk(row.name, row.address, row.prefix, row.channels, row.per_second, row.starts)])


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (replace(PLAIN, address="10.0.0.5:0"), "destino"),
        (replace(PLAIN, address="10.0.0.5:65536"), "destino"),
        (replace(PLAIN, address="10.0.0.5"), "destino"),
        (replace(PLAIN, channels=-1), "limite"),
        (replace(PLAIN, per_second=10**9), "limite"),
    ],
)
def test_what_is_no_trunk(wrong: OutTrunk, said: str) -> None:
    with pytest.raises(WayOutRefused, match=said):
        checked([wrong])
    with pytest.raises(WayOutRefused, match="mesmo nome"):
        checked([PLAIN, PLAIN])


def settings_of(folder: Path, **more: Any) -> SwitchSettings:
    return SwitchSettings(
        folder=folder,
        recordings_dir=folder,
        rescue_dir=folder,
        events_secret=EVENTS_SECRET,
        actions_secret=ACTIONS_SECRET,
        test_mark=TEST_MARK,
        proof_mark=PROOF_MARK,
        **more,
    )


def test_all_files_are_written_or_none(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, trunks=(PLAIN,))
    assert not write_trunks(settings)  # Asterisk was never started here: its first start writes
    settings.etc.mkdir(parents=True)
    (settings.etc / TRUNKS_DIALPLAN).touch()
    assert write_trunks(settings)
    assert not write_trunks(settings)
    before = {file.name: file.read_text() for file in settings.etc.iterdir()}
    assert "contact = sip:10.0.0.5:5060\n" in before[TRUNKS_PJSIP]
    with pytest.raises(ConfigurationRefused):
        write_trunks(settings_of(tmp_path, trunks=(PLAIN, replace(PLAIN, name="x y"))))
    assert {file.name: file.read_text() for file in settings.etc.iterdir()} == before
    for file in settings.etc.iterdir():
        assert file.stat().st_mode & 0o077 == 0


def test_without_a_list_the_only_trunk_is_the_settings_own(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, out_trunk="10.0.0.9:5070", out_prefix="0", out_channels=4)
    settings.etc.mkdir(parents=True)
    (settings.etc / TRUNKS_DIALPLAN).touch()
    assert write_trunks(settings)
    assert "[C156-out](C156-way-out)" in (settings.etc / TRUNKS_PJSIP).read_text()
    dialplan = (settings.etc / TRUNKS_DIALPLAN).read_text()
    assert "way-principal" in dialplan
    assert "PJSIP/0${C156_OUT_NUMBER}@C156-out)" in dialplan
    assert write_trunks(settings_of(tmp_path))  # and without it there is none
    assert "way-" not in (settings.etc / TRUNKS_DIALPLAN).read_text()
    assert "type = aor" not in (settings.etc / TRUNKS_PJSIP).read_text()
