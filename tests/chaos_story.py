"""Whether what the centre stored and what the phones saw are one story, whatever broke meanwhile.

    agree(centre, seen, talks, told)     call by call: journal, facts and tables against the phones
    whole(centre)                        the store against itself: keys, order, chain, sums, tables

The centre must have been stopped: only then is the whole of the database ours to look at.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from centre_bed import Centre
from chaos_traffic import Seen, Talk
from sqlalchemy import Connection, Engine, Select, select, text

from protocol_store.balance import balance
from protocol_store.engines import make_engine
from protocol_store.fact_log import DIRECT, StorableFact
from protocol_store.journal_frames import FrameKind, fact_of, frames, plain_of
from protocol_store.rebuild import PROJECTED, rebuild
from protocol_store.reports.asked import buckets
from protocol_store.tables import calls as calls_table
from protocol_store.tables import facts as facts_table
from protocol_store.tables import protocols as protocols_table
from protocol_store.verify import verify
from terms.facts import Kind
from terms.names import Instant, Seconds
from terms.sheet import Asked

TOLERANCE: Final[Seconds] = 1.0
"""Between a phone's instant and ours: two processes on a busy machine."""
LATE: Final[Seconds] = 4.0
"""The same where the switch itself is late: it does not break off an attempt to reach control (2 s)
for a hang-up, and joins two some time after the agent's phone has answered."""
SHORTEST: Final[Seconds] = 0.5
"""A talk that was over sooner may not have begun for everybody."""

Row = Mapping[str, Any]


def rows(url: str, question: str) -> list[Row]:
    """What the database answers, whichever it is."""
    engine = make_engine(url, reading=True)
    try:
        with engine.connect() as connection:
            return [dict(row) for row in connection.execute(text(question)).mappings()]
    finally:
        engine.dispose()


def open_calls(url: str) -> int:
    """How many calls have no end yet."""
    return int(rows(url, "SELECT count(*) AS n FROM calls WHERE ended_at IS NULL")[0]["n"])


# --- against the phones ---
def agree(
    centre: Centre,
    seen: Sequence[Seen],
    talks: Mapping[str, Sequence[Talk]],
    told: Mapping[str, set[str]],
    seed: object,
) -> None:
    """Every answered call is there once, with one number and one end, as the phones saw it."""
    engine = make_engine(centre.settings.store_url, reading=True)
    try:
        with engine.connect() as connection:
            calls = _all(connection, select(calls_table))
            facts = _all(connection, select(facts_table).order_by("id"))
            numbers = _all(connection, select(protocols_table))
    finally:
        engine.dispose()
    answered = {one.caller: one for one in seen if one.code == 200}
    by_caller = Counter(row["caller"] for row in calls)
    assert {caller for caller, count in by_caller.items() if count > 1} == set(), seed
    missing = [one for caller, one in answered.items() if caller not in by_caller]
    assert missing == [], f"seed {seed}: answered, and not stored: {missing}"
    assert set(by_caller) == set(answered), f"seed {seed}: stored, and never answered"
    of_call: defaultdict[str, list[Row]] = defaultdict(list)
    for fact in facts:
        of_call[fact["call_id"]].append(fact)
    number_of: defaultdict[str, list[Row]] = defaultdict(list)
    for number in numbers:
        number_of[number["call_id"]].append(number)
    wrong = []
    for row in calls:
        one, call = answered[row["caller"]], row["call_id"]
        found = [
            *_number_wrong(row, number_of[call], of_call[call], told.get(one.caller, set())),
            *_end_wrong(row, of_call[call], one),
            *_talk_wrong(row, one, talks.get(one.caller, ())),
        ]
        told_of = " ".join(f"{fact['at']:.2f} {fact['kind']}," for fact in of_call[call])
        wrong += [f"{call} ({one.kind.name}, {one.caller}): {what}: {told_of}" for what in found]
    assert wrong == [], f"seed {seed}:\n" + "\n".join(wrong)
    assert len({number["protocol"] for number in numbers}) == len(numbers)


