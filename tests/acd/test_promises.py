"""What follows of attempts to call somebody back: never two at once, each ends once, none is made
beyond the last (acd/promises.py)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.promises import NO_ATTEMPT, How, Policy, Promise, begin, end
from terms.limits import CALL_BACK_HELD
from terms.names import CallId, OfferId, QueueName
from terms.names import Protocol as ProtocolNumber
from terms.outcome import Kept, Tried

POLICY = Policy(tries=3, apart=60.0, lives=600.0)
MADE = Promise(
    call=CallId("c1"),
    how=How.KEY,
    line="156",
    queue=QueueName("p156_geral"),
    priority=30,
    joined=100.0,
    expires=700.0,
    caller="11987654321",
    protocol=ProtocolNumber("000010008"),
)


@pytest.mark.parametrize(
    ("result", "tries", "kept", "not_before"),
    [
        (Tried.ANSWERED, 1, Kept.REACHED, 260.0),
        (Tried.BUSY, 1, None, 260.0),
        (Tried.NO_ANSWER, 1, None, 260.0),
        (Tried.UNREACHABLE, 1, None, 260.0),
        (Tried.LOST, 1, None, 260.0),
        (Tried.INVALID, 1, Kept.NO_CONTACT, 260.0),
        (Tried.AGENT, 0, None, 200.0),  # the next agent at once; the citizen never notices
        (Tried.HELD, 0, None, 200.0 + CALL_BACK_HELD),
    ],
)
def test_each_result(result: Tried, tries: int, kept: Kept | None, not_before: float) -> None:
    after, found = end(begin(MADE, OfferId("1-1")), OfferId("1-1"), result, 200.0, POLICY)
    assert (after.attempt, after.tries, found) == (NO_ATTEMPT, tries, kept)
    assert after.not_before == not_before


def test_one_attempt_at_a_time() -> None:
    with pytest.raises(ValueError, match="in course"):
        begin(begin(MADE, OfferId("1-1")), OfferId("1-2"))


def test_late_words_about_another_attempt_change_nothing() -> None:
    busy = begin(MADE, OfferId("1-2"))
    assert end(busy, OfferId("1-1"), Tried.BUSY, 200.0, POLICY) == (busy, None)
    assert end(MADE, NO_ATTEMPT, Tried.BUSY, 200.0, POLICY) == (MADE, None)


def test_the_end_of_its_time() -> None:
    after, kept = end(begin(MADE, OfferId("1-1")), OfferId("1-1"), Tried.AGENT, 700.0, POLICY)
    assert (after.tries, kept) == (0, Kept.EXPIRED)


@given(st.lists(st.sampled_from(list(Tried)), max_size=30))
def test_never_more_tries_than_promised(results: list[Tried]) -> None:
    made, dialled, kept = MADE, 0, None
    for count, result in enumerate(results):
        attempt = OfferId(f"1-{count}")
        made, kept = end(begin(made, attempt), attempt, result, 200.0, POLICY)
        dialled += result.reached_for
        assert end(made, attempt, result, 200.0, POLICY) == (made, None)  # told twice
        if kept is not None:
            break
    assert dialled == made.tries <= POLICY.tries
    assert (dialled == POLICY.tries) <= (kept is not None)
