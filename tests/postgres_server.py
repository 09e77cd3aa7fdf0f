"""A real PostgreSQL of our own: a new cluster on a loopback port, run by an ordinary user.

Also used by bench/protocol_numbers.py, so nothing here needs pytest.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import leaks
import psycopg

PORTS = range(16400, 16500)
PACKAGED = Path("/usr/lib/postgresql")  # where Debian puts each version's programs


def find_programs() -> Path | None:
    """The folder of initdb and its kin, of the newest version there is; None if there is none."""
    found = sorted(PACKAGED.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    elsewhere = shutil.which("initdb")
    return Path(elsewhere).resolve().parent if elsewhere else None


def _ordinary_user() -> dict[str, Any]:
    """PostgreSQL refuses to be run by root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            found = pwd.getpwnam(name)
            return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}
    raise RuntimeError("no ordinary user to run PostgreSQL as")


def _free_port() -> int:
    # not all from the first: two runs that start in the same instant would both find it free
    begin = os.getpid() % len(PORTS)
    for port in (*PORTS[begin:], *PORTS[:begin]):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port
    raise RuntimeError("no free port for PostgreSQL")


class PostgresServer:
    """One cluster in a folder of its own: `create` it, then `start` and `stop` it at will."""

    def __init__(self) -> None:
        programs = find_programs()
        assert programs is not None, "PostgreSQL is not installed"
        self._programs = programs
        self._user = _ordinary_user()
        # Not pytest's folder: the ordinary user could not enter it.
        self._folder = Path(tempfile.mkdtemp(prefix="c156-postgres-"))
        self._data = self._folder / "data"
        self._names = (f"store{number}" for number in count(1))
        self.port = _free_port()

    def create(self) -> None:
        """Make the cluster's files."""
        if self._user:
            os.chown(self._folder, self._user["user"], self._user["group"])
        self._run("initdb", "-D", self._data, "-A", "trust", "-U", "central", "-E", "UTF8")

    def start(self) -> None:
        """Serve; returns when connections are taken."""
        options = f"-c listen_addresses=127.0.0.1 -p {self.port} -k {self._folder}"
        self._control("start", "-l", self._folder / "log", "-o", options)

    def stop(self) -> None:
        """As if the machine had lost its power."""
        self._control("stop", "-m", "immediate")

    def freeze(self) -> None:
        """Every process of it stands still; connections stay up and say nothing."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """As if nothing had been."""
        self._signal(signal.SIGCONT)

    def remove(self) -> None:
        """Stop, and leave nothing behind."""
        if (self._data / "postmaster.pid").exists():
            self.stop()
        try:
            leaks.refuse(self._folder / "log")
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)

    def new_database(self) -> str:
        """The address of a database that nobody has used."""
        name = next(self._names)
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self._address(name).replace("postgresql://", "postgresql+psycopg://")

    def _address(self, database: str) -> str:
        return f"postgresql://central@127.0.0.1:{self.port}/{database}"

    def _control(self, what: str, *options: str | Path) -> None:
        self._run("pg_ctl", what, "-w", "-D", self._data, *options)

    def _run(self, program: str, *arguments: str | Path) -> None:
        done = subprocess.run(
            [self._programs / program, *arguments],
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            # Not a pipe: the server would inherit it, and its end never come.
            stdout=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"},
            check=False,
            timeout=60,
            **self._user,
        )
        assert done.returncode == 0, f"{program} {arguments[0]} failed"

    def _signal(self, number: signal.Signals) -> None:
        parent = int((self._data / "postmaster.pid").read_text().splitlines()[0])
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        for process in (parent, *map(int, children)):
            with suppress(ProcessLookupError):
                os.kill(process, number)


@contextmanager
def server_of_its_own() -> Iterator[PostgresServer]:
    """A new cluster that serves; nothing of it is left at the end."""
    made = PostgresServer()
    try:
        made.create()
        made.start()
        yield made
    finally:
        made.remove()
