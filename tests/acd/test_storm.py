"""The seeded storm: whatever happens, in whatever order, the floor's rules hold."""

import pytest
from simulator import BrokenRule, Storm, check

from acd.agents import State


@pytest.mark.parametrize("seed", range(40))
def test_rules_hold_after_every_event(seed: int) -> None:
    storm = Storm(seed)
    storm.run(600)
    assert storm.made, "a storm without offers proves nothing"
    open_offers = {str(offer) for offer in storm.floor.offers}
    talks = {o for o, offer in storm.floor.offers.items() if offer.answered}
    unended = set(map(str, storm.made)) - set(storm.ended)
    assert unended <= open_offers, "an offer vanished without an end"
    assert not (set(storm.ended) & (open_offers - set(map(str, talks))))


def test_one_seed_replays() -> None:
    first, second = Storm(3), Storm(3)
    first.run(300)
    second.run(300)
    assert first.floor.view(first.now) == second.floor.view(second.now)


def test_the_check_can_fail() -> None:
    storm = Storm(1)
    storm.run(50)
    agent = next(iter(storm.floor.agents.values()))
    agent.state = State.TALKING if agent.offer is None else State.IDLE
    with pytest.raises(BrokenRule):
        check(storm.floor, storm.now)
