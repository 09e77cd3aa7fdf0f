"""From a text to its recording, and what `check` finds in a folder."""

import time
from pathlib import Path

import pytest
from voice_sounds import item, tone, write_items, write_wav

from voice.library import WORDS, Library, PromptsBroken, Recorded
from voice.reading import PAUSE
from voice.texts import DIGITS, NAMED, WHISPERS, system_texts


def one(folder: Path, samples: bytes, **but: object) -> Library:
    """A library of one recording."""
    write_wav(folder / "a.wav", samples)
    write_items(folder, [item(folder, "Olá.", "a.wav") | but])
    return Library(folder)


def all_system_texts(folder: Path) -> Library:
    items = []
    for number, (language, text) in enumerate(system_texts()):
        write_wav(folder / f"t{number}.wav", tone(0.1 + number / 100))
        items.append(item(folder, text, f"t{number}.wav") | {"language": language})
    write_items(folder, items)
    return Library(folder)


def library_with_words(folder: Path, words: dict[str, list[str]]) -> Library:
    """The library of `folder`, with these words beside it."""
    items = []
    (folder / WORDS).mkdir()
    for language, texts in words.items():
        for text in texts:
            name = f"{len(items)}.wav"
            write_wav(folder / WORDS / name, tone(0.1, 0 if text == PAUSE else 4_634))
            items.append(item(folder / WORDS, text, name) | {"language": language})
    write_items(folder / WORDS, items)
    return Library(folder)


@pytest.mark.parametrize("asked", ["Olá, mundo.", "  Olá,\n  mundo. ", "Olá,\tmundo."])
def test_finds_a_text_whatever_its_white_space(tmp_path: Path, asked: str) -> None:
    write_wav(tmp_path / "ola.wav", tone(0.5))
    write_items(tmp_path, [item(tmp_path, "Olá,  mundo.", "ola.wav")])
    assert Library(tmp_path).find(asked) == Recorded(str(tmp_path / "ola"), 0.5)


@pytest.mark.parametrize("asked", ["", "olá.", "Olá", "Outra coisa."])
def test_finds_no_other_text(tmp_path: Path, asked: str) -> None:
    assert one(tmp_path, tone()).find(asked) is None


@pytest.mark.parametrize("left", [None, b""])
def test_a_recording_whose_file_is_gone_is_not_found_any_more(
    tmp_path: Path, left: bytes | None
) -> None:
    library = one(tmp_path, tone(0.3))
    path = str(tmp_path / "a")
    assert not library.forget_if_gone(path)
    assert library.find("Olá.") is not None
    (tmp_path / "a.wav").unlink()
    if left is not None:
        (tmp_path / "a.wav").write_bytes(left)
    assert library.forget_if_gone(path)
    assert library.find("Olá.") is None
    assert library.read("Olá.", "texto") == ()
    assert not library.forget_if_gone(path)  # told once
    library.reload()
    assert library.find("Olá.") is not None


def test_digits_are_read_one_by_one_and_signs_are_skipped(tmp_path: Path) -> None:
    library = all_system_texts(tmp_path)
    read = library.digits("1234 5678-9")
    assert read == tuple(library.find(DIGITS[digit]) for digit in "123456789")
    with_pauses = library_with_words(tmp_path, {"pt": [PAUSE], "en": ["One.", PAUSE]})
    pause = with_pauses.find(PAUSE)
    assert with_pauses.digits("123456789") == (*read[:3], pause, *read[3:6], pause, *read[6:])
    assert len(with_pauses.digits("11111", "en")) == 6
    assert library.digits("") == ()


def test_whispers_and_named_texts(tmp_path: Path) -> None:
    library = all_system_texts(tmp_path)
    for line, text in WHISPERS.items():
        assert library.whisper(line) == library.find(text)
    for name, text in NAMED.items():
        assert library.named(name) == library.find(text)
    assert library.whisper("190") is None
    assert library.named("nada") is None


