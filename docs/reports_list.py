"""Writes the list of reports in docs/guia-dos-relatorios.md from the catalogue.

    python -m docs.reports_list        # writes it again, in the file

tests/central156/test_reports_guide.py fails while the file lists anything else.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from central156.cli.report import OPTIONS
from central156.reports import told
from central156.reports_of_contract import REPORTS

PAPER: Final = Path(__file__).resolve().parent / "guia-dos-relatorios.md"
BLOCK: Final = re.compile(r"(<!-- lista -->\n).*?(<!-- fim da lista -->)", re.DOTALL)
PERIOD: Final = frozenset({"since", "until"})


def listed() -> str:
    """Every report: name, title, clause, and the options that it takes beside the period."""
    lines = ["| relatório | o que conta | item | opções, além do período |", "|---|---|---|---|"]
    for report in map(told, REPORTS.values()):
        takes = (
            f"`{OPTIONS[one['name']][0]}`" if one["name"] in OPTIONS else f"`--com {one['name']}=…`"
            for one in report["parameters"]
        )
        title = report["title"].replace("|", "/")
        lines.append(
            f"| `{report['name']}` | {title} | {report['clause']} | {' '.join(takes) or '–'} |"
        )
    return "\n".join(lines) + "\n"


def rewritten(paper: str) -> str:
    """The guide with its list written anew."""
    return BLOCK.sub(lambda found: f"{found[1]}{listed()}{found[2]}", paper)


if __name__ == "__main__":
    PAPER.write_text(rewritten(PAPER.read_text(encoding="utf-8")), encoding="utf-8")
