"""`central156 store …` on real folders, as a person uses it."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from central156.cli import main
from central156.clock import now
from central156.day_heads import DayHeads
from central156.settings import Settings, load_settings
from central156.state_folder import prepare_state
from central156.supervisor import sole_owner
from protocol_store import Store
from terms.facts import Fact, Kind
from terms.names import CallId

CALLS = 5


def central156(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["--pasta", str(folder), "store", *map(str, words)])


def site(folder: Path, *lines: str, database: str = "") -> Settings:
    """A state folder of one site."""
    folder.mkdir(parents=True, exist_ok=True)
    said = [*lines, *([f'database_url = "{database}"'] if database else [])]
    (folder / "settings.toml").write_text("".join(f"{line}\n" for line in said), encoding="utf-8")
    settings = load_settings(folder)
    prepare_state(settings)
    return settings


def with_store(settings: Settings, work: Callable[[Store], Awaitable[None]]) -> None:
    """Do something with the folder's store, as a control process has it."""

    async def run() -> None:
        where = (settings.site, settings.numbers, settings.journal_dir)
        store = Store(settings.store_url, settings.node, now, *where)
        await store.start()
        await work(store)
        await store.close()

    asyncio.run(run())


def take_calls(settings: Settings, tag: str = "a") -> list[str]:
    """Some calls and their facts, signed; their protocols."""
    given: list[str] = []

    async def work(store: Store) -> None:
        for number in range(CALLS):
            call = CallId(f"{settings.site}-{tag}-{number}")
            given.append(await store.open_call(call, "156", "156", "1133334444", now(), False))
            store.append(Fact(now(), Kind.NODE_ENTERED, call, details={"node": "inicio"}))
        assert await store.settled()
        await DayHeads(store, settings).turn()

    with_store(settings, work)
    return given


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A folder with some calls; nobody changes it."""
    settings = site(tmp_path_factory.mktemp("used"), 'site = "sp1"', "protocol_last = 49999999")
    take_calls(settings)
    return settings


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Another site's; nobody changes it."""
    settings = site(tmp_path_factory.mktemp("other"), 'site = "sp2"', "protocol_first = 50000000")
    take_calls(settings)
    return settings


def brought(used: Settings, folder: Path) -> Settings:
    """A copy of a folder, through backup and restore."""
    copied = central156(used.state_dir, "backup", folder / "copy")
    assert copied.exit_code == 0, copied.output
    restored = central156(folder / "new", "restore", folder / "copy")
    assert restored.exit_code == 0, restored.output
    return load_settings(folder / "new")


def test_verify_says_that_all_is_well_and_head_exports_what_says_so(
    used: Settings, tmp_path: Path
) -> None:
    told = central156(used.state_dir, "verify")
    assert told.exit_code == 0, told.output
    assert "✓ Nada foi alterado" in told.output
    exported = central156(used.state_dir, "head")
    (head,) = [json.loads(line) for line in exported.output.splitlines()]
    assert (head["site"], head["first"]) == ("sp1", 1)
    (tmp_path / "selo.json").write_text(exported.output, encoding="utf-8")
    found = central156(used.state_dir, "verify", "--selo", tmp_path / "selo.json", "--json")
    said = json.loads(found.stdout)
    assert (said["findings"], said["unvouched"], said["signed"]) == ([], [], 3)
    assert said["sites"]["sp1"]["facts"] == said["facts"] == head["last"]


def test_verify_says_what_was_done_and_where(used: Settings, tmp_path: Path) -> None:
    settings = brought(used, tmp_path)
    with closing(sqlite3.connect(settings.state_dir / "store.sqlite")) as intruder, intruder:
        intruder.execute("DROP TRIGGER facts_keep_all")
        intruder.execute("UPDATE facts SET kind = 'node_left' WHERE ordinal = 4")
    told = central156(settings.state_dir, "verify")
    assert told.exit_code == 1
    assert "✗ sítio sp1, fato nº 4, dia " in told.output
    assert "(linha id 4): alterados depois de gravados" in told.output
    assert "1 achado." in told.output


def test_an_end_that_was_cut_off_is_found_by_the_heads_beside_the_database(
    used: Settings, tmp_path: Path
) -> None:
    settings = brought(used, tmp_path)
    with closing(sqlite3.connect(settings.state_dir / "store.sqlite")) as intruder, intruder:
        for trigger in ("facts_stay", "facts_keep_all", "facts_keep_details"):
            intruder.execute(f"DROP TRIGGER {trigger}")
        intruder.execute("DELETE FROM facts WHERE ordinal > 6")
        intruder.execute("DELETE FROM fact_days")
        intruder.execute(
            "UPDATE sites SET ordinal = 6, digest = (SELECT digest FROM facts WHERE ordinal = 6)"
        )
    told = central156(settings.state_dir, "verify")
    assert told.exit_code == 1
    assert "o fim foi cortado: faltam" in told.output


