"""Calls that the switch served alone: from the rescue script's spool to their right end."""

from __future__ import annotations

import itertools
import json
import wave
from pathlib import Path
from typing import Any

import httpx
import pytest
from api_bed import CALLER, Bed

from central156.plugs import StoreSpool, open_calls_of
from protocol_store import StoreFailing
from terms import limits
from terms.names import AgentName, CallId
from terms.protocol_number import RESCUE_FIRST, protocol_of
from terms.signals import CallEnded, LastWords, SeenCall, SwitchSeen

numbers = itertools.count()


@pytest.fixture(autouse=True)
def _a_quick_diary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("callflow.mend.DIARY_WAIT", 0.01)


def spool_of(bed: Bed) -> Path:
    return bed.settings.rescue_dir / "spool"


def numbered(bed: Bed, line: str = "156") -> CallId:
    """A call that the script has numbered."""
    count = next(numbers)
    call = CallId(f"n1-s-{count}.1")
    record = {
        "kind": "number",
        "call": call,
        "line": line,
        "entry": line,
        "caller": CALLER,
        "test": False,
        "protocol": protocol_of(RESCUE_FIRST + count),
        "at": bed.centre.now() - 60.0,
    }
    (spool_of(bed) / f"{call}.number.json").write_text(json.dumps(record))
    return call


def leaves_message(bed: Bed, call: CallId, seconds: float) -> Path:
    """The script notes a message; the switch records this much of it."""
    file = bed.settings.recordings_dir / f"{call}-recado.wav"
    record = {"kind": "message", "call": call, "line": "156", "file": str(file)}
    record |= {"at": bed.centre.now() - 30.0}  # type: ignore[dict-item]
    (spool_of(bed) / f"{call}.message.json").write_text(json.dumps(record))
    if seconds:
        with wave.open(str(file), "wb") as sound:
            sound.setparams((1, 2, 8_000, 0, "NONE", ""))
            sound.writeframes(bytes(int(16_000 * seconds)))
    return file


async def look(bed: Bed, *up: CallId) -> None:
    """The switch is looked at; these calls are up."""
    at = bed.centre.now()
    calls = tuple(SeenCall(call, "156", "static", "", f"PJSIP/{call}", at - 60) for call in up)
    bed.ear.hear(SwitchSeen(at, "boot", calls))
    await bed.mender.settled()
    await bed.store.settled()


def diary_says(bed: Bed, call: CallId, answered: float | None = None) -> None:
    ended = bed.centre.now() - 1.0
    since = None if answered is None else ended - answered
    agent = None if answered is None else AgentName("ana")
    bed.diary.words[call] = LastWords(ended, since, agent, answered or 0.0)


def story(bed: Bed, call: CallId) -> dict[str, Any]:
    with bed.client() as client:
        found: dict[str, Any] = client.get(f"/v1/calls/{call}").json()
    return found


def test_a_call_that_is_still_up_goes_on(bed: Bed) -> None:
    call = numbered(bed)
    bed.do(look, bed, call)
    bed.do(look, bed, call)
    found = story(bed, call)
    assert found["call"]["ended_at"] is None
    assert found["call"]["static"]
    assert found["call"]["protocol"] == found["protocols"][0]["protocol"]
    assert not list(spool_of(bed).iterdir())
    # Its end is seen like any other's.
    diary_says(bed, call)
    bed.do(bed.mender.call_ended, CallEnded(call, bed.centre.now(), "static"))
    bed.do(look, bed)
    assert story(bed, call)["call"]["outcome"] == "abandoned"


@pytest.mark.parametrize(
    ("answered", "message", "outcome", "tasks"),
    [
        (None, None, "abandoned", 0),
        (20.0, None, "served", 0),
        (None, 4.0, "message_left", 1),
        (None, 0.0, "abandoned", 1),  # hung up at the tone: nothing to hear, but a wish
    ],
)
def test_a_call_that_is_over_ends_as_what_it_was(
    bed: Bed, answered: float | None, message: float | None, outcome: str, tasks: int
) -> None:
    call = numbered(bed)
    if message is not None:
        leaves_message(bed, call, message)
    diary_says(bed, call, answered)
    bed.do(look, bed)
    found = story(bed, call)
    assert found["call"]["outcome"] == outcome
    assert found["call"]["ended_at"] == pytest.approx(bed.diary.words[call].ended, abs=0.001)
    assert found["call"]["talk_seconds"] == answered
    assert len(found["tasks"]) == tasks
    assert [fact["kind"] for fact in found["facts"]].count("call_ended") == 1


