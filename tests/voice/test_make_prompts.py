"""Recording what is missing, with a voice that hums instead of speaking."""

import json
from pathlib import Path

import pytest
from voice_sounds import tone

from voice import make
from voice.library import Library, PromptsBroken

CHARACTERS_A_SECOND = 20


class Hummer:
    """Hums as long as a person would speak; remembers what it was asked."""

    def __init__(self) -> None:
        self.said: list[tuple[str, float]] = []

    def __call__(self, text: str, speed: float) -> bytes:
        self.said.append((text, speed))
        return tone(len(text) / CHARACTERS_A_SECOND / speed)


def test_records_only_what_is_missing(tmp_path: Path) -> None:
    hum = Hummer()
    first = make.make_missing(["Bom dia.", "Boa  tarde.", "Bom dia. "], tmp_path, hum, voice="hum")
    again = make.make_missing(["Boa tarde.", "Boa noite."], tmp_path, hum, voice="hum")
    assert [entry.text for entry in first] == ["Bom dia.", "Boa tarde."]
    assert [entry.text for entry in again] == ["Boa noite."]
    library = Library(tmp_path)
    assert library.check() == ()
    assert {entry.text for entry in library.entries} == {"Bom dia.", "Boa tarde.", "Boa noite."}
    assert {entry.voice for entry in library.entries} == {"hum"}
    assert not list(tmp_path.glob("*.new"))


def test_speaks_faster_only_as_far_as_needed(tmp_path: Path) -> None:
    text = "x" * 42  # 2.1 s at the voice's own pace
    (entry,) = make.make_missing([text], tmp_path, Hummer(), {text: 2.0})
    assert entry.speed == 1.05
    assert entry.seconds <= 2.0


def test_a_text_that_cannot_fit_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(make.TooLong, match="o máximo é 1 s"):
        make.make_missing(["x" * 60], tmp_path, Hummer(), {"x" * 60: 1.0})
    assert list(tmp_path.iterdir()) == []


def test_a_bound_that_came_later_is_kept_too(tmp_path: Path) -> None:
    text = "x" * 42
    make.make_missing([text], tmp_path, Hummer())
    (entry,) = make.make_missing([text], tmp_path, Hummer(), {text: 2.0})
    assert entry.seconds <= 2.0
    assert Library(tmp_path).check() == ()


def test_another_spelling_for_the_voice_is_kept_in_the_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hum = Hummer()
    make.make_missing(["Um."], tmp_path, hum)
    monkeypatch.setattr(make, "SPOKEN", {"Um.": "Hum."})
    make.make_missing(["Um."], tmp_path, hum)
    assert [text for text, _ in hum.said][-1] == "Hum."
    (listed,) = json.loads((tmp_path / "prompts.json").read_text(encoding="utf-8"))
    assert (listed["text"], listed["spoken"]) == ("Um.", "Hum.")
    make.make_missing(["Um."], tmp_path, hum)
    assert len(hum.said) == 2


def test_a_persons_recording_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make.make_missing(["Um."], tmp_path, Hummer(), voice="Maria")
    monkeypatch.setattr(make, "SPOKEN", {"Um.": "Hum."})
    assert make.make_missing(["Um."], tmp_path, Hummer()) == ()


def test_an_interrupted_run_leaves_the_folder_sound(tmp_path: Path) -> None:
    def fails_second(text: str, speed: float) -> bytes:
        if text == "Dois.":
            raise KeyboardInterrupt
        return tone()

    with pytest.raises(KeyboardInterrupt):
        make.make_missing(["Um.", "Dois.", "Três."], tmp_path, fails_second)
    library = Library(tmp_path)
    assert [entry.text for entry in library.entries] == ["Um."]
    assert library.check() == ()


def test_removes_what_nobody_wants(tmp_path: Path) -> None:
    make.make_missing(["Um.", "Dois."], tmp_path, Hummer())
    (tmp_path / "sobra.wav").write_bytes(b"")
    removed = make.remove_unwanted([" Dois. "], tmp_path)
    assert [entry.text for entry in removed] == ["Um."]
    assert [file.name for file in tmp_path.glob("*.wav")] == [make.file_name("Dois.")]
    assert Library(tmp_path).check() == ()


def test_a_broken_index_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "prompts.json").write_text("{", encoding="utf-8")
    with pytest.raises(PromptsBroken):
        make.make_missing(["Um."], tmp_path, Hummer())
    assert (tmp_path / "prompts.json").read_text(encoding="utf-8") == "{"


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("Não há ninguém!", "nao-ha-ninguem-"),
        ("Árvore, lixo " * 9, "arvore-lixo-arvore-lixo-arvore-lixo-arvo-"),
        ("…", "texto-"),
    ],
)
def test_file_names_can_be_read(text: str, begins: str) -> None:
    assert make.file_name(text).startswith(begins)
    assert make.file_name(text).endswith(".wav")


def test_texts_that_look_alike_get_files_of_their_own() -> None:
    assert make.file_name("Aperte um.") != make.file_name("Aperte um!")
    assert make.file_name("Aperte  um.") == make.file_name("Aperte um.")


def test_without_the_voice_the_command_says_what_to_install(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert make.main(["--sounds", str(tmp_path)]) == 1
    assert "pip install '.[voice]'" in capsys.readouterr().err
