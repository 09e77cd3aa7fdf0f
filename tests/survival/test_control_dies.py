"""The control process dies, hangs, or never comes back; callers and talkers do not notice."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from centre_bed import Centre, CentreAgent, ask, centre_bed, until
from sipp_phones import CallTrace, SippRun, sipp_call, start_calls

from phones.ears import silences, sound_of
from phones.phone import Phones
from terms.protocol_number import RESCUE_FIRST, is_protocol

pytestmark = pytest.mark.switch

WAITING, TALKING = 100, 10
FIRST_TALK = 40.0  # longer than all that happens before its end is waited for
NEVER = "3600"


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    with centre_bed(tmp_path, port_base=17400, rtp_first=39000) as running:
        yield running


@pytest.fixture
def without_watchdog(tmp_path: Path) -> Iterator[Centre]:
    """Nobody kills a hung control: the dialplan's own timer must free the callers."""
    with centre_bed(
        tmp_path, port_base=17700, rtp_first=41000, CENTRAL156_WATCHDOG_SECONDS=NEVER
    ) as running:
        yield running


def _byes_from_us(run: SippRun) -> int:
    return sum(1 for call in run.calls() if call.bye is not None and not call.bye.sent)


def _waiting(centre: Centre) -> dict[str, float]:
    """Callers in queues and the instants they joined."""
    there = ("waiting", "away", "offered")
    return {c["call"]: c["joined"] for c in centre.floor()["callers"] if c["where"] in there}


def _talking(centre: Centre) -> dict[str, str]:
    """Who talks with which agent."""
    callers = centre.floor()["callers"]
    return {c["call"]: c["agent"] for c in callers if c["where"] == "talking"}


async def test_killed_while_100_wait_and_10_talk(centre: Centre) -> None:
    agents = [centre.agent(f"agente{n}", "e199_risco", "p156_geral") for n in range(TALKING)]
    lengths = [FIRST_TALK, *[None] * (TALKING - 1)]
    phones = [a.start_listening(talk=t) for a, t in zip(agents, lengths, strict=True)]
    talkers = start_calls(centre, "199", caller="1139440001", times=TALKING, patience=120)
    until(lambda: len(_talking(centre)) == TALKING, 20, "ten talks")
    on_156 = start_calls(
        centre, "156", caller="1139440002", times=60, keys={1.5: "9"}, rate=20, patience=120
    )
    on_199 = start_calls(centre, "199", caller="1139440003", times=39, rate=20, patience=120)
    async with Phones() as ears:
        listener = await ears.call("199", f"127.0.0.1:{centre.settings.trunk_port}", "1139440004")
        await listener.answered(5)
        await asyncio.to_thread(
            until, lambda: centre.waiting() == WAITING, 30, "a hundred in the queues"
        )
        await asyncio.sleep(7)  # the listener's greeting is over, the music plays
        places, talks = _waiting(centre), _talking(centre)

        os.kill(centre.control_pid(), signal.SIGKILL)
        await asyncio.sleep(0.5)
        await asyncio.to_thread(until, centre.is_ready, 15, "serving again")
        await asyncio.to_thread(
            until, lambda: centre.waiting() == WAITING, 8, "a hundred in the queues again"
        )
        assert _waiting(centre) == places
        assert _talking(centre) == talks
        assert sum(map(_byes_from_us, (talkers, on_156, on_199))) == 0
        protocols = centre.rows("SELECT call_id, protocol FROM protocols WHERE ordinal = 0")
        assert len(protocols) == len({row["protocol"] for row in protocols}) == 110
        assert len({row["call_id"] for row in protocols}) == 110
        await asyncio.sleep(3)
        heard = sound_of(bytes(listener.heard))
        assert silences(heard, longer_than=2.0) == []

        # The oldest emergency is served next, although 156 has waited longer.
        first = agents[0].name
        await asyncio.to_thread(
            until, lambda: centre.state_of(first) == "wrap_up", 60, "the end of a talk"
        )
        centre.post(f"/v1/agents/{first}/ready")
        await asyncio.to_thread(until, lambda: set(places) - set(_waiting(centre)), 10, "a turn")
        served = set(places) - set(_waiting(centre))
        oldest = min(
            (row["queued_at"], row["call_id"])
            for row in centre.rows("SELECT * FROM calls WHERE line = '199'")
            if row["call_id"] in places
        )
        assert served == {oldest[1]}
        await listener.hang_up()
    for run in (talkers, on_156, on_199, *phones):
        run.kill()


LINES = {"156": "p156_geral", "199": "e199_risco", "153": "e153_ocorrencia"}


