"""Values known only during a call: each caller hears their own, within two seconds."""

import asyncio
import sys
import time
import wave
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from fake_voice import samples_of
from voice_sounds import item, tone, write_items, write_wav

from terms.limits import LIVE_BUDGET
from voice import live as live_module
from voice.library import WORDS, Library, Recorded
from voice.live import LiveVoice, as_one_text
from voice.pool import Pool
from voice.texts import DIGITS, UNREADABLE

FAKE = Path(__file__).parent / "fake_voice.py"
MARGIN = 0.25
"""Seconds that a busy test machine may add."""

Started = Callable[..., "asyncio.Future[LiveVoice]"]


@pytest.fixture
def library(tmp_path: Path) -> Library:
    folder = tmp_path / "sounds"
    (folder / WORDS).mkdir(parents=True)
    put(folder, [*DIGITS.values(), UNREADABLE["pt"], UNREADABLE["en"]], last_is="en")
    put(folder / WORDS, ["rua", "augusta", "vinte e um", "reais"])
    return Library(folder)


def put(folder: Path, texts: list[str], last_is: str = "pt") -> None:
    """Record the texts as 0.wav, 1.wav and so on."""
    items = []
    for number, text in enumerate(texts):
        write_wav(folder / f"{number}.wav", tone(0.1))
        items.append(item(folder, text, f"{number}.wav"))
    items[-1]["language"] = last_is
    write_items(folder, items)


@pytest.fixture
async def live(library: Library, tmp_path: Path) -> AsyncIterator[Started]:
    made: list[LiveVoice] = []

    async def start(delay: float = 0.0, **limits: float) -> LiveVoice:
        command = (sys.executable, str(FAKE), str(delay), str(tmp_path / "memory"))
        pool = Pool(command, **limits)  # type: ignore[arg-type]
        voice = LiveVoice(library, tmp_path / "kept", lambda: pool)
        made.append(voice)
        await voice.start()
        while not pool.ready:
            await asyncio.sleep(0.005)
        return voice

    yield start  # type: ignore[misc]
    for voice in made:
        await voice.close()


def heard(recorded: tuple[Recorded, ...]) -> bytes:
    (one,) = recorded
    with wave.open(one.path + ".wav") as sound:
        return sound.readframes(sound.getnframes())


def own(value: str, language: str = "pt") -> bytes:
    return samples_of("pt", as_one_text(value, "texto", language)[1])


def kept_files(folder: Path) -> list[Path]:
    return list((folder / "kept").glob("*.wav"))


def is_fallback(recorded: tuple[Recorded, ...], library: Library) -> bool:
    return recorded == (library.find(UNREADABLE["pt"]),)


async def test_a_hundred_callers_at_once_each_hear_their_own_in_two_seconds(
    live: Started, library: Library
) -> None:
    """Words that are recorded, words that were spoken before, and words that are new."""
    voice = await live(0.05)
    for number in range(5):
        await voice.aloud(f"Rua Conhecida {number}", "texto", "pt")
    before = dict(voice.shares)
    values = [
        *(f"{number:09d}" for number in range(30)),
        *(f"Rua Conhecida {number % 5}" for number in range(30)),
        *(f"Rua Nova {number}" for number in range(40)),
    ]

    async def ask(value: str) -> tuple[str, tuple[Recorded, ...], float]:
        how = "protocolo" if value.isdigit() else "texto"
        began = time.perf_counter()
        read = await voice.aloud(value, how, "pt")
        return value, read, time.perf_counter() - began

    answers = await asyncio.gather(*(ask(value) for value in values))
    assert max(seconds for _, _, seconds in answers) <= LIVE_BUDGET + MARGIN
    for value, read, _ in answers:
        if value.isdigit():
            assert read == library.digits(value)
        elif not is_fallback(read, library):
            assert heard(read) == own(value), value
        else:
            assert value.startswith("Rua Nova")
    now = {by: voice.shares[by] - before[by] for by in before}
    assert now["joined"] == 30
    assert now["cache"] == 30
    assert now["spoken"] + now["fallback"] == 40
    assert now["spoken"] >= 5
    assert now["fallback"] >= 5


async def test_whoever_is_refused_is_told_at_once(live: Started, library: Library) -> None:
    """Silence until the budget is over would help nobody."""
    voice = await live(0.2)
    asked = [asyncio.create_task(voice.aloud(f"Rua {n} nova", "texto", "pt")) for n in range(10)]
    began = time.perf_counter()
    done, _ = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
    assert time.perf_counter() - began < 0.1
    assert all(is_fallback(task.result(), library) for task in done)
    await asyncio.gather(*asked)


async def test_what_was_too_slow_is_there_for_the_next_caller(
    live: Started, library: Library
) -> None:
    voice = await live(0.2)
    assert is_fallback(await voice.aloud("Rua Longa", "texto", "pt", 0.2), library)
    await asyncio.sleep(0.3)
    assert heard(await voice.aloud("Rua Longa", "texto", "pt", 0.2)) == own("Rua Longa")
    assert (voice.shares["fallback"], voice.shares["cache"]) == (1, 1)


