"""LISTS: a contact list of a million, read and stored as `central156 campaign import` does, on
SQLite and on PostgreSQL; and read alone.

The list is one of those that come: Windows-1252, semicolons, numbers with brackets and dashes of
six areas, a few of them twice. Processor time stands beside the clock's, which other work shares.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from random import Random
from typing import Any, Final

from bench.figures import Figure, load
from bench.protocol_numbers import fresh_postgres
from central156.campaign_lists import row_of, store_list
from protocol_store import campaign_rows, schema
from protocol_store.campaign_rows import ListRow
from protocol_store.engines import make_engine
from reader.campaign_file import CampaignFile, read_campaign
from reader.contact_list import ContactList

CONTACTS: Final = 1_000_000
GOAL: Final = 60.0  # seconds for a million
AREAS: Final = (11, 11, 11, 12, 13, 19)
NAME: Final = "pesquisa_zeladoria.yaml"
CAMPAIGN: Final = Path(__file__).parents[1] / "dialplans" / "campanhas" / NAME


def measure(calls: int = CONTACTS) -> list[Figure]:
    """The figures of a list of `calls` contacts; PostgreSQL's where it is installed."""
    count = calls
    listed = a_list(count, Random(1))
    content = CAMPAIGN.read_bytes()
    read = read_campaign(content, NAME)
    found = [_read_alone(read, listed)]
    with tempfile.TemporaryDirectory(prefix="c156-bench-") as folder:
        found.append(_stored(f"sqlite:///{folder}/store.sqlite", read, content, listed))
    with fresh_postgres() as fresh_database:
        if fresh_database:
            found.append(_stored(fresh_database(), read, content, listed))
    return [_figure(one, count) for one in found]


def a_list(count: int, rng: Random) -> bytes:
    """A list of so many rows."""
    rows = ["Nome;Celular;Protocolo"]
    for number in range(count):
        half = f"9{rng.randrange(5_000, 10_000)}-{rng.randrange(10_000):04}"
        rows.append(f"João da Silva {number};({rng.choice(AREAS)}) {half};{number:09}")
    return "\r\n".join(rows).encode("cp1252")


def _read_alone(read: CampaignFile, listed: bytes) -> dict[str, Any]:
    began, spent = time.perf_counter(), time.process_time()
    rows = ContactList(listed, read.mapped)
    count = sum(1 for _ in rows)
    return _took("read alone", began, spent, count, rows.repeated)


def _stored(url: str, read: CampaignFile, content: bytes, listed: bytes) -> dict[str, Any]:
    engine = make_engine(url)
    schema.upgrade(engine)
    now = time.time()
    with engine.begin() as connection:
        campaign_rows.make(connection, row_of(read, content, now, "bench"))
    row = ListRow.of(read.campaign.name, "lista.csv", listed, now, "bench")
    began, spent = time.perf_counter(), time.process_time()
    done = store_list(engine, read, listed, row, "11").row
    took = _took(engine.dialect.name, began, spent, done.contacts, done.repeated)
    engine.dispose()
    return took


def _took(what: str, began: float, spent: float, contacts: int, repeated: int) -> dict[str, Any]:
    return {
        "what": what,
        "seconds": round(time.perf_counter() - began, 1),
        "cpu_seconds": round(time.process_time() - spent, 1),
        "contacts": contacts,
        "repeated": repeated,
        "load": load(),
    }


def _figure(found: dict[str, Any], count: int) -> Figure:
    seconds = found["seconds"] * CONTACTS / count
    return Figure(
        "LISTS",
        f"a list of {count:,} contacts, {found['what']}",
        "",
        "{seconds:.1f} s ({cpu_seconds:.1f} s of processor)".format(**found),
        f"≤ {GOAL:.0f} s a million",
        seconds <= GOAL,
        found,
    )
