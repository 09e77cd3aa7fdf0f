"""Where recordings lie, and which of them are messages."""

from __future__ import annotations

import wave
from datetime import datetime
from pathlib import Path

from pbx.agi_wire import record
from pbx.recordings import Recordings
from terms.names import CallId

CALL, OTHER = CallId("n1-b[1]-1.1"), CallId("n1-b[1]-1.10")
LATE = datetime.fromisoformat("2026-11-25T23:30:00-03:00").timestamp()


def _sound(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(file), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8_000)
        sound.writeframes(b"\0\0" * 8_000)


def test_messages_of_a_call_and_of_no_other(tmp_path: Path) -> None:
    recordings = Recordings(tmp_path)
    first, second = (recordings.message_file(CALL, LATE, number) for number in (1, 2))
    assert first == tmp_path / "2026-11-25" / f"{CALL}-recado-1.wav"  # the city's day
    for file in (first, second, recordings.message_file(OTHER, LATE, 1)):
        _sound(file)
    assert recordings.messages(CALL, LATE) == [first, second]
    assert recordings.messages(CALL, LATE - 30 * 3600) == [first, second]
    assert recordings.messages(CallId("*"), LATE) == []
    alone = first.with_name(f"{CALL}-recado.wav")  # that the switch took without us
    _sound(alone)
    assert recordings.messages(CALL, LATE) == [first, second, alone]
    assert recordings.find(CALL, LATE) is None  # a message is no recording of the talk


def test_a_messages_file_may_be_recorded_to(tmp_path: Path) -> None:
    file = Recordings(tmp_path).message_file(CallId("n1-boot-1795000000.7"), LATE, 1)
    assert str(file).encode() in record(str(file), 5, 60, "qk")
