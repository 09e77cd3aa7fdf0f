"""What goes over an AGI connection, as pure functions: the header, commands, replies.

    Asterisk → us   header rows `agi_name: value`, an empty row; later replies, and `HANGUP` rows
    us → Asterisk   one command a row, the next only after the reply

Whatever could mean two things is refused here: a header that was tampered with, a command that
Asterisk would read in another way than it was meant, a reply that is none. Nothing that is
refused is quoted in a message, because callers' numbers and digits pass through here.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from terms.limits import AGI_COMMAND_BYTES

HEADER_END: Final = b"\n\n"
HEADER_START: Final = b"agi_network: yes\n"
HANGUP: Final = b"HANGUP"
FAILURE: Final = b"failure\n"
"""Asterisk takes this row as the session's verdict: AGISTATUS becomes FAILURE."""

READ_VARIABLE: Final = b'GET FULL VARIABLE "${%b}"\n'
"""The one place where a `${` goes out; only a name that was checked may stand in it."""

ARM: Final = b'SET VARIABLE "TIMEOUT(absolute)" "%.1f"\n'

COUNT_AS: Final = b'SET VARIABLE "GROUP(line)" "%b"\n'
"""Puts the channel into the group of a line; only a line's number may stand in it."""

RECORD: Final = "Record"
"""It writes a file, so only a path that was checked may go with it."""

EXEC_ALLOWED: Final = frozenset(
    {"MSet", "StartMusicOnHold", "StopMusicOnHold", "Playtones", "StopPlayTones", RECORD}
)
"""AGI has no privileges of its own: an application that is not here can not be run from here."""

MSET_PAIRS: Final = 23  # Asterisk's MSet reads no more than 24, and the last one otherwise

# fmt: off
_ALWAYS = frozenset({
    "agi_network", "agi_request", "agi_channel", "agi_language", "agi_type",
    "agi_uniqueid", "agi_version", "agi_callerid", "agi_calleridname", "agi_callingpres",
    "agi_callingani2", "agi_callington", "agi_callingtns", "agi_dnid", "agi_rdnis",
    "agi_context", "agi_extension", "agi_priority", "agi_enhanced", "agi_accountcode",
    "agi_threadid",
})
# fmt: on
_SOMETIMES = "agi_network_script"
_ARGUMENTS = [f"agi_arg_{count}" for count in range(1, 129)]

