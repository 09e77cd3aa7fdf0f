"""Print what the dialplans say, for `python -m voice.make -`: seconds allowed, tabulator, text.

On 199 and 153 the greeting of a waiting caller must be short; a menu may be longer.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(CHECKOUT))

from ivr.menu import texts  # noqa: E402
from reader import read_dialplans  # noqa: E402
from terms.limits import EMERGENCY_GREETING_SECONDS_MAX, PROMPT_SECONDS_MAX  # noqa: E402
from terms.names import EMERGENCY_LINES  # noqa: E402


def wanted(folder: Path = CHECKOUT / "dialplans") -> Iterator[tuple[float, str]]:
    """Every text of every line, and how many seconds it may last."""
    for line, plan in read_dialplans(folder).lines.items():
        for text in texts(plan):
            greeting = line in EMERGENCY_LINES and text in plan.waiting.before
            yield (EMERGENCY_GREETING_SECONDS_MAX if greeting else PROMPT_SECONDS_MAX), text


if __name__ == "__main__":
    for seconds, text in wanted():
        print(f"{seconds}\t{' '.join(text.split())}")  # noqa: T201
