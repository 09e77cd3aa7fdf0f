"""The mirror of the floor, plugged in: what of the picture goes into Redis, and with which words.

Redis has no TLS here and is read by wallboards: so no protocol, no subject of a call, no data, and
why an agent rests is nobody's business there. Calls are named by the switch's own ids.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from central156.floor_picture import FloorPicture
from central156.settings import Settings
from floor_mirror import Address, Content, Mirrored, MirrorReader, MirrorTrouble, Publisher
from protocol_store import Store
from terms.limits import MIRROR_AGENTS, MIRROR_CALLERS

PASSWORD_FILE = "redis"
PASSWORD_VARIABLE = "REDISCLI_AUTH"
"""As redis-cli reads it; a file of this name in secrets/ goes before."""

OF_A_CALLER = ("call", "priority", "joined", "where", "agent", "absent", "dialled", "dead_air")
OF_AN_AGENT = ("status", "state", "since", "phone", "call", "subjects", "reserve", "seat")
ELSEWHERE = ("queues", "callers", "elsewhere", "agents", "at")
"""What of the picture is not in the head."""


def address_of(settings: Settings) -> Address | None:
    """Where the mirror is; None when none is wanted."""
    if not settings.redis_host:
        return None
    try:
        password = settings.secret(PASSWORD_FILE)
    except OSError:
        password = os.environ.get(PASSWORD_VARIABLE, "")
    return Address(settings.redis_host, settings.redis_port, password)


def begin_showing(
    settings: Settings,
    epoch: int,
    picture: FloorPicture,
    store: Store,
    stack: contextlib.AsyncExitStack,
) -> None:
    """Count the day so far, and mirror the floor, beside everything else."""
    stack.callback(asyncio.create_task(picture.remember(store)).cancel)
    begin_mirror(settings, epoch, picture, stack)


def begin_mirror(
    settings: Settings, epoch: int, picture: FloorPicture, stack: contextlib.AsyncExitStack
) -> None:
    """Publish the floor from now on, if a mirror is wanted, until the stack ends."""
    if (address := address_of(settings)) is not None:
        picture.mirror = Publisher(
            address, epoch, lambda: content_of(picture.plain(), settings.node)
        )
        stack.callback(asyncio.create_task(picture.mirror.run()).cancel)


def trouble_with(address: Address) -> str | None:
    """What is wrong with this Redis (a key of the words for it); None when it serves. Blocking."""

    async def look() -> None:
        async with MirrorReader.opened(address) as reader:
            await reader.read()

    try:
        asyncio.run(look())
    except MirrorTrouble as trouble:
        return str(trouble.trouble)
    return None


def content_of(picture: Mapping[str, Any], node: str) -> Content:
    """What of the picture is mirrored; bounded, and nothing personal."""
    callers: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for caller in picture["callers"]:
        if len(callers[caller["queue"]]) < MIRROR_CALLERS:
            callers[caller["queue"]].append({name: caller.get(name) for name in OF_A_CALLER})
    head = {name: value for name, value in picture.items() if name not in ELSEWHERE}
    head["elsewhere"] = _counted(picture["elsewhere"])
    return Content(
        at=picture["at"],
        node=node,
        head=head,
        queues={
            queue["queue"]: {**queue, "callers": callers[queue["queue"]]}
            for queue in picture["queues"]
        },
        agents={
            agent["agent"]: {name: agent.get(name) for name in OF_AN_AGENT}
            for agent in picture["agents"][:MIRROR_AGENTS]
        },
    )


def picture_of(mirrored: Mirrored) -> dict[str, Any]:
    """What was read, as a picture again, of whoever stands by: what is not mirrored is empty."""
    content = mirrored.content
    queues = sorted(content.queues.values(), key=lambda queue: (queue["line"], queue["queue"]))
    return {
        **content.head,
        "at": content.at,
        "node": content.node,
        "epoch": mirrored.epoch,
        "queues": [
            {name: value for name, value in queue.items() if name != "callers"} for queue in queues
        ],
        "callers": [
            {"queue": queue["queue"], "line": queue["line"], "protocol": "", "note": "", **caller}
            for queue in queues
            for caller in queue["callers"]
        ],
        "elsewhere": [],
        "in_menus": content.head["elsewhere"],
        "agents": [
            {"agent": name, "reason": "", **agent} for name, agent in sorted(content.agents.items())
        ],
    }


def _counted(elsewhere: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for call in elsewhere:
        found[call["line"]] += 1
    return dict(found)
