"""The rescue script as a process, with Asterisk's side of AGI played by hand."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pbx.rescue_agi import COUNTER, next_count
from terms.protocol_number import RESCUE_FIRST, is_protocol, protocol_of

ROOT = Path(__file__).parents[2]
CODE = "import sys; from pbx.rescue_agi import main; main(*sys.argv[1:])"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "rescue"
    (folder / "spool").mkdir(parents=True)
    return folder


def header(call: str = "n1-b-1.1", caller: str = "11987654321") -> bytes:
    return f"agi_request: c156-rescue\nagi_uniqueid: {call}\nagi_callerid: {caller}\n\n".encode()


def run(folder: Path, *words: str, heard: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-c", CODE, str(folder), *words],
        input=heard or header() + b"200 result=1\n",
        capture_output=True,
        cwd=ROOT,
        check=False,
        timeout=20,
    )


def record(folder: Path, call: str = "n1-b-1.1", kind: str = "number") -> dict[str, object]:
    found: dict[str, object] = json.loads((folder / "spool" / f"{call}.{kind}.json").read_text())
    return found


def test_a_call_is_numbered_and_noted(folder: Path) -> None:
    done = run(folder, "number", "156", "08000110156", "")
    first = protocol_of(RESCUE_FIRST)
    assert done.stdout == f'SET VARIABLE "C156_PROTOCOL" "{first}"\n'.encode()
    assert done.stderr == b""  # Asterisk's console log must not learn the caller's number
    noted = record(folder)
    at = noted.pop("at")
    assert noted == {
        "kind": "number",
        "call": "n1-b-1.1",
        "line": "156",
        "entry": "08000110156",
        "caller": "11987654321",
        "test": False,
        "protocol": first,
    }
    assert isinstance(at, float)
    assert abs(at - time.time()) < 30


def test_who_hung_up_before_anybody_opened_is_noted_as_gone(folder: Path) -> None:
    run(folder, "number", "199", "199", "", "1764000000.125")
    noted = record(folder)
    assert (noted["gone"], noted["line"], noted["test"]) == (True, "199", False)
    assert noted["at"] == 1764000000.125  # the hang-up's instant: the script comes later
    assert is_protocol(str(noted["protocol"]))


@pytest.mark.parametrize(("mark", "test"), [("", False), ("1", True), ("proof", True)])
def test_a_test_call_is_marked(folder: Path, mark: str, test: bool) -> None:
    run(folder, "number", "199", "199", mark)
    assert record(folder)["test"] is test


@pytest.mark.parametrize("caller", ["unknown", "", "1198\x1b765", "11987654321 x", "anonymous"])
def test_a_caller_that_is_no_number_is_nobody(folder: Path, caller: str) -> None:
    run(folder, "number", "199", "199", "", heard=header(caller=caller) + b"200 result=1\n")
    assert record(folder)["caller"] == "anonymous"


def test_a_message_is_noted(folder: Path) -> None:
    done = run(folder, "message", "153", "/rec/2026-01-01/n1-b-1.1-recado.wav")
    assert done.stdout == b""
    noted = record(folder, kind="message")
    assert (noted["kind"], noted["line"]) == ("message", "153")
    assert noted["file"] == "/rec/2026-01-01/n1-b-1.1-recado.wav"


@pytest.mark.parametrize("heard", [header(), header() + b"200 result=-1\n", header() + b"511 x\n"])
def test_a_caller_who_has_left_is_numbered_all_the_same(folder: Path, heard: bytes) -> None:
    done = run(folder, "number", "156", "156", "", heard=heard)
    assert done.returncode == 0
    assert is_protocol(str(record(folder)["protocol"]))


@pytest.mark.parametrize("call", ["../../etc/x", "", ".hidden", "a b", "x" * 65])
def test_what_is_no_call_id_names_no_file(folder: Path, call: str) -> None:
    done = run(folder, "number", "156", "156", "", heard=header(call=call))
    assert done.returncode == 0
    assert done.stderr == b"c156-rescue number: ValueError\n"
    assert list((folder / "spool").iterdir()) == []


def test_without_a_disk_it_ends_quietly(tmp_path: Path) -> None:
    done = run(tmp_path / "gone", "number", "156", "156", "")
    assert (done.returncode, done.stdout) == (0, b"")
    assert done.stderr == b"c156-rescue number: FileNotFoundError\n"


def test_a_counter_that_says_nonsense_gives_no_number(folder: Path) -> None:
    (folder / COUNTER).write_text("xyz")
    done = run(folder, "number", "156", "156", "")
    assert (done.returncode, done.stdout) == (0, b"")


def test_every_count_is_given_once(folder: Path) -> None:
    path = str(folder / COUNTER)
    with ThreadPoolExecutor(16) as pool:
        counts = list(pool.map(lambda _: next_count(path), range(200)))
    assert sorted(counts) == list(range(200))


def test_killed_at_any_moment_no_count_is_given_twice(folder: Path) -> None:
    path = str(folder / COUNTER)
    code = (
        "import sys; from pbx.rescue_agi import next_count\n"
        "while True: print(next_count(sys.argv[1]), flush=True)"
    )
    given: list[int] = []
    for pause in (0.15, 0.2, 0.25):
        with subprocess.Popen(
            [sys.executable, "-c", code, path], cwd=ROOT, stdout=subprocess.PIPE
        ) as child:
            time.sleep(pause)
            os.kill(child.pid, signal.SIGKILL)
            assert child.stdout is not None
            given += [int(line) for line in child.stdout.read().split(b"\n")[:-1]]
    assert given
    assert len(set(given)) == len(given)


def test_ten_at_once_have_ten_numbers(folder: Path) -> None:
    def one(count: int) -> bytes:
        call = header(call=f"n1-b-1.{count}")
        return run(folder, "number", "156", "156", "", heard=call + b"200 result=1\n").stdout

    with ThreadPoolExecutor(10) as pool:
        said = list(pool.map(one, range(10)))
    assert len(set(said)) == 10
    assert len(list((folder / "spool").glob("*.number.json"))) == 10
