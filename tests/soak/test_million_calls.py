"""A million calls with faults over the real floor: no rule is broken. The seed is printed."""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "acd"))

from simulator import Storm

CALLS, PARTS = 1_000_000, 4
PEOPLE = (6, 8, 16, 40)


@pytest.mark.soak
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("part", range(PARTS))
def test_a_million_calls(part: int, capsys: pytest.CaptureFixture[str]) -> None:
    seed = int(os.environ.get("C156_SEED", random.SystemRandom().randrange(10**6))) + part
    with capsys.disabled():
        print(f"\nC156_SEED={seed - part}, part {part}: {PEOPLE[part]} agents")
    storm = Storm(seed, agents=PEOPLE[part], looks=200)
    while storm.calls < CALLS // PARTS:
        storm.run(2_000)
        storm.made.clear()
        storm.watch.ended.clear()
    with capsys.disabled():
        told = dict(storm.watch.overtakings)
        print(f"{storm.calls} calls, {storm.events} events, {storm.restarts} restarts; {told}")
