"""Where a host is. Names are resolved on a thread of our own, one at a time for each host: the
loop's own way uses threads that all the rest of the process needs, and cannot be given up."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import time

from outside.port import Trouble
from outside.threads import in_thread
from terms.limits import OUTSIDE_ADDRESS_KEPT


class HostAddresses:
    """The addresses of one host, kept for OUTSIDE_ADDRESS_KEPT; older ones serve while newer ones
    are being asked for."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._known: tuple[str, ...] = ()
        self._asked_at = 0.0
        self._asking: asyncio.Future[tuple[str, ...]] | None = None
        try:
            self._fixed = str(ipaddress.ip_address(host))
        except ValueError:
            self._fixed = ""

    async def find(self) -> tuple[str, ...]:
        """The addresses, the best first. Trouble if the host is unknown."""
        if self._fixed:
            return (self._fixed,)
        if self._asking is not None and self._asking.done():
            self._take(self._asking)
        old = time.monotonic() - self._asked_at > OUTSIDE_ADDRESS_KEPT
        if self._asking is None and (old or not self._known):
            self._asking = in_thread(self._resolve)
        if not self._known and self._asking is not None:
            asking = self._asking
            await asyncio.wait({asking})
            self._take(asking)
        if not self._known:
            raise Trouble("o nome do servidor não foi encontrado", gone=True)
        return self._known

    def _take(self, asked: asyncio.Future[tuple[str, ...]]) -> None:
        self._known = asked.result() or self._known
        if self._asking is asked:
            self._asking = None
            self._asked_at = time.monotonic()

    def _resolve(self) -> tuple[str, ...]:
        try:
            found = socket.getaddrinfo(self._host, None, type=socket.SOCK_STREAM)
        except OSError:
            return ()
        found.sort(key=lambda one: one[0] != socket.AF_INET)
        return tuple(dict.fromkeys(str(one[4][0]) for one in found))
