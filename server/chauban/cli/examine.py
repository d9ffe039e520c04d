"""`chauban doctor --data DIR`: examine an installation and say what is wrong."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import click

from chauban.cli.main import enter_server

MARKS = {True: "✓", None: "!", False: "✗"}


@click.command("doctor")
@click.option(
    "--data", type=click.Path(path_type=Path, exists=True, file_okay=False), required=True
)
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def command(data: Path, as_json: bool) -> None:
    """Examine an installation: tables, journal, registers, files, trust, keys, queues, secrets.

    Exit 0 when nothing is wrong (warnings count as well), 1 when something is.
    """
    os.environ["CHAUBAN_DATA"] = str(data.resolve())
    enter_server()
    from chauban.cli.doctor import examine

    findings = examine(datetime.now(UTC))
    if as_json:
        print(json.dumps([finding.as_dict() for finding in findings], ensure_ascii=False, indent=1))
    else:
        for finding in findings:
            click.echo(f"{MARKS[finding.ok]} {finding.check}: {finding.vi} / {finding.en}")
    raise SystemExit(1 if any(finding.ok is False for finding in findings) else 0)
