"""The ways out in Asterisk's files: an endpoint and a row of caps for each, made of checked values.

Both files are written anew at a start and at a reload of the trunks, while calls go on: pjsip and
pbx_config read them again, and a call in course keeps the dial that it has. No text that could be
anything but a name, a host, a port or digits gets into them (`checked`).

What the dialplan says of itself, for extensions_out.conf (context c156-out-trunk; c156-trunk is
the context of the carriers that come in):

    Gosub(c156-out-trunk,s,1(<name>))     name "": the first trunk. C156_OUT_NUMBER is dialled.
      GOSUB_RETVAL open            C156_DIAL is the whole dial string, C156_WAY the trunk's name;
                                   both are inherited by whatever the channel dials
                   trunk           nobody knows this trunk
                   prefix          it may not dial this number
                   trunk_channels  all its channels are taken
                   trunk_second    it has had enough calls in this second

The channel takes its place in GROUP(outtrunk)=<name>. A leg that goes on with the call takes it
over by Set(GROUP(outtrunk)=${C156_WAY}), and the one before gives it back by Set(GROUP(outtrunk)=).

    Dial(…,b(c156-out-counted^s^1))       a transfer: counted on the first trunk, and never refused
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from terms import limits

ENDPOINT: Final = "C156-out"
"""The first trunk's endpoint, by which transfers go out too; the others add their names."""

TRUNKS_PJSIP, TRUNKS_DIALPLAN = "pjsip_trunks.conf", "extensions_trunks.conf"

_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{1,31}")
_ADDRESS: Final = re.compile(r"([A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?):([0-9]{1,5})")
_PREFIX: Final = re.compile(r"\+?[0-9]{0,8}")
_ALLOWED: Final = re.compile(r"[1-9][0-9]{0,10}")
_MOST: Final = 100_000


class WayOutRefused(ValueError):
    """A setting of the way out cannot stand in Asterisk's configuration."""


@dataclass(frozen=True, slots=True)
class OutTrunk:
    """One way out. `address`: host:port; `prefix`: digits before every number; `allowed`:
    beginnings of national numbers that it may dial, () for all."""

    name: str
    address: str
    prefix: str = ""
    channels: int = 1
    per_second: int = 1
    allowed: tuple[str, ...] = ()


def checked(trunks: Sequence[OutTrunk]) -> tuple[OutTrunk, ...]:
    """The same trunks. WayOutRefused for whatever cannot stand in Asterisk's files."""
    for one in trunks:
        if not _NAME.fullmatch(one.name):
            raise WayOutRefused(f"nome de rota inválido: {one.name!r}")
        found = _ADDRESS.fullmatch(one.address)
        if found is None or not 0 < int(found[2]) <= 65_535:
            raise WayOutRefused(f"rota {one.name}: destino inválido (máquina:porta)")
        if not _PREFIX.fullmatch(one.prefix):
            raise WayOutRefused(f"rota {one.name}: prefixo inválido")
        if not all(_ALLOWED.fullmatch(start) for start in one.allowed):
            raise WayOutRefused(f"rota {one.name}: começo de número inválido")
        if not (0 <= one.channels <= _MOST and 0 <= one.per_second <= _MOST):
            raise WayOutRefused(f"rota {one.name}: limite inválido")
    if len({one.name for one in trunks}) < len(trunks):
        raise WayOutRefused("duas rotas com o mesmo nome")
    return tuple(trunks)


def pjsip_text(trunks: Sequence[OutTrunk]) -> str:
    """pjsip_trunks.conf: included at the end of pjsip.conf."""
    parts = ["; Written by pbx/out_trunks.py from the ways out (dialplans/rotas.yaml).\n"]
    for place, one in enumerate(checked(trunks)):
        endpoint = endpoint_of(one, place)
        parts.append(
            f"\n[{endpoint}](C156-way-out)\naors = {endpoint}\n"
            f"\n[{endpoint}]\ntype = aor\ncontact = sip:{one.address}\nqualify_frequency = 0\n"
        )
    return "".join(parts)


