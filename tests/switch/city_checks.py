"""What a campaign has to be true about, counted from the public network's own log."""

from __future__ import annotations

import itertools
import math
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from calls_bed import instant_of
from campaign_bed import Campaign
from centre_bed import Centre
from city_bed import Ringing

from bench.figures import percentile
from protocol_store.reports.catalogue import REPORTS
from protocol_store.reports.making import make
from terms.outcome import Tried
from terms.sheet import Asked

RESULT_OF = {
    200: "answered",
    486: "busy",
    487: "no_answer",
    404: "invalid",
    503: "shut",
}
"""What the public network's last word is in our store, where nobody listens to what is said."""

DIALLED = [one.value for one in Tried if one.reached_for] + ["shut"]
HEARD_WITHIN = 2.0


def of_number(rings: Iterable[Ringing]) -> dict[str, list[Ringing]]:
    found = defaultdict(list)
    for one in rings:
        found[one.number].append(one)
    return found


def never_too_often(made: Campaign, rings: list[Ringing]) -> None:
    """No telephone rings more often than attempts are written down, or twice at once; nobody who
    has answered is rung again; and every contact has had its attempt."""
    written = Counter(row["number"] for row in made.attempts())
    assert set(written) == set(made.numbers)
    for number, several in of_number(rings).items():
        assert len(several) <= written[number], number
        answered = [one for one in several if one.code == 200]
        assert len(answered) <= 1
        for before, after in itertools.pairwise(several):
            assert (before.ended_at or math.inf) <= after.at, number


def as_the_network_says(made: Campaign, rings: list[Ringing]) -> None:
    """Every attempt that was dialled has its own call in the network's log, with the same end."""
    rang = of_number(rings)
    for number in made.numbers:
        rows = [row for row in made.attempts() if row["number"] == number]
        told = [row["result"] for row in rows if row["result"] in DIALLED]
        assert told == [RESULT_OF[one.code] for one in rang.get(number, [])], number


def as_the_reports_say(made: Campaign, rings: list[Ringing], since: float) -> None:
    """R66 and the trunk's month, beside what the network counted."""
    came = Counter(RESULT_OF[one.code] for one in rings)
    found = _totals(made.centre, since, "campanha-tentativas", made)
    for result in ("answered", "busy", "no_answer", "invalid"):
        assert found[result] == came[result], result
    assert (found["billable"], found["open"]) == (came["answered"], 0)
    contacts = _totals(made.centre, since, "campanha-contatos", made)
    assert contacts["contacts"] == len(made.numbers)
    assert (contacts["reached"], contacts["wrong_number"]) == (came["answered"], came["invalid"])
    talks = [row for row in made.attempts() if row["result"] == "answered"]
    calls = made.centre.rows("SELECT * FROM calls WHERE campaign = ?", made.name)
    assert {row["call_id"] for row in talks} == {row["call_id"] for row in calls}
    assert {row["outcome"] for row in calls} == {"served"}
    assert len({row["protocol"] for row in calls} - {None}) == len(calls)


def _totals(centre: Centre, since: float, name: str, made: Campaign) -> dict[str, Any]:
    asked = Asked(since, time.time() + 1, campaign=made.name)
    sheet = make(centre.settings.store_url, REPORTS[name], asked, time.time())
    return dict(sheet.totals or {})


def dialled_of_month(centre: Centre) -> int:
    """What the trunks' month counts."""
    rows = centre.rows("SELECT sum(attempts) AS n FROM trunk_months")
    return int(rows[0]["n"] or 0)


def heard_in_time(delays: dict[str, float]) -> dict[str, float]:
    """How long citizens waited for the agent's voice: all in time."""
    took = sorted(delays.values())
    assert took[-1] <= HEARD_WITHIN, took[-5:]
    figures = {"p50": percentile(took, 0.5), "p99": percentile(took, 0.99), "most": took[-1]}
    return {name: round(value, 3) for name, value in figures.items()}


def callers_went_first(made: Campaign, settles: float, callers: int) -> float:
    """While a caller waited, no agent was newly booked, from `settles` after the beginning of the
    wait on; the longest wait."""
    centre, most = made.centre, 0.0
    rows = centre.rows("SELECT * FROM calls WHERE campaign = '' OR campaign IS NULL")
    waited = [row for row in rows if row["queued_at"]]
    assert len(waited) == callers
    booked = [instant_of(row["ordered_at"]) for row in made.attempts()]
    for row in waited:
        assert row["outcome"] == "served", row["outcome"]
        offers = centre.rows("SELECT * FROM offers WHERE call_id = ?", row["call_id"])
        since = instant_of(row["queued_at"])
        until = min(instant_of(one["offered_at"]) for one in offers)
        most = max(most, until - since)
        late = [at - since for at in booked if since + settles < at < until]
        assert not late, (late, until - since)
    return most


def quiet_since(rings: list[Ringing], since: float, *, within: float) -> tuple[float, int]:
    """Nothing was dialled after an instant, and whatever rang then was taken back in time; how
    long the last took, and how many there were."""
    assert not [one.at - since for one in rings if one.at > since]
    rang = [one for one in rings if one.over is None or one.over > since]
    left = [one for one in rang if one.cancelled is None]
    assert not left, len(left)
    took = sorted((one.cancelled or math.inf) - since for one in rang)
    assert took[-1] <= within, took[-3:]
    return took[-1], len(took)
