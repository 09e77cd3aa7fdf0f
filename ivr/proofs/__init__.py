"""What is proved of a line's plan before any caller walks through it, one file for each kind of
proof. `ivr/checker.py` asks them all; `graph.py` is the plan as they see it."""
