"""P5: calls a second through the whole path, on cores shared with the phones themselves.

    SIP → answer → protocol, durable → menu, a key by RFC 4733 → queue → the floor's offer → an
    agent's phone → talk → recording → all facts stored → the end

A call counts when the phone saw it through and the store has it: one protocol, served, ended.
app_queue gets the same calls at the same rate: no menu, no protocol, nothing stored.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.centre import BenchCentre, Ports, bench_centre
from bench.figures import CpuMeter, Figure, load, percentile
from bench.phones import AGAIN_MS

AGENTS = 90
RATE = 103.0  # a little more than the goal, so that the goal can be reached
SECONDS, ANCHOR_SECONDS = 60.0, 20.0
WARM = 4.0  # seconds before the first that counts: the first calls have not ended yet
RING, TALK = 20, (150, 250)
KEY = ("1", 400)  # after so many ms: who knows the menu does not hear it out
AT_ONCE = 1_000
GOAL = 100.0
SETTLE = 20.0


def measure(folder: Path, ports: Ports) -> list[Figure]:
    """P5 with recording, and beside it app_queue's."""
    with bench_centre(folder / "whole-path", ports, AGENTS) as centre:
        number, key = ("156", KEY) if os.geteuid() == 0 else ("199", None)
        ours = _run(centre, "ours", number, key, SECONDS)
        ours |= _stored(centre, ours["began"], ours["calls"])
        theirs = _run(centre, "app_queue", "appqueue", None, ANCHOR_SECONDS)
    way = "menu and key" if key else "direct line (keys need root)"
    met = ours["per_second"] >= GOAL and not ours["failed"] and not ours["not_stored"]
    return [
        Figure(
            "P5",
            f"whole path, {SECONDS:.0f} s at {RATE:g}/s, {AGENTS} agents of 0.2 s, {way}, recorded",
            f"app_queue {theirs['per_second']:.1f} calls/s, {theirs['failed']} failed",
            f"{ours['per_second']:.1f} calls/s, {ours['failed']} failed, "
            f"{ours['not_stored']} not stored; queued → answered p99 {ours['wait_p99']:.2f} s",
            f"≥ {GOAL:.0f}/s, 0 failed",
            met,
            {"ours": ours, "app_queue": theirs},
        )
    ]


def _run(
    centre: BenchCentre, name: str, number: str, key: tuple[str, int] | None, seconds: float
) -> dict[str, Any]:
    """Calls at RATE for so long, and what became of them."""
    agents = centre.agents_listen(f"p5-{name}-agents", RING, TALK, traced=False)
    time.sleep(0.3)
    began, total = time.time(), round(RATE * (WARM + seconds))
    citizens = centre.citizens_call(
        f"p5-{name}", number, rate=RATE, at_once=AT_ONCE, total=total, key=key
    )
    pids = {"asterisk": centre.switch_pid(), "control": centre.control_pid()}
    try:
        time.sleep(WARM)
        meter = CpuMeter(**pids, agents=agents.pid, citizens=citizens.pid)
        citizens.wait(seconds, patient=True)
        cpu, busy = meter.used(), load()
        citizens.wait(SETTLE)
    finally:
        citizens.kill()
        agents.kill()
    rows = citizens.counters()
    centre.quiet()
    return {
        "began": began,
        "calls": total,
        "per_second": _rate(rows, began + WARM, began + WARM + seconds),
        "failed": total - int(rows[-1]["SuccessfulCall(C)"]),
        "most_at_once": max(int(row["CurrentCall"]) for row in rows),
        "retransmissions": int(rows[-1]["Retransmissions(C)"]),
        "cpu_seconds": cpu,
        "load": busy,
    }


def _rate(rows: list[dict[str, str]], since: float, until: float) -> float:
    """Calls that ended well, a second, between the two instants."""
    seen = [(float(row["CurrentTime"].split()[-1]), int(row["SuccessfulCall(C)"])) for row in rows]
    counted = [(at, done) for at, done in seen if since <= at <= until]
    (first, before), (last, after) = counted[0], counted[-1]
    return round((after - before) / (last - first), 2)


def _stored(centre: BenchCentre, began: float, calls: int) -> dict[str, Any]:
    """What the store has of these calls."""
    since = datetime.fromtimestamp(began, UTC).replace(tzinfo=None).isoformat(" ")
    rows = centre.rows(
        "SELECT (julianday(answered_at) - julianday(queued_at)) * 86400 AS wait, "
        "(julianday(queued_at) - julianday(arrived_at)) * 86400 AS menu FROM calls "
        "WHERE arrived_at >= ? AND outcome = 'served' AND ended_at IS NOT NULL "
        "AND protocol IS NOT NULL AND static = 0",
        since,
    )
    waits = [row["wait"] for row in rows]
    (recorded,) = centre.rows(
        "SELECT count(*) AS count, sum(ok) AS whole FROM recordings WHERE recorded_at >= ?", since
    )
    return {
        "not_stored": calls - len(rows),
        "wait_p50": round(percentile(waits, 0.50), 3),
        "wait_p99": round(percentile(waits, 0.99), 3),
        "pressed_again": sum(row["menu"] * 1000 > AGAIN_MS for row in rows),
        "recordings": recorded["count"],
        "recordings_whole": recorded["whole"],
    }
