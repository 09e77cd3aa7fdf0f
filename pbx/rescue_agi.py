"""The rescue script: a protocol number for a call that Asterisk serves without us.

Asterisk starts it itself (c156-static in extensions.conf), a process a call, so it imports little
and needs nothing but the disk. It numbers the call from the reserved range, writes a record that
control takes in when it is back, and only then tells Asterisk the number. Whatever goes wrong,
the call goes on: Asterisk waits for it no longer than RESCUE_SECONDS.

    c156-rescue,number,<line>,<entry>,<test>     counter → spool/<call>.number.json → C156_PROTOCOL
    c156-rescue,number,<line>,<entry>,<test>,<at>    the same of who hung up then, without a number
    …,campanha:<campaign>,<test>,<at>    … of whom a campaign called, and who talked, from then on
    c156-rescue,message,<line>,<file>            spool/<call>.message.json

The caller's number comes in the AGI header, never as an argument: every user of the machine can
read those.
"""

from __future__ import annotations

import fcntl
import json
import os
import sys
import time

from asterisk.agi import AGI, AGIException

from terms.names import ANONYMOUS, CALL_ID, CALLER_NUMBER
from terms.protocol_number import RESCUE_FIRST, protocol_of

COUNTER = "counter"
SPOOL = "spool"
_COUNTER_DIGITS = 12


def main(rescue_dir: str, what: str, *told: str) -> None:
    """Number a call, or note its message. Ends quietly, whatever happens."""
    with open(os.devnull, "w") as nowhere:  # pyst2 writes all it hears to its stderr
        try:
            agi = AGI(stderr=nowhere)
            if what == "number":
                protocol = number(rescue_dir, agi.env, *told)
                agi.set_variable("C156_PROTOCOL", protocol)
            elif what == "message":
                note_message(rescue_dir, agi.env, *told)
        except AGIException:
            pass  # the caller hung up; what had to be kept is on the disk
        except Exception as problem:
            # Asterisk's console log; no text of the call's, only the kind of mistake.
            sys.stderr.write(f"c156-rescue {what}: {type(problem).__name__}\n")


def number(
    rescue_dir: str, header: dict[str, str], line: str, entry: str, test: str = "", gone: str = ""
) -> str:
    """The call's protocol number, durable together with its record; `gone`: when the citizen hung
    up, whom nobody had told one. OSError, ValueError."""
    call = _call_in(header)
    caller = header.get("agi_callerid", "")
    protocol = protocol_of(RESCUE_FIRST + next_count(os.path.join(rescue_dir, COUNTER)))
    record = {
        "kind": "number",
        "call": call,
        "line": line,
        "entry": entry,
        "caller": caller if CALLER_NUMBER.fullmatch(caller) else ANONYMOUS,
        "test": test != "",
        "protocol": protocol,
        "at": time.time(),
    }
    if gone:
        record |= {"gone": True, "at": float(gone)}
    write_record(rescue_dir, f"{call}.number.json", record)
    return protocol


def note_message(rescue_dir: str, header: dict[str, str], line: str, file: str) -> None:
    """Note that the caller is about to leave a message in `file`. OSError, ValueError."""
    call = _call_in(header)
    record = {"kind": "message", "call": call, "line": line, "file": file, "at": time.time()}
    write_record(rescue_dir, f"{call}.message.json", record)


def next_count(path: str) -> int:
    """0, 1, 2 …: each number once, whoever asks and whatever breaks. OSError, ValueError.

    The next one to give is on the disk before this one is used.
    """
    counter = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(counter, fcntl.LOCK_EX)
        count = int(os.pread(counter, _COUNTER_DIGITS, 0) or b"0")
        os.pwrite(counter, f"{count + 1:0{_COUNTER_DIGITS}d}\n".encode(), 0)
        os.fsync(counter)
    finally:
        os.close(counter)
    return count


def write_record(rescue_dir: str, name: str, record: dict[str, object]) -> None:
    """Put a record into the spool: there whole, or not at all, and there after a power cut."""
    spool = os.path.join(rescue_dir, SPOOL)
    path = os.path.join(spool, name)
    fresh = os.open(path + ".new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        os.write(fresh, json.dumps(record, ensure_ascii=False).encode())
        os.fsync(fresh)
    finally:
        os.close(fresh)
    os.rename(path + ".new", path)
    folder = os.open(spool, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _call_in(header: dict[str, str]) -> str:
    """A citizen's channel id is the call id. ValueError when it cannot name a file."""
    call = header.get("agi_uniqueid", "")
    if not CALL_ID.fullmatch(call) or call.startswith("."):
        raise ValueError("not a call id")
    return call
