"""The database out to one file, whole and of one moment, while others write; and back again.

SQLite: its own online backup, in one step, so that it is of one moment; whoever writes is not held
up, because the log (WAL) takes what is written meanwhile. PostgreSQL: pg_dump's custom format,
which is of one moment too, and pg_restore.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Engine, inspect, make_url

from protocol_store import heads, protocols
from protocol_store.engines import make_engine
from protocol_store.errors import StoreError
from protocol_store.offline import opened, others_in
from terms.limits import BACKUP_BUDGET
from terms.names import Instant

SQLITE_FILE: Final = "store.sqlite"
POSTGRES_FILE: Final = "store.dump"
PACKAGED: Final = Path("/usr/lib/postgresql")  # where Debian puts each version's programs
AS_ENVIRONMENT: Final = {
    **{"host": "PGHOST", "port": "PGPORT", "sslmode": "PGSSLMODE", "passfile": "PGPASSFILE"},
    **{"sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY"},
}


class BackupFailed(StoreError):
    """The copy could not be made, or brought back; the text is Portuguese and says why."""


def copy_out(database_url: str, folder: Path) -> Path:
    """Copy the database into `folder`; the file. Blocking. Raises BackupFailed, StoreFailing."""
    url = make_url(database_url)
    with opened(database_url):  # a database that is not there, or no store, is told in our words
        pass
    if url.get_backend_name() == "sqlite":
        return _copy_sqlite(Path(str(url.database)), folder / SQLITE_FILE)
    file = folder / POSTGRES_FILE
    _run("pg_dump", url, "--format=custom", f"--file={file}")
    file.chmod(0o600)
    return file


def copy_in(file: Path, database_url: str) -> None:
    """Bring a copy back into a database that holds nothing yet, and bring its tables up to date.

    Blocking. Raises BackupFailed when there is something, or somebody, in that database.
    """
    url = make_url(database_url)
    if (url.get_backend_name() == "sqlite") != (file.name == SQLITE_FILE):
        raise BackupFailed(
            "esta cópia é do outro tipo de banco: restaure-a num banco como o de origem e use "
            "store merge para passar os fatos ao outro"
        )
    if url.get_backend_name() == "sqlite":
        target = Path(str(url.database))
        if target.exists() or target.with_name(f"{target.name}-wal").exists():
            raise BackupFailed(f"já há um banco em {target}; nada foi restaurado")
        target.parent.mkdir(parents=True, exist_ok=True)
        _copy_sqlite(file, target)
    else:
        _refuse_used(database_url)
        _run("pg_restore", url, "--exit-on-error", "--single-transaction", file=file)


def bring_up(database_url: str, node: str, site: str, numbers: range, now: Instant) -> None:
    """What a restored database needs before it serves: this release's tables, and a gap in the
    numbers, because nobody knows which were given after the copy was made."""
    with opened(database_url, reading=False, new=True) as engine:
        heads.prepare(engine, site, numbers)
        with engine.begin() as connection:
            protocols.leave_gap(connection, node, numbers, now)


def standing_of(engine: Engine) -> dict[str, Any]:
    """What a copy's list of contents says of its database."""
    with engine.connect() as connection:
        sites = heads.standing(connection)
        days = heads.all_days(connection)
        revision = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    signed = [one.exported() for one in days if one.signature]
    return {"revision": revision, "sites": sites, "heads": signed}


def standing_in(file: Path) -> dict[str, Any] | None:
    """The same, read in the copy itself; None for a copy that has to be restored to be read."""
    if file.name != SQLITE_FILE:
        return None
    engine = make_engine(f"sqlite:///{file}", reading=True)
    try:
        return standing_of(engine)
    finally:
        engine.dispose()


def _copy_sqlite(source: Path, target: Path) -> Path:
    os.close(os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with (
            closing(sqlite3.connect(f"file:{source}?mode=rw", uri=True, timeout=10)) as reading,
            closing(sqlite3.connect(target)) as writing,
        ):
            reading.backup(writing, pages=-1)
            # One file: a copy that needs two others beside it is soon half a copy.
            writing.execute("PRAGMA journal_mode = DELETE")
            (found,) = writing.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as problem:
        target.unlink()
        raise BackupFailed(f"o banco não pôde ser copiado: {type(problem).__name__}") from None
    if found != "ok":
        target.unlink()
        raise BackupFailed("o banco está danificado: a cópia não passa na verificação do SQLite")
    _flush(target)
    return target


def _flush(file: Path) -> None:
    opened_file = os.open(file, os.O_RDONLY)
    try:
        os.fsync(opened_file)
    finally:
        os.close(opened_file)


def _refuse_used(database_url: str) -> None:
    with opened(database_url, new=True) as engine:
        if inspect(engine).get_table_names():
            raise BackupFailed("o banco de destino não está vazio; nada foi restaurado")
        if others_in(engine):
            raise BackupFailed("o banco de destino está em uso; nada foi restaurado")


def _run(program: str, url: URL, *options: str, file: Path | None = None) -> None:
    """One of PostgreSQL's programs. The password goes by the environment: arguments are seen."""
    found = _program(program)
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"}
    environment |= _connection(url)
    command = [found, "--no-owner", "--no-privileges", "--no-password", *options]
    command += [f"--dbname={url.database}"] + ([str(file)] if file else [])
    try:
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=BACKUP_BUDGET,
        )
    except subprocess.TimeoutExpired:
        raise BackupFailed(f"{program} não terminou a tempo") from None
    if done.returncode != 0:
        # Its words may quote rows: only the line about the failure itself, without what it quotes.
        raise BackupFailed(f"{program} falhou: {_reason(done.stderr)}")


def _reason(said: bytes) -> str:
    lines = said.decode("utf-8", "replace").splitlines()
    first = next((one for one in lines if "error:" in one), "sem explicação")
    return re.sub(r"\"[^\"]*\"|'[^']*'|\(.*\)", "…", first)[:200]


def _connection(url: URL) -> dict[str, str]:
    known = {"PGUSER": url.username, "PGPASSWORD": url.password, "PGHOST": url.host}
    known["PGPORT"] = str(url.port) if url.port else None
    for name, value in url.query.items():
        if name in AS_ENVIRONMENT:
            known[AS_ENVIRONMENT[name]] = str(value)
    return {name: str(value) for name, value in known.items() if value}


def _program(name: str) -> str:
    newest: Callable[[Path], int] = lambda path: int(path.parts[-3])  # noqa: E731
    packaged = sorted(PACKAGED.glob(f"*/bin/{name}"), key=newest)
    found = str(packaged[-1]) if packaged else shutil.which(name)
    if found is None:
        raise BackupFailed(
            f"não há {name} nesta máquina: instale o cliente do PostgreSQL (postgresql-client)"
        )
    return found
