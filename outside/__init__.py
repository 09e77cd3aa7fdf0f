"""ASKS OTHERS: look-ups in databases and over HTTP, each within its seconds, come what may.

Decides: how long, how many at once, what is an answer; that a dead source costs a caller nothing.
Never: raises at whoever asks, logs what was asked or answered, lets a reading service write.
Start at `asking.py` (what others call), then `port.py`, `sql_source.py` and `http_source.py`.
"""

from outside.asking import Asked, Outside
from outside.example import create_example
from outside.http_source import HttpSource
from outside.port import Answer, Question, Source, Trouble
from outside.sql_source import SqlSource
from outside.text_provider import TextProvider

__all__ = [
    "Answer",
    "Asked",
    "HttpSource",
    "Outside",
    "Question",
    "Source",
    "SqlSource",
    "TextProvider",
    "Trouble",
    "create_example",
]
