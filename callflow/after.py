"""After the talk: the protocol for whoever has not heard it, then the end that was decided."""

from __future__ import annotations

from callflow.visit import Do, Visit
from callflow.wait import protocol_prompts
from terms.outcome import CallOutcome
from terms.stages import Stage


async def after(visit: Visit) -> Stage | Do:
    """The agent has left and the citizen is still there."""
    visit.place = visit.place.but(outcome=str(CallOutcome.SERVED))
    said = [visit.tools.voice.find(text) for text in visit.plan.after]
    prompts = [*protocol_prompts(visit), *(prompt for prompt in said if prompt is not None)]
    if prompts:
        await visit.mark(Stage.AFTER, visit.place)
    for prompt in prompts:
        await visit.session.play(prompt.path, "", prompt.seconds)
    return Stage.ENDED


async def end(visit: Visit) -> Do:
    """Tell the dialplan to hang up; the call ends when its channel does."""
    visit.tools.book.decide(visit.call, visit.place.outcome)
    await visit.session.set(
        C156_STAGE=str(Stage.ENDED), C156_PLACE=visit.place.to_text(), C156_DO=Do.END
    )
    return Do.END
