"""A campaign's file and its contact lists: from the disk into the store.

A list is stored in short transactions, so that a centre that is up goes on writing meanwhile; it
counts from the last one on. Done again after it broke off, it goes on where it was.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Final

from dialer.campaign import CampaignState
from protocol_store import campaign_rows, do_not_call
from protocol_store.campaign_rows import CampaignRow, ListRow
from protocol_store.errors import CampaignMoved
from protocol_store.offline import Connection, Engine
from reader.campaign_file import CAMPAIGNS_FOLDER, CampaignFile, read_campaign
from reader.contact_list import ContactList, Listed, ListMistake
from terms.limits import CONTACT_MISTAKES_SHOWN, CONTACT_PAGE, CONTACT_PAUSE, DIALPLAN_BYTES
from terms.names import CampaignName, Instant

THERE_BEFORE: Final = "o número já está na campanha, por outra lista"


@dataclass(slots=True)
class Loaded:
    """What came of a list. `refused`: how many of its numbers are not to be called now: marked, or
    by the citizen's wish. They are stored, and the dialler leaves them out."""

    row: ListRow
    kind: str
    mistakes: list[ListMistake] = field(default_factory=list)
    refused: int = 0
    already: bool = False
    """It was there before, whole."""


def file_of(folder: Path, name: str) -> Path:
    """Where a campaign's file is; `name` may be the path of a file, too."""
    given = Path(name)
    return given if given.suffix == ".yaml" else folder / CAMPAIGNS_FOLDER / f"{name}.yaml"


def content_of(file: Path) -> bytes:
    """A campaign's file, no more of it than may be. OSError."""
    with file.open("rb") as opened:
        return opened.read(DIALPLAN_BYTES + 1)


def read_file(
    file: Path, queues: frozenset[str] | None, trunks: frozenset[str] | None
) -> tuple[CampaignFile, bytes]:
    """The campaign, and its bytes. DialplanMistakes; OSError."""
    content = content_of(file)
    return read_campaign(content, file.name, queues, trunks, proved=True), content


def row_of(read: CampaignFile, content: bytes, at: Instant, by: str) -> CampaignRow:
    """A campaign as it is to be stored: a draft."""
    one = read.campaign
    return CampaignRow(
        name=one.name,
        kind=one.kind.value,
        mode=one.mode.value,
        body=one.body,
        subject=one.subject,
        priority=one.priority,
        life_safety=one.life_safety,
        file=content.decode("utf-8-sig"),
        state=campaign_rows.DRAFT,
        made_at=at,
        made_by=by,
        changed_at=at,
        changed_by=by,
    )


def pages(listed: ContactList, size: int = CONTACT_PAGE) -> Iterator[list[Listed]]:
    """A list's contacts, so many at a time."""
    rows = iter(listed)
    while page := list(islice(rows, size)):
        yield page


def store_list(
    engine: Engine,
    read: CampaignFile,
    content: bytes,
    row: ListRow,
    area: str,
    told: Callable[[int], None] = lambda done: None,
) -> Loaded:
    """Store a list of a campaign that is there. ListUnreadable, NameUnknown; what the database
    raises. `told` hears how many contacts there are so far."""
    listed = ContactList(content, read.mapped)
    with engine.begin() as connection:
        known = campaign_rows.begin_list(connection, row)
        if known.loaded_at is not None:
            return Loaded(known, listed.kind, already=True)
        marked = do_not_call.marked(connection, area)
        refusing = do_not_call.numbers(connection) | marked.keys()
    loaded = Loaded(row, listed.kind)
    there_before = done = 0
    for page in pages(listed):
        with engine.begin() as connection:
            left_out = campaign_rows.load(connection, row, page, row.at)
        there_before += len(left_out)
        loaded.mistakes += [ListMistake(line, "", THERE_BEFORE) for line in left_out]
        del loaded.mistakes[CONTACT_MISTAKES_SHOWN:]
        loaded.refused += sum(one.number in refusing for one in page)
        done += len(page)
        told(done)
        time.sleep(CONTACT_PAUSE)  # whoever waits for the database has it now
    loaded.mistakes = sorted([*listed.mistakes, *loaded.mistakes], key=lambda one: one.line)
    loaded.row = replace(
        row,
        contacts=done - there_before,
        wrong=listed.wrong,
        repeated=listed.repeated,
        there_before=there_before,
        loaded_at=time.time(),
    )
    with engine.begin() as connection:
        campaign_rows.finish_list(connection, loaded.row)
    return loaded


def campaign_of(row: CampaignRow) -> CampaignFile:
    """A stored campaign, read again. DialplanMistakes when this release reads it otherwise."""
    return read_campaign(row.file.encode(), f"{row.name}.yaml")


def not_over(connection: Connection, name: CampaignName) -> None:
    """CampaignMoved for a campaign that is over: nobody of a list would ever be called."""
    kept = campaign_rows.campaign(connection, name)
    if kept is not None and kept.state == CampaignState.DONE:
        raise CampaignMoved(f"a campanha {name} já terminou: guarde-a com outro nome")


def named(name: str) -> CampaignName:
    """A campaign's name, from what a person wrote: the name, or its file."""
    return CampaignName(Path(name).name.removesuffix(".yaml"))
