"""Recording what is missing, with a voice that hums instead of speaking."""

import json
import sys
from pathlib import Path

import pytest
from voice_sounds import tone

from terms.limits import PROMPT_LEVEL
from voice import make, recording
from voice.library import WORDS, Library, PromptsBroken
from voice.reading import PAUSE
from voice.recording import Words, make_even, make_missing, remove_unwanted
from voice.sound import read_samples, speech_level

CHARACTERS_A_SECOND = 20


class Hummer:
    """Hums as long as a person would speak; remembers what it was asked."""

    def __init__(self) -> None:
        self.said: list[tuple[str, float, str]] = []

    def __call__(self, text: str, speed: float, language: str) -> bytes:
        self.said.append((text, speed, language))
        return tone(len(text) / CHARACTERS_A_SECOND / speed)


def pt(*texts: str) -> list[Words]:
    return [("pt", text) for text in texts]


def test_records_only_what_is_missing(tmp_path: Path) -> None:
    hum = Hummer()
    first = make_missing(pt("Bom dia.", "Boa  tarde.", "Bom dia. "), tmp_path, hum)
    again = make_missing(pt("Boa tarde.", "Boa noite."), tmp_path, hum)
    assert [entry.text for entry in first] == ["Bom dia.", "Boa tarde."]
    assert [entry.text for entry in again] == ["Boa noite."]
    library = Library(tmp_path)
    assert library.check() == ()
    assert {entry.text for entry in library.entries} == {"Bom dia.", "Boa tarde.", "Boa noite."}
    assert {entry.voice for entry in library.entries} == {recording.VOICES["pt"]}
    assert not list(tmp_path.glob("*.new"))


def test_the_same_words_in_two_languages_are_two_recordings(tmp_path: Path) -> None:
    hum = Hummer()
    made = make_missing([("pt", "Zero."), ("en", "Zero."), ("en", "Zero.")], tmp_path, hum)
    assert [language for _, _, language in hum.said] == ["pt", "en"]
    assert {entry.voice for entry in made} == {recording.VOICES["pt"], recording.VOICES["en"]}
    library = Library(tmp_path)
    english, portuguese = library.find("Zero.", "en"), library.find("Zero.")
    assert english is not None
    assert portuguese is not None
    assert english != portuguese
    assert library.find("Zero.", "es") is None
    listed = json.loads((tmp_path / "prompts.json").read_text(encoding="utf-8"))
    assert [item.get("language") for item in listed] == ["en", None]


def test_a_pause_is_silence_and_no_fault(tmp_path: Path) -> None:
    hum = Hummer()
    (entry,) = make_missing([("pt", PAUSE)], tmp_path, hum)
    assert hum.said == []
    assert entry.seconds == recording.PAUSE_SECONDS
    assert make_even(tmp_path) == ()
    assert Library(tmp_path).check() == ()


def test_speaks_faster_only_as_far_as_needed(tmp_path: Path) -> None:
    text = "x" * 42  # 2.1 s at the voice's own pace
    (entry,) = make_missing(pt(text), tmp_path, Hummer(), {("pt", text): 2.0})
    assert entry.speed == 1.05
    assert entry.seconds <= 2.0


def test_a_text_that_cannot_fit_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(recording.TooLong, match="o máximo é 1 s"):
        make_missing(pt("x" * 60), tmp_path, Hummer(), {("pt", "x" * 60): 1.0})
    assert list(tmp_path.iterdir()) == []


def test_a_bound_that_came_later_is_kept_too(tmp_path: Path) -> None:
    text = "x" * 42
    make_missing(pt(text), tmp_path, Hummer())
    (entry,) = make_missing(pt(text), tmp_path, Hummer(), {("pt", text): 2.0})
    assert entry.seconds <= 2.0
    assert Library(tmp_path).check() == ()


def test_another_spelling_for_the_voice_is_kept_in_the_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hum = Hummer()
    monkeypatch.setattr(recording, "SPOKEN", {})
    make_missing(pt("Um."), tmp_path, hum)
    monkeypatch.setattr(recording, "SPOKEN", {"Um.": "Hum."})
    make_missing(pt("Um."), tmp_path, hum)
    assert [text for text, _, _ in hum.said] == ["Um.", "Hum."]
    (listed,) = json.loads((tmp_path / "prompts.json").read_text(encoding="utf-8"))
    assert (listed["text"], listed["spoken"]) == ("Um.", "Hum.")
    make_missing(pt("Um."), tmp_path, hum)
    assert len(hum.said) == 2


def test_a_persons_recording_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_missing(pt("Um."), tmp_path, Hummer(), voices={"pt": "Maria"})
    monkeypatch.setattr(recording, "SPOKEN", {"Um.": "Hum."})
    assert make_missing(pt("Um."), tmp_path, Hummer()) == ()


