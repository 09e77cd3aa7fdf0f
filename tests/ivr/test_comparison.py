"""The comparison of two versions: what counts, the sum itself, and how often it cries wolf."""

from __future__ import annotations

from math import comb
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.comparison import FAILURES, LOOKS, Counts, Trials, fisher, is_look, worse
from terms.facts import Fact, Kind
from terms.limits import WATCH_ALPHA, WATCH_CALLS_FIRST, WATCH_CALLS_MAX, WATCH_OPEN_CALLS
from terms.names import LINES, CallId


def counts(calls: int, **failed: int) -> Counts:
    return Counts(calls, {**dict.fromkeys(FAILURES, 0), **failed})


# --- the sum ---
def test_the_lady_tasting_tea() -> None:
    """Fisher's own example: 3 of 4 right against 1 of 4."""
    assert fisher(3, 4, 1, 4) == pytest.approx(17 / 70)
    assert fisher(4, 4, 0, 4) == pytest.approx(1 / 70)


@given(st.data())
def test_the_sum_is_that_of_whole_numbers(data: st.DataObject) -> None:
    n1, n2 = (data.draw(st.integers(1, 60)) for _ in range(2))
    x1, x2 = data.draw(st.integers(0, n1)), data.draw(st.integers(0, n2))
    most = min(x1 + x2, n1)
    ways = sum(comb(x1 + x2, x) * comb(n1 + n2 - x1 - x2, n1 - x) for x in range(x1, most + 1))
    assert fisher(x1, n1, x2, n2) == pytest.approx(ways / comb(n1 + n2, n1), rel=1e-9)


@given(st.integers(1, 20_000), st.integers(1, 20_000), st.data())
def test_the_sum_is_a_chance_for_large_numbers_too(n1: int, n2: int, data: st.DataObject) -> None:
    x1, x2 = data.draw(st.integers(0, n1)), data.draw(st.integers(0, n2))
    assert 0.0 <= fisher(x1, n1, x2, n2) <= 1.0


# --- the verdict ---
def test_far_more_hang_ups_ring() -> None:
    found = worse(counts(400, hung_up=80), counts(4_000, hung_up=320))
    assert found is not None
    assert found.what == "hung_up"
    assert found.because == (
        "desligou no menu: 20,0 % dos cidadãos, contra 8,0 % na versão anterior"
    )
    assert found.chance < 1e-9


@pytest.mark.parametrize(
    ("new", "before"),
    [
        (counts(400, hung_up=32), counts(4_000, hung_up=320)),  # the same
        (counts(400, hung_up=0), counts(4_000, hung_up=320)),  # better
        (counts(400, hung_up=42), counts(4_000, hung_up=320)),  # a little more: chance
        (counts(99, hung_up=99), counts(4_000, hung_up=0)),  # too few calls to tell
        (counts(400, hung_up=400), counts(99, hung_up=0)),  # nothing to compare with
        (counts(12_800, wrong=1_400), counts(20_000, wrong=1_900)),  # sure, but nobody notices
        (counts(0), counts(0)),
    ],
)
def test_what_rings_nothing(new: Counts, before: Counts) -> None:
    assert worse(new, before) is None


def test_the_least_likely_failure_is_told() -> None:
    found = worse(
        counts(1_000, wrong=200, silent=400, gave_up=100), counts(1_000, wrong=100, silent=100)
    )
    assert found is not None
    assert found.what == "silent"


def test_looks_are_few_and_double() -> None:
    assert LOOKS[0] == WATCH_CALLS_FIRST
    looks, seen = [], Counts()
    for number in range(1, 3 * WATCH_CALLS_MAX):
        seen.add(())
        if is_look(seen):
            looks.append(number)
    assert looks == list(LOOKS)  # halving brings no look back
    assert seen.calls <= WATCH_CALLS_MAX


def _rings(rng: Any, shares: np.ndarray, rise: float = 0.0, known: int = 20_000) -> bool:
    """Whether a version that is looked at as often as can be rings on any line in any way;
    `known`: calls of the version before it."""
    for line in shares:
        before = counts(known)
        for what, share in zip(FAILURES, line, strict=True):
            before.failed[what] = int(rng.binomial(known, share))
        new, last = counts(0), 0
        for look in LOOKS:
            for what, share in zip(FAILURES, line, strict=True):
                new.failed[what] += int(rng.binomial(look - last, min(1.0, share + rise)))
            new.calls = last = look
            if worse(new, before) is not None:
                return True
    return False


