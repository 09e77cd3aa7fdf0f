"""Our limits as the dialplan's templates name them: `@STEP_ARM@` and so on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from terms import limits

DIALPLAN_LIMITS: Final[Mapping[str, object]] = {
    "STEP_ARM": limits.STEP_ARM,
    "STEP_SECOND_ARM": limits.STEP_SECOND_ARM,
    "STEP_RETRIES": limits.STEP_RETRIES,
    "STEP_RETRY_WAIT": limits.STEP_RETRY_WAIT,
    "CODE_LOOKS": limits.CODE_LOOKS,
    "STEP_RETRIES_IN_LINE": limits.STEP_RETRIES_IN_LINE,
    "STEP_RETRY_WAIT_IN_LINE": limits.STEP_RETRY_WAIT_IN_LINE,
    "AGENT_TIMEOUT_HOLD": limits.RTP_SILENCE_OF_AGENT_ON_HOLD,
    "RESCUE_SECONDS": limits.RESCUE_SECONDS,
    "DEAD_AIR_MILLISECONDS": round(limits.DEAD_AIR_QUIET * 1000),
    "DEAD_AIR_LEVEL": limits.DEAD_AIR_LEVEL,
    "WORDS_MILLISECONDS": round(limits.WORDS_PAUSE * 1000),
    "WORDS_LEVEL": limits.WORDS_LEVEL,
    "OUT_RING_SECONDS": round(limits.OUT_RING_SECONDS),
    "FAX_TONE_MILLISECONDS": round(limits.FAX_TONE * 1000),
    "GREETING_OVER_MILLISECONDS": round(limits.GREETING_OVER * 1000),
    "GREETING_SECONDS": round(limits.GREETING_MOST),
    "ANSWER_LISTEN_SECONDS": round(limits.ANSWER_LISTENED),
    "STATIC_WAIT": round(limits.STATIC_WAIT),
    "STATIC_ANNOUNCE_EVERY": round(limits.STATIC_ANNOUNCE_EVERY),
    "MESSAGE_SECONDS": round(limits.MESSAGE_SECONDS),
    "MESSAGE_SILENCE": round(limits.MESSAGE_SILENCE),
}