def test_an_interrupted_run_leaves_the_folder_sound(tmp_path: Path) -> None:
    def fails_second(text: str, speed: float, language: str) -> bytes:
        if text == "Dois.":
            raise KeyboardInterrupt
        return tone()

    with pytest.raises(KeyboardInterrupt):
        make_missing(pt("Três.", "Dois.", "Quatro."), tmp_path, fails_second)
    library = Library(tmp_path)
    assert [entry.text for entry in library.entries] == ["Três."]
    assert library.check() == ()


def test_removes_what_nobody_wants(tmp_path: Path) -> None:
    make_missing([*pt("Três.", "Dois."), ("en", "Dois.")], tmp_path, Hummer())
    (tmp_path / "sobra.wav").write_bytes(b"")
    removed = remove_unwanted(pt(" Dois. "), tmp_path)
    assert {entry.key for entry in removed} == {("pt", "Três."), ("en", "Dois.")}
    assert [file.name for file in tmp_path.glob("*.wav")] == [recording.file_name("Dois.")]
    assert Library(tmp_path).check() == ()


@pytest.mark.parametrize("amplitude", [600, 20_000])
def test_all_are_made_as_loud_as_each_other(tmp_path: Path, amplitude: float) -> None:
    make_missing(pt("Três."), tmp_path, lambda *_: tone(0.5, amplitude))
    assert len(Library(tmp_path).check()) == 1
    (changed,) = make_even(tmp_path)
    assert Library(tmp_path).check() == ()
    level = speech_level(read_samples(tmp_path / changed.file))
    assert level == pytest.approx(PROMPT_LEVEL, abs=0.3)
    assert make_even(tmp_path) == ()


def test_a_broken_index_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "prompts.json").write_text("{", encoding="utf-8")
    with pytest.raises(PromptsBroken):
        make_missing(pt("Um."), tmp_path, Hummer())
    assert (tmp_path / "prompts.json").read_text(encoding="utf-8") == "{"


@pytest.mark.parametrize(
    ("text", "language", "begins"),
    [
        ("Não há ninguém!", "pt", "nao-ha-ninguem-"),
        ("Árvore, lixo " * 9, "pt", "arvore-lixo-arvore-lixo-arvore-lixo-arvo-"),
        ("…", "pt", "texto-"),
        ("Press one.", "en", "en-press-one-"),
    ],
)
def test_file_names_can_be_read(text: str, language: str, begins: str) -> None:
    assert recording.file_name(text, language).startswith(begins)
    assert recording.file_name(text, language).endswith(".wav")


def test_texts_that_look_alike_get_files_of_their_own() -> None:
    names = {
        recording.file_name(text, language)
        for text in ("Aperte um.", "Aperte um!", "aperte um.")
        for language in ("pt", "en", "es")
    }
    assert len(names) == 9
    assert recording.file_name("Aperte  um.") == recording.file_name("Aperte um.")


def test_a_file_of_texts_says_their_language_and_time() -> None:
    whole = "Olá.\n3\tDefesa Civil.\n\n4.5\ten\tPress one.\n2\tDefesa  Civil.\n"
    assert make.read_texts(whole) == {
        ("pt", "Olá."): 25.0,
        ("pt", "Defesa Civil."): 2.0,
        ("en", "Press one."): 4.5,
    }


@pytest.mark.parametrize("line", ["x\tOlá.", "3\tde\tHallo."])
def test_a_wrong_line_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"língua|float"):
        make.read_texts(line)


def test_without_the_voice_the_command_says_what_to_install(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert make.main(["--sounds", str(tmp_path)]) == 1
    assert "make voice" in capsys.readouterr().err


def test_the_command_records_words_beside_the_texts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(make, "_Voice", Hummer)
    monkeypatch.setattr(make, "words_to_record", lambda: (("pt", "mil"), ("pt", PAUSE)))
    asked = tmp_path / "texts"
    asked.write_text("Olá, você.\n", encoding="utf-8")
    sounds = tmp_path / "sounds"
    assert make.main(["--sounds", str(sounds), "--clean", str(asked)]) == 0
    library = Library(sounds)
    assert all(library.find(text) for text in ("Olá, você.", "mil", "Você saiu. Até logo."))
    assert len(list((sounds / WORDS).glob("*.wav"))) == 2


def test_what_another_folder_has_is_not_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(make, "_Voice", Hummer)
    shipped, here, asked = tmp_path / "shipped", tmp_path / "here", tmp_path / "texts"
    make_missing(pt("Olá."), shipped, Hummer())
    asked.write_text("Olá.\nTchau.\n", encoding="utf-8")
    arguments = ["--only", "--sounds", str(here), "--besides", str(shipped), str(asked)]
    assert make.main(arguments) == 0
    assert [entry.text for entry in Library(here).entries] == ["Tchau."]
    both = Library(shipped, here)
    assert all(both.find(text) for text in ("Olá.", "Tchau."))
