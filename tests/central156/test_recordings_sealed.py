"""What seals recordings: after the call, after a crash at any step, and what nobody had checked."""

from __future__ import annotations

import os
import re
import time
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from api_bed import Bed, api_bed

from callflow.book import OpenCall
from callflow.record import NO_CONSULT_FILE
from central156.recording_keys import KeyRing
from terms.facts import Fact, Kind
from terms.limits import SEAL_CHECKED_AFTER, SEAL_ORPHAN_AFTER
from terms.names import AgentName, CallId
from terms.recording_name import call_of, kind_of, name_of
from vault.shelf import Shelf

RATE = 8_000
LONG_AGO = SEAL_CHECKED_AFTER + 10.0
ANA = AgentName("ana")


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bed]:
    with api_bed(tmp_path_factory.mktemp("sealed"), port_base=23210) as running:
        running.keeping.check.recording = True
        yield running


def written(bed: Bed, name: str, seconds: float = 5.0) -> Path:
    """A file as the switch leaves it."""
    file = bed.keeping.sealing.files.folder / "2026-11-25" / f"{name}.wav"
    file.parent.mkdir(exist_ok=True)
    with wave.open(str(file), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(b"\1\2" * int(RATE * seconds))
    return file


def over(bed: Bed, *more: Fact, talked: float = 5.0, ago: float = LONG_AGO) -> CallId:
    """A call whose end is stored, that many seconds ago; nobody has checked its recording."""
    call, _ = bed.do(bed.arrive)
    at = bed.centre.now() - ago
    facts = [Fact(at, Kind.CALL_ENDED, call, details={"outcome": "served", "blame": "nobody"})]
    if talked:
        facts = [
            Fact(at - talked, Kind.ANSWERED, call, ANA, details={"offer": "1-1"}),
            *(Fact(one.at or at, one.kind, call, one.agent, details=one.details) for one in more),
            Fact(at, Kind.TALK_ENDED, call, ANA, details={"talk_seconds": talked}),
            *facts,
        ]
    bed.do(bed.store.append, *facts)
    bed.do(bed.store.settled)
    bed.book.close(call)
    return call


def look(bed: Bed) -> None:
    bed.do(bed.keeping.sealing.look)
    bed.do(bed.store.settled)


def recordings(bed: Bed, call: CallId) -> list[tuple[str, str]]:
    story = bed.do(bed.store.story, call)
    return [(one.kind, one.problem or "") for one in story.recordings]


def sealed(bed: Bed, name: str) -> Any:
    return bed.do(bed.store.recordings.key, name)


def test_what_control_owed_when_it_died_is_checked_and_sealed_by_the_next_look(bed: Bed) -> None:
    whole, missing, short, empty = (over(bed, talked=talked) for talked in (5.0, 5.0, 60.0, 5.0))
    files = [written(bed, whole), written(bed, short), written(bed, empty, 0.0)]
    look(bed)
    assert recordings(bed, whole) == [("talk", "")]
    assert recordings(bed, missing) == [("talk", "missing")]
    assert recordings(bed, short) == [("talk", "short")]
    assert recordings(bed, empty) == [("talk", "empty")]
    assert not any(file.exists() for file in files)
    assert sealed(bed, whole).seconds == 5.0
    assert sealed(bed, short).wrapped
    before = bed.do(bed.store.story, whole).facts
    look(bed)  # and once is enough
    assert bed.do(bed.store.story, whole).facts == before


def test_time_on_hold_is_known_to_a_late_check_and_consults_are_looked_for(bed: Bed) -> None:
    ended = bed.centre.now() - LONG_AGO
    told = (
        Fact(ended - 50, Kind.TALK_HELD, None, ANA, details={"on": True, "offer": "1-1"}),
        Fact(ended - 40, Kind.CONSULT_ANSWERED, None, AgentName("bia"), details={"consult": "1-2"}),
        Fact(ended - 10, Kind.TALK_HELD, None, ANA, details={"on": False, "offer": "1-1"}),
    )
    held, advised = over(bed, *told, talked=60.0), over(bed, *told, talked=60.0)
    for call in (held, advised):
        written(bed, call, 20.0)
    consult = written(bed, f"{held}-consulta-1-2", 30.0)
    look(bed)
    assert recordings(bed, held) == [("talk", ""), ("consult", "")]
    assert recordings(bed, advised) == [("talk", ""), ("consult", "missing")]
    files = [one.file for one in bed.do(bed.store.story, advised).recordings]
    assert NO_CONSULT_FILE in files
    assert not consult.exists()
    assert sealed(bed, consult.stem).retention_class == "consulta"


def test_a_talk_that_outlived_control_is_measured_by_all_that_is_stored_of_it(
    bed: Bed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new control's book knows neither how long the citizen was on hold, nor which part of the
    talk two agents had in common."""
    monkeypatch.setattr("callflow.record.RECORDING_CHECK_AFTER", 0.0)
    ended = bed.centre.now() - LONG_AGO
    told = (
        Fact(ended - 50, Kind.TALK_HELD, None, ANA, details={"on": True, "offer": "1-1"}),
        Fact(ended - 10, Kind.TALK_HELD, None, ANA, details={"on": False, "offer": "1-1"}),
        Fact(ended - 10, Kind.TALK_ENDED, None, ANA, details={"talk_seconds": 50.0}),
        Fact(ended - 60, Kind.ANSWERED, None, AgentName("bia"), details={"offer": "1-2"}),
    )
    for seconds, problem in ((20.0, ""), (10.0, "short")):
        call = over(bed, *told, talked=60.0)
        written(bed, call, seconds)
        arrived = bed.do(bed.keeper.clock) - 100_000.0
        entry = OpenCall(call, "156", arrived, answered=ended - 60, talk_seconds=110.0)
        bed.do(bed.keeping.check.check, entry, ended)
        bed.do(bed.store.settled)
        assert recordings(bed, call) == [("talk", problem)]


def test_a_call_that_is_not_over_is_left_alone(bed: Bed) -> None:
    call, _ = bed.do(bed.arrive)
    talk, message = written(bed, call), written(bed, f"{call}-recado-1")
    unknown = written(bed, "n1-nobody-1.5")
    just_over = over(bed, ago=1.0)
    young = written(bed, just_over)
    look(bed)
    assert all(file.exists() for file in (talk, message, unknown, young))
    assert recordings(bed, just_over) == []  # its own check is still to come
    os.utime(unknown, (0, time.time() - SEAL_ORPHAN_AFTER - 60))
    bed.do(bed.end, call, "after")
    look(bed)
    assert not unknown.exists()
    assert sealed(bed, unknown.stem).call_id == "n1-nobody-1.5"
    bed.do(bed.keeping.sealing.seal_call, just_over)  # as right after the check
    assert not young.exists()
    for file in (talk, message):
        file.unlink()


@pytest.mark.parametrize("broken_off", ["sealed file", "key", "half a file"])
def test_whatever_breaks_off_is_done_again_from_the_plain_file(bed: Bed, broken_off: str) -> None:
    call = over(bed)
    file = written(bed, call)
    content = file.read_bytes()
    sealing = bed.keeping.sealing
    if broken_off == "half a file":
        (sealing.shelf.online / "2026-11-25").mkdir(parents=True, exist_ok=True)
        (sealing.shelf.online / "2026-11-25" / f"{call}.c156.part").write_bytes(b"C156SEAL")
    else:
        bed.do(sealing.seal_call, call)
        file.write_bytes(content)  # it had not been removed yet
    if broken_off == "sealed file":
        (sealing.shelf.online / sealed(bed, call).place).unlink()
    look(bed)
    assert not file.exists()
    row, masters = sealed(bed, call), sealing.ring.masters
    assert masters is not None
    key = masters.unwrap(row.wrapped, call, row.master)
    with sealing.shelf.open(row.place, call, key) as opened:
        assert opened.read() == content
    assert not list(sealing.shelf.online.rglob("*.part"))


def test_what_is_sealed_is_never_replaced_by_another_sound(bed: Bed) -> None:
    call = over(bed)
    written(bed, call)
    look(bed)
    before = sealed(bed, call)
    forged = written(bed, call, 9.0)
    look(bed)
    assert forged.exists()
    assert bed.keeping.sealing.waiting >= 1
    assert sealed(bed, call) == before
    forged.unlink()


def test_a_file_that_the_switch_still_writes_waits(
    bed: Bed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its header alone is written last, and does not make it longer."""
    call = over(bed)
    file = written(bed, call)
    put = Shelf.put

    def header_last(*given: Any) -> Any:
        found = put(*given)
        with file.open("r+b") as opened:
            opened.write(b"RIFF")
        return found

    with monkeypatch.context() as patched:
        patched.setattr(Shelf, "put", header_last)
        look(bed)
    assert file.exists()
    assert sealed(bed, call) is None
    look(bed)
    assert not file.exists()
    assert sealed(bed, call).wrapped


def test_what_was_begun_for_no_talk_goes_and_a_talk_outside_is_linked(bed: Bed) -> None:
    nothing, outside = over(bed, talked=0.0), over(bed, talked=0.0)
    files = [written(bed, nothing, 0.0), written(bed, outside, 7.0)]
    look(bed)
    assert not any(file.exists() for file in files)
    assert sealed(bed, nothing) is None
    assert recordings(bed, nothing) == []
    assert recordings(bed, outside) == [("talk", "")]
    assert sealed(bed, outside).seconds == 7.0


def test_without_a_master_key_files_wait_and_are_counted(bed: Bed) -> None:
    sealing, call = bed.keeping.sealing, over(bed)
    file = written(bed, call)
    os.utime(file, (0, time.time() - 120))
    masters, sealing.ring.masters = sealing.ring.masters, None
    look(bed)
    assert file.exists()
    with bed.client("") as client:
        text = client.get("/metrics").text
    assert "central156_recordings_waiting 1.0" in text
    assert re.search(r"^central156_recordings_sealed_total [1-9]", text, re.MULTILINE)
    assert sealing.oldest == pytest.approx(120, abs=20)
    sealing.ring.masters = masters
    look(bed)
    assert (file.exists(), sealing.waiting, sealing.oldest) == (False, 0, 0.0)


def test_a_lost_master_key_is_not_made_anew_by_itself(bed: Bed) -> None:
    """Put back from its copy, it would replace the one under which others were sealed since."""
    sealing, kept = bed.keeping.sealing, bed.keeping.sealing.ring.file.read_bytes()
    bed.do(sealing.seal_call, over(bed))
    call = over(bed)
    written(bed, call)
    look(bed)
    assert sealing.shelf.holds_any()
    sealing.ring.file.unlink()
    again = KeyRing(sealing.ring.file)
    again.open(first=not sealing.shelf.holds_any())
    assert again.masters is None
    assert not again.file.exists()
    made = bed.do(again.change, bed.store, sealing.keeper, False, "rita")
    assert again.masters == made
    again.file.write_bytes(kept)
    sealing.ring.open(first=False)


def test_switched_off_nothing_is_sealed_but_late_checks_are_made(bed: Bed) -> None:
    bed.keeping.sealing.on, call = False, over(bed)
    file = written(bed, call)
    look(bed)
    bed.keeping.sealing.on = True
    assert file.exists()
    assert recordings(bed, call) == [("talk", "")]
    look(bed)
    assert not file.exists()


def test_folders_of_days_gone_by_go_when_they_are_empty(bed: Bed) -> None:
    folder = bed.keeping.sealing.files.folder
    (folder / "2020-01-01").mkdir()
    today = time.strftime("%Y-%m-%d", time.gmtime())
    (folder / today).mkdir(exist_ok=True)
    look(bed)
    assert not (folder / "2020-01-01").exists()
    assert (folder / today).exists()


@pytest.mark.parametrize(
    ("file", "name", "kind"),
    [
        ("/r/2026-11-25/n1-a-1.2.wav", "n1-a-1.2", "talk"),
        ("/r/2026-11-25/n1-a-1.2-consulta-4-17.wav", "n1-a-1.2-consulta-4-17", "consult"),
        ("/r/2026-11-25/n1-a-1.2-recado.wav", "n1-a-1.2-recado", "message"),
        ("/r/2026-11-25/n1-a-1.2-recado-3.wav", "n1-a-1.2-recado-3", "message"),
    ],
)
def test_a_recordings_name_tells_its_call_and_kind(file: str, name: str, kind: str) -> None:
    assert (name_of(file), call_of(name), kind_of(name)) == (name, "n1-a-1.2", kind)


@pytest.mark.parametrize("file", ["", "consulta", "/r/x.txt", "/r/..wav", "/r/a b.wav"])
def test_what_is_no_recording_has_no_name(file: str) -> None:
    assert name_of(file) is None
