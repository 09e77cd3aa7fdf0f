"""The Asterisk process: started, found again, asked, and stopped.

It runs in a session of its own, so it outlives us: when the process that started it dies, calls
go on, and the next one finds it by its pid file (`start` adopts it). A process id alone proves
nothing, so it must also have been started with our configuration; from then on it is held by a
pidfd, which never means another process.
"""

from __future__ import annotations

import contextlib
import logging
import os
import resource
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterable
from pathlib import Path

from pbx.configuration import AgentAccount, write_configuration
from pbx.held_process import HeldProcess
from pbx.switch_install import Installation
from pbx.switch_settings import SwitchSettings
from terms.limits import (
    DIARY_ROTATE_BYTES,
    SWITCH_LOOK_EVERY,
    SWITCH_QUESTION_SECONDS,
    SWITCH_START_SECONDS,
    SWITCH_STOP_SECONDS,
)
from terms.names import Seconds

log = logging.getLogger(__name__)

CLOSED = "C156_CLOSED"
"""The global by which c156-enter turns new calls away."""

LINE_CATEGORY = "line"
"""The category in which c156-enter counts each citizen's channel."""

_AMI_GREETING = b"Asterisk Call Manager"
_GROUP_COLUMNS = 3  # channel, group, category
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


class SwitchFailed(Exception):
    """Asterisk did not start or did not answer; the message is in Portuguese."""


class SwitchUnreachable(SwitchFailed):
    """Asterisk did not answer a question on its control socket."""


