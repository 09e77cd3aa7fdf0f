"""Spreadsheets are opened for the first time by a process of their own, whose memory is bounded.

A file of five kilobytes can say that its last cell is in column XFD of line 1,048,576: whoever
reads it reserves half a terabyte and is ended by that, without an exception that could be caught.
It must not be the process that would store the list, nor a machine's whole memory: calls are made
there.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from typing import Final

from reader.contact_sheets import ListUnreadable, is_spreadsheet, rows_of
from terms.limits import CONTACT_SHEET_MEMORY, CONTACT_SHEET_SECONDS

TOO_MUCH: Final = (
    "a planilha não pode ser lida: está danificada, ou é grande demais (uma célula perdida numa "
    "linha ou coluna distante basta); grave-a como CSV"
)


def proved(content: bytes, sheet: str = "") -> bytes:
    """The content of a list's file, if this process can read it. ListUnreadable."""
    if not is_spreadsheet(content):
        return content
    trial = [sys.executable, "-m", "central156.sheet_trial", sheet]
    try:
        ran = subprocess.run(  # the arguments are ours, but for a sheet's name
            trial, input=content, capture_output=True, timeout=CONTACT_SHEET_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise ListUnreadable(TOO_MUCH) from None
    if ran.returncode == 0:
        return content
    raise ListUnreadable(ran.stdout.decode("utf-8", "replace") or TOO_MUCH)


def main() -> int:
    """Open the spreadsheet that comes in; 0 if it can be read, else why not is told."""
    resource.setrlimit(resource.RLIMIT_AS, (CONTACT_SHEET_MEMORY, CONTACT_SHEET_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        next(rows_of(sys.stdin.buffer.read(), sys.argv[1]).rows, None)
    except ListUnreadable as why:
        sys.stdout.buffer.write(str(why).encode())
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
