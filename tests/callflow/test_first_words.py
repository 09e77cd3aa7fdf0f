"""Who has picked up, where an agent talks: by the first words, advice only, and an agent's word
stands above it (R66)."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from dial_bed import DialBed, campaign, contact

from callflow.first_words import FirstWords
from dialer.campaign import Mode
from terms.limits import (
    DEAD_AIR_QUIET,
    DIAL_JUDGE_TALK,
    GREETING_SPEECH,
    GREETING_WITHIN,
    SILENT_TALK,
    WORD_LEAST,
    WORDS_HEARD,
    WORDS_PAUSE,
)
from terms.names import CallId
from terms.outcome import Tried
from terms.signals import LegSound, Side, Sound

LONG = GREETING_SPEECH + 0.1
CLICK = WORD_LEAST / 2

TALKS = [
    # stretches of speech (begin, seconds), how long the talk was, advice
    ([(0.5, 0.6), (3.0, 9.0)], 30.0, ""),
    ([(0.5, GREETING_SPEECH - 0.1)], 30.0, ""),
    ([(0.5, LONG)], 30.0, "machine"),
    ([(0.5, 25.0)], 30.0, "machine"),
    ([(0.5, 25.0)], 3.0, ""),  # hung up before anybody can tell
    ([(0.5, 25.0)], 6.0, "machine"),
    ([(0.2, CLICK), (1.5, LONG)], 30.0, "machine"),  # the receiver's click
    ([(GREETING_WITHIN + 0.1, LONG)], 30.0, ""),  # has listened first
    ([(12.0, LONG)], 30.0, ""),
    ([(WORDS_HEARD + 1.0, 0.5)], 30.0, ""),
    ([], SILENT_TALK - 0.1, ""),
    ([], SILENT_TALK, "silent"),
    ([], 30.0, "silent"),
    ([(0.5, CLICK)], 30.0, ""),  # something was heard
]


@pytest.mark.parametrize(("said", "lasted", "advice"), TALKS)
def test_the_first_words_tell(said: list[tuple[float, float]], lasted: float, advice: str) -> None:
    words, answered = FirstWords(), 1_000.0
    events = [(at, Sound.BEGAN) for at, _ in said]
    events += [(at + seconds + WORDS_PAUSE, Sound.ENDED) for at, seconds in said]
    for at, sound in sorted(one for one in events if one[0] < lasted):
        if at > WORDS_HEARD and words.listens:
            words.stop(answered + WORDS_HEARD)
        words.hear(sound, answered + at)
    assert words.advice(answered, answered + lasted) == advice


@pytest.fixture
async def bed() -> AsyncIterator[DialBed]:
    made = DialBed((campaign(),))
    made.add(contact(1))
    made.agent()
    await made.start()
    yield made
    await made.dialler.leave()


def _answered(bed: DialBed) -> CallId:
    bed.told(bed.last, "up")
    return bed.answers(bed.last)


def _hear(bed: DialBed, call: CallId, sound: Sound, after: float = 0.0) -> float:
    bed.at += after
    bed.centre.now += after
    at = bed.centre.tools.clock()
    return bed.dialler.words.hear(LegSound(call, Side.CITIZEN, "PJSIP/x", sound, at, bed.last))


ENDS = [
    # the first stretch (s; 0: silence), how long the talk was, the agent's word, result, advice
    (1.0, 20.0, None, Tried.ANSWERED, ""),
    (LONG, 20.0, None, Tried.ANSWERED, "machine"),
    (LONG, 20.0, Tried.MACHINE, Tried.MACHINE, "machine"),
    (0.0, 20.0, None, Tried.SILENT, "silent"),
    (0.0, 20.0, Tried.ANSWERED, Tried.ANSWERED, "silent"),
    (0.0, SILENT_TALK - 1.0, None, Tried.ANSWERED, ""),
    (0.0, DIAL_JUDGE_TALK + 1.0, None, Tried.ANSWERED, "silent"),
]


@pytest.mark.parametrize(("spoke", "lasted", "word", "result", "advice"), ENDS)
async def test_an_agents_word_stands_above_what_was_heard(
    bed: DialBed, spoke: float, lasted: float, word: Tried | None, result: Tried, advice: str
) -> None:
    attempt, call = bed.last, _answered(bed)
    if spoke:
        assert _hear(bed, call, Sound.BEGAN, 0.5) == WORDS_PAUSE
        assert _hear(bed, call, Sound.ENDED, spoke + WORDS_PAUSE) == WORDS_PAUSE
        await bed.settle()
        assert bed.centre.switch.heard_all == [call]  # from now on any sound
        assert _hear(bed, call, Sound.BEGAN, 0.5) == DEAD_AIR_QUIET
    await bed.settle(lasted)
    if word is not None:
        assert bed.dialler.judged(attempt, word, "ana")
    bed.hangs_up(attempt)
    await bed.settle()
    course = bed.dialler.courses.of.get(attempt)
    if course is not None:  # the agent is given a while to say what it was
        bed.dialler._stands(course)
        await bed.settle()
    done = bed.stored.attempts[attempt][1]
    assert done is not None
    assert (done.result, done.advice) == (result, advice)


async def test_nothing_is_advised_of_what_may_have_been_missed(bed: DialBed) -> None:
    attempt, call = bed.last, _answered(bed)
    bed.dialler.link_lost()
    bed.look()
    await bed.settle(20.0)
    assert bed.centre.switch.heard_all == [call]
    assert _hear(bed, call, Sound.ENDED) == DEAD_AIR_QUIET
    bed.hangs_up(attempt)
    bed.dialler._stands(bed.dialler.courses.of[attempt])
    await bed.settle()
    done = bed.stored.attempts[attempt][1]
    assert done is not None
    assert (done.result, done.advice) == (Tried.ANSWERED, "")


async def test_a_notice_is_listened_to_by_the_switch() -> None:
    """Its text waits for what the dialplan hears (AMD)."""
    bed = DialBed((campaign(mode=Mode.AGENTLESS),))
    bed.add(contact(1))
    await bed.start()
    assert bed.dialler.words.of == {}
    await bed.dialler.leave()
