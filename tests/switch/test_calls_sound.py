"""What is heard on both sides, and what the agent is shown, on whole calls with sound."""

from __future__ import annotations

import asyncio
import re
import time
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from calls_bed import (
    Citizen,
    OnTheLine,
    Story,
    ended,
    heard_on,
    library_of,
    on_the_line,
    prompt_sounds,
    soon,
    stored,
    story_of,
)
from centre_bed import Centre
from hearing import Ear

from ivr.menu import SurveyNode
from phones.ears import RATE, Sound, level_of, prompts_heard, silences, sound_of
from phones.phone import Line, tone
from terms.limits import WHISPER_SECONDS
from terms.protocol_number import is_protocol, shown
from voice.texts import WHISPERS

pytestmark = pytest.mark.switch

AGENT_HERTZ, CITIZEN_HERTZ = 440.0, 1_000.0
TALK = 3.0
WAITED = 24.0
"""Seconds: the texts of those who wait, the protocol, some music."""
MARKS, NO_MARKS = ("5", "4", "3"), ("8", "0")
FIRST_WORDS, PROTOCOL_AGAIN = 9.9, 9.5
"""Seconds of the survey's first words, and of the protocol."""
SETTLE = 0.3
PHONE_OPENS = 0.5
"""The phone of these tests hears nothing for its first 0.2 s as the one that is called."""


@dataclass
class Talk:
    """One call from the greeting to the last word, as both sides heard it."""

    story: Story
    citizen: Line
    agent: Line
    agent_name: str
    picked_up: float  # s from the citizen's answer
    joined: float  # s from the citizen's answer
    parted: float  # s from the citizen's answer

    def heard_by_citizen(self, after: float, before: float) -> Sound:
        """What the citizen heard between two instants (s from the answer)."""
        return sound_of(bytes(self.citizen.heard))[int(after * RATE) : int(before * RATE)]


async def _call_156(line: OnTheLine) -> Talk:
    agent = await line.agent_off_duty("conversa", "p156_zeladoria")
    citizen = await line.dial("156", test=True)
    await asyncio.sleep(2.5)
    await citizen.line.press("1")
    await stored(line.centre, citizen.caller, "node_entered", 5)
    await asyncio.sleep(1.5)
    await citizen.line.press("9")
    await stored(line.centre, citizen.caller, "queued")
    await asyncio.sleep(WAITED)
    await line.on_duty(agent.name)
    ringing = await line.rung(agent)
    await asyncio.sleep(1.0)
    await ringing.pick_up()
    await ringing.answered(3)
    assert citizen.line.answered_at is not None
    assert ringing.answered_at is not None
    ringing.say(tone(AGENT_HERTZ, 1.0), repeat=True)
    citizen.line.say(tone(CITIZEN_HERTZ, 1.0), repeat=True)
    await stored(line.centre, citizen.caller, "answered")
    joined = time.monotonic()
    await asyncio.sleep(TALK)
    parted = time.monotonic()
    await ringing.hang_up()
    await _answers(line, citizen)
    await citizen.line.over(15)
    began = citizen.line.answered_at
    return Talk(
        await ended(line.centre, citizen.caller),
        citizen.line,
        ringing,
        agent.name,
        ringing.answered_at - began,
        joined - began,
        parted - began,
    )


async def _answers(line: OnTheLine, citizen: Citizen) -> None:
    """The survey: in its first question the protocol once more, three marks, and a last question
    that is not answered in spite of two keys."""
    await soon(lambda: _at_survey(line.centre, citizen.caller), 10, "the survey")
    await asyncio.sleep(FIRST_WORDS)
    await citizen.line.press("7")
    await asyncio.sleep(PROTOCOL_AGAIN)
    for count, key in enumerate(MARKS, 1):
        await asyncio.sleep(1.5)
        await citizen.line.press(key)
        await stored(line.centre, citizen.caller, "survey_answered", count)
    for key in NO_MARKS:
        await asyncio.sleep(1.5)
        await citizen.line.press(key)


def _at_survey(centre: Centre, caller: str) -> bool:
    story = story_of(centre, caller)
    return story is not None and "pesquisa" in story.nodes()


def whispers_of(centre: Centre) -> list[tuple[str, Sound]]:
    """The whispers without their first word, which is the same in all."""
    found = prompt_sounds(centre, WHISPERS.values())
    return [(text, sound[int(PHONE_OPENS * RATE) :]) for text, sound in found]


@pytest.fixture(scope="module")
def talk(calls_centre: Centre) -> Talk:
    async def live() -> Talk:
        async with on_the_line(calls_centre) as line:
            return await _call_156(line)

    return asyncio.run(live())


