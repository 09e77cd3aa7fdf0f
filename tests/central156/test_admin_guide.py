"""docs/guia-do-administrador.md: every example is read, run or refused as the guide says.

A block's first line says what it is: ```yaml etapas (nodes of 156), ```yaml 156, comum, calendar, …
(a file of the folder), ```yaml errado 156 (refused with the very messages of the ```text after it),
```yaml roteiro (call scripts), ```sh (commands that need no running centre). Commands to a running
centre stand below `<!-- central no ar -->`: here it is only shown that they are written right;
test_admin_guide_online.py gives them to a centre.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from shutil import copytree
from typing import Final

import click
import pytest
from click.testing import CliRunner
from guide_town import LINES, QUEUES, TOWN
from house import CHECKOUT

from central156.cli import main
from central156.scripts import run_folder
from ivr.texts import HOWS
from reader import DialplanMistakes, read_dialplans
from reader.trunk_file import read_trunks
from voice.reading import spoken

GUIDE: Final = CHECKOUT / "docs" / "guia-do-administrador.md"
ONLINE: Final = "<!-- central no ar -->"


# --- the guide's blocks ---
@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block: where it is, what it says it is, its text, and the line above it."""

    line: int
    kind: str
    text: str
    above: str

    def __str__(self) -> str:
        return f"{self.line}-{self.kind.replace(' ', '-')}"


def _blocks() -> Iterator[Block]:
    lines = GUIDE.read_text(encoding="utf-8").splitlines()
    start = None
    for number, line in enumerate(lines):
        if not line.startswith("```"):
            continue
        if start is None:
            start = number
            continue
        above = next((one for one in reversed(lines[:start]) if one.strip()), "")
        text = "\n".join(lines[start + 1 : number]) + "\n"
        yield Block(start + 1, lines[start][3:].strip(), text, above)
        start = None
    assert start is None, f"a block is not closed: line {(start or 0) + 1}"


BLOCKS: Final = tuple(_blocks())
FILES: Final = ("156", "199", "153", "comum", "calendar", "queues", "announcements", "servicos")
RIGHT: Final = {f"yaml {name}" for name in ("etapas", *FILES)}
WRONG: Final = {f"yaml errado {name}" for name in ("etapas", *FILES)}


def of(*kinds: str) -> list[Block]:
    return [block for block in BLOCKS if block.kind in kinds]


def test_every_block_is_of_a_kind_that_is_run() -> None:
    after_wrong = {after for before, after in pairwise(BLOCKS) if before.kind in WRONG}
    strange = [
        str(block)
        for block in BLOCKS
        if block.kind not in {*RIGHT, *WRONG, "yaml roteiro", "yaml rotas", "sh"}
        and not (block.kind == "text" and block in after_wrong)
    ]
    assert not strange
    assert {block.kind for block in of(*RIGHT)} == RIGHT - {"yaml 199", "yaml 153"}


@pytest.mark.parametrize("block", of("yaml rotas"), ids=str)
def test_ways_out(block: Block) -> None:
    assert len(read_trunks(block.text.encode())) > 1


# --- dialplans ---
def _completed(text: str, line: str) -> str:
    """A piece of a line's file, with what the piece does not say itself; a direct code leads to
    a node that nothing else in the piece leads to."""
    written = set(re.findall(r"(?m)^(\w+):", text))
    nodes = re.findall(r"(?m)^  (\w+):\n    tipo: (\w+)", text)
    asks = [name for name, kind in nodes if kind == "pesquisa"]
    first = next((name for name, kind in nodes if kind not in ("pesquisa", "fim")), "pessoa")
    codes = {
        f'"*9{number}"': name
        for number, (name, kind) in enumerate(nodes)
        if name != first and not asks and not re.search(rf"(?m)(?<!guarda): {name}$", text)
    }
    rest = {
        "linha": line,
        "comeca_em": first,
        "atendente": {"156": "p156_geral", "199": "e199_risco"}.get(line, "e153_ocorrencia"),
        "depois_da_conversa": asks[0] if asks else "",
        "idiomas": "[pt, en, es]" if "en: " in text else "",
    }
    for key, value in rest.items():
        if key not in written and value:
            text += f"{key}: {value}\n"
    if "codigos" not in written and codes and "comeca_em" not in written:
        text += "codigos:\n" + "".join(f"  {code}: {name}\n" for code, name in codes.items())
    return text


def _folder(tmp_path: Path, name: str, text: str) -> Path:
    """The smallest folder with this piece in its place."""
    files = dict(TOWN)
    if name == "etapas":
        name, text = "156", "etapas:\n" + re.sub(r"(?m)^(?=.)", "  ", text)
    if name in LINES:
        text = _completed(text, name)
    if name == "queues":
        own = set(re.findall(r"(?m)^  (\w+):", text))
        text += "".join(
            f"  {queue}:\n{body}"
            for queue, body in re.findall(r"(?m)^  (\w+):\n((?:    .*\n)+)", QUEUES)
            if queue not in own
        )
    files[f"{name}.yaml"] = text
    folder = tmp_path / "dialplans"
    folder.mkdir()
    for called, content in files.items():
        (folder / called).write_text(content, encoding="utf-8")
    return folder


