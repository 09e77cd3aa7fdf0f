"""JUDGES: the city's indicators, their bands and points, and what is paid for them.

Decides: what a period's counts come to by the contract's own definitions, which are data.
Never: counts calls itself, reads a clock or a file; counts and definitions come in as values.
Start at `indicators.py` (definitions side by side), then `bands.py` (points, gaps, payment).
"""
