"""What the fast voice said is kept: for a while, for its owner, under names that tell nothing."""

import os
import stat
import time
from pathlib import Path

import pytest
from voice_sounds import tone

from terms.limits import LIVE_KEPT_AT_LEAST
from voice.cache import Cache


def names(folder: Path) -> set[str]:
    return {file.stem for file in folder.glob("*.wav")}


def test_what_is_kept_is_found_and_survives_a_restart(tmp_path: Path) -> None:
    kept = Cache(tmp_path).keep("pt", "Rua Augusta", tone(0.5))
    for cache in (Cache(tmp_path), Cache(tmp_path)):
        assert cache.find("pt", "Rua Augusta") == kept
        assert cache.find("en", "Rua Augusta") is None
        assert cache.find("pt", "Rua Augusta.") is None
    assert kept[1] == pytest.approx(0.5)


def test_files_are_for_their_owner_and_their_names_tell_nothing(tmp_path: Path) -> None:
    one, other = Cache(tmp_path / "one"), Cache(tmp_path / "other")
    for cache in (one, other):
        cache.keep("pt", "Rua Augusta", tone())
    assert names(tmp_path / "one") != names(tmp_path / "other")  # another installation's secret
    for file in (tmp_path / "one").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    assert stat.S_IMODE((tmp_path / "one").stat().st_mode) == 0o700


def test_the_longest_unused_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1_000_000.0]
    monkeypatch.setattr(time, "time", lambda: now[0])
    cache = Cache(tmp_path, most=3)
    for number in range(3):
        cache.keep("pt", str(number), tone(0.1))
        now[0] += LIVE_KEPT_AT_LEAST
    cache.find("pt", "0")
    now[0] += LIVE_KEPT_AT_LEAST + 1
    cache.keep("pt", "new", tone(0.1))
    assert cache.find("pt", "1") is None
    assert all(cache.find("pt", words) for words in ("0", "2", "new"))
    assert len(names(tmp_path)) == 3


def test_what_may_be_playing_stays(tmp_path: Path) -> None:
    cache = Cache(tmp_path, most=2)
    for number in range(6):
        cache.keep("pt", str(number), tone(0.1))
    assert len(names(tmp_path)) == 6


def test_nothing_is_kept_for_longer_than_a_day(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    path, _ = cache.keep("pt", "Rua Augusta", tone(0.1))
    long_ago = time.time() - 90_000
    os.utime(path + ".wav", (long_ago, long_ago))
    assert Cache(tmp_path).find("pt", "Rua Augusta") is None
    assert names(tmp_path) == set()


def test_half_a_file_is_removed(tmp_path: Path) -> None:
    tmp_path.joinpath("abc.12.new").write_bytes(b"x")
    Cache(tmp_path)
    assert not list(tmp_path.glob("*.new"))
