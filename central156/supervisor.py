"""The parent process: `central156 run`. It starts the switch and the control process, watches
them, and starts either again when it dies. It decides nothing about calls.

    lock ─ prepare ─ switch up ─ control up ─ proof call ─ watch … drain ─ stop

The control process beats once a second on a pipe; one that is silent too long is killed, which
frees all its calls at once (they go on with the next process, from where they stand). If this
parent dies, the switch goes on serving; the next parent adopts it.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import httpx

from central156.log import write_logs_to
from central156.settings import Settings
from central156.state_folder import prepare_state
from central156.switch import SwitchProcess
from pbx.configuration import ConfigurationRefused
from pbx.switch_install import InstallationFailed
from pbx.switch_process import SwitchFailed
from terms.limits import CONTROL_START_SECONDS, RESTART_WAIT_FIRST, RESTART_WAIT_LAST

log = logging.getLogger(__name__)

HEARTBEAT_VARIABLE = "C156_HEARTBEAT_FD"
SWITCH_STOPS = signal.SIGUSR1
"""Tells control that we stop the switch now: calls that end by it were cut by us."""

EXIT_OK, EXIT_FAILED, EXIT_ALREADY_RUNNING = 0, 1, 3

_CHILDREN = {"asterisk": "O Asterisk", "control": "O controle"}

Say = Callable[[str], None]
OnReady = Callable[[], Coroutine[Any, Any, None]]


class AlreadyRunning(Exception):
    """Another parent holds this state folder. `pid` is its process id, if it says so."""

    def __init__(self, pid: str) -> None:
        super().__init__(pid)
        self.pid = pid


@contextlib.contextmanager
def sole_owner(run_dir: Path) -> Iterator[None]:
    """Hold the state folder's lock. AlreadyRunning when somebody else does."""
    path = run_dir / "central156.lock"
    with path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            raise AlreadyRunning(lock.read().strip()) from None
        lock.seek(0)
        lock.truncate()
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield
        lock.seek(0)
        lock.truncate()


class ControlProcess:
    """The child that thinks. `beat` is when it was last heard."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._process: asyncio.subprocess.Process | None = None
        self._heard = 0.0
        self._beating = False
        self._reader = -1

    async def start(self) -> None:
        """Start it and listen to its beat."""
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        environment = {**os.environ, HEARTBEAT_VARIABLE: str(writing)}
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "central156.control",
            str(self._settings.state_dir),
            pass_fds=(writing,),
            env=environment,
            start_new_session=True,
        )
        os.close(writing)
        self._reader, self._heard, self._beating = reading, time.monotonic(), False
        asyncio.get_running_loop().add_reader(reading, self._hear)

    def _hear(self) -> None:
        beat = os.read(self._reader, 4096)
        if beat:
            self._heard, self._beating = time.monotonic(), True
        else:
            asyncio.get_running_loop().remove_reader(self._reader)

    async def dies(self) -> int:
        """Return its exit code once it is dead, killing it when it is silent for too long."""
        assert self._process is not None
        ended = asyncio.ensure_future(self._process.wait())
        while not ended.done():
            await asyncio.wait({ended}, timeout=0.5)
            patience = self._settings.watchdog_seconds if self._beating else CONTROL_START_SECONDS
            if not ended.done() and time.monotonic() - self._heard > patience:
                log.error("control is silent: killing it", extra={"pid": self._process.pid})
                self._process.kill()
                await ended
        asyncio.get_running_loop().remove_reader(self._reader)
        os.close(self._reader)
        return ended.result()

    def send(self, number: signal.Signals) -> None:
        """Tell it something, if it lives: SWITCH_STOPS, or to finish what it writes and leave."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(number)


