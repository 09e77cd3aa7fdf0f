"""What the API needs of the contract. Texts are Portuguese; `by` stands in the facts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

Plain = Mapping[str, Any]


class ContractPort(Protocol):
    """What people bring in that nothing here could count."""

    async def import_carrier(self, file: str, text: str, by: str) -> Plain:
        """Keep what a carrier's file says, all of it or nothing. Refusal 422 with every mistake,
        a line each. A day told again replaces what was told of it."""
        ...
