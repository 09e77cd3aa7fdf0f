"""The floor as it stands in Redis, for the view: needs neither the API nor its token."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from central156.cli.words import MIRRORS, hour
from central156.mirror import address_of, picture_of
from central156.settings import load_settings
from floor_mirror import Address, Mirrored, MirrorReader, MirrorTrouble
from terms.limits import MIRROR_HEARTBEAT, MIRROR_RETRY, VIEW_STALE_AFTER

NOTHING_THERE = "o espelho está vazio: a central não escreve nele"


def read_mirror(state_dir: Path | None) -> dict[str, Any]:
    """The picture that stands there. Raises click.ClickException."""
    found = asyncio.run(_read(_address(state_dir)))
    if found is None:
        raise click.ClickException(NOTHING_THERE)
    return picture_of(found)


def watch_mirror(state_dir: Path | None) -> Iterator[tuple[str, Any]]:
    """("floor", picture) whenever it changes; ("away", why) while it does not answer or is old."""
    address = _address(state_dir)
    heard: queue.Queue[tuple[str, Any]] = queue.Queue()
    threading.Thread(target=lambda: asyncio.run(_watch(address, heard)), daemon=True).start()
    while True:
        yield heard.get()


def _address(state_dir: Path | None) -> Address:
    address = address_of(load_settings(state_dir))
    if address is None:
        raise click.ClickException(
            "não há espelho: falta redis_host em settings.toml (ou CENTRAL156_REDIS_HOST)"
        )
    return address


async def _read(address: Address) -> Mirrored | None:
    try:
        async with MirrorReader.opened(address) as reader:
            return await reader.read()
    except MirrorTrouble as trouble:
        raise click.ClickException(_told(address, trouble)) from None


async def _watch(address: Address, heard: queue.Queue[tuple[str, Any]]) -> None:
    while True:
        try:
            async with MirrorReader.opened(address) as reader:
                await _follow(reader, heard)
        except MirrorTrouble as trouble:
            heard.put(("away", _told(address, trouble)))
            await asyncio.sleep(MIRROR_RETRY)


async def _follow(reader: MirrorReader, heard: queue.Queue[tuple[str, Any]]) -> None:
    """A picture is as old as its last change here: two machines' clocks need not agree."""
    clock = asyncio.get_running_loop().time
    last, changed = (0, 0), clock()
    while True:
        found = await reader.read()
        if found is None:
            heard.put(("away", NOTHING_THERE))
        elif (now := (found.epoch, found.sequence)) != last:
            last, changed = now, clock()
            heard.put(("floor", picture_of(found)))
        elif clock() - changed > VIEW_STALE_AFTER:
            at = hour(found.content.at)
            heard.put(("away", f"a central não escreve no espelho desde {at}"))
        await reader.change(MIRROR_HEARTBEAT)


def _told(address: Address, trouble: MirrorTrouble) -> str:
    words = MIRRORS.get(str(trouble.trouble), str(trouble))
    return f"espelho em {address.host}:{address.port}: {words}"
