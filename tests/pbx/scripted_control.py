"""A control that does as a test's script says: one answer a step, over plain FastAGI.

It shares no code with pbx/agi_server.py, so that the dialplan is tried by itself.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from switchbed import LOOPBACK

Script = Callable[["Step"], dict[str, str] | None]


@dataclass
class Step:
    """One knock: the arguments of the dialplan's AGI(), and the connection."""

    told: dict[str, str]
    link: socket.socket
    reader: object

    def command(self, text: str) -> str:
        """Send one command and return the reply's line."""
        self.link.sendall(text.encode() + b"\n")
        return self.reader.readline().decode()  # type: ignore[attr-defined,no-any-return]


@dataclass
class ScriptedControl:
    """What it heard, knock by knock."""

    steps: list[dict[str, str]] = field(default_factory=list)
    arrived: threading.Condition = field(default_factory=threading.Condition)

    def wait_for(self, count: int, seconds: float = 10.0) -> list[dict[str, str]]:
        """Wait until there were `count` knocks; all of them."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.steps) >= count, seconds), self.steps
            return list(self.steps)


@contextlib.contextmanager
def scripted_control(port: int, script: Script) -> Iterator[ScriptedControl]:
    """Answer on `port`. The script returns the variables to set; None breaks the step off."""
    control = ScriptedControl()
    server = socket.create_server((LOOPBACK, port), backlog=100)

    def serve(link: socket.socket) -> None:
        with link, link.makefile("rb") as reader, contextlib.suppress(OSError):
            told = {}
            for line in iter(reader.readline, b"\n"):
                if not line:
                    return
                name, _, value = line.decode().strip().partition(": ")
                if name.startswith("agi_arg_"):
                    key, _, text = value.partition("=")
                    told[key] = text
            with control.arrived:
                control.steps.append(told)
                control.arrived.notify_all()
            step = Step(told, link, reader)
            answer = script(step)
            for name, value in (answer or {}).items():
                step.command(f'SET VARIABLE {name} "{value}"')

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                link, _ = server.accept()
                threading.Thread(target=serve, args=(link,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield control
    finally:
        # close() alone would leave the accepting thread, and so the port, alive.
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
        server.close()
