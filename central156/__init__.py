"""WIRES: the one room that knows all the others.

Decides: which parts run, with what settings, in what order they start, drain and stop.
Never: how a call is told (callflow), who answers it (acd), or what it hears (ivr).
Start at `supervisor.py` (the parent process), then `control.py` (what it starts), then `cli/`.
"""
