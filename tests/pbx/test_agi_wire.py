"""The AGI wire without a wire: headers, commands and replies as tables, quoting by its inverse."""

import contextlib
import string

import pytest
from fake_asterisk_agi import STEP, arguments_of, header, words_of
from hypothesis import given
from hypothesis import strategies as st

from pbx import agi_wire as wire
from terms.limits import AGI_COMMAND_BYTES

ARGUMENTS = ("call=c-1", "line=156", "place=a=b;c", "caller=")


def read(*arguments, **changes):
    return wire.read_header(header(*arguments, **changes).removesuffix(b"\n\n"))


# --- headers ---
def test_a_header_is_read():
    found = read(*ARGUMENTS)
    assert found.arguments == {"call": "c-1", "line": "156", "place": "a=b;c", "caller": ""}
    assert found.rows["agi_channel"].startswith("PJSIP/")
    assert found.rows["agi_accountcode"] == ""


def test_a_header_needs_no_script_and_no_arguments():
    assert read(leave_out=("network_script",)).arguments == {}


def test_bytes_that_are_no_text_are_replaced_not_refused():
    assert read(calleridname="Jo\udce3o").rows["agi_calleridname"] == "Jo\ufffdo"


@pytest.mark.parametrize(
    ("why", "arguments", "changes"),
    [
        ("a name twice", ARGUMENTS, {"more": ["agi_channel: PJSIP/x"]}),
        ("a name twice", ARGUMENTS, {"callerid": "1\nagi_arg_1: call=forged"}),
        ("a name is missing", ARGUMENTS, {"leave_out": ["channel"]}),
        ("unknown", ARGUMENTS, {"more": ["agi_privilege: all"]}),
        ("unknown", ARGUMENTS, {"more": ["other: thing"]}),
        ("out of order", ARGUMENTS, {"callerid": "1\nagi_arg_5: stage=after"}),
        ("out of order", ARGUMENTS, {"more": ["agi_arg_7: stage=after"]}),
        ("without a name", ARGUMENTS, {"more": ["just words"]}),
        ("without a name", ("call=c", "words"), {}),
        ("twice", ("call=c", "line=156", "call=d"), {}),
        ("control", ("call=c\rx",), {}),
        ("control", ARGUMENTS, {"calleridname": "\x00"}),
    ],
)
def test_a_header_that_was_tampered_with_is_refused(why, arguments, changes):
    with pytest.raises(wire.HeaderRefused, match=why):
        read(*arguments, **changes)


@given(st.binary(max_size=400))
def test_any_bytes_are_a_header_or_refused(noise):
    with pytest.raises(wire.HeaderRefused):
        wire.read_header(noise)


@given(at=st.integers(0, len(STEP) - 3), noise=st.binary(min_size=1, max_size=40))
def test_noise_inside_a_header_never_forges_an_argument(at, noise):
    try:
        found = wire.read_header(STEP[:at] + noise + STEP[at:-2])
    except wire.HeaderRefused:
        return
    assert len(found.rows) == len(wire.read_header(STEP[:-2]).rows) or b"agi_arg" in noise


# --- commands ---
# What nobody would mind on a channel; the rest is refused, below.
VALUES = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="$" + "\x7f"), max_size=40
).filter(lambda text: all(char >= " " for char in text))
NAMES = st.text(string.ascii_uppercase + "_0123456789", max_size=12).map("C156_".__add__)


@given(VALUES)
def test_a_word_comes_back_as_it_went(word):
    row = wire.command("STREAM FILE", word, "12").decode().removesuffix("\n")
    assert words_of(row) == ["STREAM", "FILE", word, "12"]


@given(st.dictionaries(NAMES, VALUES, min_size=1, max_size=60))
def test_variables_come_back_as_they_went_and_in_their_order(variables):
    written = []
    commands = wire.set_variables(variables)
    for command in commands:
        assert len(command) <= AGI_COMMAND_BYTES
        match words_of(command.decode().removesuffix("\n")):
            case ["SET", "VARIABLE", name, value]:
                written.append((name, value))
            case ["EXEC", "MSet", pairs]:
                written += [tuple(arguments_of(pair, "=", 2)) for pair in pairs_of(pairs)]
            case other:
                raise AssertionError(other)
    assert written == list(variables.items())


def pairs_of(text):
    pairs = arguments_of(text, ",", 24)
    assert len(pairs) < 24, "the 24th would be read in another way"
    return pairs


def test_variables_go_in_one_command_while_they_fit():
    few = {f"V{n}": "x" for n in range(wire.MSET_PAIRS)}
    assert len(wire.set_variables(few)) == 1
    assert len(wire.set_variables(few | {"C156_DO": "dial"})) == 2
    long = {f"V{n}": "(" * 1000 for n in range(4)} | {"C156_DO": "dial"}
    *before, last = wire.set_variables(long)
    assert before
    assert b"C156_DO=dial" in last


@pytest.mark.parametrize("value", ["a\nb", "a\rb", "\x00", "${SHELL(id)}", "$[1+1]", "x${A}", "\t"])
@pytest.mark.parametrize(
    "encode",
    [
        lambda value: wire.set_variables({"A": value}),
        lambda value: wire.set_variables({"A": value, "B": "1"}),
        lambda value: wire.command("STREAM FILE", value, ""),
        lambda value: wire.checked_row(f'NOOP "{value}"'),
    ],
    ids=["set", "mset", "play", "row"],
)
def test_what_asterisk_would_read_otherwise_is_refused(encode, value):
    with pytest.raises(wire.CommandRefused) as refused:
        encode(value)
    assert value not in str(refused.value)


