"""ASKS: what a line says to a caller, which keys it takes, and where each key leads.

Decides: the next words and the next place in the menu, from the place and the key alone.
Never: plays, waits, reads files or clocks; the texts' lengths come in as a function.
Start at `menu.py` (what a line's plan is made of), then `interpreter.py` (a caller walks through
it) and `checker.py` (what a plan must hold before any caller does).
"""