def test_stopped_for_good_every_line_is_served_and_remembered(centre: Centre) -> None:
    agent = centre.agent("ana", *LINES.values())
    control = centre.control_pid()
    centre.kill_parent()
    os.kill(control, signal.SIGKILL)
    took = {}
    for number, line in enumerate(LINES):
        with agent.listening(talk=2.5) as rung:
            dialled = time.time()
            call = sipp_call(centre, line, caller=f"114000000{number}", patience=30)
            assert call.code == 200
            took[line] = rung.calls()[0].answered_at - dialled
    assert max(took.values()) < 6.5, took  # 6 s, and the phone's own tenth
    assert agent.dial("*12").code == 200  # a logout by phone code, without control
    centre.start()
    until(lambda: _status_of(centre, "ana") == "logged_out", 10, "the logout taken over")
    for number, line in enumerate(LINES):
        row = centre.ended(f"114000000{number}", seconds=15)
        assert (row["line"], row["static"], row["outcome"]) == (line, 1, "served")
        assert is_protocol(row["protocol"])
        assert int(row["protocol"][:8]) >= RESCUE_FIRST
        assert row["talk_seconds"] == pytest.approx(2.5, abs=1.0)
        (protocol,) = centre.rows("SELECT * FROM protocols WHERE call_id = ?", row["call_id"])
        assert protocol["issuer"] == "rescue"
    question = "SELECT * FROM recordings"
    until(lambda: len(centre.rows(question)) == len(LINES), 15, "the recordings checked")
    assert [row["ok"] for row in centre.rows(question)] == [1, 1, 1]


def test_a_hang_lets_go_and_newcomers_are_served(without_watchdog: Centre) -> None:
    centre = without_watchdog
    ana = centre.agent("ana", "e199_risco")
    bia = CentreAgent(centre, "bia", password=centre.add_agent("bia", "e199_risco"))
    bia.register()
    with ana.listening(talk=None), bia.listening(talk=2.0) as rung:
        talking = start_calls(centre, "199", caller="1150000000", patience=120)
        until(lambda: _talking(centre), 10, "a talk")
        waiting = start_calls(centre, "199", caller="1150000001", patience=120)
        until(lambda: centre.waiting() == 1, 10, "one waiting")
        time.sleep(7)  # the greeting and the options are over
        control = centre.control_pid()
        os.kill(control, signal.SIGSTOP)
        stopped = time.monotonic()
        until(lambda: "wait:" in ask(centre, "queue show c156-199"), 10, "the static path")
        assert time.monotonic() - stopped < 6.0
        assert bia.dial("*11").code == 200  # a login by phone code, without control
        until(lambda: len(answered(rung)) == 1, 10, "the one who waited")
        assert waiting.wait(20)[0].bye is not None
        time.sleep(6)  # the contingency queue's own wrap-up
        arrived = time.time()
        newcomer = start_calls(centre, "199", caller="1150000002", patience=60)
        until(lambda: len(answered(rung)) == 2, 12, "the newcomer")
        assert answered(rung)[1].answered_at - arrived < 6.0
        newcomer.wait(20)
        os.kill(control, signal.SIGCONT)
        until(lambda: not _alive(control), 10, "the old control leaving")
        until(centre.is_ready, 15, "serving again")
        # No ghosts: the talk still is one, and bia, who is on duty now, is offered once.
        until(lambda: list(_talking(centre).values()) == ["ana"], 10, "the same talk")
        assert sipp_call(centre, "199", caller="1150000003", patience=40).code == 200
        assert len(answered(rung)) == 3
        talking.kill()
    for caller in ("1150000001", "1150000002", "1150000003"):
        row = centre.ended(caller, seconds=15)
        assert (row["outcome"], row["agent"]) == ("served", "bia"), row
        numbers = centre.rows(
            "SELECT * FROM protocols WHERE call_id = ? AND ordinal = 0", row["call_id"]
        )
        assert [is_protocol(number["protocol"]) for number in numbers] == [True]
    per_agent = "SELECT agent FROM offers WHERE ended_at IS NULL GROUP BY agent HAVING count(*) > 1"
    assert centre.rows(per_agent) == []


def answered(rung: SippRun) -> list[CallTrace]:
    """The calls that an agent's phone answered, in their order."""
    return [call for call in rung.calls() if call.code == 200]


def _status_of(centre: Centre, agent: str) -> str:
    return next(a["status"] for a in centre.floor()["agents"] if a["agent"] == agent)


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_the_watchdog_replaces_a_hung_control(centre: Centre) -> None:
    control = centre.control_pid()
    os.kill(control, signal.SIGSTOP)
    until(lambda: not _alive(control), 8, "the watchdog")
    until(centre.is_ready, 15, "serving again")
    assert centre.control_pid() != control


def test_no_timer_cuts_a_talk_or_the_static_path(without_watchdog: Centre) -> None:
    """Control hangs for longer than any timer while one talks and one is on the static path."""
    centre = without_watchdog
    agent = centre.agent("ana", "e199_risco")
    with agent.listening(talk=12.0) as rung:
        talking = start_calls(centre, "199", caller="1160000001", patience=60)
        until(lambda: _talking(centre), 10, "a talk")
        os.kill(control := centre.control_pid(), signal.SIGSTOP)
        static = start_calls(centre, "199", caller="1160000002", patience=60)
        talked = talking.wait(40)[0]
        assert talked.bye is not None
        assert talked.bye.at - talked.answered_at > 11.5
        served = static.wait(60)[0]
        assert served.bye is not None
        assert len(answered(rung)) == 2  # nobody who has talked gets a second agent
        last = answered(rung)[-1]
        assert last.bye is not None
        assert last.bye.at - last.answered_at > 11.0
        os.kill(control, signal.SIGCONT)
