"""Which acts keys mean: whole codes alone, a star begins anew, and a pause of the hand ends one."""

from __future__ import annotations

from typing import Any

import pytest

from callflow.talk_keys import TalkKeys, on_keypad
from terms.limits import KEYS_TOGETHER
from terms.names import AgentName

ANA = AgentName("ana")


class Heard(TalkKeys):
    """Keeps what would be carried out, in its order."""

    async def _act(self, agent: AgentName, code: str, typed: str) -> None:
        self.acts.append((code, typed))  # type: ignore[attr-defined]


async def _acts(typed: str, apart: float = 0.3) -> list[tuple[str, str]]:
    """What these keys mean; `_` is a pause of the hand."""
    nothing: Any = None
    keys = Heard(nothing)
    keys.acts = []  # type: ignore[attr-defined]
    at = 0.0
    for key in typed:
        at += KEYS_TOGETHER + 1 if key == "_" else apart
        if key != "_":
            keys.pressed(ANA, key, at)
    await keys._beside.settled()
    return list(keys.acts)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("typed", "acts"),
    [
        ("*30", [("*30", "")]),
        ("*30*30", [("*30", ""), ("*30", "")]),
        ("*31242#", [("*31", ""), ("*31", "242")]),
        ("*31*33", [("*31", ""), ("*33", "")]),  # gives up typing where to
        ("*3124*32715#", [("*31", ""), ("*32", ""), ("*32", "715")]),
        ("**35", [("*35", "")]),
        ("*3_6", []),
        ("*3_*36", [("*36", "")]),
        ("30", []),
        ("*17*181", []),  # another's codes (word_keys)
        ("5*34", [("*34", "")]),
        ("*31" + "2" * 50 + "#", [("*31", "")]),  # no name is as long
    ],
)
async def test_what_keys_mean(typed: str, acts: list[tuple[str, str]]) -> None:
    assert await _acts(typed) == acts


def test_names_on_the_keypad() -> None:
    assert (on_keypad("bia"), on_keypad("p156_geral"), on_keypad("Zoe-2")) == (
        *("242", "715643725"),
        "9632",
    )
