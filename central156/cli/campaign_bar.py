"""How far a campaign is, drawn for a terminal: a bar of its contacts, its figures, its trunks.

Eighty columns are enough. What is none (a share of drops where nobody can be dropped) is not drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from callflow.campaign_ports import NOBODY_NOW
from central156.cli.campaign_words import STANDS
from central156.cli.words import CITY, counted, hour, moment

Plain = Mapping[str, Any]
NARROW: Final = 80
WARNED: Final = 0.8
"""The share of a trunk's month, or of the hour's drops, from which on it is marked."""

FIGURES: Final = {
    "called": "chamados",
    "in_course": "em curso",
    "answered": "atendidos",
    "confirmed": "confirmados",
    "not_reached": "sem contato",
    "left_out": "fora",
    "to_go": "a chamar",
}
"""What stands under the bar, in this order."""


def drawn(found: Plain, width: int = NARROW) -> RenderableType:
    """All of it."""
    parts: list[RenderableType] = [_head(found)]
    if away := found.get("away"):
        told = f"sem notícias desde {hour(found['at'])}: {away}"
        parts.append(Text(told, style="bold red"))
    if found["stopped"]:
        parts.append(Text(f"TUDO PARADO: {found['stopped']}", style="bold red"))
        parts.append(Text("  Siga com: campaign go-on --motivo TEXTO", style="red"))
    parts += [_bar(found, width), _figures(found)]
    if found["results"]:
        parts.append(_results(found))
    parts += [Text(line) for line in _below(found)]
    parts += [_way(one) for one in found["ways"]]
    return Group(*parts)


def in_words(found: Plain) -> str:
    """All of it in one line, for whoever keeps it in a file."""
    figures = ", ".join(f"{word} {found[name]}" for name, word in FIGURES.items())
    stopped = f"; TUDO PARADO: {found['stopped']}" if found["stopped"] else ""
    away = f"; sem notícias: {found['away']}" if found.get("away") else ""
    return f"{found['campaign']}: {STANDS[found['state']]}; {figures}{stopped}{away}"


def share(value: float) -> str:
    """`2,4 %`."""
    return f"{value * 100:.1f} %".replace(".", ",")


def _head(found: Plain) -> Text:
    style = {"running": "bold green", "paused": "bold yellow", "draining": "yellow"}
    state = found["state"]
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append(found["campaign"], style="bold")
    text.append("  ")
    text.append(STANDS[state], style=style.get(state, ""))
    text.append(f"  {found['subject']}")
    return text


def _bar(found: Plain, width: int) -> RenderableType:
    contacts = found["contacts"]
    done = contacts - found["to_go"]
    part = done / contacts if contacts else 0.0
    told = f" {done} de {contacts} ({share(part)})"
    row = Table.grid()
    bar = ProgressBar(total=max(1, contacts), completed=done, width=max(10, width - len(told) - 1))
    row.add_row(bar, Text(told, no_wrap=True))
    return row


def _figures(found: Plain) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False)
    for word in FIGURES.values():
        table.add_column(word, justify="right", no_wrap=True, header_style="")
    table.add_row(*(Text(str(found[name]), style="bold") for name in FIGURES))
    return table


def _results(found: Plain) -> Text:
    told = ", ".join(f"{word} {count}" for word, count in found["results"].items())
    return Text(f"tentativas: {told}")


def _below(found: Plain) -> Iterator[str]:
    if (drops := found["drops"]) is not None:
        told = f"{drops['dropped']} de {counted(drops['answers'], 'atendida', 'atendidas')}"
        most = share(drops["limit"])
        yield f"sem ninguém nesta hora: {told}, {share(drops['share'])} (até {most})"
    if found["state"] == "running" and not found["stopped"]:
        soonest, held = found.get("next_at") or 0.0, found["held"]
        if held in ("", NOBODY_NOW) and not found["in_course"] and soonest > found["at"]:
            yield f"espera: {NOBODY_NOW}; o próximo, a partir de {_when(soonest)}"
        elif held:
            yield f"espera: {held}"
        pace = counted(round(found["a_minute"]), "contato por minuto", "contatos por minuto")
        ends = found["ends_at"]
        yield f"fim esperado: {'não se sabe ainda' if ends is None else _when(ends)}; {pace}"
    elif found["because"]:
        by = found["changed_by"]
        because = "" if found["because"] == f"por {by}" else f": {found['because']}"
        yield f"{STANDS[found['state']]} desde {moment(found['changed_at'])}, por {by}{because}"


def _way(one: Plain) -> Text:
    free = ", autenticada" if one["authenticated"] else ""
    told = f"rota {one['trunk']} ({one['operator']}{free}): {one['month']} de {one['limit']} no mês"
    style = "yellow" if one["share"] >= WARNED else ""
    return Text(f"{told}, {share(one['share'])}", style=style)


def _when(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC).astimezone(CITY):%d/%m %H:%M}"
