"""What becomes of a message: tables, and what no sequence of events may break (R68)."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms.decide import SEND, Change, Standing, late, mend, settle, step, told
from sms.hours import ALWAYS, CITY, USUAL, next_open, zone_of
from sms.pace import Pace
from terms.limits import SMS_ATTEMPTS, SMS_DOUBT_WAITS, SMS_HELD_MOST
from terms.text_message import NEXT, OVER, How, PartAnswer, TextKind, TextStatus, Told

S, K = TextStatus, TextKind
WEDNESDAY = datetime(2026, 11, 25, 12, 0, tzinfo=CITY).timestamp()
HOUR = 3_600.0


def at(day: int, hour: float) -> float:
    """An hour of a day of November 2026, on the city's clock; the 22nd is a Sunday."""
    return datetime(2026, 11, day, tzinfo=CITY).timestamp() + hour * HOUR


def one(status: S = S.WAITING, **more: object) -> Standing:
    known: dict[str, object] = {
        "kind": K.NOTICE,
        "number": "11987654321",
        "attempts": 0,
        "not_before": WEDNESDAY,
        "deadline": WEDNESDAY + 24 * HOUR,
    }
    return Standing(status=status, **{**known, **more})  # type: ignore[arg-type]


def no_holiday(_: date) -> bool:
    return False


@pytest.mark.parametrize(
    ("message", "now", "status"),
    [
        (one(), WEDNESDAY, SEND),
        (one(not_before=WEDNESDAY + 60), WEDNESDAY, S.WAITING),
        (one(), at(25, 22), S.WAITING),  # until 9 o'clock, before the deadline
        (one(deadline=at(26, 8)), at(25, 22), S.EXPIRED),  # no hour is left before it
        (one(kind=K.PROTOCOL), at(25, 23), SEND),
        (one(kind=K.ALERT), at(26, 3), SEND),
        (one(deadline=WEDNESDAY), WEDNESDAY, S.EXPIRED),
        (one(attempts=SMS_ATTEMPTS), WEDNESDAY, S.UNDELIVERED),
        (one(stopped=True), WEDNESDAY, S.STOPPED),
        (one(barred="marcado"), WEDNESDAY, S.BARRED),
        (one(barred="marcado", life_safety="Ana"), WEDNESDAY, S.BARRED),  # always
        (one(opted_out=True), WEDNESDAY, S.BARRED),
        (one(opted_out=True, life_safety="Ana"), WEDNESDAY, SEND),
        (one(S.ACCEPTED), WEDNESDAY, None),
        (one(S.UNKNOWN), WEDNESDAY, None),
    ],
)
def test_what_becomes_of_it_now(message: Standing, now: float, status: S | None) -> None:
    found = step(message, now, no_holiday)
    assert (found and found.status) == status


def test_it_waits_until_the_window_opens_where_the_phone_is_at_home() -> None:
    found = step(one(), at(25, 22), no_holiday)
    assert found is not None
    assert found.not_before == at(26, 9)
    far = step(one(number="68987654321"), at(26, 9), no_holiday)  # Rio Branco: two hours behind
    assert far is not None
    assert far.not_before == at(26, 11)
    assert zone_of("92987654321").key == "America/Manaus"


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        (at(28, 9.5), at(28, 10)),  # Saturday
        (at(28, 16), at(30, 9)),  # nothing on Sundays
        (at(25, 8), at(26, 9)),  # the 25th is a holiday here
        (at(27, 20.99), at(27, 20.99)),
    ],
)
def test_windows(now: float, opens: float) -> None:
    assert next_open(USUAL, now, CITY, lambda day: day == date(2026, 11, 25)) == opens
    assert next_open(ALWAYS, now, CITY, lambda _: True) == now
    assert next_open(USUAL, now, CITY, lambda _: True) is None


def answers(*hows: How) -> list[PartAnswer]:
    return [PartAnswer(part, len(hows), how, "x", "por isso") for part, how in enumerate(hows, 1)]


@pytest.mark.parametrize(
    ("said", "safe", "status", "attempts"),
    [
        ((How.ACCEPTED,), False, S.ACCEPTED, 1),
        ((How.ACCEPTED, How.ACCEPTED), False, S.ACCEPTED, 1),
        ((), False, S.ACCEPTED, 1),  # all parts were there already
        ((How.THROTTLED,), False, S.WAITING, 0),
        ((How.ACCEPTED, How.THROTTLED), False, S.WAITING, 0),
        ((How.NOT_SENT,), False, S.WAITING, 0),
        ((How.REFUSED,), False, S.WAITING, 1),
        ((How.IMPOSSIBLE,), False, S.UNDELIVERED, 1),
        ((How.LOST,), False, S.DOUBTFUL, 1),
        ((How.ACCEPTED, How.LOST), False, S.DOUBTFUL, 1),
        ((How.LOST,), True, S.WAITING, 0),  # the carrier knows our ids
    ],
)
def test_what_a_carriers_answer_makes_of_it(
    said: tuple[How, ...], safe: bool, status: S, attempts: int
) -> None:
    found = settle(one(S.SENDING), answers(*said), WEDNESDAY, safe)
    assert (found.status, found.attempts) == (status, attempts)


T = Told