_CONTROL_BYTE = re.compile(rb"[\x00-\x09\x0b-\x1f\x7f]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_EXPANDED = re.compile(r"\$[{\[]")
_PLAIN = re.compile(r"[A-Za-z0-9_ .:;/+*#@=-]*")
_FOR_MSET = re.compile(r'([\\,()\[\]"])')
_VARIABLE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_KEYS = re.compile(r"[0-9*#]*")
_LINE = re.compile(r"[0-9]{3}")
_RECORDING = re.compile(r"(?:/[A-Za-z0-9_-][A-Za-z0-9_. -]*)+\.wav")
_MUSIC = re.compile(r"[A-Za-z0-9_-]{1,64}")
_REPLY = re.compile(r"200 result=(-?[0-9]*)(?: \((.*)\))?(?: endpos=(-?[0-9]+))?", re.DOTALL)
_CODE = re.compile(rb"[1-5][0-9][0-9](?: |-|$)")


class HeaderRefused(Exception):
    """This is no header of our Asterisk; the message says why, without quoting it."""


class CommandRefused(ValueError):
    """Asterisk would not read this command as it was meant; nothing was sent."""


class CommandFailed(Exception):
    """Asterisk does not know the command or its syntax (510, 520), or could not carry it out."""


class ReplyRefused(Exception):
    """This is no reply: the two sides are out of step."""


class Header(NamedTuple):
    """What Asterisk said first: all rows, and our own arguments `name=value` among them."""

    rows: dict[str, str]
    arguments: dict[str, str]


def read_header(header: bytes) -> Header:
    """Read a header without its empty last row. HeaderRefused unless it is whole and untouched.

    A newline inside a value, such as a caller could send, makes a row too many: it is a key
    twice, an unknown one, or an argument out of its order.
    """
    # Not splitlines(): that also cuts at characters which stand inside values.
    texts = header.decode("utf-8", errors="replace").split("\n")
    try:
        rows: dict[str, str] = dict([row.split(": ", 1) for row in texts])
    except ValueError:
        raise HeaderRefused("a row without a name") from None
    if len(rows) != len(texts):
        raise HeaderRefused("a name twice")
    if not rows.keys() >= _ALWAYS:
        raise HeaderRefused("a name is missing")
    if _CONTROL_BYTE.search(header):
        raise HeaderRefused("a control character")
    names = list(rows)[len(_ALWAYS) + (_SOMETIMES in rows) :]
    if names != _ARGUMENTS[: len(names)]:
        raise HeaderRefused("an unknown name, or an argument out of order")
    arguments: dict[str, str] = {}
    for name in names:
        key, equals, value = rows[name].partition("=")
        if not equals or key in arguments:
            raise HeaderRefused("an argument without a name, or twice")
        arguments[key] = value
    return Header(rows, arguments)


class Reply(NamedTuple):
    """A reply that ends a command. `result` is None where Asterisk left it empty."""

    code: int
    result: int | None = None
    data: str = ""  # what stood in parentheses
    endpos: int | None = None  # samples played; -1 where Asterisk does not say


COMMON_REPLIES: Final = {f"200 result={n}\n".encode(): Reply(200, n) for n in (0, 1)}
"""Nearly all replies, read once for all; with their newline."""


def read_reply(row: bytes) -> Reply:
    """Read a reply's row (for 520, its last). ReplyRefused when it is none."""
    if _CODE.match(row) is None:
        raise ReplyRefused("not a reply")
    code = int(row[:3])
    if code != 200:
        return Reply(code)
    found = _REPLY.fullmatch(row.decode("utf-8", errors="replace"))
    if found is None or found[1] == "-":
        raise ReplyRefused("a reply without a result")
    result = int(found[1]) if found[1] else None
    return Reply(200, result, found[2] or "", int(found[3]) if found[3] else None)


def command(*words: str) -> bytes:
    """A command's row. The first word goes as it is, the others quoted. CommandRefused."""
    verb, *rest = words
    return _row(" ".join([verb, *[quoted(word) for word in rest]]))


def execute(application: str, argument: str = "") -> bytes:
    """`EXEC application "argument"`, for an application on the list. CommandRefused."""
    if application not in EXEC_ALLOWED:
        raise CommandRefused("an application that is not on the list")
    return command(f"EXEC {application}", argument) if argument else _row(f"EXEC {application}")


def set_variables(variables: dict[str, str]) -> list[bytes]:
    """The commands that write these variables in this order: one, unless they are too many.

    A single variable is `SET VARIABLE`; more are one `MSet`, whose own separators are escaped
    in the values before AGI's are.
    """
    for name in variables:
        checked_variable(name)
    if len(variables) == 1:
        ((name, value),) = variables.items()
        return [_row(f'SET VARIABLE "{name}" {quoted(value)}')]
    pairs = [f"{name}={_for_mset(value)}" for name, value in variables.items()]
    commands: list[bytes] = []
    while pairs:
        count = min(len(pairs), MSET_PAIRS)
        while count > 1 and _too_long(",".join(pairs[:count])):
            count -= 1
        commands.append(execute("MSet", ",".join(pairs[:count])))
        del pairs[:count]
    return commands


def checked_keys(keys: str) -> str:
    """Keys that may interrupt a prompt: digits, `*` and `#`. CommandRefused."""
    if _KEYS.fullmatch(keys) is None:
        raise CommandRefused("not a telephone's keys")
    return keys


def checked_music(klass: str) -> str:
    """A music class's name. CommandRefused."""
    if _MUSIC.fullmatch(klass) is None:
        raise CommandRefused("not a music class")
    return klass


def checked_line(line: str) -> bytes:
    """A line's number. CommandRefused."""
    if _LINE.fullmatch(line) is None:
        raise CommandRefused("not a line")
    return line.encode()


def record(file: str, silence: int, seconds: int, options: str) -> bytes:
    """`EXEC Record` to the whole path of a `.wav`, without a step up or a name that begins with a
    dot. CommandRefused."""
    if _RECORDING.fullmatch(file) is None:
        raise CommandRefused("not a recording's file")
    return execute(RECORD, f"{file},{silence},{seconds},{options}")


def checked_variable(name: str) -> str:
    """A plain variable's name, so that reading it runs no function. CommandRefused."""
    if _VARIABLE.fullmatch(name) is None:
        raise CommandRefused("not a variable's name")
    return name


def checked_row(text: str) -> bytes:
    """A command that somebody else has put together. CommandRefused, as for our own.

    Variables are left to `set` and `get`: a name with parentheses is a function, and some of
    those read and write files.
    """
    verb, *rest = _checked(text).split(" ", 2)
    if not verb.isalpha():
        raise CommandRefused("not a command")
    if verb.upper() == "EXEC" and not (rest and rest[0] in EXEC_ALLOWED - {RECORD}):
        raise CommandRefused("an application that is not on the list")
    if verb.upper() in ("GET", "SET") and not (rest and rest[0].isalpha()):
        raise CommandRefused("not a command")
    if "VARIABLE" in text.upper():
        raise CommandRefused("variables have their own commands")
    return _row(text)


def quoted(word: str) -> str:
    """A word as AGI reads it back unchanged. CommandRefused if no quoting can make it safe."""
    if _PLAIN.fullmatch(word):
        return f'"{word}"'
    word = _checked(word).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{word}"'


def _for_mset(value: str) -> str:
    if _PLAIN.fullmatch(value):
        return value
    return _FOR_MSET.sub(r"\\\1", _checked(value))


def _checked(text: str) -> str:
    if _CONTROL.search(text):
        raise CommandRefused("a control character")
    if _EXPANDED.search(text):
        raise CommandRefused("Asterisk would compute a part of this")
    return text


def _row(text: str) -> bytes:
    row = text.encode("utf-8", errors="replace") + b"\n"
    if len(row) > AGI_COMMAND_BYTES:
        raise CommandRefused("a command too long")
    return row


def _too_long(pairs: str) -> bool:
    return len(quoted(pairs).encode("utf-8", errors="replace")) + 16 > AGI_COMMAND_BYTES
