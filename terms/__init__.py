"""THE WORDS that every room shares: names, outcomes, signals, facts, limits.

Decides: what things are called and what shape they have when they cross a room's wall.
Never: acts, reads a clock, or imports anything of ours.
Start at `facts.py` (what is remembered) and `signals.py` (what the switch says).
"""
