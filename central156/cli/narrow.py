"""Tables of many columns in a terminal of eighty: close together, so that numbers stay whole."""

from __future__ import annotations

from typing import Any, Final

from rich import box
from rich.table import Table

CLOSE: Final[dict[str, Any]] = {"box": box.SIMPLE_HEAD, "padding": 0, "show_edge": False}


def keyed(named: str, *others: str) -> Table:
    """A table whose first column is what other commands ask for: it is never cut."""
    table = Table(**CLOSE)
    table.add_column(named, no_wrap=True)
    for name in others:
        table.add_column(name, overflow="fold")
    return table
