"""`chauban scenario NAME`: a named flow, headless, on real files, processes and connections."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from chauban.cli import province
from chauban.cli.processes import DidNotStart, end_when_asked, ending_together, free_port
from chauban.cli.staging import StepFailed

Steps = Iterator[Any]  # each has `as_dict()`, and `str()` for people


@click.command("scenario")
@click.argument("name", type=click.Choice(["main", "outages"]))
@click.option(
    "--data", type=click.Path(path_type=Path), required=True, help="Folder of the installation."
)
@click.option("--documents", default=200, show_default=True, help="outages: how many to seal.")
@click.option("--json", "as_json", is_flag=True, help="Print the steps as JSON.")
def command(name: str, data: Path, documents: int, as_json: bool) -> None:
    """Run a flow and print each step with what it left; files go to DIR/out.

    main: a document from its draft to the answer to it, inside the province and from outside.
    outages: documents being sealed while the time-stamping authority, the OCSP responder, the
    CRLs and the key device are killed in turn.

    Exit 0 when every step did what it should, 1 when one did not.
    """
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    end_when_asked(exit_code=1)
    steps: list[dict[str, object]] = []
    failure = ""
    try:
        played = _main(data) if name == "main" else _outages(data, documents)
        with closing(played):
            for step in played:
                steps.append(step.as_dict())
                if not as_json:
                    click.echo(str(step))
    except (DidNotStart, StepFailed) as problem:
        failure = str(problem)
    if as_json:
        outcome = {"scenario": name, "ok": not failure, "failure": failure, "steps": steps}
        print(json.dumps(outcome, ensure_ascii=False, indent=1))
    elif failure:
        click.echo(failure, err=True)
    raise SystemExit(1 if failure else 0)


def _main(data: Path) -> Steps:
    port, pki_port = free_port(), free_port()
    variables = province.settings(data, port=port, pki_port=pki_port)
    province.enter(variables)
    from chauban.cli.scenario_main import play

    with ending_together([]) as children:
        province.prepare(data)
        children.append(province.start_pki(data, port=pki_port, variables=variables))
        children.append(province.start_web(data, port=port, variables=variables))
        children.append(province.start_worker(data, variables=variables))
        yield from play(data / "out", axis_url=f"http://127.0.0.1:{port}/axis")


def _outages(data: Path, documents: int) -> Steps:
    from chauban.cli.outages_stage import Stage

    with Stage.set(data) as stage:
        province.enter(stage.variables)
        from chauban.cli.scenario_outages import play

        province.prepare(data)
        yield from play(stage, documents)
