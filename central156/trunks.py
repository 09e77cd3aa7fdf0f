"""The ways out of this installation: dialplans/rotas.yaml, or the one trunk of the settings.

The same values go to the dialler (`trunks_of`, for `dialer.caps.CapRules`) and to the switch
(`out_trunks_of`, for its endpoints and its own caps).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from central156.settings import Settings
from dialer.trunks import Trunk
from pbx.out_trunks import OutTrunk
from terms.names import TrunkName

ONLY: Final = TrunkName("principal")
"""What the settings' own trunk is called, where there is no rotas.yaml."""


def trunks_of(settings: Settings) -> Mapping[TrunkName, Trunk]:
    """The trunks that calls may go out by, in the file's order: the first is that of call-backs
    and transfers. Empty: nothing goes out."""
    if not settings.out_trunk:
        return {}
    only = Trunk(
        ONLY, str(ONLY), channels=settings.out_channels, per_second=settings.out_per_second
    )
    return {ONLY: only}


def out_trunks_of(settings: Settings) -> tuple[OutTrunk, ...]:
    """The same for the switch."""
    return tuple(
        OutTrunk(
            one.name,
            settings.out_trunk,
            settings.out_prefix,
            one.channels,
            one.per_second,
            one.prefixes,
        )
        for one in trunks_of(settings).values()
    )
