"""What several tests of the voice begin with."""

from __future__ import annotations

from pathlib import Path

import pytest
from voice_sounds import HELLO, PRESS

from voice.studio import LIST, to_read


@pytest.fixture
def box(tmp_path: Path) -> Path:
    """The studio's folder, with the list that it was given."""
    (tmp_path / "estudio" / "pt").mkdir(parents=True)
    (tmp_path / "estudio" / "en").mkdir()
    (tmp_path / "estudio" / LIST).write_text(to_read([HELLO, PRESS], {}), encoding="utf-8")
    return tmp_path / "estudio"
