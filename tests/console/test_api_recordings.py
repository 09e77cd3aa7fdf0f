"""Recordings over HTTP: found, heard only by persons with a reason, and what is kept of it."""

from __future__ import annotations

import io
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from api_bed import CALLER, Bed, api_bed

from callflow.book import OpenCall
from protocol_store import StoreOverdue
from terms.facts import Fact, Kind
from terms.names import AgentName, CallId

RATE, SECONDS = 8_000, 10
REASON = "reclamação 2026-17"
BYTES = 44 + RATE * SECONDS * 2


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bed]:
    with api_bed(tmp_path_factory.mktemp("recorded"), port_base=23200) as running:
        running.enrol("ana")
        running.do(running.desk.log_in, AgentName("ana"), "ana")
        yield running


@dataclass(frozen=True)
class Recorded:
    """A call that was served and recorded."""

    call: CallId
    protocol: str
    plain: Path
    sound: bytes

    @property
    def path(self) -> str:
        return f"/v1/recordings/{self.call}"


def record(bed: Bed) -> Recorded:
    """A served call, its file as the switch leaves it, checked but not sealed."""
    call, protocol = bed.served_call("ana")
    bed.do(bed.centre.end_wrap_up, AgentName("ana"), "ana")
    at = np.arange(RATE * SECONDS) / RATE
    tone = (8_000 * np.sin(2 * np.pi * 440 * at)).astype("<i2").tobytes()
    plain = bed.keeping.sealing.files.message_file(call, bed.centre.now(), 1)
    plain = plain.with_name(f"{call}.wav")
    plain.parent.mkdir(exist_ok=True)
    with wave.open(str(plain), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(tone)
    entry = OpenCall(call, "156", bed.centre.now(), CALLER)
    bed.keeping.check.recording = True
    bed.do(bed.keeping.check.look, entry, bed.centre.now())
    bed.do(bed.store.settled)
    return Recorded(call, protocol, plain, plain.read_bytes())


def seal(bed: Bed, recorded: Recorded) -> Path:
    """Seal it, as the control process does right after the check; the sealed file."""
    bed.do(bed.keeping.sealing.seal_call, recorded.call)
    (sealed,) = bed.keeping.sealing.shelf.online.rglob(f"{recorded.call}.c156")
    return sealed


@pytest.fixture(scope="module")
def sealed(bed: Bed) -> Recorded:
    recorded = record(bed)
    seal(bed, recorded)
    return recorded


def listened(bed: Bed, call: str) -> list[dict[str, Any]]:
    """The facts that tell who heard a call's recording."""
    bed.do(bed.store.settled)
    story = bed.do(bed.store.story, call)
    return [
        {**fact.details, "by": fact.by} for fact in story.facts if fact.kind == "recording_heard"
    ]


def test_it_is_sealed_and_the_plain_file_is_gone(bed: Bed, sealed: Recorded) -> None:
    assert not sealed.plain.exists()
    (file,) = bed.keeping.sealing.shelf.online.rglob(f"{sealed.call}.c156")
    content = file.read_bytes()
    assert b"RIFF" not in content
    assert sealed.sound[1000:1040] not in content
    row = bed.do(bed.store.recordings.key, sealed.call)
    assert (row.bytes, row.seconds, row.retention_class) == (BYTES, SECONDS, "atendimento")
    database = bed.settings.state_dir / "store.sqlite"
    secret = (bed.settings.secrets_dir / "recordings_master").read_text().split()[1]
    written = database.read_bytes() + Path(f"{database}-wal").read_bytes()
    assert secret.encode() not in written


@pytest.mark.parametrize("role", ["supervisor", "auditor"])
def test_a_person_with_a_reason_hears_it_and_that_is_kept(
    bed: Bed, sealed: Recorded, role: str
) -> None:
    before = len(listened(bed, sealed.call))
    with bed.client(role) as client:
        answer = client.get(f"{sealed.path}/sound", params={"reason": REASON})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "audio/wav")
    assert answer.content == sealed.sound
    name = {"supervisor": "sofia", "auditor": "aurora"}[role]
    (heard,) = listened(bed, sealed.call)[before:]
    assert heard == {
        "recording": sealed.call,
        "format": "wav",
        "reason": REASON,
        "from": 0,
        "by": name,
    }


