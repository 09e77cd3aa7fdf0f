"""Draws the state pictures of ARCHITECTURE.md from the tables that the code runs on.

    python -m docs.pictures        # draws them again, in the file

tests/test_tidy.py fails while the file shows anything else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from acd.agents import STATE_SUCCESSORS, STATUS_SUCCESSORS, State, Status
from acd.offers import OFFER_SUCCESSORS, OfferState
from dialer.attempt import ATTEMPT_SUCCESSORS, AttemptState
from dialer.campaign import CAMPAIGN_SUCCESSORS, CampaignState
from dialer.contacts import CONTACT_SUCCESSORS, ContactState
from terms.stages import SUCCESSORS, Stage

Named = TypeVar("Named", bound=StrEnum)

PAPER = Path(__file__).resolve().parents[1] / "ARCHITECTURE.md"
BLOCK = re.compile(r"<!-- picture: (\w+) -->\n(.*?)<!-- end of picture -->", re.DOTALL)


def picture(first: Named, successors: Mapping[Named, Iterable[Named]]) -> str:
    """A table of successors as a Mermaid state diagram; `first` is where everything begins."""
    lines = ["```mermaid", "stateDiagram-v2", "    direction LR", f"    [*] --> {first}"]
    for state, then in successors.items():
        order = sorted(then, key=list(successors).index)
        lines += [f"    {state} --> {one}" for one in order] or [f"    {state} --> [*]"]
    return "\n".join([*lines, "```"])


PICTURES: dict[str, str] = {
    "stages": picture(Stage.ARRIVED, SUCCESSORS),
    "statuses": picture(Status.LOGGED_OUT, STATUS_SUCCESSORS),
    "states": picture(State.IDLE, STATE_SUCCESSORS),
    "offers": picture(OfferState.MADE, OFFER_SUCCESSORS),
    "campaigns": picture(CampaignState.DRAFT, CAMPAIGN_SUCCESSORS),
    "contacts": picture(ContactState.PENDING, CONTACT_SUCCESSORS),
    "attempts": picture(AttemptState.ORDERED, ATTEMPT_SUCCESSORS),
}


def redrawn(paper: str) -> str:
    """The paper with each picture drawn anew. KeyError for one that no table stands behind."""
    return BLOCK.sub(
        lambda found: (
            f"<!-- picture: {found[1]} -->\n{PICTURES[found[1]]}\n<!-- end of picture -->"
        ),
        paper,
    )


if __name__ == "__main__":
    PAPER.write_text(redrawn(PAPER.read_text(encoding="utf-8")), encoding="utf-8")