def test_a_version_no_worse_rarely_rings() -> None:
    """Of 1,000 versions that are all as good as the last, fewer than WATCH_ALPHA ring: over all
    lines, ways and looks, with failures as rare and as frequent as menus have them."""
    rng = np.random.default_rng(156)
    rung = 0
    for _ in range(1_000):
        shares = rng.choice([0.002, 0.01, 0.05, 0.2, 0.5], size=(len(LINES), len(FAILURES)))
        rung += _rings(rng, shares, known=int(rng.choice([100, 1_000, 20_000])))
    assert rung <= 1_000 * WATCH_ALPHA


def test_a_version_that_is_worse_rings() -> None:
    """Five points more of anything are found, nearly always, before the looks are over."""
    rng = np.random.default_rng(199)
    shares = np.full((1, len(FAILURES)), 0.1)
    assert sum(_rings(rng, shares, rise=0.05) for _ in range(100)) >= 99


# --- what counts ---
def fact(kind: Kind, call: str = "c1", **details: Any) -> Fact:
    return Fact(0.0, kind, CallId(call), details=details)


def arrived(version: str = "v1", line: str = "156", call: str = "c1", **more: Any) -> Fact:
    return fact(Kind.CALL_ARRIVED, call, version=version, line=line, **more)


def pressed(key: str, valid: bool) -> Fact:
    return fact(Kind.KEY_PRESSED, node="menu", key=key, valid=valid)


WENT_ON = fact(Kind.NODE_ENTERED, node="outro")
QUEUED = fact(Kind.QUEUED, queue="geral")


@pytest.mark.parametrize(
    ("facts", "outcome", "met"),
    [
        ([pressed("1", True), QUEUED], "served", set()),
        ([pressed("7", False), pressed("1", True), QUEUED], "served", {"wrong"}),
        ([pressed("", False), pressed("1", True), WENT_ON], "left_in_menu", {"silent", "hung_up"}),
        ([pressed("", False), pressed("", False), QUEUED], "served", {"silent", "gave_up"}),
        ([pressed("7", False), WENT_ON, QUEUED], "abandoned", {"wrong", "gave_up"}),
        ([QUEUED, pressed("7", False), WENT_ON], "abandoned", set()),  # a key while waiting
        ([fact(Kind.DIGITS_TYPED, digits=3, valid=False)], "left_in_menu", {"wrong", "hung_up"}),
        ([fact(Kind.DIGITS_TYPED, digits=0, valid=False)], "served", {"silent"}),
        ([fact(Kind.DIGITS_TYPED, digits=11, valid=True)], "ended_in_menu", set()),
        ([], "interrupted", set()),
        ([], "left_in_menu", {"hung_up"}),
    ],
)
def test_what_a_call_met(facts: list[Fact], outcome: str, met: set[str]) -> None:
    trials = Trials()
    ended = fact(Kind.CALL_ENDED, outcome=outcome)
    assert trials.read([arrived(), *facts, ended]) == [("v1", "156")]
    found = trials.of("v1", "156")
    assert found.calls == 1
    assert {what for what, count in found.failed.items() if count} == met


def test_a_call_counts_for_the_version_it_began_on() -> None:
    trials = Trials()
    trials.read([arrived("v1", call="a"), arrived("v2", call="b")])
    for call in ("a", "b"):
        trials.read([fact(Kind.CALL_ENDED, call, outcome="left_in_menu")])
    assert trials.of("v1", "156").calls == trials.of("v2", "156").calls == 1
    trials.keep(["v2"])
    assert trials.of("v1", "156").calls == 0


def test_tests_and_calls_without_version_are_left_out() -> None:
    trials = Trials()
    for told in (arrived(test=True), arrived(version=""), fact(Kind.CALL_ARRIVED, line="156")):
        assert trials.read([told, fact(Kind.CALL_ENDED, outcome="left_in_menu")]) == []
    assert trials.read([fact(Kind.CALL_ENDED, "never heard of")]) == []
    assert trials.read([Fact(0.0, Kind.SWITCH_LOST)]) == []
    assert not trials.counts


def test_memory_is_bounded() -> None:
    trials = Trials()
    for number in range(WATCH_OPEN_CALLS + 10):
        trials.read([arrived(call=f"c{number}")])
    assert len(trials._open) == WATCH_OPEN_CALLS
    many = counts(WATCH_CALLS_MAX, hung_up=4_000)
    many.add({"hung_up"})
    assert (many.calls, many.failed["hung_up"]) == (WATCH_CALLS_MAX // 2 + 1, 2_001)
