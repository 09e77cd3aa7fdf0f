"""A copy of all that this installation remembers, and how it is brought back.

What is in a copy, and in what order it is taken:

1. `journal/`     facts that may not be in the database yet. First, because what the database takes
                  in meanwhile is then in both, which does no harm; the other way round it might be
                  in neither. Not who the journal is: a copy must never give its numbers.
2. `store.sqlite` or `store.dump`: the database, of one moment. The recordings' keys are in it, each
                  wrapped by the master key.
3. `heads/`, `rescue/`, `settings.toml`, and the list of the recordings' files.
4. `manifest.json` last: sizes and sums of all the others, and where each chain stood. A folder
                  without it is no copy.

Not in it: the secrets, unless they are asked for. The master key opens the recordings whose wrapped
keys lie in this copy, and the chain's key could sign a chain that was made anew, so they belong
elsewhere. Nor the recordings' sound: those files are sealed and never change; copy them as files.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from central156.day_heads import kept_heads, set_aside, vouch_for
from central156.recordings_open import shelf_of
from central156.settings import Settings, load_settings
from central156.state_folder import prepare_state
from central156.supervisor import AlreadyRunning, sole_owner
from protocol_store.backup import BackupFailed, bring_up, copy_in, copy_out, standing_of
from protocol_store.heads import Head, contradicted, read_head
from protocol_store.offline import opened
from protocol_store.verify import Verified, verify
from terms.limits import RESCUE_LEFT_OUT
from terms.names import Instant
from vault.signing import holds

FORMAT: Final = "central156 backup 1"
MANIFEST: Final = "manifest.json"
RECORDINGS: Final = "recordings.jsonl"
SEGMENTS: Final = "*.journal"
BLOCK: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Copied:
    """What a copy holds. `missing`: recordings of its list that are not on this machine."""

    folder: Path
    size: int
    facts: int
    recordings: int
    missing: int = 0
    secrets: bool = False


def back_up(settings: Settings, folder: Path, now: Instant, *, with_secrets: bool) -> Copied:
    """Make a copy in a new or empty folder; the centre may serve meanwhile. Blocking.

    Raises StoreError, OSError. What was begun and failed has no list of contents.
    """
    if folder.exists() and any(folder.iterdir()):
        raise BackupFailed(f"a pasta {folder} não está vazia; nada foi copiado")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    with opened(settings.store_url) as engine:
        standing = standing_of(engine)  # all of this is in the copy, which is made later
    _copy_files(settings.journal_dir, folder / "journal", SEGMENTS)
    database = copy_out(settings.store_url, folder)
    _copy_files(settings.heads_dir, folder / "heads", "*.json")
    _copy_files(settings.rescue_dir / "spool", folder / "rescue" / "spool", "*.json")
    _copy(settings.rescue_dir / "counter", folder / "rescue" / "counter")
    _copy(settings.settings_file, folder / settings.settings_file.name)
    if with_secrets:
        _copy_files(settings.secrets_dir, folder / "secrets", "*")
    recordings = _list_recordings(settings, folder / RECORDINGS)
    files = {str(file.relative_to(folder)): _sum(file) for file in _files(folder)}
    manifest = {
        "format": FORMAT,
        "made_at": now,
        "node": settings.node,
        "site": settings.site,
        "database": database.name,
        "secrets": with_secrets,
        "recordings": recordings,
        **standing,
        "files": files,
    }
    _write(folder / MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1))
    size = sum(said["bytes"] for said in files.values())
    return Copied(folder, size, _facts(manifest), recordings, secrets=with_secrets)


def settings_for(state_dir: Path | None, folder: Path) -> Settings:
    """The settings under which a copy comes back: the folder's own, or the copy's if the folder
    has none yet. Raises StoreError, SettingsMistakes, OSError."""
    read_manifest(folder)
    settings = load_settings(state_dir)
    if not settings.settings_file.exists():
        settings.state_dir.mkdir(parents=True, exist_ok=True)
        _copy(folder / settings.settings_file.name, settings.settings_file)
    return load_settings(state_dir)


def restore(settings: Settings, folder: Path, now: Instant) -> tuple[Copied, Verified]:
    """Bring a copy back into a state folder, and a database, that hold no facts yet. Blocking.

    What is there already stays: settings, and a journal, from which the next start takes what
    happened after the copy was made. Raises StoreError, OSError.
    """
    manifest = read_manifest(folder)
    if manifest["site"] != settings.site:
        raise BackupFailed(
            f"a cópia é do sítio {manifest['site']}, e esta pasta do sítio {settings.site}: use as "
            "configurações da cópia (settings.toml), ou store merge; nada foi restaurado"
        )
    prepare_state(settings)
    try:
        with sole_owner(settings.run_dir):
            copy_in(folder / manifest["database"], settings.store_url)
            bring_up(settings.store_url, settings.node, settings.site, settings.numbers, now)
            _bring_files(settings, folder, bool(manifest["secrets"]))
            missing = _missing_recordings(settings, folder / RECORDINGS)
            heads = [read_head(one) for one in manifest["heads"]]
            with opened(settings.store_url) as engine:
                with engine.connect() as connection:
                    overtaken = contradicted(connection, kept_heads(settings.heads_dir))
                set_aside(settings.heads_dir, overtaken)
                known = [*heads, *_ends(manifest)]
                found = verify(engine, holds, {one.key for one in heads}, known, settings.site)
            # Whoever brings a copy back vouches for what signed it; a key drawn here signs on.
            vouch_for(settings, {one.key for one in heads if one.site == settings.site})
    except AlreadyRunning as other:
        raise BackupFailed(
            f"há uma central no ar na pasta {settings.state_dir} (processo {other.pid}); nada foi "
            "restaurado"
        ) from None
    size = sum(said["bytes"] for said in manifest["files"].values())
    secrets = bool(manifest["secrets"])
    count = int(manifest["recordings"])
    return Copied(folder, size, found.facts, count, missing, secrets), found


def read_manifest(folder: Path) -> dict[str, Any]:
    """A copy's list of contents; every file is there as it was written. Raises BackupFailed."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        files = manifest["files"]
        if manifest["format"] != FORMAT:
            raise BackupFailed(f"a cópia em {folder} é de outra versão deste programa")
    except FileNotFoundError:
        raise BackupFailed(
            f"não há uma cópia inteira em {folder}: falta {MANIFEST}, que é escrito por último"
        ) from None
    except (ValueError, KeyError, TypeError):
        raise BackupFailed(f"{folder / MANIFEST} não é a lista de uma cópia") from None
    for name, said in files.items():
        path = folder / name
        if not path.is_file() or _sum(path) != said:
            raise BackupFailed(f"a cópia está danificada: {name} falta ou foi alterado")
    return dict(manifest)


