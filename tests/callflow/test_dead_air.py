"""Talks without sound: told once for each silence, never of who is held, never on a guess."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from acd.events import AgentLoggedIn, TalkFound
from acd.floor import Floor
from acd.queues import QueueRule, QueueTable
from callflow.dead_air import DeadAir, OneSide
from terms.facts import Fact, Kind
from terms.limits import DEAD_AIR_COUNTS, DEAD_AIR_QUIET, DEAD_AIR_SECONDS
from terms.names import AgentName, CallId, OfferId, QueueName, Skill
from terms.signals import Leg, LegSound, SeenCall, Side, Sound, SwitchSeen

CALL, ANA, OFFER, LEG = CallId("n1-1.1"), AgentName("ana"), OfferId("1-1"), "PJSIP/ana-1"
LONG = DEAD_AIR_SECONDS


@dataclass
class Keeper:
    """What of the floor's keeper is asked here: a clock, offers, and facts on paper."""

    at: float = 1000.0
    floor: Any = None
    told: list[Fact] = field(default_factory=list)

    def clock(self) -> float:
        return self.at

    def knows(self, offer: OfferId) -> bool:
        return offer == OFFER

    def watch(self, watcher: object) -> None: ...

    def record(self, *facts: Fact) -> None:
        self.told += facts


@dataclass
class Packets:
    """How many have come of each leg, as a test says; None: the switch cannot say."""

    of: dict[str, int | None] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def packets_from(self, leg: str) -> int | None:
        self.asked.append(leg)
        return self.of.get(leg)


class Scene:
    """One talk, from its ringing on."""

    def __init__(self) -> None:
        self.keeper, self.packets = Keeper(), Packets()
        self.air = DeadAir(self.keeper, self.packets)  # type: ignore[arg-type]

    def talk(self, *heard: Side) -> Scene:
        """These sides are heard from the beginning."""
        if Side.CITIZEN in heard:  # is listened to before the ringing is told
            self.sound(Side.CITIZEN, Sound.BEGAN)
        self.air.dialled(CALL, OFFER, LEG)
        self.keeper.at += 5
        self.fact(Kind.ANSWERED, offer=OFFER, waited=5.0)
        if Side.AGENT in heard:
            self.sound(Side.AGENT, Sound.BEGAN)
        return self

    def sound(self, side: Side, sound: Sound, leg: str = LEG) -> None:
        self.air.hear(LegSound(CALL, side, leg, sound, self.keeper.at))

    def fact(self, kind: Kind, **details: object) -> None:
        self.air.read([Fact(self.keeper.at, kind, CALL, ANA, details=details)])

    def after(self, seconds: float) -> list[tuple[str, float]]:
        """What has been told in all when so many seconds have passed."""
        self.keeper.at += seconds
        self.air.look(self.keeper.at)
        return [(fact.details["who"], fact.details["seconds"]) for fact in self.keeper.told]


BOTH = (Side.AGENT, Side.CITIZEN)


@pytest.mark.parametrize(
    ("heard", "who"), [((Side.CITIZEN,), "agent"), ((Side.AGENT,), "citizen"), ((), "both")]
)
def test_who_is_never_heard_is_told_of_once(heard: tuple[Side, ...], who: str) -> None:
    scene = Scene().talk(*heard)
    assert scene.after(LONG - 0.1) == []
    assert scene.after(0.1) == [(who, LONG)]
    assert scene.air.silent(CALL) == who
    assert scene.after(60) == [(who, LONG)]
    (fact,) = scene.keeper.told
    assert (fact.kind, fact.call, fact.agent) == (Kind.DEAD_AIR, CALL, ANA)


def test_two_who_are_heard_are_left_alone() -> None:
    scene = Scene().talk(*BOTH)
    assert scene.after(600) == []
    assert scene.air.silent(CALL) == ""


def test_a_silence_is_counted_from_where_it_began() -> None:
    scene = Scene().talk(*BOTH)
    scene.keeper.at += 30
    scene.sound(Side.AGENT, Sound.ENDED)  # which is said DEAD_AIR_QUIET late
    assert scene.after(LONG - DEAD_AIR_QUIET - 0.1) == []
    assert scene.after(0.1) == [("agent", LONG)]
    scene.sound(Side.AGENT, Sound.BEGAN)
    assert (scene.after(1), scene.air.silent(CALL)) == ([("agent", LONG)], "")
    scene.sound(Side.AGENT, Sound.ENDED)
    assert len(scene.after(LONG)) == 2  # another silence is told of again


def test_the_second_side_that_falls_silent_is_told_of_too() -> None:
    scene = Scene().talk(Side.CITIZEN)
    assert scene.after(LONG) == [("agent", LONG)]
    scene.sound(Side.CITIZEN, Sound.ENDED)
    assert [who for who, _ in scene.after(LONG)] == ["agent", "both"]
    scene.sound(Side.CITIZEN, Sound.BEGAN)
    assert [who for who, _ in scene.after(LONG)] == ["agent", "both"]  # told already


def held(scene: Scene, on: bool) -> None:
    """The floor says so."""
    scene.fact(Kind.TALK_HELD, on=on)


def held_by_phone(scene: Scene, on: bool) -> None:
    """The agent's phone does, by itself."""
    scene.sound(Side.AGENT, Sound.HELD if on else Sound.BACK)


@pytest.mark.parametrize("hold", [held, held_by_phone])
def test_nobody_is_silent_on_hold(hold: Callable[[Scene, bool], None]) -> None:
    scene = Scene().talk(Side.CITIZEN)
    hold(scene, True)
    assert scene.after(600) == []
    hold(scene, False)
    assert scene.after(LONG) == []  # on a guess nothing is said: the next word counts
    scene.sound(Side.AGENT, Sound.ENDED)
    assert len(scene.after(LONG)) == 1


