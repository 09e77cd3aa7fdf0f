"""All that facts come to can be made anew from them, and is what it was."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import Engine, Table, insert, select, text
from visit_stories import at_random, served

from protocol_store import schema
from protocol_store.engines import make_engine
from protocol_store.fact_log import FactLog
from protocol_store.rebuild import PROJECTED, rebuild
from protocol_store.tables import agents, calls, facts, metadata, protocols
from terms.facts import Fact, Kind
from terms.names import AgentName

OWN_TRUTHS = {
    *("facts", "protocols", "protocol_blocks", "agents", "persons", "leadership"),
    *("dialplan_versions", "dialplan_serving", "operations"),
    *("fact_days", "chain_heads", "recording_keys", "recording_holds", "erasures"),
    *("sites", "fact_erasing"),
    *("campaigns", "contact_lists", "contacts", "attempts", "do_not_call", "trunk_months"),
    *("trunk_days", "trunk_operators", "dialler_state"),
    *("sms_orders", "sms_messages", "sms_parts", "sms_refusals", "sms_received"),
}
"""What is more than facts come to. A new table stands here or in PROJECTED."""


def store_all(engine: Engine, log: FactLog, stored: Sequence[Fact], rng: Random) -> None:
    """As the writer does: so many at a time as there happen to be."""
    at = 0
    while at < len(stored):
        count = rng.choice((1, 2, 7, 40, 300))
        with engine.begin() as connection:
            log.write(connection, log.number(stored[at : at + count]))
        at += count


def contents(engine: Engine, tables: Sequence[Table] = PROJECTED) -> dict[str, list[str]]:
    """All rows but for their numbers, in an order of their own."""
    with engine.connect() as connection:
        return {
            table.name: sorted(
                str({name: value for name, value in row.items() if name != "id"})
                for row in connection.execute(select(table)).mappings()
            )
            for table in tables
        }


@pytest.fixture
def engine(database_url: str) -> Any:
    engine = make_engine(database_url)
    schema.upgrade(engine)
    yield engine
    engine.dispose()


def test_every_table_is_made_from_facts_or_is_a_truth_of_its_own() -> None:
    assert {table.name for table in PROJECTED} | OWN_TRUTHS >= set(metadata.tables)
    assert not {table.name for table in PROJECTED} & OWN_TRUTHS


@pytest.mark.parametrize("seed", range(3))
def test_what_is_made_anew_is_what_was_there(engine: Engine, seed: int) -> None:
    rng = Random(seed)
    log = FactLog("a:1")
    store_all(engine, log, at_random(rng, 60), rng)
    before = contents(engine)
    counted = {name: len(rows) for name, rows in before.items()}
    assert all(counted[name] for name in ("queue_visits", "node_visits", "legs", "agent_states"))
    told: list[tuple[int, int]] = []
    done = rebuild(engine, lambda *far: told.append(far))
    assert contents(engine) == before
    assert told[-1] == (done.facts, done.facts)
    assert done.left_out == log.violations


def test_truths_of_their_own_stay_and_facts_too(engine: Engine) -> None:
    rng = Random(1)
    log = FactLog("a:1")
    store_all(engine, log, served("c-1").facts, rng)
    with engine.begin() as connection:
        number = {"protocol": "000000027", "call_id": "c-1", "ordinal": 1, "issuer": "block"}
        connection.execute(insert(protocols), {**number, "given_at": 1.0})
        connection.execute(
            insert(agents),
            {"name": "ana", "full_name": "Ana", "skills": {"x": 1}, "secret_digest": "-",
             "added_at": 1.0},
        )  # fmt: skip
    own = [agents, protocols, facts]
    before = contents(engine, own)
    rebuild(engine)
    assert contents(engine, own) == before
    with engine.begin() as connection:  # and calls are tied to their protocols again
        with pytest.raises(Exception, match=r"(?i)foreign key"):
            connection.execute(text("DELETE FROM calls"))
        connection.rollback()


def test_rows_that_were_lost_or_changed_are_mended(engine: Engine) -> None:
    rng = Random(2)
    store_all(engine, FactLog("a:1"), at_random(rng, 20), rng)
    before = contents(engine)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM queue_visits WHERE ordinal = 1"))
        connection.execute(text("UPDATE calls SET outcome = 'served', first_queue = NULL"))
        connection.execute(text("UPDATE legs SET agent = 'nobody'"))
    assert contents(engine) != before
    rebuild(engine)
    assert contents(engine) == before


def test_a_fact_that_breaks_a_rule_comes_to_nothing_again(engine: Engine) -> None:
    log = FactLog("a:1")
    story = served("c-1").facts
    strange = [
        Fact(story[0].at, Kind.QUEUED, story[0].call),
        Fact(story[0].at, Kind.OFFER_MADE, story[0].call, AgentName("ana"), details={"offer": "x"}),
    ]
    answered = next(number for number, one in enumerate(story) if one.kind is Kind.ANSWERED)
    store_all(engine, log, [*story[:answered], *strange, *story[answered:]], Random(3))
    assert log.violations == 2
    before = contents(engine)
    assert rebuild(engine).left_out == 2
    assert contents(engine) == before


def test_it_breaks_off_whole(engine: Engine, tmp_path: Path) -> None:
    store_all(engine, FactLog("a:1"), served("c-1").facts, Random(4))
    before = contents(engine)

    def interrupt(done: int, of: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild(engine, interrupt)
    assert contents(engine) == before
    assert len(before[calls.name]) == 1
