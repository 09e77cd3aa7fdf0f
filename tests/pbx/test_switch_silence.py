"""A caller or an agent who vanishes without a word, and what the switch says by itself."""

from __future__ import annotations

import shutil
import time
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest
from scripted_control import Step, scripted_control
from sipp_phones import AgentPhone, holding_agent, sipp_call, start_calls
from switchbed import Bed, switch_bed

from pbx.configuration import PROMPT_NAMES
from terms import limits

pytestmark = pytest.mark.switch

SILENCE = 2  # seconds; the product's own is RTP_SILENCE
PROMPT_SECONDS = 0.5


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bed]:
    folder = tmp_path_factory.mktemp("silence")
    prompt = folder / "prompt.wav"
    with wave.open(str(prompt), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\0\x20\0\xe0" * round(2000 * PROMPT_SECONDS * 2))
    for name in PROMPT_NAMES:
        shutil.copy(prompt, folder / f"{name}.wav")
    with switch_bed(
        folder,
        16330,
        31800,
        rtp_timeout=SILENCE,
        rtp_timeout_hold=SILENCE,
        prompts={name: str(folder / name) for name in PROMPT_NAMES},
    ) as bed:
        bed.ask("dialplan set global C156_EPOCH 7")
        yield bed


@pytest.fixture
def ana(bed: Bed) -> AgentPhone:
    phone = AgentPhone(bed, "ana")
    phone.register()
    return phone


def dials_once(step: Step) -> dict[str, str]:
    if step.told["stage"] == "offered":
        return {"C156_DO": "end"}
    return {"C156_AGENT": "ana", "C156_EPOCH": "7", "C156_STAGE": "offered", "C156_DO": "dial"}


def waits(step: Step) -> dict[str, str]:
    for _ in range(30):
        if step.command('SET VARIABLE TIMEOUT(absolute) "4.0"') == "HANGUP\n":
            break
        time.sleep(0.5)
    return {"C156_DO": "end"}


def gone_after(bed: Bed) -> float:
    began = time.monotonic()
    bed.wait_until_quiet(SILENCE + 5.0)
    return time.monotonic() - began


def test_the_products_own_silence_is_less_than_a_minute() -> None:
    assert max(limits.RTP_SILENCE, limits.RTP_SILENCE_ON_HOLD) < 60


def test_a_caller_who_vanishes_in_the_talk_frees_the_agent(bed: Bed, ana: AgentPhone) -> None:
    with ana.listening() as run, scripted_control(bed.settings.agi_port, dials_once) as control:
        caller = start_calls(bed, "199")
        control.wait_for(1)
        time.sleep(1.0)
        assert bed.channels() == 2
        caller.kill()
        assert gone_after(bed) <= SILENCE + 3.0
        time.sleep(0.2)
        bye = run.calls()[0].bye
        assert bye is not None
        assert not bye.sent


def test_a_caller_who_vanishes_while_waiting_is_gone(bed: Bed) -> None:
    with scripted_control(bed.settings.agi_port, waits) as control:
        caller = start_calls(bed, "156")
        control.wait_for(1)
        time.sleep(1.0)
        caller.kill()
        assert gone_after(bed) <= SILENCE + 3.0


def test_an_agent_whose_phone_dies_gives_the_caller_back(bed: Bed, ana: AgentPhone) -> None:
    run = ana.start_listening()
    with scripted_control(bed.settings.agi_port, dials_once) as control:
        caller = start_calls(bed, "199")
        control.wait_for(1)
        time.sleep(1.0)
        run.kill()
        steps = control.wait_for(2, SILENCE + 5.0)
        caller.wait(10.0)
    assert steps[1]["dialstatus"] == "ANSWER"
    bed.wait_until_quiet()


@pytest.mark.parametrize("direction", ["sendonly", "inactive"])
def test_a_citizen_on_hold_is_not_dropped(bed: Bed, ana: AgentPhone, direction: str) -> None:
    held = SILENCE + 4.0
    run = holding_agent(ana, direction, held)
    with scripted_control(bed.settings.agi_port, dials_once):
        caller = start_calls(bed, "199")
        ended = caller.wait(held + 10.0)[0].bye
    run.kill()
    (talk,) = run.calls()
    assert talk.bye is not None
    assert talk.bye.sent  # the agent's own end, when it has come
    assert talk.bye.at - talk.answered_at >= held
    assert ended is not None
    assert not ended.sent
    bed.wait_until_quiet()


@pytest.mark.parametrize("code", ["*11", "*13", "*14", "*12"])
def test_a_phone_code_is_answered_with_words(bed: Bed, ana: AgentPhone, code: str) -> None:
    call = ana.dial(code)
    assert call.bye is not None
    assert not call.bye.sent
    lasted = call.bye.at - call.answered_at - limits.CODE_LOOKS * 0.1  # nobody else says a word
    assert PROMPT_SECONDS <= lasted <= PROMPT_SECONDS + 0.7


def test_a_message_is_asked_for_and_thanked_for(bed: Bed) -> None:
    # Silence ends the message: SIPp's tone does not, so the caller hangs up.
    call = sipp_call(bed, "199", hang_up_after=8.0)
    assert call.code == 200
    bed.wait_until_quiet()
    (message,) = bed.recording("*-recado")
    with wave.open(str(message), "rb") as sound:
        assert sound.getnframes() / sound.getframerate() >= 1.0
    assert Path(message).parent.parent == bed.settings.recordings_dir


@pytest.mark.parametrize(("talk", "joined"), [(2.0, "1"), (0.2, "")])
def test_an_agent_who_leaves_during_the_whisper_leaves_the_caller(
    bed: Bed, ana: AgentPhone, talk: float, joined: str
) -> None:
    whisper = str(bed.folder / "wait")

    def whispers(step: Step) -> dict[str, str]:
        return {"C156_WHISPER": whisper, **dials_once(step)}

    with ana.listening(talk=talk), scripted_control(bed.settings.agi_port, whispers) as control:
        call = sipp_call(bed, "199")
    assert call.code == 200
    assert [step["joined"] for step in control.steps] == ["", joined]