async def test_what_nobody_waits_for_any_more_is_not_begun(live: Started, tmp_path: Path) -> None:
    voice = await live(0.2)
    voice._pool._pace = 0.01  # type: ignore[union-attr]
    await asyncio.gather(*(voice.aloud(f"Rua {n} nova", "texto", "pt", 0.3) for n in range(8)))
    await asyncio.sleep(0.4)
    assert len((tmp_path / "memory").read_text().splitlines()) <= 2


async def test_many_who_wait_for_the_same_share_one_voice(live: Started, tmp_path: Path) -> None:
    voice = await live(0.1)
    read = await asyncio.gather(*(voice.aloud("Praça da Sé", "texto", "pt") for _ in range(20)))
    assert {heard(one) for one in read} == {own("Praça da Sé")}
    assert voice.shares["spoken"] == 20
    assert (tmp_path / "memory").read_text().splitlines() == ["Praça da Sé"]


async def test_known_words_need_no_voice(library: Library) -> None:
    voice = LiveVoice(library, None)
    await voice.start()
    read = await voice.aloud("R. AUGUSTA, 21", "texto", "pt")
    assert [Path(one.path).name for one in read] == ["0", "1", "2"]
    assert len(await voice.aloud("21", "dinheiro", "pt")) == 2
    assert is_fallback(await voice.aloud("Rua Bela Cintra", "texto", "pt"), library)
    assert voice.shares == {"joined": 2, "cache": 0, "spoken": 0, "fallback": 1}


async def test_a_text_stays_portuguese_and_the_fallback_is_in_the_callers_language(
    live: Started, library: Library
) -> None:
    voice = await live()
    assert heard(await voice.aloud("Rua Direita", "texto", "en")) == own("Rua Direita", "en")
    refused = await voice.aloud("erro", "texto", "en")
    assert refused == (library.find(UNREADABLE["en"], "en"),)
    spanish = await voice.aloud("erro", "texto", "es")  # recorded in no other than Portuguese
    assert is_fallback(spanish, library)


@pytest.mark.parametrize("value", ["", " ", "東京", "…", "x" * 1000, "\x00", "{}"])
async def test_what_cannot_be_read_falls_back(live: Started, library: Library, value: str) -> None:
    voice = await live()
    assert is_fallback(await voice.aloud(value, "texto", "pt"), library)


@pytest.mark.parametrize("word", ["erro", "morra", "lixo", "cale"])
async def test_a_voice_that_fails_hurts_one_value_and_serves_the_next(
    live: Started, library: Library, word: str
) -> None:
    voice = await live(speaking=0.2, restart_first=0.02)
    began = time.perf_counter()
    assert is_fallback(await voice.aloud(f"Rua {word} aqui", "texto", "pt"), library)
    assert time.perf_counter() - began < LIVE_BUDGET
    for _ in range(200):
        if not is_fallback(read := await voice.aloud("Rua Boa", "texto", "pt"), library):
            break
        await asyncio.sleep(0.02)
    assert heard(read) == own("Rua Boa")


async def test_a_voice_that_is_not_there_stops_nothing(library: Library, tmp_path: Path) -> None:
    for command in ((sys.executable, "-c", 'print(\'{"missing": "x"}\')'), ("/nonexistent",), ()):
        voice = LiveVoice(library, tmp_path / "kept", lambda command=command: Pool(command))
        await voice.start()
        await asyncio.sleep(0.05)
        assert is_fallback(await voice.aloud("Rua Boa", "texto", "pt"), library)
        await voice.close()


async def test_a_folder_that_cannot_be_written_stops_nothing(
    library: Library, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    voice = LiveVoice(library, tmp_path / "file" / "kept")
    await voice.start()
    assert is_fallback(await voice.aloud("Rua Boa", "texto", "pt"), library)
    assert await voice.aloud("12", "digitos", "pt") == library.digits("12")
    await voice.close()


async def test_nothing_that_is_read_is_logged(
    live: Started, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "voice")
    voice = await live()
    for value in ("Rua Secreta", "morra Secreta", "erro Secreta", "lixo Secreta"):
        await voice.aloud(value, "texto", "pt")
    assert "Secreta" not in "".join(f"{one.getMessage()} {one.__dict__}" for one in caplog.records)


async def test_old_values_go_though_nobody_asks(
    live: Started, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_module, "LIVE_TIDY_EVERY", 0.02)
    voice = await live()
    await voice.aloud("Rua Velha", "texto", "pt")
    assert len(kept_files(tmp_path)) == 1
    for kept in voice._cache._kept.values():  # type: ignore[union-attr]
        kept.made = kept.used = 0.0
    for _ in range(100):
        if not kept_files(tmp_path):
            break
        await asyncio.sleep(0.02)
    assert kept_files(tmp_path) == []