def endpoint_of(trunk: OutTrunk, place: int) -> str:
    """The endpoint of the trunk that stands at this place of the list."""
    return ENDPOINT if place == 0 else f"{ENDPOINT}-{trunk.name}"


def dialplan_text(trunks: Sequence[OutTrunk]) -> str:
    """extensions_trunks.conf: included by extensions.conf."""
    good = checked(trunks)
    lines = [
        "; Written by pbx/out_trunks.py from the ways out (dialplans/rotas.yaml); what it answers",
        "; stands at the top of that file.",
        "[c156-out-trunk]",
        "exten => s,1,Set(LOCAL(way)=trunk)",
    ]
    for place, one in enumerate(good):
        asked = f'"${{ARG1}}" = "{one.name}"' + (' | "${ARG1}" = ""' if place == 0 else "")
        lines.append(f" same => n,ExecIf($[{asked}]?Set(LOCAL(way)=way-{one.name}))")
    lines += [
        ' same => n,GotoIf($["${way}" = "trunk"]?unknown)',
        " same => n,Goto(${way},1)",
        " same => n(unknown),Return(trunk)",
    ]
    for place, one in enumerate(good):
        lines += _rows(one, endpoint_of(one, place))
    lines += ["", "[c156-out-counted]"]
    lines += [f"exten => s,1,Set(GROUP(outtrunk)={one.name})" for one in good[:1]] or [
        "exten => s,1,NoOp()"
    ]
    lines += [" same => n,Return()"]
    return "\n".join(lines) + "\n"


def _rows(one: OutTrunk, endpoint: str) -> list[str]:
    """What is asked of one trunk. The globals are changed behind a lock of its own: two at the
    same instant must not read the same count; who does not get the lock does not go out. Call-backs
    of emergencies may go beyond, as beyond c156-out-caps (R34)."""
    second, count = f"C156_WAY_SECOND_{one.name}", f"C156_WAY_COUNT_{one.name}"
    fits = "|".join(one.allowed) or "[1-9]"
    beyond = one.channels + limits.OUT_CHANNELS_URGENT if one.channels else 0
    dial = f"PJSIP/{one.prefix}${{C156_OUT_NUMBER}}@{endpoint}"
    return [
        "",
        f'exten => way-{one.name},1,Set(LOCAL(fits)=${{REGEX("^({fits})" ${{C156_OUT_NUMBER}})}})',
        ' same => n,GotoIf($["${fits}" != "1"]?prefix)',
        f" same => n,Set(GROUP(outtrunk)={one.name})",
        ' same => n,Set(LOCAL(urgent)=${IF($["${C156_OUT_URGENT}" = "1"]?1:0)})',
        f" same => n,Set(LOCAL(most)=${{IF($[${{urgent}} = 1]?{beyond}:{one.channels})}})",
        f" same => n,GotoIf($[${{GROUP_COUNT({one.name}@outtrunk)}} > ${{most}}]?channels)",
        f" same => n,Set(LOCAL(alone)=${{LOCK(c156-way-{one.name})}})",
        ' same => n,GotoIf($[${urgent} = 0 & "${alone}" != "1"]?second)',
        f' same => n,ExecIf($["${{GLOBAL({second})}}" != "${{EPOCH}}"]?'
        f"MSet(GLOBAL({second})=${{EPOCH}},GLOBAL({count})=0))",
        f" same => n,Set(LOCAL(count)=$[${{GLOBAL({count})}} + 1])",
        f" same => n,Set(GLOBAL({count})=${{count}})",
        f" same => n,Set(LOCAL(alone)=${{UNLOCK(c156-way-{one.name})}})",
        f" same => n,GotoIf($[${{urgent}} = 0 & ${{count}} > {one.per_second}]?second)",
        f" same => n,MSet(__C156_WAY={one.name},__C156_DIAL={dial})",
        " same => n,Return(open)",
        " same => n(prefix),Return(prefix)",
        " same => n(channels),Set(GROUP(outtrunk)=)",
        " same => n,Return(trunk_channels)",
        " same => n(second),Set(GROUP(outtrunk)=)",
        " same => n,Return(trunk_second)",
    ]