def test_names_are_those_that_the_switch_says() -> None:
    from pbx.configuration import PROMPT_NAMES

    assert set(NAMED) == set(PROMPT_NAMES)


def test_a_relative_folder_gives_absolute_paths(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one(tmp_path, tone())
    monkeypatch.chdir(tmp_path)
    found = Library(Path(".")).find("Olá.")
    assert found is not None
    assert found.path == str(tmp_path / "a")


@pytest.mark.parametrize(
    ("index", "says"),
    [
        (None, "não existe"),
        ("{", "não é JSON"),
        ("[" * 100_000, "não é JSON"),
        ("{}", "uma lista"),
        ("[1]", "mensagem 1: deveria ter"),
        ('[{"text": "a"}]', "falta o campo file"),
        ('[{"text": " ", "file": "a.wav"}]', "falta o campo text"),
    ],
)
def test_an_index_that_says_nothing(tmp_path: Path, index: str | None, says: str) -> None:
    if index is not None:
        (tmp_path / "prompts.json").write_text(index, encoding="utf-8")
    with pytest.raises(PromptsBroken, match=says):
        Library(tmp_path)


@pytest.mark.parametrize(
    ("but", "says"),
    [
        ({"file": "../a.wav"}, "não é o nome de um arquivo"),
        ({"file": "a.mp3"}, "não é o nome de um arquivo"),
        ({"seconds": 0}, "seconds deveria ser"),
        ({"seconds": True}, "seconds deveria ser"),
        ({"seconds": "1"}, "seconds deveria ser"),
        ({"speed": -1}, "speed deveria ser"),
        ({"spoken": 3}, "spoken deveria ser"),
        ({"source": 3}, "source deveria ser"),
        ({"language": "de"}, "language deveria ser"),
    ],
)
def test_an_index_with_a_wrong_field(tmp_path: Path, but: dict[str, object], says: str) -> None:
    with pytest.raises(PromptsBroken, match=says):
        one(tmp_path, tone(), **but)


def test_all_mistakes_of_an_index_are_told_at_once(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", tone())
    good = item(tmp_path, "Um.", "a.wav")
    write_items(tmp_path, [good, {"text": "b"}, good | {"text": " Um. "}, 7])
    with pytest.raises(PromptsBroken) as broken:
        Library(tmp_path)
    assert len(broken.value.problems) == 3
    assert "texto repetido: «Um.»" in str(broken.value)


def test_a_sound_recording_has_no_problems(tmp_path: Path) -> None:
    library = one(tmp_path, tone())
    assert library.check() == ()
    library.must_be_sound()


SHAPES = {
    "16 kHz": {"rate": 16_000},
    "stereo": {"channels": 2},
    "8 bits": {"width": 1},
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_check_refuses_other_kinds_of_wav(tmp_path: Path, shape: dict[str, int]) -> None:
    write_wav(tmp_path / "a.wav", tone(), **shape)
    write_items(tmp_path, [item(tmp_path, "Olá.", "a.wav")])
    (problem,) = Library(tmp_path).check()
    assert "deveria ser wav mono de 8000 Hz e 16 bits" in problem


@pytest.mark.parametrize(
    ("samples", "says"),
    [
        (tone(amplitude=0), "baixo demais ou mudo"),
        (tone(amplitude=300), "baixo demais ou mudo"),
        (tone(amplitude=2_300), "fora do volume das outras: -26.1 dB"),
        (tone(amplitude=9_300), "fora do volume das outras"),
        (tone(amplitude=32_767), "som cortado"),
        (tone(1.0, lead=0.5), "0.50 s de silêncio"),
        (b"", "baixo demais ou mudo"),
    ],
)
def test_check_hears_what_a_listener_would(tmp_path: Path, samples: bytes, says: str) -> None:
    library = one(tmp_path, samples, seconds=max(len(samples) / 16_000, 0.01))
    (problem,) = library.check()
    assert says in problem


def test_check_finds_another_length(tmp_path: Path) -> None:
    (problem,) = one(tmp_path, tone(0.5), seconds=0.6).check()
    assert "dura 0.50 s, mas o índice diz 0.60 s" in problem


def test_check_finds_another_content(tmp_path: Path) -> None:
    library = one(tmp_path, tone())
    write_wav(tmp_path / "a.wav", tone(amplitude=5_000))
    (problem,) = library.check()
    assert "sha256" in problem


@pytest.mark.parametrize(
    ("content", "says"),
    [(None, "não existe"), (b"", "não é um arquivo wav"), (b"RIFFxxxx", "não é um arquivo wav")],
)
def test_check_finds_what_is_no_recording(tmp_path: Path, content: bytes | None, says: str) -> None:
    library = one(tmp_path, tone())
    (tmp_path / "a.wav").unlink()
    if content is not None:
        (tmp_path / "a.wav").write_bytes(content)
    (problem,) = library.check()
    assert says in problem
    with pytest.raises(PromptsBroken, match=says):
        library.must_be_sound()


def test_check_finds_a_file_cut_short(tmp_path: Path) -> None:
    library = one(tmp_path, tone())
    file = tmp_path / "a.wav"
    file.write_bytes(file.read_bytes()[:-1000])
    (problem,) = library.check()
    assert "incompleto" in problem


def test_check_tells_of_every_file(tmp_path: Path) -> None:
    library = all_system_texts(tmp_path)
    for file in tmp_path.glob("*.wav"):
        file.unlink()
    assert len(library.check()) == len(system_texts())


def test_loading_is_quick_and_reads_no_recording(tmp_path: Path) -> None:
    write_items(
        tmp_path,
        [
            {"text": f"t {n}", "file": f"{n}.wav", "seconds": 1, "sha256": "0", "voice": "v"}
            for n in range(1_000)
        ],
    )
    began = time.perf_counter()
    library = Library(tmp_path)
    assert time.perf_counter() - began < 0.05
    assert library.find("t 999") == Recorded(str(tmp_path / "999"), 1)


def test_values_are_put_together_from_words(tmp_path: Path) -> None:
    all_system_texts(tmp_path)
    words = ["vinte e um", "reais", "e cinquenta", "centavos", "um"]
    library = library_with_words(tmp_path, {"pt": words})
    assert library.check() == ()
    names = [Path(one.path).name for one in library.read("21,50", "dinheiro")]
    assert names == ["0", "1", "2", "3"]
    assert library.read("22,50", "dinheiro") == ()
    assert library.read("1", "numero") == (library.find("um"),)  # not the digit, which ends
    assert library.read("1", "digitos") == (library.find("Um."),)


def test_folders_of_this_machine_are_looked_in_last(tmp_path: Path) -> None:
    shipped, here = tmp_path / "shipped", tmp_path / "here"
    for folder in (shipped, here):
        folder.mkdir()
        write_wav(folder / "a.wav", tone())
    write_items(shipped, [item(shipped, "Olá.", "a.wav")])
    library = Library(shipped, here)  # which holds nothing yet
    assert library.find("Tchau.") is None
    write_items(here, [item(here, "Olá.", "a.wav"), item(here, "Tchau.", "a.wav")])
    library.reload()
    assert library.find("Olá.") == Recorded(str(shipped / "a"), 0.5)
    assert library.find("Tchau.") == Recorded(str(here / "a"), 0.5)
    write_items(here, [item(here, "Olá.", "a.wav", source="0" * 64)])
    library.reload()
    assert library.find("Olá.") == Recorded(str(here / "a"), 0.5)  # a studio's goes first


def test_a_reload_that_fails_changes_nothing(tmp_path: Path) -> None:
    library = one(tmp_path, tone())
    (tmp_path / "prompts.json").write_text("{", encoding="utf-8")
    with pytest.raises(PromptsBroken):
        library.reload()
    assert library.find("Olá.") is not None
    assert len(library.entries) == 1
