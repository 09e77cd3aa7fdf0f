"""READS: the YAML that the city's people edit → checked values for the rooms that think.

Decides: whether a folder of dialplans can be served; if not, says every mistake in it with file,
line, column and what was expected. YAML is read nowhere else.
Never: acts on what it read, guesses a value's type, or serves a part of a folder.
Start at `dialplans.py`; `node_kinds.py` and the `*_file.py` are the tables of what may be written,
for the reader and for editors alike (`schema.py`).
"""

from reader.contract_alone import read_contract_alone
from reader.dialplans import Dialplans, check, read_contents, read_dialplans
from reader.folder import Contents, contents_of
from reader.mistakes import DialplanMistakes, Mistake

__all__ = [
    "Contents",
    "DialplanMistakes",
    "Dialplans",
    "Mistake",
    "check",
    "contents_of",
    "read_contents",
    "read_contract_alone",
    "read_dialplans",
]
