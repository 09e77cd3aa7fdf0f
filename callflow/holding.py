"""What the switch is told of calls that go out: whether they are held, and by what.

The dialplan asks its global C156_OUT_HELD in the moment of dialling, so that nothing goes out by an
order that was on its way when callers began to wait:

    ''           nothing is held
    1            a storm is on: what saves lives goes out all the same
    emergency    a caller of 199 or 153 waits: nothing goes out but call-backs of emergencies
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from acd.absent import must_hold
from acd.lending import waiting
from callflow.beside import Beside
from callflow.floor_keeper import FloorKeeper

HELD_BY_EMERGENCY: Final = "emergency"
HELD: Final = "1"
FREE: Final = ""


@dataclass(slots=True)
class Holding:
    """See the file's top."""

    keeper: FloorKeeper
    beside: Beside
    _said: str | None = None

    def value(self, emergencies: int | None = None) -> str:
        """What holds now; `emergencies`: how many wait, if that is known already."""
        floor = self.keeper.floor
        if not (floor.out_held or must_hold(floor)):
            return FREE
        waits = waiting(floor)[0] if emergencies is None else emergencies
        return HELD_BY_EMERGENCY if waits else HELD

    def say(self, emergencies: int | None = None) -> None:
        """Tell the switch, if it has changed."""
        if self.value(emergencies) != self._said:
            self.say_again(emergencies)

    def say_again(self, emergencies: int | None = None) -> None:
        """Tell the switch: one that has just started knows nothing."""
        self._said = self.value(emergencies)
        self.beside.do(self._tell(self._said))

    async def _tell(self, value: str) -> None:
        try:
            await self.keeper.switch.set_global("C156_OUT_HELD", value)
        except Exception:
            self._said = None  # said again at the next occasion
            raise
