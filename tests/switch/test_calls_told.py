"""What the command line tells of a running centre, of real calls."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest
from calls_bed import new_caller, prompt_sounds
from centre_bed import Centre

from reader import read_dialplans
from terms.protocol_number import is_protocol, shown

pytestmark = pytest.mark.switch


def told(centre: Centre, *words: str) -> str:
    """What a command says; it must succeed and complain of nothing."""
    done = subprocess.run(
        [*centre.command(), *words],
        env=centre.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    return done.stdout


@pytest.fixture(scope="module")
def lived(calls_centre: Centre) -> dict[str, Any]:
    """One call by the command line."""
    words = ["call", "156", "--keys", "1,9", "--caller", new_caller()]
    return json.loads(  # type: ignore[no-any-return]
        told(calls_centre, *words, "--json", "--test", "--hang-up-after", "8")
    )


def test_call_tells_what_the_citizen_lived(lived: dict[str, Any], calls_centre: Centre) -> None:
    citizen, plan = lived["citizen"], read_dialplans(calls_centre.settings.dialplans_dir)
    assert citizen["answered"]
    assert citizen["pressed"] == ["1", "9"]
    assert 7.5 < citizen["seconds"] < 9.5
    assert citizen["silences"] == []
    texts = [one["text"] for one in citizen["heard"]]
    line = plan.lines["156"]
    assert texts[0] == line.nodes["abertura"].text[0].plain()  # type: ignore[union-attr]
    assert line.waiting.before[0].plain() in texts
    assert set(texts) <= {text for text, _ in prompt_sounds(calls_centre)}


def test_call_tells_what_the_centre_stored(lived: dict[str, Any]) -> None:
    call = lived["centre"]["call"]
    assert (call["line"], call["queue"], call["test"]) == ("156", "p156_zeladoria", True)
    assert (call["outcome"], call["blame"]) == ("abandoned", "citizen")
    assert is_protocol(call["protocol"])


def test_protocol_finds_it_however_it_is_written(
    lived: dict[str, Any], calls_centre: Centre
) -> None:
    number = lived["centre"]["call"]["protocol"]
    for written in (number, shown(number)):
        text = told(calls_centre, "protocol", written)
        assert shown(number) in text
        assert "teste" in text
        assert "Rua, árvore, lixo ou barulho" in text
        assert "desistiu na espera" in text


def test_agents_and_the_floor_are_told(calls_centre: Centre) -> None:
    name = "contada"
    calls_centre.add_agent(name, "p156_geral")
    assert name in told(calls_centre, "agent", "list")
    floor = told(calls_centre, "floor", "--once")
    assert "p156_geral" in floor
