"""What the measurements call: their menus are sound and recorded, and P4's callers go deep."""

from dataclasses import replace
from pathlib import Path

from house import CHECKOUT

from bench.centre import DIALPLANS
from bench.ivr_callers import WAYS
from central156.plans import read_plans
from central156.plugs import VoicePlug
from central156.settings import load_settings
from ivr import interpreter
from ivr.known import Known
from ivr.menu import LinePlan
from ivr.turn import Answer, End, JoinQueue, Listen, LookUp, Turn
from reader import read_dialplans

WEDNESDAY_MORNING = 1_764_165_600.0
DEEP = 45
"""Nodes of the city's tree that some caller comes to; more than half of them."""


def test_the_menus_that_are_measured_are_sound_and_recorded(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, dialplans_dir=DIALPLANS)
    plans = read_plans(DIALPLANS, VoicePlug(settings.sounds_dir, settings.state_dir), settings)
    assert set(plans.lines) == {"156", "199", "153"}


def test_the_callers_of_the_steps_go_deep_and_press_no_key_in_vain() -> None:
    plan = read_dialplans(CHECKOUT / "dialplans").lines["156"]
    visited: set[str] = set()
    looked_up = 0
    for way in WAYS:
        nodes, services, left = _walk(plan, way)
        assert not left, way
        visited |= nodes
        looked_up += services
    assert len(visited) >= DEEP, sorted(set(plan.nodes) - visited)
    assert looked_up >= 6


def _walk(plan: LinePlan, way: str) -> tuple[set[str], int, list[str]]:
    """The nodes that are entered, how many services are asked, and the keys that are left."""
    known, keys = Known(WEDNESDAY_MORNING, "156", "+5511987654321", "123456784"), list(way)
    turn, nodes, services = interpreter.enter(plan, known), set[str](), 0
    while True:
        nodes |= {node for node, _ in turn.took}
        if isinstance(turn.then, JoinQueue | End):
            return nodes, services, keys
        services += isinstance(turn.then, LookUp)
        known = replace(known, data=turn.data)
        turn = _next(plan, known, turn, keys)


def _next(plan: LinePlan, known: Known, turn: Turn, keys: list[str]) -> Turn:
    if isinstance(turn.then, LookUp):
        return interpreter.looked_up(plan, known, turn.position, Answer("achou"))
    assert isinstance(turn.then, Listen)
    typed = ""
    while keys and (not typed or interpreter.goes_on(turn.then, typed) is not None):
        typed += keys.pop(0)
    return interpreter.heard(plan, known, turn.position, typed)
