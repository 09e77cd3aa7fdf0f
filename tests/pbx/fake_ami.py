"""An Asterisk with memory, as far as AMI is concerned: users, channels, phones, queues, globals.

It answers as Asterisk 22.10.1 was seen to answer. What a test wants out of the ordinary it says
with `silent`, `mute`, `cut_lists` or `raw`. Everything that it was told stands in `received`.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Iterator, Mapping

from pbx.ami_link import AmiLink
from terms.signals import Signal, SwitchSeen

EVENTS, ACTIONS = ("c156-events", "eeeeeeee"), ("c156-actions", "aaaaaaaa")
NOW = 1_795_000_000.0
Headers = Mapping[str, str | list[str]]


def frame(headers: Headers) -> bytes:
    """A frame as Asterisk writes it."""
    lines = [
        f"{name}: {part}"
        for name, value in headers.items()
        for part in ([value] if isinstance(value, str) else value)
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def citizen(call: str, stage: str, line: str = "156", place: str = "", dialed: str = "") -> Headers:
    """The headers of a citizen's own channel."""
    return {
        "Channel": f"PJSIP/C156-trunk-{call[-2:]}",
        "Uniqueid": call,
        "Linkedid": call,
        "ChanVariable": [
            f"C156_CALL={call}",
            f"C156_LINE={line}",
            f"C156_STAGE={stage}",
            f"C156_PLACE={place}",
            f"DIALSTATUS={dialed}",
        ],
    }


