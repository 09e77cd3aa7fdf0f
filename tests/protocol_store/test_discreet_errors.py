"""A database's error may be logged with its trace: it must not quote what was to be stored."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from protocol_store.engines import make_engine

CALLER = "11987650001"


def test_no_error_quotes_a_callers_number(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'store.sqlite'}")
    with engine.connect() as connection, pytest.raises(SQLAlchemyError) as caught:
        connection.execute(text("INSERT INTO nowhere VALUES (:caller)"), {"caller": CALLER})
    assert CALLER not in "".join(traceback.format_exception(caught.value))
    engine.dispose()
