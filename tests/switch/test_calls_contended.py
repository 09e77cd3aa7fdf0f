"""300 contended bookings over real SIP, with two control processes alive: nobody is booked twice.

5,000 of them are in tests/soak/test_bookings.py, and 100,000 on the floor alone.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from contended_bed import contended

pytestmark = pytest.mark.switch

CALLS = 300


def test_no_agent_is_booked_twice(tmp_path: Path) -> None:
    with contended(tmp_path, CALLS) as bookings:
        answered = bookings.check()
        assert min(answered["1"], answered["2"]) > CALLS / 4, answered
        assert bookings.gated > 0  # the older one went on offering, in vain
