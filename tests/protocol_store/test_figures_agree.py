"""Whoever counts the same calls comes to the same figures: reports, indicators, the balance, the
summary, the live figures, and a plain count of the facts, written here and nowhere else."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from random import Random
from typing import Any, Final

import pytest
from sqlalchemy import Connection, Engine
from test_rebuild import store_all
from visit_stories import QUEUES, START, Story, at_random

from acd.measures import Measures, QueueFigures
from acd.queues import QueueRule, QueueTable
from central156.reports_of_contract import REPORTS
from protocol_store import schema
from protocol_store.balance import balance
from protocol_store.engines import make_engine
from protocol_store.fact_log import FactLog
from protocol_store.indicator_counts import call_counts
from protocol_store.reports.asked import buckets
from protocol_store.story import service_summary
from terms.counted import Counted
from terms.facts import Fact, Kind
from terms.names import QueueName, Skill
from terms.sheet import Asked

PERIOD: Final = Asked(START - 3_600.0, START + 43_200.0)
X: Final = 15.0
CONTINGENCY: Final = "contingencia"
Sums = Counter[str]


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url)
    schema.upgrade(engine)
    yield engine
    engine.dispose()


# --- the plain count ---
def courses(facts: Iterable[Fact]) -> Mapping[str, list[Fact]]:
    """Each call's facts, of calls that citizens made and that are no tests."""
    found: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.call:
            found[fact.call].append(fact)
    return {
        call: told
        for call, told in found.items()
        if not told[0].details["test"] and told[0].details["entry"] != "retorno"
    }


def by_line(facts: Iterable[Fact]) -> dict[str, Sums]:
    """What becomes of calls, by the line that was dialled."""
    found: dict[str, Sums] = defaultdict(Counter)
    for told in courses(facts).values():
        sums = found[told[0].details["line"]]
        joined = next((one.details["joined"] for one in told if one.kind is Kind.QUEUED), None)
        answer = next((one for one in told if one.kind is Kind.ANSWERED), None)
        end = next((one for one in told if one.kind is Kind.CALL_ENDED), None)
        how = end.details["outcome"] if end else ""
        sums["received"] += 1
        sums["queued"] += joined is not None or answer is not None or how == "abandoned"
        if answer is not None:
            sums["answered"] += 1
            sums["in_time"] += answer.details["waited"] <= X
        if end is not None and how == "abandoned":
            began = end.at - end.details["seconds"] if joined is None else joined
            sums["abandoned"] += 1
            sums["abandoned_late"] += round(end.at - began, 3) > X
    return found


def by_queue(facts: Iterable[Fact]) -> dict[str, Sums]:
    """Stays in queues: a call has one for each time that it comes into another one."""
    found: dict[str, Sums] = defaultdict(Counter)
    for told in courses(facts).values():
        here, talked = "", False
        for fact in told:
            if fact.kind is Kind.QUEUED and fact.details["queue"] != here:
                found[here]["redirected"] += bool(here)
                here = fact.details["queue"]
                found[here]["entered"] += 1
            elif fact.kind is Kind.ANSWERED:
                if not here:
                    here = CONTINGENCY
                    found[here]["entered"] += 1
                found[here]["answered"] += 1
                here, talked = "", True
            elif fact.kind is Kind.CALL_ENDED:
                how = fact.details["outcome"]
                if not here and how == "abandoned":
                    here = CONTINGENCY
                    found[here]["entered"] += 1
                gave_up = how == "abandoned" or (how == "served" and talked)
                found[here]["abandoned"] += bool(here) and gave_up
                here = ""
    del found[""]
    return found


# --- everybody else's ---
def stored_by_line(connection: Connection, name: str, line: str) -> dict[str, Any]:
    totals = REPORTS[name].run(connection, replace(PERIOD, line=line))
    assert totals.totals is not None
    return dict(totals.totals)


def live(facts: Iterable[Fact]) -> Measures:
    rules = tuple(
        QueueRule(QueueName(queue), line, Skill(queue), target_seconds=X)
        for line, queues in QUEUES.items()
        for queue in queues
    )
    measures = Measures(QueueTable(rules))
    measures.read(facts)
    return measures


def the_switch_alone(rng: Random) -> Iterator[Fact]:
    """Calls while control was away: the switch put them through, or they gave up in its queue."""
    for number in range(6):
        story = Story(f"s-{number}", round(START + rng.uniform(0, 7_200), 6)).arrives()
        story.then(Kind.STATIC_TAKEN_IN, protocol="000000019")
        if rng.random() < 0.5:
            wait = round(rng.uniform(1, 40), 3)
            story.then(Kind.ANSWERED, f"rui{number}", after=wait, offer="", waited=wait)
            story.then(Kind.TALK_ENDED, f"rui{number}", after=60.0, offer="", talk_seconds=60.0)
            yield from story.ends("served", "static").facts
        else:
            yield from story.ends("abandoned", "static", after=rng.uniform(1, 40)).facts


