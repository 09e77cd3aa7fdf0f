"""Caps under any order of asking, and Anatel's two counts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from dial_city import SHARES, clock, number
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.caps import Admitted, CapRules, Caps, Refused
from dialer.runaway import Runaway
from dialer.trunks import Carried, Operators, Trunk
from terms.limits import SHORT_CALLS_DAY, TRUNK_MONTH
from terms.names import AttemptId, TrunkName
from terms.outcome import Tried

NOON = clock(12.0)
OLD, SIGNED = TrunkName("antiga"), TrunkName("assinada")
TRUNKS = {
    OLD: Trunk(OLD, "operadora"),
    SIGNED: Trunk(SIGNED, "operadora", authenticated=True, prefixes=("11", "21")),
}
BOTH = (OLD, SIGNED)


def caps(month: int = 0, today: int = 0, short: int = 0, **rules: int) -> Caps:
    made = Caps(CapRules(TRUNKS, **rules))
    day = date(2026, 3, 2)
    made.operators = Operators({"operadora": Carried({day.replace(day=1): month})})
    made.operators.of("operadora").days[day] = today
    made.operators.of("operadora").short[day] = short
    made.runaway.clock(NOON)
    return made


def ask(made: Caps, n: int = 1, area: str = "11", now: float = NOON) -> Admitted | Refused:
    return made.admit(AttemptId(f"a.{n}-1"), number(n, area), BOTH, now)


# --- trunks ---
def test_above_the_months_limit_only_authenticated_routes_carry() -> None:
    made = caps(month=TRUNK_MONTH - 1)
    last = ask(made)
    assert isinstance(last, Admitted)
    assert last.trunk == OLD
    assert len(last.warnings) == 2, "80 % and 100 %, if nobody said so before"
    over = ask(made, 2)
    assert isinstance(over, Admitted)
    assert (over.trunk, over.warnings) == (SIGNED, ())
    refused = ask(made, 3, "31")  # the signed route does not dial there
    assert isinstance(refused, Refused)
    assert "não é autenticada" in refused.because


def test_each_share_of_the_month_is_said_once() -> None:
    made = caps(month=round(TRUNK_MONTH * 0.8) - 1)
    said = [ask(made, n) for n in range(3)]
    assert [len(one.warnings) for one in said if isinstance(one, Admitted)] == [1, 0, 0]
    made.operators.carried["operadora"].months[date(2026, 4, 1)] = 0
    may = clock(12.0, day=31)
    assert made.operators.refuses(TRUNKS[OLD], may) == ""


def test_dialling_stops_before_short_calls_have_the_operator_blocked() -> None:
    near = round(SHORT_CALLS_DAY * 0.8)
    assert isinstance(ask(caps(today=near - 1, short=near - 1)), Admitted)
    assert isinstance(ask(caps(today=near, short=round(near * 0.84))), Admitted)
    refused = ask(caps(today=near, short=round(near * 0.86)))
    assert isinstance(refused, Refused)
    assert "até 6 s" in refused.because


def test_short_calls_are_counted_and_told_once() -> None:
    near = round(SHORT_CALLS_DAY * 0.8)
    made = caps(today=near, short=round(near * 0.7))
    for n in range(2):
        assert isinstance(ask(made, n), Admitted)
    assert len(made.over(AttemptId("a.0-1"), Tried.MACHINE, short=True)) == 1
    assert made.over(AttemptId("a.1-1"), Tried.MACHINE, short=True) == ()
    assert made.over(AttemptId("a.1-1"), Tried.MACHINE, short=True) == (), "its end is told once"
    assert made.operators.of("operadora").short[date(2026, 3, 2)] == round(near * 0.7) + 2


def test_no_route_dials_the_number_and_an_unknown_route_none() -> None:
    made = caps()
    refused = made.admit(AttemptId("a.1-1"), number(1, "31"), (SIGNED, TrunkName("x")), NOON)
    assert isinstance(refused, Refused)
    assert refused.own


# --- caps, however asked ---
@dataclass(frozen=True)
class Ask:
    gap: float
    who: int
    ends: bool


ASKS = st.lists(
    st.builds(Ask, st.sampled_from([0.0, 0.0, 0.3, 1.0, 40.0]), st.integers(0, 9), st.booleans()),
    max_size=120,
)


class Unwatched(Runaway):
    """One number may be asked for again and again: the caps alone must hold."""

    def refused(self, number: str) -> None:
        pass


@settings(max_examples=30, deadline=None)
@given(ASKS)
def test_no_order_of_asking_breaks_a_cap(asks: list[Ask]) -> None:
    made = caps(channels=5, per_second=2, per_hour=25, per_number=3)
    made.runaway = Unwatched()
    made.runaway.clock(NOON)
    now, admitted, live = NOON, [], {}
    for count, one in enumerate(asks):
        now += one.gap
        made.runaway.clock(now)
        name = AttemptId(f"a.{one.who}-{count}")
        if isinstance(made.admit(name, number(one.who), BOTH, now), Admitted):
            assert number(one.who) not in live.values()
            admitted.append((now, one.who))
            live[name] = number(one.who)
        if one.ends and live:
            made.over(first := next(iter(live)), Tried.BUSY)
            made.over(first, Tried.BUSY)
            del live[first]
        assert len(live) <= 5
        for seconds, most in ((1.0, 2), (3_600.0, 25)):
            assert sum(at > now - seconds for at, _ in admitted) <= most
        assert sum(at > now - 3_600.0 and who == one.who for at, who in admitted) <= 3


def test_a_seconds_calls_are_spread_over_it() -> None:
    made = caps(per_second=60, channels=500)
    made.rules = replace(
        made.rules, trunks={OLD: replace(TRUNKS[OLD], per_second=60, channels=500)}
    )
    at, placed = NOON, list[float]()
    while at < NOON + 3.0:
        made.runaway.clock(at)
        said = ask(made, len(placed), now=at)
        if isinstance(said, Admitted):
            placed.append(at)
            continue
        assert not said.own
        at += said.again
    for start in placed:
        assert sum(start <= one < start + 1.0 for one in placed) <= 60
        assert sum(start <= one < start + 0.1 for one in placed) <= 7
    assert len(placed) >= 3 * 60 - 7, "and none of it is lost"


def test_what_is_found_at_a_start_counts_on() -> None:
    made = caps(per_hour=3, per_number=2)
    for age in (4_000.0, 3_000.0, 10.0):
        made.restored(AttemptId(f"a-{age}"), number(1), OLD, NOON - age, NOON)
    assert isinstance(ask(made, 1), Refused), "twice in this hour already"
    assert isinstance(ask(made, 2), Admitted)
    assert isinstance(ask(made, 3), Refused), "the hour is full"
    made.restored(AttemptId("b-1"), number(9), OLD, NOON + 600, NOON)
    assert "depois de agora" in made.runaway.because


def test_a_trunk_that_answers_by_itself_stops_all() -> None:
    made = caps()
    for _ in range(200):
        made.runaway.ended(Tried.ANSWERED, short=True)
    assert "até 6 s" in made.runaway.because
    made.runaway.resume()
    for _ in range(20):
        for result in SHARES:
            made.runaway.ended(result, short=False)
    assert not made.runaway.because
