"""Why a campaign cannot start: one sentence, the first thing that has to be mended.

Asked when a person starts it, with what serves at that moment: a draft may be weeks old.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from central156.campaign_lists import campaign_of
from central156.campaign_tasks import LIST as TASKS
from dialer.campaign import CampaignState, Kind, may_become
from protocol_store.campaign_rows import CampaignRow, Counts, ListRow
from reader import DialplanMistakes
from reader.campaign_file import CampaignFile, read_campaign
from terms.names import Instant

OPEN = ("pending", "due", "ordered", "again")
"""States of contacts that somebody is still to be called for."""

STATES = {
    CampaignState.RUNNING: "já está em curso",
    CampaignState.DRAINING: "está terminando",
    CampaignState.DONE: "já terminou: guarde-a com outro nome",
}


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of a campaign that is to start, and of what it needs."""

    row: CampaignRow
    counts: Counts
    lists: Sequence[ListRow]
    queues: Collection[str]
    trunks: Collection[str]
    now: Instant


def why_not(found: Found) -> str:
    """Why it cannot start, in one Portuguese sentence; '' when it can."""
    name, state = found.row.name, CampaignState(found.row.state)
    if not may_become(state, CampaignState.RUNNING):
        return f"a campanha {name} {STATES[state]}"
    try:
        read = read_campaign(found.row.file.encode(), f"{name}.yaml", found.queues)
    except DialplanMistakes as wrong:
        return f"a campanha não passa na conferência: {wrong.mistakes[0]}"
    return _contacts(found) or _ways(read, found)


def _contacts(found: Found) -> str:
    for one in found.lists:
        if one.loaded_at is None and one.file != TASKS:
            return f"a lista {one.file} está incompleta: importe-a de novo"
    if found.row.kind == Kind.CALL_BACK:
        return ""  # whoever gives up becomes its contact (campaign_tasks.py)
    if not found.counts.contacts:
        return "a campanha não tem contatos: importe uma lista (central156 campaign import)"
    if not any(found.counts.states.get(state) for state in OPEN):
        return "todos os contatos da campanha estão encerrados"
    return ""


def _ways(read: CampaignFile, found: Found) -> str:
    one = read.campaign
    if not found.trunks:
        return "esta central não tem rota de saída: veja central156 trunk list"
    if unknown := [trunk for trunk in one.trunks if trunk not in found.trunks]:
        known = ", ".join(sorted(found.trunks))
        return f"rota desconhecida: {', '.join(unknown)}; há: {known}"
    if one.until is not None and found.now >= one.until:
        return "o prazo da campanha ('ate') já passou"
    return ""


def reread(row: CampaignRow) -> CampaignFile | None:
    """A stored campaign; None when this release reads it otherwise."""
    try:
        return campaign_of(row)
    except DialplanMistakes:
        return None
