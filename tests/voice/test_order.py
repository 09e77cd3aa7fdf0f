"""Recording to order, while the centre runs: by a real process, found again by content."""

import importlib.util
import sys
import time
from pathlib import Path

import pytest
from test_studio import put, sent
from voice_sounds import HELLO, PRESS

from voice import order
from voice.library import Library
from voice.order import NotRecorded, make, missing
from voice.recording import make_missing

NO_VOICE = importlib.util.find_spec("onnxruntime") is None


def hum(*_: object) -> bytes:
    return sent(rate=8_000)[44:]


def test_what_is_missing_is_told_once(tmp_path: Path) -> None:
    shipped, here = tmp_path / "shipped", tmp_path / "here"
    make_missing([HELLO], shipped, hum)
    wanted = [HELLO, PRESS, ("pt", "Olá,  cidadão. "), ("en", HELLO[1]), PRESS]
    assert missing(wanted, shipped, here) == (PRESS, ("en", HELLO[1]))
    make_missing([PRESS], here, hum)
    assert missing(wanted, shipped, here) == (("en", HELLO[1]),)


async def test_texts_are_recorded_once_for_every_version(tmp_path: Path, box: Path) -> None:
    """The process is the real one; a studio's files stand for the voice."""
    here = tmp_path / "here"
    put(box, sent(), HELLO)
    put(box, sent(), PRESS)
    await make([HELLO], here, studio=box)
    await make([HELLO, PRESS], here, studio=box)
    files = {file: file.stat().st_mtime_ns for file in here.glob("*.wav")}
    assert len(files) == 2
    await make([PRESS], here, studio=box)
    assert {file: file.stat().st_mtime_ns for file in here.glob("*.wav")} == files
    library = Library(here)
    assert library.check() == ()
    assert library.find(*reversed(PRESS)) is not None


async def test_what_is_there_needs_no_process(tmp_path: Path) -> None:
    make_missing([HELLO], tmp_path, hum)
    await make([HELLO], tmp_path / "here", tmp_path, python="/nonexistent", studio=tmp_path / "no")


@pytest.mark.skipif(not NO_VOICE, reason="the voice is installed here")
async def test_without_the_voice_it_says_what_lacks_and_what_to_type(tmp_path: Path) -> None:
    with pytest.raises(NotRecorded) as refused:
        await make([HELLO, PRESS], tmp_path / "here", studio=tmp_path / "no")
    assert refused.value.texts == (HELLO, PRESS)
    assert order.INSTALL in str(refused.value)
    assert "[pt] Olá, cidadão.\n  [en] Press one." in str(refused.value)
    assert "Traceback" not in str(refused.value)


async def test_a_recorder_that_hangs_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order, "ORDER_SECONDS", 0.2)
    monkeypatch.setattr(order, "ORDER_SECONDS_EACH", 0.0)
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nsleep 60\n")
    slow.chmod(0o755)
    began = time.perf_counter()
    with pytest.raises(NotRecorded, match="não terminou em"):
        await make([HELLO], tmp_path / "here", python=str(slow), studio=tmp_path / "no")
    assert time.perf_counter() - began < 2


async def test_a_recorder_that_dies_is_told(tmp_path: Path) -> None:
    dies = tmp_path / "dies"
    dies.write_text("#!/bin/sh\nexit 3\n")
    dies.chmod(0o755)
    with pytest.raises(NotRecorded, match="parou sem dizer por quê"):
        await make([HELLO], tmp_path / "here", python=str(dies), studio=tmp_path / "no")


def test_a_long_list_is_cut_short() -> None:
    told = str(NotRecorded("Assim não.", [("pt", f"Texto {n}.") for n in range(30)]))
    assert "… e mais 20" in told


@pytest.mark.skipif(NO_VOICE, reason="needs the voice: make voice")
@pytest.mark.parametrize("key", [HELLO, PRESS, ("es", "Pulse uno.")])
async def test_the_real_voice_records(tmp_path: Path, key: tuple[str, str]) -> None:
    await make([key], tmp_path, python=sys.executable, studio=tmp_path / "no")
    assert Library(tmp_path).check() == ()
