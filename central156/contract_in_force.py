"""The contract that serves: of the published version, read from the store.

A version that was published before there was a contrato.yaml has none: the shipped one stands for
it then, and whoever reads a report is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from central156.settings import CHECKOUT
from contract.definitions import Contract
from ivr.hours import Calendar
from protocol_store import versions
from protocol_store.indicator_counts import Database
from reader import Contents, contents_of, read_contract_alone
from reader.folder import CONTRACT

SHIPPED: Final = CHECKOUT / "dialplans"


@dataclass(frozen=True, slots=True)
class InForce:
    """The contract and the calendar; `told`: where they come from, in Portuguese."""

    contract: Contract
    calendar: Calendar
    told: str


def in_force(connection: Database) -> InForce:
    """The contract of the version that serves. DialplanMistakes when a release cannot read what an
    earlier one published."""
    served = versions.served(connection)
    version = served[0].version if served else ""
    files = (versions.files_of(connection, version) if version else None) or {}
    shipped = contents_of(SHIPPED).files
    told = f"contrato da versão {version}, no ar"
    if CONTRACT not in files:
        files = {
            **{name: text for name, text in files.items()},
            CONTRACT: shipped[CONTRACT].decode(),
        }
        told = "contrato que vem com o programa: a versão no ar não tem contrato.yaml"
    contract, calendar = read_contract_alone(Contents("dialplans", _bytes(files)))
    return InForce(contract, calendar, told)


def _bytes(files: Mapping[str, str]) -> dict[str, bytes]:
    return {name: text.encode() for name, text in files.items()}