@pytest.mark.slow
def test_another_sites_store_is_merged_and_again_harmlessly(
    used: Settings, other: Settings, tmp_path: Path
) -> None:
    settings = brought(used, tmp_path)
    merged = central156(settings.state_dir, "merge", other.state_dir)
    assert merged.exit_code == 0, merged.output
    assert "Sítio sp2: " in merged.output
    again = central156(settings.state_dir, "merge", other.state_dir)
    assert "Sítio sp2: 0 fatos novos." in again.output
    told = central156(settings.state_dir, "verify")
    assert told.exit_code == 0, told.output
    assert "sem chave para conferir: sítio sp2" in told.output
    key = json.loads(central156(other.state_dir, "head").output)["key"]
    vouched = central156(settings.state_dir, "verify", "--chave", key)
    assert "sem chave" not in vouched.output
    given = take_calls(settings, "b")  # and goes on in its own range
    assert all(one < "50000000" for one in given)
    assert central156(settings.state_dir, "verify").exit_code == 0


@pytest.mark.slow
def test_ranges_that_touch_are_refused(used: Settings, tmp_path: Path) -> None:
    third = site(tmp_path / "third", 'site = "sp3"', "protocol_first = 49999999")
    take_calls(third)
    refused = central156(third.state_dir, "merge", used.state_dir)
    assert refused.exit_code == 1
    assert "as faixas de protocolos se tocam: sítio sp1 (1000 a 49999999)" in refused.output
    assert "Traceback" not in refused.output


