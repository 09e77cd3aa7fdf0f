"""`python -m bench [NAMES]`: measure, print one table, keep the figures as JSON.

Names: p1 p2 p3 p4 p5 p7 p8 p9 p10 p11 p12 p13 facts floor ivr lists publish reports dialrate
calibration.
Without any, all but the last, which takes a quarter of an hour. No figure is a test: other work on
the machine shows in every one of them, so the load stands beside it. `python -m bench.plots` draws
what was measured.
"""

from __future__ import annotations

import importlib
import json
import sys
import tempfile
import time
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from bench.figures import Figure, load

CHECKOUT = Path(__file__).resolve().parents[1]
RESULTS = Path(__file__).parent / "results"
ALONE = {
    "p3": "agi_sessions",
    "p4": "ivr_steps",
    "p7": "protocol_numbers",
    "facts": "facts_stored",
    "floor": "floor_events",
    "ivr": "interpreter_turns",
    "p8": "routing",
    "p9": "storm_hour",
    "p10": "expected_wait",
    "p11": "dialler_pacing",
    "p12": "month",
    "p13": "decision",
    "lists": "million_contacts",
    "reports": "million_calls",
}
"""What needs no Asterisk, and the module that measures it."""

NAMES = (
    *("p1", "p2", "p3", "p4", "p5", "p7", "p8", "p9", "p10", "p11", "p12", "p13"),
    *("facts", "floor", "ivr", "lists", "publish", "reports", "dialrate", "calibration"),
)
SIZED = frozenset({"p8", "p10", "lists", "reports"})
"""What --calls makes larger."""
ASKED_FOR = frozenset({"calibration"})
"""What is measured only when it is named."""


@click.command(help=__doc__)
@click.argument("names", nargs=-1, type=click.Choice(NAMES))
@click.option("--ports", type=int, default=20_000, help="first of 400 ports for SIP and control")
@click.option("--rtp", type=int, default=49_000, help="first of 4000 ports for sound")
@click.option("--calls", type=int, help="of each simulation of p8 and p10; of lists and reports")
@click.option("--keep", type=click.Path(path_type=Path), help="keep the centres' folders here")
def main(
    names: tuple[str, ...], ports: int, rtp: int, calls: int | None, keep: Path | None
) -> None:
    sys.path.insert(0, str(CHECKOUT / "tests"))  # the beds and phones of the tests serve here too
    wanted = set(names or NAMES) - (set() if names else ASKED_FOR)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="c156-bench-") as temporary:
        folder = keep / datetime.now().strftime("%H%M%S") if keep else Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        figures = _measure(wanted, folder, ports, rtp, calls)
    _print(figures)
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"{datetime.now():%Y-%m-%d-%H%M%S}.json"
    file.write_text(
        json.dumps(
            {
                "at": datetime.now().astimezone().isoformat(),
                "seconds": round(time.monotonic() - began, 1),
                "figures": [asdict(figure) for figure in figures],
            },
            indent=1,
            ensure_ascii=False,
        )
    )
    print(f"\n{time.monotonic() - began:.0f} s; {file.relative_to(CHECKOUT)}; load now {load()}")


def _measure(
    wanted: set[str], folder: Path, ports: int, rtp: int, calls: int | None
) -> list[Figure]:
    # Only what is measured is imported: a broken room does not keep the others from being seen.
    from bench.centre import Ports  # noqa: PLC0415

    place = Ports(ports, rtp)
    figures: list[Figure] = []
    if wanted & {"p1", "p2"}:
        from bench import queueing  # noqa: PLC0415

        figures += queueing.measure(folder, place, wanted)
    if "p5" in wanted:
        from bench import whole_path  # noqa: PLC0415

        figures += whole_path.measure(folder, place)
    if "publish" in wanted:
        from bench import publish  # noqa: PLC0415

        figures += publish.measure(folder, place)
    if "dialrate" in wanted:
        from bench import dial_rate  # noqa: PLC0415

        figures += dial_rate.measure(folder, place)
    if "calibration" in wanted:
        from bench import calibration  # noqa: PLC0415

        figures += calibration.measure(folder, place)
    for name, module in ALONE.items():
        if name in wanted:
            more = {"calls": calls} if calls and name in SIZED else {}
            figures += importlib.import_module(f"bench.{module}").measure(**more)
    return sorted(figures, key=lambda figure: NAMES.index(figure.name.lower()))


def _print(figures: list[Figure]) -> None:
    table = Table("", "what", "anchor, same run", "ours", "goal", "met")
    for one in figures:
        met = "" if one.met is None else "yes" if one.met else "NO"
        table.add_row(one.name, one.what, one.anchor, one.ours, one.goal, met)
    Console(width=None if sys.stdout.isatty() else 170).print(table)


if __name__ == "__main__":
    main()
