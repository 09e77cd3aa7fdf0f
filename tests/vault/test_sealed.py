"""Sealed files and their keys: what was put in comes out, and nothing else ever does."""

from __future__ import annotations

import io
import stat
import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vault import keys
from vault.keys import KeyLost, KeysBroken
from vault.sealed import CHUNK, HEADER, TAG, SealBroken, Unsealed, new_key, seal
from vault.shelf import NotThere, Shelf

NAME = "n1-1790000000.7"
KEY = bytes(range(32))
LENGTHS = st.one_of(
    st.integers(0, 300), st.sampled_from([CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 5])
)


def _sound(length: int) -> bytes:
    return bytes(number * 7 % 251 for number in range(length))


def _sealed(sound: bytes, key: bytes = KEY, name: str = NAME) -> bytes:
    made = io.BytesIO()
    seal(io.BytesIO(sound), len(sound), made, key, name)
    return made.getvalue()


def _opened(sealed: bytes, key: bytes = KEY, name: str = NAME) -> Unsealed:
    return Unsealed(io.BytesIO(sealed), key, name)


@settings(deadline=None, max_examples=25)
@given(LENGTHS, st.lists(st.tuples(st.integers(0, 140_000), st.integers(0, 70_000)), max_size=5))
def test_any_part_of_any_sound_comes_out(length: int, parts: list[tuple[int, int]]) -> None:
    sound = _sound(length)
    opened = _opened(_sealed(sound))
    assert (opened.length, opened.read()) == (length, sound)
    for start, size in parts:
        opened.seek(start)
        assert _all_of(opened, size) == sound[start : start + size]


def _all_of(opened: Unsealed, size: int) -> bytes:
    found = b""
    while len(found) < size and (more := opened.read(size - len(found))):
        found += more
    return found


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**9), st.integers(1, 255))
def test_no_byte_can_be_changed(place: int, by: int) -> None:
    sealed = bytearray(_sealed(_sound(CHUNK + 500)))
    sealed[place % len(sealed)] ^= by
    with pytest.raises(SealBroken):
        _all_of(_opened(bytes(sealed)), CHUNK + 500)


def test_chunks_cannot_be_left_out_swapped_or_cut_off() -> None:
    sealed = _sealed(_sound(3 * CHUNK))
    head, whole = sealed[: HEADER.size], CHUNK + TAG
    first, second, third = (sealed[HEADER.size + n * whole :][:whole] for n in range(3))
    shorter = head[:16] + struct.pack(">Q", 2 * CHUNK) + head[24:]
    for forged in (
        head + second + first + third,
        head + first + second,
        shorter + first + second,
        sealed + b"\0",
        sealed[:20],
        b"RIFF" + sealed[4:],
        b"",
    ):
        with pytest.raises(SealBroken):
            _all_of(_opened(forged), 3 * CHUNK)


def test_another_key_or_another_recordings_file_opens_nothing() -> None:
    sealed = _sealed(_sound(100))
    for key, name in ((new_key(), NAME), (KEY, "n1-1790000000.8")):
        with pytest.raises(SealBroken):
            _opened(sealed, key, name)


def test_nothing_of_the_sound_can_be_read_in_the_file() -> None:
    sound = b"a voz de um cidadao " * 1000
    sealed = _sealed(sound)
    assert all(sound[at : at + 8] not in sealed for at in range(20))
    assert _sealed(sound) != sealed


def test_a_file_that_grows_while_it_is_sealed_is_refused() -> None:
    for said in (9, 11):
        with pytest.raises(ValueError, match="changed"):
            seal(io.BytesIO(b"x" * 10), said, io.BytesIO(), KEY, NAME)


# --- keys ---
def test_a_wrapped_key_is_of_one_recording_and_one_master() -> None:
    masters, key = keys.new_master(), new_key()
    wrapped = masters.wrap(key, NAME)
    assert masters.unwrap(wrapped, NAME, masters.current) == key
    other = keys.new_master()
    for where, name, master in (
        (masters, "other", masters.current),
        (other, NAME, masters.current),
        (other, NAME, other.current),
    ):
        with pytest.raises(KeyLost):
            where.unwrap(wrapped, name, master)
    with pytest.raises(KeyLost):
        masters.unwrap("not base64 é", NAME, masters.current)


def test_a_rotated_master_opens_what_was_until_the_older_is_dropped(tmp_path: Path) -> None:
    file, first = tmp_path / "master", keys.new_master()
    wrapped = first.wrap(KEY, NAME)
    second = first.rotated()
    keys.save(second, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    read = keys.load(file)
    assert (read.current, read.older) == (second.current, (first.current,))
    assert read.unwrap(wrapped, NAME, first.current) == KEY
    keys.save(read.without_older(), file)
    with pytest.raises(KeyLost, match="não está aqui"):
        keys.load(file).unwrap(wrapped, NAME, first.current)
    assert [one.name for one in tmp_path.iterdir()] == ["master"]


@pytest.mark.parametrize("text", ["", "\n", "0123 AAAA\n", "é ü\n", "0" * 12 + " " + "A" * 44])
def test_a_damaged_key_file_is_told(tmp_path: Path, text: str) -> None:
    file = tmp_path / "master"
    file.write_text(text)
    with pytest.raises(KeysBroken):
        keys.load(file)


# --- where files stand ---
@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    (tmp_path / "archive").mkdir()
    return Shelf(tmp_path / "online", tmp_path / "archive")


def test_a_file_is_sealed_archived_and_removed(shelf: Shelf, tmp_path: Path) -> None:
    plain = tmp_path / "x.wav"
    plain.write_bytes(_sound(5000))
    put = shelf.put(plain, NAME, "2026-11-25", KEY)
    assert (put.place, put.size, plain.exists()) == (f"2026-11-25/{NAME}.c156", 5000, True)
    file = shelf.online / put.place
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    for _ in range(2):  # harmless to repeat, also when something broke off in between
        shelf.to_archive(put.place)
        shelf.leave_online(put.place)
    assert [one.name for one in (tmp_path / "online").rglob("*.*")] == []
    assert shelf.open(put.place, NAME, KEY).read() == _sound(5000)
    shelf.remove(put.place)
    shelf.remove(put.place)
    with pytest.raises(NotThere):
        shelf.open(put.place, NAME, KEY)


def test_an_archive_that_is_not_mounted_takes_nothing(tmp_path: Path) -> None:
    shelf, plain = Shelf(tmp_path / "online", tmp_path / "away"), tmp_path / "x.wav"
    plain.write_bytes(b"sound")
    put = shelf.put(plain, NAME, "2026-11-25", KEY)
    with pytest.raises(NotThere):
        shelf.to_archive(put.place)
    assert not (tmp_path / "away").exists()
    assert shelf.open(put.place, NAME, KEY).read() == b"sound"


@pytest.mark.parametrize(
    "place", ["../secrets/recordings_master", "../other/x.c156", "/etc/passwd", "/x/y.c156", ""]
)
def test_a_place_that_is_no_recordings_is_neither_read_nor_removed(
    shelf: Shelf, tmp_path: Path, place: str
) -> None:
    """Whoever writes to the database has places; what lies outside the shelf is not theirs."""
    for name in ("secrets/recordings_master", "other/x.c156"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(b"kept")
    with pytest.raises(NotThere):
        shelf.open(place, NAME, KEY)
    for act in (shelf.remove, shelf.leave_online, shelf.to_archive):
        with pytest.raises(NotThere):
            act(place)
    assert (tmp_path / "secrets/recordings_master").exists()
    assert (tmp_path / "other/x.c156").exists()
