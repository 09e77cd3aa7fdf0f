"""What campaigns hold of one citizen, found by the number, and taken out on their wish.

What stays: that a contact of a campaign was called so often, with which results. A wish not to be
called that still holds keeps its number, since it protects them; so does what is in a call now.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from protocol_store.campaign_tables import attempts, contacts, do_not_call
from protocol_store.contact_rows import put_pseudonym
from protocol_store.do_not_call import Wish, history
from terms.names import CampaignName, Instant, Seconds

CANCELLED, DONE = "cancelled", "done"
BECAUSE = "dados apagados a pedido"


@dataclass(frozen=True, slots=True)
class HeldAttempt:
    """One attempt to call them. `call`: what came of it, among their calls."""

    at: Instant
    result: str | None
    talk_seconds: Seconds | None
    said: str
    call: str | None


@dataclass(frozen=True, slots=True)
class HeldContact:
    """One entry of theirs. `state` empty: it is another site's, and only its attempts are here."""

    campaign: CampaignName
    since: Instant
    fields: dict[str, str]
    state: str
    ending: str | None
    results: tuple[str, ...]
    attempts: tuple[HeldAttempt, ...]


@dataclass(frozen=True, slots=True)
class TakenOut:
    """What an erasure did. `kept`: entries that are in a call now: ask again later."""

    contacts: int = 0
    attempts: int = 0
    kept: int = 0


def held_of(connection: Connection, number: str) -> tuple[list[HeldContact], list[Wish]]:
    """All that is held of a number (national digits): its contacts, and its wishes."""
    rows = connection.execute(
        select(contacts).where(contacts.c.number == number).order_by(contacts.c.contact)
    ).all()
    made: dict[str, list[HeldAttempt]] = {}
    elsewhere: dict[str, CampaignName] = {}
    here = {row.contact for row in rows}
    for row in connection.execute(
        select(attempts).where(attempts.c.number == number).order_by(attempts.c.ordered_at)
    ):
        told = (row.ordered_at, row.result, row.talk_seconds, row.said, row.call_id)
        made.setdefault(row.contact, []).append(HeldAttempt(*told))
        if row.contact not in here:
            elsewhere[row.contact] = CampaignName(row.campaign)
    found = [
        HeldContact(
            campaign=CampaignName(row.campaign),
            since=row.changed_at,
            fields=dict(row.fields),
            state=row.state,
            ending=row.ending,
            results=tuple(row.results.split()),
            attempts=tuple(made.get(row.contact, ())),
        )
        for row in rows
    ]
    for contact, campaign in sorted(elsewhere.items()):
        tried = tuple(made[contact])
        found.append(HeldContact(campaign, tried[-1].at, {}, "", None, (), tried))
    return found, history(connection, number)


def take_out(connection: Connection, number: str, pseudonym: str, at: Instant) -> TakenOut:
    """Put the pseudonym in the number's place, and nothing in that of the fields; whoever still
    waited is called no more. Harmless to repeat."""
    mine = contacts.c.number == number
    in_call = connection.execute(
        select(contacts.c.contact).where(mine, contacts.c.attempt.is_not(None))
    ).all()
    free = mine & contacts.c.attempt.is_(None)
    connection.execute(
        update(contacts)
        .where(free, contacts.c.ending.is_(None))
        .values(state=DONE, due_at=None, ending=CANCELLED, because=BECAUSE, changed_at=at)
    )
    gone = connection.execute(select(contacts.c.contact, contacts.c.campaign).where(free)).all()
    for one in gone:
        put_pseudonym(connection, one.contact, one.campaign, pseudonym)
    over = attempts.c.number == number, attempts.c.ended_at.is_not(None)
    counted = connection.execute(update(attempts).where(*over).values(number=pseudonym))
    ended = do_not_call.c.number == number, do_not_call.c.ended_at.is_not(None)
    connection.execute(update(do_not_call).where(*ended).values(number=pseudonym))
    return TakenOut(len(gone), counted.rowcount, len(in_call))
