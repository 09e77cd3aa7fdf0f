"""The ways out of this installation: rotas.yaml, or the one trunk of the settings.

    dialplans/rotas.yaml ─ take (a start of control, `trunk reload`) ─► <state>/rotas-em-uso.yaml
      trunks_of      ─► the dialler's caps (dialer.caps.CapRules)
      out_trunks_of  ─► the switch's endpoints and its own caps (pbx/out_trunks.py)

Both are made of what was taken last, so that an Asterisk that starts anew meanwhile knows the same
trunks as the control that orders. A file that cannot be read changes nothing.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from central156.settings import Settings
from dialer.trunks import Trunk
from pbx.out_trunks import OutTrunk
from reader import DialplanMistakes
from reader.folder import ROUTES
from reader.trunk_file import TrunkRow, read_trunks, trunks_in
from terms.limits import DIALPLAN_BYTES
from terms.names import TrunkName

log = logging.getLogger(__name__)

ONLY: Final = TrunkName("principal")
"""What the settings' own trunk is called, where there is no rotas.yaml."""

IN_FORCE: Final = "rotas-em-uso.yaml"
"""What was taken last; empty when there was no rotas.yaml."""


def trunks_of(settings: Settings) -> Mapping[TrunkName, Trunk]:
    """The trunks that calls may go out by, in the file's order: the first is that of call-backs
    and transfers. Empty: nothing goes out. Blocking, and quick."""
    return {TrunkName(row.name): _trunk(row) for row in _open_rows(settings)}


def out_trunks_of(settings: Settings) -> tuple[OutTrunk, ...]:
    """The same for the switch."""
    return tuple(
        OutTrunk(
            name=row.name,
            address=row.address or settings.out_trunk,
            prefix=row.prefix if row.address else settings.out_prefix,
            channels=row.channels,
            per_second=row.per_second,
            allowed=row.starts,
        )
        for row in _open_rows(settings)
    )


def named_in(folder: Path) -> frozenset[str]:
    """The names that campaigns may use with this folder of dialplans, open or not.
    DialplanMistakes when its rotas.yaml cannot be read."""
    rows = trunks_in(folder)
    return frozenset((ONLY,)) if rows is None else frozenset(row.name for row in rows)


def take(settings: Settings) -> bytes | None:
    """What the folder's rotas.yaml says holds from now on. Returns what held before, for
    `put_back`. Blocking. DialplanMistakes, and then nothing has changed; OSError when the state
    folder takes nothing."""
    trunks_in(settings.dialplans_dir)  # its mistakes
    content = b""
    with contextlib.suppress(FileNotFoundError):
        content = (settings.dialplans_dir / ROUTES).read_bytes()[: DIALPLAN_BYTES + 1]
        read_trunks(content)  # the very bytes that are kept
    before = None
    with contextlib.suppress(FileNotFoundError):
        before = (settings.state_dir / IN_FORCE).read_bytes()
    put_back(settings, content)
    return before


def waits(settings: Settings) -> bool:
    """Whether the folder's file says anything else than what was taken last; not before a centre
    ever ran here. Blocking."""
    file = settings.state_dir / IN_FORCE
    if not file.exists():
        return False
    rows = trunks_in(settings.dialplans_dir)
    content = file.read_bytes()
    try:
        return rows != (read_trunks(content, IN_FORCE) if content else None)
    except DialplanMistakes:
        return True


def put_back(settings: Settings, content: bytes | None) -> None:
    """This is in force; None: nothing was ever taken. Blocking. OSError."""
    file = settings.state_dir / IN_FORCE
    if content is None:
        file.unlink(missing_ok=True)
        return
    fresh = file.with_name(file.name + ".new")
    fresh.write_bytes(content)
    os.replace(fresh, file)


def rows_in_force(settings: Settings) -> list[TrunkRow]:
    """The trunks as they were taken last, those without an address among them; before anything
    was taken, as the folder has them. None can be read: none, and nothing goes out."""
    try:
        content = (settings.state_dir / IN_FORCE).read_bytes()
        rows = read_trunks(content, IN_FORCE) if content else None
    except FileNotFoundError:
        try:
            rows = trunks_in(settings.dialplans_dir)
        except DialplanMistakes as wrong:
            log.error("no calls go out: rotas.yaml", extra={"why": str(wrong.mistakes[0])})
            return []
    except (OSError, DialplanMistakes) as wrong:  # an older or newer release wrote it
        log.error(
            "no calls go out: the ways out cannot be read", extra={"why": type(wrong).__name__}
        )
        return []
    return [_only(settings)] if rows is None else [completed(row, settings) for row in rows]


def completed(row: TrunkRow, settings: Settings) -> TrunkRow:
    """The trunk, with the settings' own where the file says nothing."""
    return replace(
        row,
        channels=row.channels or settings.out_channels,
        per_second=row.per_second or settings.out_per_second,
    )


def _open_rows(settings: Settings) -> Iterator[TrunkRow]:
    for row in rows_in_force(settings):
        if row.address or settings.out_trunk:
            yield row


def _only(settings: Settings) -> TrunkRow:
    """The settings' own trunk, where no file says more of it."""
    return TrunkRow(
        name=ONLY,
        operator=ONLY,
        address="",
        prefix="",
        channels=settings.out_channels,
        per_second=settings.out_per_second,
        month=Trunk(ONLY, ONLY).month,
        authenticated=False,
        starts=(),
    )


def _trunk(row: TrunkRow) -> Trunk:
    return Trunk(
        name=TrunkName(row.name),
        operator=row.operator,
        authenticated=row.authenticated,
        channels=row.channels,
        per_second=row.per_second,
        month=row.month,
        prefixes=row.starts,
    )