def test_a_running_centres_folder_is_neither_merged_into_nor_restored_to(
    used: Settings, other: Settings, tmp_path: Path
) -> None:
    settings = brought(used, tmp_path)
    with sole_owner(settings.run_dir):
        refused = central156(settings.state_dir, "merge", other.state_dir)
        assert "há uma central no ar nesta pasta" in refused.output
        (settings.state_dir / "store.sqlite").unlink()
        refused = central156(settings.state_dir, "restore", tmp_path / "copy")
        assert "há uma central no ar na pasta" in refused.output
    assert central156(settings.state_dir, "restore", tmp_path / "copy").exit_code == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("merge", "{used}"), "a origem e o destino são o mesmo banco"),
        (("merge", "{tmp}/nada"), "não há banco de dados em"),
        (("merge", "mysql://x/y"), "endereço de banco de dados não aceito (mysql)"),
        (("verify", "--banco", "sqlite:////nada/x"), "não há banco de dados em /nada/x"),
        (("verify", "--selo", "{used}/settings.toml"), "não é um selo exportado"),
        (("head", "--dia", "1999-01-01"), "não há selo assinado"),
        (("backup", "{used}"), "não está vazia; nada foi copiado"),
        (("restore", "{tmp}"), "não há uma cópia inteira em"),
    ],
)
def test_mistakes_are_told_in_portuguese(
    used: Settings, tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    places = {"used": str(used.state_dir), "tmp": str(tmp_path)}
    refused = central156(used.state_dir, *(word.format(**places) for word in words))
    assert refused.exit_code == 1
    assert told in refused.output


# --- backup and restore ---
def test_a_copy_holds_what_it_says_and_no_secret(used: Settings, tmp_path: Path) -> None:
    copied = central156(used.state_dir, "backup", tmp_path / "copy")
    assert copied.exit_code == 0, copied.output
    assert "não estão na cópia: guarde-os à parte" in copied.output
    files = {str(one.relative_to(tmp_path / "copy")) for one in (tmp_path / "copy").rglob("*")}
    assert {"store.sqlite", "settings.toml", "manifest.json", "recordings.jsonl"} <= files
    assert not [name for name in files if "secrets" in name or "identity" in name]
    secret = used.secret("chain_key").encode()
    for file in (tmp_path / "copy").rglob("*"):
        if file.is_file():
            assert file.stat().st_mode & 0o077 == 0, file.name
            assert secret not in file.read_bytes(), file.name
    asked = central156(used.state_dir, "backup", tmp_path / "all", "--com-segredos")
    assert asked.exit_code == 0
    assert (tmp_path / "all" / "secrets" / "chain_key").read_bytes().strip() == secret
    central156(tmp_path / "new", "restore", tmp_path / "all")
    assert load_settings(tmp_path / "new").secret("chain_key").encode() == secret


def test_a_copy_lists_recordings_wherever_their_sound_lies(tmp_path: Path) -> None:
    settings = site(tmp_path / "old", 'site = "sp1"')
    take_calls(settings)
    for name in ("recordings/2026-11-25/a.wav", "sealed/2026-11-25/b.c156", "archive/2020/c.c156"):
        (settings.state_dir / name).parent.mkdir(parents=True, exist_ok=True)
        (settings.state_dir / name).write_bytes(b"sound")
    copied = central156(settings.state_dir, "backup", tmp_path / "copy")
    assert "Gravações na lista: 3." in copied.output
    brought_back = central156(tmp_path / "new", "restore", tmp_path / "copy")
    assert "Falta o som de 3 de 3 gravações" in brought_back.output, brought_back.output
    # What was online is archived since.
    target = tmp_path / "again" / "archive" / "2026-11-25"
    target.mkdir(parents=True)
    (target / "b.c156").write_bytes(b"sound")
    brought_back = central156(tmp_path / "again", "restore", tmp_path / "copy")
    assert "Falta o som de 2 de 3 gravações" in brought_back.output, brought_back.output


def test_a_damaged_copy_is_refused(used: Settings, tmp_path: Path) -> None:
    central156(used.state_dir, "backup", tmp_path / "copy")
    database = tmp_path / "copy" / "store.sqlite"
    database.write_bytes(database.read_bytes()[:-1] + b"x")
    refused = central156(tmp_path / "new", "restore", tmp_path / "copy")
    assert "a cópia está danificada: store.sqlite falta ou foi alterado" in refused.output
    assert not (tmp_path / "new" / "store.sqlite").exists()


@pytest.mark.slow
def test_numbers_given_after_the_copy_are_never_given_again(used: Settings, tmp_path: Path) -> None:
    settings = brought(used, tmp_path)
    first = brought(settings, tmp_path / "1")
    after = set(take_calls(settings, "later"))
    again = set(take_calls(first, "again"))
    assert not after & again


def test_a_copy_of_another_site_is_refused(used: Settings, other: Settings, tmp_path: Path) -> None:
    central156(other.state_dir, "backup", tmp_path / "copy")
    folder = site(tmp_path / "new", 'site = "sp1"').state_dir
    refused = central156(folder, "restore", tmp_path / "copy")
    assert "a cópia é do sítio sp2, e esta pasta do sítio sp1" in refused.output


@pytest.fixture(
    params=[
        pytest.param("sqlite", marks=pytest.mark.slow),
        pytest.param("postgres", marks=pytest.mark.postgres),
    ]
)
def databases(request: pytest.FixtureRequest) -> Iterator[Callable[[], str]]:
    """Addresses for a centre's settings; '' is the folder's own SQLite."""
    if request.param == "sqlite":
        yield lambda: ""
        return
    from postgres_server import PostgresServer, find_programs

    if find_programs() is None:
        pytest.skip("PostgreSQL is not installed on this machine")
    server = PostgresServer()
    try:
        server.create()
        server.start()
        yield server.new_database
    finally:
        server.remove()


def test_a_copy_made_under_traffic_is_whole(
    databases: Callable[[], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was durable when it began is in it, what came meanwhile as a beginning of the chain."""
    settings = site(tmp_path / "busy", database=databases())
    take_calls(settings)
    copied: list[Result] = []

    def copy() -> None:
        copied.append(central156(settings.state_dir, "backup", tmp_path / "copy"))

    async def traffic(store: Store) -> None:
        thread = threading.Thread(target=copy)
        for number in range(400):
            call = CallId(f"busy-{number}")
            await store.open_call(call, "156", "156", "1133334444", now(), False)
            store.append(Fact(now(), Kind.NODE_ENTERED, call, details={"node": "inicio"}))
            if number == 40:
                thread.start()
            if number > 60 and not thread.is_alive():
                break
        await asyncio.to_thread(thread.join)

    with_store(settings, traffic)
    assert copied[0].exit_code == 0, copied[0].output
    target = databases()
    if target:
        monkeypatch.setenv("CENTRAL156_DATABASE_URL", target)
    restored = central156(tmp_path / "new", "restore", tmp_path / "copy")
    assert restored.exit_code == 0, restored.output
    assert "✓ Nada foi alterado" in restored.output
    after = load_settings(tmp_path / "new")
    known: list[int] = []

    async def count(store: Store) -> None:
        known.append(sum(1 for one in await store.open_calls() if one.call.startswith("busy-")))

    with_store(after, count)  # which also takes in what the copied journal had beyond the database
    assert known[0] >= 40
    assert central156(after.state_dir, "verify").exit_code == 0
    again = central156(tmp_path / "new", "restore", tmp_path / "copy")
    assert again.exit_code == 1
    assert "nada foi restaurado" in again.output


def test_a_history_moves_to_a_database_that_nobody_has_used(used: Settings, tmp_path: Path) -> None:
    settings = site(tmp_path / "new", 'site = "sp1"', "protocol_last = 49999999")
    moved = central156(settings.state_dir, "merge", used.state_dir)
    assert moved.exit_code == 0, moved.output
    before = json.loads(central156(used.state_dir, "head").output)
    assert not set(take_calls(settings, "after")) & {"000010008"}
    (settings.secrets_dir / "chain_keys").write_text(before["key"] + "\n", encoding="utf-8")
    told = central156(settings.state_dir, "verify")
    assert told.exit_code == 0, told.output
    assert "Nada foi alterado" in told.output
