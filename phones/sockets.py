"""Where a phone may live on this machine: its address, and ports that nobody has."""

from __future__ import annotations

import contextlib
import socket

PORT_TRIES = 50


def own_address(server: str) -> str:
    """Which of this machine's addresses reaches that one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        way.connect((server, 9))  # nothing is sent: only the route is looked up
        return str(way.getsockname()[0])


def free_port(bind: str) -> int:
    """A port that is free with its neighbour, which the stack takes for TLS."""
    for _ in range(PORT_TRIES):
        with contextlib.ExitStack() as stack:
            first = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            first.bind((bind, 0))
            port = int(first.getsockname()[1])
            try:
                for number in (port, port + 1):
                    neighbour = stack.enter_context(socket.socket())
                    neighbour.bind((bind, number))
            except (OSError, OverflowError):
                continue
            return port
    raise OSError("no free pair of SIP ports")
