"""The scripted agent of the proof call: an account that every centre has, which nobody can ask for.

It is on duty only while the proof runs, and its skill is asked for by no menu, so no citizen
ever meets it.
"""

from __future__ import annotations

from typing import Final

from central156.settings import Settings
from protocol_store import NameTaken, Store
from terms.names import Skill

PROOF_AGENT: Final = "prova"
PROOF_SKILL: Final = Skill("prova")


async def enrol_proof_agent(store: Store, settings: Settings) -> None:
    """Make the account, once; its password is a secret of the state folder."""
    if any(agent.name == PROOF_AGENT for agent in await store.agents()):
        return
    try:
        await store.add_agent(
            PROOF_AGENT, "Agente de prova", {PROOF_SKILL: 1}, settings.secret("proof_agent")
        )
    except NameTaken:
        return  # another node of the same database was faster
