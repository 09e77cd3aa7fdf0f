"""A whole centre on loopback: parent, control and Asterisk, as `central156 run` starts them.

    with centre_bed(folder, port_base=17000, rtp_first=33000) as centre:
        ana = centre.agent("ana", "p156_geral")       # account, registered SIPp phone, logged in
        with ana.listening(talk=2.0):
            call = sipp_call(centre, "156", keys={2.0: "1"})
        story = centre.story_of(CALLER)

It stands in for the Bed of switchbed.py wherever a phone of sipp_phones.py wants one.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import leaks
from sipp_phones import AgentPhone
from switchbed import CALLER, LOOPBACK, Bed

from central156.settings import Settings, load_settings
from central156.switch import switch_settings
from pbx.switch_install import find_or_install
from pbx.switch_process import Switch

READY_SECONDS = 40.0


def until(condition: Callable[[], Any], seconds: float, what: str = "it") -> Any:
    """Ask again and again until there is an answer; it. Fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come to pass within {seconds:g} s")
        time.sleep(0.05)
    return found


@dataclass
class CentreAgent(AgentPhone):
    """An agent of the centre with a SIPp phone."""

    password: str = ""

    def _credentials(self) -> str:
        return f"[authentication username={self.name} password={self.password}]"


@dataclass
class Centre:
    """A running centre and what can be done to it."""

    settings: Settings
    folder: Path
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    passwords: dict[str, str] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=itertools.count, repr=False)
    runs: list[Any] = field(default_factory=list, repr=False)

    # --- what phones ask of a bed ---
    free_port = Bed.free_port
    fresh = Bed.fresh
    tone = Bed.tone
    end_phones = Bed.end_phones

    # --- its processes ---
    def start(self) -> float:
        """Start the parent and wait until the centre serves; the seconds it took."""
        began = time.monotonic()
        out = (self.folder / "parent.log").open("ab")
        self.process = subprocess.Popen(
            [*self.command(), "run", "--no-proof"],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=self.environment,
            start_new_session=True,
        )
        out.close()
        until(self.is_ready, READY_SECONDS, "serving")
        return time.monotonic() - began

    def command(self) -> list[str]:
        """How this centre's command line is called."""
        words = [sys.executable, "-m", "central156.cli"]
        return [*words, "--pasta", str(self.settings.state_dir)]

    def stop(self, seconds: float = 30.0) -> int:
        """Ask the parent to stop (SIGTERM); its exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)

    def put_down(self) -> None:
        """End it, asked first, and every process and phone of it; what it wrote and tells then
        names no citizen."""
        self.end_phones()
        told = leaks.told_openly(self.settings.api_url)
        if self.process is not None and self.process.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.stop()
        for pid in self.pids():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        leaks.refuse_text("an answer to anybody", told)
        leaks.refuse(self.settings.state_dir, self.folder / "parent.log")

    def kill_parent(self) -> None:
        """End the parent with -9: nobody starts control again. Asterisk lives on."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def control_pid(self) -> int:
        """The control process. AssertionError while there is none."""
        (pid,) = self._pids("central156.control")
        return pid

    def switch_pid(self) -> int:
        """Asterisk."""
        return int((self._switch_run() / "asterisk.pid").read_text())

    def _switch_run(self) -> Path:
        return switch_settings(self.settings).run

    def pids(self) -> list[int]:
        """Every process that was started for this state folder."""
        return self._pids(str(self.settings.state_dir))

    def _pids(self, word: str) -> list[int]:
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            with contextlib.suppress(OSError):
                words = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
                ours = any(str(self.settings.state_dir) in part for part in words)
                alive = (entry / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
                if ours and alive and any(word in part for part in words):
                    found.append(int(entry.name))
        return found

    # --- its API ---
    def request(self, method: str, path: str, **body: Any) -> Any:
        """What the API answers to the local admin. HTTPStatusError when it refuses."""
        answer = httpx.request(
            method,
            f"{self.settings.api_url}{path}",
            json=body or None,
            headers={"Authorization": f"Bearer {self.settings.secret('admin_token')}"},
            trust_env=False,
            timeout=10.0,
        )
        answer.raise_for_status()
        return answer.json()

    def get(self, path: str) -> Any:
        return self.request("GET", path)

    def post(self, path: str, **body: Any) -> Any:
        return self.request("POST", path, **body)

    def is_ready(self) -> bool:
        """Whether calls are taken; fails when the parent has died."""
        if self.process is not None and self.process.poll() is not None:
            raise AssertionError((self.folder / "parent.log").read_text())
        with contextlib.suppress(httpx.HTTPError):
            answer = httpx.get(f"{self.settings.api_url}/v1/health", trust_env=False, timeout=1.0)
            return bool(answer.is_success and answer.json()["ready"])
        return False

    def floor(self) -> Any:
        return self.get("/v1/floor")

    def waiting(self) -> int:
        """How many callers stand in queues."""
        return sum(queue["waiting"] for queue in self.floor()["queues"])

    def state_of(self, agent: str) -> str:
        """An agent's state on the floor; '' when the floor does not know it."""
        return next((a["state"] for a in self.floor()["agents"] if a["agent"] == agent), "")

    # --- agents ---
    def add_agent(self, name: str, *skills: str) -> str:
        """Make the account; its password."""
        made = self.post("/v1/agents", name=name, skills=dict.fromkeys(skills, 1))
        self.passwords[name] = made["password"]
        return str(made["password"])

    def agent(self, name: str, *skills: str) -> CentreAgent:
        """An agent on duty, whose registered SIPp phone the test may let listen."""
        password = self.add_agent(name, *skills)
        phone = CentreAgent(self, name, password=password)  # type: ignore[arg-type]
        phone.register()
        self.post(f"/v1/agents/{name}/login")
        until(lambda: self._is_free(name), 10, f"{name} on duty")
        return phone

    def _is_free(self, name: str) -> bool:
        agents = {agent["agent"]: agent for agent in self.floor()["agents"]}
        found = agents.get(name)
        return bool(found and found["status"] == "available" and found["phone"] == "idle")

    # --- what is stored ---
    def rows(self, question: str, *values: Any) -> list[dict[str, Any]]:
        """What the store's database answers."""
        url = f"file:{self.settings.state_dir / 'store.sqlite'}?mode=ro"
        with contextlib.closing(sqlite3.connect(url, uri=True, timeout=5.0)) as link:
            link.row_factory = sqlite3.Row
            return [dict(row) for row in link.execute(question, values)]

    def calls_of(self, caller: str = CALLER) -> list[dict[str, Any]]:
        """The stored calls of this number, oldest first."""
        return self.rows("SELECT * FROM calls WHERE caller = ? ORDER BY arrived_at", caller)

    def ended(self, caller: str = CALLER, count: int = 1, seconds: float = 10.0) -> dict[str, Any]:
        """The last of so many calls of this number, once its end is stored."""

        def last() -> dict[str, Any] | None:
            found = self.calls_of(caller)
            done = len(found) >= count and found[-1]["ended_at"] is not None
            return found[-1] if done else None

        return dict(until(last, seconds, f"the end of the call of {caller}"))

    def facts(self, call: str) -> list[dict[str, Any]]:
        """All facts of a call, in their order."""
        return self.rows("SELECT * FROM facts WHERE call_id = ? ORDER BY id", call)


def ask(centre: Centre, command: str) -> str:
    """What this centre's Asterisk answers on its own command line."""
    settings = centre.settings
    installation = find_or_install(settings.asterisk_dir, print)
    return Switch(switch_settings(settings), installation).ask(command)


def settings_for(folder: Path, port_base: int, rtp_first: int) -> tuple[Settings, dict[str, str]]:
    """Settings of a centre in this folder, and the environment that says the same."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("CENTRAL156_")},
        "CENTRAL156_PORT_BASE": str(port_base),
        "CENTRAL156_RTP_FIRST": str(rtp_first),
        "CENTRAL156_RTP_LAST": str(rtp_first + 1_999),
        "CENTRAL156_DRAIN_SECONDS": "1",
        "CENTRAL156_SEAL_RECORDINGS": "false",  # tests listen to the switch's own files
        "CENTRAL156_PHONE_CHECK_SECONDS": "0",  # a SIPp phone that does not listen is still there
    }
    settings = load_settings(
        folder / "state",
        port_base=port_base,
        rtp_first=rtp_first,
        rtp_last=rtp_first + 1_999,
        drain_seconds=1.0,
    )
    return settings, environment


@contextlib.contextmanager
def centre_bed(
    folder: Path, port_base: int, rtp_first: int, **environment: str
) -> Iterator[Centre]:
    """A centre that serves; every process of it is gone at the end."""
    folder.mkdir(parents=True, exist_ok=True)
    settings, base = settings_for(folder, port_base, rtp_first)
    centre = Centre(settings, folder, {**base, **environment})
    try:
        centre.start()
        yield centre
    finally:
        centre.put_down()


def udp_is_free(port: int) -> bool:
    """Whether nobody holds this UDP port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True
