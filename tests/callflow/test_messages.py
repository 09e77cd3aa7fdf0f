"""A message left in the menu is a message when there is sound in it, whoever saw the call end."""

from __future__ import annotations

from pathlib import Path

import pytest
from full_plan import details, full_centre
from line_fakes import Centre, Nothing, mender_of

from callflow.book import OpenCall
from terms.facts import Kind
from terms.names import CallId, Instant, Seconds
from terms.signals import CallEnded, LastWords, SeenCall, SwitchSeen

CALL = CallId("n1-b-1.1")
FIRST, SECOND = Path("/r/1.wav"), Path("/r/2.wav")


class Disk(Nothing):
    """Two messages were begun; `sound` is what stands in them."""

    def __init__(self, *sound: Path) -> None:
        super().__init__()
        self.sound = sound

    def messages(self, call: CallId, at: Instant) -> list[Path]:
        return [FIRST, SECOND]

    def seconds(self, file: Path) -> Seconds:
        return 4.0 if file in self.sound else 0.0


class Spoken(Nothing):
    """One message, so long."""

    def __init__(self, file: Path, seconds: Seconds) -> None:
        super().__init__()
        self.file, self.length = file, seconds

    def messages(self, call: CallId, at: Instant) -> list[Path]:
        return [self.file]

    def seconds(self, file: Path) -> Seconds:
        return self.length


async def _ends(centre: Centre, disk: Disk) -> str:
    mender = mender_of(centre, disk)
    channel = centre.channel(call=CALL, keys=["5"], leaves_message=True)
    await channel.step(centre.tools)
    mender.call_ended(CallEnded(CALL, centre.now, channel.variables["C156_STAGE"]))
    await mender.settled()
    (ended,) = details(centre, Kind.CALL_ENDED)
    return str(ended["outcome"])


@pytest.mark.parametrize("sound", [(FIRST,), (SECOND,), (FIRST, SECOND)])
async def test_somebody_must_call_back_who_left_a_message(sound: tuple[Path, ...]) -> None:
    centre = full_centre()
    assert await _ends(centre, Disk(*sound)) == "message_left"
    (task,) = details(centre, Kind.TASK_OPENED)
    assert (task["task"], task["because"]) == ("call_back", "message_left")


@pytest.mark.parametrize("spoken", [True, False])
async def test_a_message_spoken_to_its_end_while_control_was_dead_is_not_asked_for_again(
    spoken: bool,
) -> None:
    centre = full_centre()
    channel = centre.channel(call=CALL, keys=["5"], dies_after=6)
    assert await channel.step(centre.tools) == ""  # the switch goes on recording
    file = centre.tools.recordings.message_file(CALL, centre.now, 1)
    centre.tools.recordings = Spoken(file, 4.0 if spoken else 0.0)
    channel.dies_after = 10**9
    assert await channel.step(centre.tools) == "end"
    assert channel.played.count("tone") == (1 if spoken else 2)
    assert len(details(centre, Kind.MESSAGE_LEFT)) == (1 if spoken else 2)


async def test_who_said_nothing_left_the_menu() -> None:
    centre = full_centre()
    assert await _ends(centre, Disk()) == "left_in_menu"
    assert details(centre, Kind.TASK_OPENED) == []


async def test_a_message_spoken_while_control_was_dead() -> None:
    """The new process knows the call from the store; the file tells the rest."""
    centre = full_centre()
    disk = Disk(FIRST)
    disk.words = {CALL: LastWords(1_020.0, None, None, 0.0)}
    mender = mender_of(centre, disk)
    centre.tools.book.open(OpenCall(CALL, "156", 1_000.0))
    mender.agree(SwitchSeen(1_060.0, "boot", ()))
    await mender.settled()
    (ended,) = details(centre, Kind.CALL_ENDED)
    assert ended["outcome"] == "message_left"


async def test_a_menu_found_after_a_restart_is_named_when_the_citizen_leaves_it() -> None:
    centre = full_centre()
    mender = mender_of(centre, Nothing())
    place = "node=pede_numero:0:2:menu::;protocol=123456786"
    mender.agree(SwitchSeen(1_060.0, "boot", (SeenCall(CALL, "156", "menu", place, "t", 1_000.0),)))
    mender.call_ended(CallEnded(CALL, centre.now, "menu"))
    (ended,) = details(centre, Kind.CALL_ENDED)
    assert (ended["outcome"], ended["where"]) == ("left_in_menu", "menu:pede_numero")