def test_a_call_that_the_switch_died_under_was_interrupted(bed: Bed) -> None:
    call = numbered(bed)
    bed.do(look, bed, call)
    bed.do(look, bed)  # not there any more, and the diary is silent
    found = story(bed, call)
    assert (found["call"]["outcome"], found["call"]["blame"]) == ("interrupted", "us")
    assert [task["kind"] for task in found["tasks"]] == ["call_back"]


def test_an_end_that_was_seen_is_no_interruption(bed: Bed) -> None:
    call = numbered(bed)
    bed.do(bed.mender.call_ended, CallEnded(call, bed.centre.now(), "static"))
    bed.do(look, bed)
    assert story(bed, call)["call"]["outcome"] == "abandoned"


def test_a_record_that_comes_again_changes_nothing(bed: Bed) -> None:
    call = numbered(bed)
    again = (spool_of(bed) / f"{call}.number.json").read_text()
    diary_says(bed, call)
    bed.do(look, bed)
    before = story(bed, call)
    (spool_of(bed) / f"{call}.number.json").write_text(again)
    bed.do(look, bed)
    assert story(bed, call) == before
    assert not list(spool_of(bed).iterdir())
    assert call not in bed.book.calls


def test_a_new_start_knows_them_again(bed: Bed) -> None:
    call = numbered(bed)
    file = leaves_message(bed, call, 1.0)
    bed.do(look, bed, call)
    found = {entry.call: entry for entry in bed.do(open_calls_of, bed.store)}
    assert found[call].static
    assert found[call].message == str(file)
    assert found[call].caller == CALLER
    bed.do(look, bed)


def test_those_who_watch_are_told_once(bed: Bed) -> None:
    def arrived() -> float:
        text = httpx.get(f"{bed.settings.api_url}/metrics", trust_env=False).text
        name = 'central156_calls_arrived_total{line="153"} '
        return next((float(x[len(name) :]) for x in text.splitlines() if x.startswith(name)), 0.0)

    before = arrived()
    call = numbered(bed, "153")
    diary_says(bed, call)
    bed.do(look, bed)
    bed.do(look, bed)
    assert arrived() == before + 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"kind": "number"}',
        b'{"kind": "party", "call": "n1-x-1.1", "line": "156", "at": 1.0}',
        b" " * (limits.RESCUE_RECORD_BYTES + 1),
        b"[" * limits.RESCUE_RECORD_BYTES,
    ],
)
def test_a_broken_record_is_put_aside_and_holds_nobody_up(bed: Bed, content: bytes) -> None:
    (spool_of(bed) / "a.number.json").write_bytes(content)
    (spool_of(bed) / "b.number.json.new").write_bytes(content)  # the script is still at it
    call = numbered(bed)
    bed.do(look, bed, call)
    assert [file.name for file in spool_of(bed).iterdir()] == ["b.number.json.new"]
    assert (bed.settings.rescue_dir / "broken" / "a.number.json").read_bytes() == content
    assert story(bed, call)["call"]["static"]
    bed.do(look, bed)


def test_one_pass_takes_no_more_than_its_limit(bed: Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("central156.plugs.RESCUE_RECORDS_AT_ONCE", 5)
    calls = [numbered(bed) for _ in range(8)]
    spool = StoreSpool(bed.store, spool_of(bed))
    first = bed.do(spool.take_in)
    second = bed.do(spool.take_in)
    assert [len(first), len(second)] == [5, 3]
    assert {entry.call for entry in (*first, *second)} == set(calls)
    bed.do(look, bed)


def test_while_the_store_fails_the_records_wait(bed: Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    call = numbered(bed)

    async def failing(_record: Any) -> None:
        raise StoreFailing("o banco de dados recusou")

    with monkeypatch.context() as broken:
        broken.setattr(bed.store, "take_in", failing)
        bed.do(look, bed, call)
        assert (spool_of(bed) / f"{call}.number.json").exists()
    bed.do(look, bed, call)
    assert story(bed, call)["call"]["static"]
    assert not (spool_of(bed) / f"{call}.number.json").exists()
    bed.do(look, bed)
