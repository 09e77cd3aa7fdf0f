"""Names of the things that rooms talk about. All are plain text or numbers at run time.

An instant is seconds since 1970-01-01 UTC as a float. Inside one process it only moves
forward (central156/clock.py anchors it to the monotonic clock), so waits survive a clock that
jumps; between processes it is wall time, so a caller's place survives a restart.
"""

from __future__ import annotations

import re
from typing import Final, NewType

CallId = NewType("CallId", str)
"""One citizen's whole visit. Made by the dialplan at the door from the switch's boot id and the
channel's own id, so every process that sees the channel agrees on it without asking anyone."""

AgentName = NewType("AgentName", str)
"""A person who answers, and the name of the phone account: see AGENT_NAME."""

OfferId = NewType("OfferId", str)
"""One ringing of one agent for one call: `<epoch>-<count>`."""

ContactId = NewType("ContactId", str)
"""One entry of a campaign's list, unique over all campaigns: see CONTACT_ID."""

AttemptId = NewType("AttemptId", str)
"""One attempt to call a contact: `<contact>-<count>`. It is the channel's id, too."""

CampaignName = NewType("CampaignName", str)
TrunkName = NewType("TrunkName", str)
QueueName = NewType("QueueName", str)
Skill = NewType("Skill", str)
Protocol = NewType("Protocol", str)
"""The number given to the citizen: eight digits and a check digit, without punctuation."""

PROOF_QUEUE: Final = QueueName("prova")
"""The queue of the call by which a starting centre proves itself: nobody is ever on duty there but
the proof's own agent, so no menu may lead to it."""

Instant = float
Seconds = float

LINES: Final = ("156", "199", "153")
EMERGENCY_LINES: Final = frozenset({"199", "153"})

AGENT_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{1,31}")
"""What an agent's name may look like: it becomes a phone account, a file name and a key."""

CONTACT_ID: Final = re.compile(r"[A-Za-z0-9._]{1,40}")
CALL_ID: Final = re.compile(r"[A-Za-z0-9._-]{3,64}")
CALLER_NUMBER: Final = re.compile(r"\+?[0-9]{3,15}")
ANONYMOUS: Final = "anonymous"
"""What stands for a caller's number that was hidden or not a number."""

ERASED: Final = "apagado"
"""What stands for personal data that was taken out on its owner's wish; a number's pseudonym begins
with it, and goes on with a keyed hash."""

OURSELVES: Final = frozenset({"restart", "alarme", "instalação"})
"""What facts and orders say was done by nobody in particular: names that no person may have."""


def is_agent_name(text: str) -> bool:
    """Whether `text` may name an agent."""
    return AGENT_NAME.fullmatch(text) is not None
