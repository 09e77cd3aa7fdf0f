"""SHOWS THE FLOOR TO OTHERS: a picture of it in Redis, for wallboards and a standby that reads.

Decides: what to write again, and when Redis is not to be trusted.
Never: the truth about who holds which call; nothing waits for it, and it may be lost at any moment.
Start at `publisher.py`; what stands in Redis: `keys.py`.
"""

from floor_mirror.guard import Address, MirrorTrouble, Trouble
from floor_mirror.keys import Content, Mirrored
from floor_mirror.publisher import Publisher
from floor_mirror.reader import MirrorReader

__all__ = [
    "Address",
    "Content",
    "MirrorReader",
    "MirrorTrouble",
    "Mirrored",
    "Publisher",
    "Trouble",
]
