"""Keeps the mirror right, in a task of its own: nothing and nobody waits for it.

    touch() ─► dirty ─► take a picture ─► write what has changed ─► rest a moment
                 ▲          MIRROR_HEARTBEAT at the latest, so that a loss is found ──┘

Whoever changes the floor only calls `touch`, which marks. However many changes there are, one
picture shows them all, and no more is kept than the last one. A Redis that fails is tried again
every MIRROR_RETRY with a new connection and a whole picture.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from floor_mirror.guard import Address, GuardedRedis, MirrorTrouble, Trouble, connected
from floor_mirror.keys import CHANGES, KEYS, LOST, NEWER, WRITE, WRITTEN, Content
from terms.limits import (
    MIRROR_EVERY,
    MIRROR_HEARTBEAT,
    MIRROR_KEPT,
    MIRROR_NAMES,
    MIRROR_RETRY,
    MIRROR_SHARE,
)
from terms.names import Seconds

log = logging.getLogger(__name__)

Texts = tuple[dict[str, str], ...]
"""For each key, field → text, as written."""


class MirrorState(StrEnum):
    """How the mirror is. All but `up` and `off` want somebody to look at Redis."""

    OFF = "off"  # none is wanted
    STARTING = "starting"
    UP = "up"
    ABSENT = "absent"
    SILENT = "silent"
    REFUSED = "refused"
    FULL = "full"
    BROKEN = "broken"
    NEWER = "newer"  # a process that began after this one publishes: this one is old


@dataclass(slots=True)
class _Written:
    """What was written last, and its token ('' = nothing is known to be there)."""

    texts: Texts = field(default_factory=lambda: ({}, {}, {}))
    token: str = ""


class Publisher:
    """See the top of this file. `take` makes the picture; it is called in the loop's thread."""

    def __init__(self, address: Address, epoch: int, take: Callable[[], Content]) -> None:
        self.state = MirrorState.STARTING
        self._address = address
        self._epoch = epoch
        self._take = take
        self._dirty = asyncio.Event()
        self._sequence = itertools.count(1)
        self._last_written: float | None = None

    def touch(self) -> None:
        """Something on the floor may have changed."""
        self._dirty.set()

    @property
    def age(self) -> Seconds:
        """How long ago the mirror was last written; for ever, before the first time."""
        if self._last_written is None:
            return float("inf")
        return asyncio.get_running_loop().time() - self._last_written

    async def run(self) -> None:
        """Keep the mirror right, until cancelled."""
        while True:
            try:
                async with connected(self._address) as redis:
                    await self._keep(redis)
            except MirrorTrouble as trouble:
                self._became(MirrorState(trouble.trouble.value), trouble.said)
            except Exception:
                log.exception("the mirror failed")
                self._became(MirrorState.BROKEN)
            await asyncio.sleep(MIRROR_RETRY)

    async def _keep(self, redis: GuardedRedis) -> None:
        script = await redis.load(WRITE)
        written, clock = _Written(), asyncio.get_running_loop().time
        while True:
            self._dirty.clear()
            began = clock()
            content = self._take()
            texts = _texts(content)
            took = clock() - began
            answer = await self._write(redis, script, content, texts, written)
            if answer == WRITTEN:
                self._last_written = clock()
                self._became(MirrorState.UP)
            elif answer == NEWER:
                self._became(MirrorState.NEWER)
                await asyncio.sleep(MIRROR_RETRY)
            if answer != LOST:
                await self._rest(max(MIRROR_EVERY, took / MIRROR_SHARE))

    async def _rest(self, least: Seconds) -> None:
        """`least`, so that pictures never take more than their share of the loop; then until
        something changes, or the heart beats."""
        await asyncio.sleep(least)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(MIRROR_HEARTBEAT):
                await self._dirty.wait()

    async def _write(
        self, redis: GuardedRedis, script: str, content: Content, texts: Texts, written: _Written
    ) -> str:
        sequence = next(self._sequence)
        texts[0].update(epoch=str(self._epoch), sequence=str(sequence))
        changes = [_change(new, old) for new, old in zip(texts, written.texts, strict=True)]
        answer = await redis.run(
            script,
            KEYS,
            (
                str(self._epoch),
                str(sequence),
                written.token,
                str(MIRROR_KEPT),
                json.dumps(changes),
                CHANGES,
                _message(self._epoch, sequence, content, changes),
            ),
        )
        if answer == WRITTEN:
            written.texts, written.token = texts, f"{self._epoch}:{sequence}"
        else:
            written.texts, written.token = ({}, {}, {}), ""
        return answer

    def _became(self, state: MirrorState, said: str = "") -> None:
        if state is not self.state:
            level = logging.INFO if state is MirrorState.UP else logging.WARNING
            log.log(level, "the mirror is %s", state, extra={"before": self.state, "said": said})
            self.state = state


def _texts(content: Content) -> Texts:
    head = {"at": str(content.at), "node": content.node, "floor": _text(content.head)}
    queues = {name: _text(queue) for name, queue in content.queues.items()}
    return head, queues, {name: _text(agent) for name, agent in content.agents.items()}


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _change(new: Mapping[str, str], old: Mapping[str, str]) -> dict[str, Any]:
    changed = {name: text for name, text in new.items() if old.get(name) != text}
    return {"set": changed, "gone": [name for name in old if name not in new]}


def _message(epoch: int, sequence: int, content: Content, changes: list[dict[str, Any]]) -> str:
    """Too many names to name are null: read everything."""
    names = [[*change["set"], *change["gone"]] for change in changes[1:]]
    queues, agents = (found if len(found) <= MIRROR_NAMES else None for found in names)
    told = {"epoch": epoch, "sequence": sequence, "at": content.at}
    return _text(told | {"queues": queues, "agents": agents})


assert {one.value for one in Trouble} <= {one.value for one in MirrorState}