@pytest.mark.parametrize(
    ("role", "status", "words"),
    [
        ("agent", 403, "não pode"),
        ("admin", 403, "não pode"),
        ("local", 403, "não é de ninguém"),
        ("", 401, "token"),
    ],
)
def test_nobody_else_hears_or_finds_it(
    bed: Bed, sealed: Recorded, role: str, status: int, words: str
) -> None:
    before = listened(bed, sealed.call)
    with bed.client(role) as client:
        for path in (f"{sealed.path}/sound?reason={REASON}", sealed.path, "/v1/recordings"):
            answer = client.get(path)
            assert (answer.status_code, words in answer.json()["erro"]) == (status, True), path
    assert listened(bed, sealed.call) == before


@pytest.mark.parametrize("query", ["", "reason=", "reason=ab", "reason=a%00bc"])
def test_nothing_is_heard_without_a_reason(bed: Bed, sealed: Recorded, query: str) -> None:
    with bed.client("auditor") as client:
        answer = client.get(f"{sealed.path}/sound?{query}")
    assert answer.status_code == 422
    assert "RIFF" not in answer.text


def test_without_the_store_no_byte_is_heard(
    bed: Bed, sealed: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The audit fact comes before the first byte, so where it cannot be kept nothing is heard."""

    async def away(*_facts: Fact) -> None:
        raise StoreOverdue("o banco de dados não respondeu a tempo")

    monkeypatch.setattr(bed.store.recordings, "remember", away)
    with bed.client("auditor") as client:
        answer = client.get(f"{sealed.path}/sound", params={"reason": REASON})
    assert answer.status_code == 503
    assert sealed.sound[:40] not in answer.content


@pytest.mark.parametrize(
    ("wanted", "start", "stop"),
    [
        ("bytes=0-99", 0, 100),
        ("bytes=70000-140000", 70_000, 140_001),
        ("bytes=-10", BYTES - 10, BYTES),
        (f"bytes={BYTES - 1}-{BYTES + 50}", BYTES - 1, BYTES),
        ("bytes=65535-", 65_535, BYTES),
    ],
)
def test_a_part_is_a_part(bed: Bed, sealed: Recorded, wanted: str, start: int, stop: int) -> None:
    with bed.client("auditor") as client:
        answer = client.get(
            f"{sealed.path}/sound", params={"reason": "partes"}, headers={"Range": wanted}
        )
    assert answer.status_code == 206
    assert answer.content == sealed.sound[start:stop]
    assert answer.headers["content-range"] == f"bytes {start}-{stop - 1}/{BYTES}"


@pytest.mark.parametrize(
    "wanted", ["bytes=9-3", "items=0-1", "bytes=a-b", "bytes=0-1,5-6", "x", f"bytes=0-{'9' * 5000}"]
)
def test_what_is_no_single_range_is_the_whole(bed: Bed, sealed: Recorded, wanted: str) -> None:
    with bed.client("auditor") as client:
        answer = client.get(
            f"{sealed.path}/sound", params={"reason": REASON}, headers={"Range": wanted}
        )
    assert (answer.status_code, len(answer.content)) == (200, BYTES)


def test_beyond_the_end_there_is_nothing_and_nobody_has_heard(bed: Bed, sealed: Recorded) -> None:
    before = listened(bed, sealed.call)
    with bed.client("auditor") as client:
        answer = client.get(
            f"{sealed.path}/sound",
            params={"reason": REASON},
            headers={"Range": f"bytes={BYTES}-"},
        )
    assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{BYTES}")
    assert listened(bed, sealed.call) == before


def test_seeking_is_one_listening_and_another_reason_another(bed: Bed, sealed: Recorded) -> None:
    before = len(listened(bed, sealed.call))
    with bed.client("supervisor") as client:
        for reason, wanted in (
            ("seguir", "bytes=0-9"),
            ("seguir", "bytes=100-199"),
            ("outra coisa", "bytes=100-199"),
        ):
            client.get(f"{sealed.path}/sound", params={"reason": reason}, headers={"Range": wanted})
    assert [(one["reason"], one["from"]) for one in listened(bed, sealed.call)[before:]] == [
        ("seguir", 0),
        ("outra coisa", 100),
    ]


@pytest.mark.parametrize(("form", "media"), [("ogg", "audio/ogg"), ("mp3", "audio/mpeg")])
def test_it_is_delivered_in_other_formats(
    bed: Bed, sealed: Recorded, form: str, media: str
) -> None:
    with bed.client("auditor") as client:
        query = {"reason": REASON, "format": form}
        answer = client.get(f"{sealed.path}/sound", params=query)
        part = client.get(f"{sealed.path}/sound", params=query, headers={"Range": "bytes=50-149"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, media)
    assert part.content == answer.content[50:150]
    sound, rate = soundfile.read(io.BytesIO(answer.content))
    assert (rate, round(len(sound) / rate)) == (RATE, SECONDS)


def test_one_that_is_not_sealed_yet_is_heard_too(bed: Bed) -> None:
    recorded = record(bed)
    with bed.client("auditor") as client:
        answer = client.get(f"{recorded.path}/sound", params={"reason": REASON})
        assert answer.content == recorded.sound
        found = client.get(recorded.path).json()
    assert (found["retention_class"], found["erased_at"]) == (None, None)
    seal(bed, recorded)


def test_the_story_says_where_it_is_heard(bed: Bed, sealed: Recorded) -> None:
    with bed.client("auditor") as client:
        (one,) = client.get(f"/v1/calls/{sealed.call}").json()["recordings"]
        assert one["url"] == f"{bed.settings.api_url}{sealed.path}/sound"
        assert client.get(one["url"], params={"reason": REASON}).content == sealed.sound
        assert client.get("/v1/recordings/nada-1.9").status_code == 404
        unknown = client.get("/v1/recordings/nada-1.9/sound", params={"reason": REASON})
        assert unknown.status_code == 404


def test_an_agent_is_not_told_who_heard_their_call(bed: Bed, sealed: Recorded) -> None:
    seen = {}
    for role in ("agent", "auditor"):
        with bed.client(role) as client:
            facts = client.get(f"/v1/calls/{sealed.call}").json()["facts"]
            seen[role] = {fact["kind"] for fact in facts}
    assert "recording_heard" in seen["auditor"]
    assert seen["auditor"] - seen["agent"] == {"recording_heard"}


def test_one_that_was_altered_is_told_and_not_heard(bed: Bed) -> None:
    recorded = record(bed)
    file = seal(bed, recorded)
    content = bytearray(file.read_bytes())
    content[60] ^= 1
    file.write_bytes(content)
    with bed.client("auditor") as client:
        answer = client.get(f"{recorded.path}/sound", params={"reason": REASON})
        assert (answer.status_code, "alterada" in answer.json()["erro"]) == (409, True)
        file.unlink()
        assert client.get(f"{recorded.path}/sound?reason={REASON}").status_code == 503
    assert listened(bed, recorded.call) == []


# --- found ---
def test_recordings_are_found_by_what_the_clause_names(bed: Bed, sealed: Recorded) -> None:
    now, ana, mark = bed.centre.now(), AgentName("ana"), {"mark": "abusiva"}
    bed.do(bed.keeper.record, Fact(now, Kind.CALL_MARKED, sealed.call, ana, "ana", mark))
    bed.do(bed.store.settled)
    wanted = {
        "protocol": sealed.protocol,
        "line": "156",
        "queue": "p156_geral",
        "agent": "ana",
        "phone": CALLER[3:8],
        "keyword": "ABUS",
        "kind": "talk",
        "since": now - 600,
        "until": now + 60,
    }
    with bed.client("auditor") as client:
        found = client.get("/v1/recordings", params=wanted).json()
        assert [one["name"] for one in found["recordings"]] == [sealed.call]
        assert found["recordings"][0]["caller"] == CALLER
        for name, value in (
            ("line", "199"),
            ("queue", "e199_risco"),
            ("agent", "bia"),
            ("phone", "0000"),
            ("protocol", "123456789"),
            ("keyword", "100%"),
            ("campaign", "vacina"),
            ("kind", "message"),
            ("problem", "missing"),
            ("since", now + 60),
            ("until", now - 600),
        ):
            nothing = client.get("/v1/recordings", params={**wanted, name: value}).json()
            assert nothing["recordings"] == [], name


def test_pages_show_each_once(bed: Bed) -> None:
    made = [record(bed).call for _ in range(5)]
    seen: list[str] = []
    with bed.client("auditor") as client:
        whole = client.get("/v1/recordings").json()["recordings"]
        after = ""
        while True:
            page = client.get("/v1/recordings", params={"limit": 2, "after": after}).json()
            seen += [one["name"] for one in page["recordings"]]
            if not (after := page["after"]):
                break
    assert seen == [one["name"] for one in whole]
    assert seen[:5] == made[::-1]
    assert len(set(seen)) == len(seen)


# --- held, erased, rotated ---
def test_a_hold_beats_erasure_and_erasure_keeps_the_totals(bed: Bed) -> None:
    recorded = record(bed)
    file = seal(bed, recorded)
    with bed.client("auditor") as auditor, bed.client("supervisor") as supervisor:
        body = {"call": recorded.protocol, "reason": "processo 1234"}
        held = supervisor.post("/v1/recordings/holds", json=body).json()
        assert (held["call"], held["recordings"]) == (recorded.call, 1)
        why = {"reason": "pedido do titular"}
        assert auditor.post(f"{recorded.path}/erase", json=why).status_code == 409
        assert supervisor.post(f"{recorded.path}/erase", json=why).status_code == 403
        path = f"/v1/recordings/holds/{held['hold']}/release"
        assert supervisor.post(path, json=why).status_code == 403
        assert auditor.post(path, json={"reason": "processo encerrado"}).status_code == 200
        assert auditor.post(path, json=why).status_code == 404
        query = {"reason": REASON, "format": "ogg"}
        assert auditor.get(f"{recorded.path}/sound", params=query).status_code == 200
        before = auditor.get(f"/v1/calls/{recorded.call}").json()
        assert auditor.post(f"{recorded.path}/erase", json=why).status_code == 200
        assert auditor.post(f"{recorded.path}/erase", json=why).status_code == 410
        for form in ("wav", "ogg"):
            query = {"reason": REASON, "format": form}
            gone = auditor.get(f"{recorded.path}/sound", params=query)
            assert (gone.status_code, "a pedido" in gone.json()["erro"]) == (410, True)
        after = auditor.get(f"/v1/calls/{recorded.call}").json()
        assert after["recordings"] == before["recordings"]
        assert after["call"] == before["call"]
        (found,) = auditor.get("/v1/recordings", params={"protocol": recorded.protocol}).json()[
            "recordings"
        ]
        assert (found["erased_how"], found["url"]) == ("request", None)
    assert not file.exists()
    row = bed.do(bed.store.recordings.key, recorded.call)
    assert (row.wrapped, row.place, row.erased_by) == (None, "", "aurora")
    kinds = [fact["kind"] for fact in after["facts"] if fact["kind"].startswith("recording_")]
    assert kinds == [
        "recording_sealed",
        "recording_held",
        "recording_released",
        "recording_heard",
        "recording_erased",
    ]


def test_one_that_is_erased_before_it_is_sealed_stays_erased(bed: Bed) -> None:
    recorded = record(bed)
    with bed.client("auditor") as client:
        answer = client.post(f"{recorded.path}/erase", json={"reason": "pedido do titular"})
        assert answer.status_code == 200
    assert not recorded.plain.exists()
    recorded.plain.write_bytes(recorded.sound)  # as if the erasure had broken off
    bed.do(bed.keeping.sealing.seal_call, recorded.call)
    assert not recorded.plain.exists()
    assert bed.do(bed.store.recordings.key, recorded.call).wrapped is None


def test_the_master_key_is_changed_under_what_is_sealed(bed: Bed, sealed: Recorded) -> None:
    before = bed.do(bed.store.recordings.key, sealed.call)
    with bed.client("supervisor") as client:
        assert client.post("/v1/recordings/master-key", json={}).status_code == 403
    with bed.client("local") as client:
        changed = client.post("/v1/recordings/master-key", json={}).json()
        assert changed["kept"] == [before.master]
        dropped = client.post("/v1/recordings/master-key", json={"drop": True}).json()
        assert dropped["kept"] == []
    after = bed.do(bed.store.recordings.key, sealed.call)
    assert after.master == dropped["master"]
    assert after.wrapped != before.wrapped
    with bed.client("auditor") as client:
        answer = client.get(f"{sealed.path}/sound", params={"reason": REASON})
    assert answer.content == sealed.sound
    # an old backup's row, and the key file of today: nobody opens it any more
    masters = bed.keeping.sealing.ring.masters
    assert masters is not None
    assert before.master not in masters.keys