def _all(connection: Connection, question: Select[Any]) -> list[Row]:
    return [dict(row) for row in connection.execute(question).mappings()]


def _number_wrong(
    row: Row, numbers: Sequence[Row], facts: Sequence[Row], told: set[str]
) -> list[str]:
    """One number, the same in the table, in the facts, on the channel."""
    first = [one["protocol"] for one in numbers if one["ordinal"] == 0]
    given = {fact["details"]["protocol"] for fact in facts if fact["kind"] == Kind.PROTOCOL_GIVEN}
    found = []
    if len(first) != 1:
        found.append(f"numbers of the visit: {first}")
    if row["protocol"] not in first:
        found.append(f"the call says {row['protocol']}, its numbers {first}")
    if given != {one["protocol"] for one in numbers}:
        found.append(f"facts give {given}, the table {[one['protocol'] for one in numbers]}")
    if told - set(first):
        found.append(f"{told} stood on its channel, {first} is stored")
    return found


def _end_wrong(row: Row, facts: Sequence[Row], seen: Seen) -> list[str]:
    """It came once and ended once, when its citizen's phone says."""
    kinds = Counter(fact["kind"] for fact in facts)
    issuers = {fact["details"]["issuer"] for fact in facts if fact["kind"] == Kind.PROTOCOL_GIVEN}
    gone = issuers == {"rescue"} and not row["static"]
    found = []
    if kinds[Kind.CALL_ARRIVED] != 1 or kinds[Kind.CALL_ENDED] != 1:
        found.append(f"arrived {kinds[Kind.CALL_ARRIVED]}, ended {kinds[Kind.CALL_ENDED]} times")
    if seen.ended is None:
        found.append("nobody hung up")
    elif row["ended_at"] is None:
        found.append("no end is stored")
    elif not -TOLERANCE < row["ended_at"] - seen.ended < (LATE if gone else TOLERANCE):
        found.append(f"ended {row['ended_at'] - seen.ended:+.2f} s from its BYE")
    if row["arrived_at"] < seen.answered - TOLERANCE:
        found.append("came before it was answered")
    if facts and facts[0]["kind"] != Kind.CALL_ARRIVED:
        found.append(f"its first fact is {facts[0]['kind']}")
    return found


def _talk_wrong(row: Row, seen: Seen, talks: Sequence[Talk]) -> list[str]:
    """Who talked with whom, and for how long; nobody who waits to be served is sent away."""
    talked = [(one, (one.ended or one.began) - one.began) for one in talks]
    long = [(one, seconds) for one, seconds in talked if seconds >= SHORTEST]
    found = []
    if wrong := {one.protocol for one in talks} - {row["protocol"]}:
        found.append(f"its agent was shown {wrong}, {row['protocol']} is stored")
    if seen.kind.leave is None and not long:
        found.append(f"never got to a person: {row['outcome']}")
    if len(long) > 1:
        found.append(f"talked with {len(long)} agents")
    if long and (row["outcome"] != "served" or row["agent"] != long[-1][0].agent):
        said = f"{row['outcome']} by {row['agent']}"
        found.append(f"stored as {said}, but talked with {long[-1][0].agent}")
    elif long and not row["talk_seconds"]:
        found.append(f"talked {long[-1][1]:.2f} s, of which nothing is stored")
    elif long and not -LATE < (row["talk_seconds"] or 0.0) - long[-1][1] < TOLERANCE:
        found.append(f"talked {long[-1][1]:.2f} s, stored as {row['talk_seconds']}")
    if not talked and row["outcome"] == "served":
        found.append("stored as served, but talked with nobody")
    return found


# --- against itself ---
def whole(centre: Centre, seed: object, journal: bool = True) -> None:
    """Keys, order, journal, chain, sums and tables of a store whose calls are all over. `journal`:
    whether its files must hold all that the store does."""
    engine = make_engine(centre.settings.store_url)
    try:
        _keys(engine, seed)
        _journal_is_the_store(centre, engine, seed, journal)
        found = verify(engine, lambda *_: True)
        assert found.findings == (), f"seed {seed}: {found.findings}"
        _sums(engine, seed)
        before = _contents(engine)
        rebuild(engine)
        after = _contents(engine)
        for table, there in before.items():
            gone, new = set(there) - set(after[table]), set(after[table]) - set(there)
            assert there == after[table], f"seed {seed}: {table}: {gone} are {new} when made anew"
    finally:
        engine.dispose()


