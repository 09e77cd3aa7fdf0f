"""Control is killed in the middle of a campaign, while an agent, a citizen rings, while they talk,
while it starts; then Asterisk: nobody is rung a second time, nobody is lost (R65)."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from call_back_bed import IDENTITY, terse_dialplans
from campaign_bed import Campaign, campaign, number
from centre_bed import Centre, until
from city_bed import WAYS, Subscriber, Town, city, hall, hire
from city_checks import RESULT_OF, never_too_often, of_number
from kills_bed import _kill, _restless

pytestmark = pytest.mark.switch

PORTS, RTP = 20540, 35000
AGENTS = 6
TALKS = {
    **{0: Subscriber(ring=1.0, talk=6.0), 1: Subscriber(ring=0.3, talk=5.0)},
    **{2: Subscriber(ring=4.0, talk=4.0), 3: Subscriber(ring=0.3, talk=0.5)},
    **{last: WAYS[last] for last in (6, 8)},
}
CONTACTS = (0, 1, 2, 3, 6, 8, 0, 1, 2, 3, 0, 1, 2, 3, 6, 8, 0, 1, 2, 3, 0, 1, 2, 3)
BETWEEN = 0.15
"""Seconds after which another moment is looked for: the new control is in its start then."""


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    folder = tmp_path_factory.mktemp("killed")
    port = PORTS + 50
    given = {
        "CENTRAL156_DIALPLANS_DIR": str(terse_dialplans(folder / "dialplans")),
        "CENTRAL156_OUT_TRUNK": f"127.0.0.1:{port}",
        "CENTRAL156_OUT_IDENTITIES": f"156={IDENTITY},199={IDENTITY}",
        "CENTRAL156_OUT_PER_SECOND": "10",
        "CENTRAL156_WHISPER": "false",
    }
    with _restless(Path(folder), (PORTS, RTP), given) as running:
        yield running


def _moments(town: Town, made: Campaign) -> list[tuple[str, Callable[[], object]]]:
    """When control dies."""
    return [
        ("an agent rings", lambda: len(made.attempts()) > len(town.rings())),
        ("a citizen rings", lambda: town.ringing() >= 2),
        ("it starts", lambda: True),
        ("they talk", lambda: _talking(town) >= 3),
        ("attempts are being ended", lambda: any(one.ended_at for one in town.rings())),
    ]


def _talking(town: Town) -> int:
    return sum(one.code == 200 and one.ended_at is None for one in town.rings())


def test_control_is_killed_five_times_then_asterisk(
    centre: Centre, capsys: pytest.CaptureFixture[str]
) -> None:
    names = hire(centre, AGENTS)
    with city(centre, TALKS) as town, hall(centre, names) as phones:
        made = campaign(centre, [number(last) for last in CONTACTS])
        made.act("start")
        for what, moment in _moments(town, made):
            until(moment, 20, what)
            _kill(centre)
            time.sleep(BETWEEN)
        until(centre.is_ready, 30, "serving")
        until(lambda: _talking(town) >= 2 and town.ringing(), 20, "talks and ringing")
        old = centre.switch_pid()
        os.kill(old, signal.SIGKILL)
        until(lambda: _is_back(centre, old), 30, "asterisk")
        assert phones.process.poll() is None
        until(lambda: _over(made), 90, "every contact tried")
        rings = town.rings()
        until(lambda: all(centre._is_free(one) for one in names), 15, "nobody is kept")
        made.act("stop", because="fim do teste")
    never_too_often(made, rings)
    rang, unknown = of_number(rings), 0
    for row in made.attempts():
        seen = [RESULT_OF.get(one.code, "") for one in rang.get(row["number"], [])]
        if row["result"] in ("lost", "agent", "held"):
            unknown += 1
        else:
            assert seen == [row["result"]], row["result"]
    calls = centre.rows("SELECT * FROM calls WHERE campaign = ?", made.name)
    assert all(row["ended_at"] for row in calls)
    assert len({row["caller"] for row in calls}) == len(calls)
    talked = {row["caller"] for row in calls if row["outcome"] == "served"}
    reached = {row["number"] for row in made.attempts() if row["result"] == "answered"}
    assert talked <= reached, "whoever has talked with us is called no more"
    assert unknown <= len(CONTACTS) // 2
    with capsys.disabled():
        print(f"\n{len(rings)} calls, {unknown} of which nobody can say the end")


def _over(made: Campaign) -> bool:
    with contextlib.suppress(Exception):
        return made.over()
    return False


def _is_back(centre: Centre, old: int) -> bool:
    with contextlib.suppress(OSError, ValueError):
        return centre.switch_pid() != old and centre.is_ready()
    return False
