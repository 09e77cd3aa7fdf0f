"""Nobody opens: Asterisk alone greets, numbers, queues, records, or takes a message."""

from __future__ import annotations

import json
import re
import socket
import time
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sipp_phones import AgentPhone, CallTrace, SippRun, sipp_call, start_calls
from switchbed import LOOPBACK, Bed, switch_bed

from terms.protocol_number import RESCUE_FIRST, is_protocol

pytestmark = pytest.mark.switch

GOAL = 6.0  # seconds from the answer to the agent's phone, whatever happened to control


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bed]:
    with switch_bed(tmp_path_factory.mktemp("static"), 16310, 31400) as bed:
        yield bed


@pytest.fixture
def ana(bed: Bed) -> Iterator[AgentPhone]:
    phone = AgentPhone(bed, "ana")
    phone.register()
    assert phone.dial("*11").code == 200
    yield phone
    phone.dial("*12")
    bed.wait_until_quiet(10.0)


def records(bed: Bed, kind: str) -> list[dict[str, Any]]:
    """The spool's records of this kind, oldest first."""
    files = bed.settings.rescue_dir.glob(f"spool/*.{kind}.json")
    return sorted((json.loads(file.read_text()) for file in files), key=lambda one: one["at"])


def seconds_of(file: Path) -> float:
    with wave.open(str(file), "rb") as sound:
        return sound.getnframes() / sound.getframerate()


def rang(run: SippRun) -> CallTrace:
    calls = run.calls()
    assert calls, "the agent's phone never rang"
    return calls[-1]


@pytest.mark.parametrize("number", ["156", "199", "153", "08000110156"])
def test_without_control_a_caller_reaches_an_agent(bed: Bed, ana: AgentPhone, number: str) -> None:
    line = "156" if number.endswith("156") else number
    with ana.listening(talk=1.5) as run:
        call = sipp_call(bed, number, caller="11912345678")
        assert call.code == 200
        assert call.bye is not None
        assert not call.bye.sent  # over when the agent hangs up
        at_agent = rang(run)
    assert at_agent.code == 200
    assert at_agent.answered_at - call.answered_at <= GOAL
    record = records(bed, "number")[-1]
    assert is_protocol(record["protocol"])
    assert int(record["protocol"]) // 10 >= RESCUE_FIRST
    assert record["line"] == line
    assert record["entry"] == number
    assert record["caller"] == "11912345678"
    assert record["test"] is False
    assert at_agent.invite.header("From").startswith(f'"{line} {record["protocol"]}" <sip:11912')
    bed.wait_until_quiet()
    (sound,) = bed.recording(record["call"])
    assert 1.0 <= seconds_of(sound) <= 2.5


def test_with_a_hung_control_a_caller_reaches_an_agent(bed: Bed, ana: AgentPhone) -> None:
    with (
        socket.create_server((LOOPBACK, bed.settings.agi_port)),  # accepts, and says nothing
        ana.listening(talk=0.5) as run,
    ):
        call = sipp_call(bed, "199")
        assert rang(run).answered_at - call.answered_at <= GOAL


def test_no_timer_cuts_a_talk(bed: Bed, ana: AgentPhone) -> None:
    with ana.listening(talk=8.0):
        call = sipp_call(bed, "153")
    assert call.bye is not None
    assert call.bye.at - call.answered_at >= 11.0


def test_with_nobody_there_a_message_is_taken(bed: Bed) -> None:
    call = sipp_call(bed, "199", hang_up_after=7.5)
    assert call.bye is not None
    assert call.bye.sent  # by the caller, at the end of the message
    bed.wait_until_quiet()
    note, given = records(bed, "message")[-1], records(bed, "number")[-1]
    assert note["call"] == given["call"]
    assert note["line"] == "199"
    assert seconds_of(Path(note["file"])) >= 1.0


def test_a_phone_that_is_gone_is_nobody_there(bed: Bed, ana: AgentPhone) -> None:
    ana.register(0)
    call = sipp_call(bed, "156", hang_up_after=6.0)
    bed.wait_until_quiet()
    assert call.code == 200
    assert records(bed, "message")[-1]["line"] == "156"
    ana.register()


def test_the_next_agent_is_rung_when_one_refuses(bed: Bed, ana: AgentPhone) -> None:
    bia = AgentPhone(bed, "bia")
    bia.register()
    bia.dial("*11")
    with ana.listening(answer=486), bia.listening(talk=0.5) as run:
        call = sipp_call(bed, "199")
        assert rang(run).answered_at - call.answered_at <= GOAL + 2
    bia.dial("*12")


def test_a_paused_agent_is_not_rung(bed: Bed, ana: AgentPhone) -> None:
    ana.dial("*13")
    with ana.listening() as run:
        sipp_call(bed, "199", hang_up_after=6.0)
        assert run.calls() == []
        ana.dial("*14")
        bed.wait_until_quiet()


def test_two_callers_and_one_agent_are_served_one_after_the_other(
    bed: Bed, ana: AgentPhone
) -> None:
    with ana.listening(talk=1.0) as run:
        both = start_calls(bed, "199", times=2, patience=40.0).wait(45.0)
        served = run.calls()
    assert [call.code for call in both] == [200, 200]
    assert [call.code for call in served] == [200, 200]
    first, second = sorted(served, key=lambda call: call.answered_at)
    assert first.bye is not None
    assert second.invite.at > first.bye.at


def test_fifty_at_once_get_fifty_protocols_each_in_less_than_a_second(bed: Bed) -> None:
    before = len(records(bed, "number"))
    times = bed.fresh("times")
    rescue = bed.settings.agi / "c156-rescue"
    whole = rescue.read_text()
    timed = whole.replace("exec ", "began=$(date +%s.%N)\n")
    rescue.write_text(f'{timed}echo "$began $(date +%s.%N)" >> {times}\n')
    try:
        run = start_calls(bed, "156", times=50, rate=200, hang_up_after=9.0, sound=False)
        calls = run.wait(40.0)
        bed.wait_until_quiet(10.0)
    finally:
        rescue.write_text(whole)
    given = records(bed, "number")[before:]
    assert len(calls) == len(given) == 50
    assert len({record["protocol"] for record in given}) == 50
    spans = [list(map(float, line.split())) for line in times.read_text().splitlines()]
    # Those for messages are in it, too.
    took = sorted(end - began for began, end in spans)
    assert took[-1] < 1.0, took


def test_a_caller_who_leaves_at_once_is_numbered_all_the_same(bed: Bed) -> None:
    before = len(records(bed, "number"))
    sipp_call(bed, "156", hang_up_after=3.9)
    bed.wait_until_quiet()
    time.sleep(1.0)
    assert len(records(bed, "number")) - before in (0, 1)  # never a half-written one
    assert not list(bed.settings.rescue_dir.glob("spool/*.new"))


@pytest.mark.parametrize("script", ["#!/bin/sh\nsleep 60\n", "#!/bin/sh\nexit 1\n"])
def test_a_rescue_script_that_fails_costs_nobody_the_call(
    bed: Bed, ana: AgentPhone, script: str
) -> None:
    rescue = bed.settings.agi / "c156-rescue"
    whole = rescue.read_text()
    rescue.write_text(script)
    try:
        with ana.listening(talk=0.5) as run:
            sipp_call(bed, "199")
            assert rang(run).code == 200
    finally:
        rescue.write_text(whole)


def test_the_log_holds_no_number(bed: Bed) -> None:
    for name in ("messages.log", "console.log", "cel-custom/Master.csv"):
        text = (bed.settings.log / name).read_text(errors="replace")
        assert re.search(r"119\d{8}", text) is None, name
