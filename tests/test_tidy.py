"""The house style as a test: sizes, words, papers. What a reader relies on must stay true."""

from __future__ import annotations

import ast
import configparser
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest
from house import CHECKOUT, built_rooms, files_under, room_files, shown, tree

from central156.cli import main
from docs import pictures
from terms.names import LINES

FILE_LINES, TEST_FILE_LINES, FUNCTION_LINES, LINE_LENGTH = 300, 500, 60, 100
ONE_LIST = {"terms/limits.py": 800}
"""A list that is read by its headings, and belongs together: every limit has this one place."""
INIT_LINES = range(3, 8)

PAPERS = ("README.md", "ARCHITECTURE.md")
OTHER_PAPERS = (
    "CONTRIBUTING.md",
    "docker/README.md",
    *(shown(file) for file in files_under("docs", "*.md")),
)
MADE_BY_RUNNING = (
    *("bench/results/", ".central156/", ".venv/", "settings.toml", "pjsip_agents.conf"),
    *("journal/", "heads/", "secrets/", "asterisk/log/", "erasures.jsonl"),
    *("sealed/", "logs/", "reports/"),
)
"""What papers may name although it is not in the repository: a run or a set-up makes it."""

SWITCH_WORDS = re.compile(r"\b(Uniqueid|Interface|Penalty|MemberName)\b")
WHERE_SWITCH_WORDS_LIVE = ("pbx/", "asterisk-conf/", "tests/pbx/")

NOT_NAMES = frozenset({"member", "penalty", "lead", "manager", "helper", "util", "base"})
NAMES_OF_OTHERS = frozenset(
    {
        "port_base",  # the setting's name in the issue that asked for it
    }
)
"""Names that hold such a word with good reason; each is met somewhere, or the test fails."""


# --- what is looked at ---
@cache
def papers_and_sources() -> tuple[Path, ...]:
    """Every text of the repository: what git knows and what it would add."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"],
        cwd=CHECKOUT,
        capture_output=True,
        check=False,
    ).stdout.decode()
    if not listed:
        pytest.skip("no git here: an unpacked archive")
    files = (CHECKOUT / name for name in listed.split("\0") if name)
    return tuple(file for file in files if file.is_file())


def python_files() -> Iterator[Path]:
    """All of ours, tests included."""
    yield from (file for file in papers_and_sources() if file.suffix == ".py")


@cache
def text_of(file: Path) -> str:
    """The text of a file; empty for sounds and other bytes."""
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def paper(name: str) -> str:
    """One of the repository's papers."""
    return text_of(CHECKOUT / name)


# --- sizes ---
def test_files_and_functions_fit_on_a_screen_or_two() -> None:
    found = []
    for file in python_files():
        text, limit = text_of(file), FILE_LINES
        if shown(file).startswith(("tests/", "bench/")):
            limit = TEST_FILE_LINES
        limit = ONE_LIST.get(shown(file), limit)
        lines = text.splitlines()
        if len(lines) > limit:
            found.append(f"{shown(file)}: {len(lines)} lines")
        found += [
            f"{shown(file)}:{number}: {len(line)} characters"
            for number, line in enumerate(lines, 1)
            if len(line) > LINE_LENGTH
        ]
        found += [f"{shown(file)}:{sentence}" for sentence in long_functions(tree(file))]
    assert not found, "\n".join(found)


def long_functions(module: ast.Module) -> list[str]:
    """Functions beyond FUNCTION_LINES."""
    return [
        f"{node.lineno}: {node.name}() has {(node.end_lineno or 0) - node.lineno + 1} lines"
        for node in ast.walk(module)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES
    ]


def test_no_two_files_of_the_tests_share_a_name() -> None:
    """They import each other by that name alone, so one would be taken for the other."""
    names = Counter(file.name for file in python_files() if shown(file).startswith("tests/"))
    del names["conftest.py"]
    assert not [name for name, count in names.items() if count > 1]


# --- words ---
def test_the_switchs_words_stop_in_pbx() -> None:
    found = [
        f"{shown(file)}: {word}"
        for file in papers_and_sources()
        if file.suffix in (".py", ".yaml", ".toml", ".conf", ".sh")
        and not shown(file).startswith(WHERE_SWITCH_WORDS_LIVE)
        and file != Path(__file__)
        for word in SWITCH_WORDS.findall(text_of(file))
    ]
    assert not found, "\n".join(found)


def test_no_name_says_little_or_hurts() -> None:
    found, met = [], set()
    for _, file in room_files():
        for line, name in [(0, file.stem), *names_given(tree(file))]:
            if not words_of(name) & NOT_NAMES:
                continue
            if name in NAMES_OF_OTHERS:
                met.add(name)
            else:
                found.append(f"{shown(file)}:{line}: {name}")
    assert not found, "\n".join(sorted(set(found)))
    assert met == NAMES_OF_OTHERS, "an exception that nobody needs any more"