@pytest.mark.parametrize(
    "name", ["", "TIMEOUT(absolute)", "A B", "A=B", "1A", "A,B", "A\n", "${A}", "Á", "A" * 65]
)
def test_only_plain_names_are_variables(name):
    for encode in (wire.checked_variable, lambda n: wire.set_variables({n: "", "B": ""})):
        with pytest.raises(wire.CommandRefused):
            encode(name)


@pytest.mark.parametrize(
    "text",
    [
        "EXEC System id",
        "exec System id",
        'EXEC "System" id',
        '"EXEC" System id',
        "E\\XEC System id",
        " EXEC System id",
        "EXEC  System id",
        "EXEC",
        "",
        'SET VARIABLE "FILE(/tmp/x)" "y"',
        'SET "VARIABLE" A b',
        "SET  VARIABLE A b",
        'GET FULL VARIABLE "A"',
        "NOOP\nEXEC System id",
        "NOOP " + "x" * AGI_COMMAND_BYTES,
    ],
)
def test_foreign_commands_pass_a_list(text):
    with pytest.raises(wire.CommandRefused):
        wire.checked_row(text)


def test_harmless_foreign_commands_pass():
    assert wire.checked_row("CHANNEL STATUS") == b"CHANNEL STATUS\n"
    assert wire.checked_row('EXEC MSet "A=1"') == b'EXEC MSet "A=1"\n'


def test_applications_pass_a_list_and_commands_a_length():
    with pytest.raises(wire.CommandRefused, match="list"):
        wire.execute("System", "id")
    with pytest.raises(wire.CommandRefused, match="long"):
        wire.set_variables({"A": "x" * AGI_COMMAND_BYTES})
    with pytest.raises(wire.CommandRefused, match="long"):
        wire.set_variables({"A": "ã" * (AGI_COMMAND_BYTES // 2), "B": ""})
    with pytest.raises(wire.CommandRefused):
        wire.checked_keys("1a")
    with pytest.raises(wire.CommandRefused):
        wire.checked_music("a b")


# --- replies ---
@pytest.mark.parametrize(
    ("row", "reply"),
    [
        (b"100 result=0 Trying...", wire.Reply(100)),
        (b"200 result=0", wire.Reply(200, 0)),
        (b"200 result=-1", wire.Reply(200, -1)),
        (b"200 result=-2", wire.Reply(200, -2)),
        (b"200 result=49 endpos=8000", wire.Reply(200, 49, "", 8000)),
        (b"200 result=0 endpos=-1", wire.Reply(200, 0, "", -1)),
        (b"200 result=1 (hangup)", wire.Reply(200, 1, "hangup")),
        (b"200 result=1 ()", wire.Reply(200, 1, "")),
        (b"200 result=1 (a (b) c)", wire.Reply(200, 1, "a (b) c")),
        (b"200 result=1 (200 result=-1)", wire.Reply(200, 1, "200 result=-1")),
        (b"200 result= (timeout)", wire.Reply(200, None, "timeout")),
        (b"200 result=1 (Jo\xe3o)", wire.Reply(200, 1, "Jo\ufffdo")),
        (b"510 Invalid or unknown command", wire.Reply(510)),
        (b"511 Command Not Permitted on a dead channel", wire.Reply(511)),
        (b"520 End of proper usage.", wire.Reply(520)),
    ],
)
def test_replies_are_read(row, reply):
    assert wire.read_reply(row) == reply


@pytest.mark.parametrize(
    "row",
    [
        *(b"", b"HANGUP?", b"hello", b"20 result=1", b"2000 result=1", b"200", b"200 result=-"),
        *(b"200 result=x", b"200 result=1 (a", b"200 result=1 a", b"999 x", b"\xff\xfe"),
    ],
)
def test_what_is_no_reply_is_refused(row):
    with pytest.raises(wire.ReplyRefused):
        wire.read_reply(row)


@given(st.binary(max_size=60) | st.binary(max_size=40).map(b"200 result=1 (".__add__))
def test_any_row_is_a_reply_or_refused(row):
    with contextlib.suppress(wire.ReplyRefused):
        wire.read_reply(row)


@pytest.mark.parametrize(
    "file",
    ["", "a.wav", "/a/../b.wav", "/a/.b.wav", "/a/b.wav,x", "/a/b.gsm", "/a//b.wav", "/a/b;c.wav"],
)
def test_a_recording_goes_only_to_a_plain_path(file: str) -> None:
    with pytest.raises(wire.CommandRefused):
        wire.record(file, 5, 60, "qk")


def test_a_recordings_command() -> None:
    row = wire.record("/var/lib/gravacoes/2026-11-25/n1-b-1.7-recado-1.wav", 5, 60, "qk")
    assert row == (b'EXEC Record "/var/lib/gravacoes/2026-11-25/n1-b-1.7-recado-1.wav,5,60,qk"\n')


@pytest.mark.parametrize("line", ["", "15", "1560", "abc", '156"', "${X}"])
def test_only_a_line_is_counted_as_one(line: str) -> None:
    with pytest.raises(wire.CommandRefused):
        wire.checked_line(line)
