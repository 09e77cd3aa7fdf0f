"""What follows in a call that speaks by itself: every way through ends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.campaign import KeyMeans
from dialer.notice import ANSWERS, TEXT, Hearing, Keys, heard, not_written
from terms.limits import NOTICE_ASKED_AGAIN, NOTICE_TIMES_UNASKED, NOTICE_WRONG_KEYS
from terms.notice_words import SENTENCES, Sentence, dropped_text

ALL_KEYS = "0123456789*#"
MEANS = st.dictionaries(st.sampled_from("0123456789"), st.sampled_from(KeyMeans), max_size=6)
PRESSED = st.lists(st.sampled_from(["", *ALL_KEYS]), max_size=40)
MOST = NOTICE_TIMES_UNASKED + NOTICE_ASKED_AGAIN + NOTICE_WRONG_KEYS + 6
"""Turns of the longest call."""


@given(MEANS, st.booleans(), PRESSED, st.booleans())
def test_every_call_ends_and_no_answer_is_taken_twice(
    means: dict[str, KeyMeans], person: bool, pressed: list[str], store_fails: bool
) -> None:
    keys = Keys.of(means, person)
    now: Hearing | None = Hearing()
    acts: list[KeyMeans] = []
    turns = 0
    for key in [*pressed, *[""] * MOST]:
        turns += 1
        assert now is not None
        assert Hearing.from_text(now.to_text()) == now
        then = heard(now, key, keys)
        if then.act is KeyMeans.DO_NOT_CALL and store_fails:
            now = not_written(now)
            continue
        if then.act is not None:
            acts.append(then.act)
        if then.act is KeyMeans.PERSON:
            assert person
            break
        now = then.now
        if now is None:
            break
    else:
        raise AssertionError("it goes on for ever")
    assert turns <= MOST
    assert len(acts) == len(set(acts))
    assert len({KeyMeans.CONFIRM, KeyMeans.REFUSE} & set(acts)) <= 1
    assert KeyMeans.REPEAT not in acts


@given(MEANS, st.lists(st.sampled_from(["", *"012345678*#"]), max_size=8))
def test_the_nine_leads_to_a_person_whatever_was_pressed_before(
    means: dict[str, KeyMeans], pressed: list[str]
) -> None:
    keys = Keys.of({key: what for key, what in means.items() if what is not KeyMeans.PERSON}, True)
    now: Hearing | None = Hearing()
    for key in pressed:
        assert now is not None
        assert "9" in keys.heeded(now)
        assert heard(now, "9", keys).act is KeyMeans.PERSON
        now = heard(now, key, keys).now
        if now is None:
            return


@given(st.text(max_size=60))
def test_what_stands_on_a_channel_and_cannot_be_read_is_the_beginning(text: str) -> None:
    assert Hearing.from_text(text) == Hearing() or text.startswith("aviso:")


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_is_followed_by_its_sentence_and_the_end(answer: KeyMeans) -> None:
    keys = Keys.of({"5": answer}, person=False)
    then = heard(Hearing(), "5", keys)
    assert then.now is not None
    assert (then.act, then.now.saying) == (answer, ANSWERS[answer])
    assert heard(then.now, "", keys).now is None


def test_silence_hears_the_text_twice_and_a_goodbye() -> None:
    keys, said = Keys.of({}, person=False), []
    now: Hearing | None = Hearing()
    while now is not None:
        said.append(now.saying)
        now = heard(now, "", keys).now
    assert said == [TEXT, TEXT, Sentence.GOODBYE]


def test_every_sentence_has_words_and_a_drop_is_told_in_one() -> None:
    assert set(SENTENCES) == set(Sentence)
    assert dropped_text("Defesa Civil.").count(".") == 1
