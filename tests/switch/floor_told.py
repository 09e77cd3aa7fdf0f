"""What the store tells of a floor, beside what its SIP phones saw: they must be one story.

    agree(floor, seen, "cai")   # every citizen, every protocol, every offer, every recording

Each function compares the two from one side and fails with the first that differ.
"""

from __future__ import annotations

import itertools
import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from calls_bed import channels_of, instant_of
from centre_bed import Centre, until
from floor_bed import Floor, rung
from sipp_phones import CallTrace

from terms.protocol_number import is_protocol

Seen = dict[str, list[CallTrace]]

SLACK = 0.35
"""Seconds between a phone's clock and a fact, on a busy machine."""
WAV_HEADER = 44  # bytes of a file without sound
ONCE = ("call_arrived", "protocol_given", "call_ended")
ENDINGS = {
    "answered": 200,
    "ring_no_answer": 487,
    "caller_left": 487,
    "withdrawn": 487,
}
"""What an agent's phone says at the end of its INVITE."""


def agree(floor: Floor, seen: Seen, cut: str) -> None:
    """All of it; see the file's top. `cut`: the group whose talks lose their sound."""
    centre = floor.centre
    still = "SELECT count(*) AS n FROM calls WHERE ended_at IS NULL"
    until(lambda: centre.rows(still)[0]["n"] == 0, 20, "all ends stored")
    until(lambda: channels_of(centre) == 0, 20, "no channel left")
    talked = "SELECT count(DISTINCT call_id) AS n FROM facts WHERE kind = 'answered'"
    whole = "SELECT count(*) AS n FROM recordings"
    until(lambda: centre.rows(whole) == centre.rows(talked), 20, "all recordings looked at")
    _citizens(floor, seen)
    _facts(centre)
    _protocols(centre)
    _offers(floor)
    _recordings(floor, cut)
    _tallies(floor)


def calls_of(floor: Floor, group: str) -> list[dict[str, Any]]:
    """The stored calls of a group's citizens, oldest first."""
    return floor.centre.rows(
        "SELECT * FROM calls WHERE caller LIKE ? ORDER BY arrived_at", floor.prefix(group) + "%"
    )


def _citizens(floor: Floor, seen: Seen) -> None:
    """Each call ended as it was to end, by whom it was to be ended; none is doubled or lost."""
    for name, group in floor.groups.items():
        traces, rows = seen[name], calls_of(floor, name)
        assert len(traces) == group.calls, name
        assert {call.code for call in traces} == {group.refused or 200}, name
        outcomes = Counter(row["outcome"] for row in rows)
        assert outcomes == Counter(group.outcomes), f"{name}: {outcomes}"
        assert len({row["caller"] for row in rows}) == len(rows), name
        assert not any(row["static"] for row in rows), name
        by_us = [call for call in traces if call.bye is not None and not call.bye.sent]
        left = outcomes["abandoned"] + outcomes["left_in_menu"]
        assert len(by_us) == len(rows) - left, f"{name}: who hung up"


def _facts(centre: Centre) -> None:
    """A call begins, gets its number, and ends once; an offer too; nothing broke a rule."""
    told = centre.rows("SELECT call_id, kind, details, violation FROM facts ORDER BY id")
    assert not [fact for fact in told if fact["violation"]]
    calls = {row["call_id"] for row in centre.rows("SELECT call_id FROM calls")}
    for kind in ONCE:
        found = Counter(fact["call_id"] for fact in told if fact["kind"] == kind)
        assert found == Counter(calls), kind
    made, ended = (
        Counter(json.loads(f["details"])["offer"] for f in told if f["kind"] == kind)
        for kind in ("offer_made", "offer_ended")
    )
    assert made == ended
    assert set(made.values()) == {1}


def _protocols(centre: Centre) -> None:
    """One each, and none twice."""
    rows = centre.rows("SELECT call_id, protocol FROM protocols")
    calls = centre.rows("SELECT call_id, protocol FROM calls")
    assert sorted(map(str, rows)) == sorted(map(str, calls))
    assert len({row["protocol"] for row in rows}) == len(rows)
    assert all(is_protocol(row["protocol"]) for row in rows)


def _offers(floor: Floor) -> None:
    """An agent's phone rang for each of its offers and for nothing else, one at a time, and ended
    it as is stored; a talk lasted as long as the phone says; then came the wrap-up."""
    for name, run in floor.phones.items():
        offers = floor.centre.rows(
            "SELECT offers.*, talk_seconds FROM offers JOIN calls USING (call_id) "
            "WHERE offers.agent = ? ORDER BY offered_at",
            name,
        )
        rings = rung(run)
        assert len(rings) == len(offers), name
        for ring, offer in zip(rings, offers, strict=True):
            _one_offer(name, ring, offer)
        for before, following in itertools.pairwise(rings):
            over = before.messages[-1].at if before.bye is None else before.bye.at
            assert over <= following.messages[0].at, f"{name} was rung for two at once"


def _one_offer(agent: str, ring: CallTrace, offer: dict[str, Any]) -> None:
    where = f"{agent}, {offer['offer_id']}"
    assert -SLACK < ring.messages[0].at - instant_of(offer["offered_at"]) < 1.5, where
    if offer["outcome"] in ENDINGS and not ring.messages[-1].is_request("INVITE"):
        # a phone that was killed has said nothing at the end
        assert ring.code in (0, ENDINGS[offer["outcome"]]), where
    if offer["outcome"] == "answered" and ring.bye is not None:
        talked = ring.bye.at - ring.answered_at
        assert talked - 3.5 < offer["talk_seconds"] <= talked + SLACK, where


def _recordings(floor: Floor, cut: str) -> None:
    """One for each call that talked, as long as its talk, but for the talk that lost its sound:
    that one is said to be short. What was begun for a call that never talked holds nothing."""
    rows = floor.centre.rows("SELECT * FROM recordings JOIN calls USING (call_id)")
    for row in rows:
        short = row["caller"].startswith(floor.prefix(cut))
        assert (row["ok"], row["problem"]) == ((0, "short") if short else (1, "")), row
    files = {str(path) for path in floor.centre.settings.recordings_dir.glob("*/*.wav")}
    talks = {row["file"] for row in rows}
    assert len(talks) == len(rows)
    assert talks <= files
    assert {Path(file).stat().st_size for file in files - talks} <= {WAV_HEADER}


def _tallies(floor: Floor) -> None:
    """The floor's own figures are those of the facts, and the facts' those of the citizens."""
    picture = floor.centre.floor()
    assert picture["callers"] == []
    facts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    queued: dict[str, str] = {}
    for fact in floor.centre.rows("SELECT kind, call_id, details FROM facts ORDER BY id"):
        if fact["kind"] == "queued":
            queued[fact["call_id"]] = json.loads(fact["details"])["queue"]
            facts[queued[fact["call_id"]]]["joined"] += 1
        elif fact["kind"] == "answered":
            facts[queued[fact["call_id"]]]["answered"] += 1
        elif json.loads(fact["details"]).get("outcome") == "abandoned":
            facts[queued[fact["call_id"]]]["abandoned"] += 1
    for queue in picture["queues"]:
        told = {what: queue[what] for what in ("joined", "answered", "abandoned")}
        assert told == {what: facts[queue["queue"]][what] for what in told}, queue["queue"]
    states = {one["agent"]: (one["state"], one["call"]) for one in picture["agents"]}
    assert {states[name] for name in floor.agents} <= {("idle", None), ("wrap_up", None)}