def test_the_citizen_hears_everything_in_its_order(talk: Talk, calls_centre: Centre) -> None:
    ear = Ear(calls_centre)
    survey = ear.lines["156"].nodes["pesquisa"]
    assert isinstance(survey, SurveyNode)
    questions = [ear.texts(question.text) for question in survey.questions]
    protocol = ear.protocol("156", talk.story.call["protocol"])
    last = questions[-1]
    before = [
        *ear.node("156", "abertura"),
        *ear.node("156", "assuntos_da_cidade"),
        *ear.wait("156"),
        *protocol,
    ]
    heard = ear.heard(talk.citizen)
    assert [one.name for one in heard] == [
        *before,
        *ear.texts(survey.text),
        *questions[0],
        *protocol,
        *(name for question in questions for name in question),
        *last,
        *ear.node("156", "despedida"),
    ]
    assert heard[0].at < 1.5
    assert -SETTLE < heard[len(before)].at - talk.parted < 1.0


def test_the_survey_keeps_marks_and_what_was_not_answered(talk: Talk) -> None:
    answers = talk.story.of("survey_answered")
    assert [(one["question"], one["mark"]) for one in answers] == [
        ("clareza", "5"),
        ("educacao", "4"),
        ("entendimento", "3"),
        ("nota_do_156", ""),
    ]


def test_the_citizen_is_never_left_in_silence_before_the_answer(talk: Talk) -> None:
    assert silences(talk.heard_by_citizen(0.0, talk.picked_up), 2.0) == []
    # while the agent is told the line, nothing can be heard
    assert talk.joined - talk.picked_up < WHISPER_SECONDS + 0.5


def test_music_plays_while_it_waits_and_while_it_rings(talk: Talk) -> None:
    music = talk.heard_by_citizen(talk.picked_up - 2.5, talk.picked_up)
    assert float((music**2).mean() ** 0.5) > 60


def test_both_hear_each_other(talk: Talk) -> None:
    citizen = talk.heard_by_citizen(talk.joined + SETTLE, talk.parted - SETTLE)
    assert level_of(citizen, AGENT_HERTZ) > 0.9
    start = talk.joined - talk.picked_up
    heard = sound_of(bytes(talk.agent.heard))
    agent = heard[int((start + SETTLE) * RATE) : int((start + TALK - SETTLE) * RATE)]
    assert level_of(agent, CITIZEN_HERTZ) > 0.9


def test_the_agent_is_told_the_line_and_the_citizen_is_not(
    talk: Talk, calls_centre: Centre
) -> None:
    whispers = whispers_of(calls_centre)
    (told,) = heard_on(talk.agent, whispers)
    assert told.name == WHISPERS["156"]
    recorded = library_of(calls_centre).whisper("156")
    assert recorded is not None
    assert recorded.seconds <= 2.0
    assert told.at < PHONE_OPENS + 0.5
    assert talk.joined - talk.picked_up < 3.0
    assert heard_on(talk.citizen, whispers) == []
    # nor does the citizen's tone, which sounded from the answer on, reach the agent meanwhile
    whispered = sound_of(bytes(talk.agent.heard))[: int(1.0 * RATE)]
    assert level_of(whispered, CITIZEN_HERTZ) < 0.2


def test_the_facts_are_stored_in_their_order(talk: Talk) -> None:
    assert talk.story.kinds() == [
        "call_arrived",
        "protocol_given",
        *["node_entered"] * 3,
        "key_pressed",
        *["node_entered"] * 2,
        "key_pressed",
        "node_entered",
        "queued",
        "offer_made",
        "offer_ended",
        "answered",
        "talk_ended",
        "node_entered",
        *["survey_answered"] * 4,
        "node_entered",
        "call_ended",
        "recorded",
    ]
    instants = [fact["at"] for fact in talk.story.facts if fact["kind"] != "recorded"]
    assert instants == sorted(instants)
    assert all(fact["violation"] is None for fact in talk.story.facts)
    (offer,) = talk.story.offers
    assert "p156_zeladoria" in offer["because"]
    assert (offer["agent"], offer["outcome"]) == (talk.agent_name, "answered")
    call = talk.story.call
    assert (call["outcome"], call["blame"], call["ended_where"]) == ("served", "nobody", "ended")
    assert call["agent"] == talk.agent_name
    assert abs(call["talk_seconds"] - (talk.parted - talk.joined)) < 0.5
    assert is_protocol(call["protocol"])
    assert call["test"] == 1


