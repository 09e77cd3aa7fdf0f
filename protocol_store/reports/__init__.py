"""ANSWERS: every report of the contract, each a question to the tables that comes to a sheet.

Decides: what is counted, by which definition, and that each asks little of the database.
Never: writes, formats, or counts test calls. Personal data comes out masked unless `reveal`.
Start at `catalogue.py` (all reports by name), then `asked.py` (periods and intervals).
"""
