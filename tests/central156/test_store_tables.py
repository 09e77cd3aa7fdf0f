"""`store balance` and `store rebuild` on a real folder; the check that control makes by itself."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from callflow.floor_keeper import FloorKeeper
from central156.balance_watch import check_balance
from central156.cli import main
from central156.settings import Settings, load_settings
from central156.state_folder import prepare_state
from central156.supervisor import sole_owner
from protocol_store import Store, schema
from protocol_store.engines import make_engine
from protocol_store.fact_log import FactLog
from terms.facts import Fact, Kind
from terms.names import AgentName, CallId, Instant

NOW = time.time() // 3_600 * 3_600 - 7_200.0


def story(call: str, at: float) -> list[Fact]:
    """A call that was served."""

    def fact(after: float, kind: Kind, agent: str = "", **details: Any) -> Fact:
        return Fact(at + after, kind, CallId(call), AgentName(agent) or None, details=details)

    return [
        fact(0, Kind.CALL_ARRIVED, line="156", entry="156", caller="11987654321"),
        fact(9, Kind.QUEUED, queue="p156_geral", priority=30, note="", joined=at + 9),
        fact(20, Kind.ANSWERED, "ana", offer=f"1-{call}", waited=11.0),
        fact(90, Kind.TALK_ENDED, "ana", offer=f"1-{call}", talk_seconds=70.0),
        fact(91, Kind.CALL_ENDED, outcome="served", where="ended", seconds=91.0),
    ]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = load_settings(tmp_path / "folder")
    prepare_state(settings)
    engine = make_engine(settings.store_url)
    schema.upgrade(engine)
    log = FactLog("a:1")
    with engine.begin() as connection:
        facts = [fact for number in range(3) for fact in story(f"boot-{number}", NOW + number)]
        log.write(connection, log.number(facts))
    engine.dispose()
    return settings


def central156(settings: Settings, *words: str) -> Result:
    return CliRunner().invoke(main, ["--pasta", str(settings.state_dir), "store", *words])


def change(settings: Settings, statement: str) -> None:
    engine = make_engine(settings.store_url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_totals_that_add_up_and_then_do_not(settings: Settings) -> None:
    ok = central156(settings, "balance", "--de", "24h")
    assert ok.exit_code == 0, ok.output
    told = central156(settings, "balance", "--de", "24h", "--intervalo", "1h", "--json")
    totals = json.loads(told.output)["totals"]
    assert (totals["received"], totals["queued"], totals["answered"]) == (3, 3, 3)
    assert totals["holds"] == "sim"

    change(settings, "DELETE FROM queue_visits WHERE call_id = 'boot-1'")
    broken = central156(settings, "balance", "--de", "24h")
    assert broken.exit_code == 1
    assert "boot-1" in broken.output
    assert "sem passagem pela fila" in broken.output

    assert central156(settings, "rebuild", "--sim").exit_code == 0
    assert central156(settings, "balance", "--de", "24h").exit_code == 0


def test_what_is_refused(settings: Settings) -> None:
    wrong = central156(settings, "balance", "--de", "outrora")
    assert wrong.exit_code == 1
    assert "não é um período" in wrong.output
    with sole_owner(settings.run_dir):  # under a centre that runs
        refused = central156(settings, "rebuild", "--sim")
    assert refused.exit_code == 1
    assert "no ar" in refused.output
    asked = CliRunner().invoke(
        main, ["--pasta", str(settings.state_dir), "store", "rebuild"], input="n\n"
    )
    assert asked.exit_code == 1


@dataclass
class Keeper:
    """What the check needs of the floor's keeper: a clock, and somebody who takes facts."""

    now: Instant
    facts: list[Fact] = field(default_factory=list)

    def clock(self) -> Instant:
        return self.now

    def record(self, *facts: Fact) -> None:
        self.facts += facts


async def test_control_checks_and_leaves_a_fact(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    keeper = Keeper(NOW + 3_600.0)
    store = Store(settings.store_url, "a")
    await store.start()
    try:
        found = await check_balance(store, cast(FloorKeeper, keeper))
        assert found.holds
        change(settings, "UPDATE calls SET outcome = 'served', queued_at = NULL")
        change(settings, "DELETE FROM queue_visits WHERE call_id = 'boot-2'")
        found = await check_balance(store, cast(FloorKeeper, keeper))
    finally:
        await store.close()
    assert not found.holds
    first, second = keeper.facts
    assert (first.kind, first.details["broken"], first.details["wrong"]) == (
        Kind.BALANCE_CHECKED,
        0,
        [],
    )
    assert second.details["broken"] == 1
    assert any("boot-2" in one for one in second.details["wrong"])
    assert "do not add up" in caplog.text