def _mistakes(folder: Path) -> list[str]:
    try:
        read_dialplans(folder)
    except DialplanMistakes as wrong:
        return [str(one) for one in wrong.mistakes]
    return []


@pytest.mark.parametrize("block", of(*RIGHT), ids=str)
def test_an_example_is_read_and_proved(block: Block, tmp_path: Path) -> None:
    folder = _folder(tmp_path, block.kind.removeprefix("yaml "), block.text)
    assert _mistakes(folder) == []


@pytest.mark.parametrize(
    ("block", "told"),
    [(before, after) for before, after in pairwise(BLOCKS) if before.kind in WRONG],
    ids=str,
)
def test_a_mistake_is_told_in_the_very_words(block: Block, told: Block, tmp_path: Path) -> None:
    folder = _folder(tmp_path, block.kind.removeprefix("yaml errado "), block.text)
    assert told.kind == "text"
    assert "\n".join(_mistakes(folder)) == told.text.strip()


@pytest.mark.parametrize("block", of("yaml roteiro"), ids=str)
def test_a_call_script_passes_on_the_shipped_menus(block: Block, tmp_path: Path) -> None:
    folder = tmp_path / "dialplans"
    copytree(CHECKOUT / "dialplans", folder, ignore=lambda *_: ["tests"])
    (folder / "tests").mkdir()
    (folder / "tests" / "guia.yaml").write_text(block.text, encoding="utf-8")
    report = run_folder(folder)
    assert report.ok, report.text
    assert report.calls


READ_ALOUD: Final = re.findall(
    r"(?m)^\| `(\w+)` \| ([^|]+) \| ([^|]+) \|$", GUIDE.read_text(encoding="utf-8")
)


def test_values_are_read_aloud_as_the_table_says() -> None:
    told = [row for row in READ_ALOUD if row[0] in HOWS]
    assert [how for how, _, _ in told] == [*HOWS]
    for how, value, heard in told:
        assert " ".join(spoken(value, how).phrases) == heard


# --- commands ---
def _commands(block: Block) -> list[list[str]]:
    lines = [line for line in block.text.replace("\\\n", " ").splitlines() if line.strip()]
    return [shlex.split(line, comments=True) for line in lines]


PYTHON: Final = ".venv/bin/python"
ALL: Final = [(block.above == ONLINE, words) for block in of("sh") for words in _commands(block)]
PIPES: Final = [words for _, words in ALL if words[0] == PYTHON]
OFFLINE: Final = [words for online, words in ALL if not online and words not in PIPES]
TO_THE_CENTRE: Final = [words for online, words in ALL if online]
TYPED: Final = {"try": "1\n9\n\n"}
"""What is typed into the commands that ask."""


@pytest.mark.parametrize("words", OFFLINE, ids=" ".join)
def test_a_command_without_a_centre_runs(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copytree(CHECKOUT / "dialplans", tmp_path / "dialplans")
    copytree(CHECKOUT / "dialplans", tmp_path / "antes")
    monkeypatch.chdir(tmp_path)
    assert words[0] == ".venv/bin/central156"
    state = ["--pasta", str(tmp_path / "central")]
    done = CliRunner().invoke(main, [*state, *words[1:]], input=TYPED.get(words[2], ""))
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("words", PIPES, ids=" ".join)
def test_a_program_beside_the_centre_runs(words: list[str]) -> None:
    line = " ".join(words).replace(PYTHON, shlex.quote(sys.executable))
    done = subprocess.run(
        line, shell=True, cwd=CHECKOUT, capture_output=True, check=True, text=True
    )
    assert done.stdout.startswith("arquivo,idioma,texto,segundos\n")


def _understood(words: list[str]) -> None:
    """The words are a command with its options; click.UsageError or ClickException otherwise."""
    context = main.make_context(words[0], words[1:])
    while isinstance(context.command, click.Group):
        rest = [*context._protected_args, *context.args]
        name, command, rest = context.command.resolve_command(context, rest)
        assert command is not None
        context = command.make_context(name, rest, parent=context)


@pytest.mark.parametrize("words", TO_THE_CENTRE, ids=" ".join)
def test_a_command_to_the_centre_is_written_right(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "dialplans").mkdir()
    (tmp_path / "outra_pessoa.token").touch()
    monkeypatch.chdir(tmp_path)
    assert words[0] == ".venv/bin/central156"
    _understood(words)


def test_no_command_is_left_out() -> None:
    lines = GUIDE.read_text(encoding="utf-8").splitlines()
    assert len(ALL) == sum(line.startswith(".venv/") for line in lines)
    told = GUIDE.read_text(encoding="utf-8")
    group = _group("dialplan")
    for name in group.list_commands(click.Context(group)):
        assert f"dialplan {name}" in told, f"the guide does not tell of dialplan {name}"
    assert "central156 announce" in told


def _group(name: str) -> click.Group:
    found = main.get_command(click.Context(main), name)
    assert isinstance(found, click.Group)
    return found
