"""`central156 floor`: the floor in a terminal, live; from the API, or from the mirror in Redis."""

from __future__ import annotations

import json
import queue
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.live import Live

from central156.cli.api import open_api
from central156.cli.letters import keep_to_the_terminal_s_letters
from central156.cli.mirrored import read_mirror, watch_mirror
from central156.cli.wallboard import Size, drawn
from central156.cli.words import clock, hour
from terms.limits import VIEW_STALE_AFTER, VIEW_TURNS_EVERY

Event = tuple[str, Any]
Read = Callable[[], Mapping[str, Any]]
Watch = Callable[[], Iterator[Event]]


@click.command("floor")
@click.option("--once", is_flag=True, help="Mostrar uma vez e sair.")
@click.option("--json", "as_json", is_flag=True, help="Uma vez, em JSON.")
@click.option("--mirror", is_flag=True, help="Ler do espelho no Redis, sem a API da central.")
@click.pass_obj
def floor(state_dir: Path | None, once: bool, as_json: bool, mirror: bool) -> None:
    """Mostra quem espera, quem fala e quem está disponível, ao vivo.

    Pedidos: GET /v1/floor e GET /v1/floor/events. Com --mirror, o Redis de redis_host.
    """
    keep_to_the_terminal_s_letters(sys.stdout)
    read, watch = _from_mirror(state_dir) if mirror else _from_api(state_dir)
    if as_json:
        click.echo(json.dumps(read(), ensure_ascii=False, indent=2))
    elif once or not sys.stdout.isatty():
        _print(read())
    else:
        _live(watch)


def _from_api(state_dir: Path | None) -> tuple[Read, Watch]:
    api = open_api(state_dir)
    return lambda: api.get("/v1/floor"), lambda: api.events("/v1/floor/events")


def _from_mirror(state_dir: Path | None) -> tuple[Read, Watch]:
    return lambda: read_mirror(state_dir), lambda: watch_mirror(state_dir)


def _print(picture: Mapping[str, Any]) -> None:
    console = Console(highlight=False)
    size = Size(console.width, None, console.options.ascii_only)
    console.print(drawn(picture, picture["at"], size))


def _live(watch: Watch) -> None:
    """Draw what comes, and once a second what time changes; Ctrl-C ends it."""
    events: queue.Queue[Event] = queue.Queue()
    threading.Thread(target=_hear, args=(watch, events), daemon=True).start()
    picture: Mapping[str, Any] | None = None
    came, away = time.monotonic(), ""
    with Live(screen=True, auto_refresh=False, console=Console(highlight=False)) as screen:
        while True:
            for name, value in _news(events):
                if name == "floor":
                    picture, came, away = value, time.monotonic(), ""
                elif name == "away":
                    away = value or "a central saiu do ar; esperando que volte"
                else:
                    raise value
            if picture is None:
                screen.update(away or "Esperando a primeira imagem…", refresh=True)
            else:
                turn = _turn(screen.console, picture, time.monotonic() - came, away)
                screen.update(turn, refresh=True)


def _news(events: queue.Queue[Event]) -> list[Event]:
    """What has come, all of it, so that nothing old is drawn; () after a second without."""
    try:
        found = [events.get(timeout=VIEW_TURNS_EVERY)]
    except queue.Empty:
        return []
    while not events.empty():
        found.append(events.get())
    return found


def _turn(console: Console, picture: Mapping[str, Any], age: float, away: str) -> Any:
    size = Size(console.width, console.height, console.options.ascii_only)
    stale = ""
    if away or age > VIEW_STALE_AFTER:
        what = away or "sem notícias da central"
        stale = f"{what}; imagem de {hour(picture['at'])}, há {clock(age)}"
    return drawn(picture, picture["at"] + age, size, stale)


def _hear(watch: Watch, events: queue.Queue[Event]) -> None:
    try:
        for event in watch():
            if event[0] in ("floor", "away"):
                events.put(event)
    except click.ClickException as refused:
        events.put(("failed", refused))