def test_what_is_moved_about_or_was_not_dialled_here_is_not_listened_to() -> None:
    for kind in (Kind.TALK_ENDED, Kind.TALK_MOVED, Kind.CONSULT_ASKED, Kind.CALL_ENDED):
        scene = Scene().talk()
        scene.fact(kind)
        assert scene.after(600) == []
    scene = Scene()
    scene.fact(Kind.ANSWERED, offer="0-9")  # the process before us put it through
    assert scene.after(600) == []
    scene = Scene().talk(Side.CITIZEN)
    scene.sound(Side.AGENT, Sound.BEGAN, leg="PJSIP/ana-0")  # an older leg's word
    assert scene.after(LONG) == [("agent", LONG)]


@pytest.mark.parametrize("speaks", [True, False])
def test_a_talk_that_was_dialled_out_is_listened_to(speaks: bool) -> None:
    scene = Scene()
    scene.air.dialled(CallId(""), OFFER, LEG)  # the citizen's call is not there yet
    scene.keeper.at += 20
    scene.sound(Side.CITIZEN, Sound.BEGAN)
    if speaks:  # a word may come before the floor has heard of the talk
        scene.sound(Side.AGENT, Sound.BEGAN)
    scene.fact(Kind.ANSWERED, offer=OFFER, waited=20.0)
    assert scene.after(LONG) == ([] if speaks else [("agent", LONG)])


def _look(stage: str = f"offered:{OFFER}:ana", leg: str = LEG) -> SwitchSeen:
    call = SeenCall(CALL, "156", stage, "", "PJSIP/x-1", 1.0)
    return SwitchSeen(1.0, "boot", (call,), legs=(Leg("main", CALL, OFFER, ANA, leg),))


async def test_a_talk_that_a_look_finds_is_listened_to_from_then_on() -> None:
    """After a restart of control, a lost link or a consult."""
    scene = Scene()
    scene.keeper.floor = talking_floor()
    scene.air.found(_look("held:1-1:ana"))
    assert scene.after(600) == []  # nobody is silent on hold
    scene.air.found(_look())
    assert scene.after(600) == []  # who was silent before is not known
    scene.sound(Side.AGENT, Sound.ENDED)
    assert [who for who, _ in scene.after(LONG)] == ["agent"]
    scene.air.found(_look())  # it is known already: not begun anew, and told of once
    assert len(scene.after(LONG)) == 1
    scene.fact(Kind.CONSULT_ASKED)
    scene.air.found(_look())
    scene.packets.of = {LEG: 7, str(CALL): 7}
    for _ in range(20):
        scene.keeper.at += 1
        scene.packets.of[str(CALL)] = (scene.packets.of[str(CALL)] or 0) + 50
        await scene.air._count()
    assert [who for who, _ in scene.after(0)] == ["agent", "agent"]


def talking_floor() -> Floor:
    """A floor on which Ana talks with this citizen."""
    rule = QueueRule(QueueName("p156_geral"), "156", Skill("geral"))
    floor = Floor(QueueTable((rule,)), epoch=1)
    floor.handle(AgentLoggedIn(ANA, {}), 1.0)
    floor.handle(TalkFound(CALL, ANA, OFFER, 1.0, line="156"), 2.0)
    return floor


def test_a_lost_link_makes_nobody_silent() -> None:
    scene = Scene().talk(Side.CITIZEN)
    scene.air.link_lost()
    assert scene.after(600) == []
    scene.talk()  # the same call, another agent, both not told of since
    assert scene.after(LONG) == [("agent", LONG)]


# --- packets ---
async def test_a_leg_whose_packets_stop_is_silent_until_they_come_again() -> None:
    scene = Scene().talk(*BOTH)
    scene.packets.of = {LEG: 100, str(CALL): 100}

    async def pass_by(seconds: int, *sends: str) -> list[str]:
        for _ in range(seconds):
            scene.keeper.at += 1
            for leg in sends:
                scene.packets.of[leg] = (scene.packets.of[leg] or 0) + 50
            await scene.air._count()
            scene.air.look(scene.keeper.at)
        return [fact.details["who"] for fact in scene.keeper.told]

    assert await pass_by(60, LEG, str(CALL)) == []
    assert await pass_by(20, str(CALL)) == ["agent"]
    assert scene.keeper.told[0].details["seconds"] <= LONG + DEAD_AIR_QUIET
    assert await pass_by(5, LEG, str(CALL)) == ["agent"]
    assert scene.air.silent(CALL) == ""
    assert await pass_by(60, LEG) == ["agent", "citizen"]


async def test_what_the_switch_cannot_count_is_no_silence() -> None:
    scene = Scene().talk(*BOTH)
    for _ in range(60):
        scene.keeper.at += 1
        await scene.air._count()
    assert scene.after(0) == []
    one = OneSide(LEG)
    for packets in (5, None, 5, None):
        one.count(packets, 1.0)
    assert one.silent_since is None


async def test_few_legs_are_asked_for_at_a_time() -> None:
    scene = Scene()
    for number in range(200):
        call = CallId(f"n1-{number}")
        scene.air.hear(LegSound(call, Side.CITIZEN, "", Sound.BEGAN, scene.keeper.at))
        scene.air.dialled(call, OFFER, f"PJSIP/a-{number}")
        scene.air.read([Fact(scene.keeper.at, Kind.ANSWERED, call, ANA, details={"offer": OFFER})])
    for looks in range(1, 5):
        scene.keeper.at += 1
        await scene.air._count()
        assert len(scene.packets.asked) == DEAD_AIR_COUNTS * looks
    assert len(set(scene.packets.asked)) == 200
