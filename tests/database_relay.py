"""Stands between the store and PostgreSQL: slow when told to, and cuts connections at a COMMIT.

with DatabaseRelay(port) as relay:
    Store(relay.address(url), …)
    relay.delay = 0.2                  # of every piece, each way
    relay.cut(every=3, lasts=True)     # every third COMMIT arrives, and its answer never does
"""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import time
from types import TracebackType

PORTS = range(23000, 23050)
COMMIT = re.compile(rb"COMMIT\0")


class DatabaseRelay:
    """See the file's top."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._door = _listening()
        self.port = int(self._door.getsockname()[1])
        self.delay = 0.0
        self.cuts = 0
        self._every = 0
        self._lasts = False
        self._commits = 0
        self._open: set[socket.socket] = set()
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self) -> DatabaseRelay:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._door.close()
        for one in tuple(self._open):
            _close(one)

    def address(self, url: str) -> str:
        """A database's address, through here."""
        return url.replace(f":{self._to}/", f":{self.port}/")

    def cut(self, every: int, lasts: bool) -> None:
        """From now on; 0 = never. `lasts`: the server hears of the COMMIT."""
        self._every, self._lasts = every, lasts

    def _serve(self) -> None:
        while True:
            try:
                near, _ = self._door.accept()
                far = socket.create_connection(("127.0.0.1", self._to))
            except OSError:
                if self._door.fileno() < 0:
                    return
                _close(near)
                continue
            self._open |= {near, far}
            for pair in ((near, far), (far, near)):
                threading.Thread(
                    target=self._pass, args=(*pair, pair[0] is near), daemon=True
                ).start()

    def _pass(self, source: socket.socket, to: socket.socket, asks: bool) -> None:
        try:
            while data := source.recv(64 * 1024):
                if self.delay:
                    time.sleep(self.delay)
                if asks and COMMIT.search(data) and self._is_cut():
                    if self._lasts:
                        to.sendall(data)
                        time.sleep(0.02)  # the server is done, and nobody will know
                    break
                to.sendall(data)
        except OSError:
            pass
        _close(source)
        _close(to)

    def _is_cut(self) -> bool:
        self._commits += 1
        if not self._every or self._commits % self._every:
            return False
        self.cuts += 1
        return True


def _listening() -> socket.socket:
    for port in PORTS:
        door = socket.socket()
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind(("127.0.0.1", port))
        except OSError:
            door.close()
            continue
        door.listen()
        return door
    raise RuntimeError("no free port for the relay")


def _close(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
