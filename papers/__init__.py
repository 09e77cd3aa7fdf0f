"""PUTS ON PAPER: a table with its title, parameters and chart, as CSV, XLSX, ODS, DOCX or ODT.

Decides: how a value looks in each format, and that no cell is ever taken for a formula.
Never: asks a database, or knows what a report means.
Start at `sheet.py` (what is put on paper), then the format by its own name.
"""
