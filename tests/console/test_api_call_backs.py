"""Call-backs and tasks over HTTP: who sees, cancels, marks and closes, and what is kept of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from api_bed import CALLER, Bed

from acd.promises import How, Promise
from callflow.call_back import CallBacks
from callflow.dial_out import DialOut, OutCaps
from central156.call_back_acts import CallBackActs
from terms.facts import Fact, Kind
from terms.names import CallId, QueueName
from terms.names import Protocol as ProtocolNumber

NOWHERE: Any = None  # nothing goes out of this bed


@pytest.fixture
def backs(bed: Bed) -> Iterator[CallBacks]:
    out = DialOut(NOWHERE, bed.keeper.clock, OutCaps(trunk=True))
    made = CallBacks(bed.keeper, bed.store.promises, bed.book, out)
    before, bed.centre.call_backs = bed.centre.call_backs, CallBackActs(bed.store, bed.keeper, made)
    yield made
    bed.centre.call_backs = before


def _promise(bed: Bed, backs: CallBacks) -> str:
    call, protocol = bed.do(bed.arrive)
    now = bed.do(bed.keeper.clock)
    made = Promise(
        *(CallId(call), How.KEY, "156", QueueName("p156_geral"), 30, now, now + 600.0, CALLER),
        ProtocolNumber(protocol),
    )
    assert bed.do(backs.keep, made)
    return str(call)


def test_supervisors_see_and_cancel_promises(bed: Bed, backs: CallBacks) -> None:
    call = _promise(bed, backs)
    with bed.client("admin") as admin:
        (one,) = admin.get("/v1/call-backs").json()["call_backs"]
        assert (one["call"], one["queue"], one["tries"]) == (call, "p156_geral", 0)
        assert one["caller"] != CALLER  # masked for whoever needs no numbers
    with bed.client("agent") as ana:
        assert ana.post(f"/v1/call-backs/{call}/cancel").status_code == 403
    with bed.client("supervisor") as sofia:
        assert sofia.post(f"/v1/call-backs/{call}/cancel").status_code == 200
        assert sofia.post(f"/v1/call-backs/{call}/cancel").status_code == 404
    assert bed.do(bed.store.settled)
    assert bed.do(bed.store.promises.open) == []
    assert CallId(call) not in bed.keeper.floor.callers
    bed.do(bed.end, call, "waiting")


def test_a_marked_number_is_left_to_a_supervisor(bed: Bed, backs: CallBacks) -> None:
    call = _promise(bed, backs)
    path, mark = f"/v1/calls/{call}/no-call-back", {"because": "nao_pode_falar"}
    with bed.client("agent") as ana:
        assert ana.post(path, json=mark).status_code == 404  # not a call of hers
    with bed.client("supervisor") as sofia:
        assert sofia.post(path, json=mark).json()["on"] is True
        assert sofia.post("/v1/calls/n1-x-9.9/no-call-back", json=mark).status_code == 404
        assert sofia.post(path, json={"because": "porque sim"}).status_code == 422
    assert not backs.may_promise(CALLER)
    assert backs.open == {}
    with bed.client("supervisor") as sofia:
        assert sofia.post(path, json=mark | {"on": False}).status_code == 200
    assert backs.may_promise(CALLER)
    bed.do(bed.end, call, "waiting")


def test_a_task_is_closed_once_by_whoever_did_it(bed: Bed, backs: CallBacks) -> None:
    call, _ = bed.do(bed.arrive)
    details = {"task": "call_back", "due": 1.0, "because": "interrupted", "line": "156"}
    bed.do(bed.keeper.record, Fact(1.0, Kind.TASK_OPENED, call, details=details))
    bed.do(bed.store.settled)
    with bed.client("supervisor") as sofia:
        (task,) = [one for one in sofia.get("/v1/tasks").json()["tasks"] if one["call"] == call]
        path = f"/v1/tasks/{task['task']}/close"
        assert sofia.post(path, json={"how": ""}).status_code == 422
        assert sofia.post(path, json={"how": "falei com ela"}).json()["closed"] is True
        assert sofia.post(path, json={"how": "de novo"}).status_code == 409
        assert sofia.post("/v1/tasks/999999/close", json={"how": "x"}).status_code == 404
        every = sofia.get("/v1/tasks", params={"open": False}).json()["tasks"]
        (done,) = [one for one in every if one["call"] == call]
        assert (done["result"], done["done_by"]) == ("falei com ela", "sofia")
    bed.do(bed.end, call, "menu")
