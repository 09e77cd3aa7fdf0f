"""Many callers for few agents over real SIP, with one control process and then with two.

    with contended(folder, calls=300) as bookings:
        …                                    # a second control has come meanwhile
    bookings.check()

The switch knocks at a relay, which leads each step to either control in turn. An independent
witness at the switch and the agents' own phones tell whether anybody was ever booked twice.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from agi_relay import AgiRelay
from ami_witness import Witness, witness_of
from behind_a_relay import DOOR, OWN
from calls_bed import instant_of
from centre_bed import Centre, until
from floor_bed import PORTS, Agent, Floor, Group, floor_bed, floor_dialplans, rung
from sipp_phones import CallTrace

AGENTS, RING, TALK = 10, 0.03, 0.15
A_SECOND = 18.0
RELAY, SECOND = PORTS + 50, PORTS + 60
PEOPLE = tuple(
    Agent(f"agente{n}", "e199_risco", {"ring": RING, "talk": TALK}) for n in range(AGENTS)
)
TESTS, CHECKOUT = Path(__file__).resolve().parents[1], Path(__file__).resolve().parents[2]
TAKES_OVER = 1.0
"""Seconds until whoever started later has told the gate so, and what was let through is over."""


class RelayedCentre(Centre):
    """A centre whose switch knocks at the relay."""

    def command(self) -> list[str]:
        words = [sys.executable, "-m", "behind_a_relay", "parent"]
        return [*words, "--pasta", str(self.settings.state_dir)]

    def second_control(self) -> subprocess.Popen[bytes]:
        """One more control process, on the same switch and the same store."""
        with (self.folder / "second.log").open("ab") as out:
            return subprocess.Popen(
                [sys.executable, "-m", "behind_a_relay", "control", str(self.settings.state_dir)],
                env={**self.environment, "CENTRAL156_NODE": "n2"},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )


@dataclass
class Bookings:
    """What was seen of them, from three sides."""

    floor: Floor
    witness: Witness
    calls: list[CallTrace]
    led_at: float  # when the second control led
    gated: int  # dials that the gate refused

    def check(self) -> Counter[str]:
        """Nobody was booked twice, every citizen was served once; by the offers of which epoch."""
        assert self.witness.doubles == []
        assert self.witness.most_at_once == 0
        assert {call.code for call in self.calls} == {200}
        assert not [call for call in self.calls if call.bye is None or call.bye.sent]
        self._phones()
        return self._offers()

    def _phones(self) -> None:
        """One call at a time on each phone, by its own record."""
        rings = 0
        for name, run in self.floor.phones.items():
            calls = rung(run)
            rings += len(calls)
            for before, following in itertools.pairwise(calls):
                over = before.messages[-1].at if before.bye is None else before.bye.at
                assert over <= following.messages[0].at, f"{name} was rung for two at once"
        assert rings == self.witness.bookings

    def _offers(self) -> Counter[str]:
        """Each call was answered once; no offer of the first control passed the gate any more."""
        centre = self.floor.centre
        rows = centre.rows("SELECT * FROM offers")
        answered = Counter(row["call_id"] for row in rows if row["outcome"] == "answered")
        assert set(answered.values()) == {1}
        assert len(answered) == len(self.calls)
        late = [
            row
            for row in rows
            if row["offer_id"].startswith("1-")
            and instant_of(row["offered_at"]) > self.led_at + TAKES_OVER
        ]
        assert "answered" not in {row["outcome"] for row in late}
        return Counter(
            row["offer_id"].split("-")[0] for row in rows if row["outcome"] == "answered"
        )


@contextlib.contextmanager
def contended(folder: Path, calls: int, alone: float = 0.4) -> Iterator[Bookings]:
    """So many citizens, all served when the block begins. The second control comes after a part
    of them (`alone`), and both live on."""
    doors = [PORTS + 4, SECOND]
    path = os.pathsep.join(map(str, (CHECKOUT, TESTS)))
    environment = {DOOR: str(RELAY), OWN: str(SECOND), "PYTHONPATH": path}
    dialplans = floor_dialplans(folder / "dialplans")
    queues = dialplans / "queues.yaml"
    text = re.sub(r"depois_da_conversa: \d+ s", "depois_da_conversa: 0 s", queues.read_text())
    queues.write_text(text)
    with (
        AgiRelay(RELAY, doors, folder / "relay.jsonl") as relay,
        floor_bed(
            folder, PEOPLE, dialplans, RelayedCentre, CENTRAL156_WHISPER="false", **environment
        ) as floor,
        witness_of(floor.centre) as witness,
    ):
        assert isinstance(floor.centre, RelayedCentre)
        floor.dial([Group("all", "199", "", calls, A_SECOND, None)])
        until(lambda: witness.bookings >= alone * calls, 30 + calls / 5, "a part of them")
        second = floor.centre.second_control()
        try:
            led = until(lambda: _led(floor.centre), 30, "the second control leading")
            seen = floor.wait(calls / A_SECOND * 3 + 60)["all"]
            assert second.poll() is None, "the second control has ended"
            time.sleep(0.5)
            yield Bookings(floor, witness, seen, led, relay.gated)
        finally:
            second.kill()
            second.wait()


def _led(centre: Centre) -> float | None:
    """When the second control saw the switch."""
    rows = centre.rows("SELECT at FROM facts WHERE kind = 'switch_seen' ORDER BY id")
    return instant_of(rows[1]["at"]) if len(rows) > 1 else None
