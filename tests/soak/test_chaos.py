"""Control is killed at random moments, again and again, under traffic (`make soak`).

    C156_SOAK_KILLS=200 C156_SOAK_SEED=7 make soak       a failure prints its seed

Every citizen is answered by an agent or hangs up; nobody is hung up on before; every call has one
protocol; no agent talks with two; nothing is left behind. (reliability: oracle A to D.)
"""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import pytest
from centre_bed import Centre, ask, centre_bed, until
from dialplan_copies import shorter_dialplans
from sipp_phones import start_calls

pytestmark = [pytest.mark.switch, pytest.mark.soak, pytest.mark.timeout(3_600)]

KILLS = int(os.environ.get("C156_SOAK_KILLS", "60"))
SEED = int(os.environ.get("C156_SOAK_SEED", str(int(time.time()))))
AGENTS, TALK, A_SECOND = 6, 1.0, 2.0
LIVES = (0.05, 6.0)  # how long a control process is let live, in seconds


def test_killed_at_random_moments(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    dialplans = shorter_dialplans(tmp_path / "dialplans", wrap_up=0)
    with centre_bed(
        tmp_path,
        port_base=23000,
        rtp_first=58000,
        CENTRAL156_WHISPER="false",
        CENTRAL156_DIALPLANS_DIR=str(dialplans),
    ) as centre:
        phones = [
            centre.agent(f"agente{n}", "e199_risco").start_listening(talk=TALK)
            for n in range(AGENTS)
        ]
        lives = [chance.uniform(*LIVES) for _ in range(KILLS)]
        calls = max(1, int(sum(lives) * A_SECOND))
        traffic = start_calls(
            centre, "199", caller="1199999999", times=calls, rate=A_SECOND, patience=600
        )
        for life in lives:
            until(lambda: centre._pids("central156.control"), 20, f"control (seed {SEED})")
            time.sleep(life)
            for pid in centre._pids("central156.control"):
                os.kill(pid, signal.SIGKILL)
        seen = traffic.wait(sum(lives) + 300)
        until(centre.is_ready, 30, "serving")
        _agree(centre, seen)
        until(lambda: "0 active channels" in ask(centre, "core show channels count"), 60, "quiet")
        for phone in phones:
            phone.kill()


def _agree(centre: Centre, seen: list) -> None:
    """What the SIP phones saw and what the store remembers are one story."""
    answered = [call for call in seen if call.code == 200]
    open_calls = "SELECT count(*) AS n FROM calls WHERE ended_at IS NULL"
    until(lambda: centre.rows(open_calls)[0]["n"] == 0, 60, f"all ends stored (seed {SEED})")
    rows = centre.rows("SELECT * FROM calls")
    assert len(rows) == len(answered), f"seed {SEED}"
    unserved = [row["call_id"] for row in rows if row["outcome"] != "served"]
    assert not unserved, f"seed {SEED}: hung up on before a person: {unserved}"
    numbers = centre.rows("SELECT call_id, protocol FROM protocols WHERE ordinal = 0")
    assert len({row["call_id"] for row in numbers}) == len(rows), f"seed {SEED}"
    assert len({row["protocol"] for row in numbers}) == len(numbers) == len(rows), f"seed {SEED}"
    broken = centre.rows("SELECT kind, violation FROM facts WHERE violation IS NOT NULL")
    assert not broken, f"seed {SEED}: {broken}"
