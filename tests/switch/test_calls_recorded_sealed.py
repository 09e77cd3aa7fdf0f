"""A real call, recorded, sealed, and heard again through the API: both sides, at their levels."""

from __future__ import annotations

import asyncio
import io
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import soundfile
from calls_bed import Story, ended, on_the_line, soon
from centre_bed import Centre, centre_bed
from dialplan_copies import shorter_dialplans
from talk_bed import TONES, begin, says

from phones.ears import RATE, level_of, sound_of
from vault import keys
from vault.sealed import SealBroken, Unsealed, new_key

pytestmark = pytest.mark.switch

PORTS, SOUND_PORTS = 23240, 43200
TALK = 4.0
REASON = "prova de que se ouve"


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """A centre that seals, as it comes."""
    folder = tmp_path_factory.mktemp("sealing")
    given = {
        "CENTRAL156_DIALPLANS_DIR": str(shorter_dialplans(folder / "dialplans")),
        "CENTRAL156_SEAL_RECORDINGS": "true",
    }
    with centre_bed(folder, PORTS, SOUND_PORTS, **given) as running:
        yield running


async def test_it_is_sealed_and_heard_by_whoever_may(centre: Centre) -> None:
    async with on_the_line(centre) as line:
        talk = await begin(line)
        await asyncio.sleep(TALK / 2)
        for keys_pressed in ("*1", "*2", "#"):  # what starts and stops recordings elsewhere
            await talk.agent.press(keys_pressed)
        says(talk.agent, "ana")
        await asyncio.sleep(TALK / 2)
        await talk.citizen.hang_up()
        story = await ended(centre, talk.caller)
        sealed = await soon(lambda: _sealed(centre, story), 8, "the seal")
        await asyncio.to_thread(_is_kept, centre, story, sealed)
        await asyncio.to_thread(_is_heard, centre, story)


def _sealed(centre: Centre, story: Story) -> dict[str, Any] | None:
    call = story.call["call_id"]
    told = centre.rows("SELECT * FROM facts WHERE kind = 'recording_sealed' AND call_id = ?", call)
    rows = centre.rows("SELECT * FROM recording_keys WHERE call_id = ?", call)
    return rows[0] if told and rows else None


def _is_kept(centre: Centre, story: Story, row: dict[str, Any]) -> None:
    """The plain file is gone; what lies there instead is no sound, and opens with its key only."""
    state, call = centre.settings.state_dir, story.call["call_id"]
    assert list(centre.settings.recordings_dir.rglob(f"{call}*")) == []
    file = state / "sealed" / row["place"]
    content = file.read_bytes()
    assert b"RIFF" not in content[:64]
    assert len(content) > row["bytes"] > TALK * RATE * 2 * 0.8
    with pytest.raises(wave.Error), wave.open(str(file)):
        pass
    with pytest.raises(soundfile.LibsndfileError):
        soundfile.read(str(file))
    with pytest.raises(SealBroken):
        Unsealed(file.open("rb"), new_key(), call)
    masters = keys.load(state / "secrets" / "recordings_master")
    with Unsealed(
        file.open("rb"), masters.unwrap(row["wrapped"], call, row["master"]), call
    ) as opened:
        plain = opened.read()
    assert plain[:4] == b"RIFF"
    # nothing of it is in any other file of the centre
    piece = plain[len(plain) // 2 :][:64]
    others = [one for one in state.rglob("*") if one.is_file() and one.stat().st_size < 10**8]
    assert [one for one in others if piece in _content(one)] == []


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""


def _is_heard(centre: Centre, story: Story) -> None:
    call, protocol = story.call["call_id"], story.call["protocol"]
    path = f"/v1/recordings/{call}/sound"
    made = centre.post("/v1/persons", name="aurora", role="auditor")
    with httpx.Client(
        base_url=centre.settings.api_url,
        headers={"Authorization": f"Bearer {made['token']}"},
        trust_env=False,
        timeout=20.0,
    ) as aurora:
        (found,) = aurora.get("/v1/recordings", params={"protocol": protocol}).json()["recordings"]
        assert (found["name"], found["problem"], found["ok"]) == (call, "", True)
        assert aurora.get(path).status_code == 422  # no reason, no sound
        with pytest.raises(httpx.HTTPStatusError) as refusal:
            centre.get(f"{path}?reason={REASON}")
        assert refusal.value.response.status_code == 403
        assert _heard(centre, call) == []
        sounds = {}
        for form in ("wav", "ogg", "mp3"):
            answer = aurora.get(path, params={"reason": REASON, "format": form})
            assert answer.status_code == 200
            sounds[form] = answer.content
        assert found["url"] == f"{centre.settings.api_url}{path}"
    assert [one["by_whom"] for one in _heard(centre, call)] == ["aurora"] * 3
    with wave.open(io.BytesIO(sounds["wav"])) as file:
        whole = sound_of(file.readframes(file.getnframes()))
    assert abs(len(whole) / RATE - story.call["talk_seconds"]) < 1.0
    levels = {who: level_of(whole, TONES[who]) for who in ("citizen", "ana")}
    assert min(levels.values()) > 0.2, levels  # through all that was pressed
    for part in np.array_split(whole, 4)[1:3]:
        assert min(level_of(part, TONES[who]) for who in levels) > 0.1
    for form in ("ogg", "mp3"):
        other, rate = soundfile.read(io.BytesIO(sounds[form]), dtype="int16")
        assert (rate, abs(len(other) - len(whole)) < RATE * 0.2) == (RATE, True)
        for who, level in levels.items():
            heard = level_of(other.astype(whole.dtype), TONES[who])
            assert heard == pytest.approx(level, rel=0.1), (form, who)


def _heard(centre: Centre, call: str) -> list[dict[str, Any]]:
    question = "SELECT * FROM facts WHERE kind = 'recording_heard' AND call_id = ? ORDER BY id"
    return centre.rows(question, call)
