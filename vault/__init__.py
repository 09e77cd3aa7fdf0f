"""KEEPS RECORDINGS: each sealed under a key of its own, which a master key wraps; signs days.

Decides: how sound lies on the disk, and that whoever has the disk alone hears nothing.
Never: knows what a call is, who may listen, or what is kept how long; others decide that.
Start at `sealed.py` (the file and its chunks), then `keys.py` (master key, wrapping, signing).
"""
