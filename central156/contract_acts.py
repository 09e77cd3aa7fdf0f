"""What people bring in for the contract, for the API (console.ports_contract)."""

from __future__ import annotations

from typing import Final

from callflow.floor_keeper import FloorKeeper
from central156.refusals import asked
from console.ports import Plain, Refusal
from protocol_store import Store
from protocol_store.carrier_file import CarrierMistakes, read_carrier_file
from terms.facts import Fact, Kind

DAYS_IN_A_FACT: Final = 200


class ContractActs:
    """See console.ports_contract.ContractPort."""

    def __init__(self, store: Store, keeper: FloorKeeper) -> None:
        self._store, self._keeper = store, keeper

    async def import_carrier(self, file: str, text: str, by: str) -> Plain:
        """Durable when this returns."""
        try:
            days = read_carrier_file(text.encode("utf-8", "replace"))
        except CarrierMistakes as wrong:
            raise Refusal(422, "\n".join(wrong.mistakes)) from None
        at = self._keeper.clock()
        facts = [
            Fact(
                at,
                Kind.CARRIER_REPORTED,
                by=by,
                details={"days": [one.plain() for one in some], "file": file},
            )
            for first in range(0, len(days), DAYS_IN_A_FACT)
            for some in (days[first : first + DAYS_IN_A_FACT],)
        ]
        await asked(self._store.promises.remember(*facts))
        self._keeper.publish(*facts)
        told = sorted(one.day for one in days)
        return {
            "days": len(set(told)),
            "rows": len(days),
            "first": told[0].isoformat(),
            "last": told[-1].isoformat(),
        }
