"""What becomes of a message now, and after what a carrier said. Pure: time is an argument.

                     step: may it go now?            settle: what the carrier answered
    waiting ───────► SEND, WAIT until, END      ───► accepted | again later | doubtful | over
                     mend: nobody answered           told: what a receipt says

An attempt is counted when a carrier took the message, refused it, or may have taken it; never when
it was too fast for it, or nothing was sent at all. There are at most SMS_ATTEMPTS (R68). Nothing is
sent after its deadline, nor to a number that gets none; both are asked in the moment of sending.

**Lost answers.** SMPP 3.4 cannot say whether a submit whose answer was lost was taken: it knows no
id of ours before the answer (query_sm asks by the carrier's), and takes a repeat as another
message. So what may have been taken is *doubtful*, and waits for its receipt, which names the
carrier's id, our reference, or both. Without one it ends as *uncertain*, and is not sent again;
`repeat` (an alert: twice is better than never) or a carrier that knows our ids sends it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sms.hours import WINDOWS, IsHoliday, next_open, zone_of
from terms.limits import SMS_APART, SMS_ATTEMPTS, SMS_DOUBT_WAITS, SMS_LINK_APART
from terms.names import Instant
from terms.text_message import OVER, How, PartAnswer, TextKind, TextStatus, Told

URGENCY: Final = {
    kind: place
    for place, kind in enumerate(
        (TextKind.ALERT, TextKind.PROTOCOL, TextKind.REMINDER, TextKind.NOTICE, TextKind.CAMPAIGN)
    )
}
"""Which goes first."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a message. `attempts`: counted so far; `since`: when it came to `status`."""

    kind: TextKind
    number: str
    status: TextStatus
    attempts: int
    not_before: Instant
    deadline: Instant
    since: Instant = 0.0
    stopped: bool = False
    barred: str = ""  # why this number gets none …
    opted_out: bool = False  # … or does not want any
    life_safety: str = ""  # the supervisor who answers for sending all the same
    repeat: bool = False  # what was lost is sent again


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of it. `not_before`: when it is looked at again, while it waits."""

    status: TextStatus
    because: str = ""
    attempts: int = 0
    not_before: Instant = 0.0


SEND: Final = TextStatus.SENDING


def step(one: Standing, now: Instant, is_holiday: IsHoliday) -> Change | None:
    """What becomes of a waiting message now: `status` SENDING is the word to send it; None: it is
    not waiting."""
    if one.status is not TextStatus.WAITING:
        return None
    if one.stopped:
        return _over(one, TextStatus.STOPPED, "o lote foi parado")
    if one.barred:
        return _over(one, TextStatus.BARRED, one.barred)
    if one.opted_out and not one.life_safety:
        return _over(one, TextStatus.BARRED, "o cidadão pediu para não receber")
    if now >= one.deadline:
        return _over(one, TextStatus.EXPIRED, "o prazo acabou antes do envio")
    if one.attempts >= SMS_ATTEMPTS:
        return _over(one, TextStatus.UNDELIVERED, f"{SMS_ATTEMPTS} tentativas sem sucesso")
    opens: Instant | None = max(now, one.not_before)
    if not one.life_safety and opens is not None:
        opens = next_open(WINDOWS[one.kind], opens, zone_of(one.number), is_holiday)
    if opens is None or opens >= one.deadline:
        return _over(one, TextStatus.EXPIRED, "não há horário de envio antes do prazo")
    if opens > now:
        return Change(TextStatus.WAITING, "espera a hora", one.attempts, opens)
    return Change(SEND, "", one.attempts, now)


def settle(
    one: Standing, answers: Sequence[PartAnswer], now: Instant, safe: bool = False
) -> Change:
    """What becomes of a message whose parts were handed over. `safe`: the carrier knows our ids,
    so that what was lost can be handed over again without being doubled."""
    bad = next((answer for answer in answers if answer.how is not How.ACCEPTED), None)
    if bad is None:
        return Change(TextStatus.ACCEPTED, "", one.attempts + 1, now)
    match bad.how:
        case How.THROTTLED:
            return Change(TextStatus.WAITING, "a operadora pediu calma", one.attempts, now)
        case How.NOT_SENT:
            later = now + SMS_LINK_APART
            return Change(TextStatus.WAITING, "sem enlace com a operadora", one.attempts, later)
        case How.LOST if safe:  # the same attempt, asked again by the same id
            return Change(TextStatus.WAITING, bad.why, one.attempts, now + SMS_APART[0])
        case How.LOST:
            return Change(TextStatus.DOUBTFUL, bad.why, one.attempts + 1, now)
        case How.REFUSED:
            return _again(one, now, bad.why)
        case _:
            return Change(TextStatus.UNDELIVERED, bad.why, one.attempts + 1, now)


def told(
    one: Standing, receipts: Sequence[Told | None], now: Instant, why: str = ""
) -> Change | None:
    """What becomes of a message, by what receipts say of each part of its attempt (None: nothing
    yet). None: nothing yet."""
    if one.status in OVER and one.status is not TextStatus.UNKNOWN:
        late = bool(receipts) and all(part is Told.DELIVERED for part in receipts)
        if late and one.status in (TextStatus.UNDELIVERED, TextStatus.EXPIRED):
            return Change(TextStatus.DELIVERED, "recibo tardio", one.attempts, now)
        return None
    if one.status is TextStatus.WAITING:
        return None  # another attempt is already due: its own receipts will tell
    if receipts and all(part is Told.DELIVERED for part in receipts):
        return Change(TextStatus.DELIVERED, "", one.attempts, now)
    if Told.REJECTED in receipts:
        return Change(TextStatus.UNDELIVERED, why or "recusada", one.attempts, now)
    if Told.FAILED in receipts:
        partly = Told.DELIVERED in receipts  # again would double what has arrived
        if partly or one.status is TextStatus.UNKNOWN:
            return Change(TextStatus.UNDELIVERED, why or "não entregue", one.attempts, now)
        return _next_attempt(one, one.attempts, now, why)
    return None


def late(one: Standing, answer: PartAnswer, accepted: int, now: Instant) -> Change | None:
    """What becomes of a message whose lost answer came after all. `accepted`: parts of its attempt
    that the carrier has, this one included. None: it was settled meanwhile."""
    if one.status not in (TextStatus.DOUBTFUL, TextStatus.UNKNOWN):
        return None
    if answer.how is How.ACCEPTED and (accepted == answer.of or one.status is TextStatus.UNKNOWN):
        return Change(TextStatus.ACCEPTED, "resposta tardia", one.attempts, now)
    if one.status is TextStatus.UNKNOWN:
        return None
    if answer.how in (How.ACCEPTED, How.THROTTLED):  # the attempt goes on with the other parts
        return Change(TextStatus.WAITING, answer.why, one.attempts - 1, now)
    if answer.how is How.REFUSED:
        return _next_attempt(one, one.attempts, now, answer.why)
    return Change(TextStatus.UNDELIVERED, answer.why, one.attempts, now)


def mend(one: Standing, now: Instant) -> Change | None:
    """What becomes of a message that nobody answered for. None: it is still waited for."""
    if one.status is not TextStatus.DOUBTFUL or now < one.since + SMS_DOUBT_WAITS:
        return None
    if one.repeat:
        return _next_attempt(one, one.attempts, now, "sem resposta; enviada de novo")
    because = "a resposta da operadora se perdeu e não veio recibo"
    return Change(TextStatus.UNKNOWN, because, one.attempts, now)


def _again(one: Standing, now: Instant, why: str) -> Change:
    return _next_attempt(one, one.attempts + 1, now, why)


def _next_attempt(one: Standing, attempts: int, now: Instant, why: str) -> Change:
    later = now + SMS_APART[min(attempts, len(SMS_APART)) - 1]
    if attempts >= SMS_ATTEMPTS:
        return Change(TextStatus.UNDELIVERED, why, attempts, now)
    if later >= one.deadline:
        return Change(TextStatus.EXPIRED, why, attempts, now)
    return Change(TextStatus.WAITING, why, attempts, later)


def _over(one: Standing, status: TextStatus, because: str) -> Change:
    return Change(status, because, one.attempts, one.not_before)
