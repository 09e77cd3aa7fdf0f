"""Bytes to frames, however they are cut; what is too long, or not Asterisk's, is refused."""

from __future__ import annotations

import asyncio

import pytest
from fake_ami import frame
from hypothesis import given
from hypothesis import strategies as st

from pbx import ami_wire
from pbx.ami_wire import AmiFault, Backlog, Frame, Frames, Order, Tampered, ValueRefused, read_frame
from terms.limits import AMI_FRAME_BYTES

GREETING = b"Asterisk Call Manager/11.0.0\r\n"
TEXTS = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=20)


def events(texts: list[str]) -> list[bytes]:
    return [frame({"Event": "X", "Text": text, "More": "é☎"}) for text in texts]


@given(st.lists(TEXTS, max_size=5), st.data())
def test_frames_come_whole_however_they_are_cut(texts: list[str], data: st.DataObject) -> None:
    stream = GREETING + b"".join(events(texts))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=10)))
    frames = Frames()
    found: list[bytes] = []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        found += frames.feed(stream[start:end])
    assert [raw + b"\r\n\r\n" for raw in found] == events(texts)


def test_frames_come_whole_byte_by_byte() -> None:
    stream = GREETING + b"".join(events(["ação", "☎"]))
    frames = Frames()
    found = [raw for at in range(len(stream)) for raw in frames.feed(stream[at : at + 1])]
    assert [read_frame(raw).one("Text") for raw in found] == ["ação", "☎"]
    assert all(read_frame(raw).one("More") == "é☎" for raw in found)


def test_an_unterminated_frame_is_cut_short() -> None:
    frames = Frames()
    frames.feed(GREETING)
    line = b"Event: X\r\n"
    for _ in range(AMI_FRAME_BYTES // len(line)):
        assert frames.feed(line) == []
    with pytest.raises(AmiFault, match="too long"):
        frames.feed(line)


def test_a_long_frame_is_refused_although_it_ends() -> None:
    frames = Frames()
    frames.feed(GREETING)
    with pytest.raises(AmiFault, match="too long"):
        frames.feed(b"Event: " + b"x" * AMI_FRAME_BYTES + b"\r\n\r\n")
    assert Frames().feed(GREETING + b"Event: " + b"x" * 60_000 + b"\r\n\r\n")


@pytest.mark.parametrize(
    "hello", [b"SSH-2.0-x\r\n", b"HTTP/1.1 400\r\n", b"\x16\x03\x01", b"\0" * 99]
)
def test_what_does_not_greet_like_asterisk(hello: bytes) -> None:
    with pytest.raises(AmiFault, match="no Asterisk"):
        Frames().feed(hello)


def test_a_greeting_without_end() -> None:
    with pytest.raises(AmiFault, match="no Asterisk"):
        Frames().feed(GREETING.strip() + b"1" * 10_000)


@pytest.mark.parametrize(
    "raw",
    [
        b"Forged: 1\r\nUniqueid: x",
        b"garbage",
        b"Event: X\r\nResponse: Success",
        b"Event: X\r\nUniqueid: a\r\nUNIQUEID: b",
        b"\xff\xfe",
    ],
)
def test_what_asterisk_does_not_write(raw: bytes) -> None:
    with pytest.raises(Tampered):
        read_frame(raw)


def test_a_header_or_a_variable_that_stands_twice() -> None:
    found = read_frame(
        b"Event: X\r\nUniqueid: a\r\nUniqueid: b\r\nChanVariable: A=1\r\nChanVariable: A=2"
    )
    with pytest.raises(Tampered):
        found.one("Uniqueid")
    with pytest.raises(Tampered):
        found.variables()


@given(st.binary(max_size=300))
def test_garbage_is_a_frame_or_tampering_and_nothing_else(garbage: bytes) -> None:
    for head in (b"", b"Event: ", b"Response: Success\r\n"):
        try:
            assert isinstance(read_frame(head + garbage), Frame)
        except Tampered:
            continue


@given(st.dictionaries(st.sampled_from(["Channel", "Value", "Reason"]), st.text(max_size=40)))
async def test_an_order_is_one_action_or_refused(headers: dict[str, str]) -> None:
    try:
        sent = Order("Setvar", headers).to_bytes().decode()
    except ValueRefused:
        return
    lines = sent.split("\r\n")
    assert lines[-2:] == ["", ""]
    assert len(lines) == len(headers) + 4  # Action, ActionID, and the two that end it
    assert sent.count("\r\n\r\n") == 1


async def test_a_value_that_asterisk_would_cut() -> None:
    with pytest.raises(ValueRefused):
        Order("Setvar", {"Value": "x" * 1_001})


async def test_a_list_ends_with_its_event_and_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ami_wire, "AMI_LIST_ITEMS", 2)
    order = Order("L", ends="LComplete")
    assert not order.add_message(Frame({"Response": "Success"}))
    assert not order.add_message(Frame({"Event": "Item"}))
    assert order.add_message(Frame({"Event": "LComplete", "EventList": "Complete"}))
    assert len(order.future.result()) == 2
    order = Order("L", ends="LComplete")
    for _ in range(3):
        order.add_message(Frame({"Event": "Item"}))
    with pytest.raises(AmiFault, match="too long"):
        order.future.result()
    order = Order("L", ends="LComplete")
    order.add_message(Frame({"Event": "LComplete", "EventList": "cancelled"}))
    with pytest.raises(AmiFault, match="broke off"):
        order.future.result()


async def test_a_backlog_that_overflows_keeps_only_a_look(monkeypatch: pytest.MonkeyPatch) -> None:
    for limit, size in (("AMI_BACKLOG_EVENTS", 10), ("AMI_BACKLOG_BYTES", 50)):
        monkeypatch.setattr(ami_wire, limit, size)
        backlog = Backlog()
        for number in range(11):
            backlog.put_nowait(b"Event" + bytes([number]))
            assert len(backlog) <= 11
        assert (backlog.take()[0], backlog.dropped) in ((Backlog.LOOK, 11), (Backlog.LOOK, 9))
        monkeypatch.undo()


async def test_a_backlog_tells_what_is_older_than_the_look() -> None:
    backlog = Backlog()
    backlog.put_nowait(b"1")
    backlog.ask_look()
    backlog.ask_look()
    backlog.put_nowait(b"2")
    assert await backlog.get() == (b"1", False)
    assert await backlog.get() == (Backlog.LOOK, False)
    backlog.look_begins()
    backlog.put_nowait(b"3")
    assert await backlog.get() == (b"2", True)
    assert await backlog.get() == (b"3", False)
    waiting = asyncio.create_task(backlog.get())
    await asyncio.sleep(0)
    backlog.put_nowait(b"4")
    assert await waiting == (b"4", False)
