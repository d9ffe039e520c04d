"""`chauban bench NAME`: one benchmark, printed as JSON or as lines."""

import json
from importlib import import_module

import click

from chauban.bench.report import summary

BENCHMARKS = {
    "exchange": "chauban.bench.exchange",
    "large": "chauban.bench.large",
    "life": "chauban.bench.life",
    "load": "chauban.bench.load",
    "pages": "chauban.bench.pages",
    "signing": "chauban.bench.signing",
    "verifying": "chauban.bench.verifying",
}


@click.command("bench")
@click.argument("name", type=click.Choice(sorted(BENCHMARKS)))
@click.option("--json", "as_json", is_flag=True, help="Print the cases as JSON.")
def command(name: str, as_json: bool) -> None:
    """Measure; exit 1 where a bar is missed."""
    outcome = summary(name, import_module(BENCHMARKS[name]).measure())
    if as_json:
        print(json.dumps(outcome, ensure_ascii=False, indent=1))
    else:
        for case in outcome["cases"]:  # type: ignore[attr-defined]
            against = f"  {case['peer']}: {case['theirs']}" if case["peer"] else ""
            click.echo(f"{case['case']}: {case['ours']} {case['unit']}{against}")
    raise SystemExit(0 if outcome["met"] else 1)
