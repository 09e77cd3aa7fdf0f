"""The way out in Asterisk's configuration: the carriers that take our calls, and the caps of all
together. What each trunk has of its own is in out_trunks.py."""

from __future__ import annotations

import re

from pbx.out_trunks import OutTrunk, WayOutRefused, checked
from pbx.switch_settings import SwitchSettings
from terms import limits

ONLY = "principal"
_HOST_AND_PORT = re.compile(r"[A-Za-z0-9.-]{1,253}:[0-9]{1,5}")
_PREFIX = re.compile(r"\+?[0-9]{0,8}")


def trunks_of(settings: SwitchSettings) -> tuple[OutTrunk, ...]:
    """The trunks, checked, the first one first; the settings' own is the only one when none is
    listed. WayOutRefused for what cannot stand in Asterisk's files."""
    trunk, prefix = settings.out_trunk, settings.out_prefix
    if settings.trunks or not trunk:
        return checked(settings.trunks)
    if not _HOST_AND_PORT.fullmatch(trunk):
        raise WayOutRefused(f"tronco de saída inválido (máquina:porta): {trunk!r}")
    if not _PREFIX.fullmatch(prefix):
        raise WayOutRefused(f"prefixo de saída inválido: {prefix!r}")
    return checked((OutTrunk(ONLY, trunk, prefix, settings.out_channels, settings.out_per_second),))


def way_out(settings: SwitchSettings) -> dict[str, object]:
    """What stands for each @OUT_…@ of the templates. WayOutRefused for what cannot stand there."""
    trunks = trunks_of(settings)
    channels = settings.out_channels if trunks else 0
    return {
        "OUT_PREFIX": trunks[0].prefix if trunks else "",
        "OUT_CHANNELS": channels,
        "OUT_CHANNELS_URGENT": channels + limits.OUT_CHANNELS_URGENT if trunks else 0,
        "OUT_PER_SECOND": settings.out_per_second,
        "OUT_PER_HOUR": settings.out_per_hour,
        "OUT_PER_NUMBER": settings.out_per_number,
    }
