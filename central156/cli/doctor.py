"""`central156 doctor`: what is well with this installation, and what to do about what is not."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from central156.doctor import check
from central156.settings import load_settings


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Em JSON.")
@click.pass_obj
def doctor(state_dir: Path | None, as_json: bool) -> None:
    """Examina a instalação: Asterisk, portas, disco, gravações, menus; diz o que fazer.

    Não é um pedido à API: funciona também com a central parada.
    """
    findings = check(load_settings(state_dir))
    bad = [finding for finding in findings if not finding.ok]
    if as_json:
        found = [asdict(finding) for finding in findings]
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        for finding in findings:
            mark = click.style("✓", fg="green") if finding.ok else click.style("✗", fg="red")
            click.echo(f"{mark} {finding.what}: {finding.detail}")
            if finding.advice and not finding.ok:
                click.echo(f"    → {finding.advice}")
        problems = f"{len(bad)} problema" + ("s" if len(bad) > 1 else "")
        click.echo(f"\n{problems} a resolver." if bad else "\nTudo em ordem.")
    sys.exit(1 if bad else 0)
