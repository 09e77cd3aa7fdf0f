"""What is counted for the city's indicators: the store counts it, contract/ judges it.

A count is of one day on the city's clock, of the lines that an indicator is about, without test
calls. X is the indicator's own number of seconds (15 in the contract, 4.5).

    received            calls that came in, also those that the switch served alone
    queued              … that joined a queue (by now; "offered" of the other common formula)
    answered            … that an agent answered
    answered_within     … of which, after a wait of X or less (R71: through re-queues and ringing)
    with_protocol       … of which, with a number (R51)
    abandoned           calls whose citizen hung up in a queue, or while an agent's phone rang
    abandoned_beyond    … of which, after more than X
    owed                call-backs owed for having given up (R60): done, or due by now
    owed_done           … of which, done until they were due
    surveyed            calls with a mark in the survey
    satisfied           … of which, good in as great a part of the questions as is asked for
    marks, good_marks   the single marks (R62: no answer is no mark)
    carrier_offered     calls that the carrier had for us, by its own file (R75)
    carrier_failed      … of which, not delivered
    shut_out            calls that our own switch refused: its cap was reached, or it was stopping
    failed_anywhere     carrier_failed and shut_out together
    minutes, minutes_up the minutes of the period outside of maintenance windows; those served whole
    all_minutes(_up)    the same, windows not left out
    chat_…              of the chat: nothing counts it yet, so they are never there
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Counted(StrEnum):
    """See the top of this file."""

    RECEIVED = "received"
    QUEUED = "queued"
    ANSWERED = "answered"
    ANSWERED_WITHIN = "answered_within"
    WITH_PROTOCOL = "with_protocol"
    ABANDONED = "abandoned"
    ABANDONED_BEYOND = "abandoned_beyond"
    OWED = "owed"
    OWED_DONE = "owed_done"
    SURVEYED = "surveyed"
    SATISFIED = "satisfied"
    MARKS = "marks"
    GOOD_MARKS = "good_marks"
    CARRIER_OFFERED = "carrier_offered"
    CARRIER_FAILED = "carrier_failed"
    SHUT_OUT = "shut_out"
    FAILED_ANYWHERE = "failed_anywhere"
    MINUTES = "minutes"
    MINUTES_UP = "minutes_up"
    ALL_MINUTES = "all_minutes"
    ALL_MINUTES_UP = "all_minutes_up"
    CHAT_RECEIVED = "chat_received"
    CHAT_ANSWERED = "chat_answered"
    CHAT_ANSWERED_WITHIN = "chat_answered_within"
    CHAT_ABANDONED = "chat_abandoned"


Counts = Mapping[Counted, int]
"""What was counted. What is missing was not counted at all, which is not zero."""
