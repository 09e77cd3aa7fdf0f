"""A progressive campaign of a thousand contacts with ten agents, beside citizens who call in: every
result as the public network saw it, the agent's voice at the citizen's ear, callers first.

    make soak        C156_SOAK_CONTACTS: how many contacts
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "switch"))

from call_back_bed import calling_centre
from campaign_bed import campaign, number
from city_bed import WAYS, Town, city, hall, hire
from city_checks import (
    as_the_network_says,
    as_the_reports_say,
    callers_went_first,
    dialled_of_month,
    heard_in_time,
    never_too_often,
)

from bench import phones

pytestmark = [pytest.mark.switch, pytest.mark.soak, pytest.mark.timeout(3_600)]

CONTACTS = int(os.environ.get("C156_SOAK_CONTACTS", "1000"))
PORTS, RTP = 20680, 57000
AGENTS = 10
IN_TEN = (0, 1, 2, 3, 4, 5, 0, 6, 6, 8)
SELDOM = {33: 7, 97: 9}
"""One in so many is nobody at home, or a telephone that the network cannot reach."""

BEHIND = 0.1
STAY, RATE = 6.0, 0.4


def test_a_thousand_contacts_beside_callers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = {"CENTRAL156_WHISPER": "false", "CENTRAL156_OUT_PER_SECOND": "10"}
    with calling_centre(tmp_path, PORTS, RTP, **given) as centre:
        names = hire(centre, AGENTS)
        numbers = [number(_last(place)) for place in range(CONTACTS)]
        since = time.time()
        with city(centre, WAYS) as town, hall(centre, names):
            made = campaign(centre, numbers)
            made.act("start")
            inbound = phones.citizens_call(
                centre.folder,
                "citizens",
                "156",
                centre.settings.trunk_port,
                PORTS + 100,
                PORTS + 110,
                rate=RATE,
                at_once=4,
                key=("9", 800),
                leave=round(STAY * 1000),
                traced=True,
            )
            end = time.monotonic() + 2.0 * CONTACTS
            while not made.over():
                assert time.monotonic() < end, "not every contact was tried in time"
                time.sleep(2.0)
            took = time.time() - since
            made.act("stop", because="fim do teste")
            inbound.finish(30)
            rings, delays = town.rings(), town.delays()
        called_in = _came_in(centre.folder)
        never_too_often(made, rings)
        as_the_network_says(made, rings)
        as_the_reports_say(made, rings, since)
        assert dialled_of_month(centre) == sum(one.code != 503 for one in rings)
        heard = heard_in_time(delays)
        most = callers_went_first(made, BEHIND, called_in)
        results = Counter(row["result"] for row in made.attempts())
        with capsys.disabled():
            print(f"\n{len(rings)} calls in {took:.0f} s: {dict(results)}; the agent is heard "
                  f"after {heard} s, by {len(delays)}; {called_in} callers, of whom the last to "
                  f"find an agent waited {most:.2f} s; {_busiest(town)} rang at once")  # fmt: skip


def _last(place: int) -> int:
    seldom = [digit for each, digit in SELDOM.items() if place % each == each - 1]
    return seldom[0] if seldom else IN_TEN[place % 10]


def _came_in(folder: Path) -> int:
    calls = phones.read_traces(folder / "citizens.messages")
    return sum(one.code == 200 for one in calls)


def _busiest(town: Town) -> int:
    """How many telephones rang or talked at once, at most."""
    marks = []
    for one in town.rings():
        marks += [(one.at, 1), (one.ended_at or one.at, -1)]
    now = most = 0
    for _, change in sorted(marks):
        now += change
        most = max(most, now)
    return most
