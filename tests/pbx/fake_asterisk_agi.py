"""An Asterisk with memory, as far as AGI is concerned: connects, says its header, does what it is
told and answers, with the quoting rules of res_agi.c and the splitting rules of app.c.

What a test wants out of the ordinary it says with `answers` (raw bytes for a command's start),
`cut` (how replies are cut into packets) and `say` (bytes that nobody asked for). A command that
arrives before the last reply went out is noted in `pipelined`.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import struct
from collections.abc import Callable, Iterable

CHANNEL = "PJSIP/trunk-00000001"


def header(
    *arguments: str, leave_out: Iterable[str] = (), more: Iterable[str] = (), **rows: str
) -> bytes:
    """A header as Asterisk 22 writes it, with some rows changed, left out or added."""
    values = {
        "network": "yes",
        "network_script": "step",
        "request": "agi://127.0.0.1:4573/step",
        "channel": CHANNEL,
        "language": "pt_BR",
        "type": "PJSIP",
        "uniqueid": "c156-1760000000.1",
        "version": "22.10.1~dfsg+~cs6.16.60671435-1",
        "callerid": "anonymous",
        "calleridname": "unknown",
        "callingpres": "0",
        "callingani2": "0",
        "callington": "0",
        "callingtns": "0",
        "dnid": "156",
        "rdnis": "unknown",
        "context": "c156-loop",
        "extension": "s",
        "priority": "3",
        "enhanced": "0.0",
        "accountcode": "",
        "threadid": "140000000000000",
    } | rows
    texts = [f"agi_{name}: {value}" for name, value in values.items() if name not in leave_out]
    texts += more
    texts += [f"agi_arg_{count}: {text}" for count, text in enumerate(arguments, 1)]
    return ("\n".join(texts) + "\n\n").encode("utf-8", errors="surrogateescape")


STEP = header("call=c156-1760000000.1", "line=156", "stage=arrived", "place=")


def words_of(row: str) -> list[str]:
    """res_agi.c parse_args: quotes join words, a backslash takes the next character as it is."""
    words: list[str] = []
    quoted = escaped = False
    between = True
    for char in row:
        if char == '"' and not escaped:
            quoted = not quoted
            if quoted and between:
                words.append("")
                between = False
        elif char in " \t" and not quoted and not escaped:
            between = True
        elif char == "\\" and not escaped:
            escaped = True
        else:
            if between:
                words.append("")
                between = False
            words[-1] += char
            escaped = False
    return words


def arguments_of(text: str, separator: str, most: int) -> list[str]:
    """app.c __ast_app_separate_args: the last of `most` arguments is left as it is."""
    found: list[str] = []
    at, deep, quoted = 0, {"(": 0, "[": 0}, False
    ended_with_separator = False
    while at < len(text) and len(found) < most - 1:
        argument, ended_with_separator = "", False
        while at < len(text):
            char = text[at]
            at += 1
            if char == "\\":
                argument += text[at : at + 1]
                at += 1
                continue
            if char == '"':
                quoted = not quoted
                continue
            if char == separator and not quoted and not any(deep.values()):
                ended_with_separator = True
                break
            if char in "([":
                deep[char] += 1
            elif char in ")]":
                opening = "(["[")]".index(char)]
                deep[opening] = max(0, deep[opening] - 1)
            argument += char
        found.append(argument)
    if at < len(text) or ended_with_separator:
        found.append(text[at:])
    return found


class FakeAsterisk:
    """One channel in AGI."""

    def __init__(self, port: int, opening: bytes = STEP) -> None:
        self.port = port
        self.opening = opening
        self.variables: dict[str, str] = {}
        self.written: list[tuple[str, str]] = []  # variables, in the order of writing
        self.commands: list[str] = []
        self.played: list[str] = []
        self.pressed: list[str] = []  # keys to come, one for each command that takes one
        self.music = ""
        self.answers: dict[str, bytes | Callable[[str], bytes]] = {}
        self.cut: Callable[[bytes], list[bytes]] = lambda reply: [reply]
        self.takes: dict[str, float] = {}  # seconds that a command lasts
        self.pipelined = 0
        self.verdict = "SUCCESS"
        self.reader: asyncio.StreamReader
        self.writer: asyncio.StreamWriter

    async def connect(self) -> FakeAsterisk:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.writer.write(self.opening)
        return self

    async def serve(self) -> str:
        """Answer until the other side closes; AGISTATUS."""
        with contextlib.suppress(ConnectionError):
            while row := await self.reader.readline():
                text = row.decode()[:-1]
                if text.lower().startswith("failure"):
                    self.verdict = "FAILURE"
                    break
                self.commands.append(text)
                for start, seconds in self.takes.items():
                    if text.startswith(start):
                        await asyncio.sleep(seconds)
                early = bytes(self.reader._buffer)  # type: ignore[attr-defined]
                self.pipelined += early not in (b"", b"failure\n")
                await self.say(self._answer(text))
        await self.close()
        return self.verdict

    async def session(self) -> str:
        """A whole session: connect, serve."""
        await self.connect()
        return await self.serve()

    async def say(self, reply: bytes) -> None:
        """Send bytes, cut as the test wants."""
        for piece in self.cut(reply):
            self.writer.write(piece)
            await self.writer.drain()
            if piece is not reply:
                await asyncio.sleep(0)

    async def close(self) -> None:
        self.writer.close()
        with contextlib.suppress(ConnectionError):
            await self.writer.wait_closed()

    def reset(self) -> None:
        """Close with an RST instead of a FIN."""
        endpoint = self.writer.get_extra_info("socket")
        endpoint.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    # --- what it does ---
    def _answer(self, text: str) -> bytes:
        for start, answer in self.answers.items():
            if text.startswith(start):
                return answer if isinstance(answer, bytes) else answer(text)
        match words_of(text):
            case ["SET", "VARIABLE", name, value]:
                self._write(name, value)
                return b"200 result=1\n"
            case ["EXEC", "MSet", pairs]:
                for pair in arguments_of(pairs, ",", 24):
                    name, value = arguments_of(pair, "=", 2)
                    self._write(name, value)
                return b"200 result=0\n"
            case ["EXEC", "StartMusicOnHold", klass]:
                self.music = klass
                return b"200 result=0\n"
            case ["EXEC", "Playtones" | "StopPlayTones" | "Record", *_]:
                return b"200 result=0\n"
            case ["EXEC", "StopMusicOnHold"]:
                self.music = ""
                return b"200 result=0\n"
            case ["GET", "FULL", "VARIABLE", template]:
                value = re.sub(r"\$\{(\w+)\}", lambda m: self.variables.get(m[1], ""), template)
                return f"200 result=1 ({value})\n".encode()
            case ["STREAM", "FILE", prompt, keys]:
                self.played.append(prompt)
                return f"200 result={self._key(keys)} endpos=8000\n".encode()
            case ["CONTROL", "STREAM", "FILE", prompt, "", *_]:
                self.played.append(prompt)
                return b"200 result=0 endpos=8000\n"
            case ["WAIT", "FOR", "DIGIT", _]:
                return f"200 result={self._key('0123456789*#')}\n".encode()
            case ["NOOP" | "ANSWER", *_]:
                return b"200 result=0\n"
        return b"510 Invalid or unknown command\n"

    def _write(self, name: str, value: str) -> None:
        self.variables[name] = value
        self.written.append((name, value))

    def _key(self, keys: str) -> int:
        if not self.pressed:
            return 0
        key = self.pressed.pop(0)
        return ord(key) if key and key in keys else 0