def test_a_test_call_is_left_out_of_the_figures(talk: Talk, calls_centre: Centre) -> None:
    marked = calls_centre.get(f"/v1/calls/{talk.story.call['call_id']}")
    assert marked["call"]["test"] is True


def test_the_recording_holds_both_sides_and_the_talk(talk: Talk, calls_centre: Centre) -> None:
    (row,) = calls_centre.rows(
        "SELECT * FROM recordings WHERE call_id = ?", talk.story.call["call_id"]
    )
    assert (row["ok"], row["problem"] or "", row["kind"]) == (1, "", "talk")
    with wave.open(str(Path(row["file"]))) as sound:
        assert (sound.getframerate(), sound.getnchannels()) == (RATE, 1)
        heard = sound_of(sound.readframes(sound.getnframes()))
    assert abs(len(heard) / RATE - talk.story.call["talk_seconds"]) < 1.0
    assert abs(len(heard) / RATE - row["seconds"]) < 0.1
    middle = heard[int(SETTLE * RATE) : -int(SETTLE * RATE)]
    assert level_of(middle, AGENT_HERTZ) > 0.2
    assert level_of(middle, CITIZEN_HERTZ) > 0.2
    # neither menu nor music nor whisper is in it
    assert prompts_heard(heard, prompt_sounds(calls_centre)) == []
    protocol = talk.story.call["protocol"]
    told = calls_centre.get(f"/v1/protocols/{protocol}")
    assert [one["file"] for one in told["recordings"]] == [row["file"]]


@pytest.mark.parametrize(
    ("number", "key", "skill", "subject"),
    [
        ("156", "22", "p156_transporte", "transporte"),
        ("199", "", "e199_risco", "risco"),
        ("153", "", "e153_ocorrencia", "ocorrencia"),
    ],
)
async def test_the_phone_shows_line_subject_and_protocol(
    calls_centre: Centre, number: str, key: str, skill: str, subject: str
) -> None:
    async with on_the_line(calls_centre) as line:
        phone = await line.sipp_agent("mostra", skill)
        with phone.listening(ring=0.2, talk=0.5) as run:
            citizen = await line.queued(number, key)

            def invited() -> str:
                calls = [c for c in run.calls() if c.messages[0].is_request("INVITE")]
                return calls[0].invite.header("From") if calls else ""

            sender = await soon(invited, 5, "the phone rings")
            await citizen.line.hang_up()
        story = await ended(calls_centre, citizen.caller)
        found = re.match(r'"([^"]*)" <sip:([^@]*)@', sender)
        assert found is not None, sender
        assert found[1] == f"{number} {subject} {shown(story.call['protocol'])}"
        assert found[2] == citizen.caller


@pytest.mark.parametrize(("number", "skill"), [("199", "e199_risco"), ("153", "e153_ocorrencia")])
async def test_an_agent_who_becomes_free_cuts_an_emergency_greeting(
    calls_centre: Centre, number: str, skill: str
) -> None:
    async with on_the_line(calls_centre) as line:
        phone = await line.agent_off_duty("corta", skill)
        citizen = await line.queued(number)
        await asyncio.sleep(0.5)
        await line.on_duty(phone.name)
        ringing = await line.rung(phone)
        rang = ringing.began
        offer = await stored(calls_centre, citizen.caller, "offer_made")
        logged_in = calls_centre.rows(
            "SELECT at FROM facts WHERE kind = 'agent_status' AND agent = ?", phone.name
        )
        assert logged_in
        assert citizen.line.answered_at is not None
        assert rang - citizen.line.answered_at < 2.5, "it rang after the greeting"
        assert time.time() - offer["at"] < 2.0
        await asyncio.sleep(2.5)
        await ringing.pick_up()
        told_at = time.monotonic()
        await stored(calls_centre, citizen.caller, "answered")
        assert time.monotonic() - told_at < 3.0
        await asyncio.sleep(0.3)
        await citizen.line.hang_up()
        await ended(calls_centre, citizen.caller)
        ear = Ear(calls_centre)
        assert ear.names(citizen.line) == ear.wait(number)
        ((_, greeting),) = prompt_sounds(
            calls_centre, [text.plain() for text in ear.lines[number].waiting.before]
        )
        heard = sound_of(bytes(citizen.line.heard))
        assert prompts_heard(heard, [("its end", greeting[int(1.6 * RATE) :])]) == []
        assert silences(heard[: int((told_at - citizen.line.answered_at) * RATE)], 2.0) == []
        assert [one.name for one in heard_on(ringing, whispers_of(calls_centre))] == [
            WHISPERS[number]
        ]
        assert np.abs(heard).max() > 1_000
