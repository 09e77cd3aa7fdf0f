"""Twenty agents, two hundred calls on three lines, every ending known beforehand; meanwhile agents'
phones are killed and the queues' rules change. In the end what is stored, what is counted and what
the phones saw are one story."""

from __future__ import annotations

import itertools
import json
import math
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest
from calls_bed import instant_of
from centre_bed import Centre, until
from floor_bed import Agent, Floor, Group, floor_bed, floor_dialplans, rung
from floor_told import agree, calls_of

pytestmark = pytest.mark.switch

TALK = 2.7  # of which 2 s are the whisper
ANSWERS = {"talk": TALK}
WRAP_UP, RING = 1.0, 3.0
NO_ANSWER = "não-atendeu"

PEOPLE = (
    *(Agent(f"geral{n}", "p156_geral", ANSWERS) for n in range(4)),
    *(Agent(f"risco{n}", "e199_risco", ANSWERS) for n in range(4)),
    *(Agent(f"ocorrencia{n}", "e153_ocorrencia", ANSWERS) for n in range(3)),
    Agent("dorme", "p156_zeladoria", {"ring": 60}),
    Agent("recusa", "p156_zeladoria", {"answer": 486}),
    Agent("larga", "p156_zeladoria", {"talk": 0.05}),
    Agent("falta", "p156_zeladoria", None),
    Agent("morre", "p156_zeladoria", {"ring": 60}),
    Agent("honesta", "p156_zeladoria", ANSWERS),
    Agent("toca", "p156_transporte", {"ring": 60}),
    Agent("reserva", "p156_social", ANSWERS, reserve=True),
    Agent("cai", "p156_limpeza", {"talk": 60}),
)

GROUPS = (
    Group("of_199", "199", "", 32, 2.0, None, {"served": 32}),
    Group("of_153", "153", "", 22, 1.5, None, {"served": 22}),
    Group("geral", "156", "9", 22, 1.5, None, {"served": 22}),
    Group("dificil", "156", "0", 8, 4.0, None, {"served": 8}),
    Group("toca", "156", "2", 10, 0.36, 1.6, {"abandoned": 10}),
    Group("ninguem", "156", "3", 27, 1.5, 2.0, {"abandoned": 27}),
    Group("so_reserva", "156", "4", 5, 0.5, None, {"served": 5}),
    Group("demora", "156", "12", 5, 4.0, None, {"ended_in_menu": 5}),
    Group("cheia", "156", "13", 8, 2.0, 9.0, {"abandoned": 3, "ended_in_menu": 5}),
    Group("muda", "156", "5", 8, 2.0, None, {"served": 8}),
    Group("cai", "156", "14", 1, 1.0, None, {"served": 1}),
    Group("fim", "156", "15", 23, 1.2, None, {"ended_in_menu": 23}),
    Group("no_menu", "156", "", 24, 1.2, 1.5, {"left_in_menu": 24}),
    Group("a_cobrar", "90156", "", 5, 2.0, None, refused=403),
)

DIFFICULT = {
    "dorme": "ring_no_answer",
    "recusa": "refused",
    "larga": "refused",
    "falta": "ring_no_answer",
    "morre": "ring_no_answer",
}
"""Agents who are asked once each, and how that ends."""


def test_two_hundred_calls_of_every_ending(tmp_path: Path) -> None:
    assert (len(PEOPLE), sum(group.calls for group in GROUPS)) == (20, 200)
    dialplans = floor_dialplans(tmp_path / "dialplans")
    with floor_bed(tmp_path, PEOPLE, dialplans) as floor:
        floor.dial(GROUPS)
        _killed_while_it_rings(floor)
        killed = _killed_while_it_talks(floor)
        _published_under_traffic(floor, dialplans)
        seen = floor.wait(75)
        until(lambda: _open(floor) == 0, 20, "the last wrap-up")
        agree(floor, seen, "cai")
        _difficult_agents(floor)
        _who_left_while_it_rang(floor)
        _sent_away(floor)
        _the_reserve_came(floor)
        _places_were_kept(floor)
        _the_cut_talk(floor, killed)
        _wrap_ups(floor)


def _killed_while_it_rings(floor: Floor) -> None:
    phone = floor.phones["morre"]
    until(lambda: rung(phone), 15, "ringing")
    time.sleep(0.2)
    phone.kill()


def _killed_while_it_talks(floor: Floor) -> float:
    until(lambda: floor.centre.state_of("cai") == "talking", 20, "a talk")
    time.sleep(1.0)
    floor.phones["cai"].kill()
    return time.time()


def _published_under_traffic(floor: Floor, dialplans: Path) -> None:
    """The ring that nobody waits for comes at once, and reaches those who wait already."""
    centre = floor.centre
    until(lambda: len(_places(centre)) == 8, 20, "eight waiting")
    before = _places(centre)
    files = {file.name: file.read_text(encoding="utf-8") for file in dialplans.glob("*.yaml")}
    assert files["queues.yaml"].count("apos: 10 min") == 1
    files["queues.yaml"] = files["queues.yaml"].replace("apos: 10 min", "apos: 1 s")
    answer = httpx.post(
        f"{centre.settings.api_url}/v1/dialplans",
        json={"files": files, "note": "mais gente para quem espera"},
        headers={"Authorization": f"Bearer {centre.settings.secret('admin_token')}"},
        trust_env=False,
        timeout=60.0,
    )
    assert (answer.status_code, answer.json().get("state")) == (200, "serving"), answer.text
    kept = _places(centre)
    assert kept == {call: before[call] for call in kept}


