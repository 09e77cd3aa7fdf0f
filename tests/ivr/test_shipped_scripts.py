"""The shipped trees: every call script goes as it says, and every branch is walked by one."""

from __future__ import annotations

from house import CHECKOUT

from central156.scripts import run_folder

MILLISECONDS_EACH = 20.0


def test_every_call_goes_as_its_script_says_and_every_branch_is_walked() -> None:
    report = run_folder(CHECKOUT / "dialplans")
    assert report.ok, report.text
    assert report.untested == (), report.text
    assert report.share == 1.0
    assert report.calls > 50
    assert report.seconds / report.calls * 1000 < MILLISECONDS_EACH
