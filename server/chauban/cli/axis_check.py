"""`chauban axis-check`: the vendors' kit, played against any implementation of the axis's API.

Exit codes: 0 no case failed; 1 some did; 2 misuse. It sends documents to the agency it is given
and takes them off the queue again: use codes made for testing.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from chauban.cli.axis_kit import calls, packages
from chauban.cli.axis_kit.play import CASES, Case, Failed, NotApplicable, Play
from chauban.cli.axis_kit.wire import Silence, Wire
from chauban_edxml.errors import EdXMLError

__all__ = ["calls", "command", "packages"]
_MARKS = {"pass": "✓", "fail": "✗", "not-applicable": "–"}


@dataclass(frozen=True)
class Finding:
    """What became of one case: verdict pass, fail or not-applicable, and what was found."""

    case: Case
    verdict: str
    found: str = ""

    def as_dict(self) -> dict[str, str]:
        case = self.case
        return {
            "case": case.name,
            "group": case.group,
            "clause": case.clause,
            "asked": case.asked,
            "expected": case.expected,
            "verdict": self.verdict,
            "found": self.found,
        }


def findings(play: Play, *, chosen: str = "") -> Iterator[Finding]:
    """Play the cases whose names begin so, each on packages of its own; then clear the queue."""
    try:
        for case in CASES:
            if case.name.startswith(chosen):
                yield _finding(case, play)
    finally:
        play.clear()


def _finding(case: Case, play: Play) -> Finding:
    try:
        case.act(play)
    except NotApplicable as missing:
        return Finding(case, "not-applicable", str(missing))
    except (Failed, Silence) as failed:
        return Finding(case, "fail", str(failed))
    except (LookupError, TypeError, ValueError, EdXMLError) as shapeless:
        # The implementation's answer lacks what a case goes on with.
        return Finding(case, "fail", f"{type(shapeless).__name__}: {shapeless}")
    return Finding(case, "pass")


@click.command("axis-check")
@click.argument("url")
@click.option("--system", required=True, help="Our systemid at the axis.")
@click.option("--secret-file", required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--agency", required=True, help="A test agency's code that the system serves.")
@click.option("--second-agency", default="", help="A second such code.")
@click.option("--foreign-system", default="", help="Another system's id, for isolation.")
@click.option("--foreign-secret-file", type=click.Path(exists=True, path_type=Path))
@click.option("--limit-mb", default=0, help="The axis's limit of size, to test it.")
@click.option("--only", default="", help="Only cases whose names begin so, such as `send/`.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    url: str,
    system: str,
    secret_file: Path,
    agency: str,
    second_agency: str,
    foreign_system: str,
    foreign_secret_file: Path | None,
    limit_mb: int,
    only: str,
    as_json: bool,
) -> None:
    """Play 100+ cases against the axis at URL; a verdict for each.

    The secret's file holds the secret alone. Ask the axis's operator for test codes and a limit
    of at least 1,500 calls a minute.
    """
    if bool(foreign_system) != (foreign_secret_file is not None):
        raise click.UsageError("--foreign-system và --foreign-secret-file đi cùng nhau")
    foreign = (
        Wire(url, foreign_system, _secret(foreign_secret_file)) if foreign_secret_file else None
    )
    play = Play(
        Wire(url, system, _secret(secret_file)),
        agency,
        second_agency=second_agency,
        foreign=foreign,
        limit_mb=limit_mb,
    )
    try:
        found = []
        for one in findings(play, chosen=only):
            found.append(one)
            if not as_json:
                _print(one)
    except Silence as silence:
        raise click.ClickException(str(silence)) from silence
    if not found:
        raise click.UsageError(f"--only {only}: không có trường hợp nào / no such case")
    counts = Counter(one.verdict for one in found)
    if as_json:
        report = {
            "url": url,
            "counts": dict(counts),
            "met": not counts["fail"],
            "cases": [one.as_dict() for one in found],
        }
        click.echo(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        click.echo(
            f"{len(found)} trường hợp: {counts['pass']} đạt, {counts['fail']} không đạt,"
            f" {counts['not-applicable']} không áp dụng"
        )
    sys.exit(1 if counts["fail"] else 0)


def _secret(file: Path) -> str:
    return file.read_text("utf-8").strip()


def _print(finding: Finding) -> None:
    case = finding.case
    click.echo(f"{_MARKS[finding.verdict]} {case.name}  [{case.clause}] {case.asked}")
    if finding.verdict != "pass":
        click.echo(f"    cần: {case.expected}\n    thấy: {finding.found}")
