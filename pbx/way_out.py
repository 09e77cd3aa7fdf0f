"""The way out in Asterisk's configuration: the carrier that takes our calls, and the caps."""

from __future__ import annotations

import re

from pbx.switch_settings import SwitchSettings
from terms import limits

_HOST_AND_PORT = re.compile(r"[A-Za-z0-9.-]{1,253}:[0-9]{1,5}")
_PREFIX = re.compile(r"\+?[0-9]{0,8}")
NOWHERE = "127.0.0.1:9"
"""Stands for the carrier when there is none; the caps let nothing out then."""


class WayOutRefused(ValueError):
    """A setting of the way out cannot stand in Asterisk's configuration."""


def way_out(settings: SwitchSettings) -> dict[str, object]:
    """What stands for each @OUT_…@ of the templates. WayOutRefused for what cannot stand there."""
    trunk, prefix = settings.out_trunk, settings.out_prefix
    if trunk and not _HOST_AND_PORT.fullmatch(trunk):
        raise WayOutRefused(f"tronco de saída inválido (máquina:porta): {trunk!r}")
    if not _PREFIX.fullmatch(prefix):
        raise WayOutRefused(f"prefixo de saída inválido: {prefix!r}")
    channels = settings.out_channels if trunk else 0
    return {
        "OUT_TRUNK": trunk or NOWHERE,
        "OUT_PREFIX": prefix,
        "OUT_CHANNELS": channels,
        "OUT_CHANNELS_URGENT": channels + limits.OUT_CHANNELS_URGENT if trunk else 0,
        "OUT_PER_SECOND": settings.out_per_second,
        "OUT_PER_HOUR": settings.out_per_hour,
        "OUT_PER_NUMBER": settings.out_per_number,
    }