def _ends(manifest: dict[str, Any]) -> Iterator[Head]:
    """Where each chain stood, as heads without a signature."""
    for row in manifest["sites"]:
        if row["ordinal"]:
            place = (row["day_first"], row["ordinal"], row["digest"])
            yield Head(row["site"], row["day"], *place)


def _facts(manifest: dict[str, Any]) -> int:
    return sum(int(row["ordinal"]) for row in manifest["sites"])


def _bring_files(settings: Settings, folder: Path, secrets: bool) -> None:
    if not any(settings.journal_dir.rglob(SEGMENTS)):
        _copy_files(folder / "journal", settings.journal_dir, SEGMENTS)
    _copy_files(folder / "heads", settings.heads_dir, "*.json")
    _copy_files(folder / "rescue" / "spool", settings.rescue_dir / "spool", "*.json")
    counter = settings.rescue_dir / "counter"
    if (copied := folder / "rescue" / "counter").is_file() and not counter.exists():
        # Numbers that the switch gave alone after the copy was made must not be given again.
        _write(counter, f"{int(copied.read_text() or 0) + RESCUE_LEFT_OUT:012d}\n")
    if secrets:
        _bring_secrets(folder / "secrets", settings.secrets_dir)


def _bring_secrets(source: Path, target: Path) -> None:
    """The copy's secrets beat those of this folder, which may just have been drawn: what they open
    was restored with them."""
    for file in sorted(source.iterdir()):
        _copy(file, target / file.name)


def _copy_files(source: Path, target: Path, pattern: str) -> None:
    """Files of a folder, and of those in it, that others may write to meanwhile: one that goes
    away is left out."""
    for file in sorted(source.rglob(pattern)):
        if file.is_file():
            _copy(file, target / file.relative_to(source))


def _copy(source: Path, target: Path) -> None:
    try:
        with source.open("rb") as reading:
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            opened_file = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(opened_file, "wb") as writing:
                shutil.copyfileobj(reading, writing, BLOCK)
                writing.flush()
                os.fsync(writing.fileno())
    except FileNotFoundError:
        return


def _list_recordings(settings: Settings, file: Path) -> int:
    count = 0
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as writing:
        for place, folder in _places(settings).items():
            for path in _files(folder):
                try:
                    size = path.stat().st_size
                except FileNotFoundError:
                    continue  # sealed, archived or erased meanwhile
                said = {"place": place, "file": str(path.relative_to(folder)), "bytes": size}
                print(json.dumps(said), file=writing)
                count += 1
    return count


def _missing_recordings(settings: Settings, file: Path) -> int:
    """How many stand nowhere here; what was online then may be in the archive by now."""
    with file.open(encoding="utf-8") as reading:
        said = [json.loads(line) for line in reading]
    folders = _places(settings).values()
    return sum(not any((folder / one["file"]).is_file() for folder in folders) for one in said)


def _places(settings: Settings) -> dict[str, Path]:
    """Where the sound of recordings lies: not sealed yet, sealed, and sealed long ago."""
    shelf = shelf_of(settings)
    return {
        "recordings": settings.recordings_dir,
        "sealed": shelf.online,
        "archive": shelf.archive,
    }


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _sum(file: Path) -> dict[str, Any]:
    digest, size = hashlib.sha256(), 0
    with file.open("rb") as reading:
        while block := reading.read(BLOCK):
            digest.update(block)
            size += len(block)
    return {"bytes": size, "sha256": digest.hexdigest()}


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as writing:
        writing.write(text)
        writing.flush()
        os.fsync(writing.fileno())
