"""Hundreds of broken files: each is told clearly, with its place, and nothing else happens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import pytest
from broken_files import WHOLE, Broken, broken_files, plain
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

import reader
import reader.folder
from reader.schema import json_schema
from reader.yaml_text import NotYaml, read_yaml

CORPUS = broken_files()
SCHEMA = Draft7Validator(json_schema())
NOT_PORTUGUESE = re.compile(
    r"Traceback|Error|Exception|None|expected|found|invalid|unknown|<reader|object at|\\x"
)


READ_ONCE = cache(read_yaml)
SOUND = reader.contents_of(WHOLE)


@pytest.fixture(scope="module", autouse=True)
def _yaml_is_read_once() -> Iterator[None]:
    """That of the files which are not broken."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader.folder, "read_yaml", READ_ONCE)
        yield


def mistakes(file: str, content: bytes) -> tuple[reader.Mistake, ...]:
    """What is told of the folder with this file in it. Any other exception breaks the test."""
    try:
        reader.read_contents(reader.Contents("whole", {**SOUND.files, file: content}))
    except reader.DialplanMistakes as error:
        return error.mistakes
    return ()


def refused_by_schema(content: bytes) -> bool:
    """What an editor would underline, of a file that is YAML at all."""
    try:
        tree, _ = READ_ONCE(content)
    except NotYaml:
        return False
    return not SCHEMA.is_valid(plain(tree))


def test_the_corpus_is_large_and_its_folder_is_sound() -> None:
    assert len(CORPUS) >= 400
    assert reader.read_contents(SOUND).version == reader.read_dialplans(WHOLE).version


@pytest.mark.parametrize("group", sorted({broken.group for broken in CORPUS}))
def test_broken_files_are_told(group: str) -> None:
    wrong = {
        broken.called: amiss
        for broken in CORPUS
        if broken.group == group and (amiss := what_is_amiss(broken))
    }
    assert not wrong


def what_is_amiss(broken: Broken) -> str:
    """What is not as it should be in what is told of a broken file; '' when all is."""
    found = mistakes(broken.file, broken.content)
    own = [one for one in found if one.file == f"whole/{broken.file}"]
    told = "\n".join(map(str, found))
    if not any(broken.says in one.message for one in own):
        return f"expected '{broken.says}': {told}"
    if not all_inside(own, broken.content):
        return f"outside of the file: {told}"
    if NOT_PORTUGUESE.search(told) or len(set(found)) != len(found):
        return f"not Portuguese, or said twice: {told}"
    if broken.structure and not refused_by_schema(broken.content):
        return "the schema sees nothing wrong"
    return ""


def all_inside(found: list[reader.Mistake], content: bytes) -> bool:
    """Whether every place is one of the file's, or the one right behind its end."""
    lines = re.split(r"\r\n|[\n\r\x85\u2028\u2029]", content.decode("utf-8", "replace"))
    return all(
        1 <= one.line <= len(lines) and 1 <= one.column <= len(lines[one.line - 1]) + 1
        for one in found
    )


FILES = st.sampled_from(sorted(path.name for path in WHOLE.glob("*.yaml")))
QUICK = settings(max_examples=40, deadline=None)


@QUICK
@given(FILES, st.binary(max_size=200))
def test_no_bytes_do_anything_else(file: str, content: bytes) -> None:
    assert all(one.message for one in mistakes(file, content))


PIECES = st.sampled_from(
    [*":-#{}[]\"'|>&*!%@`,? \n\t", "\n  ", ": ", "- ", "sim", "on", "0199", "é", "\0", "{a:b}"]
)


@QUICK
@given(FILES, st.data())
def test_no_change_does_anything_else_and_the_schema_agrees(file: str, data: st.DataObject) -> None:
    """Lines are taken out, doubled, moved; pieces are put in and cut out. What an editor would
    refuse, the reader refuses."""
    lines = (WHOLE / file).read_text(encoding="utf-8").splitlines(keepends=True)
    for _ in range(data.draw(st.integers(1, 3))):
        number = data.draw(st.integers(0, len(lines) - 1))
        line = lines[number]
        match data.draw(st.sampled_from(("out", "again", "swap", "put", "cut"))):
            case "out":
                lines[number] = ""
            case "again":
                lines[number] = line + line
            case "swap":
                other = data.draw(st.integers(0, len(lines) - 1))
                lines[number], lines[other] = lines[other], line
            case "put":
                place = data.draw(st.integers(0, len(line)))
                lines[number] = line[:place] + data.draw(PIECES) + line[place:]
            case _:
                start = data.draw(st.integers(0, len(line)))
                lines[number] = line[:start] + line[data.draw(st.integers(start, len(line))) :]
    content = "".join(lines).encode()
    if not mistakes(file, content):
        assert not refused_by_schema(content)
