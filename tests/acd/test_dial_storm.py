"""The floor's rules hold with a dialler in the storm, and planted bugs are caught by name."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from dial_storm import DialStorm
from hypothesis import given, settings
from hypothesis import strategies as st
from invariants import BrokenRule
from simulator import TABLES

from acd import absent, dialled, lending
from acd import promise_events as pe
from acd.matching import house_of
from acd.moves import Moves
from acd.offers import Offer, OfferState
from terms.outcome import OfferOutcome


@pytest.mark.parametrize("seed", range(6))
def test_rules_hold_with_a_dialler(seed: int) -> None:
    storm = DialStorm(seed, agents=12, table=TABLES[seed % 4])
    storm.run(400)
    assert storm.dialled_talks
    assert storm.looked


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 30))
def test_rules_hold_with_any_dialler(seed: int, agents: int) -> None:
    DialStorm(seed, agents=agents, table=TABLES[seed % 4]).run(120)


@pytest.mark.slow
def test_a_long_storm_with_a_dialler() -> None:
    seed = int(os.environ.get("C156_SEED", random.SystemRandom().randrange(10**6)))
    print(f"C156_SEED={seed}")
    storm = DialStorm(seed, agents=20, looks=40)
    storm.run(25_000)
    print(f"{storm.attempts} reserved, {storm.dialled_talks} talks, {storm.taken_back} taken back")
    assert storm.taken_back > 100
    assert storm.dialled_talks > 150


Plant = Callable[[pytest.MonkeyPatch], None]


def _never_looks_who_waits(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(lending, "_asked_for", lambda house: [])


def _lends_who_is_kept(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(lending, "house_of", lambda floor, now: replace(house_of(floor, now), kept=0))


def _lends_while_an_emergency_waits(patch: pytest.MonkeyPatch) -> None:
    for room in (lending, dialled):
        patch.setattr(room, "must_hold", lambda floor: False)


def _keeps_who_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    kept = Moves.end_offer

    def end_offer(self: Moves, offer: Offer, outcome: OfferOutcome, now: float) -> None:
        caller = self.callers[offer.call]
        dialled_, caller.dialled = caller.dialled, False
        kept(self, offer, outcome, now)
        caller.dialled = dialled_

    patch.setattr(Moves, "end_offer", end_offer)


def _leaves_whom_it_calls(patch: pytest.MonkeyPatch) -> None:
    kept = absent.HANDLERS[pe.CallBackCalling]

    def calling(floor: Moves, event: pe.CallBackCalling, now: float) -> None:
        kept(floor, event, now)
        floor.lesser.pop(event.offer, None)

    patch.setitem(_handlers(), pe.CallBackCalling, calling)


def _counts_an_answer(patch: pytest.MonkeyPatch) -> None:
    kept = Moves.begin_talk

    def begin_talk(self: Moves, offer: Offer, since: float, now: float) -> None:
        kept(self, offer, since, now)
        if offer.dialled:
            self.line(self.callers[offer.call]).tally.answered += 1

    patch.setattr(Moves, "begin_talk", begin_talk)


def _looks_for_ever(patch: pytest.MonkeyPatch) -> None:
    kept = Moves.lease_ends

    def lease_ends(self: Moves, offer: Offer) -> None:
        if offer.state is not OfferState.PREVIEW:
            kept(self, offer)

    patch.setattr(Moves, "lease_ends", lease_ends)


def _handlers() -> dict:
    from acd import floor

    return floor._HANDLERS


@pytest.mark.parametrize(
    ("plant", "rules"),
    [
        (_never_looks_who_waits, "nobody is lent whom a caller waits for"),
        (_lends_who_is_kept, "nobody is lent who is kept for emergencies"),
        (_lends_while_an_emergency_waits, "nobody is lent while an emergency waits"),
        (_keeps_who_is_forgotten, "who is dialled stands in no line"),
        (_leaves_whom_it_calls, "an emergency takes what rings"),
        (_counts_an_answer, "tallies balance"),
        (_looks_for_ever, "silence about an offer ends"),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_a_planted_bug_is_caught(plant: Plant, rules: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        plant(patch)
        with pytest.raises(BrokenRule) as caught:
            _forty_storms()
        assert caught.value.rule == rules


def _forty_storms() -> None:
    for seed in range(40):
        DialStorm(seed, agents=12, table=TABLES[seed % 4]).run(300)
