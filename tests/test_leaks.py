"""Nothing that a test run writes names a citizen: that this is looked for, and that it is found."""

from __future__ import annotations

import ast
import logging
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import leaks
import pytest
import seeded
from house import CHECKOUT
from validate_docbr import CPF as Cpf

PLACES = (
    "state/logs/control.jsonl",
    "state/logs/supervisor.jsonl",
    "state/asterisk/log/messages.log",
    "state/asterisk/log/verbose",
    "state/asterisk/log/cdr-csv/Master.csv",
    "state/asterisk/log/cel-custom/Master.csv",
    "state/erasures.jsonl",
    "state/papers/1.csv",
    "state/papers/1.json",
    "parent.log",
    "metrics.prom",
    "openapi.json",
    "core.trace",
    "anything",
)
WAYS = (
    seeded.CALLER,
    f"+55{seeded.CALLER}",
    "(11) 98765-4321",
    "11 98765 4321",
    seeded.CPF,
    "529.982.247-25",
    '{"number": "11971234567"}',
)
MOBILE = re.compile(r"(?<![0-9])(?:\+?55|0)?([1-9]{2}9[0-9]{8})(?![0-9])")
DOCUMENT = re.compile(r"(?<![0-9])([0-9]{3}\.?[0-9]{3}\.?[0-9]{3}-?[0-9]{2})(?![0-9])")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in which leaks are planted; nothing of it is left for who looks after this test."""
    yield tmp_path
    for file in tmp_path.rglob("*"):
        if file.is_file():
            file.unlink()


@pytest.mark.parametrize("way", WAYS)
def test_found_in_every_kind_of_place(folder: Path, way: str) -> None:
    for place in PLACES:
        file = folder / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"a line\nsays «{way}» of somebody\n")
    wanted = {leaks.Leak(str(folder / place), 2) for place in PLACES}
    assert set(leaks.leaks_under(folder)) == wanted
    with pytest.raises(leaks.Leaked) as told:
        leaks.refuse(folder)
    assert seeded.CALLER not in str(told.value)


@pytest.mark.parametrize("ending", leaks.OFFICE)
def test_found_inside_of_papers(folder: Path, ending: str) -> None:
    with zipfile.ZipFile(folder / f"folha{ending}", "w", zipfile.ZIP_DEFLATED) as paper:
        paper.writestr("content.xml", f"<text>{seeded.CALLER}</text>")
    assert list(leaks.leaks_under(folder))


def test_keys_that_are_written_one_by_one_are_found() -> None:
    assert list(leaks.lines_that_tell(b"x\nDTMF begin '5' received on PJSIP/trunk\n")) == [2]


@pytest.mark.parametrize(
    "text",
    [
        "*******4321",
        "protocolo 1234 5678-9",
        "1795000000.123456 5 11 987",
        f"0a{seeded.CALLER[:9]}f",
        "apagado-11971234567a",
        str(2**63),
    ],
)
def test_what_tells_nobody_is_left_in_peace(text: str) -> None:
    assert not list(leaks.lines_that_tell(text.encode()))


def test_only_what_is_kept_for_a_reason_is_passed_over(folder: Path) -> None:
    assert leaks.is_kept(("state", "journal", "n1", "1.journal"))
    assert leaks.is_kept(("state", "store.sqlite-wal"))
    assert not leaks.is_kept(("state", "logs", "journal"))
    assert not leaks.is_kept(("recordings.log",))
    assert all(reason for reason in leaks.KEPT.values())
    kept = folder / "state" / "recordings" / "2026-11-25" / "x.bin"
    kept.parent.mkdir(parents=True)
    kept.write_text(seeded.CALLER)
    assert not list(leaks.leaks_under(folder))


PLANTED = """
import logging, sys
from seeded import CALLER
def test_of_a_log(): logging.getLogger("callflow.x").info("from %s", CALLER)
def test_of_the_output(): print(CALLER)
def test_of_the_errors(): print(CALLER, file=sys.stderr)
def test_of_its_folder(tmp_path): (tmp_path / "x.log").write_text(CALLER)
def test_of_a_shared_folder(tmp_path_factory):
    (tmp_path_factory.mktemp("all") / "y").write_text(CALLER)
def test_that_is_fine(tmp_path): (tmp_path / "z.log").write_text("*******4321")
"""


@pytest.mark.slow
def test_a_new_test_is_looked_at_for_nothing(folder: Path) -> None:
    """A run of its own, with this run's hooks and a test file that nobody prepared."""
    written = folder / "test_planted.py"
    written.write_text(PLANTED)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "conftest", "-p", "no:cacheprovider"]
    where = ["--rootdir", str(CHECKOUT), "-c", str(CHECKOUT / "setup.cfg")]
    done = subprocess.run(
        [*command, *where, f"--basetemp={folder / 'base'}", str(written)],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PYTHONPATH": f"{CHECKOUT / 'tests'}:{CHECKOUT}", "PATH": "/usr/bin:/bin"},
    )
    told = done.stdout
    assert done.returncode == 1, told + done.stderr
    for name in ("of_a_log", "of_the_output", "of_the_errors"):
        assert f"FAILED {written}::test_{name}" in told or f"::test_{name} - a citizen" in told
    assert re.search(r"ERROR .*::test_of_its_folder", told), told
    assert re.search(r"a citizen's data stands in .*all0/y:1", told), told
    assert "that_is_fine" not in told


def test_logs_are_caught_from_the_level_on_that_a_centre_writes_them() -> None:
    assert logging.getLogger().isEnabledFor(logging.INFO)


def test_every_citizen_of_the_tests_is_in_the_list() -> None:
    unknown = {}
    for file in sorted((CHECKOUT / "tests").rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)) if any(_citizens(text)) else ():
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                for digits in _citizens(node.value):
                    if not seeded.told_apart(digits):
                        unknown[digits] = file.name
    assert not unknown, "put them into tests/seeded.py"


def _citizens(text: str) -> Iterator[str]:
    """What looks like somebody's mobile or CPF; a landline may be the city's own."""
    yield from MOBILE.findall(text)
    for found in DOCUMENT.findall(text):
        digits = re.sub(r"[^0-9]", "", found)
        if Cpf().validate(digits):
            yield digits
