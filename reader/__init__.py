"""READS: the YAML that the city's people edit → checked values for the rooms that think.

Decides: whether a folder of dialplans can be served; if not, says every mistake in it with file,
line, column and what was expected. YAML is read nowhere else.
Never: acts on what it read, guesses a value's type, or serves a part of a folder.
Start at `dialplans.py`; `line_file.py` and `queue_file.py` are the tables of what may be written.
"""

from reader.dialplans import Dialplans, check, read_dialplans
from reader.mistakes import DialplanMistakes, Mistake

__all__ = ["DialplanMistakes", "Dialplans", "Mistake", "check", "read_dialplans"]
