"""AMI on the wire: bytes to frames, frames to headers, and orders that hold only what we meant.

Of panoramisk we keep what is sound: `Message` (a frame's headers) and `Action` (a header block with
an ActionID of its own). Its AMIProtocol and Manager are left aside, for subclassing them would
leave nothing of them: the protocol decodes each TCP chunk by itself (a letter split over two reads
is lost) and has no bound; its table keeps actions whose caller has given up; the manager sends
unanswered actions again after a reconnect, lets a callback's exception close the link, retries a
wrong password every 2 s, and guesses from an answer's wording whether more will follow (`Added
interface to queue` makes it wait for ever). So framing, ends and deadlines are ours: here and in
ami_session.py.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Mapping

from panoramisk.actions import Action
from panoramisk.message import Message

from terms.limits import (
    AMI_BACKLOG_BYTES,
    AMI_BACKLOG_EVENTS,
    AMI_FRAME_BYTES,
    AMI_LINE_BYTES,
    AMI_LIST_ITEMS,
)

GREETING = b"Asterisk Call Manager/"
_GREETING_BYTES = 128
_END = b"\r\n\r\n"
PACKETS_COUNTED = "CHANNEL(rtcp,rxcount)"
"""How many packets of sound have come on a channel: the only function with a comma that is read."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class AmiFault(Exception):
    """Something of the link to the switch failed; the kinds below say what."""


class LinkDown(AmiFault):
    """There is no link, or it broke before the answer: nobody knows whether the order was done."""


class ActionLate(AmiFault):
    """The switch did not answer in time: nobody knows whether the order was done."""


class ActionRefused(AmiFault):
    """The switch answered no; the text is its own."""


class PasswordRefused(AmiFault):
    """The switch does not let this user in."""


class Tampered(AmiFault):
    """A frame that Asterisk does not write by itself: somebody else's text is in it."""


class ValueRefused(ValueError):
    """A value that could hold more than itself: a line's end, a control character, too long."""


class Frames:
    """Cuts the stream into frames, in bytes: a letter may be split over any number of reads."""

    def __init__(self) -> None:
        self.greeted = False
        self._rest = bytearray()
        self._looked = 0  # how far the rest has been searched for an end

    def feed(self, data: bytes) -> list[bytes]:
        """The frames that `data` completes. Raises AmiFault: not an AMI, or a frame without end."""
        self._rest += data
        if not self.greeted and not self._greet():
            return []
        frames: list[bytes] = []
        start, look = 0, self._looked
        while (end := self._rest.find(_END, look)) >= 0:
            if end - start > AMI_FRAME_BYTES:
                raise AmiFault("a frame is too long")
            frame = bytes(self._rest[start:end]).lstrip(b"\r\n")
            if frame:
                frames.append(frame)
            start = look = end + len(_END)
        del self._rest[:start]
        if len(self._rest) > AMI_FRAME_BYTES:
            raise AmiFault("a frame is too long")
        self._looked = max(0, len(self._rest) - len(_END) + 1)
        return frames

    def _greet(self) -> bool:
        """The first line alone is not a frame."""
        end = self._rest.find(b"\r\n")
        if not self._rest.startswith(GREETING[: len(self._rest)]) or (
            max(end, len(self._rest) if end < 0 else 0) > _GREETING_BYTES
        ):
            raise AmiFault("this is no Asterisk")
        if end < 0:
            return False
        del self._rest[: end + 2]
        self.greeted = True
        return True


class Frame(Message):  # type: ignore[misc]
    """A frame's headers. `one` reads what stands once; what stands twice was put there."""

    def __init__(self, headers: Mapping[str, str | list[str]], content: str = "") -> None:
        super().__init__(headers, content)
        # One more, for panoramisk puts the body (we never ask for one) among the headers.
        if len(self) != len(headers) + 1:  # the same header in two spellings
            raise Tampered("a header stands twice")

    def one(self, header: str) -> str:
        """The header's value, '' when it is not there. Raises Tampered if it stands twice."""
        found = self.get(header, "")
        if not isinstance(found, str):
            raise Tampered(f"{header} stands twice")
        return found

    def variables(self, header: str = "ChanVariable") -> dict[str, str]:
        """The channel's variables that manager.conf lists (channelvars)."""
        found = self.get(header, [])
        pairs = [found] if isinstance(found, str) else found
        variables = {}
        for pair in pairs:
            name, _, value = pair.partition("=")
            if name in variables:
                raise Tampered(f"the variable {name} stands twice")
            variables[name] = value
        return variables


