"""`central156 floor --mirror` reads in a process of its own what a running centre has published."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from api_bed import CALLER, RISCO, Bed, api_bed
from house import CHECKOUT
from redis_server import RedisServer, free_port

from central156.doctor import _mirror
from central156.mirror import begin_mirror
from central156.settings import load_settings
from floor_mirror.keys import KEYS

pytestmark = pytest.mark.redis


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    made = RedisServer(password="segredo-do-espelho")
    made.start()
    yield made
    made.close()


@pytest.fixture(scope="module")
def bed(server: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bed]:
    """A running API whose floor is mirrored."""
    folder = tmp_path_factory.mktemp("mirrored")
    with api_bed(folder, port_base=21580) as running:
        (running.settings.secrets_dir / "redis").write_text(server.password)
        where = {"redis_host": "127.0.0.1", "redis_port": server.port}
        settings = running.settings.model_copy(update=where)
        stack = contextlib.AsyncExitStack()
        picture = running.centre._picture
        running.do(begin_mirror, settings, running.ear.epoch, picture, stack)
        yield running
        running.do(stack.aclose)


def environment(server: RedisServer) -> dict[str, str]:
    """Of another machine: it knows where Redis is, and its password, and nothing else."""
    return os.environ | {
        "CENTRAL156_REDIS_HOST": "127.0.0.1",
        "CENTRAL156_REDIS_PORT": str(server.port),
        "REDISCLI_AUTH": server.password,
        "COLUMNS": "100",
    }


def floor(server: RedisServer, folder: Path, *words: str, **more: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "central156.cli", "--pasta", str(folder), "floor", *words]
    done = subprocess.run(
        [*command, "--mirror"],
        env=environment(server) | more,
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=20,
    )
    return done.returncode, done.stdout + done.stderr


def seen(server: RedisServer, folder: Path, waiting: int) -> dict[str, Any]:
    """The mirror, once it shows so many who wait on 199."""
    for _ in range(10):
        picture: dict[str, Any] = json.loads(floor(server, folder, "--json")[1])
        there = next(one for one in picture["queues"] if one["queue"] == RISCO.name)
        if there["unserved"] == waiting:
            return picture
        time.sleep(0.2)
    raise AssertionError("the mirror does not follow")


def test_another_process_sees_the_floor(bed: Bed, server: RedisServer, tmp_path: Path) -> None:
    call, protocol = bed.do(bed.arrive, "199")
    bed.do(bed.queue, call, RISCO)
    picture = seen(server, tmp_path, 1)
    with bed.client("supervisor") as client:
        straight = client.get("/v1/floor").json()
    for ours, theirs in zip(picture["queues"], straight["queues"], strict=True):
        assert ours | {"figures": 0} == theirs | {"figures": 0}
    assert [caller["call"] for caller in picture["callers"]] == [call]
    code, drawn = floor(server, tmp_path, "--once")
    assert code == 0
    assert "espelho de n1" in drawn
    assert "199: 1 esperando" in drawn
    stored = "".join(server.say("HGETALL", key) for key in KEYS)
    assert CALLER not in stored
    assert protocol not in stored
    bed.do(bed.end, call, "waiting")
    seen(server, tmp_path, 0)


def test_the_state_of_the_mirror_is_told(bed: Bed, server: RedisServer, tmp_path: Path) -> None:
    def told() -> tuple[str, str]:
        with bed.client("") as client:
            figures = client.get("/metrics").text
            up = next(x for x in figures.splitlines() if x.startswith("central156_mirror_up "))
            return client.get("/v1/health").json()["mirror"], up.split()[1]

    seen(server, tmp_path, 0)
    assert told() == ("up", "1.0")
    server.freeze()
    try:
        began = time.monotonic()
        while told() != ("silent", "0.0"):
            assert time.monotonic() - began < 5
            time.sleep(0.1)
        with bed.client("supervisor") as client:
            assert client.get("/v1/floor").json()["mirror"] == "silent"
        code, said = floor(server, tmp_path, "--json")
        assert code == 1
        assert "o Redis não responde" in said
    finally:
        server.thaw()
    began = time.monotonic()
    while told() != ("up", "1.0"):
        assert time.monotonic() - began < 5
        time.sleep(0.1)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"CENTRAL156_REDIS_HOST": ""}, "não há espelho: falta redis_host"),
        ({"REDISCLI_AUTH": "errada"}, "o Redis não aceita a senha"),
        ({"CENTRAL156_REDIS_PORT": "nobody"}, "o Redis não está no ar"),
    ],
)
def test_what_is_wrong_is_told_in_portuguese(
    server: RedisServer, tmp_path: Path, more: dict[str, str], said: str
) -> None:
    more = {name: str(free_port()) if text == "nobody" else text for name, text in more.items()}
    code, told = floor(server, tmp_path, "--once", **more)
    assert code == 1
    assert said in told
    assert "Traceback" not in told


def test_doctor_looks_at_it(server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    where = {"redis_host": "127.0.0.1", "redis_port": server.port}
    settings = load_settings(Path("/nowhere"), **where)
    monkeypatch.setenv("REDISCLI_AUTH", server.password)
    (fine,) = _mirror(settings)
    assert (fine.ok, fine.detail) == (True, f"127.0.0.1:{server.port}")
    monkeypatch.setenv("REDISCLI_AUTH", "errada")
    (wrong,) = _mirror(settings)
    assert not wrong.ok
    assert "não aceita a senha" in wrong.detail
    assert _mirror(load_settings(Path("/nowhere"))) == []


def test_live_in_a_terminal(bed: Bed, server: RedisServer, tmp_path: Path) -> None:
    """On a terminal of 80 × 24, without a flash: the screen is never cleared after the first time,
    and what has changed is there within two seconds."""
    head, terminal = pty.openpty()
    command = [sys.executable, "-m", "central156.cli", "--pasta", str(tmp_path), "floor"]
    more = {"TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"}
    watching = subprocess.Popen(
        [*command, "--mirror"],
        env=environment(server) | more,
        cwd=CHECKOUT,
        stdout=terminal,
        stderr=terminal,
    )
    try:
        assert "nenhuma esperando" in _until(head, "nenhuma esperando", 15)
        call, _ = bed.do(bed.arrive, "199")
        bed.do(bed.queue, call, RISCO)
        began = time.monotonic()
        drawn = _until(head, "199: 1 esperando", 5)
        assert time.monotonic() - began < 3
        assert "\x1b[2J" not in drawn
        bed.do(bed.end, call, "waiting")
    finally:
        watching.kill()
        watching.wait()
        os.close(head)
        os.close(terminal)


def _until(descriptor: int, words: str, seconds: float) -> str:
    drawn, until = b"", time.monotonic() + seconds
    while words.encode() not in drawn:
        assert time.monotonic() < until, drawn[-2000:].decode(errors="replace")
        drawn += os.read(descriptor, 65536)
    return drawn.decode(errors="replace")