@pytest.mark.parametrize(
    ("message", "parts", "status"),
    [
        (one(S.ACCEPTED, attempts=1), [T.DELIVERED], S.DELIVERED),
        (one(S.ACCEPTED, attempts=1), [T.DELIVERED, None], None),
        (one(S.ACCEPTED, attempts=1), [T.ON_ITS_WAY], None),
        (one(S.ACCEPTED, attempts=1), [T.FAILED], S.WAITING),
        (one(S.ACCEPTED, attempts=SMS_ATTEMPTS), [T.FAILED], S.UNDELIVERED),
        (one(S.ACCEPTED, attempts=1), [T.DELIVERED, T.FAILED], S.UNDELIVERED),
        (one(S.ACCEPTED, attempts=1), [T.REJECTED], S.UNDELIVERED),
        (one(S.DOUBTFUL, attempts=1), [T.DELIVERED], S.DELIVERED),
        (one(S.UNKNOWN, attempts=1), [T.DELIVERED], S.DELIVERED),
        (one(S.UNKNOWN, attempts=1), [T.FAILED], S.UNDELIVERED),
        (one(S.UNDELIVERED, attempts=3), [T.DELIVERED], S.DELIVERED),
        (one(S.STOPPED), [T.DELIVERED], None),
        (one(S.WAITING, attempts=1), [T.DELIVERED], None),
    ],
)
def test_what_receipts_make_of_it(
    message: Standing, parts: list[Told | None], status: S | None
) -> None:
    found = told(message, parts, WEDNESDAY)
    assert (found and found.status) == status


@pytest.mark.parametrize(
    ("how", "accepted", "status"),
    [
        (How.ACCEPTED, 1, S.ACCEPTED),
        (How.THROTTLED, 0, S.WAITING),
        (How.REFUSED, 0, S.WAITING),
        (How.IMPOSSIBLE, 0, S.UNDELIVERED),
    ],
)
def test_what_a_late_answer_makes_of_it(how: How, accepted: int, status: S) -> None:
    (answer,) = answers(how)
    found = late(one(S.DOUBTFUL, attempts=1), answer, accepted, WEDNESDAY)
    assert found is not None
    assert found.status is status
    assert late(one(S.DELIVERED, attempts=1), answer, accepted, WEDNESDAY) is None


def test_what_nobody_answers_for() -> None:
    lost = one(S.DOUBTFUL, attempts=1, since=WEDNESDAY)
    after = WEDNESDAY + SMS_DOUBT_WAITS
    assert mend(lost, after - 1) is None
    assert mend(lost, after) == Change(
        S.UNKNOWN, "a resposta da operadora se perdeu e não veio recibo", 1, after
    )
    again = mend(one(S.DOUBTFUL, attempts=1, since=WEDNESDAY, repeat=True), after)
    assert again is not None
    assert again.status is S.WAITING


EVENTS = st.lists(
    st.tuples(
        st.sampled_from([*How, *Told, "mend", "late", "nothing"]),
        st.floats(-4_000, 40_000),  # clocks go back as well
        st.booleans(),
    ),
    max_size=40,
)


@given(EVENTS, st.booleans(), st.booleans())
def test_no_sequence_breaks_what_is_promised(
    events: list[tuple[object, float, bool]], repeat: bool, safe: bool
) -> None:
    """At most three attempts, nothing after the deadline, nothing twice that may have gone; and
    each change is one that the table knows."""
    message, now, taken = one(kind=K.PROTOCOL, repeat=repeat), WEDNESDAY, 0
    for event, passed, barred in events:
        now += passed
        change = _next(message, event, now, barred, safe)
        if change is None:
            continue
        assert change.status in NEXT[message.status] | {message.status}
        if change.status is SEND:
            taken += 1
            assert now < message.deadline
            assert not barred
        assert change.attempts <= SMS_ATTEMPTS
        where = {"status": change.status, "attempts": change.attempts, "since": now}
        message = one(kind=K.PROTOCOL, repeat=repeat, not_before=change.not_before, **{**where})
        if message.status in (S.UNKNOWN, S.DOUBTFUL) and not repeat:
            assert step(message, now, no_holiday) is None
    assert message.attempts <= SMS_ATTEMPTS


def _next(message: Standing, event: object, now: float, barred: bool, safe: bool) -> Change | None:
    if message.status is S.WAITING:
        asked = one(
            kind=message.kind,
            attempts=message.attempts,
            not_before=message.not_before,
            repeat=message.repeat,
            barred="marcado" if barred else "",
        )
        return step(asked, now, no_holiday)
    if message.status is S.SENDING:
        how = event if isinstance(event, How) else How.LOST
        return settle(message, answers(how), now, safe)
    if isinstance(event, Told):
        return told(message, [event], now)
    if event == "mend":
        return mend(message, now)
    if event == "late":
        return late(message, answers(How.ACCEPTED)[0], 1, now)
    return None


def test_what_is_over_has_no_way_back_to_a_phone() -> None:
    for status in OVER:
        reached, open_ones = {status}, {status}
        while open_ones:
            open_ones = set().union(*(NEXT[was] for was in open_ones)) - reached
            reached |= open_ones
        assert S.SENDING not in reached or status is S.UNKNOWN
    assert not NEXT[S.DELIVERED]


@given(
    st.lists(st.tuples(st.floats(-2, 3), st.booleans()), max_size=300),
    st.floats(0.5, 200),
)
def test_no_second_has_more_than_the_rate(looks: list[tuple[float, bool]], most: float) -> None:
    pace, now, sent = Pace(most), 1_000.0, []
    for passed, throttled in looks:
        now += max(passed, 0.0)
        if throttled:
            pace.throttled(now)
        waits = pace.take(now + min(passed, 0.0))  # a clock that goes back gives nothing
        assert 0.0 <= waits <= SMS_HELD_MOST + 1 / 0.4
        if waits == 0.0:
            sent.append(now)
        assert pace.rate <= most
    for begun in sent:
        within = [at for at in sent if begun <= at < begun + 1.0]
        assert len(within) <= max(most, 1.0 + most * 0.8)