def _keys(engine: Engine, seed: object) -> None:
    """No fact twice; none missing among a run's; each run's in its order; none that broke a
    rule."""
    with engine.connect() as connection:
        facts = connection.execute(
            text("SELECT writer, sequence, kind, violation FROM facts ORDER BY id")
        ).all()
    of_run: defaultdict[str, list[int]] = defaultdict(list)
    for writer, sequence, _, _ in facts:
        of_run[writer].append(sequence)
    for writer, sequences in of_run.items():
        assert len(set(sequences)) == len(sequences), f"seed {seed}: {writer} has some twice"
        if not writer.endswith(DIRECT):
            assert sequences == list(range(1, len(sequences) + 1)), f"seed {seed}: {writer}"
        assert all(one < other for one, other in pairwise(sequences)), f"seed {seed}: {writer}"
    broken = [(kind, violation) for _, _, kind, violation in facts if violation is not None]
    assert broken == [], f"seed {seed}"


def journal_of(centre: Centre) -> tuple[dict[tuple[str, int], StorableFact], dict[str, str]]:
    """The facts of the journal's files, and the numbers that the switch gave by itself."""
    facts: dict[tuple[str, int], StorableFact] = {}
    told: dict[str, str] = {}
    folder = centre.settings.journal_dir / centre.settings.node
    for path in sorted(folder.glob("*.journal")):
        writer = ""
        for frame in frames(path.read_bytes()):
            if frame.kind is FrameKind.HEADER:
                writer = plain_of(frame.body)["writer"]
            elif frame.is_fact:
                one = fact_of(writer, frame.body)
                facts[writer, one.sequence] = one
            elif frame.kind is FrameKind.TOLD:
                call, protocol = plain_of(frame.body)
                told[call] = protocol
    return facts, told


def _journal_is_the_store(centre: Centre, engine: Engine, seed: object, whole: bool) -> None:
    """Each fact that came through the journal is a row, and says the same there."""
    journal, _ = journal_of(centre)
    with engine.connect() as connection:
        stored = connection.execute(select(facts_table)).mappings().all()
    ours = {
        (row["writer"], row["sequence"]): row
        for row in stored
        if not row["writer"].endswith(DIRECT)
    }
    differ = set(journal) ^ set(ours) if whole else set(journal) - set(ours)
    assert differ == set(), f"seed {seed}"
    for key, one in journal.items():
        row, fact = ours[key], one.fact
        assert (row["kind"], row["call_id"], row["agent"]) == (fact.kind, fact.call, fact.agent)
        assert abs(row["at"] - fact.at) < 1e-3, f"seed {seed}: {key}"
        assert _plain(row["details"]) == _plain(fact.details), f"seed {seed}: {key}"


def _plain(details: Any) -> str:
    return json.dumps(details, sort_keys=True)


def _sums(engine: Engine, seed: object) -> None:
    with engine.connect() as connection:
        first, last = connection.execute(text("SELECT min(id), max(id) FROM facts")).one()
        ends = facts_table.c.id.in_([first, last])
        span = select(facts_table.c.at).where(ends)
        at: list[Instant] = list(connection.execute(span).scalars())
        asked = Asked(since=min(at) - 3_600.0, until=max(at) + 3_600.0)
        found = balance(connection, buckets(asked, 900.0))
    assert found.holds, f"seed {seed}: {found.broken} {found.contradictions}"


def _contents(engine: Engine) -> dict[str, list[str]]:
    """All rows of the projected tables but for their own numbers, in an order of their own."""
    with engine.connect() as connection:
        return {
            table.name: sorted(
                str({name: value for name, value in row.items() if name != "id"})
                for row in connection.execute(select(table)).mappings()
            )
            for table in PROJECTED
        }
