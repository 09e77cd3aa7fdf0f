"""Print what the dialplans say, for `python -m voice.make -`: the seconds that each text may last,
its language and the text, with tabulators between.

On 199 and 153 the greeting of a waiting caller must be short; a menu may be longer. Texts that are
said when options are hidden, their service not being there, are among them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(CHECKOUT))

from ivr.menu import words  # noqa: E402
from ivr.texts import recorded_words  # noqa: E402
from reader import read_dialplans  # noqa: E402
from terms.limits import EMERGENCY_GREETING_SECONDS_MAX, PROMPT_SECONDS_MAX  # noqa: E402
from terms.names import EMERGENCY_LINES  # noqa: E402


def wanted(folder: Path = CHECKOUT / "dialplans") -> Iterator[tuple[float, str, str]]:
    """Every text of every line: the seconds it may last, its language, its words."""
    for line, plan in read_dialplans(folder).lines.items():
        greeting = {
            found
            for text in plan.waiting.before
            for found in recorded_words(text)
            if line in EMERGENCY_LINES
        }
        for language, text in words(plan):
            is_short = (language, text) in greeting
            seconds = EMERGENCY_GREETING_SECONDS_MAX if is_short else PROMPT_SECONDS_MAX
            yield seconds, language, text


if __name__ == "__main__":
    for seconds, language, text in wanted():
        print(f"{seconds}\t{language}\t{' '.join(text.split())}")  # noqa: T201
