"""The policy's job: what it would do and does, what a hold keeps, what an archive gives back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from api_bed import Bed, api_bed

from central156.recordings import class_of
from central156.retention import DAY, Retention, end_of
from central156.settings import SettingsMistakes, load_settings
from central156.settings_recordings import RETENTION, Kept, kept_by_class
from protocol_store.recording_rows import Erasure, KeyRow
from terms.facts import Fact, Kind
from vault.sealed import new_key

SOUND = b"RIFF and the rest of a sound"
WHY = {"reason": "processo 17"}


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bed]:
    with api_bed(tmp_path_factory.mktemp("kept"), port_base=23220) as running:
        yield running


@pytest.fixture
def auditor(bed: Bed) -> Iterator[httpx.Client]:
    with bed.client("auditor") as client:
        yield client


def sealed(bed: Bed, days: float, kind: str = "atendimento") -> str:
    """A recording that was sealed so many days ago; its name."""
    call, _ = bed.do(bed.arrive)
    sealing, at = bed.keeping.sealing, bed.centre.now() - days * DAY
    plain = bed.settings.state_dir / "plain.wav"
    plain.write_bytes(SOUND)
    key, masters = new_key(), sealing.ring.masters
    assert masters is not None
    put = sealing.shelf.put(plain, call, "2026-01-01", key)
    wrapped = masters.wrap(key, call)
    row = KeyRow(
        *(call, call, kind, put.place, masters.current, wrapped, put.size, 1.0, put.digest, at, at)
    )
    bed.do(bed.store.recordings.seal, row)
    details = {"file": f"/r/{call}.wav", "seconds": 1.0, "ok": True}
    bed.do(bed.store.append, Fact(at, Kind.RECORDED, call, details=details))
    bed.do(bed.store.settled)
    return str(call)


def told(answer: httpx.Response, kind: str) -> dict[str, Any]:
    """What the job says of a class."""
    assert answer.status_code == 200, answer.text
    return next(one for one in answer.json()["classes"] if one["class"] == kind)


def heard(client: httpx.Client, name: str) -> int | bytes:
    answer = client.get(f"/v1/recordings/{name}/sound", params=WHY)
    return answer.content if answer.is_success else answer.status_code


def kinds(bed: Bed, name: str) -> list[str]:
    bed.do(bed.store.settled)
    facts = bed.do(bed.store.story, name).facts
    return [fact.kind for fact in facts if fact.kind.startswith("recording_")]


def test_the_archive_and_the_end_come_by_class(bed: Bed, auditor: httpx.Client) -> None:
    new, old = sealed(bed, 89), sealed(bed, 91)
    test, held = sealed(bed, 8, "teste"), sealed(bed, 8, "teste")
    auditor.post("/v1/recordings/holds", json={"call": held, **WHY})
    shelf = bed.keeping.sealing.shelf
    before = sorted(shelf.online.rglob("*.c156"))
    rehearsed = auditor.get("/v1/recordings/retention")
    assert told(rehearsed, "atendimento")["to_archive"] == 1
    assert told(rehearsed, "atendimento")["to_erase"] == 0
    one = told(rehearsed, "teste")
    assert (one["to_erase"], one["held"], one["to_archive"]) == (1, 1, 0)
    assert rehearsed.json()["erased_first"] == [test]
    assert sorted(shelf.online.rglob("*.c156")) == before  # a rehearsal changes nothing
    done = auditor.post("/v1/recordings/retention")
    assert told(done, "atendimento") == {"class": "atendimento", "archived": 1, "erased": 0}
    assert told(done, "teste") == {"class": "teste", "archived": 0, "erased": 1}
    assert [file.stem for file in shelf.archive.rglob("*.c156")] == [old]
    assert sorted(file.stem for file in shelf.online.rglob("*.c156")) == sorted([new, held])
    # heard from the archive as before, while its disk is there
    assert [heard(auditor, name) for name in (new, old, held, test)] == [SOUND, SOUND, SOUND, 410]
    assert (kinds(bed, old), kinds(bed, test)) == (
        ["recording_archived", "recording_heard"],
        ["recording_erased"],
    )
    again = auditor.post("/v1/recordings/retention")
    assert all(one["archived"] == one["erased"] == 0 for one in again.json()["classes"])
    (found,) = auditor.get("/v1/recordings", params={"protocol": _protocol(bed, test)}).json()[
        "recordings"
    ]
    assert (found["erased_how"], found["seconds"]) == ("policy", 1.0)  # totals stay


def _protocol(bed: Bed, name: str) -> str:
    return str(bed.do(bed.store.story, name).call.protocol)


def test_an_archive_that_is_away_gives_503_and_takes_nothing(
    bed: Bed, auditor: httpx.Client, tmp_path: Path
) -> None:
    archived, waiting = sealed(bed, 100), ""
    auditor.post("/v1/recordings/retention")
    archive = bed.keeping.sealing.shelf.archive
    shutil.move(archive, tmp_path / "away")
    try:
        assert heard(auditor, archived) == 503
        waiting = sealed(bed, 100)
        assert told(auditor.post("/v1/recordings/retention"), "atendimento")["archived"] == 0
        assert heard(auditor, waiting) == SOUND
    finally:
        shutil.move(tmp_path / "away", archive)
    assert heard(auditor, archived) == SOUND
    assert told(auditor.post("/v1/recordings/retention"), "atendimento")["archived"] == 1
    assert heard(auditor, waiting) == SOUND


def test_when_the_contract_is_over_what_was_kept_for_it_goes(bed: Bed) -> None:
    kept, held = sealed(bed, 95), sealed(bed, 95)
    young = sealed(bed, 10)
    with bed.client("auditor") as client:
        client.post("/v1/recordings/holds", json={"call": held, **WHY})
    now, job = bed.centre.now(), bed.keeping.retention
    running, over = replace(job, contract_over=now + 60), replace(job, contract_over=now - 60)
    assert _erased(bed.do(running.run, "aurora")) == 0
    assert _erased(bed.do(over.run, "aurora")) >= 1
    rows = {name: bed.do(bed.store.recordings.key, name) for name in (kept, held, young)}
    assert {name: row.erased_at is None for name, row in rows.items()} == {
        kept: False,
        held: True,
        young: True,
    }
    assert rows[kept].erased_because == "prazo da classe atendimento"


def _erased(done: dict[str, Any]) -> int:
    return sum(one["erased"] for one in done["classes"])


def test_what_broke_off_between_key_and_file_is_swept(bed: Bed) -> None:
    name = sealed(bed, 8, "teste")
    job: Retention = bed.keeping.retention
    row = bed.do(bed.store.recordings.key, name)
    fact = Fact(bed.centre.now(), Kind.RECORDING_ERASED, row.call_id, details={"recording": name})
    gone = replace(row, wrapped=None, erased_at=fact.at, erased_by="", erased_how="policy")
    assert bed.do(bed.store.recordings.erase, Erasure(gone, fact))
    file = job.shelf.online / row.place
    assert file.exists()
    bed.do(job.run, "")
    assert not file.exists()
    assert bed.do(bed.store.recordings.key, name).place == ""
    assert kinds(bed, name) == ["recording_erased"]


def test_who_may_let_the_job_run(bed: Bed) -> None:
    for role, seen, run in (
        ("agent", 403, 403),
        ("supervisor", 403, 403),
        ("admin", 200, 403),
        ("local", 200, 403),
    ):
        with bed.client(role) as client:
            path = "/v1/recordings/retention"
            assert (client.get(path).status_code, client.post(path).status_code) == (seen, run)


# --- the table ---
def test_the_table_as_it_comes() -> None:
    assert kept_by_class(RETENTION) == {
        **dict.fromkeys(("atendimento", "emergencia", "consulta", "recado"), Kept(90, None)),
        "teste": Kept(7, 7),
    }


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"atendimento": "89/contrato"}, "ao menos 90"),
        ({"emergencia": "30/1825"}, "ao menos 90"),
        ({"consulta": "90/89"}, "incluem"),
        ({"recado": "90"}, "90/contrato"),
        ({"outra": "90/contrato"}, "não é uma classe"),
        ({"teste": "-1/7"}, "90/1825"),
    ],
)
def test_a_policy_that_breaks_the_contract_is_refused(
    tmp_path: Path, wrong: dict[str, str], words: str
) -> None:
    with pytest.raises(SettingsMistakes) as refused:
        load_settings(tmp_path, retention={**RETENTION, **wrong})
    assert words in str(refused.value.mistakes)
    with pytest.raises(SettingsMistakes):
        load_settings(tmp_path, retention={"teste": "7/7"})  # every class has its rule


def test_the_contracts_last_day_is_still_the_contracts(tmp_path: Path) -> None:
    assert end_of("") is None
    assert end_of("2031-06-30") == 1_940_641_200.0  # 1 July 2031, 00:00 in São Paulo
    with pytest.raises(SettingsMistakes):
        load_settings(tmp_path, contract_ends="30/06/2031")


@pytest.mark.parametrize(
    ("kind", "line", "test", "expected"),
    [
        ("talk", "156", False, "atendimento"),
        ("talk", "199", False, "emergencia"),
        ("talk", "153", False, "emergencia"),
        ("consult", "199", False, "consulta"),
        ("message", "156", False, "recado"),
        ("talk", "199", True, "teste"),
        ("talk", "", False, "atendimento"),
    ],
)
def test_a_recordings_class(kind: str, line: str, test: bool, expected: str) -> None:
    assert class_of(kind, line, test) == expected
