"""One contact of a campaign: whom to call, what came of the attempts, and what follows.

    pending ─► due ─► ordered ─► again ─► due …
       │        │         │        │
       └────────┴─────────┴────────┴──► done

    pending   loaded; nobody has looked at it
    due       its turn: an agent looks at it (preview)
    ordered   an attempt at it is written down; whether it was dialled, only the switch knows
    again     waits for its next attempt, not before `not_before`
    done      for the reason in `ending`

One attempt at a time, each of them ends once. An attempt that never reached for the citizen (the
agent's phone was not there, a cap, the carrier) costs none of the tries.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from dialer.campaign import Campaign
from terms.limits import CONTACT_AGAIN, CONTACT_AGAIN_MAX
from terms.names import AttemptId, CampaignName, ContactId, Instant
from terms.outcome import Tried

NO_ATTEMPT: Final = AttemptId("")


class ContactState(StrEnum):
    """Where a contact stands; see the file's top."""

    PENDING = "pending"
    DUE = "due"
    ORDERED = "ordered"
    AGAIN = "again"
    DONE = "done"


CONTACT_SUCCESSORS: Final[Mapping[ContactState, frozenset[ContactState]]] = {
    ContactState.PENDING: frozenset(
        {ContactState.DUE, ContactState.ORDERED, ContactState.AGAIN, ContactState.DONE}
    ),
    ContactState.DUE: frozenset({ContactState.ORDERED, ContactState.AGAIN, ContactState.DONE}),
    ContactState.ORDERED: frozenset({ContactState.AGAIN, ContactState.DONE}),
    ContactState.AGAIN: frozenset(
        {ContactState.DUE, ContactState.ORDERED, ContactState.AGAIN, ContactState.DONE}
    ),
    ContactState.DONE: frozenset(),
}


class Ending(StrEnum):
    """Why a contact is done."""

    REACHED = "reached"
    EXHAUSTED = "exhausted"  # all attempts were made
    WRONG_NUMBER = "wrong_number"  # there is no such number, or it is a fax
    LEFT_OUT = "left_out"  # a rule forbids the number; `because` says which
    EXPIRED = "expired"  # the campaign's time is over
    CANCELLED = "cancelled"  # by a person, or the citizen said so


@dataclass(frozen=True, slots=True)
class Contact:
    """`number`: national digits, area first. `fields`: what the list says of the person, shown
    to the agent. `ordered`: attempts that were written down, ever: it names the next one.
    `results`: those that reached for the citizen."""

    contact: ContactId
    campaign: CampaignName
    number: str
    fields: Mapping[str, str] = field(default_factory=dict)
    state: ContactState = ContactState.PENDING
    ordered: int = 0
    results: tuple[Tried, ...] = ()
    attempt: AttemptId = NO_ATTEMPT  # in course
    not_before: Instant = 0.0
    ending: Ending | None = None
    because: str = ""

    @property
    def tries(self) -> int:
        """Attempts that reached for the citizen."""
        return len(self.results)

    @property
    def next_attempt(self) -> AttemptId:
        """The next attempt's name. It is the channel's id too: the same one ordered twice is
        refused by the switch, whoever died in between."""
        return AttemptId(f"{self.contact}-{self.ordered + 1}")


def _to(contact: Contact, state: ContactState) -> None:
    if state not in CONTACT_SUCCESSORS[contact.state]:
        raise ValueError(f"{contact.state} → {state}")


def put_up(contact: Contact) -> Contact:
    """An agent looks at it. ValueError unless it waits."""
    _to(contact, ContactState.DUE)
    return replace(contact, state=ContactState.DUE)


def order(contact: Contact) -> Contact:
    """An attempt begins. ValueError while another is in course: nobody is rung twice."""
    _to(contact, ContactState.ORDERED)
    return replace(
        contact,
        state=ContactState.ORDERED,
        attempt=contact.next_attempt,
        ordered=contact.ordered + 1,
    )


def later(contact: Contact, not_before: Instant, because: str) -> Contact:
    """It waits. ValueError for one that is being called, or done."""
    if contact.state is ContactState.ORDERED:
        raise ValueError("uma tentativa está em curso")
    _to(contact, ContactState.AGAIN)
    return replace(contact, state=ContactState.AGAIN, not_before=not_before, because=because)


def finish(contact: Contact, ending: Ending, because: str) -> Contact:
    """It is done. ValueError when it is already."""
    _to(contact, ContactState.DONE)
    return replace(
        contact,
        state=ContactState.DONE,
        attempt=NO_ATTEMPT,
        ending=ending,
        because=because,
    )


def end(
    contact: Contact, attempt: AttemptId, result: Tried, now: Instant, campaign: Campaign
) -> Contact:
    """What the attempt's end makes of its contact. Told of any other attempt than the one in
    course, nothing changes."""
    if contact.attempt != attempt or attempt == NO_ATTEMPT:
        return contact
    if not result.reached_for:
        return _not_reached(contact, result, now)
    after = replace(contact, results=(*contact.results, result))
    if result is Tried.ANSWERED:
        return finish(after, Ending.REACHED, "atendeu")
    if result in (Tried.INVALID, Tried.FAX):
        return finish(after, Ending.WRONG_NUMBER, f"{result.shown}: não se tenta de novo")
    retry = campaign.retry(result)
    if retry is None:
        return finish(after, Ending.EXHAUSTED, f"{result.shown}: a campanha não tenta de novo")
    if after.results.count(result) > retry.times:
        return finish(after, Ending.EXHAUSTED, f"{result.shown} {retry.times + 1} vezes")
    if after.tries >= campaign.attempts:
        return finish(after, Ending.EXHAUSTED, f"as {campaign.attempts} tentativas foram feitas")
    return _again(after, now + retry.after, f"{result.shown}: tenta de novo")


def _not_reached(contact: Contact, result: Tried, now: Instant) -> Contact:
    """Each time in a row it waits twice as long: a fault of ours must not become a storm."""
    vain = min(contact.ordered - contact.tries, 16)
    pause = min(CONTACT_AGAIN * 2 ** (vain - 1), CONTACT_AGAIN_MAX)
    return _again(contact, now + pause, f"{result.shown}: o cidadão não foi chamado")


def _again(contact: Contact, not_before: Instant, because: str) -> Contact:
    _to(contact, ContactState.AGAIN)
    return replace(
        contact,
        state=ContactState.AGAIN,
        attempt=NO_ATTEMPT,
        not_before=not_before,
        because=because,
    )
