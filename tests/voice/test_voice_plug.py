"""The voice as the calls' story sees it."""

from pathlib import Path

import pytest
from voice_sounds import tone

from central156.plugs import VoicePlug
from voice.library import RECORDED_HERE, PromptsBroken
from voice.live import SHARES
from voice.recording import make_missing
from voice.texts import UNREADABLE

SOUNDS = Path(__file__).resolve().parents[2] / "sounds" / "recorded"


async def test_values_are_read_and_counted() -> None:
    plug = VoicePlug(SOUNDS)
    protocol = await plug.aloud("123456782", "protocolo", "pt")
    assert protocol == plug.digits("123456782")
    assert protocol.count(plug.find("…")) == 2  # type: ignore[arg-type]
    assert len(await plug.aloud("2026-11-25", "data")) == 3
    assert len(await plug.aloud("907", "digitos", "en")) == 3
    assert await plug.aloud("Rua Qualquer", "texto", "es") == (plug.find(UNREADABLE["es"], "es"),)
    assert plug.shares() == {"joined": 3, "cache": 0, "spoken": 0, "fallback": 1}
    assert set(plug.shares()) == set(SHARES)


async def test_without_a_voice_it_starts_and_ends_all_the_same(tmp_path: Path) -> None:
    plug = VoicePlug(SOUNDS, tmp_path)
    await plug.start()
    assert len(await plug.aloud("14:30", "hora")) == 2
    await plug.close()
    await plug.close()


def test_what_was_recorded_here_is_found_after_a_reload(tmp_path: Path) -> None:
    plug = VoicePlug(SOUNDS, tmp_path)
    assert plug.find("Um aviso novo.") is None
    make_missing([("pt", "Um aviso novo.")], tmp_path / RECORDED_HERE, lambda *_: tone())
    plug.reload()
    prompt = plug.find("Um aviso novo.")
    assert prompt is not None
    assert prompt.path.startswith(str(tmp_path))
    (tmp_path / RECORDED_HERE / "prompts.json").write_text("{", encoding="utf-8")
    with pytest.raises(PromptsBroken):
        plug.reload()
    assert plug.find("Um aviso novo.") == prompt
