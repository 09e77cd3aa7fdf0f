"""Heads kept beside the database: whoever has the database alone does not get round them."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

from click.testing import CliRunner, Result
from sqlalchemy import text

from central156.cli import main
from central156.clock import now
from central156.day_heads import ASIDE, DayHeads
from central156.settings import Settings, load_settings
from central156.state_folder import prepare_state
from protocol_store import Store, chain
from protocol_store.engines import make_engine
from terms.facts import Fact, Kind
from terms.names import CallId

FACTS = 40


def central156(folder: Path, *words: str | Path) -> Result:
    return CliRunner().invoke(main, ["--pasta", str(folder), "store", *map(str, words)])


def with_store(settings: Settings, work: Callable[[Store], Awaitable[None]]) -> None:
    async def run() -> None:
        where = (settings.site, settings.numbers, settings.journal_dir)
        store = Store(settings.store_url, settings.node, now, *where)
        await store.start()
        await work(store)
        await store.close()

    asyncio.run(run())


def written(folder: Path, times: int = 1) -> Settings:
    """A folder with facts, signed."""
    settings = load_settings(folder)
    prepare_state(settings)

    async def work(store: Store) -> None:
        for number in range(times * FACTS):
            details = {"node": str(number)}
            store.append(Fact(now(), Kind.NODE_ENTERED, CallId("c-1"), details=details))
        assert await store.settled()
        await DayHeads(store, settings).turn()

    with_store(settings, work)
    return settings


def make_anew(settings: Settings) -> None:
    """Change a fact, and whatever in the database tells of it; and let the centre sign that."""
    engine = make_engine(settings.store_url)
    with engine.begin() as connection:
        for trigger in ("facts_stay", "facts_keep_all", "facts_keep_details"):
            connection.execute(text(f"DROP TRIGGER {trigger}"))
        connection.execute(text("UPDATE facts SET agent = 'eva' WHERE ordinal = 7"))
        digest = ""
        for row in chain.rows_after(connection, 0, 10_000):
            link = chain.link_of(row, "sqlite", row.site, row.ordinal)
            digest = chain.digest_after(digest, chain.content_of(link))
            again = text("UPDATE facts SET digest = :digest WHERE id = :id")
            connection.execute(again, {"digest": digest, "id": row.id})
        connection.execute(text("UPDATE sites SET digest = :digest"), {"digest": digest})
        connection.execute(text("DELETE FROM fact_days"))
    engine.dispose()


def test_a_chain_made_anew_is_never_signed(tmp_path: Path) -> None:
    settings = written(tmp_path)
    (file,) = settings.heads_dir.glob("*.json")
    kept = file.read_text(encoding="utf-8")
    make_anew(settings)
    broken: list[int] = []

    async def work(store: Store) -> None:
        store.append(Fact(now(), Kind.NODE_ENTERED, CallId("c-2"), details={"node": "x"}))
        assert await store.settled()
        await DayHeads(store, settings).turn()
        broken.append(store.heads.broken)

    with_store(settings, work)
    assert broken == [1]
    assert file.read_text(encoding="utf-8") == kept
    with closing(sqlite3.connect(settings.state_dir / "store.sqlite")) as there:
        signed = "SELECT count(*) FROM fact_days WHERE signature IS NOT NULL"
        assert there.execute(signed).fetchone() == (0,)
    told = central156(settings.state_dir, "verify")
    assert told.exit_code == 1
    assert "a corrente até aqui foi refeita" in told.output


def test_heads_of_what_a_restored_copy_lacks_are_set_aside(tmp_path: Path) -> None:
    """They would tell for ever of facts that are not there; the centre goes on, and signs."""
    folder = tmp_path / "sp1"
    folder.mkdir()
    settings = written(folder)
    assert central156(folder, "backup", tmp_path / "copy").exit_code == 0
    written(folder, times=3)
    (head,) = settings.heads_dir.glob("*.json")
    head.rename(head.with_name("sp1-2099-01-01.json"))  # as if of a later day
    said = json.loads(head.with_name("sp1-2099-01-01.json").read_text(encoding="utf-8"))
    for file in folder.glob("store.sqlite*"):
        file.unlink()
    shutil.rmtree(settings.journal_dir)
    restored = central156(folder, "restore", tmp_path / "copy")
    assert restored.exit_code == 0, restored.output
    written(folder)
    assert central156(folder, "verify").exit_code == 0
    assert said["last"] == 4 * FACTS
    assert len(list((settings.heads_dir / ASIDE).glob("*.json"))) == 1
