"""An agent has been found: ring, connect, or take back.

The dial belongs to the dialplan. Before it, everything about the offer is written on the channel
in one command whose last word is `dial`; after it, the next step reads what came of it.
"""

from __future__ import annotations

from acd.events import OfferAnswered, OfferFailed, TalkEnded, TalkFound
from callflow.floor_keeper import Waiter
from callflow.suspects import told_to_agent
from callflow.visit import Do, Visit
from terms.limits import ANSWER_WAIT, DROP_RING_LEAST, WHISPER_SECONDS
from terms.names import AgentName, Instant, OfferId, Seconds
from terms.outcome import OfferOutcome
from terms.protocol_number import shown
from terms.stages import Stage

ANSWERED = "ANSWER"
BY_ITSELF = "1"

DIAL_RESULTS: dict[str, OfferOutcome] = {
    "NOANSWER": OfferOutcome.RING_NO_ANSWER,
    "BUSY": OfferOutcome.REFUSED,
    "CONGESTION": OfferOutcome.UNREACHABLE,
    "CHANUNAVAIL": OfferOutcome.UNREACHABLE,
    "GATE": OfferOutcome.GATE_CLOSED,
    "CANCEL": OfferOutcome.CALLER_LEFT,
    ANSWERED: OfferOutcome.REFUSED,  # picked up and put down before being joined
}
"""What a dial leaves behind, as the offer's outcome. What is not here is ours: LOST."""


async def put_through(visit: Visit, waiter: Waiter, until: Instant | None = None) -> Do:
    """Write the offer on the channel and let the dialplan dial.

    `until`: a citizen whom we called waits no longer than this (R63). The phone is asked to answer
    by itself, rings no longer, and the agent hears a tone instead of which line it is.
    """
    offer, place = waiter.offer.result(), visit.place
    wanted = until is None and visit.tools.whisper
    whisper = visit.tools.voice.whisper(visit.line) if wanted else None
    rings = str(round(offer.ring_seconds))
    if until is not None:
        rings = f"{max(DROP_RING_LEAST, until - visit.tools.clock()):.2f}"
    await visit.session.set(
        DIALSTATUS="",
        C156_STAGE=f"{Stage.OFFERED}:{offer.offer}:{offer.agent}",
        C156_PLACE=place.to_text(),
        C156_OFFER=offer.offer,
        C156_AGENT=offer.agent,
        C156_EPOCH=offer.offer.partition("-")[0],
        C156_RING=rings,
        C156_BY_ITSELF="" if until is None else BY_ITSELF,
        C156_SHOW=_shown_to_agent(visit),
        C156_WHISPER=whisper.path if whisper else "",
        C156_DO=Do.DIAL,
    )
    waiter.taken = True
    return Do.DIAL


async def after_dial(visit: Visit) -> Stage | Do:
    """The dial is over: served, or back to the head of the queue with the old place."""
    keeper = visit.tools.keeper
    recalled = keeper.is_recalled(visit.offer)
    # an offer taken back at the instant of the answer: they were joined, but could not talk
    crossed = recalled and visit.answered_seconds < WHISPER_SECONDS + ANSWER_WAIT
    if visit.dial_result == ANSWERED and visit.joined and not crossed:
        talk_over(visit, visit.offer, visit.agent, visit.answered_seconds)
        return Stage.AFTER
    outcome = DIAL_RESULTS.get(visit.dial_result, OfferOutcome.LOST)
    if recalled:
        outcome = OfferOutcome.WITHDRAWN
    keeper.tell(OfferFailed(visit.offer, outcome))
    return Stage.WAITING


def talk_over(
    visit: Visit, offer: OfferId, agent: AgentName, talked: Seconds | None = None
) -> None:
    """The agent's leg has left, after so long a talk if it was one dial. If nobody told us of the
    answer, this is the answer too."""
    keeper, place = visit.tools.keeper, visit.place
    entry = visit.tools.book.calls.get(visit.call)
    if keeper.knows(offer):
        keeper.tell(OfferAnswered(offer))
    elif entry is not None and (entry.began_with(agent) or not entry.talk_seconds):
        # put through by the process before us, and over before we could find it
        since = visit.tools.clock() - visit.answered_seconds
        where = (place.queue, place.joined, visit.line, entry.dialled)
        keeper.tell(TalkFound(visit.call, agent, offer, since, *where))
    keeper.tell(TalkEnded(offer, talked or None))


def _shown_to_agent(visit: Visit) -> str:
    """The caller's name on the agent's phone: line, subject, protocol."""
    subject = visit.place.queue.partition("_")[2].replace("_", " ")
    words = (
        told_to_agent(visit),
        visit.line,
        subject,
        shown(visit.place.protocol) if visit.place.protocol else "",
    )
    return " ".join(word for word in words if word)