class Switch:
    """One Asterisk with one configuration folder. Blocking: call it from a thread."""

    def __init__(self, settings: SwitchSettings, installation: Installation) -> None:
        self.settings = settings
        self.installation = installation
        self._held: HeldProcess | None = None
        self._turn = threading.Lock()  # a stop that comes during a start ends what it started

    def start(self, agents: Iterable[AgentAccount] | None = None) -> None:
        """Adopt the one that runs, or start one; return when it takes calls.

        `agents` are the phone accounts that it starts with; None keeps those of the last start.
        Raises SwitchFailed when it is not ready within SWITCH_START_SECONDS.
        """
        with self._turn:
            if not self.adopt():
                self._start(agents)

    def _start(self, agents: Iterable[AgentAccount] | None) -> None:
        write_configuration(self.settings, self.installation, new_boot_name(), agents)
        console = self.settings.log / "console.log"
        for file in (console, self.settings.log / "messages.log", self.settings.cel_file):
            _put_aside_if_long(file)
        with console.open("ab") as out:
            process = subprocess.Popen(
                [*self._command(), "-f"],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=self._allow_open_files,
                env=_environment(),
                cwd=self.settings.folder,
            )
        self._held = HeldProcess(process.pid, process)
        log.info("asterisk started", extra={"pid": process.pid})
        try:
            self._wait_until_ready(SWITCH_START_SECONDS)
        except SwitchFailed:
            self.kill()
            raise

    def adopt(self) -> bool:
        """Take over a running Asterisk of this configuration folder; whether there is one.

        One that runs but does not answer is ended instead.
        """
        if self.alive():
            return True
        pid = _pid_in(self.settings.run / "asterisk.pid")
        if pid is None or not _runs_with(pid, self._configuration):
            return False
        try:
            held = HeldProcess(pid, None)
        except ProcessLookupError:
            return False
        # Asked once more, now that the pidfd keeps the number from meaning another process.
        if not _runs_with(pid, self._configuration):
            return False
        self._held = held
        try:
            self._wait_until_ready(SWITCH_QUESTION_SECONDS)
        except SwitchFailed:
            log.error("the asterisk found does not answer: ending it", extra={"pid": pid})
            self.kill()
            return False
        log.info("asterisk adopted", extra={"pid": pid})
        return True

    @property
    def pid(self) -> int | None:
        """The process id while we hold a living one."""
        held = self._held
        return held.pid if held is not None and not held.ended(0.0) else None

    def alive(self) -> bool:
        """Whether the Asterisk that we started or adopted still runs."""
        held = self._held
        return held is not None and not held.ended(0.0)

    def stop(self) -> None:
        """End it: asked, then told (TERM), then killed. Calls in course end with it.

        Also ends a running one that we did not start; returns when it is gone.
        """
        with self._turn:
            if self.adopt():
                self._stop()

    def _stop(self) -> None:
        held = self._held
        assert held is not None
        with contextlib.suppress(SwitchUnreachable):
            self.ask("core stop now")
        if not held.ended(SWITCH_STOP_SECONDS / 2):
            held.send(signal.SIGTERM)
            if not held.ended(SWITCH_STOP_SECONDS / 2):
                log.error("asterisk does not end: killing it", extra={"pid": held.pid})
        self.kill()

    def kill(self) -> None:
        """End it at once, if it lives, and wait until it is gone."""
        held, self._held = self._held, None
        if held is not None:
            held.send(signal.SIGKILL)
            held.ended(SWITCH_STOP_SECONDS)

    def ask(self, command: str, seconds: Seconds = SWITCH_QUESTION_SECONDS) -> str:
        """What Asterisk's command line answers. Raises SwitchUnreachable."""
        try:
            done = subprocess.run(
                [*self._command(), "-rx", command],
                capture_output=True,
                text=True,
                errors="replace",
                timeout=seconds,
                check=False,
                env=_environment(),
            )
        except (OSError, subprocess.TimeoutExpired):
            raise SwitchUnreachable("o Asterisk não respondeu a tempo") from None
        if done.returncode != 0:
            raise SwitchUnreachable("o Asterisk não está no ar")
        return done.stdout

    def reload(self, module: str) -> None:
        """Make a module read its configuration again; calls do not notice."""
        self.ask(f"module reload {module}")

    def refuse_new_calls(self) -> None:
        """From now on citizens' new calls are answered 503, so that the carrier looks elsewhere.

        Calls in course, their offers and the agents' codes go on. (`core stop gracefully` would
        refuse the legs to the agents, too.) A new start opens again.
        """
        self.ask(f"dialplan set global {CLOSED} 1")

    def calls_in_course(self) -> int:
        """How many citizens' calls are on the switch."""
        rows = (line.split() for line in self.ask("group show channels").splitlines())
        return sum(row[-1] == LINE_CATEGORY for row in rows if len(row) == _GROUP_COLUMNS)

    @property
    def _configuration(self) -> Path:
        return self.settings.etc / "asterisk.conf"

    def _command(self) -> list[str]:
        return [*self.installation.binary, "-C", str(self._configuration)]

    def _allow_open_files(self) -> None:
        """In the child: raise the limit, as far as we may. preflight.py reports a low one."""
        wanted = self.settings.open_files
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if hard != resource.RLIM_INFINITY and hard < wanted:
            with contextlib.suppress(OSError, ValueError):
                resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, wanted))
                return
            wanted = hard
        if soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))

    def _wait_until_ready(self, seconds: Seconds) -> None:
        """Return when it has read everything and its AMI greets. Raises SwitchFailed."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not self.alive():
                raise SwitchFailed(f"o Asterisk terminou ao iniciar; veja {self.settings.log}")
            if _greets(self.settings.bind, self.settings.ami_port):
                with contextlib.suppress(SwitchUnreachable):
                    left = max(0.1, deadline - time.monotonic())
                    if "fully booted" in self.ask("core waitfullybooted", left):
                        return
            time.sleep(SWITCH_LOOK_EVERY)
        raise SwitchFailed(f"o Asterisk não ficou pronto a tempo; veja {self.settings.log}")


def new_boot_name() -> str:
    """A name that no start before or after has: the clock's milliseconds, in base 36."""
    left, digits = time.time_ns() // 1_000_000, ""
    while left:
        left, digit = divmod(left, 36)
        digits = _DIGITS[digit] + digits
    return digits


def _environment() -> dict[str, str]:
    """Nothing of ours but what a program needs: its scripts get this environment, too."""
    kept = ("PATH", "HOME", "TZ", "TMPDIR", "LANG")
    return {name: os.environ[name] for name in kept if name in os.environ}


def _pid_in(file: Path) -> int | None:
    try:
        return int(file.read_text())
    except (OSError, ValueError):
        return None


def _put_aside_if_long(file: Path) -> None:
    """`name` becomes `name.1`, which diary.py reads too."""
    with contextlib.suppress(FileNotFoundError):
        if file.stat().st_size > DIARY_ROTATE_BYTES:
            file.replace(file.with_name(file.name + ".1"))


def _runs_with(pid: int, configuration: Path) -> bool:
    """Whether process `pid` is an Asterisk started (not only asked) with this configuration."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return os.fsencode(configuration) in words and b"-f" in words


def _greets(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=1.0) as link:
            return link.recv(64).startswith(_AMI_GREETING)
    except OSError:
        return False