class Supervisor:
    """Runs the two children until told to stop."""

    def __init__(self, settings: Settings, say: Say) -> None:
        self.settings = settings
        self.say = say
        self.switch = SwitchProcess(settings)
        self.control = ControlProcess(settings)
        self.stopping = asyncio.Event()
        self.hurry = asyncio.Event()

    async def run(self, on_ready: OnReady) -> int:
        """Start, do `on_ready` once serving, watch, drain, stop."""
        loop = asyncio.get_running_loop()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, self._asked_to_stop)
        try:
            await asyncio.to_thread(self.switch.start)
        except (SwitchFailed, InstallationFailed, ConfigurationRefused) as failed:
            self.say(f"A central não foi ligada: {failed}")
            return EXIT_FAILED
        keepers = [
            asyncio.create_task(self._keep("asterisk", self._switch_life)),
            asyncio.create_task(self._keep("control", self._control_life)),
        ]
        try:
            if not await self._serving():
                return EXIT_OK if self.stopping.is_set() else EXIT_FAILED
            await self._unless_stopped(on_ready())
            await self.stopping.wait()
            await self._drain()
            return EXIT_OK
        finally:
            self.stopping.set()
            self.control.send(SWITCH_STOPS)
            await asyncio.to_thread(self.switch.stop)
            self.control.send(signal.SIGTERM)
            await asyncio.wait(keepers)
            self.say("Parada.")

    async def _unless_stopped(self, work: Coroutine[Any, Any, None]) -> None:
        """Do this to its end, or until we are asked to stop."""
        doing = asyncio.create_task(work)
        asked = asyncio.create_task(self.stopping.wait())
        await asyncio.wait({doing, asked}, return_when=asyncio.FIRST_COMPLETED)
        asked.cancel()
        doing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await doing

    def _asked_to_stop(self) -> None:
        if self.stopping.is_set():
            self.hurry.set()
        self.stopping.set()

    async def _serving(self) -> bool:
        """Wait until the API says that the centre is ready to take calls."""
        deadline = time.monotonic() + CONTROL_START_SECONDS
        async with httpx.AsyncClient(trust_env=False, timeout=1.0) as client:
            while time.monotonic() < deadline and not self.stopping.is_set():
                with contextlib.suppress(httpx.TransportError):
                    answer = await client.get(f"{self.settings.api_url}/v1/health")
                    if answer.is_success and answer.json().get("ready"):
                        return True
                await asyncio.sleep(0.05)
        if not self.stopping.is_set():
            self.say(
                "A central não ficou pronta a tempo; veja "
                f"{self.settings.logs_dir / 'control.jsonl'}, ou rode: central156 doctor"
            )
        return False

    async def _drain(self) -> None:
        """New calls are turned away; calls in course may end by themselves, for a while."""
        await asyncio.to_thread(self.switch.refuse_new_calls)
        calls = await asyncio.to_thread(self.switch.calls_in_course)
        if calls and not self.hurry.is_set():
            self.say(
                f"Parando: novas ligações são recusadas; as em curso ({calls}) têm até "
                f"{self.settings.drain_seconds:.0f} s. Ctrl-C de novo: para já."
            )
        deadline = time.monotonic() + self.settings.drain_seconds
        while time.monotonic() < deadline and not self.hurry.is_set():
            if await asyncio.to_thread(self.switch.calls_in_course) == 0:
                return
            await asyncio.sleep(0.25)

    async def _keep(self, name: str, life: Callable[[], Awaitable[None]]) -> None:
        """Live one life of a child after the other, with growing pauses when they are short."""
        wait = RESTART_WAIT_FIRST
        while not self.stopping.is_set():
            born = time.monotonic()
            try:
                await life()
            except (OSError, SwitchFailed):
                log.exception("a child could not be started", extra={"child": name})
            if self.stopping.is_set():
                return
            if time.monotonic() - born > RESTART_WAIT_LAST:
                wait = RESTART_WAIT_FIRST
            told = f"{_CHILDREN[name]} parou; é ligado de novo em {wait:.1f} s.".replace(
                ".", ",", 1
            )
            log.error(
                "a child died; starting it again",
                extra={"child": name, "after": wait, "told": told},
            )
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.stopping.wait(), wait)
            wait = min(wait * 2, RESTART_WAIT_LAST)

    async def _control_life(self) -> None:
        await self.control.start()
        await self.control.dies()

    async def _switch_life(self) -> None:
        if not self.switch.alive():
            await asyncio.to_thread(self.switch.start)
        while self.switch.alive():
            await asyncio.sleep(0.1)


def main(settings: Settings, say: Say, on_ready: OnReady) -> int:
    """Run the centre in the foreground. The exit code: 0 stopped as asked, 1 failed, 3 twice."""
    prepare_state(settings)
    try:
        with sole_owner(settings.run_dir):
            write_logs_to(settings.logs_dir / "supervisor.jsonl", settings.log_level)
            return asyncio.run(Supervisor(settings, say).run(on_ready))
    except AlreadyRunning as other:
        say(f"Já há uma central no ar nesta pasta (processo {other.pid}): {settings.state_dir}")
        return EXIT_ALREADY_RUNNING
