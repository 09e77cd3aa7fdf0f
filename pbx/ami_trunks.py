"""How many calls each way out carries now, as the switch itself counts them. Mixed into AmiLink."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pbx.ami_wire import ValueRefused

if TYPE_CHECKING:
    from pbx.ami_session import AmiSession

_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{1,31}")


class TrunkCounts:
    """Raises AmiFault when it is not known."""

    def _session(self) -> AmiSession:
        raise NotImplementedError

    async def calls_by(self, trunk: str) -> int:
        """The calls that go out by this trunk (GROUP(outtrunk), pbx/out_trunks.py)."""
        if not _NAME.fullmatch(trunk):
            raise ValueRefused("this is no name of a trunk")
        headers = {"Variable": f"GROUP_COUNT({trunk}@outtrunk)"}
        found = (await self._session().ask("Getvar", headers)).one("Value")
        if not found.isdecimal():
            raise ValueRefused("the switch does not count its trunks")
        return int(found)
