"""A recording's name: its file's, without folder and ending. Unique for ever, like the call's id
in it, so it stays when the file is sealed, archived, or when two stores are merged.

    <call>                      the talk, across all transfers
    <call>-consulta-<consult>   what two agents said while the citizen was on hold
    <call>-recado[-<number>]    a message that was left
"""

from __future__ import annotations

import re
from typing import Final

from terms.names import CallId

NAME: Final = re.compile(r"[A-Za-z0-9._-]{3,120}")
ENDING: Final = ".wav"
CONSULT, MESSAGE, TALK = "consult", "message", "talk"

_PARTS: Final = re.compile(r"(.+?)(?:-(consulta)-.+|-(recado)(?:-[0-9]+)?)?")


def name_of(file: str) -> str | None:
    """The name of the recording in this file; None when it is no recording's."""
    name = file.rpartition("/")[2]
    if not name.endswith(ENDING):
        return None
    name = name.removesuffix(ENDING)
    return name if NAME.fullmatch(name) and not name.startswith(".") else None


def call_of(name: str) -> CallId:
    """The call that a recording is of."""
    found = _PARTS.fullmatch(name)
    return CallId(found[1] if found else name)


def kind_of(name: str) -> str:
    """What was recorded: TALK, CONSULT or MESSAGE."""
    found = _PARTS.fullmatch(name)
    if found is None:
        return TALK
    return CONSULT if found[2] else MESSAGE if found[3] else TALK
