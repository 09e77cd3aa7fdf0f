"""Print what the dialplans say, for `python -m voice.make -`: the seconds that each text may last,
its language and the text, with tabulators between. With them, what is told of a protocol: its
subject and how it stands.

On 199 and 153 the greeting of a waiting caller must be short; a menu may be longer. A menu whose
options are hidden, because their services are not configured, says a shorter text: what each choice
of configured sources would leave is printed too. So is what the examples of campaigns say.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(CHECKOUT))

from central156.campaign_voice import texts_of  # noqa: E402
from central156.settings import Settings  # noqa: E402
from central156.sources import public_subjects  # noqa: E402
from ivr.hiding import hide  # noqa: E402
from ivr.menu import LinePlan  # noqa: E402
from ivr.texts import PORTUGUESE, recorded_words  # noqa: E402
from ivr.ways import words  # noqa: E402
from protocol_store.status import ONLY_A_CALL, SITUATIONS  # noqa: E402
from reader import Dialplans, read_dialplans  # noqa: E402
from reader.campaign_file import CAMPAIGNS_FOLDER, read_campaign  # noqa: E402
from terms.limits import EMERGENCY_GREETING_SECONDS_MAX, PROMPT_SECONDS_MAX  # noqa: E402
from terms.names import EMERGENCY_LINES  # noqa: E402

SOURCES_MAX = 8
"""More sources than this have too many choices: then only all and none of them are looked at."""


def wanted(folder: Path = CHECKOUT / "dialplans") -> Iterator[tuple[float, str, str]]:
    """Every text of every line, once: the seconds it may last, its language, its words."""
    read = read_dialplans(folder)
    longest: dict[tuple[str, str], float] = {}
    for line, plan in read.lines.items():
        short = {found for text in plan.waiting.before for found in recorded_words(text)}
        for found in _every_word(plan, read):
            is_short = line in EMERGENCY_LINES and found in short
            seconds = EMERGENCY_GREETING_SECONDS_MAX if is_short else PROMPT_SECONDS_MAX
            longest[found] = min(seconds, longest.get(found, PROMPT_SECONDS_MAX))
    for told in read.announcements:
        for found in recorded_words(told.text):
            longest.setdefault(found, PROMPT_SECONDS_MAX)
    discreet = Settings.model_fields["discreet_queues"].default
    for told_of in (ONLY_A_CALL, *SITUATIONS, *sorted(public_subjects(read.lines, discreet))):
        longest.setdefault((PORTUGUESE, told_of), PROMPT_SECONDS_MAX)
    for file in sorted((folder / CAMPAIGNS_FOLDER).glob("*.yaml")):
        for found in texts_of(read_campaign(file.read_bytes(), file.name)):
            longest.setdefault(found, PROMPT_SECONDS_MAX)
    yield from ((seconds, *found) for found, seconds in longest.items())


def _every_word(plan: LinePlan, read: Dialplans) -> Iterator[tuple[str, str]]:
    """What the plan says, whatever is configured."""
    sources = sorted({service.source for service in read.services.values()})
    counts = range(len(sources) + 1) if len(sources) <= SOURCES_MAX else (0, len(sources))
    for count in reversed(counts):
        for chosen in combinations(sources, count):
            configured = (name for name, one in read.services.items() if one.source in chosen)
            yield from words(hide(plan, frozenset(configured))[0])


if __name__ == "__main__":
    for seconds, language, text in wanted():
        print(f"{seconds}\t{language}\t{' '.join(text.split())}")  # noqa: T201
