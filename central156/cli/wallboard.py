"""The floor drawn for a terminal of any size: first what is read from across the room.

    width ≥ 72 and height ≥ 24     six figures in big digits, alarms in words, then what still fits:
                                   queues, callers, agents (side by side from 160 columns on)
    smaller                        the same figures as lines of text

Every colour stands beside a word that says the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.align import Align
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from central156.cli import digits, wallboard_tables
from central156.cli.alarms import Alarm, alarms
from central156.cli.words import counted, hour
from terms.names import PROOF_QUEUE, Instant

Picture = Mapping[str, Any]
BIG_WIDTH, BIG_HEIGHT = 72, 24
SIX_IN_A_ROW = 168
TILE_ROWS = digits.ROWS + 3  # frame, digits, note
GOOD, FAIR, BAD, PLAIN = "green", "yellow", "red", "white"
TARGET_SHARE = 0.85
"""Below it NS is shown as under its target (the contract's 85 %)."""


@dataclass(frozen=True, slots=True)
class Size:
    """The terminal. `height` None: as long as it gets."""

    width: int
    height: int | None = None
    ascii_only: bool = False


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure: its name, the figure, what it means in words, and that word's colour."""

    name: str
    figure: str
    note: str
    colour: str


def drawn(picture: Picture, now: Instant, size: Size, stale: str = "") -> RenderableType:
    """The floor at `now`. `stale`: why the picture is an old one ('' = it is not)."""
    found = [Alarm(True, stale)] if stale else []
    found += alarms(picture, now)
    shown = tiles(picture, now)
    head = _head(picture, size)
    if size.width < BIG_WIDTH or (size.height is not None and size.height < BIG_HEIGHT):
        return _small(head, shown, found, size)
    in_a_row = len(shown) if size.width >= SIX_IN_A_ROW else 3
    rows = -(-len(shown) // in_a_row) * TILE_ROWS
    left = None if size.height is None else size.height - 1 - rows
    told, used = _alarms(found, left if left is None else max(3, min(left, len(found) + 2)))
    below = None if left is None else left - used
    tables = wallboard_tables.tables(picture, now, size.width, below)
    return Group(head, _tiles(shown, in_a_row, size), told, *tables)


def tiles(picture: Picture, now: Instant) -> list[Tile]:
    """The six figures."""
    queues = [queue for queue in picture["queues"] if queue["queue"] != PROOF_QUEUE]
    there = [agent for agent in picture["agents"] if agent["status"] != "logged_out"]
    unserved = sum(queue["unserved"] for queue in queues)
    late = sum(queue["late"] for queue in queues)
    absent = sum(queue["absent"] for queue in queues)
    note = f"{late} além do prazo" if late else "nenhuma além do prazo"
    if absent:
        note += f", {absent} a retornar"
    return [
        Tile("ESPERANDO", str(min(unserved, 9999)), note, FAIR if late else GOOD),
        _longest(queues, now),
        _service_level(picture, queues),
        _emergencies(queues, now),
        _free(there),
        _talking(there, picture.get("occupancy")),
    ]


def _longest(queues: Sequence[Picture], now: Instant) -> Tile:
    waits = [(now - queue["oldest"], queue) for queue in queues if queue["oldest"] is not None]
    if not waits:
        return Tile("MAIOR ESPERA", "0:00", "ninguém espera", GOOD)
    wait, queue = max(waits, key=lambda one: one[0])
    late = wait > queue["target"]
    note = f"{queue['queue']}, {'além do' if late else 'no'} prazo"
    return Tile("MAIOR ESPERA", digits.short_wait(wait), note, BAD if late else GOOD)


def _service_level(picture: Picture, queues: Sequence[Picture]) -> Tile:
    """By the contract's formula, of 156 (or of the first line): today, beside the other formula."""
    lines = picture.get("lines", {})
    line = "156" if "156" in lines else next(iter(lines), "")
    today = lines.get(line, {}).get("hoje", {})
    targets = {round(queue["target"]) for queue in queues if queue["line"] == line}
    name = f"NS {line} HOJE" + (f" ({targets.pop()} s)" if len(targets) == 1 else "")
    share = today.get("service_level_answered")
    if share is None:
        return Tile(name, "-", "ninguém atendido ainda", PLAIN)
    good = share >= TARGET_SHARE
    offered = _percent(today.get("service_level_offered"))
    note = f"{'no alvo' if good else 'abaixo do alvo'}; oferec. {offered}"
    return Tile(name, _percent(share), note, GOOD if good else BAD)


def _emergencies(queues: Sequence[Picture], now: Instant) -> Tile:
    waiting = {
        line: sum(queue["unserved"] for queue in queues if queue["line"] == line)
        for line in dict.fromkeys(queue["line"] for queue in queues if queue["emergency"])
    }
    count = sum(waiting.values())
    told = ", ".join(f"{line}: {number}" for line, number in waiting.items() if number)
    note = f"ATENDER JÁ ({told})" if count else "nenhuma esperando"
    return Tile("EMERGÊNCIAS", str(count), note, BAD if count else GOOD)


def _free(there: Sequence[Picture]) -> Tile:
    free = sum(
        agent["status"] == "available" and agent["state"] == "idle" and agent["phone"] == "idle"
        for agent in there
    )
    paused = sum(agent["status"] == "paused" for agent in there)
    note = f"{counted(len(there), 'logado', 'logados')}, {paused} em pausa"
    return Tile("AGENTES LIVRES", str(free), note, GOOD if free else FAIR)


def _talking(there: Sequence[Picture], occupancy: float | None) -> Tile:
    talking = sum(agent["state"] == "talking" for agent in there)
    ringing = sum(agent["state"] == "offered" for agent in there)
    note = f"{ringing} tocando"
    if occupancy is not None:
        note += f"; ocupação {_percent(occupancy)}"
    return Tile("EM CONVERSA", str(talking), note, PLAIN)


def _percent(share: float | None) -> str:
    """Rounded down: 100 % is only said of all."""
    return "-" if share is None else f"{int(share * 100)}%"


# --- how it is drawn ---
def _head(picture: Picture, size: Size) -> Text:
    name = f"Central 156 · {hour(picture['at'])}"
    if "node" in picture:
        name += f" · espelho de {picture['node']}, época {picture['epoch']}"
    in_menus = sum(picture.get("in_menus", {}).values()) or len(picture["elsewhere"])
    told = f"{counted(in_menus, 'chamada', 'chamadas')} no menu"
    space = max(1, size.width - len(name) - len(told))
    return Text((name + " " * space + told)[: size.width], style="bold", no_wrap=True)


def _tiles(shown: Sequence[Tile], in_a_row: int, size: Size) -> Table:
    grid = Table.grid(expand=True)
    for _ in range(in_a_row):
        grid.add_column(ratio=1)
    for first in range(0, len(shown), in_a_row):
        grid.add_row(*(_tile(tile, size) for tile in shown[first : first + in_a_row]))
    return grid


def _tile(tile: Tile, size: Size) -> Panel:
    figure = "\n".join(digits.big(tile.figure, size.ascii_only))
    body = Group(
        Align.center(Text(figure, style=f"bold {tile.colour}", no_wrap=True)),
        Text(tile.note, style=tile.colour, justify="center", no_wrap=True, overflow="ellipsis"),
    )
    return Panel(body, title=tile.name, height=TILE_ROWS, padding=0, border_style="dim")


def _alarms(found: Sequence[Alarm], height: int | None) -> tuple[RenderableType, int]:
    """The alarms in a frame, and how many rows that takes."""
    room = len(found) if height is None else max(1, height - 2)
    shown = list(found[:room])
    lines = [_told(alarm) for alarm in shown]
    if len(found) > room:
        lines[-1] = Text(f"e mais {counted(len(found) - room + 1, 'alarme', 'alarmes')}", FAIR)
    if not lines:
        lines = [Text("sem alarmes", style=GOOD)]
    worst = BAD if any(alarm.grave for alarm in found) else FAIR if found else "dim"
    panel = Panel(Group(*lines), title="ALARMES", padding=(0, 1), border_style=worst)
    return panel, len(lines) + 2


def _told(alarm: Alarm) -> Text:
    word, colour = ("GRAVE", BAD) if alarm.grave else ("AVISO", FAIR)
    text = Text(no_wrap=True, overflow="ellipsis")
    return text.append(f"{word}  ", style=f"bold {colour}").append(alarm.text, style=colour)


def _small(head: Text, shown: Sequence[Tile], found: Sequence[Alarm], size: Size) -> Group:
    lines = [head]
    for tile in shown:
        line = Text(no_wrap=True, overflow="ellipsis")
        line.append(f"{tile.name}: ").append(tile.figure, style=f"bold {tile.colour}")
        lines.append(line.append(f"  ({tile.note})", style=tile.colour))
    lines += [_told(alarm) for alarm in found]
    return Group(*(lines if size.height is None else lines[: size.height]))
