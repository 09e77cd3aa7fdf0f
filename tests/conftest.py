"""What holds for every test: nothing that it wrote tells whose data it used (leaks.py)."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import leaks
import pytest

CAUGHT = ("Captured log", "Captured stdout", "Captured stderr")


def pytest_configure(config: pytest.Config) -> None:
    """Logs are caught from the level on that a centre writes them."""
    if config.getoption("log_level") is None:
        config.option.log_level = "INFO"
    # It names whole addresses. The product's http_source.py silences it; here the tests ask.
    logging.getLogger("httpx").setLevel(logging.WARNING)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """A test's own folder, when its servers and stores are closed."""
    folder = getattr(item, "funcargs", {}).get("tmp_path")
    yield
    if folder is not None:
        leaks.refuse(folder)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Iterator[Any]:
    """What pytest caught of a test that did well."""
    report = yield
    if report.passed:
        for name, text in report.sections:
            try:
                if name.startswith(CAUGHT):
                    leaks.refuse_text(name, text)
            except leaks.Leaked as leaked:
                report.outcome, report.longrepr = "failed", str(leaked)
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    """All folders of the run, those that modules and the whole run share too."""
    factory = getattr(session.config, "_tmp_path_factory", None)
    base: Path | None = getattr(factory, "_basetemp", None)
    if base is not None and (found := list(leaks.leaks_under(base))):
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        for leak in found[:20]:
            reporter.write_line(f"a citizen's data stands in {leak}", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
