"""PUBLISH: from the request to publish a version to the first call that begins on it, at 20 calls
a second: the city's whole menus, proved again each time with all their call scripts.

The anchor is what a file-based dialplan takes in the same run, on the same Asterisk, under the same
calls: `dialplan reload`, from the command to a caller's way being the new one, with an extensions
file that has as many steps as the city's menus have lines. It proves nothing and keeps no version.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import httpx
from centre_bed import ask, until

from bench.centre import BenchCentre, Ports, bench_centre
from bench.figures import Figure, load, percentile
from central156.settings import CHECKOUT
from central156.switch import switch_settings
from central156.version_cache import files_of

RATE, STAY_MS = 20.0, 3_000
RUNS, BETWEEN = 7, 2.0
GOAL = 5.0
DIALPLANS = CHECKOUT / "dialplans"
ANCHOR = "c156-bench-reload"
SUBJECT = "assunto: Pediu um atendente"
TIMEOUT = 60.0


def measure(folder: Path, ports: Ports) -> list[Figure]:
    """The figure of publishing."""
    with bench_centre(folder / "publish", ports, 0, dialplans=DIALPLANS) as centre:
        citizens = centre.citizens_call("publish", "156", rate=RATE, at_once=1_000, leave=STAY_MS)
        try:
            until(lambda: len(_calls(centre)) > RATE, 10, "calls")
            ours = [_publish(centre, number) for number in range(RUNS)]
            theirs = [_reload(centre, number) for number in range(RUNS)]
            busy = load()
            citizens.finish(20.0)
        finally:
            citizens.kill()
        failed = int(citizens.counters()[-1]["FailedCall(C)"])
        versions = {row["version"] for row in _calls(centre)}
    slowest = max(one["first_call"] for one in ours)
    p50 = percentile([one["first_call"] for one in ours], 0.5)
    answered = percentile([one["answered"] for one in ours], 0.5)
    return [
        Figure(
            "publish",
            f"publish → first call on the new version, the city's menus, {RATE:g} calls/s, "
            f"{RUNS} times",
            f"dialplan reload of {_lines()} steps, unproved: p50 {percentile(theirs, 0.5):.2f} s",
            f"p50 {p50:.2f} s, slowest {slowest:.2f} (proved and answered: {answered:.2f}); "
            f"{failed} calls failed",
            f"< {GOAL:g} s, 0 failed",
            slowest < GOAL and not failed and len(versions) == RUNS + 1,
            {"ours": ours, "dialplan_reload": theirs, "failed": failed, "load": busy},
        )
    ]


def _publish(centre: BenchCentre, number: int) -> dict[str, Any]:
    """Publish once: seconds until the answer, and until the first call that began on it."""
    files = files_of(DIALPLANS)
    files["156.yaml"] = files["156.yaml"].replace(SUBJECT, f"{SUBJECT} ({number})")
    files["tests/156-inicio.yaml"] = files["tests/156-inicio.yaml"].replace(
        SUBJECT, f"{SUBJECT} ({number})"
    )
    asked = time.time()
    answer = httpx.post(
        f"{centre.settings.api_url}/v1/dialplans",
        json={"files": files, "note": f"medida {number}"},
        headers={"Authorization": f"Bearer {centre.settings.secret('admin_token')}"},
        trust_env=False,
        timeout=TIMEOUT,
    )
    answered = time.time() - asked
    answer.raise_for_status()
    version = answer.json()["version"]
    until(lambda: version in {row["version"] for row in _calls(centre)}, 10, "a call on it")
    first = min(row["at"] for row in _calls(centre) if row["version"] == version)
    time.sleep(BETWEEN)
    return {"answered": round(answered, 3), "first_call": round(first - asked, 3)}


def _calls(centre: BenchCentre) -> list[dict[str, Any]]:
    """The calls so far: when they arrived, and on which version they began."""
    return centre.rows(
        "SELECT dialplan_version AS version, "
        "(julianday(arrived_at) - 2440587.5) * 86400.0 AS at FROM calls"
    )


def _lines() -> int:
    return sum(file.read_text().count("\n") for file in DIALPLANS.glob("*.yaml"))


def _reload(centre: BenchCentre, number: int) -> float:
    """Write another extensions file and reload; the seconds until Asterisk has it."""
    file = switch_settings(centre.settings).etc / "extensions.conf"
    whole = file.read_text().partition(f"\n[{ANCHOR}]\n")[0]
    steps = "".join(f"exten => s,{n},NoOp({number})\n" for n in range(1, _lines() + 1))
    file.write_text(f"{whole}\n[{ANCHOR}]\n{steps}")
    asked = time.time()
    ask(centre, "dialplan reload")
    until(lambda: f"NoOp({number})" in ask(centre, f"dialplan show s@{ANCHOR}"), 30, "the reload")
    took = time.time() - asked
    time.sleep(BETWEEN)
    return round(took, 3)
