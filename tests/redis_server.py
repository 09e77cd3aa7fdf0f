"""A real redis-server of our own on a private loopback port: stopped, frozen, filled, flushed.

Nothing here needs pytest, so that others may use it as well.
"""

from __future__ import annotations

import contextlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

PORTS = range(21500, 21560)


def found() -> bool:
    """Whether this machine has a redis-server."""
    return shutil.which("redis-server") is not None


def free_port() -> int:
    """A port that nobody listens on."""
    for port in PORTS:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port
    raise RuntimeError("no free port for Redis")


class RedisServer:
    """One server. `start` and `stop` at will: the port stays the same, nothing is kept on disk."""

    def __init__(self, password: str = "") -> None:
        self.port = free_port()
        self.password = password
        self._folder = Path(tempfile.mkdtemp(prefix="central156-redis-"))
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1"]
        command += ["--save", "", "--appendonly", "no", "--dir", str(self._folder)]
        command += ["--requirepass", self.password] if self.password else []
        self._process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return
            time.sleep(0.02)
        raise RuntimeError("redis-server does not start")

    def kill(self) -> None:
        """kill -9."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def say(self, *words: str) -> str:
        """What redis-cli answers."""
        command = ["redis-cli", "-p", str(self.port), "--no-auth-warning"]
        command += ["-a", self.password] if self.password else []
        done = subprocess.run([*command, *words], capture_output=True, text=True, timeout=10)
        return done.stdout.strip()

    def close(self) -> None:
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)
