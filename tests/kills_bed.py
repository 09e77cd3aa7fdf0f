"""Kills control again and again under calls on all lines, then compares all that was stored with
what the phones saw, and with itself.

    killed_under_traffic(folder, (23_800, 46_000), kills=20, seed=7)
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ami_witness import witness_of
from centre_bed import Centre, ask, settings_for, until
from chaos_story import agree, open_calls, whole
from chaos_traffic import hall, talks_of, traffic
from dialplan_copies import shorter_dialplans
from house import CHECKOUT

Ports = tuple[int, int]
AGENTS, TALK = 6, 1.5
LAST_CALL: Final = 8.0
"""So long before the last kill the last citizens dial: they end soon after it."""
SHORTEST: Final = 0.05
LONGEST: Final = 4.0
"""How long a control process is let live, in seconds: some die while they start."""


def killed_under_traffic(
    folder: Path, ports: Ports, kills: int, seed: int, database: str = "", longest: float = LONGEST
) -> None:
    """See the file's top; the seed is in every failure, and said at the beginning."""
    print(f"seed {seed}")  # pytest shows it with a failure
    chance = random.Random(seed)
    lives = [chance.uniform(SHORTEST, longest) for _ in range(kills)]
    given = {
        "CENTRAL156_DIALPLANS_DIR": str(shorter_dialplans(folder / "dialplans", wrap_up=0)),
        "CENTRAL156_WHISPER": "false",
    }
    if database:
        given["CENTRAL156_DATABASE_URL"] = database
    with _restless(folder, ports, given) as centre:
        if database:
            centre.settings = centre.settings.model_copy(update={"database_url": database})
        url = centre.settings.store_url
        phones = hall(centre, AGENTS, TALK)
        with (
            witness_of(centre) as witness,
            traffic(centre, max(5.0, sum(lives) - LAST_CALL)) as calls,
        ):
            for life in lives:
                until(lambda: centre._pids("central156.control"), 20, f"control (seed {seed})")
                time.sleep(life)
                _kill(centre)
            seen = calls.ended(sum(lives) + 240)
        until(centre.is_ready, 30, f"serving (seed {seed})")
        until(lambda: "0 active channels" in ask(centre, "core show channels count"), 60, "quiet")
        spool = centre.settings.rescue_dir / "spool"
        until(lambda: not any(spool.iterdir()), 60, f"nothing in the spool (seed {seed})")
        until(lambda: not open_calls(url), 60, f"all ends stored (seed {seed})")
        told = {caller: set(numbers) for caller, numbers in witness.told.items()}
        talks = talks_of(phones)
        assert centre.stop() == 0
        agree(centre, seen, talks, told, seed)
        whole(centre, seed)


class RestlessCentre(Centre):
    """A centre whose parent starts control again soon."""

    def command(self) -> list[str]:
        words = [sys.executable, "-m", "restless_parent"]
        return [*words, "--pasta", str(self.settings.state_dir)]


@contextlib.contextmanager
def _restless(folder: Path, ports: Ports, given: dict[str, str]) -> Iterator[Centre]:
    settings, base = settings_for(folder, *ports)
    paths = os.pathsep.join((str(CHECKOUT), str(CHECKOUT / "tests")))
    centre = RestlessCentre(settings, folder, {**base, **given, "PYTHONPATH": paths})
    try:
        centre.start()
        yield centre
    finally:
        centre.put_down()


def _kill(centre: Centre) -> None:
    for pid in centre._pids("central156.control"):
        os.kill(pid, signal.SIGKILL)
