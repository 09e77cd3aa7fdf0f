"""The contract and the calendar of a folder, for whoever judges months: calls need neither."""

from __future__ import annotations

from contract.definitions import Contract
from ivr.hours import Calendar
from reader.calendar_file import read_calendar
from reader.contract_file import read_contract
from reader.folder import CALENDAR, CONTRACT, Contents, Folder


def read_contract_alone(contents: Contents) -> tuple[Contract, Calendar]:
    """Both, empty where there is no such file. DialplanMistakes with all that is wrong in them."""
    files = Folder(contents)
    sheet, tree = files.open(CALENDAR)
    calendar = read_calendar(sheet, tree, CALENDAR) if tree else Calendar()
    sheet, tree = files.open(CONTRACT)
    contract = read_contract(sheet, tree, CONTRACT) if tree else Contract()
    files.refuse()
    return contract, calendar
