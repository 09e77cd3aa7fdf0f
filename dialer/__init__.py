"""GOES OUT: which citizen is called next, by which campaign, and who is never called.

Decides: the next attempt, its agent and its trunk; when to try again; when all stops.
Never: dials, reads a clock or a list; time, lists and the calendar come in, orders go out.
Start at `dialling.py` (events in, effects out), then `eligible.py` (who may be called now),
`caps.py` (how much), `attempt.py` (what came of it) and `pacing.py` (how many at once).
"""