def read_frame(raw: bytes) -> Frame:
    """A frame's headers. Raises Tampered when it is neither an event nor an answer."""
    if not raw.startswith((b"Event: ", b"Response: ")):
        raise Tampered("a frame is neither an event nor an answer")
    found = Frame.from_line(raw.decode("utf-8", errors="replace"))
    if not isinstance(found, Frame) or ("Event" in found and "Response" in found):
        raise Tampered("a frame is neither an event nor an answer")
    return found


def event_name(raw: bytes) -> bytes:
    """The name of the event, b'' when the frame is none. Costs next to nothing."""
    return raw[7 : raw.find(b"\r\n")] if raw.startswith(b"Event: ") else b""


class Order(Action):  # type: ignore[misc]
    """One action of ours. It ends with its answer, or, for a list, with the event named `ends`."""

    def __init__(
        self, action: str, headers: Mapping[str, str | list[str]] | None = None, ends: str = ""
    ) -> None:
        super().__init__({"Action": action, **(headers or {})}, as_list=bool(ends))
        self.ends = ends
        for header, value in self.items():
            for part in [value] if isinstance(value, str) else value:
                _refuse_more_than_itself(header, part)

    def to_bytes(self) -> bytes:
        """What goes over the wire: one header a line, a variable each on its own."""
        return str(self).encode()

    def add_message(self, message: Frame) -> bool:
        """Take an answer or an event of a list; whether that was the last of it."""
        if self.future.done():
            return True
        if "Response" in message:
            if message.one("Response") != "Success":
                self.fail(ActionRefused(message.one("Message")))
            elif not self.ends:
                self.future.set_result([message])
        elif message.one("Event") == self.ends:
            if message.one("EventList") != "Complete":
                self.fail(AmiFault("the switch broke off a list"))
            else:
                self.future.set_result([*self.responses, message])
        elif len(self.responses) >= AMI_LIST_ITEMS:
            self.fail(AmiFault("a list is too long"))
        else:
            self.responses.append(message)
        return bool(self.future.done())

    def fail(self, fault: AmiFault) -> None:
        """End it without an answer."""
        if not self.future.done():
            self.future.set_exception(fault)


def _refuse_more_than_itself(header: str, value: str) -> None:
    if _CONTROL.search(value) or _CONTROL.search(header) or ":" in header:
        raise ValueRefused(f"{header}: a line's end or a control character")
    if header == "Variable" and "," in value and value != PACKETS_COUNTED:
        raise ValueRefused("Variable: a comma would begin another variable")
    if len(header.encode()) + len(value.encode()) > AMI_LINE_BYTES:
        raise ValueRefused(f"{header}: too long")


class Backlog:
    """Events that wait for the one consumer, in the switch's order; bounded in number and size.

    A look at the switch takes its place in the same order (`ask_look`). When events come faster
    than they are heard they are all dropped and a look is asked instead: it tells what they told.
    """

    LOOK = b""

    def __init__(self) -> None:
        self.dropped = 0
        self._waiting: deque[bytes] = deque()
        self._bytes = 0
        self._put = 0
        self._taken = 0
        self._old_until = 0
        self._look_asked = False
        self._something = asyncio.Event()

    def __len__(self) -> int:
        return len(self._waiting)

    def put_nowait(self, frame: bytes) -> None:
        """Append an event."""
        if len(self) >= AMI_BACKLOG_EVENTS or self._bytes + len(frame) > AMI_BACKLOG_BYTES:
            self.dropped += len(self) + 1 - self._look_asked
            self.clear()
            self.ask_look()
            return
        self._append(frame)

    def ask_look(self) -> None:
        """A look when all before it are heard; one that is asked already is enough."""
        if not self._look_asked:
            self._look_asked = True
            self._append(self.LOOK)

    def look_begins(self) -> None:
        """The look tells what a phone did in all events that are here by now."""
        self._old_until = self._put

    async def get(self) -> tuple[bytes, bool]:
        """The next event or LOOK, and whether it is older than the last look. Waits."""
        while not self._waiting:
            self._something.clear()
            await self._something.wait()
        return self.take()

    def take(self) -> tuple[bytes, bool]:
        """Like `get`; IndexError when nothing waits."""
        frame = self._waiting.popleft()
        self._bytes -= len(frame)
        self._taken += 1
        self._look_asked = self._look_asked and frame != self.LOOK
        return frame, self._taken <= self._old_until

    def clear(self) -> None:
        """Forget all that waits."""
        self._waiting.clear()
        self._bytes = 0
        self._taken = self._put
        self._look_asked = False

    def _append(self, frame: bytes) -> None:
        self._waiting.append(frame)
        self._bytes += len(frame)
        self._put += 1
        self._something.set()