def _places(centre: Centre) -> dict[str, tuple[float, int]]:
    """Who waits for the queue whose rule changes, and with what place."""
    there = [c for c in centre.floor()["callers"] if c["queue"] == "p156_saude_animais"]
    return {c["call"]: (c["joined"], c["priority"]) for c in there if c["where"] != "talking"}


def _open(floor: Floor) -> int:
    """Agents who are not idle yet."""
    return sum(one["state"] != "idle" for one in floor.centre.floor()["agents"])


def _offers(floor: Floor, **of: str) -> list[dict[str, Any]]:
    (name, value), *_ = of.items()
    return floor.centre.rows(f"SELECT * FROM offers WHERE {name} = ? ORDER BY offered_at", value)


def _difficult_agents(floor: Floor) -> None:
    """Each was asked once, and rests; no caller lost more than their rings, nor the place."""
    there = {one["agent"]: one for one in floor.centre.floor()["agents"]}
    for agent, outcome in DIFFICULT.items():
        assert [offer["outcome"] for offer in _offers(floor, agent=agent)] == [outcome], agent
        assert (there[agent]["status"], there[agent]["reason"]) == ("paused", NO_ANSWER), agent
        assert agent == "falta" or len(rung(floor.phones[agent])) == 1
    assert {row["agent"] for row in calls_of(floor, "dificil")} == {"honesta"}


def _who_left_while_it_rang(floor: Floor) -> None:
    """The ringing stopped with each, and the agent was not put on pause for it."""
    offers = _offers(floor, agent="toca")
    assert [offer["outcome"] for offer in offers] == ["caller_left"] * 10
    assert {offer["blame"] for offer in offers} == {"citizen"}
    agents = floor.centre.floor()["agents"]
    assert next(one["status"] for one in agents if one["agent"] == "toca") == "available"
    for group in ("ninguem", "cheia", "demora"):
        calls = {row["call_id"] for row in calls_of(floor, group)}
        assert not floor.centre.rows(
            "SELECT * FROM offers WHERE call_id IN ({})".format(", ".join(map(repr, calls)))
        )


def _sent_away(floor: Floor) -> None:
    """Who waited too long, or found three ahead, went to the step that the rule names."""
    found = floor.centre.rows("SELECT details FROM facts WHERE kind = 'sent_away'")
    told = [json.loads(fact["details"]) for fact in found]
    assert {fact["exit"] for fact in told} == {"fim"}
    assert Counter(fact["queue"] for fact in told) == {"p156_protocolo": 5, "p156_ouvidoria": 5}


def _the_reserve_came(floor: Floor) -> None:
    """Three seconds after the caller joined, and not before."""
    for row in calls_of(floor, "so_reserva"):
        (offer,) = _offers(floor, call_id=row["call_id"])
        assert offer["agent"] == "reserva"
        assert instant_of(offer["offered_at"]) - instant_of(row["queued_at"]) >= 3.0


def _places_were_kept(floor: Floor) -> None:
    """At each offer in a queue, whoever was offered had joined before all others who waited then:
    those whom agents had failed stood at the head again."""
    for group in ("of_199", "of_153", "geral", "muda", "dificil"):
        calls = [row["call_id"] for row in calls_of(floor, group)]
        joined = {call: _joined(floor.centre, call) for call in calls}
        offers = {call: _spans(_offers(floor, call_id=call)) for call in calls}
        for call in calls:
            for at, _ in offers[call]:
                before = [other for other in calls if joined[other] < joined[call]]
                assert all(_held(offers[other], at) for other in before), (group, call)


def _spans(offers: list[dict[str, Any]]) -> list[tuple[float, float]]:
    """From when to when each was asked for; the last, which was answered, has no end here."""
    spans = [(instant_of(one["offered_at"]), instant_of(one["ended_at"])) for one in offers]
    return [*spans[:-1], (spans[-1][0], math.inf)]


def _held(spans: list[tuple[float, float]], at: float) -> bool:
    """Whether an agent was being asked for this caller then, or had answered."""
    return any(since <= at <= until for since, until in spans)


def _joined(centre: Centre, call: str) -> float:
    facts = centre.rows("SELECT details FROM facts WHERE call_id = ? AND kind = 'queued'", call)
    assert len(facts) == 1
    return float(json.loads(facts[0]["details"])["joined"])


def _the_cut_talk(floor: Floor, killed: float) -> None:
    """A phone without power: its sound stops, and the switch notices (rtp_timeout)."""
    (row,) = calls_of(floor, "cai")
    assert row["agent"] == "cai"
    assert 0 < instant_of(row["ended_at"]) - killed < 45


def _wrap_ups(floor: Floor) -> None:
    """Between a talk and the next ring lies the time to write it down."""
    for name, run in floor.phones.items():
        calls = rung(run)
        for before, following in itertools.pairwise(calls):
            if before.code == 200 and before.bye is not None:
                assert following.messages[0].at - before.bye.at >= WRAP_UP - 0.2, name