def names_given(module: ast.Module) -> Iterator[tuple[int, str]]:
    """The names that a file gives: classes, functions, arguments, variables, attributes."""
    for node in ast.walk(module):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.lineno, node.name
            case ast.arg():
                yield node.lineno, node.arg
            case ast.Name(ctx=ast.Store()):
                yield node.lineno, node.id
            case ast.Attribute(ctx=ast.Store()):
                yield node.lineno, node.attr
            case ast.alias(asname=str(name)):
                yield node.lineno, name


def words_of(name: str) -> set[str]:
    """`OfferManager`, `offer_managers` → offer, manager."""
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)
    words = {part.lower() for part in parts}
    return words | {word.removesuffix("s") for word in words}


@pytest.mark.parametrize(
    "name", ["OfferManager", "utils", "queue_member", "LeadFact", "BaseRoom", "helpers"]
)
def test_the_check_of_names_finds_them(name: str) -> None:
    assert words_of(name) & NOT_NAMES
    module = ast.parse(f"class A:\n    def f(self):\n        self.{name} = 1")
    assert (3, name) in list(names_given(module))


@pytest.mark.parametrize("name", ["leadership", "based_on", "remember", "database", "misleading"])
def test_a_word_within_a_word_is_another_word(name: str) -> None:
    assert not words_of(name) & NOT_NAMES


def test_the_check_of_sizes_finds_a_long_function() -> None:
    assert long_functions(ast.parse("def f():\n" + "    x = 1\n" * FUNCTION_LINES))
    assert not long_functions(ast.parse("def f():\n" + "    x = 1\n" * (FUNCTION_LINES - 1)))


def test_nothing_tells_of_one_machine_or_one_mirror() -> None:
    machine = re.compile(r"(?<![\w.])/(?:work|tmp/w|root|home/\w+)/")
    mirror = re.compile(
        r"https?://\S*(?:pypi\.org/simple|registry\.|artifactory|nexus|/mirror)"
        r"|--(?:extra-)?index-url|--trusted-host",
        re.IGNORECASE,
    )
    found = [
        f"{shown(file)}: {hit.group()}"
        for file in papers_and_sources()
        if file != Path(__file__)
        for pattern in (machine, mirror)
        if (hit := pattern.search(text_of(file)))
    ]
    assert not found, "\n".join(found)


# --- rooms introduce themselves ---
@pytest.mark.parametrize("room", built_rooms())
def test_a_room_says_what_it_decides_and_where_to_start(room: str) -> None:
    said = ast.get_docstring(tree(CHECKOUT / room / "__init__.py")) or ""
    assert len(said.splitlines()) in INIT_LINES, "3 to 7 lines"
    assert said.split()[0].isupper(), "the room's part in capitals, as in ARCHITECTURE.md"
    missing = [words for words in ("\nDecides: ", "\nNever: ", "Start at `") if words not in said]
    assert not missing
    named = re.findall(r"`([\w./]+(?:\.py|/))`", said)
    missing = [name for name in named if not (CHECKOUT / room / name).exists()]
    assert not missing, f"{room}/__init__.py names what is not there: {missing}"


# --- papers ---
PATH = re.compile(r"[\w.-]+(?:/[\w.-]+)*/?")
ENDINGS = (".py", ".md", ".yaml", ".conf", ".cfg", ".toml", ".json", ".sh", ".ini")


def paths_in(text: str) -> list[str]:
    """What a paper writes as a path: in backticks anywhere, or bare in the road of a call."""
    road = re.search(r"```\n(a call ENTERS.*?)```", text, re.DOTALL)
    bare = road[1].split() if road else []
    ticked = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    return [
        word
        for word in (*ticked, *bare)
        if PATH.fullmatch(word) and ("/" in word or word.endswith(ENDINGS))
    ]


@pytest.mark.parametrize("name", [*PAPERS, *OTHER_PAPERS])
def test_every_path_in_the_papers_exists(name: str) -> None:
    paths = paths_in(paper(name))
    assert name not in PAPERS or len(paths) > 10, "the paths of this paper are not found any more"
    missing = [
        path
        for path in paths
        if not path.startswith(MADE_BY_RUNNING) and not (CHECKOUT / path).exists()
    ]
    assert not missing, missing


@pytest.mark.parametrize("name", [*PAPERS, "CONTRIBUTING.md", "CHANGELOG.md"])
def test_every_link_in_the_papers_leads_somewhere(name: str) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", paper(name))
    assert not [link for link in links if not (CHECKOUT / link).exists()]


def test_the_readme_begins_with_the_road_of_a_call() -> None:
    assert "a call ENTERS" in "\n".join(paper("README.md").splitlines()[:25])
    for command in ("make run", "make test"):
        assert command in paper("README.md")


def test_every_verb_and_setting_of_the_readme_exists() -> None:
    verbs = set(re.findall(r"^([a-z-]+):", text_of(CHECKOUT / "Makefile"), re.MULTILINE))
    used = set(re.findall(r"`make ([a-z-]+)`", paper("README.md")))
    assert used <= verbs, used - verbs
    settings = text_of(CHECKOUT / "central156/settings.py")
    named = re.findall(r"CENTRAL156_([A-Z][A-Z_]*[A-Z])", paper("README.md"))
    assert named
    assert not [name for name in named if f"    {name.lower()}: " not in settings]


