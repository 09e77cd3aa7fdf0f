"""The process that makes reports: its budget, its queue, its end; and that calls do not feel it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from central156.reports import COMMAND, Reports
from console.ports import Refusal
from protocol_store import Store
from terms import limits
from terms.facts import Fact

SLEEPS = (sys.executable, "-c", "import sys, time; sys.stdin.readline(); time.sleep(60)")
DIES = (sys.executable, "-c", "pass")
ANSWERS = (
    sys.executable,
    "-c",
    "import json, sys, time; asked = json.loads(sys.stdin.readline()); time.sleep(0.05);"
    "open(asked['path'], 'w').write('x'); print(json.dumps({'rows': 1, 'cut': 0}))",
)
TOOK = {"since": "2026-01-05"}


def reports(folder: Path, command: Any, budget: float = 20.0) -> tuple[Reports, list[Fact]]:
    kept: list[Fact] = []
    url = f"sqlite:///{folder / 'store.sqlite'}"
    return Reports(url, folder / "reports", time.time, kept.append, command, budget), kept


async def refused(made: Reports, form: str = "csv") -> Refusal:
    with pytest.raises(Refusal) as refusal:
        await made.make("dac-recebidas", form, TOOK, "ana", False)
    return refusal.value


def children() -> set[int]:
    """The processes that this one started and that are still there."""
    listed = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return {int(one) for one in listed}


async def test_a_report_that_takes_too_long_is_killed(tmp_path: Path) -> None:
    made, kept = reports(tmp_path, SLEEPS, budget=0.4)
    before = children()
    refusal = await refused(made)
    assert refusal.status == 504
    assert "período menor" in refusal.text
    assert children() == before
    assert not kept


async def test_a_process_that_dies_is_a_refusal(tmp_path: Path) -> None:
    made, _ = reports(tmp_path, DIES)
    assert (await refused(made)).status == 500


async def test_who_asks_no_more_leaves_nothing_running(tmp_path: Path) -> None:
    made, _ = reports(tmp_path, SLEEPS)
    before = children()
    asking = asyncio.create_task(made.make("dac-recebidas", "csv", TOOK, "ana", False))
    await asyncio.sleep(0.4)
    assert len(children() - before) == 1
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert children() == before


async def test_one_at_a_time_and_no_more_than_a_few_wait(tmp_path: Path) -> None:
    made, kept = reports(tmp_path, ANSWERS)
    most = 0

    async def watch() -> None:
        nonlocal most
        before = children()
        while True:
            most = max(most, len(children() - before))
            await asyncio.sleep(0.01)

    watching = asyncio.create_task(watch())
    asked = [
        made.make("dac-recebidas", "csv", TOOK, "ana", False)
        for _ in range(limits.REPORTS_WAITING + 3)
    ]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    watching.cancel()
    over = [one for one in answers if isinstance(one, Refusal)]
    assert [one.status for one in over] == [503, 503]
    assert most == 1
    assert len(kept) == limits.REPORTS_WAITING + 1
    for one in answers:
        if not isinstance(one, BaseException):
            one.file.close()
    assert list((tmp_path / "reports").iterdir()) == []


async def test_what_was_left_behind_is_swept(tmp_path: Path) -> None:
    left = tmp_path / "reports" / "77.csv"
    left.parent.mkdir()
    left.write_text("11987654321")
    made, _ = reports(tmp_path, ANSWERS)
    printed = await made.make("dac-recebidas", "csv", TOOK, "ana", False)
    assert printed.file.read() == b"x"
    printed.file.close()
    assert not left.exists()


@pytest.mark.slow
async def test_without_a_database_it_says_so(tmp_path: Path) -> None:
    made, _ = reports(tmp_path, COMMAND)
    refusal = await refused(made)
    assert refusal.status == 503
    assert "não há banco de dados" in refusal.text
    assert not (tmp_path / "store.sqlite").exists()


@pytest.mark.slow
async def test_it_ends_with_whoever_asked(tmp_path: Path) -> None:
    question = {"url": "", "report": "", "asked": {}, "form": "csv", "path": "", "now": 0.0}
    waits = "import central156.reports_process as it, time; it._answer = lambda q: time.sleep(60);"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", f"{waits} it.main()"), stdin=asyncio.subprocess.PIPE
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(question).encode() + b"\n")
    await process.stdin.drain()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(process.wait(), 2.0)
    process.stdin.close()
    assert await asyncio.wait_for(process.wait(), 3.0) == 1


@pytest.mark.slow
async def test_calls_do_not_feel_a_heavy_report(tmp_path: Path) -> None:
    """Some forty thousand rows and their file are made elsewhere: the loop that serves calls turns
    on meanwhile."""
    store = Store(f"sqlite:///{tmp_path / 'store.sqlite'}", "n1")
    await store.start()
    made, kept = reports(tmp_path, COMMAND, budget=60.0)
    lags: list[float] = []

    async def turn() -> None:
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.005)
            lags.append(time.monotonic() - before - 0.005)

    turning = asyncio.create_task(turn())
    asked = {"since": "2026-01-01", "until": "2026-01-31", "interval": "1min"}
    printed = await made.make("dac-recebidas", "xlsx", asked, "ana", False)
    turning.cancel()
    await store.close()
    assert printed.size > 500_000
    assert kept[0].details["rows"] == 31 * 24 * 60
    printed.file.close()
    lags.sort()
    assert lags[int(len(lags) * 0.99)] < 0.05, f"p99 {lags[int(len(lags) * 0.99)]:.3f} s"
