"""What a studio sends: taken when it fits its text, converted, and refused with the reason."""

import csv
import io
import wave
from pathlib import Path

import numpy as np
import pytest
from voice_sounds import HELLO, PRESS

from terms.limits import PROMPT_LEVEL, PROMPT_RATE
from voice import make, studio
from voice.index import PromptsBroken
from voice.library import Library
from voice.recording import file_name, make_missing
from voice.sound import measure, read_samples
from voice.studio import LIST, STUDIO_VOICE, adopt


def sent(
    seconds: float = 1.0,
    *,
    rate: int = 44_100,
    width: int = 2,
    channels: int = 1,
    amplitude: float = 0.2,
    lead: float = 0.0,
) -> bytes:
    """A file as a studio could send it: a hum that swells."""
    at = np.arange(round(seconds * rate)) / rate
    hum = amplitude * np.sin(2 * np.pi * 300 * at) * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * at))
    hum = np.concatenate([np.zeros(round(lead * rate)), np.clip(hum, -1, 1)])
    if width == 1:
        data = (hum * 127 + 128).astype(np.uint8)[:, None]
    else:
        whole = (hum * (2**31 - 1)).astype("<i4")[:, None]
        data = whole.view(np.uint8).reshape(-1, 4)[:, 4 - width :]
    frames = np.repeat(data.reshape(len(hum), 1, width), channels, axis=1).tobytes()
    content = io.BytesIO()
    with wave.open(content, "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(width)
        sound.setframerate(rate)
        sound.writeframes(frames)
    return content.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "sounds"


def put(box: Path, content: bytes, key: tuple[str, str] = HELLO) -> Path:
    file = box / key[0] / file_name(key[1], key[0])
    file.write_bytes(content)
    return file


@pytest.mark.parametrize(
    "shape",
    [
        {"rate": 8_000},
        {"rate": 48_000, "width": 3},
        {"rate": 44_100, "channels": 2},
        {"rate": 16_000, "width": 4},
        {"rate": 22_050, "width": 1},
        {"lead": 2.0},
        {"amplitude": 0.02},
        {"amplitude": 0.95},
    ],
    ids=str,
)
def test_what_is_sent_becomes_a_prompt_like_every_other(
    folder: Path, box: Path, shape: dict[str, int]
) -> None:
    put(box, sent(**shape))  # type: ignore[arg-type]
    (entry,), refused = adopt([HELLO], box, folder)
    assert refused == ()
    assert entry.voice == STUDIO_VOICE
    library = Library(folder)
    assert library.check() == ()
    assert library.find(HELLO[1]) is not None
    heard = measure(read_samples(folder / entry.file))
    assert heard.level == pytest.approx(PROMPT_LEVEL, abs=0.5)
    assert 0.9 < heard.seconds < 1.4  # its silence at the beginning is gone


def test_the_pitch_stays_the_same(folder: Path, box: Path) -> None:
    put(box, sent(2.0, rate=44_100))
    (entry,), _ = adopt([HELLO], box, folder)
    sound = read_samples(folder / entry.file)
    loudest = np.argmax(np.abs(np.fft.rfft(sound))) * PROMPT_RATE / len(sound)
    assert loudest == pytest.approx(300, abs=2)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (sent(amplitude=0.0), "mudo"),
        (sent(amplitude=0.003), "baixo demais"),
        (sent(amplitude=3.0), "cortado"),
        (sent(30.0, rate=8_000), "o máximo é 25 s"),
        (sent(0.05), "dura 0"),
        (sent(rate=6_000), "o mínimo é 8000 Hz"),
        (b"RIFF", "não é um arquivo wav"),
        (b"", "não é um arquivo wav"),
        (sent()[:60], "mudo"),
    ],
)
def test_what_cannot_be_heard_well_is_refused(
    folder: Path, box: Path, content: bytes, why: str
) -> None:
    file = put(box, content)
    taken, (refused,) = adopt([HELLO], box, folder)
    assert taken == ()
    assert refused.startswith(f"{file}: ")
    assert why in refused
    assert not folder.exists()