GUIDES = (
    *("do-operador", "do-supervisor", "do-agente", "do-administrador", "do-contrato"),
    *("dos-relatorios", "de-campanhas", "de-dados-pessoais", "de-sms"),
)


@pytest.mark.parametrize(
    "name", ["README.md", "docker/README.md", *(f"docs/guia-{of}.md" for of in GUIDES)]
)
def test_every_command_of_the_guides_exists(name: str) -> None:
    written = r"(?m)(?:bin/|`|^)central156 (?:--token \S+ )?([a-z]+)(?: ([a-z-]+))?"
    used = set(re.findall(written, paper(name)))
    assert used
    context = click.Context(main)
    for command, below in used:
        found = main.get_command(context, command)
        assert found is not None, command
        if below and isinstance(found, click.Group):
            assert below in found.list_commands(context), f"{command} {below}"


def test_every_command_stands_in_the_operators_guide() -> None:
    """In the table of all commands, beside its group."""
    told = paper("docs/guia-do-operador.md").split("## Todos os comandos")[1].split("\n## ")[0]
    rows = [set(re.findall("`([a-z-]+)`", row)) for row in told.splitlines() if row.startswith("|")]
    context = click.Context(main)
    for name in main.list_commands(context):
        found = main.get_command(context, name)
        assert found is not None
        if not found.hidden:
            row: set[str] = next((row for row in rows if name in row), set())
            below = found.list_commands(context) if isinstance(found, click.Group) else []
            assert {name, *below} <= row, f"{name}: {sorted({name, *below} - row)}"


def test_the_state_pictures_are_those_of_the_tables() -> None:
    assert pictures.redrawn(paper("ARCHITECTURE.md")) == paper("ARCHITECTURE.md"), (
        "draw them again: python -m docs.pictures"
    )
    drawn = re.findall(pictures.BLOCK, paper("ARCHITECTURE.md"))
    assert {name for name, _ in drawn} == set(pictures.PICTURES)


def test_every_room_stands_in_the_architecture() -> None:
    for room in built_rooms():
        assert f"| `{room}/` |" in paper("ARCHITECTURE.md"), room


def test_every_dependency_says_what_it_is_for() -> None:
    setup, page = configparser.ConfigParser(), paper("docs/dependencies.md")
    setup.read(CHECKOUT / "setup.cfg")
    wanted = setup["options"]["install_requires"]
    wanted += "".join(setup["options.extras_require"].values())
    names = {re.split(r"[\[<>=!~ ]", line)[0] for line in wanted.split("\n") if line}
    rows = dict(re.findall(r"^\| `([\w-]+)`[^|]*\| (.+) \|$", page, re.MULTILINE))
    assert set(rows) == names
    for name, row in rows.items():
        assert len(row.split("|")) == 3, f"{name}: what for, why this one, licence"
        assert all(cell.strip() for cell in row.split("|"))


def test_every_decision_is_listed() -> None:
    index = paper("docs/adr/README.md")
    records = [file.name for file in files_under("docs/adr", "[0-9]*.md")]
    assert [int(name[:4]) for name in records] == list(range(1, len(records) + 1))
    assert re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", index) == records
    for name in records:
        first = paper(f"docs/adr/{name}").splitlines()[0]
        assert first.startswith(f"# {name[:4]} "), name
        assert first.removeprefix(f"# {name[:4]} ") in index


def test_the_citys_numbers_are_the_same_wherever_they_are_written() -> None:
    """What a carrier may dial, what identifies a carrier, and the lines of terms/."""
    dialplan = text_of(CHECKOUT / "asterisk-conf/extensions.conf")
    (trunk,) = re.findall(r"^\[c156-trunk\]\n(.*?)^\[", dialplan, re.MULTILINE | re.DOTALL)
    dialled = set(re.findall(r"^exten => (\d+),1,", trunk, re.MULTILINE))
    phones = text_of(CHECKOUT / "asterisk-conf/pjsip.conf")
    pattern = re.search(r"^match_request_uri = /(.+)/$", phones, re.MULTILINE)
    assert pattern is not None
    assert len(dialled) > len(LINES)
    assert all(re.match(pattern[1], f"sip:{number}@switch") for number in dialled)
    alternatives = re.findall(r"[(|](\d{3,})(?=[)|])", pattern[1])
    assert {number for number in dialled if not number.startswith("90")} == set(alternatives)
    assert set(LINES) <= set(alternatives)


def test_the_changelog_knows_this_version() -> None:
    setup = configparser.ConfigParser()
    setup.read(CHECKOUT / "setup.cfg")
    assert f"## [{setup['metadata']['version']}]" in paper("CHANGELOG.md")


def test_the_licence_is_the_one_that_is_named() -> None:
    setup = configparser.ConfigParser()
    setup.read(CHECKOUT / "setup.cfg")
    assert setup["metadata"]["license"] == "Apache-2.0"
    text = paper("LICENSE")
    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text
