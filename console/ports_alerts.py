"""What the API needs of mass alerts. `by` answers for what is asked; texts are Portuguese."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from console.ports_campaigns import Asker, Scope
from terms.names import CampaignName

Plain = Mapping[str, Any]


class AlertsPort(Protocol):
    """Refusal 404 for an alert that is not there, or not theirs."""

    async def alerts(self, scope: Scope) -> Sequence[Plain]:
        """Every alert, the newest first."""
        ...

    async def alert(self, name: CampaignName, scope: Scope) -> Plain:
        """What it says, and how far it is now."""
        ...

    async def make(self, wanted: Mapping[str, Any], by: Asker) -> Plain:
        """Keep an alert with its numbers, its text recorded. Refusal 422 for what is none, 409 when
        one of that name has begun, or its text cannot be spoken."""
        ...

    async def start(self, name: CampaignName, by: Asker) -> Plain:
        """Dial, now. Refusal 403 but for a supervisor by name, 409 with the one reason."""
        ...

    async def stop(self, name: CampaignName, because: str, by: Asker) -> Plain:
        """Nothing rings a second later. Refusal 409."""
        ...