def test_words_that_changed_are_not_said_by_the_old_recording(folder: Path, box: Path) -> None:
    put(box, sent())
    taken, (refused,) = adopt([("pt", "Olá, cidadã.")], box, folder)
    assert taken == ()
    assert "nenhum plano diz mais «Olá, cidadão.»" in refused


def test_a_list_that_was_edited_does_not_make_it_fit(folder: Path, box: Path) -> None:
    put(box, sent())
    listed = (box / LIST).read_text(encoding="utf-8").replace("cidadão", "cidadã")
    (box / LIST).write_text(listed, encoding="utf-8")
    _, (refused,) = adopt([("pt", "Olá, cidadã.")], box, folder)
    assert "o texto mudou depois da gravação" in refused


def test_a_file_that_no_list_names_is_refused(folder: Path, box: Path) -> None:
    put(box, sent())
    (box / "fr").mkdir()
    (box / "fr" / "a.wav").write_bytes(sent())
    (box / LIST).unlink()
    _, refused = adopt([HELLO], box, folder)
    assert len(refused) == 2
    assert "a pasta deveria ser um idioma" in refused[0]
    assert "não está em textos.csv" in refused[1]


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"a,b\n1,2\n"])
def test_a_broken_list_is_told(folder: Path, box: Path, content: bytes) -> None:
    put(box, sent())
    (box / LIST).write_bytes(content)
    taken, refused = adopt([HELLO], box, folder)
    assert taken == ()
    assert LIST in refused[0]


def test_a_recording_is_converted_once_and_again_when_it_changes(folder: Path, box: Path) -> None:
    make_missing([HELLO], folder, lambda *_: sent(rate=8_000)[44:])
    put(box, sent())
    assert len(adopt([HELLO], box, folder)[0]) == 1
    assert adopt([HELLO], box, folder) == ((), ())
    put(box, sent(2.0))
    (entry,), _ = adopt([HELLO], box, folder)
    assert entry.seconds > 2
    assert len(Library(folder).entries) == 1


def test_a_recording_keeps_to_its_time(folder: Path, box: Path) -> None:
    put(box, sent(2.0))
    assert "o máximo é 1 s" in adopt([HELLO], box, folder, {HELLO: 1.0})[1][0]
    (entry,), _ = adopt([HELLO], box, folder, {HELLO: 2.1})
    assert entry.seconds <= 2.1


def test_speech_synthesis_says_what_was_refused(
    folder: Path, box: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setattr(make, "_Voice", lambda: lambda *_: sent(rate=8_000)[44:])
    put(box, sent(), HELLO)
    put(box, sent(amplitude=0.0), PRESS)
    asked = tmp_path / "texts"
    asked.write_text(f"9\tpt\t{HELLO[1]}\n9\ten\t{PRESS[1]}\n", encoding="utf-8")
    arguments = ["--only", "--sounds", str(folder), "--studio", str(box), str(asked)]
    assert make.main(arguments) == 0
    voices = {entry.key: entry.voice for entry in Library(folder).entries}
    assert voices[HELLO] == STUDIO_VOICE
    assert voices[PRESS] != STUDIO_VOICE
    assert "mudo" in capsys.readouterr().err


def test_a_broken_index_is_told(folder: Path, box: Path) -> None:
    folder.mkdir()
    (folder / "prompts.json").write_text("{", encoding="utf-8")
    put(box, sent())
    with pytest.raises(PromptsBroken):
        adopt([HELLO], box, folder)


def test_the_list_for_the_studio_is_csv(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = tmp_path / "texts"
    asked.write_text('3\tpt\tDiga "olá", por favor.\n', encoding="utf-8")
    assert studio.main(["--list", str(asked)]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert rows[0]["texto"] == 'Diga "olá", por favor.'
    assert rows[0]["segundos"] == "3"
    assert rows[0]["arquivo"] == f"pt/{file_name(rows[0]['texto'])}"
    assert {row["idioma"] for row in rows} == {"pt", "en", "es"}  # the system's own are there too
    assert studio.main(["--list", str(tmp_path / "nothing")]) == 1
