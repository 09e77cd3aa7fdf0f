"""A service of the city as bad as it can be: raw HTTP on loopback, a way of failing a path."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import socket
from dataclasses import dataclass

PORTS = range(45100, 45200)
BIG = 10 * 1024 * 1024


@dataclass
class Heard:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class WebBed:
    """`url`, and what it `heard`. Paths: see `_answer`; the last part of a path is ignored."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.sent = 0
        self.up = 0
        self.broken = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        for port in PORTS:
            with contextlib.suppress(OSError):
                self._server = await asyncio.start_server(
                    self._serve, "127.0.0.1", port, family=socket.AF_INET
                )
                self.port = port
                return
        raise RuntimeError("no free port for the web bed")

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.up += 1
        try:
            with contextlib.suppress(
                ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError
            ):
                while True:
                    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                    method, path, _ = head[0].split(" ")
                    headers = dict(line.split(": ", 1) for line in head[1:] if line)
                    body = await reader.readexactly(int(headers.get("Content-Length", "0")))
                    self.heard.append(Heard(method, path, headers, body))
                    await self._answer(path, reader, writer)
        finally:
            self.up -= 1
            self._tasks.discard(task)
            writer.close()

    async def _answer(
        self, path: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        kind = "500" if self.broken else path.split("/")[1]
        good = json.dumps({"nome": "Ana", "quando": "2026-11-25", "resto": [1]}).encode()
        match kind:
            case "hang":
                await reader.read(1)  # until the other side closes
                raise ConnectionError
            case "drip":
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
                for _ in range(1000):
                    writer.write(b" ")
                    await writer.drain()
                    await asyncio.sleep(0.02)
            case "dripping-head":
                for letter in b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 5000:
                    writer.write(bytes([letter]))
                    await writer.drain()
                    await asyncio.sleep(0.02)
            case "big":
                await self._pour(writer, f"Content-Length: {BIG}", b"x" * 65536, BIG // 65536)
            case "endless":
                chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
                await self._pour(writer, "Transfer-Encoding: chunked", chunk, BIG // 65536)
            case "redirect":
                there = f"Location: {self.url}/ok/elsewhere"
                self._send(writer, 302, b"", there)
            case "cookie":
                self._send(writer, 200, good, "Set-Cookie: session=1; Path=/")
            case "bomb":
                squeezed = gzip.compress(b" " * BIG)
                self._send(writer, 200, squeezed, "Content-Encoding: gzip")
            case "garbage":
                writer.write(b"\x00\x01 not http at all\r\n\r\n")
                writer.close()
            case "cut":
                writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"nome"')
                writer.close()
            case "text":
                self._send(writer, 200, b"<html>ol\xe1</html>")
            case "deep":
                self._send(writer, 200, b"[" * 30_000)
            case "list":
                self._send(writer, 200, b'[{"nome": "Ana"}]')
            case "less":
                self._send(writer, 200, b'{"nome": "Ana"}')
            case "structure":
                self._send(writer, 200, b'{"nome": ["Ana"], "quando": {"dia": 1}}')
            case "odd":
                odd = {"nome": "A\u0000n\ud800a\n\u202e  b", "quando": 1e300}
                self._send(writer, 200, json.dumps(odd).encode())
            case "long":
                self._send(writer, 200, json.dumps({"nome": "x" * 5000, "quando": None}).encode())
            case "nothing":
                self._send(writer, 204, b"")
            case "ok":
                self._send(writer, 200, good)
            case code:
                self._send(writer, int(code), b'{"erro": "sim"}')

    def _send(self, writer: asyncio.StreamWriter, code: int, body: bytes, *more: str) -> None:
        lines = [f"HTTP/1.1 {code} x", *more]
        if code != 204:
            lines.append(f"Content-Length: {len(body)}")
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)

    async def _pour(self, writer: asyncio.StreamWriter, how: str, chunk: bytes, n: int) -> None:
        writer.write(f"HTTP/1.1 200 OK\r\n{how}\r\n\r\n".encode())
        for _ in range(n):
            writer.write(chunk)
            await writer.drain()
            self.sent += len(chunk)