class FakeAmi:
    """One such Asterisk on a free port of loopback; `start` and `stop` it, or use `async with`."""

    def __init__(self) -> None:
        self.secrets = dict((EVENTS, ACTIONS))
        self.boot = "n1-boot1"
        self.channels: dict[str, Headers] = {}
        self.devices: dict[str, str] = {}
        self.queued: dict[tuple[str, str], bool] = {}  # (queue, interface) → paused
        self.globals: dict[str, str] = {}
        self.booted = True
        self.silent = False  # reads, and says nothing at all
        self.mute: set[str] = set()  # actions that get no answer
        self.cut_lists: dict[str, int] = {}  # list → items after which the connection is reset
        self.forget_items = 0  # a list says that it has this many more items than it has
        self.received: list[dict[str, str]] = []
        self.connections = 0
        self.port = 0
        self._writers: dict[asyncio.StreamWriter, bool] = {}  # → hears events
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> FakeAmi:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen, on the same port as before if there was one."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Be gone: all connections reset, the port closed."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self.reset()
        await asyncio.sleep(0)

    def reset(self) -> None:
        """Reset all connections."""
        for writer in tuple(self._writers):
            _reset(writer)
        self._writers.clear()

    def event(self, name: str, headers: Headers | None = None) -> None:
        """An event, to whoever hears events."""
        stamp = {"Privilege": "call,all", "Timestamp": f"{NOW:.6f}", "SystemName": self.boot}
        self.raw(frame({"Event": name, **stamp, **(headers or {})}))

    def phone(self, agent: str, state: str) -> None:
        """A phone changes what it does, and that is an event."""
        self.devices[f"PJSIP/{agent}"] = state
        self.event("DeviceStateChange", {"Device": f"PJSIP/{agent}", "State": state})

    def raw(self, data: bytes) -> None:
        """These bytes, to whoever hears events."""
        for writer, hears in self._writers.items():
            if hears and not self.silent:
                writer.write(data)

    def told(self, action: str) -> list[dict[str, str]]:
        """The actions of that name that came, in order."""
        return [each for each in self.received if each.get("Action", "").lower() == action.lower()]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers[writer] = False
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            writer.write(b"Asterisk Call Manager/11.0.0\r\n")
            while True:
                block = (await reader.readuntil(b"\r\n\r\n")).decode()
                told = dict(line.split(": ", 1) for line in block.split("\r\n") if ": " in line)
                self.received.append(told)
                if not self.silent and told["Action"] not in self.mute:
                    self._do(told, writer)
        self._writers.pop(writer, None)
        writer.close()

    def _do(self, told: dict[str, str], writer: asyncio.StreamWriter) -> None:
        name = {"ActionID": told["ActionID"]} if "ActionID" in told else {}

        def answer(message: str, ok: bool = True, more: Headers | None = None) -> None:
            head = {"Response": "Success" if ok else "Error", **name, **(more or {})}
            writer.write(frame({**head, "Message": message}))

        match told["Action"]:
            case "Login":
                if self.secrets.get(told["Username"]) != told["Secret"]:
                    answer("Authentication failed", ok=False)
                    writer.close()
                    return
                answer("Authentication accepted")
                self._writers[writer] = told.get("Events") == "on"
                if self.booted and self._writers[writer]:
                    writer.write(frame({"Event": "FullyBooted", "Status": "Fully Booted"}))
            case "Ping":
                writer.write(frame({"Response": "Success", **name, "Ping": "Pong"}))
            case "CoreSettings":
                writer.write(frame({"Response": "Success", **name, "SystemName": self.boot}))
            case "Setvar" if "Variable" not in told:
                answer("No variable specified", ok=False)
            case "Setvar":
                self.globals[told["Variable"]] = told["Value"]
                answer("Variable Set")
            case "QueueAdd" | "QueueRemove" | "QueuePause":
                answer(*self._queue(told))
            case "Hangup" | "ControlPlayback":
                known = told["Channel"] in {each["Channel"] for each in self.channels.values()}
                answer("Done" if known else "No such channel", ok=known)
            case "CoreShowChannels" | "DeviceStateList" | "QueueStatus" as which:
                self._list(which, name, writer)
            case other:
                answer(f"Invalid/unknown command: {other}.", ok=False)

    def _queue(self, told: dict[str, str]) -> tuple[str, bool]:
        entry = (told.get("Queue", ""), told["Interface"])
        there = entry in self.queued
        if told["Action"] == "QueueAdd":
            self.queued.setdefault(entry, False)
            said = "Unable to add interface: Already there" if there else "Added interface to queue"
            return said, not there
        if told["Action"] == "QueueRemove":
            self.queued.pop(entry, None)
            gone = "Unable to remove interface: Not there"
            return "Removed interface from queue" if there else gone, there
        mine = [each for each in self.queued if each[1] == told["Interface"]]
        for each in mine:
            self.queued[each] = told["Paused"] == "true"
        return "Interface paused successfully" if mine else "Interface not found", bool(mine)

    def _items(self, which: str) -> Iterator[Headers]:
        if which == "CoreShowChannels":
            for channel in self.channels.values():
                yield {"Event": "CoreShowChannel", **channel, "Duration": "00:00:07"}
        elif which == "DeviceStateList":
            for device, state in self.devices.items():
                yield {"Event": "DeviceStateChange", "Device": device, "State": state}
        else:
            for (queue, interface), paused in self.queued.items():
                yield {"Event": "QueueParams", "Queue": queue}
                head = {"Event": "QueueMember", "Queue": queue, "Location": interface}
                yield {**head, "Paused": "1" if paused else "0"}

    def _list(self, which: str, name: Headers, writer: asyncio.StreamWriter) -> None:
        head = {"Response": "Success", **name, "EventList": "start", "Message": "will follow"}
        items = [frame({**item, **name}) for item in self._items(which)]
        cut = self.cut_lists.pop(which, None)
        writer.write(frame(head) + b"".join(items[:cut]))
        if cut is not None:
            asyncio.get_running_loop().call_later(0.05, self.reset)
            return
        count = str(len(items) + self.forget_items)
        end = {"Event": f"{which}Complete", **name, "EventList": "Complete"}
        writer.write(frame({**end, "ListItems": count}))


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with a RST, as a switch that dies does."""
    held = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


class Listener:
    """Runs a link to a fake (or a real) Asterisk and remembers all that it heard."""

    def __init__(self, link: AmiLink) -> None:
        self.link = link
        self.heard: list[Signal] = []
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Listener:
        self._task = asyncio.create_task(self.link.run(self.hear))
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    def hear(self, signal: Signal) -> None:
        self.heard.append(signal)
        self._news.set()

    def of(self, *kinds: type) -> list[Signal]:
        """What was heard of these kinds, in order."""
        return [each for each in self.heard if isinstance(each, kinds)]

    async def until(self, kind: type, count: int = 1, seconds: float = 5.0) -> Signal:
        """Wait until `count` signals of this kind were heard; the last of them."""
        async with asyncio.timeout(seconds):
            while len(self.of(kind)) < count:
                self._news.clear()
                await self._news.wait()
        return self.of(kind)[count - 1]

    async def up(self) -> Listener:
        """Wait for the first look."""
        await self.until(SwitchSeen)
        return self


def link_to(port: int, actions: tuple[str, str] = ACTIONS) -> AmiLink:
    """A link whose clock stands still."""
    return AmiLink("127.0.0.1", port, EVENTS, actions, lambda: NOW + 1)
