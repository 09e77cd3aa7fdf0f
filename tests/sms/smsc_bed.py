"""An independent SMSC (the npm package `smpp`, by node), told what to do and what to tell."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PACKAGE = "smpp@0.5.1"
SCRIPT = Path(__file__).with_name("smsc.js")


def installed(folder: Path) -> Path:
    """The folder of the package, installed there unless it is already; skips where it cannot be."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("node and npm are not installed: no independent SMSC to test against")
    modules = folder / "node_modules"
    if not (modules / "smpp" / "package.json").exists():
        done = subprocess.run(
            [npm, "install", "--no-save", "--no-audit", "--no-fund", "--prefix", folder, PACKAGE],
            capture_output=True,
            timeout=120,
            check=False,
        )
        if done.returncode:
            pytest.skip(f"npm could not install {PACKAGE}: no independent SMSC to test against")
    return modules


class Smsc:
    """A running SMSC. `saw`: all that it told, in order."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self._process, self.port = process, port
        self.saw: list[dict[str, Any]] = []
        self._news = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, modules: Path, port: int) -> Smsc:
        process = await asyncio.create_subprocess_exec(
            "node",
            str(SCRIPT),
            str(port),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "NODE_PATH": str(modules)},
        )
        smsc = cls(process, port)
        await smsc.until(lambda: smsc.of("open"))
        return smsc

    async def do(self, what: str, **more: Any) -> None:
        """Order something; returns once it is done."""
        before = len(self.of("order"))
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": what, **more}).encode() + b"\n")
        await self.until(lambda: len(self.of("order")) > before)

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [one for one in self.saw if one["saw"] == kind]

    @property
    def submits(self) -> list[dict[str, Any]]:
        return self.of("submit")

    async def until(self, holds: Callable[[], Any], seconds: float = 10.0) -> Any:
        """Wait for what it will have seen."""
        async with asyncio.timeout(seconds):
            while not (found := holds()):
                self._news.clear()
                await self._news.wait()
            return found

    async def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), 5)
        except TimeoutError:
            self._process.kill()
        await self._reading

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self.saw.append(json.loads(line))
            self._news.set()
