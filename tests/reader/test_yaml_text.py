"""Scalars stay as they were written, hostile files stay harmless."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.yaml_text import Entries, NotYaml, Text, read_yaml, walk
from terms.limits import DIALPLAN_BYTES

TRAPS = (
    *("no", "yes", "on", "off", "NO", "Sim", "true", "False", "null", "~", "=", "<<"),
    *("0199", "0156", "0231", "08", "012345670", "0o17", "0x1F", "0b101", "1_000", "9", "0"),
    *("12:30", "12:30:00", "18:30", "08:00", "2026-01-25", "1.10", "1e3", ".inf", ".nan"),
)


def value_of(scalar: str) -> str:
    tree, refused = read_yaml(f"a: {scalar}\n".encode())
    assert not refused
    assert isinstance(tree, Entries)
    value = tree.entries[0].value
    assert isinstance(value, Text)
    return value.text


@pytest.mark.parametrize("scalar", TRAPS)
def test_a_value_is_what_was_written(scalar: str) -> None:
    assert value_of(scalar) == scalar


@pytest.mark.parametrize("scalar", TRAPS)
def test_a_key_is_what_was_written(scalar: str) -> None:
    tree, refused = read_yaml(f"{scalar}: a\n".encode())
    assert not refused
    assert isinstance(tree, Entries)
    assert tree.entries[0].key == scalar


def test_01_and_1_and_on_are_three_keys() -> None:
    tree, refused = read_yaml(b"01: a\n1: b\non: c\ntrue: d\n")
    assert not refused
    assert isinstance(tree, Entries)
    assert [entry.key for entry in tree.entries] == ["01", "1", "on", "true"]


def test_composed_and_decomposed_accents_are_one_key() -> None:
    _, refused = read_yaml("não: a\nna\u0303o: b\n".encode())
    assert [message for _, message in refused] == [
        "chave 'não' repetida (a primeira está na linha 1)"
    ]


def test_an_alias_bomb_is_never_unfolded() -> None:
    rows = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    rows += [
        f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]" for a, b in zip("abcdefg", "bcdefgh", strict=True)
    ]
    began = time.process_time()
    tree, refused = read_yaml("\n".join(rows).encode())
    assert time.process_time() - began < 1.0
    assert len(list(walk(tree))) == 9
    assert len(refused) == 8 + 7 * 9


def test_a_file_of_repeated_or_many_keys_takes_no_long_time() -> None:
    began = time.process_time()
    _, refused = read_yaml(b"a: 1\n" * (DIALPLAN_BYTES // 5))
    assert len(refused) == DIALPLAN_BYTES // 5 - 1
    read_yaml("".join(f"k{n}:\n" for n in range(30_000)).encode())
    assert time.process_time() - began < 10.0


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 2000 + b"]" * 2000,
        b"{a: " * 2000,
        b"- " * 2000,
        b"? " * 2000,
        "\n".join(" " * n + "a:" for n in range(400)).encode(),
    ],
)
def test_deep_nesting_is_refused(content: bytes) -> None:
    with pytest.raises(NotYaml, match="há mais de 32 níveis"):
        read_yaml(content)


def test_32_levels_are_still_read() -> None:
    tree, _ = read_yaml(b"[" * 32 + b"x" + b"]" * 32)
    assert [text.text for text in walk(tree)] == ["x"]


def outcome_of(content: bytes) -> NotYaml | None:
    try:
        read_yaml(content)
    except NotYaml as error:
        return error
    return None


@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    if error := outcome_of(content):
        assert error.message
        assert min(error.mark.line, error.mark.column) >= 1


@given(st.text(alphabet="ab:-&*!?|>'\"[]{},#%@` \n\t0~", max_size=80))
def test_no_grammar_raises_anything_else(text: str) -> None:
    if error := outcome_of(text.encode()):
        assert "\n" not in error.message
