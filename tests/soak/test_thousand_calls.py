"""R87, P6: a thousand calls at once, eight thousand an hour, in bursts of ten a second; control
answers every knock in time and nobody is lost. R81: control restarts under five hundred calls.

    make soak        C156_SOAK_CALLS, C156_SOAK_STAY and C156_SOAK_HOLD: calls at once, s that a
                     citizen stays at most, s at the full load

200 agents who talk 90 s each serve 8,000 an hour, and whoever goes is followed by another; at the
full load four whole talks are waited for, or the rate would depend on when one looks.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
from load_bed import Load, load_bed, until
from sipp_phones import sipp_call

pytestmark = [pytest.mark.switch, pytest.mark.soak, pytest.mark.timeout(3_600)]

CALLS = int(os.environ.get("C156_SOAK_CALLS", "1000"))
STAY = float(os.environ.get("C156_SOAK_STAY", "450"))
HOLD = float(os.environ.get("C156_SOAK_HOLD", "360"))
BURST, AN_HOUR = 10.0, 8_000
GOAL = 0.3
AGENTS, TALK = 200, 90.0
RESTARTED, RESTARTED_AGENTS = 500, 60
PAUSED = 3


def test_a_thousand_calls_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with load_bed(tmp_path, AGENTS * CALLS // 1_000) as load:
        load.talk(TALK)
        load.call(CALLS, STAY, BURST)
        until(lambda: load.up() >= 0.97 * CALLS, CALLS / BURST + 60, "all calls up")
        full = time.time()
        most, end = 0, time.monotonic() + HOLD
        while time.monotonic() < end:
            most = max(most, load.up())
            time.sleep(2.0)
        load.stop(STAY + 60)
        rate = _came(load, full, HOLD)
        fates, answers = load.fates(), load.answers()
        with capsys.disabled():
            print(f"\n{most} at once, {rate:.0f} an hour, {dict(fates)}; answers {answers}, "
                  f"at the full load {load.answers(full)}")  # fmt: skip
        _nobody_is_lost(load)
        assert most >= 0.97 * CALLS
        assert rate >= 0.9 * AN_HOUR * CALLS / 1_000
        assert answers["p99"] < GOAL
        assert load.relay.unanswered == 0


def _came(load: Load, since: float, seconds: float) -> float:
    """Calls an hour that came at the full load."""
    came = [call for call in load.seen() if since <= call.messages[0].at < since + seconds]
    return len(came) * 3_600 / seconds


def _nobody_is_lost(load: Load) -> None:
    """Every call was answered, has one protocol and one end; whom we hung up on had talked."""
    seen, centre = load.seen(), load.centre
    open_calls = "SELECT count(*) AS n FROM calls WHERE ended_at IS NULL"
    until(lambda: centre.rows(open_calls)[0]["n"] == 0, 60, "all ends stored")
    assert set(load.fates()) <= {"hung up", "ended by us"}
    rows = centre.rows("SELECT * FROM calls")
    assert len(rows) == len(seen)
    assert len({row["protocol"] for row in rows} - {None}) == len(rows)
    assert not [row["call_id"] for row in rows if row["static"]]
    served = [row for row in rows if row["outcome"] == "served"]
    assert load.fates()["ended by us"] <= len(served)
    assert {row["outcome"] for row in rows} <= {"served", "abandoned", "left_in_menu"}
    assert not centre.rows("SELECT kind, violation FROM facts WHERE violation IS NOT NULL")


def test_control_restarts_under_five_hundred_calls(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with load_bed(tmp_path, RESTARTED_AGENTS + PAUSED, timed=False) as load:
        centre = load.centre
        resting = load.agents[-PAUSED:]
        for name in resting:  # a training would be over: emergencies wait (R33)
            centre.post(f"/v1/agents/{name}/pause", reason="banheiro")
        load.talk(600)
        load.call(RESTARTED, 90.0, 20.0)
        until(lambda: load.up() >= 0.98 * RESTARTED, 60, "all calls up")
        most = 0.9 * RESTARTED_AGENTS  # one who did not answer in time rests
        until(lambda: len(_where(load, "talking")) >= most, 20, "the agents talking")
        _a_call_that_drops(load)
        until(lambda: centre.get("/v1/tasks")["tasks"], 10, "a call-back task")
        before, killed, began = _known(load), centre.control_pid(), time.monotonic()
        os.kill(killed, signal.SIGKILL)
        until(lambda: centre._pids("central156.control") not in ([], [killed]), 10, "a new one")
        until(centre.is_ready, 30, "serving again")
        took = time.monotonic() - began
        time.sleep(8.0)  # until everybody has knocked, or is served by the switch alone
        after = _known(load)
        kept = before["waiting"].keys() & after["waiting"].keys()
        fates = load.fates()
        with capsys.disabled():
            print(f"\n{load.up()} calls up, control back after {took:.1f} s; of "
                  f"{len(before['waiting'])} waiting {len(kept)} wait here again, the others by "
                  f"the switch alone; {dict(fates)}")  # fmt: skip
        assert "ended by us" not in fates
        assert len(kept) == len(before["waiting"]), "places of waiting callers were lost"
        for what, found in before.items():
            assert {one: after[what].get(one) for one in found} == found, what
        load.stop(150)
        _protocols(load)


def _where(load: Load, where: str) -> dict[str, object]:
    """Callers who are there, each with the place, or the agent."""
    return {
        one["call"]: one["agent"] if where == "talking" else (one["joined"], one["priority"])
        for one in load.centre.floor()["callers"]
        if one["where"] == where
    }


def _known(load: Load) -> dict[str, dict[str, object]]:
    """What a restart must not change."""
    centre = load.centre
    return {
        "talking": _where(load, "talking"),
        "waiting": _where(load, "waiting"),
        "protocols": {
            row["call_id"]: row["protocol"] for row in centre.rows("SELECT * FROM protocols")
        },
        "pauses": {
            one["agent"]: (one["reason"], round(one["pause_since"], 3), one["pause_ends"])
            for one in centre.floor()["agents"]
            if one["status"] == "paused"
        },
        "tasks": {task["call"]: task["because"] for task in centre.get("/v1/tasks")["tasks"]},
    }


def _a_call_that_drops(load: Load) -> None:
    """A citizen of 199 who gives up while waiting: to be called back (R34)."""
    call = sipp_call(load.centre, "199", caller="11955550000", hang_up_after=4.0)
    assert call.code == 200


def _protocols(load: Load) -> None:
    rows = load.centre.rows("SELECT call_id, protocol FROM protocols")
    assert len({row["call_id"] for row in rows}) == len(rows)
    assert len({row["protocol"] for row in rows}) == len(rows)
