"""Tables of many columns in a terminal of eighty: close together, so that numbers stay whole."""

from __future__ import annotations

from typing import Any, Final

from rich import box

CLOSE: Final[dict[str, Any]] = {"box": box.SIMPLE_HEAD, "padding": 0, "show_edge": False}