@pytest.mark.parametrize("seed", range(4))
def test_all_come_to_the_same(engine: Engine, seed: int) -> None:
    """Also when what is told of some calls comes up to an hour late, as after an outage."""
    rng = Random(seed)
    late: dict[str | None, float] = defaultdict(lambda: rng.uniform(0, 3_600) * (seed % 2))
    late[None] = 0.0
    told = [*at_random(rng, 90), *the_switch_alone(rng)]
    facts = sorted(told, key=lambda one: one.at + late[one.call])
    store_all(engine, FactLog("a:1"), facts, rng)
    with engine.connect() as connection:
        lines_agree(connection, facts)
        queues_agree(connection, facts)
        talks_agree(connection, facts)


def lines_agree(connection: Connection, facts: list[Fact]) -> None:
    counted, summary = by_line(facts), service_summary(connection, PERIOD.since)
    kept = balance(connection, buckets(PERIOD))
    assert kept.holds, kept
    figures, now = live(facts), START + 43_000.0
    indicators = call_counts(connection, PERIOD.since, PERIOD.until, X)
    assert set(indicators) == set(counted) == set(summary.lines)
    for line, sums in counted.items():
        ((_, found),) = indicators[line].items()
        level = stored_by_line(connection, "dac-nivel-de-servico-mes", line)
        for mine, theirs, other in (
            ("received", Counted.RECEIVED, "received"),
            ("queued", Counted.QUEUED, "offered"),
            ("answered", Counted.ANSWERED, "answered"),
            ("in_time", Counted.ANSWERED_WITHIN, "answered_within"),
            ("abandoned", Counted.ABANDONED, "abandoned"),
            ("abandoned_late", Counted.ABANDONED_BEYOND, "abandoned_beyond"),
        ):
            assert sums[mine] == found[theirs] == level[other], (line, mine)
        of_line = summary.lines[line]
        told = (of_line.received, of_line.answered, of_line.abandoned)
        assert told == (sums["received"], sums["answered"], sums["abandoned"])
        received = {
            stored_by_line(connection, "dac-recebidas", line)["received"],
            stored_by_line(connection, "ura-uso-por-dia", line)["received"],
            stored_by_line(connection, "indicadores-contagens", line)["received"],
            sum(one.received for one in kept.intervals if one.line == line),
            figures.of_line(line, now).received,
        }
        assert received == {sums["received"]}
        assert sums["queued"] == sum(one.queued for one in kept.intervals if one.line == line)


def queues_agree(connection: Connection, facts: list[Fact]) -> None:
    counted = by_queue(facts)
    sheet = REPORTS["dac-por-ilha"].run(connection, PERIOD)
    names = ("entered", "answered", "abandoned")
    stored: dict[str, Sums] = defaultdict(Counter)
    for row in sheet.rows:
        stored[str(row["queue"])].update({name: int(row[name] or 0) for name in names})
    assert {queue: [sums[name] for name in names] for queue, sums in stored.items()} == {
        queue: [sums[name] for name in names] for queue, sums in counted.items()
    }
    assert sheet.totals is not None
    for name in ("dac-balanco", "dac-atendidas", "dac-desistencias"):
        totals = REPORTS[name].run(connection, PERIOD).totals
        assert totals is not None
        assert totals["entered"] == sheet.totals["entered"]
    figures, now = live(facts), START + 43_000.0
    for queue in (name for line in QUEUES.values() for name in line):
        at_once: QueueFigures = figures.of(QueueName(queue), now)
        told = [at_once.received, at_once.answered, at_once.abandoned]
        assert told == [counted[queue][name] for name in names], queue


def talks_agree(connection: Connection, facts: list[Fact]) -> None:
    """Talks that have ended: of calls, and of each agent, those taken over after a consult too."""
    tests = {fact.call for fact in facts if fact.details.get("test")}
    by_agent: Counter[str] = Counter()
    talked: dict[str, float] = defaultdict(float)
    moved: Counter[str] = Counter()
    for fact in facts:
        if fact.kind is Kind.TALK_ENDED and fact.call not in tests:
            by_agent[str(fact.agent)] += 1
            talked[str(fact.agent)] += float(fact.details["talk_seconds"])
        elif fact.kind is Kind.TALK_MOVED and fact.call not in tests:
            moved[str(fact.agent)] += 1
    work = REPORTS["atendimento-produtividade"].run(connection, PERIOD)
    assert {row["agent"]: row["talks"] for row in work.rows} == by_agent
    assert {row["agent"]: row["talked"] for row in work.rows} == pytest.approx(talked, abs=0.01)
    calls = REPORTS["dac-conversa"].run(connection, PERIOD).totals
    assert calls is not None
    assert calls["talked"] == pytest.approx(sum(talked.values()), abs=0.01)
    for name, whose, count in (
        ("atendimento-transferencias", "agent", "consulta"),
        ("ura-transferencias", "agent", "attended"),
    ):
        rows = REPORTS[name].run(connection, PERIOD).rows
        sent = Counter({str(row[whose]): int(row[count] or 0) for row in rows})
        assert +sent == moved, name
