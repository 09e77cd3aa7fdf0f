"""Those who watch live: what they are sent, when they lag, and when they must go."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from api_bed import CALLER, Bed, api_bed
from seeded import CPF

from console.audience import Mailbox
from console.ports import Person, Role
from terms import limits
from terms.facts import Fact, Kind
from terms.limits import WATCHER_QUEUE
from terms.names import CallId


@contextlib.contextmanager
def listening(bed: Bed, path: str, role: str = "supervisor") -> Iterator[Iterator[Any]]:
    """The events of a stream as (name, value)."""
    with bed.client(role) as client, client.stream("GET", path) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield _events(answer)


def _events(answer: httpx.Response) -> Iterator[tuple[str, Any]]:
    name = ""
    for line in answer.iter_lines():
        if line.startswith("event: "):
            name = line[7:]
        elif line.startswith("data: "):
            yield name, json.loads(line[6:])


def _facts(events: Iterator[Any], until: str) -> list[dict[str, Any]]:
    found = []
    for name, value in events:
        if name == "fact":
            found.append(value)
            if value["kind"] == until:
                return found
    raise AssertionError(f"the stream ended before {until}")


def test_the_floor_live(bed: Bed) -> None:
    with listening(bed, "/v1/floor/events") as events:
        name, picture = next(events)
        assert (name, picture["callers"]) == ("floor", [])
        call, _ = bed.do(bed.arrive)
        bed.do(bed.queue, call)
        facts = _facts(events, "queued")
        assert [fact["kind"] for fact in facts] == [
            "call_arrived",
            "protocol_given",
            "node_entered",
            "key_pressed",
            "queued",
        ]
        assert "caller" not in facts[0]["details"]
        assert "key" not in facts[3]["details"]
        assert CALLER not in json.dumps(facts)
        shown = next(value for name, value in events if name == "floor" and value["callers"])
        assert [caller["call"] for caller in shown["callers"]] == [call]
        bed.do(bed.end, call, "waiting")
        assert _facts(events, "call_ended")


def test_who_lags_is_given_a_picture_instead(bed: Bed) -> None:
    flood = [
        Fact(1.0, Kind.NODE_ENTERED, CallId(f"n1-flood-{number}"), details={"node": "x"})
        for number in range(WATCHER_QUEUE * 10)
    ]
    with listening(bed, "/v1/floor/events") as events:
        next(events)
        bed.do(bed.keeper.publish, *flood)
        bed.do(bed.keeper.publish, Fact(2.0, Kind.SWITCH_LOST, details={"why": "test"}))
        seen = []
        for name, value in events:
            seen.append(name)
            if name == "fact" and value["kind"] == "switch_lost":
                break
            if name == "floor":
                break
        assert seen[-1] == "floor"
        assert len(seen) <= WATCHER_QUEUE + 1
        bed.do(bed.keeper.publish, Fact(3.0, Kind.SWITCH_LOST, details={"why": "again"}))
        assert any(value.get("details") == {"why": "again"} for _, value in events)


def test_a_mailbox_is_bounded() -> None:
    box = Mailbox(Person("x", Role.AUDITOR), limit=3)
    for letter in (b"1", b"2", b"3"):
        box.put(letter)
    assert box.take() == (b"123", False)
    for letter in (b"1", b"2", b"3", b"4", b"5"):
        box.put(letter)
    assert box.take() == (b"", True)
    box.put(b"6")
    assert box.take() == (b"6", False)


def test_an_agents_screen(bed: Bed) -> None:
    bed.enrol("ana")
    with listening(bed, "/v1/agents/ana/watch", "agent") as events:
        name, screen = next(events)
        assert (name, screen["status"], screen["shown"]) == ("screen", "logged_out", None)
        with bed.client("agent") as ana:
            ana.post("/v1/agents/ana/login")
        assert next(events)[1]["status"] == "available"
        call, protocol = bed.do(bed.arrive)
        waiter = bed.do(bed.queue, call)
        ringing = next(events)[1]
        assert (ringing["state"], ringing["call"]) == ("offered", call)
        told = ringing["shown"]
        assert (told["line"], told["subject"]) == ("156", "outro assunto")
        assert (told["protocol"], told["path"]) == (protocol, "menu:1")
        assert "caller" not in told
        assert (told["language"], told["relay"], told["data"]) == ("pt", False, {})
        bed.do(bed.answer, waiter)
        assert next(events)[1]["state"] == "talking"
        # What becomes known of the call is sent, though no fact of it names the agent …
        bed.do(_subject_is_known, bed, call)
        assert next(events)[1]["shown"]["subject"] == "poda de árvore"
        # … and what happens to others is not.
        bed.do(bed.arrive)
        bed.do(bed.hang_up_agent, waiter)
        assert next(events)[1]["state"] == "wrap_up"
        with bed.client("agent") as ana:
            assert ana.post("/v1/agents/ana/ready").json()["state"] == "idle"
            assert next(events)[1]["state"] == "idle"
            ana.post("/v1/agents/ana/logout")
        bed.do(bed.end, call, "after")


def _subject_is_known(bed: Bed, call: CallId) -> None:
    bed.book.calls[call].note = "poda de árvore"
    details = {"protocol": bed.book.calls[call].protocol, "issuer": "block"}
    bed.keeper.publish(Fact(time.time(), Kind.PROTOCOL_GIVEN, call, details=details))


def test_a_stream_ends_with_its_persons_token(bed: Bed) -> None:
    with bed.client() as admin:
        body = {"name": "iris", "role": "auditor"}
        bed.tokens["iris"] = admin.post("/v1/persons", json=body).json()["token"]
        with listening(bed, "/v1/floor/events", "iris") as events:
            next(events)
            admin.post("/v1/persons/iris/revoke")
            assert all(name in ("fact", "floor") for name, _ in events)  # and it ends


def test_there_is_a_limit_to_those_who_watch(bed: Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.audience.WATCHERS", 1)
    with listening(bed, "/v1/floor/events") as events:
        next(events)
        with bed.client("auditor") as aurora:
            answer = aurora.get("/v1/floor/events")
            assert answer.status_code == 503
    deadline = time.monotonic() + 2.0
    while bed.api.app.state.audience._boxes and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not bed.api.app.state.audience._boxes  # who has gone is forgotten at once


def test_open_streams_do_not_hold_up_the_end(tmp_path: Path) -> None:
    with api_bed(tmp_path, port_base=16520) as bed:
        ended = threading.Event()

        def watch() -> None:
            with listening(bed, "/v1/floor/events") as events:
                for _ in events:
                    started.set()
            ended.set()

        started = threading.Event()
        threading.Thread(target=watch, daemon=True).start()
        assert started.wait(5)
        began = time.monotonic()
        bed.do(bed.api.close)
        assert time.monotonic() - began < limits.HTTP_CLOSE_BUDGET
        assert ended.wait(5)


def test_what_a_caller_typed_is_whole_for_whoever_serves_them(tmp_path: Path) -> None:
    with api_bed(tmp_path, port_base=16540) as bed:
        bed.enrol("ana")
        with bed.client("agent") as ana:
            ana.post("/v1/agents/ana/login")
        call, _ = bed.do(bed.arrive)
        bed.do(bed.book.know, call, {"cpf": CPF, "idioma": "en"})
        bed.do(bed.queue, call)
        for who, seen in (("agent", CPF), ("supervisor", CPF), ("admin", "*******4725")):
            with listening(bed, "/v1/agents/ana/watch", who) as events:
                told = next(events)[1]["shown"]
            assert (told["data"], told["language"]) == ({"cpf": seen}, "en")
        with bed.client("agent") as ana:
            assert CPF not in ana.post("/v1/agents/ana/pause", json={"reason": "x"}).text
